//! The one-time state of a sign-in: issued with a redirect, redeemed once, in the same browser,
//! within ten minutes.

use std::time::Duration;

use lambda_http::{Body, Request, Response};
use tandem_domain::{AccountId, CloudId, Secret};
use tandem_pages::Problem;
use tandem_runtime::{
    App, http,
    session::{ended_cookie, host_cookie},
    signing::token_hash,
};
use tandem_store::{SignIn, SignInStage};

use crate::problem;

/// The cookie that binds a sign-in to the browser it began in.
const SIGN_IN_COOKIE: &str = "__Host-tandem-signin";
/// How long a state, and the cookie that belongs to it, can be redeemed.
const LASTS: Duration = Duration::from_mins(10);

/// A redeemed state.
pub(crate) struct Redeemed {
    /// What was known when the browser left.
    pub(crate) sign_in: SignIn,
    /// The state itself: PKCE verifier and nonce are derived from it.
    pub(crate) state: Secret,
    /// The browser's sign-in cookie.
    pub(crate) browser: Secret,
}

/// Writes a new state for this browser; only its hash is stored.
pub(crate) async fn issue(
    app: &App,
    browser: &Secret,
    step: SignInStage,
    account_id: Option<AccountId>,
    cloud_ids: Vec<CloudId>,
) -> Result<Secret, Problem> {
    let state = app.signing.state(&*app.entropy);
    let hash = |token: &Secret| token_hash(token).ok_or(Problem::fault("token_hash"));
    let sign_in = SignIn {
        state_hash: hash(&state)?,
        browser_hash: hash(browser)?,
        stage: step,
        account_id,
        cloud_ids,
        ends_at: app.clock.now().plus(LASTS),
    };
    app.store.create_sign_in(&sign_in).await?;
    Ok(state)
}

/// Redeems the state that came back. One that is missing, unknown, used, overdue, of another step
/// or of another browser is [`problem::not_this_sign_in`], and is left as it lies.
pub(crate) async fn redeem(
    app: &App,
    request: &Request,
    state: Option<String>,
    step: SignInStage,
) -> Result<Redeemed, Problem> {
    let refused = problem::not_this_sign_in;
    let state = state.map(Secret::new).ok_or_else(refused)?;
    let browser = browser_of(request).ok_or_else(refused)?;
    let hashes = token_hash(&state).zip(token_hash(&browser));
    let (state_hash, browser_hash) = hashes.ok_or_else(refused)?;
    let now = app.clock.now();
    let found = app.store.use_sign_in(&state_hash, &browser_hash, step, now).await?;
    Ok(Redeemed { sign_in: found.ok_or_else(refused)?, state, browser })
}

/// The browser's sign-in cookie.
pub(crate) fn browser_of(request: &Request) -> Option<Secret> {
    let value = http::cookie_of(request, SIGN_IN_COOKIE)?;
    (!value.is_empty()).then(|| Secret::new(value))
}

/// Gives the browser its sign-in cookie, or keeps it for as long as the newest state.
pub(crate) fn bind(response: &mut Response<Body>, browser: &Secret) {
    http::set_cookie(response, &host_cookie(SIGN_IN_COOKIE, browser, LASTS));
}

/// Takes the sign-in cookie away.
pub(crate) fn release(response: &mut Response<Body>) {
    http::set_cookie(response, &ended_cookie(SIGN_IN_COOKIE));
}
