//! Every key string of the table. The tenant comes first; `#` stands in no identifier, so parts
//! cannot run together.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};
use tandem_domain::{
    AccountId, ChatId, ClaimId, CloudId, CommentId, ConversationId, FollowId, GrantId, IssueId,
    MessageId, ObjectId, ProjectId, Purpose, RequestId, SiteHost, Subject, TenantId, Timestamp,
    TokenHash,
};

mod erasure;
mod of_site;
mod prefix;

pub use erasure::{
    instance_erasure, issue_erasure, lost_erasure, project_erasure, receipt, tenant_erasure,
    user_erasure,
};
pub use of_site::{is_of_site, place_of_session, tally, webhook_seen};
pub use prefix::{
    chats_of, issues_of, messages_of_chat, messages_of_conversation, people_of_site,
    people_of_tenant, projects_of,
};

/// The attribute of the partition key.
pub const PK: &str = "pk";
/// The attribute of the sort key.
pub const SK: &str = "sk";
/// The attribute by which DynamoDB expires items, in seconds since 1970.
pub const TTL: &str = "ttl";

/// An index over the table: what belongs to one person, one tenant, or is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Index {
    /// Everything of one user of either side: `owner`, `pk`.
    ByOwner,
    /// Everything of one Jira site or Microsoft tenant: `tenant`, `pk`.
    ByTenant,
    /// What is due: `due`, `due_at`.
    ByDue,
}

impl Index {
    /// Name, partition attribute, sort attribute.
    pub const fn definition(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::ByOwner => ("by_owner", "owner", PK),
            Self::ByTenant => ("by_tenant", "tenant", PK),
            Self::ByDue => ("by_due", "due", "due_at"),
        }
    }
}

/// The full key of one item.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Key {
    /// The partition key.
    pub pk: String,
    /// The sort key.
    pub sk: String,
}

impl Key {
    fn new(pk: String, sk: impl Into<String>) -> Self {
        Self { pk, sk: sk.into() }
    }

    /// The key as the SDK takes it.
    pub fn attributes(&self) -> HashMap<String, AttributeValue> {
        HashMap::from([
            (PK.to_owned(), AttributeValue::S(self.pk.clone())),
            (SK.to_owned(), AttributeValue::S(self.sk.clone())),
        ])
    }
}

/// The sort-key prefix of an issue's chats, and of a comment's messages.
pub const CHATS: &str = "CHAT#";
/// The sort-key prefix of a chat's issues, and of a message's comments.
pub const ISSUES: &str = "ISSUE#";
/// The sort-key prefix of a Microsoft user's links.
pub const LINKS: &str = "LINK#";
/// The sort-key prefix of a grant's ledger.
pub const LEDGER: &str = "LEDGER#";

/// The sort-key prefix of a project's and of a channel's subscriptions.
pub const FOLLOWS: &str = "FOLLOW#";
/// The sort-key prefix of an issue's threads.
pub const THREADS: &str = "THREAD#";
/// The sort-key prefix of a team's channels.
pub const CONVERSATIONS: &str = "CONVERSATION#";
/// The sort-key prefix of the changes of a site's or a project's settings.
pub const CHANGES: &str = "CHANGE#";
/// The sort-key prefix of a site's watchers.
pub const USERS: &str = "USER#";

/// What the partitions of sessions begin with.
pub const SESSIONS: &str = "T#";

/// A Jira site as a tenant.
pub fn site(cloud: &CloudId) -> String {
    format!("J#{cloud}")
}

/// A Microsoft tenant.
pub fn tenant(tenant: &TenantId) -> String {
    format!("M#{tenant}")
}

/// A Jira user on a site.
pub fn jira_user(cloud: &CloudId, account: &AccountId) -> String {
    format!("J#{cloud}#U#{account}")
}

/// A Microsoft user.
pub fn microsoft_user(tenant: &TenantId, object: &ObjectId) -> String {
    format!("M#{tenant}#U#{object}")
}

/// An issue: the partition of its chats.
pub fn issue(cloud: &CloudId, issue: &IssueId) -> String {
    format!("J#{cloud}#I#{issue}")
}

/// A chat: the partition of its issues and its subscription.
pub fn chat(tenant: &TenantId, chat: &ChatId) -> String {
    format!("M#{tenant}#C#{chat}")
}

/// A comment: the partition of its messages.
pub fn comment(cloud: &CloudId, comment: &CommentId) -> String {
    format!("J#{cloud}#C#{comment}")
}

/// A message: the partition of its comments.
pub fn message(tenant: &TenantId, chat: &ChatId, message: &MessageId) -> String {
    format!("M#{tenant}#M#{chat}#{message}")
}

/// A project: the partition of its settings and its channels.
pub fn project(cloud: &CloudId, project: &ProjectId) -> String {
    format!("J#{cloud}#P#{project}")
}

/// A conversation of the bot: the partition of its subscriptions.
pub fn conversation(tenant: &TenantId, conversation: &ConversationId) -> String {
    format!("M#{tenant}#V#{conversation}")
}

/// A message that the bot was shown: the partition of the issues made of it.
pub fn bot_message(
    tenant: &TenantId,
    conversation: &ConversationId,
    message: &MessageId,
) -> String {
    format!("M#{tenant}#N#{conversation}#{message}")
}

/// A team: the partition of its channels.
pub fn team(tenant: &TenantId, team: &str) -> String {
    format!("M#{tenant}#T#{team}")
}

/// The partition of a site's watchers.
pub fn watchers(cloud: &CloudId) -> String {
    format!("J#{cloud}#WATCHERS")
}

/// What is due, by kind.
pub fn due(kind: &'static str) -> String {
    format!("DUE#{kind}")
}

/// What is due, by kind and what tells things of that kind apart.
pub fn due_under(kind: &'static str, under: &str) -> String {
    format!("DUE#{kind}#{under}")
}

/// A grant by its id: the partition of its ledger.
pub fn grant_by_id(grant: &GrantId) -> String {
    format!("G#{grant}")
}

/// A line of a grant's ledger; `call` is Secrets Manager's id. The time has as many digits in every
/// key, so that the lines lie in its order.
pub fn ledger(
    grant: &GrantId,
    at: Timestamp,
    request: &RequestId,
    purpose: Purpose,
    call: Option<&RequestId>,
) -> Key {
    let mut sk = format!("{LEDGER}{:014}#{request}#{}", at.as_millis(), purpose.as_str());
    if let Some(call) = call {
        sk.push('#');
        sk.push_str(call.as_str());
    }
    Key::new(grant_by_id(grant), sk)
}

/// An installation, by site.
pub fn installation(cloud: &CloudId) -> Key {
    Key::new(format!("J#{cloud}#INSTANCE"), "INSTALLATION")
}

/// A site, by host.
pub fn site_host(host: &SiteHost) -> Key {
    Key::new(format!("H#{host}"), "SITE")
}

/// An account link, by Jira user.
pub fn link_by_account(cloud: &CloudId, account: &AccountId) -> Key {
    Key::new(jira_user(cloud, account), "LINK")
}

/// An account link, by Microsoft user.
pub fn link_by_object(tenant: &TenantId, object: &ObjectId, cloud: &CloudId) -> Key {
    Key::new(microsoft_user(tenant, object), format!("{LINKS}{cloud}"))
}

/// A grant.
pub fn grant(subject: &Subject) -> Key {
    match subject {
        Subject::Atlassian(account) => Key::new(format!("A#{account}"), "GRANT"),
        Subject::Microsoft(tenant, object) => Key::new(microsoft_user(tenant, object), "GRANT"),
    }
}

/// A chat link, by issue.
pub fn chat_by_issue(cloud: &CloudId, of: &IssueId, in_tenant: &TenantId, linked: &ChatId) -> Key {
    Key::new(issue(cloud, of), format!("{CHATS}{in_tenant}#{linked}"))
}

/// A chat link, by chat.
pub fn issue_by_chat(cloud: &CloudId, of: &IssueId, in_tenant: &TenantId, linked: &ChatId) -> Key {
    Key::new(chat(in_tenant, linked), format!("{ISSUES}{cloud}#{of}"))
}

/// A chat's change-notification subscription.
pub fn chat_subscription(in_tenant: &TenantId, of: &ChatId) -> Key {
    Key::new(chat(in_tenant, of), "SUBSCRIPTION")
}

/// A message link, by comment.
pub fn message_by_comment(
    cloud: &CloudId,
    of: &CommentId,
    in_tenant: &TenantId,
    linked: &ChatId,
) -> Key {
    Key::new(comment(cloud, of), format!("{CHATS}{in_tenant}#{linked}"))
}

/// A message link, by message.
pub fn comment_by_message(
    in_tenant: &TenantId,
    in_chat: &ChatId,
    of: &MessageId,
    cloud: &CloudId,
    linked: &IssueId,
) -> Key {
    Key::new(message(in_tenant, in_chat, of), format!("{ISSUES}{cloud}#{linked}"))
}

/// The settings of a site.
pub fn instance_settings(cloud: &CloudId) -> Key {
    Key::new(format!("J#{cloud}#INSTANCE"), "SETTINGS")
}

/// The settings of a project.
pub fn project_settings(cloud: &CloudId, project: &ProjectId) -> Key {
    Key::new(self::project(cloud, project), "SETTINGS")
}

/// A change of the settings at `of`, beside them. The time has as many digits in every key, so that
/// the changes lie in its order.
pub fn setting_change(of: Key, at: Timestamp, version: u64) -> Key {
    Key { sk: format!("{CHANGES}{:014}#{version:010}", at.as_millis()), ..of }
}

/// The settings of a person on a site.
pub fn user_settings(cloud: &CloudId, account: &AccountId) -> Key {
    Key::new(jira_user(cloud, account), "SETTINGS")
}

/// The conversation of the bot and a person.
pub fn personal_conversation(tenant: &TenantId, object: &ObjectId) -> Key {
    Key::new(microsoft_user(tenant, object), "BOT")
}

/// A group chat or channel that the bot is in.
pub fn bot_conversation(tenant: &TenantId, of: &ConversationId) -> Key {
    Key::new(conversation(tenant, of), "BOT")
}

/// The same, by team.
pub fn conversation_of_team(tenant: &TenantId, of: &str, channel: &ConversationId) -> Key {
    Key::new(team(tenant, of), format!("{CONVERSATIONS}{channel}"))
}

/// A channel subscription, by project.
pub fn channel_by_project(cloud: &CloudId, of: &ProjectId, follow: &FollowId) -> Key {
    Key::new(project(cloud, of), format!("{FOLLOWS}{follow}"))
}

/// A channel subscription, by channel.
pub fn project_by_channel(tenant: &TenantId, of: &ConversationId, follow: &FollowId) -> Key {
    Key::new(conversation(tenant, of), format!("{FOLLOWS}{follow}"))
}

/// The thread in which a channel is told of an issue.
pub fn issue_thread(
    cloud: &CloudId,
    of: &IssueId,
    in_tenant: &TenantId,
    channel: &ConversationId,
) -> Key {
    Key::new(issue(cloud, of), format!("{THREADS}{in_tenant}#{channel}"))
}

/// The same, by channel.
pub fn thread_by_channel(
    in_tenant: &TenantId,
    channel: &ConversationId,
    cloud: &CloudId,
    of: &IssueId,
) -> Key {
    Key::new(conversation(in_tenant, channel), format!("{THREADS}{cloud}#{of}"))
}

/// The message an issue was created from, by issue.
pub fn message_of_issue(cloud: &CloudId, of: &IssueId) -> Key {
    Key::new(issue(cloud, of), "ORIGIN")
}

/// The message an issue was created from, by message.
pub fn issue_of_message(
    in_tenant: &TenantId,
    in_conversation: &ConversationId,
    of: &MessageId,
    cloud: &CloudId,
    made: &IssueId,
) -> Key {
    Key::new(bot_message(in_tenant, in_conversation, of), format!("{ISSUES}{cloud}#{made}"))
}

/// Somebody who wants to be told of what they watch.
pub fn watcher(cloud: &CloudId, account: &AccountId) -> Key {
    Key::new(watchers(cloud), format!("{USERS}{account}"))
}

/// An account that is reported to Atlassian.
pub fn reported_account(cloud: &CloudId, account: &AccountId) -> Key {
    Key::new(jira_user(cloud, account), "REPORT")
}

/// The webhook that the app registered on a site.
pub fn site_webhook(cloud: &CloudId) -> Key {
    Key::new(format!("J#{cloud}#INSTANCE"), "WEBHOOK")
}

/// How far the reporting of accounts is: one for the deployment.
pub fn reporting() -> Key {
    Key::new("REPORTING".to_owned(), "STATE")
}

/// A claim of a piece of work.
pub fn claim(cloud: &CloudId, id: &ClaimId) -> Key {
    Key::new(format!("J#{cloud}#W#{id}"), "CLAIM")
}

/// A sign-in under way.
pub fn sign_in(state: &TokenHash) -> Key {
    Key::new(format!("O#{state}"), "SIGN_IN")
}

/// A session.
pub fn session(token: &TokenHash) -> Key {
    Key::new(format!("{SESSIONS}{token}"), "SESSION")
}

#[cfg(test)]
mod tests;
