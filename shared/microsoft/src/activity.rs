//! Activities: what the Bot Framework sends to Tandem's bot.
//!
//! <https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference#activity-object>

pub mod bot_token;
mod wire;

use std::fmt;

use serde_json::Value;
use tandem_domain::{
    ActivityId, BotUserId, ConversationId, ConversationKind, ObjectId, ServiceUrl, TeamId,
    TenantId, document::Prose,
};

#[cfg(test)]
mod tests;

/// An activity, as far as Tandem reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Activity {
    /// What it is.
    pub kind: ActivityKind,
    /// Its own id; not every kind has one.
    pub id: Option<ActivityId>,
    /// The activity it answers, or whose card it comes from.
    pub reply_to: Option<ActivityId>,
    /// The channel it comes through: `msteams`.
    pub channel: ChannelName,
    /// Where answers go.
    pub service_url: ServiceUrl,
    /// Where it happened.
    pub conversation: Conversation,
    /// The tenant, where the activity tells.
    pub tenant_id: Option<TenantId>,
    /// Who caused it, as the bot knows them.
    pub from_id: Option<BotUserId>,
    /// Who caused it (`from.aadObjectId`), where it is a person of the tenant.
    pub from: Option<ObjectId>,
    /// The bot's own id, `28:<app id>`.
    pub recipient: Option<BotUserId>,
    /// What somebody wrote to the bot, without the mention of it.
    pub text: Prose,
    /// What an invoke, or a card's button, carries.
    pub value: Payload,
    /// Who came: people and bots, as the bot knows them.
    pub members_added: Vec<BotUserId>,
    /// Who left.
    pub members_removed: Vec<BotUserId>,
    /// What happened to a team or channel (`channelData.eventType`, in lower case), such as
    /// `channeldeleted`.
    pub event: Option<EventName>,
}

/// Where an activity happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversation {
    /// The conversation, thread included.
    pub id: ConversationId,
    /// Personal, a group chat, or a channel.
    pub kind: ConversationKind,
    /// The team, where it is one's.
    pub team: Option<TeamId>,
    /// The channel that `channelData` names, which need not be the one of the conversation.
    pub named_channel: Option<ConversationId>,
}

/// What an activity carries beside its identifiers: JSON that holds what people wrote, and prints
/// nothing of it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Payload(Value);

impl Payload {
    /// The JSON.
    pub fn json(&self) -> &Value {
        &self.0
    }

    /// A text below, by JSON pointer.
    pub fn text(&self, pointer: &str) -> Option<&str> {
        self.0.pointer(pointer)?.as_str()
    }
}

impl From<Value> for Payload {
    fn from(value: Value) -> Self {
        Self(value)
    }
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Payload")
    }
}

/// What an activity is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ActivityKind {
    /// Somebody wrote to the bot.
    Message,
    /// A message was edited or restored.
    MessageUpdate,
    /// A message was deleted.
    MessageDelete,
    /// Somebody reacted to a message.
    MessageReaction,
    /// Members, the bot among them, came or went, or the conversation changed.
    ConversationUpdate,
    /// The app was installed or removed.
    InstallationUpdate(InstallationAction),
    /// Something to be answered in the same request; its name, such as `task/fetch`.
    Invoke(InvokeName),
    /// Anything else, to be acknowledged.
    Other,
}

/// What happened to an installation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InstallationAction {
    /// Installed, or upgraded.
    Added,
    /// Removed for good.
    Removed,
    /// Removed as the first half of an upgrade: an `add-upgrade` follows.
    RemovedToUpgrade,
    /// Something newer than this program.
    Other,
}

/// Why an activity is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ActivityError {
    /// Not the JSON of an activity.
    #[error("not an activity")]
    Malformed,
    /// A field that is missing or not what it should be; its name.
    #[error("unusable {0}")]
    Field(&'static str),
}

impl ActivityError {
    /// A short code for logs and answers.
    pub fn code(self) -> &'static str {
        match self {
            Self::Malformed => "activity_malformed",
            Self::Field(_) => "activity_field",
        }
    }
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $max:literal, $extra:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash)]
        pub struct $name(String);

        impl $name {
            fn parse(text: &str) -> Option<Self> {
                let fits = |b: u8| b.is_ascii_alphanumeric() || $extra.contains(&b);
                let valid = (1..=$max).contains(&text.len()) && text.bytes().all(fits);
                valid.then(|| Self(text.to_owned()))
            }

            /// As the service wrote it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name!(
    /// A channel of the Bot Framework, such as `msteams`.
    ChannelName, 32, b"-_"
);
name!(
    /// The name of an invoke, such as `composeExtension/query`.
    InvokeName, 64, b"/._-"
);
name!(
    /// What happened to a team or channel, such as `channelrenamed`.
    EventName, 64, b""
);

/// Reads an activity. Not to be acted on before [`bot_token::verify`].
pub fn parse(body: &[u8]) -> Result<Activity, ActivityError> {
    let wire: wire::WireActivity =
        serde_json::from_slice(body).map_err(|_| ActivityError::Malformed)?;
    wire.into_activity()
}

fn kind(
    kind: Option<&str>,
    name: Option<&str>,
    action: Option<&str>,
) -> Result<ActivityKind, ActivityError> {
    Ok(match kind.ok_or(ActivityError::Field("type"))? {
        "message" => ActivityKind::Message,
        "messageUpdate" => ActivityKind::MessageUpdate,
        "messageDelete" => ActivityKind::MessageDelete,
        "messageReaction" => ActivityKind::MessageReaction,
        "conversationUpdate" => ActivityKind::ConversationUpdate,
        "installationUpdate" => ActivityKind::InstallationUpdate(match action {
            Some("add" | "add-upgrade") => InstallationAction::Added,
            Some("remove") => InstallationAction::Removed,
            Some("remove-upgrade") => InstallationAction::RemovedToUpgrade,
            _ => InstallationAction::Other,
        }),
        "invoke" => {
            let name = name.and_then(InvokeName::parse).ok_or(ActivityError::Field("name"))?;
            ActivityKind::Invoke(name)
        }
        _ => ActivityKind::Other,
    })
}
