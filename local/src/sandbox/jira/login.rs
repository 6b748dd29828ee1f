//! `https://auth.atlassian.com`: the consent page, and the tokens that come of it.

mod authorize;
mod grants;
mod token;

use axum::{Router, routing};

pub(crate) use grants::{Login, Session};

use super::JiraSandbox;

/// The sign-in side.
pub(crate) fn router() -> Router<JiraSandbox> {
    Router::new()
        .route("/authorize", routing::get(authorize::authorize))
        .route("/oauth/token", routing::post(token::token))
}
