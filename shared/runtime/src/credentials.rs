//! The app's credentials in use: read again every few minutes, so that a change needs no restart.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use aws_sdk_secretsmanager::Client;
use tandem_domain::{BoxFuture, ClientSecrets, Clock, Failure, Secret, Timestamp};

use crate::{AppSecrets, signing::Signing};

/// How old the credentials may be before a request or event has them read again.
const FRESH: Duration = Duration::from_mins(5);
/// After a read that failed, or one that a vendor's refusal called for, the next is this far off.
const NOT_AGAIN_BEFORE: Duration = Duration::from_secs(30);

/// A vendor's client secrets, as its client asks for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Of {
    Atlassian,
    Microsoft,
    Bot,
}

/// What is held now, and when it is due to be read again.
struct Held {
    secrets: Arc<AppSecrets>,
    due: Timestamp,
    read_at: Timestamp,
}

/// The app's credentials. Clones share them.
#[derive(Clone)]
pub struct Credentials {
    client: Client,
    prefix: Arc<str>,
    clock: Arc<dyn Clock>,
    /// What the application signs with; it follows what is read.
    signing: Signing,
    held: Arc<RwLock<Held>>,
    /// One reads, the others go on with what there is.
    reading: Arc<tokio::sync::Mutex<()>>,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Credentials([secret])")
    }
}

impl Credentials {
    /// Reads them for the first time.
    ///
    /// # Errors
    /// Those of [`AppSecrets::load`].
    pub async fn load(
        client: Client,
        prefix: &str,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Failure> {
        let secrets = Arc::new(AppSecrets::load(&client, prefix).await?);
        let read_at = clock.now();
        Ok(Self {
            client,
            prefix: prefix.into(),
            clock,
            signing: secrets.signing.clone(),
            held: Arc::new(RwLock::new(Held { secrets, due: read_at.plus(FRESH), read_at })),
            reading: Arc::default(),
        })
    }

    /// What derived values are derived from.
    pub fn signing(&self) -> Signing {
        self.signing.clone()
    }

    /// Atlassian's client secrets, the one that counts first: they sign the bearer tokens of
    /// dynamic webhooks.
    pub async fn atlassian_client(&self) -> Vec<Secret> {
        self.renew_when_due().await;
        self.now().atlassian_client.clone()
    }

    /// Where Atlassian's client takes its secret from.
    pub fn for_atlassian(&self) -> Arc<dyn ClientSecrets> {
        Arc::new(Source { credentials: self.clone(), of: Of::Atlassian })
    }

    /// Where Entra's client takes its secret from.
    pub fn for_microsoft(&self) -> Arc<dyn ClientSecrets> {
        Arc::new(Source { credentials: self.clone(), of: Of::Microsoft })
    }

    /// Where the bot takes its secret from.
    pub fn for_bot(&self) -> Arc<dyn ClientSecrets> {
        Arc::new(Source { credentials: self.clone(), of: Of::Bot })
    }

    fn now(&self) -> Arc<AppSecrets> {
        Arc::clone(&self.held.read().unwrap_or_else(PoisonError::into_inner).secrets)
    }

    /// Reads them again when they are older than five minutes: called before each piece of work.
    /// While they cannot be read, what is held goes on to be used. Answers why they could not be
    /// read, where that was tried now.
    pub async fn renew_when_due(&self) -> Option<Failure> {
        let due = self.held.read().unwrap_or_else(PoisonError::into_inner).due;
        if due > self.clock.now() {
            return None;
        }
        let _reading = self.reading.try_lock().ok()?;
        self.read().await.err()
    }

    /// Reads them again because a vendor refused what is held; not when they were read just now.
    async fn reread(&self) {
        let _reading = self.reading.lock().await;
        let read_at = self.held.read().unwrap_or_else(PoisonError::into_inner).read_at;
        if read_at.plus(NOT_AGAIN_BEFORE) <= self.clock.now() {
            // Logged; what is held is all there is.
            let _ = self.read().await;
        }
    }

    async fn read(&self) -> Result<(), Failure> {
        let outcome = AppSecrets::load(&self.client, &self.prefix).await;
        let now = self.clock.now();
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        held.read_at = now;
        match outcome {
            Ok(secrets) => {
                self.signing.renew(&secrets.signing);
                held.secrets = Arc::new(secrets);
                held.due = now.plus(FRESH);
                Ok(())
            }
            Err(failure) => {
                held.due = now.plus(NOT_AGAIN_BEFORE);
                tracing::error!(target: "tandem", code = failure.code(), %failure, "the app's secrets cannot be read again");
                Err(failure)
            }
        }
    }
}

#[derive(Debug)]
struct Source {
    credentials: Credentials,
    of: Of,
}

impl Source {
    fn held(&self) -> Vec<Secret> {
        let now = self.credentials.now();
        match self.of {
            Of::Atlassian => now.atlassian_client.clone(),
            Of::Microsoft => now.microsoft_client.clone(),
            Of::Bot => now.bot_client.clone(),
        }
    }
}

impl ClientSecrets for Source {
    fn known(&self) -> BoxFuture<'_, Vec<Secret>> {
        Box::pin(async {
            self.credentials.renew_when_due().await;
            self.held()
        })
    }

    fn reread(&self) -> BoxFuture<'_, Vec<Secret>> {
        Box::pin(async {
            self.credentials.reread().await;
            self.held()
        })
    }
}
