//! The message on the queue: what happened, to be re-read from the vendor before it is carried
//! over. Identifiers and closed lists only.

use serde::{Deserialize, Serialize};

use crate::{
    AccountId, ChatId, ClaimId, CloudId, CommentId, IssueId, MessageId, ObjectId, ProjectId,
    TenantId, Timestamp,
};

/// The version of the queue message's form; a message of another one is not guessed at.
pub const DELIVERY_VERSION: u8 = 1;

/// One event to carry between one issue and one chat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// The form's version, [`DELIVERY_VERSION`].
    pub version: u8,
    /// What the work is claimed under: the same for each repetition of the same event.
    pub claim: ClaimId,
    /// The Jira site.
    pub cloud_id: CloudId,
    /// The issue; the queue keeps order within it.
    pub issue_id: IssueId,
    /// The issue's project, where the event told it.
    pub project_id: Option<ProjectId>,
    /// The Microsoft tenant of the chat.
    pub tenant_id: TenantId,
    /// The chat.
    pub chat_id: ChatId,
    /// When Tandem accepted the event.
    pub accepted_at: Timestamp,
    /// What happened.
    #[serde(flatten)]
    pub kind: DeliveryKind,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum DeliveryKind {
    /// A comment was written in Jira.
    CommentCreated {
        /// The comment.
        comment_id: CommentId,
        /// Who wrote it: a hint, checked when it is read again.
        author: AccountId,
    },
    /// A comment was changed in Jira.
    CommentUpdated {
        /// The comment.
        comment_id: CommentId,
        /// Who wrote it: a hint, checked when it is read again.
        author: AccountId,
    },
    /// A comment was deleted in Jira.
    CommentDeleted {
        /// The comment.
        comment_id: CommentId,
    },
    /// Fields of the issue changed.
    IssueUpdated {
        /// Which of the fields Tandem tells about.
        changes: Vec<ChangedField>,
        /// Who changed them, where the event told it.
        actor: Option<AccountId>,
    },
    /// The issue was deleted.
    IssueDeleted,
    /// A message was written in the chat.
    MessageCreated {
        /// The message.
        message_id: MessageId,
        /// As whom it can be read: the owner of the subscription.
        subscriber: ObjectId,
    },
    /// A message was changed in the chat.
    MessageUpdated {
        /// The message.
        message_id: MessageId,
        /// As whom it can be read.
        subscriber: ObjectId,
    },
    /// A message was deleted in the chat.
    MessageDeleted {
        /// The message.
        message_id: MessageId,
        /// As whom it can be read.
        subscriber: ObjectId,
    },
}

impl DeliveryKind {
    /// The event's name, for logs and metrics.
    pub fn name(&self) -> &'static str {
        match self {
            Self::CommentCreated { .. } => "comment_created",
            Self::CommentUpdated { .. } => "comment_updated",
            Self::CommentDeleted { .. } => "comment_deleted",
            Self::IssueUpdated { .. } => "issue_updated",
            Self::IssueDeleted => "issue_deleted",
            Self::MessageCreated { .. } => "message_created",
            Self::MessageUpdated { .. } => "message_updated",
            Self::MessageDeleted { .. } => "message_deleted",
        }
    }
}

/// The changes of an issue that Tandem can tell a chat about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangedField {
    /// The workflow status.
    Status,
    /// The assignee.
    Assignee,
    /// The priority.
    Priority,
}

impl ChangedField {
    /// From a changelog item's `field` or `fieldId` (Jira webhooks, `changelog.items`).
    pub fn of_changelog(field: &str) -> Option<Self> {
        match field {
            "status" => Some(Self::Status),
            "assignee" => Some(Self::Assignee),
            "priority" => Some(Self::Priority),
            _ => None,
        }
    }

    /// The name it has in settings.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Assignee => "assignee",
            Self::Priority => "priority",
        }
    }
}
