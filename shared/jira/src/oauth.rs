//! Signing in with Atlassian: OAuth 2.0 (3LO), authorization codes and rotating refresh tokens.
//! <https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/>

mod wire;

#[cfg(test)]
mod tests;

use std::{fmt, sync::Arc, time::Duration};

use reqwest::StatusCode;
use tandem_domain::{
    AuthorizationCode, BoxFuture, ClientSecrets, Clock, IssuerError, Provider, RefreshToken,
    Secret, Sighting, Sightings, SignInReason, Subject, TokenIssuer, TokenSet, Vendor,
    with_client_secret,
};
use url::Url;

use self::wire::{TokenAnswer, TokenRefusal, TokenRequest};
use crate::transport::{self, Answer};

/// What Tandem asks for: to read and write issues, to read accounts, to report which accounts it
/// keeps, and a refresh token.
pub const DEFAULT_SCOPES: &[&str] = &[
    "read:jira-work",
    "write:jira-work",
    "read:jira-user",
    "report:personal-data",
    "offline_access",
];

/// Those of the scopes that belong to no site, and so are not among those of a site that a grant
/// opens.
pub const SITELESS_SCOPES: &[&str] = &["report:personal-data", "offline_access"];

/// What an administrator grants besides, so that Tandem registers the site's webhook itself.
pub const WEBHOOK_SCOPE: &str = "manage:jira-webhook";

/// The app as it is registered with Atlassian.
#[derive(Clone, Debug)]
pub struct OAuthConfig {
    /// `https://auth.atlassian.com`, or what stands in for it.
    pub auth_base: Url,
    /// The app's client id.
    pub client_id: String,
    /// Where the app's client secret is taken from.
    pub client_secret: Arc<dyn ClientSecrets>,
    /// Where the browser comes back to; must equal what is registered.
    pub redirect_uri: Url,
    /// What is asked for; [`DEFAULT_SCOPES`] unless there is a reason.
    pub scopes: Vec<String>,
}

/// Atlassian's authorization server, to this app.
#[derive(Clone)]
pub struct AtlassianOAuth {
    http: reqwest::Client,
    config: OAuthConfig,
    clock: Arc<dyn Clock>,
    sightings: Sightings,
}

impl fmt::Debug for AtlassianOAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AtlassianOAuth").field("config", &self.config).finish_non_exhaustive()
    }
}

impl AtlassianOAuth {
    /// The server that `config` names; the clock says when tokens end.
    pub fn new(http: reqwest::Client, config: OAuthConfig, clock: Arc<dyn Clock>) -> Self {
        Self { http, config, clock, sightings: Sightings::default() }
    }

    /// The same, noting in `sightings` what is worth counting.
    #[must_use]
    pub fn noting(self, sightings: Sightings) -> Self {
        Self { sightings, ..self }
    }

    /// Where to send the browser, with a `state` that comes back unchanged, for what is configured and
    /// the scopes in `besides`. Atlassian offers no PKCE.
    pub fn authorize_url(&self, state: &str, besides: &[&str]) -> Url {
        let configured = self.config.scopes.iter().map(String::as_str);
        let scopes: Vec<&str> = configured.chain(besides.iter().copied()).collect();
        let mut url = transport::under(&self.config.auth_base, &["authorize"]);
        url.query_pairs_mut()
            .append_pair("audience", "api.atlassian.com")
            .append_pair("client_id", &self.config.client_id)
            .append_pair("scope", &scopes.join(" "))
            .append_pair("redirect_uri", self.config.redirect_uri.as_str())
            .append_pair("state", state)
            .append_pair("response_type", "code")
            .append_pair("prompt", "consent");
        url
    }

    /// Exchanges the code of a redirect for tokens. A code works once and for ten minutes; a spent
    /// or overdue one is [`IssuerError::Refused`].
    pub async fn exchange(&self, code: &AuthorizationCode) -> Result<TokenSet, IssuerError> {
        self.with_secret(TokenRequest {
            grant_type: "authorization_code",
            client_id: &self.config.client_id,
            client_secret: "",
            code: Some(code.expose("the token request's body")),
            redirect_uri: Some(self.config.redirect_uri.as_str()),
            refresh_token: None,
        })
        .await
    }

    /// Sends a token request with the client secret that Atlassian takes.
    async fn with_secret(&self, request: TokenRequest<'_>) -> Result<TokenSet, IssuerError> {
        with_client_secret(&*self.config.client_secret, |secret: Secret| async move {
            let client_secret = secret.expose("the token request's body");
            self.tokens(TokenRequest { client_secret, ..request }).await
        })
        .await
    }

    /// Sends a token request, once: codes and refresh tokens are of single use, so whether to try
    /// again is for the caller to decide.
    async fn tokens(&self, request: TokenRequest<'_>) -> Result<TokenSet, IssuerError> {
        let url = transport::under(&self.config.auth_base, &["oauth", "token"]);
        // Counted from before the request, so that a token is never believed longer than it lasts.
        let asked_at = self.clock.now();
        let answer = transport::send(self.http.post(url).json(&request))
            .await
            .map_err(|_| IssuerError::Unavailable { retry_after: None })?;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            self.sightings.note(Sighting::Throttled(Vendor::Atlassian));
        }
        if !answer.status.is_success() {
            return Err(refusal(&answer));
        }
        let tokens: TokenAnswer =
            serde_json::from_slice(&answer.body).map_err(|_| misconfigured("unreadable_answer"))?;
        let refresh = tokens.refresh_token.ok_or_else(|| misconfigured("no_refresh_token"))?;
        let expires_at = asked_at.plus(Duration::from_secs(tokens.expires_in));
        Ok(TokenSet { access: tokens.access_token, refresh, expires_at })
    }
}

impl TokenIssuer for AtlassianOAuth {
    fn refresh<'a>(
        &'a self,
        subject: &'a Subject,
        refresh: &'a RefreshToken,
    ) -> BoxFuture<'a, Result<TokenSet, IssuerError>> {
        Box::pin(async move {
            if subject.provider() != Provider::Atlassian {
                return Err(misconfigured("not_an_atlassian_grant"));
            }
            self.with_secret(TokenRequest {
                grant_type: "refresh_token",
                client_id: &self.config.client_id,
                client_secret: "",
                code: None,
                redirect_uri: None,
                refresh_token: Some(refresh.expose("the token request's body")),
            })
            .await
            .map_err(of_refresh)
        })
    }
}

/// What a refusal means. Only its code is kept; the description decides and is dropped.
fn refusal(answer: &Answer) -> IssuerError {
    if answer.status == StatusCode::TOO_MANY_REQUESTS
        || answer.status == StatusCode::REQUEST_TIMEOUT
        || answer.status.is_server_error()
    {
        return IssuerError::Unavailable { retry_after: answer.retry_after };
    }
    let Ok(refusal) = serde_json::from_slice::<TokenRefusal>(&answer.body) else {
        return misconfigured("unreadable_refusal");
    };
    let description = refusal.error_description.to_ascii_lowercase();
    let reason =
        if description.contains("expired") { SignInReason::Expired } else { SignInReason::Revoked };
    match refusal.error.as_str() {
        "invalid_grant" => IssuerError::Refused(reason),
        // Atlassian answers this, too, about a refresh token it no longer knows; with any other
        // description it is about our app, and no person can mend that by signing in again.
        "unauthorized_client" if description.contains("refresh_token is invalid") => {
            IssuerError::Refused(reason)
        }
        code if is_code(code) => misconfigured(code),
        _ => misconfigured("unreadable_refusal"),
    }
}

/// The same at a refresh: a scope that is refused then is one that the app asks for now and the grant
/// does not hold. At a sign-in it is the app's own list that is wrong.
fn of_refresh(error: IssuerError) -> IssuerError {
    match error {
        IssuerError::Misconfigured { code } if code == "invalid_scope" => {
            IssuerError::Refused(SignInReason::ConsentMissing)
        }
        error => error,
    }
}

/// Whether it is spelled like an error code of OAuth 2.0, and not like a text.
fn is_code(code: &str) -> bool {
    (1..=64).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
}

fn misconfigured(code: &str) -> IssuerError {
    IssuerError::Misconfigured { code: code.to_owned() }
}
