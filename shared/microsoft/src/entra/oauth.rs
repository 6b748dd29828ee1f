//! OAuth 2.0 with Entra v2: the authorization code flow with PKCE, and refresh.
//!
//! <https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow>

use std::{fmt, sync::Arc, time::Duration};

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;
use tandem_domain::{
    AccessToken, AuthorizationCode, BoxFuture, ClientSecrets, Clock, IssuerError, RefreshToken,
    Secret, Sightings, Subject, TenantId, TokenIssuer, TokenSet, Vendor, with_client_secret,
};
use url::Url;

use super::{
    IdTokenError, Identity, KeySet, id_token,
    refusal::{classify, of_refresh},
};
use crate::http::{note_throttling, polite, retry_after, trimmed};

/// The app as registered with Entra.
#[derive(Clone, Debug)]
pub struct EntraConfig {
    /// Where Entra is: `https://login.microsoftonline.com`.
    pub login_base: Url,
    /// Who may sign in: `organizations`, or one tenant's id.
    pub authority: String,
    /// The app's id ("application (client) ID").
    pub client_id: String,
    /// Where the app's secret is taken from.
    pub client_secret: Arc<dyn ClientSecrets>,
    /// Where Entra sends the browser back; as registered.
    pub redirect_uri: Url,
    /// What is asked for. `openid`, `profile` and `offline_access` must be among it, else there
    /// is no id token or no refresh token.
    pub scopes: Vec<String>,
}

/// What a sign-in gives.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The tokens of the grant.
    pub tokens: TokenSet,
    /// Who signed in; not to be believed before [`EntraOAuth::verify`].
    pub id_token: Secret,
}

/// The client of Entra's authorize and token endpoints.
#[derive(Clone)]
pub struct EntraOAuth {
    http: reqwest::Client,
    config: EntraConfig,
    clock: Arc<dyn Clock>,
    sightings: Sightings,
}

/// The challenge that belongs to a PKCE verifier, method S256 (RFC 7636, section 4.2).
pub fn code_challenge(verifier: &Secret) -> String {
    let verifier = verifier.expose("its digest is the challenge");
    URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()))
}

impl EntraOAuth {
    /// A client for one app.
    pub fn new(http: reqwest::Client, config: EntraConfig, clock: Arc<dyn Clock>) -> Self {
        Self { http, config, clock, sightings: Sightings::default() }
    }

    /// The same, noting in `sightings` what is worth counting.
    #[must_use]
    pub fn noting(self, sightings: Sightings) -> Self {
        Self { sightings, ..self }
    }

    /// The address of the sign-in page. `state` and `nonce` come back and are compared there;
    /// `code_challenge` is that of the verifier which [`EntraOAuth::exchange`] will be given.
    pub fn authorize_url(&self, state: &str, nonce: &str, code_challenge: &str) -> Url {
        let config = &self.config;
        let mut url = self.config.login_base.clone();
        url.set_path(&format!(
            "{}/{}/oauth2/v2.0/authorize",
            config.login_base.path().trim_end_matches('/'),
            config.authority
        ));
        url.query_pairs_mut()
            .clear()
            .append_pair("client_id", &config.client_id)
            .append_pair("response_type", "code")
            .append_pair("response_mode", "query")
            .append_pair("redirect_uri", config.redirect_uri.as_str())
            .append_pair("scope", &config.scopes.join(" "))
            .append_pair("state", state)
            .append_pair("nonce", nonce)
            .append_pair("code_challenge", code_challenge)
            .append_pair("code_challenge_method", "S256")
            .append_pair("prompt", "select_account");
        url
    }

    /// Exchanges the code of the redirect for tokens.
    pub async fn exchange(
        &self,
        code: &AuthorizationCode,
        code_verifier: &Secret,
    ) -> Result<SignedIn, IssuerError> {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code.expose("sent to the token endpoint")),
            ("code_verifier", code_verifier.expose("sent to the token endpoint")),
            ("redirect_uri", self.config.redirect_uri.as_str()),
        ];
        let answer = self.ask(&self.config.authority, &form).await?;
        let refresh = answer.refresh_token.ok_or_else(|| misconfigured("no_refresh_token"))?;
        let id_token = answer.id_token.ok_or_else(|| misconfigured("no_id_token"))?;
        let (access, expires_at) = (answer.access_token, answer.expires_at);
        Ok(SignedIn { tokens: TokenSet { access, refresh, expires_at }, id_token })
    }

    /// Checks an id token of this app's sign-in and tells who signed in. `keys` are Entra's
    /// ([`EntraOAuth::keys_url`]), `nonce` is what [`EntraOAuth::authorize_url`] was given.
    pub async fn verify(
        &self,
        id_token: &Secret,
        keys: &KeySet,
        nonce: &Secret,
    ) -> Result<Identity, IdTokenError> {
        let expected = id_token::Expected {
            login_base: &self.config.login_base,
            tenant: TenantId::parse(&self.config.authority).ok(),
            client_id: &self.config.client_id,
            nonce,
        };
        id_token::verify(id_token, keys, &expected, self.clock.now()).await
    }

    /// Checks a token that Teams got for this app by itself, and tells whose it is. `keys` are
    /// Entra's.
    pub async fn verify_single_sign_on(
        &self,
        token: &Secret,
        keys: &KeySet,
    ) -> Result<Identity, IdTokenError> {
        let expected = id_token::Expected {
            login_base: &self.config.login_base,
            tenant: TenantId::parse(&self.config.authority).ok(),
            client_id: &self.config.client_id,
            nonce: &Secret::default(),
        };
        id_token::verify_single_sign_on(token, keys, &expected, self.clock.now()).await
    }

    /// Exchanges a token that Teams got for this app for the person's tokens at Graph.
    /// <https://learn.microsoft.com/entra/identity-platform/v2-oauth2-on-behalf-of-flow>
    ///
    /// # Errors
    /// `Refused` where the person has not consented, or must be present.
    pub async fn on_behalf_of(
        &self,
        token: &Secret,
        tenant: &TenantId,
    ) -> Result<TokenSet, IssuerError> {
        let form = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
            ("assertion", token.expose("sent to the token endpoint")),
            ("requested_token_use", "on_behalf_of"),
        ];
        let answer = self.ask(tenant.as_str(), &form).await?;
        let refresh = answer.refresh_token.ok_or_else(|| misconfigured("no_refresh_token"))?;
        let (access, expires_at) = (answer.access_token, answer.expires_at);
        Ok(TokenSet { access, refresh, expires_at })
    }

    /// Where Entra publishes the keys it signs id tokens with.
    pub fn keys_url(config: &EntraConfig) -> Result<Url, url::ParseError> {
        let authority = match config.authority.as_str() {
            "organizations" => "common",
            tenant => tenant,
        };
        Url::parse(&format!("{}/{authority}/discovery/v2.0/keys", trimmed(&config.login_base)))
    }

    /// Asks the token endpoint of `authority`, with the client secret that Entra takes.
    async fn ask(&self, authority: &str, form: &[(&str, &str)]) -> Result<Answer, IssuerError> {
        with_client_secret(&*self.config.client_secret, |secret: Secret| async move {
            self.ask_with(authority, form, &secret).await
        })
        .await
    }

    async fn ask_with(
        &self,
        authority: &str,
        form: &[(&str, &str)],
        secret: &Secret,
    ) -> Result<Answer, IssuerError> {
        let config = &self.config;
        let scope = config.scopes.join(" ");
        let ours = [
            ("client_id", config.client_id.as_str()),
            ("client_secret", secret.expose("sent to the token endpoint")),
            ("scope", &scope),
        ];
        let form: Vec<_> = form.iter().chain(&ours).collect();
        let url = format!("{}/{authority}/oauth2/v2.0/token", trimmed(&config.login_base));
        let asked_at = self.clock.now();
        let unavailable = |_| IssuerError::Unavailable { retry_after: None };
        let request = polite(self.http.post(url)).form(&form);
        let answer = request.send().await.map_err(unavailable)?;
        let (status, after) = (answer.status(), retry_after(answer.headers()));
        note_throttling(status, Vendor::Entra, &self.sightings);
        let body = answer.bytes().await.map_err(unavailable)?;
        if !status.is_success() {
            return Err(classify(status, after, &body));
        }
        let answer: WireAnswer =
            serde_json::from_slice(&body).map_err(|_| misconfigured("unreadable_answer"))?;
        Ok(Answer {
            access_token: answer.access_token,
            refresh_token: answer.refresh_token,
            id_token: answer.id_token,
            expires_at: asked_at.plus(Duration::from_secs(answer.expires_in)),
        })
    }
}

impl TokenIssuer for EntraOAuth {
    fn refresh<'a>(
        &'a self,
        subject: &'a Subject,
        refresh: &'a RefreshToken,
    ) -> BoxFuture<'a, Result<TokenSet, IssuerError>> {
        Box::pin(async move {
            let Subject::Microsoft(tenant, _) = subject else {
                return Err(misconfigured("wrong_provider"));
            };
            let form = [
                ("grant_type", "refresh_token"),
                ("refresh_token", refresh.expose("sent to the token endpoint")),
            ];
            let answer = self.ask(tenant.as_str(), &form).await.map_err(of_refresh)?;
            Ok(TokenSet {
                access: answer.access_token,
                // Entra leaves the old token valid and does not promise a new one each time.
                refresh: answer.refresh_token.unwrap_or_else(|| refresh.clone()),
                expires_at: answer.expires_at,
            })
        })
    }
}

impl fmt::Debug for EntraOAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EntraOAuth").field("config", &self.config).finish_non_exhaustive()
    }
}

fn misconfigured(code: &str) -> IssuerError {
    IssuerError::Misconfigured { code: code.to_owned() }
}

/// What the token endpoint answered, with the end of the access token as a point in time.
struct Answer {
    access_token: AccessToken,
    refresh_token: Option<RefreshToken>,
    id_token: Option<Secret>,
    expires_at: tandem_domain::Timestamp,
}

#[derive(Deserialize)]
struct WireAnswer {
    access_token: AccessToken,
    #[serde(default)]
    refresh_token: Option<RefreshToken>,
    #[serde(default)]
    id_token: Option<Secret>,
    /// Seconds.
    expires_in: u64,
}

#[cfg(test)]
mod tests;
