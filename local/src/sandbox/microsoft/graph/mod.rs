//! Microsoft Graph v1.0: users, chats, members, messages, subscriptions.

mod auth;
mod chats;
mod draft;
mod error;
mod members;
mod messages;
mod query;
mod subscription_request;
mod subscriptions;
mod users;
pub(super) mod wire;

use axum::{
    Router,
    http::Uri,
    middleware,
    routing::{MethodRouter, any, delete, get, post},
};

use self::auth::ChatCall;
pub(super) use self::{auth::Caller, draft::Draft, error::GraphError};
use super::MicrosoftSandbox;

pub(super) fn router(sandbox: &MicrosoftSandbox) -> Router<MicrosoftSandbox> {
    let mut router = Router::new()
        .route("/me", get(users::me))
        .route("/users/{user}", get(users::user))
        .route("/subscriptions", get(subscriptions::list).post(subscriptions::create))
        .route(
            "/subscriptions/{subscription}",
            get(subscriptions::read).patch(subscriptions::renew).delete(subscriptions::remove),
        );
    for action in ["reauthorize", "microsoft.graph.reauthorize"] {
        let path = format!("/subscriptions/{{subscription}}/{action}");
        router = router.route(&path, post(subscriptions::reauthorize));
    }
    for prefix in ["", "/me", "/users/{user}"] {
        for (path, methods) in chat_routes() {
            router = router.route(&format!("{prefix}{path}"), methods);
        }
    }
    router
        .route("/{*rest}", any(unknown_segment))
        .method_not_allowed_fallback(async || GraphError::method_not_allowed())
        .layer(middleware::from_fn_with_state(sandbox.clone(), error::render))
}

/// The routes of chats. The contract writes actions with their namespace, clients mostly without.
fn chat_routes() -> Vec<(&'static str, MethodRouter<MicrosoftSandbox>)> {
    vec![
        ("/chats", get(chats::list).post(chats::create)),
        ("/chats/{chat}", get(chats::read)),
        ("/chats/{chat}/members", get(members::list).post(members::add)),
        ("/chats/{chat}/members/{membership}", delete(members::remove)),
        ("/chats/{chat}/messages", get(messages::list).post(messages::create)),
        ("/chats/{chat}/messages/{message}", get(messages::read).patch(messages::update)),
        ("/chats/{chat}/messages/{message}/softDelete", post(messages::soft_delete)),
        (
            "/chats/{chat}/messages/{message}/microsoft.graph.softDelete",
            post(messages::soft_delete),
        ),
        ("/chats/{chat}/messages/{message}/undoSoftDelete", post(messages::undo_soft_delete)),
        (
            "/chats/{chat}/messages/{message}/microsoft.graph.undoSoftDelete",
            post(messages::undo_soft_delete),
        ),
    ]
}

async fn unknown_segment(uri: Uri) -> GraphError {
    let segment = uri.path().rsplit('/').next().unwrap_or_default();
    GraphError::bad_request(format!("Resource not found for the segment '{segment}'."))
}
