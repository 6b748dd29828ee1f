//! Settings of the instance, of a project and of a person; the values that hold; the catalogue.

mod access;
mod precondition;
mod scope;
mod shown;
mod values;

use std::sync::Arc;

use lambda_http::Request;
use tandem_domain::settings::Scope;
use tandem_runtime::{
    ApiError, App,
    http::{Answer, route_of},
};

/// The function's name, in logs and metrics.
pub const NAME: &str = "settings";

/// Every route this function serves.
pub const ROUTES: &[&str] = &[
    "GET /settings/instance",
    "PUT /settings/instance",
    "DELETE /settings/instance",
    "GET /settings/projects/{projectId}",
    "PUT /settings/projects/{projectId}",
    "DELETE /settings/projects/{projectId}",
    "GET /settings/users/me",
    "PUT /settings/users/me",
    "DELETE /settings/users/me",
    "GET /settings/effective",
    "GET /settings/catalogue",
];

/// Serves one request. Everything is about the Jira site of the session.
pub async fn handle(app: Arc<App>, request: Request) -> Answer {
    let app = &*app;
    let route = route_of(&request);
    let (method, path) = route.split_once(' ').unwrap_or_default();
    let scope = match (method, path) {
        ("GET", "/settings/effective") => return shown::effective(app, &request).await,
        ("GET", "/settings/catalogue") => return shown::catalogue(app, &request).await,
        (_, "/settings/instance") => Scope::Instance,
        (_, "/settings/projects/{projectId}") => Scope::Project,
        (_, "/settings/users/me") => Scope::User,
        _ => return Err(no_route()),
    };
    match method {
        "GET" => scope::show(app, &request, scope).await,
        "PUT" => scope::replace(app, &request, scope).await,
        "DELETE" => scope::unset(app, &request, scope).await,
        _ => Err(no_route()),
    }
}

fn no_route() -> ApiError {
    ApiError::not_found("there is no such route")
}
