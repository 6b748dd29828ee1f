//! Picking the project whose settings are to be seen.

use lambda_http::{Body, Request, Response};
use tandem_domain::Purpose;
use tandem_pages::{
    Here, Layout, Page, Problem, person,
    settings::{ProjectView, ProjectsPage},
    show_as,
};
use tandem_runtime::{
    ApiError, App,
    http::{query_parameter, request_id},
    session::SignedIn,
};

use crate::page::FRAMING;

/// The most projects that are shown.
const MOST: u16 = 50;

/// The most characters that are searched for.
const LONGEST_QUERY: usize = 100;

/// `GET /site/projects?query=`: the projects that the person can see in Jira, searched there as
/// them. What they search for and what is found is shown and not kept.
pub(crate) async fn pick(app: &App, request: &Request) -> Result<Response<Body>, Problem> {
    let person = person(app, request, FRAMING).await?;
    let shown = show(app, request, &person).await;
    shown.map_err(|error| Problem::from(error).framed(FRAMING))
}

async fn show(app: &App, request: &Request, person: &SignedIn) -> Result<Response<Body>, ApiError> {
    let query = query_parameter(request, "query").unwrap_or_default();
    let query: String = query.trim().chars().take(LONGEST_QUERY).collect();
    let (subject, id) = (person.atlassian(), request_id(request)?);
    let token = app.vault.access_token(&subject, Purpose::CheckPermission, &id).await?;
    let site = app.jira.site(&person.session.cloud_id, &token);
    let found = site.list_visible_projects(&query, MOST).await?;
    let projects = found.iter().map(|project| ProjectView {
        id: project.id.as_str(),
        key: project.key.as_str(),
        name: project.name.as_str(),
    });
    let page = ProjectsPage {
        layout: Layout::of(app, person, Here::Projects).await?,
        query: &query,
        projects: projects.collect(),
        more: found.len() >= usize::from(MOST),
    };
    show_as(&page, &Page { framing: FRAMING, ..Page::default() })
}
