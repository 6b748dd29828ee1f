//! The bot's side of what people do in Teams, for the page of the local stack and for tests. It
//! asks for no token: it stands for hands on a keyboard.

use axum::{Json, extract::State as Sandbox};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    act::{BotAnswer, BotObjection},
    model::{Channel, Team},
};
use crate::sandbox::microsoft::MicrosoftSandbox;

/// `GET /`: teams, where the bot is installed, and what it posted, oldest first.
pub(super) async fn everything(Sandbox(sandbox): Sandbox<MicrosoftSandbox>) -> Json<Value> {
    Json(sandbox.read(|state| {
        json!({
            "teams": state.bot.teams,
            "installations": state.bot.installations,
            "posts": state.bot.posts,
        })
    }))
}

/// `POST /`: [`MicrosoftSandbox::act_on_bot`].
pub(super) async fn act(
    Sandbox(sandbox): Sandbox<MicrosoftSandbox>,
    Json(act): Json<Value>,
) -> Result<Json<BotAnswer>, BotObjection> {
    sandbox.act_on_bot(act).await.map(Json)
}

/// A team to make.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NewTeam {
    tenant_id: String,
    name: String,
}

/// `POST /teams`.
pub(super) async fn add_team(
    Sandbox(sandbox): Sandbox<MicrosoftSandbox>,
    Json(new): Json<NewTeam>,
) -> Json<Team> {
    Json(sandbox.add_team(&new.tenant_id, &new.name))
}

/// A channel to make.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NewChannel {
    team_id: String,
    name: String,
}

/// `POST /channels`.
pub(super) async fn add_channel(
    Sandbox(sandbox): Sandbox<MicrosoftSandbox>,
    Json(new): Json<NewChannel>,
) -> Result<Json<Channel>, BotObjection> {
    let made = sandbox.add_channel(&new.team_id, &new.name);
    made.map(Json).ok_or_else(|| BotObjection::not_found("There is no such team."))
}
