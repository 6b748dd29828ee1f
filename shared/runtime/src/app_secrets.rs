//! The deployment's own secrets, from Secrets Manager: loaded when first needed, never
//! from the environment.

use std::{collections::HashMap, sync::Arc, time::Duration};

use aws_sdk_secretsmanager::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use tandem_domain::{Clock, CloudId, Failure, Secret, Timestamp};
use tokio::sync::Mutex;
use zeroize::Zeroizing;

use crate::signing::Signing;

/// The app's credentials at the vendors, and the signing key. Of each there may be two while one is
/// being changed: the one that counts, and the one before.
#[derive(Debug)]
pub struct AppSecrets {
    /// The client secrets of the Atlassian OAuth 2.0 (3LO) app, the one that counts first.
    pub atlassian_client: Vec<Secret>,
    /// The client secrets of the Entra app registration, the one that counts first.
    pub microsoft_client: Vec<Secret>,
    /// The bot's client secrets, the one that counts first.
    pub bot_client: Vec<Secret>,
    /// What derived values are derived from.
    pub signing: Signing,
}

#[derive(Deserialize)]
struct Wire {
    atlassian_client_secret: Secret,
    #[serde(default)]
    atlassian_client_secret_previous: Secret,
    microsoft_client_secret: Secret,
    #[serde(default)]
    microsoft_client_secret_previous: Secret,
    bot_client_secret: Secret,
    #[serde(default)]
    bot_client_secret_previous: Secret,
    signing_key: Secret,
    #[serde(default)]
    signing_key_previous: Secret,
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
    /// Reads them: JSON with `atlassian_client_secret`, `microsoft_client_secret`,
    /// `bot_client_secret` and `signing_key` (32 bytes or more, base64); each may have a companion,
    /// `..._previous`, that is accepted too.
    ///
    /// # Errors
    /// [`Failure::Fault`] when the secret is not there, one of them is empty or too short, or the KMS
    /// key cannot be used; [`Failure::Retry`] when it cannot be read now. Nothing is done without.
    pub async fn load(client: &Client, prefix: &str) -> Result<Self, Failure> {
        let text = read(client, &app_secret_name(prefix)).await?.ok_or_else(unusable)?;
        Self::parse(&text)
    }

    fn parse(text: &Secret) -> Result<Self, Failure> {
        let wire: Wire = serde_json::from_str(text.expose("parsed")).map_err(|_| unusable())?;
        let key = decoded(&wire.signing_key)?;
        let previous = if wire.signing_key_previous.is_empty() {
            None
        } else {
            Some(decoded(&wire.signing_key_previous)?)
        };
        let previous = previous.as_ref().map(|key| key.as_slice());
        Ok(Self {
            atlassian_client: both(
                wire.atlassian_client_secret,
                wire.atlassian_client_secret_previous,
            )?,
            microsoft_client: both(
                wire.microsoft_client_secret,
                wire.microsoft_client_secret_previous,
            )?,
            bot_client: both(wire.bot_client_secret, wire.bot_client_secret_previous)?,
            signing: Signing::of(&key, previous).ok_or_else(unusable)?,
        })
    }
}

fn unusable() -> Failure {
    Failure::Fault { what: "app_secret_unusable" }
}

fn decoded(key: &Secret) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let bytes = STANDARD.decode(key.expose("decoded into the HMAC key"));
    bytes.map(Zeroizing::new).map_err(|_| unusable())
}

fn both(current: Secret, previous: Secret) -> Result<Vec<Secret>, Failure> {
    if current.is_empty() {
        return Err(unusable());
    }
    Ok(std::iter::once(current).chain(Some(previous).filter(|old| !old.is_empty())).collect())
}

pub(crate) async fn read(client: &Client, name: &str) -> Result<Option<Secret>, Failure> {
    match client.get_secret_value().secret_id(name).send().await {
        Ok(answer) => Ok(answer.secret_string.map(Secret::new)),
        Err(error)
            if error.as_service_error().is_some_and(
                aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueError::is_resource_not_found_exception,
            ) =>
        {
            Ok(None)
        }
        Err(error) => Err(failure_of(&error)),
    }
}

/// A secret whose KMS key cannot be used is an operator's matter; anything else passes.
fn failure_of<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> Failure {
    if error.as_service_error().is_some_and(tandem_vault::tells_of_key_trouble) {
        return Failure::Fault { what: "secrets_key_unusable" };
    }
    Failure::Retry { what: "secrets_unavailable", after: None }
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

    /// Deletes a site's secrets without a recovery window, whether there are any or not.
    pub async fn erase(&self, cloud: &CloudId) -> Result<(), Failure> {
        let name = webhook_secret_name(&self.prefix, cloud);
        let deletion = self.client.delete_secret().secret_id(name);
        let deleted = deletion.force_delete_without_recovery(true).send().await;
        self.known.lock().await.remove(cloud);
        match deleted {
            Ok(_) => Ok(()),
            Err(error)
                if error.as_service_error().is_some_and(
                    aws_sdk_secretsmanager::operation::delete_secret::DeleteSecretError::is_resource_not_found_exception,
                ) =>
            {
                Ok(())
            }
            Err(error) => Err(failure_of(&error)),
        }
    }

    /// The secrets valid for a site now; none for a site that is not served.
    ///
    /// # Errors
    /// [`Failure::Retry`] when they cannot be read now, [`Failure::Fault`] when their KMS key cannot
    /// be used or they are not what they should be.
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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn parse(change: impl Fn(&mut Value)) -> Result<AppSecrets, Failure> {
        let mut wire = json!({
            "atlassian_client_secret": "a",
            "microsoft_client_secret": "m",
            "bot_client_secret": "b",
            "signing_key": STANDARD.encode([7; 32]),
        });
        change(&mut wire);
        AppSecrets::parse(&Secret::new(wire.to_string()))
    }

    #[test]
    fn each_credential_may_have_the_one_before_beside_it() {
        let plain = parse(|_| {}).unwrap();
        assert_eq!((plain.atlassian_client.len(), plain.microsoft_client.len()), (1, 1));
        assert!(!plain.signing.is_being_changed());
        let changing = parse(|wire| {
            wire["atlassian_client_secret_previous"] = json!("before");
            wire["microsoft_client_secret_previous"] = json!("");
            wire["signing_key_previous"] = json!(STANDARD.encode([8; 32]));
        })
        .unwrap();
        let of = |secrets: &[Secret]| -> Vec<String> {
            secrets.iter().map(|it| it.expose("compared").to_owned()).collect()
        };
        assert_eq!(of(&changing.atlassian_client), ["a", "before"]);
        assert_eq!(of(&changing.microsoft_client), ["m"]);
        assert!(changing.signing.is_being_changed());
    }

    #[test]
    fn an_empty_missing_or_short_one_is_refused() {
        for (name, value) in [
            ("atlassian_client_secret", json!("")),
            ("microsoft_client_secret", json!("")),
            ("microsoft_client_secret", Value::Null),
            ("bot_client_secret", json!("")),
            ("signing_key", json!("")),
            ("signing_key", json!("not base64!")),
            ("signing_key", json!(STANDARD.encode([7; 31]))),
            ("signing_key_previous", json!(STANDARD.encode([7; 31]))),
        ] {
            let refused = parse(|wire| wire[name] = value.clone());
            assert_eq!(refused.err(), Some(unusable()), "{name} {value}");
        }
    }
}
