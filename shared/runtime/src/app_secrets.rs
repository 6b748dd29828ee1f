//! The deployment's own secrets, from Secrets Manager: loaded at start or when first needed, never
//! from the environment.

use std::{collections::HashMap, sync::Arc, time::Duration};

use aws_sdk_secretsmanager::Client;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use tandem_domain::{Clock, CloudId, Failure, Secret, Timestamp};
use tokio::sync::Mutex;
use zeroize::Zeroizing;

use crate::signing::Signing;

/// The app's credentials at the vendors, and the signing key.
#[derive(Debug)]
pub struct AppSecrets {
    /// The client secret of the Atlassian OAuth 2.0 (3LO) app.
    pub atlassian_client: Secret,
    /// The client secret of the Entra app registration.
    pub microsoft_client: Secret,
    /// What derived values are derived from.
    pub signing: Signing,
}

#[derive(Deserialize)]
struct Wire {
    atlassian_client_secret: Secret,
    microsoft_client_secret: Secret,
    signing_key: Secret,
}

/// The name of the secret that holds the app's credentials.
pub fn app_secret_name(prefix: &str) -> String {
    format!("{prefix}/app")
}

/// The name of the secret that holds a site's webhook secrets.
pub fn webhook_secret_name(prefix: &str, cloud: &CloudId) -> String {
    format!("{prefix}/webhook/{cloud}")
}

impl AppSecrets {
    /// Reads them: JSON with `atlassian_client_secret`, `microsoft_client_secret` and `signing_key`
    /// (32 bytes or more, base64). An empty or short one is a refusal to start.
    pub async fn load(client: &Client, prefix: &str) -> Result<Self, Failure> {
        let fault = || Failure::Fault { what: "app_secret_unusable" };
        let text = read(client, &app_secret_name(prefix)).await?.ok_or_else(fault)?;
        let wire: Wire = serde_json::from_str(text.expose("parsed")).map_err(|_| fault())?;
        let key = Zeroizing::new(
            STANDARD
                .decode(wire.signing_key.expose("decoded into the HMAC key"))
                .map_err(|_| fault())?,
        );
        if wire.atlassian_client_secret.is_empty() || wire.microsoft_client_secret.is_empty() {
            return Err(fault());
        }
        Ok(Self {
            atlassian_client: wire.atlassian_client_secret,
            microsoft_client: wire.microsoft_client_secret,
            signing: Signing::new(&key).ok_or_else(fault)?,
        })
    }
}

async fn read(client: &Client, name: &str) -> Result<Option<Secret>, Failure> {
    match client.get_secret_value().secret_id(name).send().await {
        Ok(answer) => Ok(answer.secret_string.map(Secret::new)),
        Err(error)
            if error.as_service_error().is_some_and(
                aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueError::is_resource_not_found_exception,
            ) =>
        {
            Ok(None)
        }
        Err(_) => Err(Failure::Retry { what: "secrets_unavailable", after: None }),
    }
}

/// The secrets that sign each site's webhooks: at most two while one is being changed.
#[derive(Clone)]
pub struct WebhookSecrets {
    client: Client,
    prefix: String,
    clock: Arc<dyn Clock>,
    known: Arc<Mutex<Known>>,
}

impl std::fmt::Debug for WebhookSecrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WebhookSecrets")
    }
}

/// Each site's secrets, and until when they are believed.
type Known = HashMap<CloudId, (Timestamp, Vec<Secret>)>;

/// How long a site's secrets, or their absence, are remembered.
const REMEMBERED: Duration = Duration::from_mins(1);
/// How many sites are remembered at most; beyond it all are forgotten and looked up again.
const REMEMBERED_SITES: usize = 1000;
/// How many secrets may be valid at once.
const MOST: usize = 2;

#[derive(Deserialize)]
struct WebhookWire {
    secrets: Vec<Secret>,
}

impl WebhookSecrets {
    /// Reads `<prefix>/webhook/<cloud id>`: JSON `{"secrets": ["...", "..."]}`.
    pub fn new(client: Client, prefix: &str, clock: Arc<dyn Clock>) -> Self {
        Self { client, prefix: prefix.to_owned(), clock, known: Arc::default() }
    }

    /// The secrets valid for a site now; none for a site that is not served.
    pub async fn of(&self, cloud: &CloudId) -> Result<Vec<Secret>, Failure> {
        let now = self.clock.now();
        let mut known = self.known.lock().await;
        if let Some((until, secrets)) = known.get(cloud)
            && *until > now
        {
            return Ok(secrets.clone());
        }
        let secrets = match read(&self.client, &webhook_secret_name(&self.prefix, cloud)).await? {
            None => Vec::new(),
            Some(text) => serde_json::from_str::<WebhookWire>(text.expose("parsed"))
                .map_err(|_| Failure::Fault { what: "webhook_secret_unusable" })?
                .secrets
                .into_iter()
                .filter(|secret| !secret.is_empty())
                .take(MOST)
                .collect(),
        };
        if known.len() >= REMEMBERED_SITES {
            known.clear();
        }
        known.insert(cloud.clone(), (now.plus(REMEMBERED), secrets.clone()));
        Ok(secrets)
    }
}
