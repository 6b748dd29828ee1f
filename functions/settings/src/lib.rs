//! Settings of the instance, of a project and of a person; the values that hold; the catalogue; what
//! administrators changed. Each over HTTP for programs, and as a page.

mod access;
mod change;
mod changes;
mod page;
mod precondition;
mod projects;
mod scope;
mod shown;
mod values;

use std::sync::Arc;

use lambda_http::Request;
use tandem_domain::settings::Scope;
use tandem_pages::Problem;
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
    "GET /settings/instance/changes",
    "GET /settings/projects/{projectId}/changes",
    "GET /my/settings",
    "POST /my/settings",
    "GET /site/settings",
    "POST /site/settings",
    "GET /site/projects",
    "GET /site/projects/{projectId}/settings",
    "POST /site/projects/{projectId}/settings",
];

/// Serves one request. Everything is about the Jira site of the session.
pub async fn handle(app: Arc<App>, request: Request) -> Answer {
    let app = &*app;
    let route = route_of(&request);
    let (method, path) = route.split_once(' ').unwrap_or_default();
    let page = match (method, path, page_of(path)) {
        ("GET", "/site/projects", _) => projects::pick(app, &request).await,
        ("GET", _, Some(scope)) => page::show(app, &request, scope).await,
        ("POST", _, Some(scope)) => page::save(app, &request, scope).await,
        _ => return for_program(app, &request, method, path).await,
    };
    page.or_else(Problem::into_answer)
}

/// Whose settings a page is about.
fn page_of(path: &str) -> Option<Scope> {
    match path {
        "/my/settings" => Some(Scope::User),
        "/site/settings" => Some(Scope::Instance),
        "/site/projects/{projectId}/settings" => Some(Scope::Project),
        _ => None,
    }
}

async fn for_program(app: &App, request: &Request, method: &str, path: &str) -> Answer {
    let scope = match (method, path) {
        ("GET", "/settings/effective") => return shown::effective(app, request).await,
        ("GET", "/settings/catalogue") => return shown::catalogue(app, request).await,
        ("GET", "/settings/instance/changes") => {
            return changes::list(app, request, Scope::Instance).await;
        }
        ("GET", "/settings/projects/{projectId}/changes") => {
            return changes::list(app, request, Scope::Project).await;
        }
        (_, "/settings/instance") => Scope::Instance,
        (_, "/settings/projects/{projectId}") => Scope::Project,
        (_, "/settings/users/me") => Scope::User,
        _ => return Err(no_route()),
    };
    match method {
        "GET" => scope::show(app, request, scope).await,
        "PUT" => scope::replace(app, request, scope).await,
        "DELETE" => scope::unset(app, request, scope).await,
        _ => Err(no_route()),
    }
}

fn no_route() -> ApiError {
    ApiError::not_found("there is no such route")
}
