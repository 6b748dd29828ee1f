//! `/chats/{id}/members`.
//! <https://learn.microsoft.com/graph/api/chat-post-members>

use axum::{
    Json,
    body::Bytes,
    extract::State as Sandbox,
    http::{HeaderMap, StatusCode, header},
};
use serde_json::{Map, Value};

use super::{ChatCall, GraphError, query, wire};
use crate::sandbox::microsoft::{
    MicrosoftSandbox, conversations::Refusal, datetime, model::Member, state::State,
};

const READ: [&str; 5] =
    ["ChatMember.Read", "ChatMember.ReadWrite", "Chat.ReadBasic", "Chat.Read", "Chat.ReadWrite"];
const WRITE: [&str; 2] = ["ChatMember.ReadWrite", "Chat.ReadWrite"];
const MEMBER_TYPE: &str = "microsoft.graph.aadUserConversationMember";

/// `GET /chats/{id}/members`.
pub(super) async fn list(
    Sandbox(sandbox): Sandbox<MicrosoftSandbox>,
    call: ChatCall,
) -> Result<Json<Value>, GraphError> {
    let actor = call.caller.delegated(&READ)?;
    let members = sandbox.read(|state| {
        let chat = state.chat_of(actor, &call.chat)?;
        let members = chat.members.iter().map(|member| wire::member(state, chat, member));
        Ok::<Vec<Value>, GraphError>(members.collect())
    })?;
    let context = wire::chat_context(&call.chat, "members");
    Ok(Json(wire::collection(&sandbox, &context, &members)))
}

/// `POST /chats/{id}/members`: the answer is a `Location`, not a body.
pub(super) async fn add(
    Sandbox(sandbox): Sandbox<MicrosoftSandbox>,
    call: ChatCall,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(StatusCode, [(header::HeaderName, String); 1]), GraphError> {
    let actor = call.caller.delegated(&WRITE)?;
    let body = Value::Object(query::object(&headers, &body)?);
    let location = sandbox.change(|state, now| {
        let member = parse(state, &sandbox, actor.tenant_id, &body)?;
        let object_id = member.object_id.clone();
        state.add_member(now, actor, &call.chat, member)?;
        let membership = wire::membership_id(state.chat_of(actor, &call.chat)?, &object_id);
        Ok::<String, GraphError>(format!("/chats/{}/members/{membership}", call.chat))
    })?;
    Ok((StatusCode::CREATED, [(header::LOCATION, location)]))
}

/// `DELETE /chats/{id}/members/{membership}`.
pub(super) async fn remove(
    Sandbox(sandbox): Sandbox<MicrosoftSandbox>,
    call: ChatCall,
) -> Result<StatusCode, GraphError> {
    let actor = call.caller.delegated(&WRITE)?;
    sandbox.change(|state, now| {
        let chat = state.chat_of(actor, &call.chat)?;
        let object_id = chat
            .members
            .iter()
            .map(|member| member.object_id.clone())
            .find(|object_id| wire::membership_id(chat, object_id) == call.membership)
            .ok_or(Refusal::NoSuchUser)?;
        state.remove_member(now, actor, &call.chat, &object_id)
    })?;
    Ok(StatusCode::NO_CONTENT)
}

/// Reads an `aadUserConversationMember`: a user of the tenant with the role `owner` or `guest`.
pub(super) fn parse(
    state: &State,
    sandbox: &MicrosoftSandbox,
    tenant_id: &str,
    member: &Value,
) -> Result<Member, GraphError> {
    let Value::Object(member) = member else {
        return Err(GraphError::bad_request("A member has to be an object."));
    };
    query::only_known(member, &["roles", "visibleHistoryStartDateTime", "tenantId"])?;
    let kind = query::text(member, "@odata.type")?.unwrap_or_default();
    if kind.trim_start_matches('#') != MEMBER_TYPE {
        let text = format!("A member needs '@odata.type': '#{MEMBER_TYPE}'.");
        return Err(GraphError::bad_request(text));
    }
    let roles = roles(member)?;
    let history_from = match query::text(member, "visibleHistoryStartDateTime")? {
        None | Some("0001-01-01T00:00:00Z") => None,
        Some(text) => Some(datetime::parse(text).ok_or_else(|| {
            GraphError::bad_request("'visibleHistoryStartDateTime' is not a date and time.")
        })?),
    };
    let bind = query::text(member, "user@odata.bind")?
        .ok_or_else(|| GraphError::bad_request("A member needs 'user@odata.bind'."))?;
    let user = bound_user(&sandbox.0.options.graph_base, bind)
        .ok_or_else(|| GraphError::bad_request("'user@odata.bind' does not name a user."))?;
    let user = state.user(tenant_id, user).ok_or_else(|| {
        GraphError::bad_request("One or more members cannot be added to the thread roster.")
    })?;
    Ok(Member { object_id: user.object_id.clone(), roles, history_from })
}

fn roles(member: &Map<String, Value>) -> Result<Vec<String>, GraphError> {
    let roles: Option<Vec<String>> = query::list(member, "roles")?
        .iter()
        .map(|role| role.as_str().filter(|role| matches!(*role, "owner" | "guest")))
        .map(|role| role.map(str::to_owned))
        .collect();
    match roles {
        Some(roles) if roles.len() == 1 => Ok(roles),
        _ => Err(GraphError::bad_request("A member needs one role: 'owner' or 'guest'.")),
    }
}

/// The id in `https://graph.microsoft.com/v1.0/users('id')` or `.../users/id`, or the same under
/// the sandbox's own address.
fn bound_user<'a>(graph_base: &str, bind: &'a str) -> Option<&'a str> {
    let path = ["https://graph.microsoft.com/v1.0", "https://graph.microsoft.com/beta", graph_base]
        .iter()
        .find_map(|base| bind.strip_prefix(base))?;
    let user = path.strip_prefix("/users")?;
    user.strip_prefix("('")
        .and_then(|user| user.strip_suffix("')"))
        .or_else(|| user.strip_prefix('/'))
        .filter(|user| !user.is_empty() && !user.contains('/'))
}

#[cfg(test)]
mod tests {
    use super::bound_user;

    #[test]
    fn a_user_is_bound_in_either_notation() {
        for (bind, user) in [
            ("https://graph.microsoft.com/v1.0/users('u1')", Some("u1")),
            ("https://graph.microsoft.com/v1.0/users/u1", Some("u1")),
            ("http://here/graph/users('u1')", Some("u1")),
            ("https://elsewhere/users('u1')", None),
            ("https://graph.microsoft.com/v1.0/users/", None),
            ("https://graph.microsoft.com/v1.0/users('u1", None),
            ("u1", None),
        ] {
            assert_eq!(bound_user("http://here/graph", bind), user, "{bind}");
        }
    }
}
