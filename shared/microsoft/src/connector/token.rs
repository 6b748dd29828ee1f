//! The bot's own token: client credentials at Entra, kept until shortly before it ends.
//!
//! <https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication#bot-to-connector>

use std::{sync::Arc, time::Duration};

use serde::Deserialize;
use tandem_domain::{
    AccessToken, Clock, Failure, IssuerError, Secret, Sightings, Timestamp, Vendor,
    with_client_secret,
};
use tokio::sync::Mutex;

use super::ConnectorConfig;
use crate::{
    entra::classify,
    http::{note_throttling, polite, retry_after, trimmed},
};

/// What the token is asked for.
const SCOPE: &str = "https://api.botframework.com/.default";
/// How long before its end a token is replaced.
const BEFORE_ITS_END: Duration = Duration::from_mins(5);

/// The token at hand. One caller fetches it, the others wait.
pub(super) struct AppTokens {
    clock: Arc<dyn Clock>,
    held: Mutex<Option<(AccessToken, Timestamp)>>,
    sightings: Sightings,
}

#[derive(Deserialize)]
struct WireToken {
    access_token: AccessToken,
    /// Seconds.
    expires_in: u64,
}

impl AppTokens {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, held: Mutex::default(), sightings: Sightings::default() }
    }

    pub(super) fn noting(self, sightings: Sightings) -> Self {
        Self { sightings, ..self }
    }

    /// The token; a new one when the one at hand ends soon, or was `refused`.
    pub(super) async fn get(
        &self,
        http: &reqwest::Client,
        config: &ConnectorConfig,
        refused: bool,
    ) -> Result<AccessToken, Failure> {
        let mut held = self.held.lock().await;
        if let Some((token, until)) = &*held
            && !refused
            && self.clock.now().plus(BEFORE_ITS_END) < *until
        {
            return Ok(token.clone());
        }
        let fetched = with_client_secret(&*config.client_secret, |secret: Secret| async move {
            fetch(http, config, &secret, &self.sightings).await
        })
        .await;
        let token = fetched.map_err(|error| failure(&error))?;
        let until = self.clock.now().plus(Duration::from_secs(token.expires_in));
        *held = Some((token.access_token.clone(), until));
        Ok(token.access_token)
    }
}

async fn fetch(
    http: &reqwest::Client,
    config: &ConnectorConfig,
    secret: &Secret,
    sightings: &Sightings,
) -> Result<WireToken, IssuerError> {
    let url = format!("{}/{}/oauth2/v2.0/token", trimmed(&config.login_base), config.tenant);
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", config.client_id.as_str()),
        ("client_secret", secret.expose("sent to the token endpoint")),
        ("scope", SCOPE),
    ];
    let unavailable = |_| IssuerError::Unavailable { retry_after: None };
    let answer = polite(http.post(url)).form(&form).send().await.map_err(unavailable)?;
    let (status, after) = (answer.status(), retry_after(answer.headers()));
    note_throttling(status, Vendor::Entra, sightings);
    let body = answer.bytes().await.map_err(unavailable)?;
    if !status.is_success() {
        return Err(classify(status, after, &body));
    }
    serde_json::from_slice(&body)
        .map_err(|_| IssuerError::Misconfigured { code: "unreadable_answer".to_owned() })
}

fn failure(error: &IssuerError) -> Failure {
    match error {
        IssuerError::Unavailable { retry_after } => {
            Failure::Retry { what: "bot_token_unavailable", after: *retry_after }
        }
        IssuerError::Refused(_) | IssuerError::Misconfigured { .. } => {
            Failure::Fault { what: "bot_credentials" }
        }
    }
}
