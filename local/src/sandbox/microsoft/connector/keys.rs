//! The tokens Teams sends to the bot, and the keys to check them with.
//! <https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication#connector-to-bot>

use std::io;

use axum::{
    Json,
    extract::State as Sandbox,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use serde_json::{Value, json};

use crate::sandbox::microsoft::{Issuer, MicrosoftSandbox, SigningKey};

/// The `iss` of the tokens.
const ISSUER: &str = "https://api.botframework.com";

/// How long a token is good for, in seconds.
const TOKEN_SECONDS: i64 = 3600;

/// `GET /openidconfiguration`.
pub(super) async fn metadata(Sandbox(sandbox): Sandbox<MicrosoftSandbox>) -> Json<Value> {
    let connector = &sandbox.0.options.connector_base;
    let base = connector.trim_end_matches('/').strip_suffix("/connector").unwrap_or(connector);
    Json(json!({
        "issuer": ISSUER,
        "authorization_endpoint": "https://invalid.botframework.com",
        "jwks_uri": format!("{base}/botframework/keys"),
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
    }))
}

/// `GET /keys`: the key, endorsed for Teams only.
pub(super) async fn keys(Sandbox(sandbox): Sandbox<MicrosoftSandbox>) -> Response {
    let Ok(key) = sandbox.bot_key() else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let mut key = key.jwk(ISSUER);
    if let Some(key) = key.as_object_mut() {
        key.remove("issuer");
        key.insert("endorsements".to_owned(), json!(["msteams"]));
    }
    Json(json!({ "keys": [key] })).into_response()
}

impl MicrosoftSandbox {
    /// The key of the Bot Framework; made at its first use.
    fn bot_key(&self) -> io::Result<&SigningKey> {
        let cell = &self.0.bot_key;
        if let Some(key) = cell.get() {
            return Ok(key);
        }
        let known = self.read(|state| state.bot.signing_key.clone());
        let made = if known.is_empty() {
            SigningKey::of_process(Issuer::BotFramework)?
        } else {
            SigningKey::from_base64(&known)?
        };
        let key = cell.get_or_init(|| made);
        let text = key.to_base64()?;
        if text != known {
            self.change(|state, _| state.bot.signing_key = text);
        }
        Ok(key)
    }

    /// The key, to check a token with.
    #[cfg(test)]
    pub(in crate::sandbox::microsoft) fn bot_key_for_tests(&self) -> &SigningKey {
        self.bot_key().unwrap()
    }

    /// The claims of a token Teams would send to the bot now.
    pub fn bot_claims(&self) -> Value {
        let now = self.now().div_euclid(1000);
        json!({
            "serviceurl": self.0.options.service_url(),
            "nbf": now,
            "exp": now + TOKEN_SECONDS,
            "iss": ISSUER,
            "aud": self.0.options.bot_client_id,
        })
    }

    /// Signs any claims with the key of the Bot Framework: a wrong audience, an old date. Empty
    /// where signing fails.
    pub fn sign_bot_token(&self, claims: &Value) -> String {
        self.bot_key().and_then(|key| key.sign(claims)).unwrap_or_default()
    }
}
