//! Who is signed in: for programs, and as a page.

use http::StatusCode;
use lambda_http::{Body, Request, Response};
use serde::Serialize;
use tandem_jira::oauth::DEFAULT_SCOPES;
use tandem_pages::{
    Here, Layout, Problem,
    connect::{Connected, Permission, Standing, Start},
    show as show_page,
};
use tandem_runtime::{
    App, MICROSOFT_SCOPES,
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

/// `GET /connected`: the connected accounts; for who is not signed in, what connecting them means.
pub(crate) async fn connected(app: &App, request: &Request) -> Result<Response<Body>, Problem> {
    let person = match signed_in(app, request).await {
        Ok(person) => person,
        Err(error) if error.status == StatusCode::UNAUTHORIZED => return Ok(show_page(&start())?),
        Err(error) => return Err(error.into()),
    };
    let session = &person.session;
    let installation = app.store.find_installation(&session.cloud_id).await?;
    let atlassian = app.store.find_grant(&person.atlassian()).await?;
    let microsoft = app.store.find_grant(&person.microsoft()).await?;
    let (tenant, object) = (&session.tenant_id, &session.object_id);
    let bot = app.store.find_personal_conversation(tenant, object).await?;
    Ok(show_page(&Connected {
        layout: Layout::of(app, &person, Here::Accounts).await?,
        site_host: installation.as_ref().map(|found| found.site_host.as_str()),
        account_id: session.account_id.as_str(),
        tenant_id: tenant.as_str(),
        object_id: object.as_str(),
        atlassian: Standing::of(atlassian.as_ref()),
        microsoft: Standing::of(microsoft.as_ref()),
        bot_reaches: bot.is_some(),
        csrf: person.csrf.expose("a hidden field of the session's own page"),
    })?)
}

fn start() -> Start {
    let explained = |names: &[&'static str]| names.iter().copied().map(Permission::named).collect();
    Start {
        layout: Layout::outside(),
        atlassian: explained(DEFAULT_SCOPES),
        microsoft: explained(&MICROSOFT_SCOPES),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_permission_that_is_asked_for_is_explained() {
        let start = start();
        assert_eq!(start.microsoft.len(), MICROSOFT_SCOPES.len());
        for permission in start.atlassian.iter().chain(&start.microsoft) {
            assert!(!permission.why.is_empty(), "{permission:?}");
        }
    }
}
