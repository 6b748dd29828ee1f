//! Forge's side: the keys it publishes, the tokens it signs for calls to an app's remote, and the
//! event that an app was uninstalled from a site.

use axum::{Router, extract::State, routing};
use serde_json::{Value, json};

use super::{
    JiraSandbox,
    actor::Actor,
    answer::{Answer, Refusal},
    webhooks::Signed,
};
use crate::sandbox::microsoft::{Issuer, SigningKey};

/// The Forge app that is installed on every site.
pub const FORGE_APP_ID: &str = "ari:cloud:ecosystem::app/406d303d-0393-4ec4-ad7c-1435be94583a";
/// The id of its installation, on whichever site.
const INSTALLATION_ID: &str = "fff8e466-31f4-4c73-a337-c3309dd930dc";
/// The event's name.
const UNINSTALLED: &str = "avi:forge:uninstalled:app";

/// Where the keys are published.
pub(crate) fn router() -> Router<JiraSandbox> {
    Router::new().route("/.well-known/jwks.json", routing::get(keys))
}

async fn keys(State(sandbox): State<JiraSandbox>) -> Answer {
    Answer::ok(json!({"keys": [sandbox.forge_key().jwk("forge")]}))
}

impl JiraSandbox {
    fn forge_key(&self) -> &SigningKey {
        #[allow(clippy::expect_used, reason = "no key, no simulation")]
        self.0
            .forge_key
            .get_or_init(|| SigningKey::of_process(Issuer::Forge).expect("a key of 2048 bits"))
    }

    /// The claims of a token for a call on behalf of a site.
    pub fn forge_claims(&self, cloud_id: &str) -> Value {
        let now = self.options().clock.now().as_secs();
        json!({
            "iss": "forge/invocation-token", "aud": FORGE_APP_ID,
            "iat": now, "nbf": now, "exp": now + 55, "jti": "7a0cd5bf",
            "app": {
                "id": FORGE_APP_ID,
                "installationId": format!("ari:cloud:ecosystem::installation/{INSTALLATION_ID}"),
                "apiBaseUrl": format!("{}/ex/jira/{cloud_id}", self.options().api_base),
                "environment": {"type": "PRODUCTION"},
                "module": {"type": "core:trigger", "key": "uninstalled"},
            },
        })
    }

    /// A token with these claims, signed by Forge's key.
    pub fn sign_for_forge(&self, claims: &Value) -> String {
        self.forge_key().sign(claims).unwrap_or_default()
    }
}

impl Actor<'_> {
    /// Uninstalls the app from the site, and has its remote told.
    pub(crate) fn uninstall_app(&mut self) -> Result<(), Refusal> {
        self.administers()?;
        let body = json!({
            "id": INSTALLATION_ID,
            "eventType": UNINSTALLED,
            "app": {"id": FORGE_APP_ID, "version": "1.0.0"},
            "context": format!("ari:cloud:jira::site/{}", self.cloud_id),
        });
        let address = format!("{}/jira/forge/events", self.options.webhook_base);
        self.enqueue_at(UNINSTALLED, address, Signed::Forge, body.to_string());
        Ok(())
    }
}
