//! Who a request is from: the session behind its cookie, and the token that guards changes.

use cookie::{Cookie, SameSite, time::Duration as CookieSpan};
use lambda_http::{Body, Request, Response};
use tandem_domain::{Secret, Subject};
use tandem_store::Session;

use crate::{
    App,
    error::ApiError,
    http::{cookie_of, header_of, set_cookie},
    signing::{Csrf, token_hash},
};

/// The session cookie. The prefix `__Host-` makes browsers keep it to this host and to TLS.
pub const SESSION_COOKIE: &str = "__Host-tandem";
/// The same session for pages that are embedded in Jira or Teams: browsers send a `SameSite=Lax`
/// cookie from no other site's frame. Only pages that are meant to be embedded take it.
pub const FRAMED_COOKIE: &str = "__Host-tandem-framed";
/// The header that carries the CSRF token of a request that changes something.
pub const CSRF_HEADER: &str = "x-csrf-token";
/// How long a session lasts.
pub const SESSION_LASTS: std::time::Duration = std::time::Duration::from_hours(8);

/// A signed-in person.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The session.
    pub session: Session,
    /// The CSRF token that belongs to it.
    pub csrf: Csrf,
}

impl SignedIn {
    /// The person at Atlassian.
    pub fn atlassian(&self) -> Subject {
        Subject::Atlassian(self.session.account_id.clone())
    }

    /// The person at Microsoft.
    pub fn microsoft(&self) -> Subject {
        Subject::Microsoft(self.session.tenant_id.clone(), self.session.object_id.clone())
    }
}

/// The person behind a request that only reads. 401 without a session.
pub async fn signed_in(app: &App, request: &Request) -> Result<SignedIn, ApiError> {
    session_of(app, cookie_of(request, SESSION_COOKIE)).await
}

/// The person behind a page that may be embedded in Jira or Teams. 401 without a session.
pub async fn signed_in_framed(app: &App, request: &Request) -> Result<SignedIn, ApiError> {
    let cookie = cookie_of(request, SESSION_COOKIE);
    session_of(app, cookie.or_else(|| cookie_of(request, FRAMED_COOKIE))).await
}

async fn session_of(app: &App, cookie: Option<String>) -> Result<SignedIn, ApiError> {
    let refused = || ApiError::unauthorized("not_signed_in", "sign in first: open /connect");
    let token = Secret::new(cookie.ok_or_else(refused)?);
    let hash = token_hash(&token).ok_or_else(refused)?;
    let session = app.store.find_session(&hash, app.clock.now()).await?.ok_or_else(refused)?;
    // A site that is not served any more, because it is being erased, has no people of ours.
    app.store.find_installation(&session.cloud_id).await?.ok_or_else(refused)?;
    Ok(SignedIn { session, csrf: app.signing.csrf(&token) })
}

/// The person behind a request that changes something: 401 without a session, 403 without the CSRF
/// token in its header.
pub async fn signed_in_to_change(app: &App, request: &Request) -> Result<SignedIn, ApiError> {
    let person = signed_in(app, request).await?;
    require_csrf(&person.csrf, header_of(request, CSRF_HEADER))?;
    Ok(person)
}

/// 403 unless `given` is the CSRF token `ours`.
pub fn require_csrf(ours: &Csrf, given: Option<&str>) -> Result<(), ApiError> {
    if ours.matches(given.unwrap_or_default()) {
        Ok(())
    } else {
        Err(ApiError::forbidden("csrf", "the CSRF token is missing or wrong"))
    }
}

/// A cookie that only this host and no script sees, for `lasts`.
pub fn host_cookie(
    name: &'static str,
    value: &Secret,
    lasts: std::time::Duration,
) -> Cookie<'static> {
    let secs = i64::try_from(lasts.as_secs()).unwrap_or(0);
    Cookie::build((name, value.expose("set as the browser's cookie").to_owned()))
        .path("/")
        .secure(true)
        .http_only(true)
        .same_site(SameSite::Lax)
        .max_age(CookieSpan::seconds(secs))
        .build()
}

/// The same cookie, ended.
pub fn ended_cookie(name: &'static str) -> Cookie<'static> {
    host_cookie(name, &Secret::default(), std::time::Duration::ZERO)
}

/// Gives the browser a session's cookies.
pub fn begin_session(response: &mut Response<Body>, token: &Secret) {
    set_session(response, token, SESSION_LASTS);
}

/// Takes the session's cookies away.
pub fn end_session(response: &mut Response<Body>) {
    set_session(response, &Secret::default(), std::time::Duration::ZERO);
}

fn set_session(response: &mut Response<Body>, token: &Secret, lasts: std::time::Duration) {
    set_cookie(response, &host_cookie(SESSION_COOKIE, token, lasts));
    let mut framed = host_cookie(FRAMED_COOKIE, token, lasts);
    framed.set_same_site(SameSite::None);
    set_cookie(response, &framed);
}
