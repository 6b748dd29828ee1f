//! Accounts: signing in with both sides, linking the two accounts, ending the link; and what a
//! person may ask of what is kept about them: the ledger, and its erasure.
//!
//! The way through a sign-in: `GET /connect` -> Atlassian -> `GET /connect/atlassian/callback` (and
//! `POST /connect/site` for somebody with several Jira sites) -> Microsoft ->
//! `GET /connect/microsoft/callback` -> `GET /connected`. Each arrow carries a one-time state that
//! only the browser which began can redeem.

mod connect;
mod disconnect;
mod erase;
mod ledger;
mod problem;
mod session;

use std::sync::Arc;

use lambda_http::Request;
use tandem_pages::Problem;
use tandem_runtime::{
    ApiError, App,
    http::{Answer, route_of},
};

/// The function's name, in logs and metrics.
pub const NAME: &str = "accounts";

/// Every route this function serves.
pub const ROUTES: &[&str] = &[
    "GET /connect",
    "GET /connect/atlassian/callback",
    "POST /connect/site",
    "GET /connect/microsoft/callback",
    "GET /connected",
    "GET /session",
    "POST /disconnect",
    "DELETE /me",
    "GET /me/ledger",
    "GET /receipts/{receiptId}",
];

/// Serves one request. What a person's browser shows is answered with a page also when it fails;
/// what a program asks for, with JSON.
pub async fn handle(app: Arc<App>, request: Request) -> Answer {
    let app = &*app;
    let page = match route_of(&request).as_str() {
        "GET /connect" => connect::begin(app, &request).await,
        "GET /connect/atlassian/callback" => connect::atlassian::callback(app, &request).await,
        "POST /connect/site" => connect::site::pick(app, &request).await,
        "GET /connect/microsoft/callback" => connect::microsoft::callback(app, &request).await,
        "GET /connected" => session::connected(app, &request).await,
        "GET /session" => return session::show(app, &request).await,
        "POST /disconnect" => return disconnect::disconnect(app, &request).await,
        "DELETE /me" => return erase::me(app, &request).await,
        "GET /me/ledger" => return ledger::show(app, &request).await,
        "GET /receipts/{receiptId}" => return erase::receipt(app, &request).await,
        _ => return Err(ApiError::not_found("there is no such route")),
    };
    page.or_else(Problem::into_answer)
}
