//! Which conversation an id or a place means, and who is in it.

use serde::Deserialize;

use super::{act::BotObjection, identity, model::Installation};
use crate::sandbox::microsoft::{User, state::State};

/// What comes between a channel's id and a thread of it.
const THREAD: &str = ";messageid=";

/// The id without a thread.
pub(super) fn bare(conversation_id: &str) -> &str {
    conversation_id.split_once(THREAD).map_or(conversation_id, |(bare, _)| bare)
}

/// A conversation the bot can be in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Conversation {
    /// Its id, without a thread.
    pub(super) id: String,
    /// The message the thread began with.
    pub(super) thread: Option<String>,
    pub(super) tenant_id: String,
    pub(super) kind: Kind,
}

/// The kind of a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// One person and the bot.
    Personal { object_id: String },
    /// A chat of several people.
    GroupChat,
    /// A channel of a team.
    Channel { team_id: String },
}

impl Conversation {
    /// The id with the thread, as activities carry it.
    pub(super) fn full_id(&self) -> String {
        match &self.thread {
            Some(thread) => format!("{}{THREAD}{thread}", self.id),
            None => self.id.clone(),
        }
    }

    /// What the bot is installed into.
    pub(super) fn roster(&self) -> &str {
        match &self.kind {
            Kind::Channel { team_id } => team_id,
            Kind::Personal { .. } | Kind::GroupChat => &self.id,
        }
    }

    /// `conversationType`.
    pub(super) fn type_name(&self) -> &'static str {
        match self.kind {
            Kind::Personal { .. } => "personal",
            Kind::GroupChat => "groupChat",
            Kind::Channel { .. } => "channel",
        }
    }
}

/// Where a person is when they turn to the bot.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub(super) enum Place {
    Personal {},
    GroupChat {
        chat_id: String,
    },
    Channel {
        team_id: String,
        /// General where absent.
        channel_id: Option<String>,
        /// The message a thread began with; a new thread where absent.
        thread_id: Option<String>,
    },
}

impl State {
    /// The conversation of an id, with or without a thread.
    pub(super) fn conversation(&self, bot_id: &str, id: &str) -> Option<Conversation> {
        let (id, thread) = match id.split_once(THREAD) {
            Some((id, thread)) => (id, Some(thread.to_owned())),
            None => (id, None),
        };
        let made = |tenant_id: &str, kind| Conversation {
            id: id.to_owned(),
            thread: thread.clone(),
            tenant_id: tenant_id.to_owned(),
            kind,
        };
        if id.starts_with("a:") {
            let mut users = self.users.iter();
            let user = users.find(|user| identity::personal_conversation(bot_id, user) == id)?;
            let kind = Kind::Personal { object_id: user.object_id.clone() };
            return Some(made(&user.tenant_id, kind));
        }
        if let Some(chat) = self.chats.get(id) {
            return Some(made(&chat.tenant_id, Kind::GroupChat));
        }
        let in_team = |team: &&super::Team| team.channels.iter().any(|channel| channel.id == id);
        let team = self.bot.teams.iter().find(in_team)?;
        Some(made(&team.tenant_id, Kind::Channel { team_id: team.id.clone() }))
    }

    /// The conversation of a place a person of the tenant can be in.
    pub(super) fn conversation_at(
        &self,
        bot_id: &str,
        user: &User,
        place: &Place,
    ) -> Result<Conversation, BotObjection> {
        let id = match place {
            Place::Personal {} => identity::personal_conversation(bot_id, user),
            Place::GroupChat { chat_id } => chat_id.clone(),
            Place::Channel { team_id, channel_id, .. } => {
                channel_id.clone().unwrap_or_else(|| team_id.clone())
            }
        };
        let mut found = self
            .conversation(bot_id, &id)
            .filter(|found| found.tenant_id == user.tenant_id)
            .ok_or_else(|| BotObjection::not_found("There is no such conversation."))?;
        let fits = match (&found.kind, place) {
            (Kind::Personal { .. }, Place::Personal {}) => true,
            (Kind::GroupChat, Place::GroupChat { chat_id }) => {
                self.chats.get(chat_id).is_some_and(|chat| chat.has(&user.object_id))
            }
            (Kind::Channel { team_id: of }, Place::Channel { team_id, .. }) => of == team_id,
            _ => false,
        };
        if !fits {
            return Err(BotObjection::not_found("The person is not in such a conversation."));
        }
        if let Place::Channel { thread_id, .. } = place {
            found.thread.clone_from(thread_id);
        }
        Ok(found)
    }

    /// The people of a conversation.
    pub(super) fn people_of(&self, conversation: &Conversation) -> Vec<&User> {
        let users = self.users.iter().filter(|user| user.tenant_id == conversation.tenant_id);
        match &conversation.kind {
            Kind::Personal { object_id } => {
                users.filter(|user| user.object_id == *object_id).collect()
            }
            Kind::GroupChat => {
                let chat = self.chats.get(&conversation.id);
                users.filter(|user| chat.is_some_and(|chat| chat.has(&user.object_id))).collect()
            }
            Kind::Channel { .. } => users.collect(),
        }
    }

    /// How the bot stands there; `None` where it has never been.
    pub(super) fn installation(&self, conversation: &Conversation) -> Option<Installation> {
        self.bot.installations.get(conversation.roster()).copied()
    }
}
