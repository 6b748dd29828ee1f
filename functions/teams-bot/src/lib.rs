//! Tandem in Teams: the bot and the message extension. Everything is answered in the same request,
//! as the person who asks.
//!
//! An activity is authenticated ([`authentic`]), becomes a turn ([`turn`]), and goes to where its
//! kind is answered: words to [`commands`], invokes to [`extension`], [`card_action`] and
//! [`sign_in`], comings and goings to [`lifecycle`].

mod authentic;
mod card_action;
mod commands;
mod extension;
mod invoke;
mod lifecycle;
mod shown;
mod sign_in;
mod stopped;
mod turn;

use std::sync::Arc;

use http::StatusCode;
use lambda_http::Request;
use tandem_microsoft::activity::ActivityKind;
use tandem_runtime::{
    App,
    http::{Answer, empty, request_id},
};

use crate::turn::Turn;

/// The function's name in logs and metrics.
pub const NAME: &str = "teams-bot";

/// The routes it serves.
pub const ROUTES: &[&str] = &["POST /teams/messages"];

/// Handles one activity. 200 means that it was handled; what an invoke asks for is in the body.
pub async fn handle(app: Arc<App>, request: Request) -> Answer {
    let activity = authentic::activity(&app, &request).await?;
    let kind = activity.kind.clone();
    let Some(turn) = Turn::of(&app, activity, request_id(&request)?) else {
        // Without a tenant nothing of ours can be concerned.
        return empty(StatusCode::OK);
    };
    match kind {
        ActivityKind::Message => {
            turn.remember().await?;
            commands::answer(&turn).await?;
            empty(StatusCode::OK)
        }
        ActivityKind::Invoke(name) => {
            // The message extension works also where the bot is not: nothing to be remembered.
            if name.as_str().starts_with("adaptiveCard/") || name.as_str().starts_with("signin/") {
                turn.remember().await?;
            }
            invoke::answer(&turn, name.as_str()).await
        }
        ActivityKind::InstallationUpdate(action) => {
            lifecycle::installation(&turn, action).await?;
            empty(StatusCode::OK)
        }
        ActivityKind::ConversationUpdate => {
            lifecycle::conversation(&turn).await?;
            empty(StatusCode::OK)
        }
        ActivityKind::MessageUpdate
        | ActivityKind::MessageDelete
        | ActivityKind::MessageReaction
        | ActivityKind::Other => empty(StatusCode::OK),
    }
}
