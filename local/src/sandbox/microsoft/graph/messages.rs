//! `/chats/{id}/messages`: post, list, read, edit, delete.
//! <https://learn.microsoft.com/graph/api/chat-list-messages>

use axum::{
    Json,
    body::Bytes,
    extract::{RawQuery, State as Sandbox},
    http::{HeaderMap, StatusCode, Uri},
};
use serde_json::{Value, json};

use super::{ChatCall, Draft, GraphError, query, query::Options, wire};
use crate::sandbox::microsoft::{
    MicrosoftSandbox, conversations::Refusal, datetime, model::Message,
};

const SEND: [&str; 2] = ["ChatMessage.Send", "Chat.ReadWrite"];
const READ: [&str; 2] = ["Chat.Read", "Chat.ReadWrite"];
const WRITE: [&str; 1] = ["Chat.ReadWrite"];

/// `POST /chats/{id}/messages`.
pub(super) async fn create(
    Sandbox(sandbox): Sandbox<MicrosoftSandbox>,
    call: ChatCall,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), GraphError> {
    let actor = call.caller.delegated(&SEND)?;
    sandbox.read(|state| state.chat_of(actor, &call.chat).map(|_| ()))?;
    let content = Draft::parse(&query::object(&headers, &body)?)?.into_content()?;
    let message =
        sandbox.change(|state, now| state.post_message(now, actor, &call.chat, content))?;
    Ok((StatusCode::CREATED, Json(entity(&sandbox, &call, &message))))
}

/// `GET /chats/{id}/messages/{id}`; a deleted message is still there, without what it said.
pub(super) async fn read(
    Sandbox(sandbox): Sandbox<MicrosoftSandbox>,
    call: ChatCall,
) -> Result<Json<Value>, GraphError> {
    let actor = call.caller.delegated(&READ)?;
    let message = sandbox.read(|state| {
        let messages = state.messages_of(actor, &call.chat)?;
        let found = messages.into_iter().find(|message| message.id == call.message).cloned();
        found.ok_or(Refusal::NoSuchMessage)
    })?;
    Ok(Json(entity(&sandbox, &call, &message)))
}

fn entity(sandbox: &MicrosoftSandbox, call: &ChatCall, message: &Message) -> Value {
    let context = wire::chat_context(&message.chat_id, "messages");
    wire::entity(sandbox, &context, wire::message(message, call.evolved))
}

/// `PATCH /chats/{id}/messages/{id}`: by its author.
pub(super) async fn update(
    Sandbox(sandbox): Sandbox<MicrosoftSandbox>,
    call: ChatCall,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, GraphError> {
    let actor = call.caller.delegated(&WRITE)?;
    let draft = Draft::parse(&query::object(&headers, &body)?)?;
    sandbox.change(|state, now| {
        let messages = state.messages_of(actor, &call.chat)?;
        let message = messages.into_iter().find(|message| message.id == call.message);
        let content = draft.applied_to(&message.ok_or(Refusal::NoSuchMessage)?.content)?;
        let edited =
            state.edit_message(now, actor, &call.chat, &call.message, |old| *old = content);
        edited.map_err(GraphError::from)
    })?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /users/{id}/chats/{id}/messages/{id}/softDelete`: by its author.
pub(super) async fn soft_delete(
    Sandbox(sandbox): Sandbox<MicrosoftSandbox>,
    call: ChatCall,
) -> Result<StatusCode, GraphError> {
    set_deleted(&sandbox, &call, true)
}

/// `POST /users/{id}/chats/{id}/messages/{id}/undoSoftDelete`: by its author.
pub(super) async fn undo_soft_delete(
    Sandbox(sandbox): Sandbox<MicrosoftSandbox>,
    call: ChatCall,
) -> Result<StatusCode, GraphError> {
    set_deleted(&sandbox, &call, false)
}

fn set_deleted(
    sandbox: &MicrosoftSandbox,
    call: &ChatCall,
    deleted: bool,
) -> Result<StatusCode, GraphError> {
    let actor = call.caller.delegated(&WRITE)?;
    sandbox
        .change(|state, now| state.set_deleted(now, actor, &call.chat, &call.message, deleted))?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /chats/{id}/messages`: the newest first, by the last change unless asked otherwise.
pub(super) async fn list(
    Sandbox(sandbox): Sandbox<MicrosoftSandbox>,
    call: ChatCall,
    uri: Uri,
    RawQuery(raw): RawQuery,
) -> Result<Json<Value>, GraphError> {
    let actor = call.caller.delegated(&READ)?;
    let allowed = ["$top", "$skiptoken", "$orderby", "$filter"];
    let options = Options::parse(raw.as_deref(), &allowed)?;
    let (top, order) = (options.top()?, Order::parse(&options)?);
    let before = match options.get("$skiptoken") {
        None => i64::MAX,
        Some(token) => token.parse().map_err(|_| GraphError::bad_request("Invalid $skiptoken."))?,
    };
    let (page, more) = sandbox.read(|state| {
        let mut messages = state.messages_of(actor, &call.chat)?;
        messages.retain(|message| order.key(message) < before && order.keeps(message));
        messages.sort_by_key(|message| std::cmp::Reverse(order.key(message)));
        let page: Vec<Message> = messages.iter().take(top).map(|it| (*it).clone()).collect();
        Ok::<_, GraphError>((page, messages.len() > top))
    })?;
    let context = wire::chat_context(&call.chat, "messages");
    let items: Vec<Value> = page.iter().map(|it| wire::message(it, call.evolved)).collect();
    let mut body = wire::collection(&sandbox, &context, &items);
    if let Some(last) = page.last().filter(|_| more) {
        let address = format!("{}{}", sandbox.0.options.graph_base, uri.path());
        body["@odata.nextLink"] = json!(options.next_link(&address, &order.key(last).to_string()));
    }
    Ok(Json(body))
}

/// The order of a list and the range of its dates.
struct Order {
    by_creation: bool,
    after: i64,
    until: i64,
}

impl Order {
    /// Reads `$orderby` (descending only) and `$filter` (on the ordered property only; a filter
    /// on another one is ignored, as documented).
    fn parse(options: &Options) -> Result<Self, GraphError> {
        let by_creation = match options.get("$orderby").map(str::trim) {
            None | Some("lastModifiedDateTime desc") => false,
            Some("createdDateTime desc") => true,
            Some(other) => {
                let text = format!("The $orderby '{other}' is not supported.");
                return Err(GraphError::bad_request(text));
            }
        };
        let mut order = Self { by_creation, after: i64::MIN, until: i64::MAX };
        let property = if by_creation { "createdDateTime" } else { "lastModifiedDateTime" };
        let ordered = options.get("$orderby").is_some();
        for condition in options.get("$filter").into_iter().flat_map(|it| it.split(" and ")) {
            let words: Vec<&str> = condition.split_ascii_whitespace().collect();
            let parsed = match words.as_slice() {
                [name, operator, at] => datetime::parse(at).map(|at| (*name, *operator, at)),
                _ => None,
            };
            match parsed {
                Some((name, "gt", at)) if name == "lastModifiedDateTime" => {
                    if ordered && name == property {
                        order.after = at;
                    }
                }
                Some((name, "lt", at)) => {
                    if ordered && name == property {
                        order.until = at;
                    }
                }
                _ => {
                    let text = format!("The $filter '{condition}' is not supported.");
                    return Err(GraphError::bad_request(text));
                }
            }
        }
        Ok(order)
    }

    /// What messages are ordered by; no two have the same.
    fn key(&self, message: &Message) -> i64 {
        if self.by_creation { message.created_at } else { message.modified_at }
    }

    fn keeps(&self, message: &Message) -> bool {
        (self.after.saturating_add(1)..self.until).contains(&self.key(message))
    }
}
