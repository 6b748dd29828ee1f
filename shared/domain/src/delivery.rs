//! The message on the queue: what happened, to be re-read from the vendor before it is carried
//! over. Identifiers and closed lists only.

use serde::{Deserialize, Serialize};

use crate::{
    AccountId, ChatId, ClaimId, CloudId, CommentId, ConversationId, IssueEvent, IssueId, MessageId,
    ObjectId, ProjectId, TenantId, Timestamp,
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

/// One event of an issue to tell to a channel, or to somebody it concerns. It lies on the same
/// queue as a [`Delivery`], told apart by its `audience`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Telling {
    /// The form's version, [`DELIVERY_VERSION`].
    pub version: u8,
    /// What the work is claimed under: the same for each repetition of the same event.
    pub claim: ClaimId,
    /// The Jira site.
    pub cloud_id: CloudId,
    /// The issue.
    pub issue_id: IssueId,
    /// The issue's project.
    pub project_id: ProjectId,
    /// When Tandem accepted the event.
    pub accepted_at: Timestamp,
    /// Who is told.
    pub audience: Audience,
    /// What happened.
    #[serde(flatten)]
    pub what: Told,
}

/// Who is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Audience {
    /// A channel, whichever of its subscriptions admits the event: told once for all of them.
    Channel {
        /// The Microsoft tenant of the channel.
        tenant_id: TenantId,
        /// The channel: the queue keeps order within it.
        channel_id: ConversationId,
    },
    /// One person whom it may concern: looked at again as them.
    Person {
        /// The person at Jira: the queue keeps order within them.
        account_id: AccountId,
    },
    /// Those whom the event does not name: who reported the issue, where it is commented, and who
    /// watches it. To be looked up, and each to be told as a [`Audience::Person`].
    Others {
        /// The event, as part of what each telling is claimed under.
        event: ClaimId,
        /// Linked people at Jira who may well see the issue: as whom it is looked up.
        readers: Vec<AccountId>,
    },
}

/// What is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum Told {
    /// The issue was created.
    Created {
        /// Who did, where the event told it.
        actor: Option<AccountId>,
    },
    /// Fields of it changed.
    Updated {
        /// Which.
        changes: Vec<ChangedField>,
        /// Who changed them, where the event told it.
        actor: Option<AccountId>,
    },
    /// Somebody commented.
    Commented {
        /// The comment.
        comment_id: CommentId,
        /// Who wrote it: a hint, checked when it is read again.
        author: AccountId,
    },
    /// It was deleted.
    Deleted,
}

impl Told {
    /// The event's name, for logs and metrics.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Created { .. } => "issue_created",
            Self::Updated { .. } => "issue_updated",
            Self::Commented { .. } => "comment_created",
            Self::Deleted => "issue_deleted",
        }
    }

    /// The kind of event, as subscriptions name it.
    pub fn event(&self) -> IssueEvent {
        match self {
            Self::Created { .. } => IssueEvent::Created,
            Self::Updated { .. } => IssueEvent::Updated,
            Self::Commented { .. } => IssueEvent::Commented,
            Self::Deleted => IssueEvent::Deleted,
        }
    }
}

/// Something that Jira says is gone: looked up before anything of it is erased. It lies on the same
/// queue as a [`Delivery`], told apart by its `removed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Removal {
    /// The form's version, [`DELIVERY_VERSION`].
    pub version: u8,
    /// What the work is claimed under: the same for each repetition of the same event.
    pub claim: ClaimId,
    /// The Jira site.
    pub cloud_id: CloudId,
    /// When Tandem accepted the event.
    pub accepted_at: Timestamp,
    /// Whether the site's own signature stood under the event: it binds the site and the body.
    pub signed: bool,
    /// What is said to be gone.
    #[serde(flatten)]
    pub what: Removed,
}

/// What is said to be gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "removed")]
pub enum Removed {
    /// An issue.
    Issue {
        /// The issue: the queue keeps order within it, so that its chats are told first.
        issue_id: IssueId,
    },
    /// A project, with its issues.
    Project {
        /// The project.
        project_id: ProjectId,
    },
    /// A user of the site.
    User {
        /// The user.
        account_id: AccountId,
    },
}

impl Removed {
    /// The event's name, for logs and metrics.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Issue { .. } => "issue_removed",
            Self::Project { .. } => "project_removed",
            Self::User { .. } => "user_removed",
        }
    }
}

/// A message on the queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum QueueMessage {
    /// To be told to a channel or to people.
    Telling(Telling),
    /// To be looked up and erased.
    Removal(Removal),
    /// To be carried between an issue and a chat.
    Delivery(Delivery),
}

impl QueueMessage {
    /// The form's version.
    pub fn version(&self) -> u8 {
        match self {
            Self::Telling(telling) => telling.version,
            Self::Removal(removal) => removal.version,
            Self::Delivery(delivery) => delivery.version,
        }
    }

    /// The Jira site.
    pub fn cloud_id(&self) -> &CloudId {
        match self {
            Self::Telling(telling) => &telling.cloud_id,
            Self::Removal(removal) => &removal.cloud_id,
            Self::Delivery(delivery) => &delivery.cloud_id,
        }
    }

    /// When Tandem accepted the event.
    pub fn accepted_at(&self) -> Timestamp {
        match self {
            Self::Telling(telling) => telling.accepted_at,
            Self::Removal(removal) => removal.accepted_at,
            Self::Delivery(delivery) => delivery.accepted_at,
        }
    }

    /// What the work is claimed under.
    pub fn claim(&self) -> &ClaimId {
        match self {
            Self::Telling(telling) => &telling.claim,
            Self::Removal(removal) => &removal.claim,
            Self::Delivery(delivery) => &delivery.claim,
        }
    }

    /// Within what the queue keeps order: the issue and, of a telling, whom it is told to, so that
    /// nobody waits for what is slow elsewhere.
    pub fn order(&self) -> Vec<&str> {
        match self {
            Self::Delivery(of) => vec![of.cloud_id.as_str(), of.issue_id.as_str()],
            Self::Removal(of) => match &of.what {
                Removed::Issue { issue_id } => vec![of.cloud_id.as_str(), issue_id.as_str()],
                Removed::Project { project_id } => {
                    vec!["project", of.cloud_id.as_str(), project_id.as_str()]
                }
                Removed::User { account_id } => {
                    vec!["person", of.cloud_id.as_str(), account_id.as_str()]
                }
            },
            Self::Telling(of) => match &of.audience {
                Audience::Channel { tenant_id, channel_id } => {
                    vec!["channel", tenant_id.as_str(), channel_id.as_str()]
                }
                Audience::Person { account_id } => {
                    vec!["person", of.cloud_id.as_str(), account_id.as_str()]
                }
                Audience::Others { .. } => {
                    vec!["others", of.cloud_id.as_str(), of.issue_id.as_str()]
                }
            },
        }
    }
}

impl From<Delivery> for QueueMessage {
    fn from(delivery: Delivery) -> Self {
        Self::Delivery(delivery)
    }
}

impl From<Removal> for QueueMessage {
    fn from(removal: Removal) -> Self {
        Self::Removal(removal)
    }
}

impl From<Telling> for QueueMessage {
    fn from(telling: Telling) -> Self {
        Self::Telling(telling)
    }
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
