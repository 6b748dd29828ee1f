//! Carries out what a person does: Teams sends the activities to the bot, and takes its answer.

use std::time::Duration;

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::{Value, json};

use super::{
    deed::BotAct,
    message_action,
    model::BotPost,
    plan::{After, Plan, plan},
    post::ADAPTIVE_CARD,
};
use crate::sandbox::microsoft::{MicrosoftSandbox, notifications::ChangeType, state::State};

/// A bot has this long to answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(15);

/// What came of something a person did.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BotAnswer {
    /// The status of the bot's answer; 0 where the bot was told nothing.
    pub status: u16,
    /// The body of it; `null` where there is none.
    pub body: Value,
    /// Where it happened, with the thread.
    pub conversation_id: String,
    /// The last activity the bot was sent.
    pub activity: Value,
    /// What the bot posted there, or changed, before it answered.
    pub posts: Vec<BotPost>,
}

/// Why something cannot be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BotObjection {
    /// As an HTTP status.
    pub status: StatusCode,
    /// As a sentence.
    pub message: String,
}

impl BotObjection {
    fn new(status: StatusCode, message: &str) -> Self {
        Self { status, message: message.to_owned() }
    }

    /// It was not said clearly.
    pub(super) fn bad_request(message: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// What it is about does not exist.
    pub(super) fn not_found(message: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, message)
    }

    /// Things are not such that it could be done.
    pub(super) fn conflict(message: &str) -> Self {
        Self::new(StatusCode::CONFLICT, message)
    }
}

impl IntoResponse for BotObjection {
    fn into_response(self) -> Response {
        (self.status, Json(json!({ "error": { "message": self.message } }))).into_response()
    }
}

impl MicrosoftSandbox {
    /// A person turns to the bot: `{"as": <object id>, "tenantId", "where": {"kind": "personal" |
    /// "groupChat", "chatId" | "channel", "teamId", "channelId"?, "threadId"?}, "do": {...}}`.
    /// What can be done: `message`, `invoke`, `install`, `conversationUpdate`, `reaction`, `act`,
    /// `messageAction`, `submit`, and `raw` over any of them.
    pub async fn act_on_bot(&self, act: Value) -> Result<BotAnswer, BotObjection> {
        let act: BotAct = serde_json::from_value(act)
            .map_err(|error| BotObjection::bad_request(&error.to_string()))?;
        let options = &self.0.options;
        let plan = self.change(|state, now| plan(state, now, options, &act))?;
        let (mut status, mut body) = (0, Value::Null);
        for activity in &plan.activities {
            (status, body) = self.tell_bot(activity).await?;
        }
        Ok(self.change(|state, now| {
            settle(state, now, &plan, status, &body);
            BotAnswer {
                status,
                body,
                posts: posts_since(state, &plan),
                conversation_id: plan.conversation.full_id(),
                activity: plan.activities.into_iter().next_back().unwrap_or_default(),
            }
        }))
    }

    /// Sends an activity to the bot with a token as Teams signs them, and returns its answer.
    async fn tell_bot(&self, activity: &Value) -> Result<(u16, Value), BotObjection> {
        let token = self.sign_bot_token(&self.bot_claims());
        let request = self.0.courier.http.post(&self.0.options.bot_endpoint);
        let request = request.bearer_auth(token).timeout(ANSWER_TIMEOUT).json(activity);
        let silent = |error: reqwest::Error| {
            let late = error.is_timeout();
            let status = if late { StatusCode::GATEWAY_TIMEOUT } else { StatusCode::BAD_GATEWAY };
            BotObjection::new(status, "The bot did not answer.")
        };
        let answer = request.send().await.map_err(silent)?;
        let status = answer.status().as_u16();
        let text = answer.text().await.map_err(silent)?;
        let plain = || if text.is_empty() { Value::Null } else { Value::from(text.as_str()) };
        let body = serde_json::from_str(&text).unwrap_or_else(|_| plain());
        Ok((status, body))
    }
}

/// What the answer changes in Teams.
fn settle(state: &mut State, now: i64, plan: &Plan, status: u16, answer: &Value) {
    match &plan.after {
        After::Nothing => {}
        After::ReplaceCard { post_id } => {
            let card = answer["type"] == ADAPTIVE_CARD && answer["statusCode"] == 200;
            if status == 200 && card {
                replace_card(state, now, plan, post_id, &answer["value"]);
            }
        }
        After::Form { name } => match message_action::form_of(answer) {
            Some(form) if status == 200 => {
                if let Some(task) = state.bot.open_tasks.get_mut(name) {
                    task.card = Some(form.clone());
                }
            }
            _ if status == 200 => {
                state.bot.open_tasks.remove(name);
            }
            // The form stays open after an error, with what was typed.
            _ => {}
        },
    }
}

fn replace_card(state: &mut State, now: i64, plan: &Plan, post_id: &str, card: &Value) {
    let Ok(post) = state.own_post(&plan.conversation, post_id) else { return };
    let attachments = post.activity["attachments"].as_array_mut().into_iter().flatten();
    if let Some(shown) = attachments.into_iter().find(|it| it["contentType"] == ADAPTIVE_CARD) {
        shown["content"] = card.clone();
        post.updated = true;
    }
    state.change_in_chat(now, &plan.conversation, post_id, ChangeType::Updated);
}

fn posts_since(state: &State, plan: &Plan) -> Vec<BotPost> {
    let posts = state.bot.posts.iter();
    posts
        .filter(|post| post.change > plan.mark && post.is_in(&plan.conversation.id))
        .cloned()
        .collect()
}
