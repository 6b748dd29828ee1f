//! What people do in Teams itself, for the page of the local stack and for tests. It asks for no
//! token: it stands for hands on a keyboard.

use axum::{
    Json, Router,
    extract::State as Sandbox,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    MicrosoftSandbox, connector,
    conversations::{Actor, Refusal},
    graph::{Draft, GraphError, wire},
    model::{ChatType, Content, Member},
    state::State,
};

pub(super) fn router() -> Router<MicrosoftSandbox> {
    Router::new()
        .route("/state", get(everything))
        .route("/act", post(act))
        .nest("/bot", connector::people_router())
}

/// `GET /state`: tenants, users, and chats with their members and messages, oldest first, as
/// Graph writes them.
async fn everything(Sandbox(sandbox): Sandbox<MicrosoftSandbox>) -> Json<Value> {
    let chats = sandbox.chats();
    Json(sandbox.read(|state| {
        let chats: Vec<Value> = chats
            .iter()
            .map(|chat| {
                let mut value = wire::chat(chat);
                let members = chat.members.iter().map(|member| wire::member(state, chat, member));
                value["members"] = members.collect();
                let messages = state.messages.get(&chat.id).into_iter().flatten();
                value["messages"] = messages.map(|it| wire::message(it, true)).collect();
                value
            })
            .collect();
        let users: Vec<Value> = state
            .users
            .iter()
            .map(|user| {
                json!({
                    "id": user.object_id,
                    "tenantId": user.tenant_id,
                    "displayName": user.display_name,
                    "userPrincipalName": user.user_principal_name,
                    "block": user.block,
                })
            })
            .collect();
        json!({ "tenants": state.tenants, "users": users, "chats": chats })
    }))
}

/// Something a person does.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Act {
    /// Who does it: an object id.
    r#as: String,
    tenant_id: String,
    action: Action,
    chat_id: Option<String>,
    message_id: Option<String>,
    /// What is said, as HTML or as plain text.
    html: Option<String>,
    text: Option<String>,
    /// The others of a new chat: object ids.
    #[serde(default)]
    members: Vec<String>,
    /// The title of a new chat.
    topic: Option<String>,
    /// Of a new chat; `oneOnOne` for two without a topic where absent.
    chat_type: Option<ChatType>,
    /// Who is added or removed: an object id.
    user_id: Option<String>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Action {
    Send,
    Edit,
    Delete,
    CreateChat,
    AddMember,
    RemoveMember,
}

/// Why something cannot be done: a status and a sentence.
struct Objection(StatusCode, String);

impl Objection {
    fn missing(field: &str) -> Self {
        Self(StatusCode::BAD_REQUEST, format!("'{field}' is needed."))
    }
}

impl From<Refusal> for Objection {
    fn from(refusal: Refusal) -> Self {
        GraphError::from(refusal).into()
    }
}

impl From<GraphError> for Objection {
    fn from(error: GraphError) -> Self {
        Self(error.status, error.message)
    }
}

impl IntoResponse for Objection {
    fn into_response(self) -> Response {
        (self.0, Json(json!({ "error": { "message": self.1 } }))).into_response()
    }
}

/// `POST /act`: does it and answers with the chat and, where there is one, the message.
async fn act(
    Sandbox(sandbox): Sandbox<MicrosoftSandbox>,
    Json(act): Json<Act>,
) -> Result<Json<Value>, Objection> {
    sandbox.change(|state, now| act.perform(state, now)).map(Json)
}

impl Act {
    fn perform(&self, state: &mut State, now: i64) -> Result<Value, Objection> {
        let actor = Actor { tenant_id: &self.tenant_id, object_id: &self.r#as };
        if state.user(actor.tenant_id, actor.object_id).is_none() {
            return Err(Refusal::NoSuchUser.into());
        }
        if matches!(self.action, Action::CreateChat) {
            return self.create_chat(state, now, actor);
        }
        let chat = self.chat_id.as_deref().ok_or_else(|| Objection::missing("chatId"))?;
        let message = || self.message_id.as_deref().ok_or_else(|| Objection::missing("messageId"));
        let user = || self.user_id.clone().ok_or_else(|| Objection::missing("userId"));
        let message_id = match self.action {
            Action::Send => Some(state.post_message(now, actor, chat, self.content()?)?.id),
            Action::Edit => {
                let content = self.content()?;
                state.edit_message(now, actor, chat, message()?, |old| {
                    old.content_type = content.content_type;
                    old.content = content.content;
                })?;
                self.message_id.clone()
            }
            Action::Delete => {
                state.set_deleted(now, actor, chat, message()?, true)?;
                self.message_id.clone()
            }
            Action::AddMember => {
                state.add_member(now, actor, chat, owner(user()?))?;
                None
            }
            Action::RemoveMember => {
                state.remove_member(now, actor, chat, &user()?)?;
                None
            }
            Action::CreateChat => None,
        };
        Ok(json!({ "chatId": chat, "messageId": message_id }))
    }

    fn create_chat(
        &self,
        state: &mut State,
        now: i64,
        actor: Actor<'_>,
    ) -> Result<Value, Objection> {
        let mut members: Vec<Member> = vec![owner(actor.object_id.to_owned())];
        for id in &self.members {
            let user = state.user(actor.tenant_id, id).ok_or(Refusal::NoSuchUser)?;
            if !members.iter().any(|member| member.object_id == user.object_id) {
                members.push(owner(user.object_id.clone()));
            }
        }
        let pair = members.len() == 2 && self.topic.is_none();
        let usual = if pair { ChatType::OneOnOne } else { ChatType::Group };
        let chat_type = self.chat_type.unwrap_or(usual);
        if chat_type == ChatType::OneOnOne && !pair {
            let text = "A one-on-one chat has two members and no topic.";
            return Err(Objection(StatusCode::BAD_REQUEST, text.to_owned()));
        }
        let topic = self.topic.clone();
        let chat = state.create_chat(now, actor.tenant_id, chat_type, topic, members);
        Ok(json!({ "chatId": chat.id, "messageId": null }))
    }

    fn content(&self) -> Result<Content, Objection> {
        let draft = match (&self.html, &self.text) {
            (Some(html), _) => Draft::written("html", html),
            (None, Some(text)) => Draft::written("text", text),
            (None, None) => return Err(Objection::missing("html")),
        };
        Ok(draft.into_content()?)
    }
}

fn owner(object_id: String) -> Member {
    Member { object_id, roles: vec!["owner".to_owned()], history_from: None }
}
