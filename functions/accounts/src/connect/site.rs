//! Which of several Jira sites: the page that asks, and its answer.

use lambda_http::{Body, Request, Response};
use tandem_domain::{AccountId, CloudId, Secret};
use tandem_jira::client::AccessibleSite;
use tandem_pages::{
    Layout, Page, Problem,
    connect::{PickSite, SiteChoice},
    show_as,
};
use tandem_runtime::{App, http::form_parameter, session::require_csrf};
use tandem_store::SignInStage;

use super::{on_to_microsoft, ticket};
use crate::problem;

/// Asks which site to link. The names are shown and not kept: the sign-in holds ids only.
pub(crate) async fn ask(
    app: &App,
    browser: &Secret,
    account_id: AccountId,
    sites: &[AccessibleSite],
) -> Result<Response<Body>, Problem> {
    let ids = sites.iter().map(|site| site.id.clone()).collect();
    let state = ticket::issue(app, browser, SignInStage::PickSite, Some(account_id), ids).await?;
    let csrf = app.signing.csrf(browser);
    let page = PickSite {
        layout: Layout::outside(),
        state: state.expose("a hidden field of the form"),
        csrf: csrf.expose("a hidden field of the form"),
        sites: sites.iter().map(choice).collect(),
    };
    // The answer to the form sends the browser on to Microsoft.
    let onward = app.config.microsoft_login.origin().ascii_serialization();
    let mut response = show_as(&page, &Page { form_leads_to: Some(onward), ..Page::default() })?;
    ticket::bind(&mut response, browser);
    Ok(response)
}

fn choice(site: &AccessibleSite) -> SiteChoice<'_> {
    let host = site.host.as_str();
    let name = Some(site.name.as_str().trim()).filter(|name| !name.is_empty()).unwrap_or(host);
    SiteChoice { id: site.id.as_str(), name, host }
}

/// `POST /connect/site`: the form's fields are `state`, `csrf` and `site` (a cloud id).
pub(crate) async fn pick(app: &App, request: &Request) -> Result<Response<Body>, Problem> {
    let browser = ticket::browser_of(request).ok_or_else(problem::not_this_sign_in)?;
    let csrf = form_parameter(request, "csrf");
    require_csrf(&app.signing.csrf(&browser), csrf.as_deref()).map_err(|_| Problem::csrf())?;
    let picked = form_parameter(request, "site").and_then(|id| CloudId::parse(&id).ok());
    let picked = picked.ok_or_else(problem::unknown_site)?;
    let state = form_parameter(request, "state");
    let ticket = ticket::redeem(app, request, state, SignInStage::PickSite).await?;
    if !ticket.sign_in.cloud_ids.contains(&picked) {
        return Err(problem::unknown_site());
    }
    let account_id = ticket.sign_in.account_id.ok_or(Problem::fault("sign_in_without_account"))?;
    on_to_microsoft(app, &ticket.browser, account_id, picked).await
}
