//! For who administers a Jira site, and for who operates Tandem: the state of the site, taking its
//! data away, erasing it, and the list of what is to be done first.

mod webhooks;

use std::sync::Arc;

use lambda_http::Request;
use tandem_pages::Problem;
use tandem_runtime::{
    ApiError, App,
    http::{Answer, route_of},
};

/// The function's name, in logs and metrics.
pub const NAME: &str = "admin";

/// Every route this function serves.
pub const ROUTES: &[&str] = &["GET /admin", "POST /instance/webhooks", "DELETE /instance/webhooks"];

/// Serves one request. Everything is about the Jira site of the session.
pub async fn handle(app: Arc<App>, request: Request) -> Answer {
    let app = &*app;
    match route_of(&request).as_str() {
        "GET /admin" => {
            let person = tandem_pages::person(app, &request, tandem_pages::Framing::Nowhere).await;
            person.map_or_else(Problem::into_answer, |_| Problem::fault("not_yet").into_answer())
        }
        "POST /instance/webhooks" => webhooks::register(app, &request).await,
        "DELETE /instance/webhooks" => webhooks::remove(app, &request).await,
        _ => Err(ApiError::not_found("there is no such route")),
    }
}
