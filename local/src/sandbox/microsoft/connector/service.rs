//! The Connector's conversations and activities.

use axum::{
    Json,
    body::Bytes,
    extract::{FromRequestParts, Path, State as Sandbox},
    http::{StatusCode, header, request::Parts},
};
use serde_json::{Value, json};

use super::{
    conversation::{Conversation, Kind},
    error::ConnectorError,
    identity,
};
use crate::sandbox::microsoft::{
    MicrosoftOptions, MicrosoftSandbox,
    state::{Audience, State},
};

/// The bot: whoever holds a valid token of it for the Connector.
pub(super) struct Bot;

impl FromRequestParts<MicrosoftSandbox> for Bot {
    type Rejection = ConnectorError;

    async fn from_request_parts(
        parts: &mut Parts,
        sandbox: &MicrosoftSandbox,
    ) -> Result<Self, ConnectorError> {
        let header = parts.headers.get(header::AUTHORIZATION);
        let token = header
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.strip_prefix("Bearer "))
            .ok_or_else(ConnectorError::unauthorized)?;
        let now = sandbox.now();
        let bot_id = &sandbox.0.options.bot_client_id;
        let valid = sandbox.read(|state| {
            state.access_tokens.get(token).is_some_and(|record| {
                record.audience == Audience::BotFramework
                    && record.app_id == *bot_id
                    && record.expires_at > now
            })
        });
        if valid { Ok(Self) } else { Err(ConnectorError::unauthorized()) }
    }
}

type Answer = Result<(StatusCode, Json<Value>), ConnectorError>;

fn parsed(body: &[u8]) -> Result<Value, ConnectorError> {
    serde_json::from_slice(body).map_err(|_| ConnectorError::bad_syntax("The body is not JSON."))
}

/// The conversation of a path.
pub(super) fn found(
    state: &State,
    options: &MicrosoftOptions,
    id: &str,
) -> Result<Conversation, ConnectorError> {
    state.conversation(&options.bot_client_id, id).ok_or_else(ConnectorError::no_conversation)
}

/// `POST /v3/conversations`: with one person, or a thread in a channel. Nothing else.
pub(super) async fn create(
    Sandbox(sandbox): Sandbox<MicrosoftSandbox>,
    _bot: Bot,
    body: Bytes,
) -> Answer {
    let parameters: Value = parsed(&body).map_err(|_| ConnectorError::creation())?;
    let options = &sandbox.0.options;
    let made = sandbox.change(|state, now| {
        if parameters["isGroup"].as_bool().unwrap_or(false) {
            create_thread(state, now, options, &parameters)
        } else {
            open_personal(state, now, options, &parameters)
        }
    })?;
    Ok((StatusCode::CREATED, Json(made)))
}

fn open_personal(
    state: &mut State,
    now: i64,
    options: &MicrosoftOptions,
    parameters: &Value,
) -> Result<Value, ConnectorError> {
    let tenant_id = parameters["tenantId"].as_str().ok_or_else(ConnectorError::creation)?;
    let members = parameters["members"].as_array().map_or(&[][..], Vec::as_slice);
    let [member] = members else { return Err(ConnectorError::creation()) };
    let user = state
        .users
        .iter()
        .filter(|user| user.tenant_id == tenant_id)
        .find(|user| member["id"] == identity::user_account(&options.bot_client_id, user))
        .ok_or_else(ConnectorError::creation)?;
    let id = identity::personal_conversation(&options.bot_client_id, user);
    if let activity @ Value::Object(_) = &parameters["activity"] {
        let conversation = found(state, options, &id)?;
        state.bot_post(now, options, &conversation, None, activity.clone())?;
    }
    Ok(json!({ "id": id }))
}

fn create_thread(
    state: &mut State,
    now: i64,
    options: &MicrosoftOptions,
    parameters: &Value,
) -> Result<Value, ConnectorError> {
    let channel = parameters["channelData"]["channel"]["id"].as_str();
    let channel = channel.ok_or_else(ConnectorError::creation)?;
    let activity @ Value::Object(_) = &parameters["activity"] else {
        return Err(ConnectorError::creation());
    };
    let conversation = found(state, options, channel)?;
    let in_tenant = parameters["tenantId"] == conversation.tenant_id.as_str();
    if !matches!(conversation.kind, Kind::Channel { .. }) || !in_tenant {
        return Err(ConnectorError::no_conversation());
    }
    let post = state.bot_post(now, options, &conversation, None, activity.clone())?;
    Ok(json!({ "id": post.conversation, "activityId": post.id }))
}

/// `POST /v3/conversations/{id}/activities`.
pub(super) async fn send(
    Sandbox(sandbox): Sandbox<MicrosoftSandbox>,
    _bot: Bot,
    Path(conversation): Path<String>,
    body: Bytes,
) -> Answer {
    post(&sandbox, &conversation, None, &body)
}

/// `POST /v3/conversations/{id}/activities/{activityId}`: an answer to that activity.
pub(super) async fn reply(
    Sandbox(sandbox): Sandbox<MicrosoftSandbox>,
    _bot: Bot,
    Path((conversation, activity)): Path<(String, String)>,
    body: Bytes,
) -> Answer {
    post(&sandbox, &conversation, Some(&activity), &body)
}

fn post(
    sandbox: &MicrosoftSandbox,
    conversation: &str,
    reply_to: Option<&str>,
    body: &[u8],
) -> Answer {
    let activity = parsed(body)?;
    let options = &sandbox.0.options;
    let post = sandbox.change(|state, now| {
        let conversation = found(state, options, conversation)?;
        state.bot_post(now, options, &conversation, reply_to, activity)
    })?;
    Ok((StatusCode::CREATED, Json(json!({ "id": post.id }))))
}

/// `PUT /v3/conversations/{id}/activities/{activityId}`.
pub(super) async fn update(
    Sandbox(sandbox): Sandbox<MicrosoftSandbox>,
    _bot: Bot,
    Path((conversation, activity_id)): Path<(String, String)>,
    body: Bytes,
) -> Answer {
    let activity = parsed(&body)?;
    sandbox.change(|state, now| {
        let conversation = found(state, &sandbox.0.options, &conversation)?;
        state.update_bot_post(now, &conversation, &activity_id, activity)
    })?;
    Ok((StatusCode::OK, Json(json!({ "id": activity_id }))))
}

/// `DELETE /v3/conversations/{id}/activities/{activityId}`.
pub(super) async fn delete(
    Sandbox(sandbox): Sandbox<MicrosoftSandbox>,
    _bot: Bot,
    Path((conversation, activity_id)): Path<(String, String)>,
) -> Result<StatusCode, ConnectorError> {
    sandbox.change(|state, now| {
        let conversation = found(state, &sandbox.0.options, &conversation)?;
        state.delete_bot_post(now, &conversation, &activity_id)
    })?;
    Ok(StatusCode::OK)
}

/// Everything else.
pub(super) async fn unknown(_bot: Bot) -> ConnectorError {
    ConnectorError::no_resource()
}
