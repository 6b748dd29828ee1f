//! For who administers a Jira site, and for who operates Tandem: the state of the site, taking its
//! data away, erasing it, and the list of what is to be done first.

mod erase;
mod export;
mod page;
mod setup;
mod state;
mod webhooks;

use std::sync::Arc;

use lambda_http::Request;
use tandem_pages::Problem;
use tandem_runtime::{
    ApiError, App,
    http::{Answer, route_of},
};

pub use export::MOST_ITEMS as MOST_EXPORTED_ITEMS;

/// The function's name, in logs and metrics.
pub const NAME: &str = "admin";

/// Every route this function serves.
pub const ROUTES: &[&str] = &[
    "GET /admin",
    "POST /admin/erasure",
    "GET /setup",
    "GET /instance",
    "GET /instance/data",
    "DELETE /instance",
    "POST /instance/webhooks",
    "DELETE /instance/webhooks",
];

/// Serves one request. Everything is about the Jira site of the session. What a person's browser
/// shows is answered with a page also when it fails; what a program asks for, with JSON.
pub async fn handle(app: Arc<App>, request: Request) -> Answer {
    let app = &*app;
    let page = match route_of(&request).as_str() {
        "GET /admin" => page::show(app, &request).await,
        "POST /admin/erasure" => erase::by_form(app, &request).await,
        "GET /setup" => setup::show(app, &request).await,
        "GET /instance" => return state::show(app, &request).await,
        "GET /instance/data" => return export::instance(app, &request).await,
        "DELETE /instance" => return erase::instance(app, &request).await,
        "POST /instance/webhooks" => return webhooks::register(app, &request).await,
        "DELETE /instance/webhooks" => return webhooks::remove(app, &request).await,
        _ => return Err(ApiError::not_found("there is no such route")),
    };
    page.or_else(Problem::into_answer)
}
