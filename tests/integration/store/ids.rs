//! Identifiers by number.

use tandem_domain::{
    AccountId, ChatId, ClaimId, CloudId, CommentId, GrantId, IssueId, LeaseHolder, MessageId,
    ObjectId, ProjectId, SecretVersion, SiteHost, SubscriptionId, TenantId, TokenHash,
};

pub fn cloud(number: usize) -> CloudId {
    CloudId::parse(&guid(0xc, number)).unwrap()
}

pub fn host(number: usize) -> SiteHost {
    SiteHost::parse(&format!("site{number}.atlassian.net")).unwrap()
}

pub fn account(number: usize) -> AccountId {
    AccountId::parse(&format!("712020:{}", guid(0xa, number))).unwrap()
}

pub fn tenant(number: usize) -> TenantId {
    TenantId::parse(&guid(0xe, number)).unwrap()
}

pub fn object(number: usize) -> ObjectId {
    ObjectId::parse(&guid(0xb, number)).unwrap()
}

pub fn subscription(number: usize) -> SubscriptionId {
    SubscriptionId::parse(&guid(0xd, number)).unwrap()
}

pub fn chat(number: usize) -> ChatId {
    ChatId::parse(&format!("19:{number:032x}@thread.v2")).unwrap()
}

pub fn issue(number: usize) -> IssueId {
    IssueId::parse(&format!("{}", 10_000 + number)).unwrap()
}

pub fn project(number: usize) -> ProjectId {
    ProjectId::parse(&format!("{}", 20_000 + number)).unwrap()
}

pub fn comment(number: usize) -> CommentId {
    CommentId::parse(&format!("{}", 30_000 + number)).unwrap()
}

pub fn message(number: usize) -> MessageId {
    MessageId::parse(&format!("{}", 1_790_000_000_000 + number)).unwrap()
}

pub fn claim(number: usize) -> ClaimId {
    ClaimId::parse(&format!("{number:064x}")).unwrap()
}

pub fn hash(number: usize) -> TokenHash {
    TokenHash::parse(&format!("{number:064x}")).unwrap()
}

pub fn holder(number: usize) -> LeaseHolder {
    LeaseHolder::parse(&format!("{number:032x}")).unwrap()
}

pub fn grant(number: usize) -> GrantId {
    GrantId::parse(&format!("{number:032x}")).unwrap()
}

pub fn secret(number: usize) -> SecretVersion {
    SecretVersion::parse(&guid(0xf, number)).unwrap()
}

fn guid(kind: usize, number: usize) -> String {
    format!("{kind:08x}-0000-4000-8000-{number:012x}")
}
