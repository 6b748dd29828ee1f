//! `/chats`: make, list, read.
//! <https://learn.microsoft.com/graph/api/chat-post>

use axum::{
    Json,
    body::Bytes,
    extract::{RawQuery, State as Sandbox},
    http::{HeaderMap, StatusCode, Uri},
};
use serde_json::{Map, Value, json};

use super::{ChatCall, GraphError, members, query, query::Options, wire};
use crate::sandbox::microsoft::{
    MicrosoftSandbox,
    conversations::Actor,
    model::{Chat, ChatType, Member},
    state::State,
};

const CREATE: [&str; 2] = ["Chat.Create", "Chat.ReadWrite"];
const READ: [&str; 3] = ["Chat.ReadBasic", "Chat.Read", "Chat.ReadWrite"];

/// The longest title of a chat, in characters.
const MAX_TOPIC: usize = 250;

/// `POST /chats`.
pub(super) async fn create(
    Sandbox(sandbox): Sandbox<MicrosoftSandbox>,
    call: ChatCall,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), GraphError> {
    let actor = call.caller.delegated(&CREATE)?;
    let body = query::object(&headers, &body)?;
    query::only_known(&body, &["chatType", "topic", "members"])?;
    let chat_type = chat_type(&body)?;
    let topic = topic(&body, chat_type)?;
    let members = query::list(&body, "members")?;
    let chat = sandbox.change(|state, now| {
        let members = roster(state, &sandbox, actor, chat_type, &members)?;
        Ok::<Chat, GraphError>(state.create_chat(now, actor.tenant_id, chat_type, topic, members))
    })?;
    Ok((StatusCode::CREATED, Json(wire::entity(&sandbox, "chats", wire::chat(&chat)))))
}

fn chat_type(body: &Map<String, Value>) -> Result<ChatType, GraphError> {
    match query::text(body, "chatType")? {
        Some("oneOnOne") => Ok(ChatType::OneOnOne),
        Some("group") => Ok(ChatType::Group),
        Some(other) => {
            Err(GraphError::bad_request(format!("A chat of the type '{other}' cannot be created.")))
        }
        None => Err(GraphError::bad_request("'chatType' is required.")),
    }
}

/// The title: of group chats only, at most 250 characters, without a colon
/// (<https://learn.microsoft.com/graph/api/chat-patch>).
fn topic(body: &Map<String, Value>, chat_type: ChatType) -> Result<Option<String>, GraphError> {
    let Some(topic) = query::text(body, "topic")? else { return Ok(None) };
    if chat_type != ChatType::Group {
        return Err(GraphError::bad_request("Only a group chat can have a topic."));
    }
    if topic.chars().count() > MAX_TOPIC {
        return Err(GraphError::bad_request("The topic is longer than 250 characters."));
    }
    if topic.contains(':') {
        return Err(GraphError::bad_request("The topic must not contain ':'."));
    }
    Ok(Some(topic.to_owned()))
}

/// The members: each named once, the caller among them, two in a one-on-one chat and at least
/// two in a group.
fn roster(
    state: &State,
    sandbox: &MicrosoftSandbox,
    actor: Actor<'_>,
    chat_type: ChatType,
    members: &[Value],
) -> Result<Vec<Member>, GraphError> {
    let mut roster: Vec<Member> = Vec::with_capacity(members.len());
    for member in members {
        let member = members::parse(state, sandbox, actor.tenant_id, member)?;
        if roster.iter().any(|known| known.object_id == member.object_id) {
            return Err(GraphError::bad_request("Duplicate chat members are specified."));
        }
        roster.push(member);
    }
    if !roster.iter().any(|member| member.object_id == actor.object_id) {
        return Err(GraphError::bad_request("The caller has to be one of the members."));
    }
    match (chat_type, roster.len()) {
        (ChatType::OneOnOne, 2) | (ChatType::Group, 2..) => Ok(roster),
        (ChatType::OneOnOne, _) => {
            Err(GraphError::bad_request("A one-on-one chat has exactly two members."))
        }
        (ChatType::Group, _) => Err(GraphError::bad_request("A group chat needs more members.")),
    }
}

/// `GET /chats`, `GET /me/chats`: the caller's, the one updated last first.
pub(super) async fn list(
    Sandbox(sandbox): Sandbox<MicrosoftSandbox>,
    call: ChatCall,
    uri: Uri,
    RawQuery(raw): RawQuery,
) -> Result<Json<Value>, GraphError> {
    let actor = call.caller.delegated(&READ)?;
    let options = Options::parse(raw.as_deref(), &["$top", "$skiptoken", "$expand"])?;
    let (top, expand) = (options.top()?, Expand::parse(&options)?);
    let skip: usize = match options.get("$skiptoken") {
        None => 0,
        Some(token) => token.parse().map_err(|_| GraphError::bad_request("Invalid $skiptoken."))?,
    };
    let (items, more) = sandbox.read(|state| {
        let mut chats: Vec<&Chat> = state
            .chats
            .values()
            .filter(|chat| chat.tenant_id == actor.tenant_id && chat.has(actor.object_id))
            .collect();
        chats.sort_by(|a, b| (b.updated_at, &b.id).cmp(&(a.updated_at, &a.id)));
        let page = chats.iter().skip(skip).take(top);
        let items: Vec<Value> = page.map(|chat| expand.apply(state, chat)).collect();
        (items, chats.len() > skip + top)
    });
    let mut body = wire::collection(&sandbox, "chats", &items);
    if more {
        let address = format!("{}{}", sandbox.0.options.graph_base, uri.path());
        body["@odata.nextLink"] = json!(options.next_link(&address, &(skip + top).to_string()));
    }
    Ok(Json(body))
}

/// `GET /chats/{id}`.
pub(super) async fn read(
    Sandbox(sandbox): Sandbox<MicrosoftSandbox>,
    call: ChatCall,
    RawQuery(raw): RawQuery,
) -> Result<Json<Value>, GraphError> {
    let actor = call.caller.delegated(&READ)?;
    let expand = Expand::parse(&Options::parse(raw.as_deref(), &["$expand"])?)?;
    let chat = sandbox.read(|state| {
        let chat = state.chat_of(actor, &call.chat)?;
        Ok::<Value, GraphError>(expand.apply(state, chat))
    })?;
    Ok(Json(wire::entity(&sandbox, "chats", chat)))
}

/// What `$expand` adds to a chat.
#[derive(Default)]
struct Expand {
    members: bool,
    last_message_preview: bool,
}

impl Expand {
    fn parse(options: &Options) -> Result<Self, GraphError> {
        let mut expand = Self::default();
        for name in options.get("$expand").into_iter().flat_map(|list| list.split(',')) {
            match name.trim() {
                "members" => expand.members = true,
                "lastMessagePreview" => expand.last_message_preview = true,
                other => {
                    let text = format!("Could not find a property named '{other}' to expand.");
                    return Err(GraphError::bad_request(text));
                }
            }
        }
        Ok(expand)
    }

    fn apply(&self, state: &State, chat: &Chat) -> Value {
        let mut value = wire::chat(chat);
        if self.members {
            let members = chat.members.iter().map(|member| wire::member(state, chat, member));
            value["members"] = members.collect();
        }
        if self.last_message_preview {
            let last = state.messages.get(&chat.id).and_then(|messages| messages.last());
            value["lastMessagePreview"] = last.map_or(Value::Null, preview);
        }
        value
    }
}

/// A `chatMessageInfo`: part of a message.
fn preview(message: &crate::sandbox::microsoft::model::Message) -> Value {
    let mut value = wire::message(message, false);
    value["isDeleted"] = json!(message.deleted_at.is_some());
    if let Value::Object(properties) = &mut value {
        let kept = ["id", "createdDateTime", "isDeleted", "messageType", "from", "body"];
        properties.retain(|name, _| kept.contains(&name.as_str()));
    }
    value
}
