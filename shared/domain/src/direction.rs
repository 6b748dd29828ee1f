//! Which way something on the queue goes, for metrics.

use crate::{DeliveryKind, QueueMessage};

/// Which way something goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From Jira to Teams: into a chat, or told by the bot.
    ToTeams,
    /// From Teams to Jira.
    ToJira,
    /// From Jira to what Tandem keeps: looking whether something is gone.
    Inward,
}

impl Direction {
    /// Each of them.
    pub const ALL: [Self; 3] = [Self::ToTeams, Self::ToJira, Self::Inward];

    /// The name it has in metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ToTeams => "to_teams",
            Self::ToJira => "to_jira",
            Self::Inward => "inward",
        }
    }
}

impl QueueMessage {
    /// Which way it goes.
    pub fn direction(&self) -> Direction {
        match self {
            Self::Telling(_) => Direction::ToTeams,
            Self::Removal(_) => Direction::Inward,
            Self::Delivery(delivery) => delivery.kind.direction(),
        }
    }
}

impl DeliveryKind {
    /// Which way it goes.
    pub fn direction(&self) -> Direction {
        match self {
            Self::CommentCreated { .. }
            | Self::CommentUpdated { .. }
            | Self::CommentDeleted { .. }
            | Self::IssueUpdated { .. }
            | Self::IssueDeleted => Direction::ToTeams,
            Self::MessageCreated { .. }
            | Self::MessageUpdated { .. }
            | Self::MessageDeleted { .. } => Direction::ToJira,
        }
    }
}
