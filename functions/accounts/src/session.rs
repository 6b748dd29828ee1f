//! Who is signed in: for programs, and as a page.

use http::StatusCode;
use lambda_http::{Body, Request, Response};
use serde::Serialize;
use tandem_pages::{Framing, Here, Layout, Problem, connect::Connected, person, show as show_page};
use tandem_runtime::{
    App,
    http::{Answer, json},
    session::signed_in,
};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SessionResponse<'a> {
    cloud_id: &'a str,
    /// Absent when the site is no longer served.
    site_host: Option<&'a str>,
    account_id: &'a str,
    tenant_id: &'a str,
    object_id: &'a str,
    csrf_token: &'a str,
    /// RFC 3339.
    expires_at: String,
}

/// `GET /session`: who is signed in, and the token that changes need in `X-CSRF-Token`.
pub(crate) async fn show(app: &App, request: &Request) -> Answer {
    let person = signed_in(app, request).await?;
    let session = &person.session;
    let installation = app.store.find_installation(&session.cloud_id).await?;
    json(
        StatusCode::OK,
        &SessionResponse {
            cloud_id: session.cloud_id.as_str(),
            site_host: installation.as_ref().map(|found| found.site_host.as_str()),
            account_id: session.account_id.as_str(),
            tenant_id: session.tenant_id.as_str(),
            object_id: session.object_id.as_str(),
            csrf_token: person.csrf.expose("shown to its own session"),
            expires_at: session.ends_at.to_rfc3339(),
        },
    )
}

/// `GET /connected`: the page after signing in, in the look the person chose.
pub(crate) async fn connected(app: &App, request: &Request) -> Result<Response<Body>, Problem> {
    let person = person(app, request, Framing::Nowhere).await?;
    let session = &person.session;
    let installation = app.store.find_installation(&session.cloud_id).await?;
    Ok(show_page(&Connected {
        layout: Layout::of(app, &person, Here::Accounts).await?,
        site_host: installation.as_ref().map(|found| found.site_host.as_str()),
        account_id: session.account_id.as_str(),
        tenant_id: session.tenant_id.as_str(),
        object_id: session.object_id.as_str(),
        csrf: person.csrf.expose("a hidden field of the session's own page"),
    })?)
}
