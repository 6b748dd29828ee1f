//! Activities: what the Bot Framework sends to Tandem's bot. Identifiers only; what somebody
//! wrote is passed over.
//!
//! <https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference#activity-object>

pub mod bot_token;

use std::fmt;

use serde::Deserialize;
use serde_json::Value;
use tandem_domain::{ObjectId, TenantId};
use url::Url;

#[cfg(test)]
mod tests;

/// An activity, as far as Tandem reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Activity {
    /// What it is.
    pub kind: ActivityKind,
    /// Its own id; not every kind has one.
    pub id: Option<ActivityId>,
    /// The channel it comes through: `msteams`.
    pub channel: ChannelName,
    /// Where answers go.
    pub service_url: ServiceUrl,
    /// The conversation it happened in.
    pub conversation: ConversationId,
    /// Whether more than two are in the conversation, where the activity tells.
    pub is_group: Option<bool>,
    /// The tenant, where the activity tells.
    pub tenant_id: Option<TenantId>,
    /// Who caused it (`from.aadObjectId`), where it is a person of the tenant.
    pub from: Option<ObjectId>,
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
    /// Removed, for good or as part of an upgrade.
    Removed,
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
    /// An activity's id: `f:<guid>`, `1:...`, or a message's milliseconds.
    ActivityId, 128, b":-_."
);
name!(
    /// A channel of the Bot Framework, such as `msteams`.
    ChannelName, 32, b"-_"
);
name!(
    /// The name of an invoke, such as `composeExtension/query`.
    InvokeName, 64, b"/._-"
);
name!(
    /// A conversation: `a:...` (personal), `19:...@thread.v2` (group chat),
    /// `19:...@thread.tacv2;messageid=...` (channel thread).
    ConversationId, 512, b":;=@._-"
);

/// Where the answers to an activity go. HTTPS, or HTTP on the machine itself for development.
#[derive(Clone, PartialEq, Eq)]
pub struct ServiceUrl(Url);

impl ServiceUrl {
    fn parse(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok().filter(|url| url.as_str().len() <= 512)?;
        let plain = url.username().is_empty() && url.query().is_none() && url.fragment().is_none();
        let local = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
        let fits = url.scheme() == "https" || (url.scheme() == "http" && local);
        (plain && fits).then_some(Self(url))
    }

    /// The address.
    pub fn as_url(&self) -> &Url {
        &self.0
    }

    /// Whether `other` is the same address, a slash at the end aside.
    fn is(&self, other: &str) -> bool {
        let trimmed = |url: &Url| url.as_str().trim_end_matches('/').to_owned();
        Url::parse(other).is_ok_and(|other| trimmed(&other) == trimmed(&self.0))
    }
}

impl fmt::Debug for ServiceUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str())
    }
}

/// Reads an activity. Not to be acted on before [`bot_token::verify`].
pub fn parse(body: &[u8]) -> Result<Activity, ActivityError> {
    use ActivityError::Field;
    let wire: Wire = serde_json::from_slice(body).map_err(|_| ActivityError::Malformed)?;
    let conversation = wire.conversation.unwrap_or_default();
    let data_tenant = wire.channel_data.and_then(|data| data.tenant).and_then(|tenant| tenant.id.0);
    Ok(Activity {
        kind: kind(wire.kind.0.as_deref(), wire.name.0.as_deref(), wire.action.0.as_deref())?,
        id: wire.id.0.as_deref().and_then(ActivityId::parse),
        channel: parsed(&wire.channel_id, ChannelName::parse).ok_or(Field("channelId"))?,
        service_url: parsed(&wire.service_url, ServiceUrl::parse).ok_or(Field("serviceUrl"))?,
        conversation: parsed(&conversation.id, ConversationId::parse)
            .ok_or(Field("conversation.id"))?,
        is_group: conversation.is_group.as_ref().and_then(boolean),
        tenant_id: conversation
            .tenant_id
            .0
            .or(data_tenant)
            .and_then(|id| TenantId::parse(&id.to_ascii_lowercase()).ok()),
        from: wire
            .from
            .and_then(|from| from.aad_object_id.0)
            .and_then(|id| ObjectId::parse(&id.to_ascii_lowercase()).ok()),
    })
}

fn parsed<T>(text: &Text, parse: fn(&str) -> Option<T>) -> Option<T> {
    text.0.as_deref().and_then(parse)
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
            Some("remove" | "remove-upgrade") => InstallationAction::Removed,
            _ => InstallationAction::Other,
        }),
        "invoke" => {
            let name = name.and_then(InvokeName::parse).ok_or(ActivityError::Field("name"))?;
            ActivityKind::Invoke(name)
        }
        _ => ActivityKind::Other,
    })
}

/// `true`, or `"True"`, which Teams sends as well.
fn boolean(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(value) => Some(*value),
        Value::String(text) => text.to_ascii_lowercase().parse().ok(),
        _ => None,
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    #[serde(default, rename = "type")]
    kind: Text,
    #[serde(default)]
    id: Text,
    #[serde(default)]
    channel_id: Text,
    #[serde(default)]
    service_url: Text,
    #[serde(default)]
    name: Text,
    #[serde(default)]
    action: Text,
    #[serde(default)]
    conversation: Option<WireConversation>,
    #[serde(default)]
    from: Option<WireFrom>,
    #[serde(default)]
    channel_data: Option<WireChannelData>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WireConversation {
    id: Text,
    is_group: Option<Value>,
    tenant_id: Text,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WireFrom {
    aad_object_id: Text,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireChannelData {
    tenant: Option<WireTenant>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireTenant {
    id: Text,
}

/// A text; whatever else stands in its place counts as absent.
#[derive(Default)]
struct Text(Option<String>);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(match Value::deserialize(deserializer)? {
            Value::String(text) => Some(text),
            _ => None,
        }))
    }
}
