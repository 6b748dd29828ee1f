//! An activity as it is sent. Whatever stands where a text should counts as absent.

use serde::Deserialize;
use serde_json::Value;
use tandem_domain::{
    ActivityId, BotUserId, ConversationId, ConversationKind, InvalidId, ObjectId, ServiceUrl,
    TeamId, TenantId, document::Prose,
};

use super::{
    Activity, ActivityError, ChannelName, Conversation, EventName, Payload, kind as kind_of,
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireActivity {
    #[serde(default, rename = "type")]
    kind: Text,
    #[serde(default)]
    id: Text,
    #[serde(default)]
    reply_to_id: Text,
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
    from: Option<WireUser>,
    #[serde(default)]
    recipient: Option<WireUser>,
    #[serde(default)]
    channel_data: Option<WireChannelData>,
    #[serde(default)]
    text: Text,
    #[serde(default)]
    value: Value,
    #[serde(default)]
    entities: Value,
    #[serde(default)]
    members_added: Option<Vec<WireUser>>,
    #[serde(default)]
    members_removed: Option<Vec<WireUser>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WireConversation {
    id: Text,
    is_group: Option<Value>,
    conversation_type: Text,
    tenant_id: Text,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WireUser {
    id: Text,
    aad_object_id: Text,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WireChannelData {
    tenant: Option<WireId>,
    team: Option<WireId>,
    channel: Option<WireId>,
    event_type: Text,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireId {
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

impl Text {
    fn as_deref(&self) -> Option<&str> {
        self.0.as_deref()
    }

    /// The identifier, where it is one.
    fn id<T>(&self, parse: fn(&str) -> Result<T, InvalidId>) -> Option<T> {
        self.as_deref().and_then(|text| parse(text).ok())
    }

    /// A GUID, which Microsoft writes in either case.
    fn guid<T>(&self, parse: fn(&str) -> Result<T, InvalidId>) -> Option<T> {
        self.as_deref().and_then(|text| parse(&text.to_ascii_lowercase()).ok())
    }
}

impl WireActivity {
    pub(super) fn into_activity(self) -> Result<Activity, ActivityError> {
        use ActivityError::Field;
        let data = self.channel_data.unwrap_or_default();
        let conversation = self.conversation.unwrap_or_default();
        let from = self.from.unwrap_or_default();
        let recipient = self.recipient.unwrap_or_default().id.id(BotUserId::parse);
        let text = self.text.0.unwrap_or_default();
        let users = |users: Option<Vec<WireUser>>| -> Vec<BotUserId> {
            users.into_iter().flatten().filter_map(|user| user.id.id(BotUserId::parse)).collect()
        };
        let id = conversation.id.id(ConversationId::parse).ok_or(Field("conversation.id"))?;
        Ok(Activity {
            kind: kind_of(self.kind.as_deref(), self.name.as_deref(), self.action.as_deref())?,
            id: self.id.id(ActivityId::parse),
            reply_to: self.reply_to_id.id(ActivityId::parse),
            channel: self
                .channel_id
                .as_deref()
                .and_then(ChannelName::parse)
                .ok_or(Field("channelId"))?,
            service_url: self.service_url.id(ServiceUrl::parse).ok_or(Field("serviceUrl"))?,
            tenant_id: conversation.tenant_id.guid(TenantId::parse).or_else(|| {
                data.tenant.as_ref().and_then(|tenant| tenant.id.guid(TenantId::parse))
            }),
            conversation: Conversation {
                kind: conversation_kind(&conversation, &id),
                team: data.team.and_then(|team| team.id.id(TeamId::parse)),
                named_channel: data.channel.and_then(|it| it.id.id(ConversationId::parse)),
                id,
            },
            from_id: from.id.id(BotUserId::parse),
            from: from.aad_object_id.guid(ObjectId::parse),
            text: Prose::new(&without_mentions(text, &self.entities, recipient.as_ref())),
            recipient,
            value: Payload::from(self.value),
            members_added: users(self.members_added),
            members_removed: users(self.members_removed),
            event: data
                .event_type
                .as_deref()
                .and_then(|event| EventName::parse(&event.to_ascii_lowercase())),
        })
    }
}

/// What `conversationType` says; where it is missing, what the id and `isGroup` tell.
fn conversation_kind(wire: &WireConversation, id: &ConversationId) -> ConversationKind {
    match wire.conversation_type.as_deref() {
        Some("personal") => return ConversationKind::Personal,
        Some("groupChat") => return ConversationKind::GroupChat,
        Some("channel") => return ConversationKind::Channel,
        _ => {}
    }
    let text = id.as_str();
    if text.contains("@thread.tacv2") || text.contains("@thread.skype") {
        ConversationKind::Channel
    } else if wire.is_group.as_ref().and_then(boolean) == Some(true) || text.contains("@thread.v2")
    {
        ConversationKind::GroupChat
    } else {
        ConversationKind::Personal
    }
}

/// `true`, or `"True"`, which Teams sends as well.
fn boolean(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(value) => Some(*value),
        Value::String(text) => text.to_ascii_lowercase().parse().ok(),
        _ => None,
    }
}

/// The text without the mentions of the bot, which Teams writes as `<at>name</at>`; the mentions of
/// others keep their names.
fn without_mentions(mut text: String, entities: &Value, bot: Option<&BotUserId>) -> String {
    for entity in entities.as_array().into_iter().flatten() {
        let of_bot = entity["mentioned"]["id"].as_str() == bot.map(BotUserId::as_str);
        if entity["type"] == "mention"
            && of_bot
            && let Some(mention) = entity["text"].as_str().filter(|mention| !mention.is_empty())
        {
            text = text.replace(mention, " ");
        }
    }
    text.replace("&nbsp;", " ").replace('\u{a0}', " ").trim().to_owned()
}
