//! Chat links: an issue and a chat about it, found from either side; and each chat's subscription.

use serde::{Deserialize, Serialize};
use tandem_domain::{
    AccountId, ChatId, CloudId, IssueId, KeyTag, ObjectId, ProjectId, SubscriptionId, TenantId,
    Timestamp,
};

use crate::{
    Store, StoreError,
    entity::{Attribute, Due, Entity, Whose, attribute},
    keys::{self, Index, Key},
    table::If,
};

/// The kind under which chat subscriptions are due for renewal.
pub(crate) const DUE: &str = "SUBSCRIPTION";

/// How many people a chat is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChatKind {
    /// Two people; Teams has one such chat for each pair.
    OneOnOne,
    /// Three or more.
    Group,
}

/// Whether a link carries events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkState {
    /// It does.
    Active,
    /// It cannot: nobody who could post in the chat is signed in.
    NeedsSignIn,
    /// It cannot: the vendor refuses for good.
    Refused,
    /// The issue was deleted.
    IssueDeleted,
}

/// An issue and a chat about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatLink {
    /// The Jira site.
    pub cloud_id: CloudId,
    /// The issue.
    pub issue_id: IssueId,
    /// The issue's project when the link was made.
    pub project_id: ProjectId,
    /// The Microsoft tenant.
    pub tenant_id: TenantId,
    /// The chat.
    pub chat_id: ChatId,
    /// One to one, or a group.
    pub chat_kind: ChatKind,
    /// The Jira user who started the chat.
    pub created_by: AccountId,
    /// The same person at Microsoft.
    pub creator_object_id: ObjectId,
    /// Whether it carries events.
    pub state: LinkState,
    /// When the link was made.
    pub created_at: Timestamp,
}

const ATTRIBUTES: &[Attribute] = &[
    attribute("cloud_id", Whose::Site, "the Jira site", "issue and chat mapping"),
    attribute("issue_id", Whose::Site, "the issue", "issue and chat mapping"),
    attribute("project_id", Whose::Site, "the issue's project", "which settings hold"),
    attribute("tenant_id", Whose::Tenant, "the Microsoft tenant", "issue and chat mapping"),
    attribute("chat_id", Whose::Tenant, "the Teams chat", "issue and chat mapping"),
    attribute("chat_kind", Whose::Tandem, "one-to-one or group", "shown in the issue"),
    attribute("created_by", Whose::Person, "the Jira user who started it", "acts for the unlinked"),
    attribute("creator_object_id", Whose::Person, "the same at Microsoft", "acts for the unlinked"),
    attribute("state", Whose::Tandem, "whether it carries events", "shown in the issue"),
    attribute("created_at", Whose::Tandem, "when the link was made", "shown in the issue"),
];

impl Entity for ChatLink {
    const NAME: &'static str = "chat_link";
    const KEPT: &'static str =
        "until the issue or its project is deleted, or the site or creator is erased";
    const ATTRIBUTES: &'static [Attribute] = ATTRIBUTES;

    fn key(&self) -> Key {
        keys::chat_by_issue(&self.cloud_id, &self.issue_id, &self.tenant_id, &self.chat_id)
    }
    fn owner(&self) -> Option<String> {
        Some(keys::jira_user(&self.cloud_id, &self.created_by))
    }
    fn tenant(&self) -> Option<String> {
        Some(keys::site(&self.cloud_id))
    }
}

/// The same link as it lies on the Microsoft side.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
struct Mirror(ChatLink);

impl Entity for Mirror {
    const NAME: &'static str = "chat_link_by_chat";
    const KEPT: &'static str = ChatLink::KEPT;
    const ATTRIBUTES: &'static [Attribute] = ATTRIBUTES;

    fn key(&self) -> Key {
        let link = &self.0;
        keys::issue_by_chat(&link.cloud_id, &link.issue_id, &link.tenant_id, &link.chat_id)
    }
    fn owner(&self) -> Option<String> {
        Some(keys::microsoft_user(&self.0.tenant_id, &self.0.creator_object_id))
    }
    fn tenant(&self) -> Option<String> {
        Some(keys::tenant(&self.0.tenant_id))
    }
}

pub(crate) const MIRROR: crate::inventory::Declaration = crate::inventory::declare::<Mirror>();

/// A chat's change-notification subscription at Microsoft Graph.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatSubscription {
    /// The Microsoft tenant.
    pub tenant_id: TenantId,
    /// The chat.
    pub chat_id: ChatId,
    /// Graph's id of the subscription; none while it is still to be made.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub subscription_id: Option<SubscriptionId>,
    /// As whom it was made: as whom messages are read.
    pub subscriber: ObjectId,
    /// Which signing key its client state was made with.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub signing_key: Option<KeyTag>,
    /// When it ends unless it is renewed.
    pub ends_at: Timestamp,
    /// When upkeep renews it.
    pub renew_at: Timestamp,
    /// How often renewing it failed since it last succeeded.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub failures: u32,
    /// Since when the subscription at Graph tells; none while it may not.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub told_since: Option<Timestamp>,
    /// Until when the chat is known to have been told whole. Where the subscription tells only since
    /// later, there is a gap to be read.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub complete_until: Option<Timestamp>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

impl ChatSubscription {
    /// A subscription that is yet to be made at Graph.
    pub fn to_be_made(
        tenant_id: TenantId,
        chat_id: ChatId,
        subscriber: ObjectId,
        now: Timestamp,
    ) -> Self {
        Self {
            tenant_id,
            chat_id,
            subscription_id: None,
            subscriber,
            signing_key: None,
            ends_at: now,
            renew_at: now,
            failures: 0,
            told_since: None,
            complete_until: Some(now),
        }
    }

    /// From when messages may not have been told, if there is such a time.
    pub fn gap_from(&self) -> Option<Timestamp> {
        let complete = self.complete_until?;
        self.told_since.is_none_or(|since| complete < since).then_some(complete)
    }
}

impl Entity for ChatSubscription {
    const NAME: &'static str = "chat_subscription";
    const KEPT: &'static str = "until no issue is linked with the chat";
    const ATTRIBUTES: &'static [Attribute] = &[
        attribute("tenant_id", Whose::Tenant, "the Microsoft tenant", "chat notifications"),
        attribute("chat_id", Whose::Tenant, "the Teams chat", "chat notifications"),
        attribute("subscription_id", Whose::Tenant, "Graph's subscription", "renewing it"),
        attribute("subscriber", Whose::Person, "the Microsoft user it reads as", "reading as them"),
        attribute("signing_key", Whose::Tandem, "which signing key", "changing that key"),
        attribute("ends_at", Whose::Tandem, "its end", "renewing it"),
        attribute("renew_at", Whose::Tandem, "when to renew it", "renewing it"),
        attribute("failures", Whose::Tandem, "a counter", "tries again less and less often"),
        attribute("told_since", Whose::Tandem, "since when it tells", "finds what was missed"),
        attribute(
            "complete_until",
            Whose::Tandem,
            "until when all is told",
            "finds what was missed",
        ),
    ];

    fn key(&self) -> Key {
        keys::chat_subscription(&self.tenant_id, &self.chat_id)
    }
    fn owner(&self) -> Option<String> {
        Some(keys::microsoft_user(&self.tenant_id, &self.subscriber))
    }
    fn tenant(&self) -> Option<String> {
        Some(keys::tenant(&self.tenant_id))
    }
    fn due(&self) -> Option<Due> {
        Some(Due { kind: DUE, at: self.renew_at })
    }
}

impl Store {
    /// The chats of an issue.
    pub async fn list_chats_by_issue(
        &self,
        cloud: &CloudId,
        issue: &IssueId,
    ) -> Result<Vec<ChatLink>, StoreError> {
        self.list(keys::issue(cloud, issue), keys::CHATS).await
    }

    /// The issues of a chat.
    pub async fn list_issues_by_chat(
        &self,
        tenant: &TenantId,
        chat: &ChatId,
    ) -> Result<Vec<ChatLink>, StoreError> {
        let found = self.list::<Mirror>(keys::chat(tenant, chat), keys::ISSUES).await?;
        Ok(found.into_iter().map(|mirror| mirror.0).collect())
    }

    /// The link between an issue and a chat.
    pub async fn find_chat_link(
        &self,
        cloud: &CloudId,
        issue: &IssueId,
        tenant: &TenantId,
        chat: &ChatId,
    ) -> Result<Option<ChatLink>, StoreError> {
        self.find(keys::chat_by_issue(cloud, issue, tenant, chat)).await
    }

    /// Writes a chat link so that it is found from either side.
    pub async fn put_chat_link(&self, link: &ChatLink) -> Result<(), StoreError> {
        let writes = vec![
            self.put_in(link.clone(), &If::Anything)?,
            self.put_in(Mirror(link.clone()), &If::Anything)?,
            self.report_in(&link.cloud_id, &link.created_by, link.created_at)?,
        ];
        self.transact_reported(writes).await
    }

    /// Writes a chat link over itself. `false`, and nothing is written, when it has ended meanwhile.
    pub async fn change_chat_link(&self, link: &ChatLink) -> Result<bool, StoreError> {
        let there = If::Still(vec![("chat_id", link.chat_id.to_string())]);
        let writes =
            vec![self.put_in(link.clone(), &there)?, self.put_in(Mirror(link.clone()), &there)?];
        match self.transact(writes).await {
            Ok(()) => Ok(true),
            Err(StoreError::Conflict) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Takes a chat link away from both sides.
    pub async fn delete_chat_link(&self, link: &ChatLink) -> Result<(), StoreError> {
        let writes = vec![
            self.delete_in(&link.key(), &If::Anything)?,
            self.delete_in(&Mirror(link.clone()).key(), &If::Anything)?,
        ];
        self.transact(writes).await
    }

    /// A chat's subscription.
    pub async fn find_chat_subscription(
        &self,
        tenant: &TenantId,
        chat: &ChatId,
    ) -> Result<Option<ChatSubscription>, StoreError> {
        self.find(keys::chat_subscription(tenant, chat)).await
    }

    /// Writes a chat's subscription.
    pub async fn put_chat_subscription(
        &self,
        subscription: &ChatSubscription,
    ) -> Result<(), StoreError> {
        self.put(subscription.clone(), If::Anything).await
    }

    /// Takes a chat's subscription away.
    pub async fn delete_chat_subscription(
        &self,
        tenant: &TenantId,
        chat: &ChatId,
    ) -> Result<(), StoreError> {
        self.delete(keys::chat_subscription(tenant, chat)).await
    }

    /// The subscriptions to renew before `now`, at most `limit` (100 at most), the longest due
    /// first.
    pub async fn list_due_subscriptions(
        &self,
        now: Timestamp,
        limit: i32,
    ) -> Result<Vec<ChatSubscription>, StoreError> {
        let keys =
            self.index(Index::ByDue, keys::due(DUE), Some(now.as_millis()), limit.min(100)).await?;
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        self.batch(&keys).await?.into_iter().map(crate::table::read).collect()
    }
}
