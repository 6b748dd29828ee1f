//! Teams, and what the bot does in them.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::conversation::bare;

/// A team with its channels. Everybody of the tenant is in it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Team {
    /// `19:...@thread.tacv2`: also the id of its General channel.
    pub id: String,
    /// The id of its Microsoft 365 group (GUID).
    pub aad_group_id: String,
    /// The tenant that owns it.
    pub tenant_id: String,
    /// What it is called.
    pub name: String,
    /// Whether it is archived.
    #[serde(default)]
    pub archived: bool,
    /// Its channels, General first.
    pub channels: Vec<Channel>,
}

/// A channel of a team.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Channel {
    /// `19:...@thread.tacv2`.
    pub id: String,
    /// What it is called.
    pub name: String,
}

/// How the bot stands with a person, a group chat or a team.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Installation {
    /// It may write.
    Installed,
    /// It was there and has been removed.
    Removed,
    /// The person has blocked it.
    Blocked,
}

/// A message of the bot.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BotPost {
    /// The activity's id.
    pub id: String,
    /// Where it is: `a:...`, `19:...@thread.v2`, or a thread of a channel.
    pub conversation: String,
    /// The activity it answers.
    pub reply_to: Option<String>,
    /// What the bot sent, as it is now.
    pub activity: Value,
    /// Whether it was changed since, by the bot or by the answer to one of its actions.
    pub updated: bool,
    /// Whether it was deleted.
    pub deleted: bool,
    /// When it changed last, as a number in the order of changes.
    #[serde(skip)]
    pub(super) change: u64,
}

impl BotPost {
    /// Whether it is in the conversation, or in a thread of it.
    pub(super) fn is_in(&self, conversation_id: &str) -> bool {
        self.conversation == conversation_id || bare(&self.conversation) == conversation_id
    }
}

/// A form that is open before a person: what Teams keeps until it is submitted.
#[derive(Clone, Debug)]
pub(in crate::sandbox::microsoft) struct OpenTask {
    pub(super) command_id: String,
    pub(super) command_context: String,
    pub(super) message_payload: Option<Value>,
    /// The card of the form, if the bot answered with one.
    pub(super) card: Option<Value>,
}

/// Everything about the bot.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::sandbox::microsoft) struct BotState {
    /// The key of the tokens Teams sends to the bot: base64 of PKCS #8; empty before its first use.
    pub(super) signing_key: String,
    pub(super) teams: Vec<Team>,
    /// By roster: a personal conversation, a group chat or a team.
    pub(super) installations: BTreeMap<String, Installation>,
    /// Oldest first.
    pub(super) posts: Vec<BotPost>,
    /// Whether the limits are lifted.
    pub(super) unlimited: bool,
    /// The number of the last change to a post.
    #[serde(skip)]
    pub(super) changes: u64,
    /// When the bot wrote to each thread of late.
    #[serde(skip)]
    pub(super) writes: BTreeMap<String, VecDeque<i64>>,
    /// Open forms by person and conversation.
    #[serde(skip)]
    pub(super) open_tasks: BTreeMap<String, OpenTask>,
}

impl BotState {
    /// The number of a change that happens now.
    pub(super) fn next_change(&mut self) -> u64 {
        self.changes += 1;
        self.changes
    }
}
