//! Signing in: from the first redirect to the link.

pub(crate) mod atlassian;
pub(crate) mod microsoft;
mod returned;
pub(crate) mod site;
mod ticket;

use lambda_http::{Body, Request, Response};
use tandem_domain::{AccountId, CloudId, Secret};
use tandem_jira::oauth::WEBHOOK_SCOPE;
use tandem_microsoft::entra::code_challenge;
use tandem_pages::Problem;
use tandem_runtime::{App, http, signing::random_token};
use tandem_store::SignInStage;

/// `GET /connect`: binds a new sign-in to this browser and sends it to Atlassian. With `webhooks=yes`
/// it asks for what an administrator needs so that Tandem registers the site's webhook itself.
pub(crate) async fn begin(app: &App, request: &Request) -> Result<Response<Body>, Problem> {
    let browser = random_token(&*app.entropy);
    let state = ticket::issue(app, &browser, SignInStage::Atlassian, None, Vec::new()).await?;
    let webhooks = http::query_parameter(request, "webhooks").as_deref() == Some("yes");
    let besides: &[&str] = if webhooks { &[WEBHOOK_SCOPE] } else { &[] };
    let state = state.expose("sent through the browser to Atlassian");
    let url = app.atlassian.authorize_url(state, besides);
    let mut response = http::redirect(url.as_str())?;
    ticket::bind(&mut response, &browser);
    Ok(response)
}

/// Sends the browser to Microsoft, to link `account_id` on one site. The PKCE verifier and the
/// nonce are derived from the state, so neither need be kept anywhere until the browser is back.
async fn on_to_microsoft(
    app: &App,
    browser: &Secret,
    account_id: AccountId,
    cloud_id: CloudId,
) -> Result<Response<Body>, Problem> {
    let step = SignInStage::Microsoft;
    let state = ticket::issue(app, browser, step, Some(account_id), vec![cloud_id]).await?;
    let nonce = app.signing.nonce(&state);
    let challenge = code_challenge(&app.signing.pkce_verifier(&state));
    let url = app.entra.authorize_url(
        state.expose("sent through the browser to Microsoft"),
        nonce.expose("sent through the browser to Microsoft"),
        &challenge,
    );
    let mut response = http::redirect(url.as_str())?;
    ticket::bind(&mut response, browser);
    Ok(response)
}
