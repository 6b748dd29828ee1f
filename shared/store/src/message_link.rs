//! Message links: a comment and the chat message that says the same, found from either side.

use aws_sdk_dynamodb::types::TransactWriteItem;
use serde::{Deserialize, Serialize};
use tandem_domain::{
    AccountId, ChatId, CloudId, CommentId, IssueId, MessageId, ObjectId, TenantId, Timestamp,
};

use crate::{
    Claim, Store, StoreError,
    entity::{Attribute, Entity, ErasedWith, Whose, attribute},
    keys::{self, Key},
    table::{If, Item, read},
};

/// On which side a pair was first written by a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// As a Jira comment.
    Jira,
    /// As a chat message.
    Teams,
}

/// A comment and the chat message that says the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageLink {
    /// The Jira site.
    pub cloud_id: CloudId,
    /// The issue.
    pub issue_id: IssueId,
    /// The comment.
    pub comment_id: CommentId,
    /// The Microsoft tenant.
    pub tenant_id: TenantId,
    /// The chat.
    pub chat_id: ChatId,
    /// The message.
    pub message_id: MessageId,
    /// Where a person wrote it.
    pub origin: Origin,
    /// The Jira user as whom the comment stands.
    pub comment_by: AccountId,
    /// The Microsoft user as whom the message stands.
    pub message_by: ObjectId,
    /// The version of the comment that both sides show: its `updated`.
    pub comment_version: Timestamp,
    /// The version of the message that both sides show: its creation or last edit.
    pub message_version: Timestamp,
    /// When the pair was deleted on either side; the item then ends by itself.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub deleted_at: Option<Timestamp>,
}

/// How long a deleted pair is remembered, so that a late event does not bring it back.
const REMEMBER_DELETED: std::time::Duration = std::time::Duration::from_hours(30 * 24);

const ATTRIBUTES: &[Attribute] = &[
    attribute("cloud_id", Whose::Site, "the Jira site", "comment and message mapping"),
    attribute("issue_id", Whose::Site, "the issue", "comment and message mapping"),
    attribute("comment_id", Whose::Site, "the comment", "comment and message mapping"),
    attribute("tenant_id", Whose::Tenant, "the Microsoft tenant", "comment and message mapping"),
    attribute("chat_id", Whose::Tenant, "the Teams chat", "comment and message mapping"),
    attribute("message_id", Whose::Tenant, "the message", "comment and message mapping"),
    attribute("origin", Whose::Tandem, "jira or teams", "stops echoes"),
    attribute("comment_by", Whose::Person, "the comment's Jira user", "edits as its author"),
    attribute("message_by", Whose::Person, "the message's Microsoft user", "edits as its author"),
    attribute("comment_version", Whose::Tandem, "the comment's last change", "stops echoes"),
    attribute("message_version", Whose::Tandem, "the message's last change", "stops echoes"),
    attribute("deleted_at", Whose::Tandem, "when it was deleted", "a late event changes nothing"),
];

impl Entity for MessageLink {
    const NAME: &'static str = "message_link";
    const WHAT: &'static str = "A comment and the message that says the same";
    const KEPT: &'static str =
        "30 days after either is deleted, or until the issue, site or author is erased";
    const ERASED_WITH: &'static [ErasedWith] = &[
        ErasedWith::JiraUser,
        ErasedWith::MicrosoftUser,
        ErasedWith::Site,
        ErasedWith::Tenant,
        ErasedWith::Project,
        ErasedWith::Issue,
        ErasedWith::Time,
    ];
    const ATTRIBUTES: &'static [Attribute] = ATTRIBUTES;

    fn key(&self) -> Key {
        keys::message_by_comment(&self.cloud_id, &self.comment_id, &self.tenant_id, &self.chat_id)
    }
    fn owner(&self) -> Option<String> {
        Some(keys::jira_user(&self.cloud_id, &self.comment_by))
    }
    fn tenant(&self) -> Option<String> {
        Some(keys::site(&self.cloud_id))
    }
    fn expires_at(&self) -> Option<Timestamp> {
        self.deleted_at.map(|at| at.plus(REMEMBER_DELETED))
    }
}

/// The same link as it lies on the Microsoft side.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
struct Mirror(MessageLink);

impl Entity for Mirror {
    const NAME: &'static str = "message_link_by_message";
    const WHAT: &'static str = "The same link, found from the message";
    const KEPT: &'static str = MessageLink::KEPT;
    const ERASED_WITH: &'static [ErasedWith] = MessageLink::ERASED_WITH;
    const ATTRIBUTES: &'static [Attribute] = ATTRIBUTES;

    fn key(&self) -> Key {
        let link = &self.0;
        keys::comment_by_message(
            &link.tenant_id,
            &link.chat_id,
            &link.message_id,
            &link.cloud_id,
            &link.issue_id,
        )
    }
    fn owner(&self) -> Option<String> {
        Some(keys::microsoft_user(&self.0.tenant_id, &self.0.message_by))
    }
    fn tenant(&self) -> Option<String> {
        Some(keys::tenant(&self.0.tenant_id))
    }
    fn expires_at(&self) -> Option<Timestamp> {
        self.0.expires_at()
    }
}

pub(crate) const MIRROR: crate::inventory::Declaration = crate::inventory::declare::<Mirror>();

/// A link, from whichever side it was found.
pub(crate) fn read_either(item: Item) -> Result<MessageLink, StoreError> {
    let is_mirror = item.get("entity").and_then(|name| name.as_s().ok());
    if is_mirror.is_some_and(|name| name == Mirror::NAME) {
        return read::<Mirror>(item).map(|mirror| mirror.0);
    }
    read(item)
}

impl Store {
    /// The message in a chat that says what a comment says.
    pub async fn find_message_by_comment(
        &self,
        cloud: &CloudId,
        comment: &CommentId,
        tenant: &TenantId,
        chat: &ChatId,
    ) -> Result<Option<MessageLink>, StoreError> {
        self.find(keys::message_by_comment(cloud, comment, tenant, chat)).await
    }

    /// The messages, in all chats, that say what a comment says.
    pub async fn list_messages_by_comment(
        &self,
        cloud: &CloudId,
        comment: &CommentId,
    ) -> Result<Vec<MessageLink>, StoreError> {
        self.list(keys::comment(cloud, comment), keys::CHATS).await
    }

    /// The comment on an issue that says what a message says.
    pub async fn find_comment_by_message(
        &self,
        tenant: &TenantId,
        chat: &ChatId,
        message: &MessageId,
        cloud: &CloudId,
        issue: &IssueId,
    ) -> Result<Option<MessageLink>, StoreError> {
        let key = keys::comment_by_message(tenant, chat, message, cloud, issue);
        Ok(self.find::<Mirror>(key).await?.map(|mirror| mirror.0))
    }

    /// Those of the comments, at most 100, that a chat has messages of: one round trip.
    pub async fn list_messages_by_comments(
        &self,
        cloud: &CloudId,
        comments: &[CommentId],
        tenant: &TenantId,
        chat: &ChatId,
    ) -> Result<Vec<MessageLink>, StoreError> {
        let key = |id| keys::message_by_comment(cloud, id, tenant, chat);
        let keys: Vec<Key> = comments.iter().map(key).collect();
        self.batch(&keys).await?.into_iter().map(crate::table::read).collect()
    }

    /// Those of a chat's messages, at most 100, that an issue has comments of: one round trip.
    pub async fn list_comments_by_messages(
        &self,
        tenant: &TenantId,
        chat: &ChatId,
        messages: &[MessageId],
        cloud: &CloudId,
        issue: &IssueId,
    ) -> Result<Vec<MessageLink>, StoreError> {
        let key = |id| keys::comment_by_message(tenant, chat, id, cloud, issue);
        let keys: Vec<Key> = messages.iter().map(key).collect();
        let items = self.batch(&keys).await?.into_iter();
        items.map(|item| Ok(crate::table::read::<Mirror>(item)?.0)).collect()
    }

    /// Writes a message link so that it is found from either side.
    pub async fn put_message_link(&self, link: &MessageLink) -> Result<(), StoreError> {
        self.transact_reported(self.message_link_in(link)?).await
    }

    /// The same together with how far the claim is under which it came about: both, or neither. A
    /// conflict when somebody else has taken the claim over.
    pub async fn put_message_link_and_claim(
        &self,
        link: &MessageLink,
        claim: &Claim,
    ) -> Result<(), StoreError> {
        let mut writes = self.message_link_in(link)?;
        let ours = If::Still(vec![("lease_holder", claim.lease_holder.to_string())]);
        writes.push(self.put_in(claim.clone(), &ours)?);
        self.transact_reported(writes).await
    }

    fn message_link_in(&self, link: &MessageLink) -> Result<Vec<TransactWriteItem>, StoreError> {
        let at = link.comment_version.max(link.message_version);
        Ok(vec![
            self.put_in(link.clone(), &If::Anything)?,
            self.put_in(Mirror(link.clone()), &If::Anything)?,
            self.report_in(&link.cloud_id, &link.comment_by, at)?,
        ])
    }
}
