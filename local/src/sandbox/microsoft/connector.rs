//! The Bot Framework as Teams runs it: the Bot Connector a bot posts to, the keys its callers
//! sign with, and Teams itself, where people talk to the bot.
//! <https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference>
//!
//! Left out on purpose: attachments sent as files, proactive installation, and the limits of a
//! whole tenant.

mod act;
mod activity;
mod card;
mod conversation;
mod deed;
mod error;
mod identity;
mod keys;
mod limits;
mod message_action;
mod model;
mod people;
mod plan;
mod post;
mod roster;
mod service;
mod teams;

pub(super) use self::model::BotState;
pub use self::{
    act::{BotAnswer, BotObjection},
    model::{BotPost, Channel, Installation, Team},
};

use axum::{
    Router,
    routing::{any, get, post},
};

use super::{MicrosoftOptions, MicrosoftSandbox};

/// What the Connector serves, below `/connector`.
pub(super) fn router() -> Router<MicrosoftSandbox> {
    Router::new()
        .route("/v3/conversations", post(service::create))
        .route("/v3/conversations/{conversation}/activities", post(service::send))
        .route(
            "/v3/conversations/{conversation}/activities/{activity}",
            post(service::reply).put(service::update).delete(service::delete),
        )
        .route("/v3/conversations/{conversation}/members", get(roster::members))
        .route("/v3/conversations/{conversation}/pagedmembers", get(roster::paged_members))
        .route("/v3/conversations/{conversation}/members/{member}", get(roster::member))
        .route("/v3/teams/{team}", get(roster::team))
        .route("/v3/teams/{team}/conversations", get(roster::channels))
        .route("/{*rest}", any(service::unknown))
}

/// The keys of the Bot Framework, below `/botframework`.
pub(super) fn keys_router() -> Router<MicrosoftSandbox> {
    Router::new().route("/openidconfiguration", get(keys::metadata)).route("/keys", get(keys::keys))
}

/// What people do with the bot, below `/people/teams/bot`.
pub(super) fn people_router() -> Router<MicrosoftSandbox> {
    Router::new()
        .route("/", get(people::everything).post(people::act))
        .route("/teams", post(people::add_team))
        .route("/channels", post(people::add_channel))
}

impl MicrosoftOptions {
    /// `serviceUrl` of every activity, with a slash at the end as Teams writes it.
    fn service_url(&self) -> String {
        format!("{}/", self.connector_base.trim_end_matches('/'))
    }
}

impl MicrosoftSandbox {
    /// What the bot posted to a conversation, oldest first, deleted posts included. A channel's
    /// id stands for all its threads.
    pub fn bot_posts(&self, conversation_id: &str) -> Vec<BotPost> {
        self.read(|state| {
            let posts = state.bot.posts.iter();
            posts.filter(|post| post.is_in(conversation_id)).cloned().collect()
        })
    }

    /// Lifts the limits of how fast the bot may post to a thread, or puts them back.
    pub fn set_bot_limits(&self, enforced: bool) {
        self.change(|state, _| state.bot.unlimited = !enforced);
    }
}
