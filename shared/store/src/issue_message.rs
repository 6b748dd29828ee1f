//! Issue messages: an issue and the message it was created from, found from either side.

use serde::{Deserialize, Serialize};
use tandem_domain::{
    AccountId, CloudId, ConversationId, IssueId, MessageId, ObjectId, ProjectId, TenantId,
    Timestamp,
};

use crate::{
    Part, Store, StoreError, What,
    entity::{Attribute, Entity, ErasedWith, Whose, attribute},
    keys::{self, Index, Key},
    table::If,
};

/// An issue and the message it was created from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssueMessage {
    /// The Jira site.
    pub cloud_id: CloudId,
    /// The issue.
    pub issue_id: IssueId,
    /// Its project when it was created; none in items of before this was written.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub project_id: Option<ProjectId>,
    /// The Microsoft tenant.
    pub tenant_id: TenantId,
    /// The conversation, without a thread.
    pub conversation_id: ConversationId,
    /// The message.
    pub message_id: MessageId,
    /// Who created the issue, at Jira.
    pub created_by: AccountId,
    /// The same person at Microsoft.
    pub creator_object_id: ObjectId,
    /// When.
    pub created_at: Timestamp,
}

const ATTRIBUTES: &[Attribute] = &[
    attribute("cloud_id", Whose::Site, "the Jira site", "issue and message mapping"),
    attribute("issue_id", Whose::Site, "the issue", "issue and message mapping"),
    attribute("project_id", Whose::Site, "the issue's project", "erased with the project"),
    attribute("tenant_id", Whose::Tenant, "the Microsoft tenant", "issue and message mapping"),
    attribute("conversation_id", Whose::Tenant, "the conversation", "issue and message mapping"),
    attribute("message_id", Whose::Tenant, "the message", "issue and message mapping"),
    attribute("created_by", Whose::Person, "who created the issue", "shown to them"),
    attribute("creator_object_id", Whose::Person, "the same at Microsoft", "shown to them"),
    attribute("created_at", Whose::Tandem, "when", "shown to them"),
];

impl Entity for IssueMessage {
    const NAME: &'static str = "issue_message";
    const WHAT: &'static str = "An issue and the message it was created from";
    const KEPT: &'static str =
        "until the issue or its project is deleted, the app is removed, or its creator is erased";
    const ERASED_WITH: &'static [ErasedWith] = &[
        ErasedWith::JiraUser,
        ErasedWith::MicrosoftUser,
        ErasedWith::Site,
        ErasedWith::Tenant,
        ErasedWith::Issue,
        ErasedWith::Project,
        ErasedWith::Conversation,
    ];
    const ATTRIBUTES: &'static [Attribute] = ATTRIBUTES;

    fn key(&self) -> Key {
        keys::message_of_issue(&self.cloud_id, &self.issue_id)
    }
    fn owner(&self) -> Option<String> {
        Some(keys::jira_user(&self.cloud_id, &self.created_by))
    }
    fn tenant(&self) -> Option<String> {
        Some(keys::site(&self.cloud_id))
    }
}

/// The same as it lies on the Microsoft side.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
struct Mirror(IssueMessage);

impl Entity for Mirror {
    const NAME: &'static str = "issue_message_by_message";
    const WHAT: &'static str = "The same, found from the message";
    const KEPT: &'static str = IssueMessage::KEPT;
    const ERASED_WITH: &'static [ErasedWith] = IssueMessage::ERASED_WITH;
    const ATTRIBUTES: &'static [Attribute] = ATTRIBUTES;

    fn key(&self) -> Key {
        let IssueMessage { cloud_id, issue_id, tenant_id, conversation_id, message_id, .. } =
            &self.0;
        keys::issue_of_message(tenant_id, conversation_id, message_id, cloud_id, issue_id)
    }
    fn owner(&self) -> Option<String> {
        Some(keys::microsoft_user(&self.0.tenant_id, &self.0.creator_object_id))
    }
    fn tenant(&self) -> Option<String> {
        Some(keys::tenant(&self.0.tenant_id))
    }
}

pub(crate) const MIRROR: crate::inventory::Declaration = crate::inventory::declare::<Mirror>();

impl Store {
    /// The message an issue was created from.
    pub async fn find_issue_message(
        &self,
        cloud: &CloudId,
        issue: &IssueId,
    ) -> Result<Option<IssueMessage>, StoreError> {
        self.find(keys::message_of_issue(cloud, issue)).await
    }

    /// The issues that were created from a message.
    pub async fn list_issues_by_message(
        &self,
        tenant: &TenantId,
        conversation: &ConversationId,
        message: &MessageId,
    ) -> Result<Vec<IssueMessage>, StoreError> {
        let of = keys::bot_message(tenant, conversation, message);
        let found = self.list::<Mirror>(of, keys::ISSUES).await?;
        Ok(found.into_iter().map(|mirror| mirror.0).collect())
    }

    /// The issues that were created from messages of a conversation.
    pub async fn list_issue_messages_by_conversation(
        &self,
        tenant: &TenantId,
        conversation: &ConversationId,
    ) -> Result<Vec<IssueMessage>, StoreError> {
        let part = Part::Indexed {
            index: Index::ByTenant,
            value: keys::tenant(tenant),
            prefix: Some(keys::messages_of_conversation(tenant, conversation)),
        };
        let (mut messages, mut after) = (Vec::new(), None);
        loop {
            let (found, next) = self.list_part(&part, after.as_ref()).await?;
            messages.extend(found.into_iter().filter_map(|item| match item.what {
                What::IssueMessage(message) => Some(message),
                _ => None,
            }));
            after = next;
            if after.is_none() {
                return Ok(messages);
            }
        }
    }

    /// Writes which message an issue was created from, so that it is found from either side.
    pub async fn put_issue_message(&self, item: &IssueMessage) -> Result<(), StoreError> {
        let writes = vec![
            self.put_in(item.clone(), &If::Anything)?,
            self.put_in(Mirror(item.clone()), &If::Anything)?,
            self.report_in(&item.cloud_id, &item.created_by, item.created_at)?,
        ];
        self.transact_reported(writes).await
    }

    /// Takes it away from both sides.
    pub async fn delete_issue_message(&self, item: &IssueMessage) -> Result<(), StoreError> {
        let writes = vec![
            self.delete_in(&item.key(), &If::Anything)?,
            self.delete_in(&Mirror(item.clone()).key(), &If::Anything)?,
        ];
        self.transact(writes).await
    }
}
