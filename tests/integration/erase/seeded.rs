//! Somebody of whom there is something of every kind.

use std::time::Duration;

use tandem_domain::{
    AccessToken, AccountId, ChatId, ClaimId, CloudId, CommentId, IssueId, LeaseHolder, MessageId,
    ObjectId, ProjectId, Purpose, RefreshToken, RequestId, SiteHost, Subject, SubscriptionId,
    TenantId, Timestamp, TokenHash, TokenSet, settings::SettingValues,
};
use tandem_store::{
    AccountLink, ChatKind, ChatLink, ChatSubscription, Installation, JiraUser, LinkState,
    MessageLink, MicrosoftUser, Origin, Reach, ScopeSettings, Session, SettingsScope,
};

use crate::support::TestStack;

/// A site and a tenant of which everything is erased in a test.
fn guid(kind: u8, number: usize) -> String {
    format!("{kind:08x}-0000-4000-8000-{number:012x}")
}

/// Somebody with an item of every kind, seeded straight into the table and the secret store.
pub(super) struct Seeded {
    pub(super) cloud: CloudId,
    pub(super) account: AccountId,
    pub(super) tenant: TenantId,
    pub(super) object: ObjectId,
    pub(super) chat: ChatId,
}

impl Seeded {
    pub(super) fn new(number: usize) -> Self {
        Self {
            cloud: CloudId::parse(&guid(0xc1, number)).unwrap(),
            account: AccountId::parse(&format!("712020:{}", guid(0xac, number))).unwrap(),
            tenant: TenantId::parse(&guid(0x7e, number)).unwrap(),
            object: ObjectId::parse(&guid(0x0b, number)).unwrap(),
            chat: ChatId::parse(&format!("19:{number:032x}@thread.v2")).unwrap(),
        }
    }

    pub(super) fn subjects(&self) -> [Subject; 2] {
        [
            Subject::Atlassian(self.account.clone()),
            Subject::Microsoft(self.tenant.clone(), self.object.clone()),
        ]
    }

    pub(super) fn session(&self, now: Timestamp) -> Session {
        Session {
            token_hash: TokenHash::parse(&self.chat.as_str()[3..35].repeat(2)).unwrap(),
            cloud_id: self.cloud.clone(),
            account_id: self.account.clone(),
            tenant_id: self.tenant.clone(),
            object_id: self.object.clone(),
            ends_at: now.plus(Duration::from_hours(8)),
        }
    }

    pub(super) fn chat_link(&self, issue: &str, now: Timestamp) -> ChatLink {
        ChatLink {
            cloud_id: self.cloud.clone(),
            issue_id: IssueId::parse(issue).unwrap(),
            project_id: ProjectId::parse("10").unwrap(),
            tenant_id: self.tenant.clone(),
            chat_id: self.chat.clone(),
            chat_kind: ChatKind::Group,
            created_by: self.account.clone(),
            creator_object_id: self.object.clone(),
            state: LinkState::Active,
            created_at: now,
        }
    }

    pub(super) fn message_link(&self, number: &str, now: Timestamp) -> MessageLink {
        MessageLink {
            cloud_id: self.cloud.clone(),
            issue_id: IssueId::parse("20").unwrap(),
            comment_id: CommentId::parse(number).unwrap(),
            tenant_id: self.tenant.clone(),
            chat_id: self.chat.clone(),
            message_id: MessageId::parse(number).unwrap(),
            origin: Origin::Jira,
            comment_by: self.account.clone(),
            message_by: self.object.clone(),
            comment_version: now,
            message_version: now,
            deleted_at: None,
        }
    }

    /// Everything that can be kept about a person who uses Tandem, of some kinds two.
    pub(super) async fn seed(&self, stack: &TestStack) {
        self.seed_with(stack, &["20", "21"], &["1", "2"]).await;
    }

    /// The same with one of each kind: fewer points at which it can stop.
    pub(super) async fn seed_one_of_each(&self, stack: &TestStack) {
        self.seed_with(stack, &["20"], &["1"]).await;
    }

    async fn seed_with(&self, stack: &TestStack, issues: &[&str], messages: &[&str]) {
        let (app, now) = (&stack.app, stack.app.clock.now());
        let store = &app.store;
        let link = AccountLink {
            cloud_id: self.cloud.clone(),
            account_id: self.account.clone(),
            tenant_id: self.tenant.clone(),
            object_id: self.object.clone(),
            created_at: now,
            signed_in_at: now,
        };
        store.put_link(&link).await.unwrap();
        for subject in &self.subjects() {
            let tokens = TokenSet {
                access: AccessToken::new("an-access-token".to_owned()),
                refresh: RefreshToken::new("a-refresh-token".to_owned()),
                expires_at: now.plus(Duration::from_hours(1)),
            };
            app.vault.save(subject, &tokens).await.unwrap();
            let request = RequestId::parse("seed").unwrap();
            app.vault.access_token(subject, Purpose::CheckPermission, &request).await.unwrap();
        }
        store.create_session(&self.session(now)).await.unwrap();
        for issue in issues {
            store.put_chat_link(&self.chat_link(issue, now)).await.unwrap();
        }
        for number in messages {
            store.put_message_link(&self.message_link(number, now)).await.unwrap();
        }
        let subscription = ChatSubscription {
            tenant_id: self.tenant.clone(),
            chat_id: self.chat.clone(),
            subscription_id: Some(SubscriptionId::parse(&guid(0x5b, 1)).unwrap()),
            subscriber: self.object.clone(),
            signing_key: None,
            ends_at: now.plus(Duration::from_hours(48)),
            renew_at: now.plus(Duration::from_hours(24)),
            failures: 0,
            told_since: None,
            complete_until: None,
        };
        store.put_chat_subscription(&subscription).await.unwrap();
        let project = ProjectId::parse("10").unwrap();
        for scope in [
            SettingsScope::Instance(self.cloud.clone()),
            SettingsScope::Project(self.cloud.clone(), project),
            SettingsScope::User(self.cloud.clone(), self.account.clone()),
        ] {
            let by = self.account.clone();
            let settings = ScopeSettings::of(&scope, 1, SettingValues::default(), by, now);
            store.put_settings(&settings, 0).await.unwrap();
        }
    }

    /// What only a site has.
    pub(super) async fn seed_site(&self, stack: &TestStack) {
        let now = stack.app.clock.now();
        let installation = Installation {
            cloud_id: self.cloud.clone(),
            site_host: SiteHost::parse(&format!("{}.atlassian.net", self.cloud)).unwrap(),
            created_at: now,
        };
        stack.app.store.put_installation(&installation).await.unwrap();
        let claim = ClaimId::parse(&"ab".repeat(32)).unwrap();
        let holder = LeaseHolder::parse(&"cd".repeat(16)).unwrap();
        let lease = Duration::from_secs(90);
        stack.app.store.claim(&self.cloud, &claim, &holder, now, lease).await.unwrap();
        let name = format!("{}/webhook/{}", stack.app.config.secret_prefix, self.cloud);
        let created = stack.clients.secrets.create_secret().name(name);
        created.secret_string(r#"{"secrets":["s"]}"#).send().await.unwrap();
    }

    pub(super) fn person(&self) -> Reach {
        let jira = JiraUser { cloud_id: self.cloud.clone(), account_id: self.account.clone() };
        let microsoft =
            MicrosoftUser { tenant_id: self.tenant.clone(), object_id: self.object.clone() };
        Reach::User(vec![jira], vec![microsoft])
    }

    /// The items that name any of `ids`, beside an erasure under way.
    pub(super) async fn left(stack: &TestStack, ids: &[&str]) -> Vec<String> {
        let items = stack.items().await.into_iter();
        items
            .filter(|item| item["entity"]["S"] != "erasure")
            .map(|item| item.to_string())
            .filter(|item| ids.iter().any(|id| item.contains(id)))
            .collect()
    }
}
