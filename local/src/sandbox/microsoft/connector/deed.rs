//! What a person can do with the bot, as the page and the tests write it.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::conversation::Place;

/// Who does what, where.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct BotAct {
    /// An object id.
    pub(super) r#as: String,
    pub(super) tenant_id: String,
    #[serde(rename = "where")]
    pub(super) place: Place,
    #[serde(rename = "do")]
    pub(super) deed: Deed,
}

/// What is done: one of these, and `raw` with it or alone.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct Deed {
    /// Says something, in a group with a mention of the bot.
    pub(super) message: Option<String>,
    /// Whether the bot is mentioned; in groups it is unless this says otherwise.
    pub(super) mention: Option<bool>,
    /// Sends an invoke as it is.
    pub(super) invoke: Option<Invoke>,
    /// Installs or removes the app here.
    pub(super) install: Option<Install>,
    /// Something happens to the conversation: `eventType`, `membersAdded` and `membersRemoved`
    /// (object ids, or `bot`), and anything an activity has.
    pub(super) conversation_update: Option<Map<String, Value>>,
    /// Reacts to a message of the bot.
    pub(super) reaction: Option<Reaction>,
    /// Presses a button of a card.
    pub(super) act: Option<Press>,
    /// Calls a message action, or another action command.
    pub(super) message_action: Option<MessageAction>,
    /// Submits the form that a command opened.
    pub(super) submit: Option<Submit>,
    /// Goes over the finished activity (RFC 7396): objects are merged, `null` removes.
    pub(super) raw: Option<Value>,
}

/// An invoke.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Invoke {
    pub(super) name: String,
    #[serde(default)]
    pub(super) value: Value,
}

/// `action` of an `installationUpdate`.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Install {
    Add,
    Remove,
    AddUpgrade,
    RemoveUpgrade,
}

impl Install {
    /// The word on the wire.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Remove => "remove",
            Self::AddUpgrade => "add-upgrade",
            Self::RemoveUpgrade => "remove-upgrade",
        }
    }
}

/// A reaction.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Reaction {
    pub(super) post_id: String,
    /// `like` where absent.
    pub(super) r#type: Option<String>,
    #[serde(default)]
    pub(super) removed: bool,
}

/// A press of an `Action.Execute`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Press {
    /// The message of the bot that shows the card.
    pub(super) post_id: Option<String>,
    /// The card itself, where it came in another way, such as a search result.
    pub(super) card: Option<Value>,
    pub(super) verb: String,
    /// Which one, where several have the verb.
    pub(super) title: Option<String>,
    /// What was typed and chosen.
    #[serde(default)]
    pub(super) data: Map<String, Value>,
}

/// A command with a form: `composeExtension/fetchTask`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct MessageAction {
    pub(super) command_id: String,
    /// `message` where absent; `compose` and `commandBox` go without a message.
    pub(super) command_context: Option<String>,
    /// What the message says.
    pub(super) message_text: Option<String>,
    pub(super) html: Option<String>,
    /// Who wrote it: an object id; the person who acts where absent.
    pub(super) from_object_id: Option<String>,
    /// Its id. Of a message of the chat that exists, the rest is taken from it.
    pub(super) message_id: Option<String>,
    /// The first message of its thread in a channel.
    pub(super) reply_to_id: Option<String>,
    /// Parameters of the command.
    pub(super) data: Option<Value>,
}

/// A form sent off: `composeExtension/submitAction`. What is absent comes from the form that is
/// open.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct Submit {
    pub(super) command_id: Option<String>,
    pub(super) command_context: Option<String>,
    pub(super) message_payload: Option<Value>,
    /// All of the data.
    pub(super) data: Option<Value>,
    /// What was typed and chosen; the data of the form's `Action.Submit` goes with it.
    pub(super) inputs: Map<String, Value>,
    /// Which `Action.Submit`; the first where absent.
    pub(super) title: Option<String>,
}
