//! The pages a person sees: plain HTML that works without script, and nothing from elsewhere.

mod problem;

use askama::Template;
use http::StatusCode;
use lambda_http::{Body, Response};
use tandem_runtime::http::html;

pub(crate) use problem::Problem;

/// Picking one of several Jira sites.
#[derive(Template)]
#[template(path = "pick_site.html")]
pub(crate) struct PickSite<'a> {
    /// The state of the sign-in.
    pub(crate) state: &'a str,
    /// The CSRF token of the sign-in's cookie.
    pub(crate) csrf: &'a str,
    /// What there is to pick from.
    pub(crate) sites: Vec<SiteChoice<'a>>,
}

/// One site to pick.
pub(crate) struct SiteChoice<'a> {
    /// Its cloud id.
    pub(crate) id: &'a str,
    /// Its name, or its host where it has none.
    pub(crate) name: &'a str,
    /// Its host.
    pub(crate) host: &'a str,
}

/// The two accounts are linked.
#[derive(Template)]
#[template(path = "connected.html")]
pub(crate) struct Connected<'a> {
    /// `auto`, `light` or `dark`.
    pub(crate) appearance: &'a str,
    /// The Jira site's host, while it is served.
    pub(crate) site_host: Option<&'a str>,
    /// The Jira user.
    pub(crate) account_id: &'a str,
    /// The Microsoft tenant.
    pub(crate) tenant_id: &'a str,
    /// The Microsoft user.
    pub(crate) object_id: &'a str,
    /// The session's CSRF token.
    pub(crate) csrf: &'a str,
}

/// The link has ended.
#[derive(Template)]
#[template(path = "disconnected.html")]
pub(crate) struct Disconnected;

/// Something that did not work, and what to do about it.
#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage<'a> {
    title: &'a str,
    advice: &'a str,
}

/// Answers with a page.
pub(crate) fn show(page: &impl Template) -> Result<Response<Body>, Problem> {
    let text = page.render().map_err(|_| Problem::fault("page"))?;
    Ok(html(StatusCode::OK, text)?)
}

#[cfg(test)]
mod tests;
