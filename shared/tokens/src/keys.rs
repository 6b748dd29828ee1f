//! The public keys that a vendor signs its tokens with (RFC 7517), fetched and kept.

use std::{fmt, sync::Arc, time::Duration};

use jsonwebtoken::DecodingKey;
use reqwest::header::{ACCEPT, USER_AGENT};
use serde::Deserialize;
use tandem_domain::{Clock, Timestamp};
use tokio::sync::Mutex;
use url::Url;

/// How Tandem introduces itself.
const NAME: &str = concat!("tandem/", env!("CARGO_PKG_VERSION"));
/// How long one fetch may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How long fetched keys are used.
const LIFE: Duration = Duration::from_hours(24);
/// How often, at most, a token with an unknown key makes us look again.
const UNKNOWN_KEY_PAUSE: Duration = Duration::from_hours(1);
/// How soon a failed fetch is tried again.
const FAILURE_PAUSE: Duration = Duration::from_secs(10);

/// Why there is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The service publishes no such key.
    #[error("unknown key")]
    Unknown,
    /// The keys could not be fetched.
    #[error("the keys are unavailable")]
    Unavailable,
}

/// One published RSA key.
#[derive(Clone)]
pub struct PublicKey {
    kid: String,
    decoding: DecodingKey,
    issuer: Option<String>,
    endorsements: Vec<String>,
}

impl PublicKey {
    pub(crate) fn decoding(&self) -> &DecodingKey {
        &self.decoding
    }

    /// For whom the key may sign, where it is published with its `issuer`, as Entra does.
    pub fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    /// What the key is endorsed for, as the Bot Connector publishes.
    pub fn endorsements(&self) -> &[String] {
        &self.endorsements
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", self.kid)
    }
}

/// The keys of one address. Kept for a day; a token signed with a key not among them makes it
/// look again, at most once an hour, because the service may have changed keys.
pub struct KeySet {
    http: reqwest::Client,
    url: Url,
    clock: Arc<dyn Clock>,
    fetched: Mutex<Fetched>,
}

#[derive(Default)]
struct Fetched {
    keys: Vec<PublicKey>,
    /// The last fetch that gave keys.
    at: Option<Timestamp>,
    /// The last fetch that gave none.
    failed_at: Option<Timestamp>,
}

impl KeySet {
    /// The keys published at `url`. Nothing is fetched before the first key is asked for.
    pub fn new(http: reqwest::Client, url: Url, clock: Arc<dyn Clock>) -> Self {
        Self { http, url, clock, fetched: Mutex::default() }
    }

    /// The key named `kid`.
    ///
    /// # Errors
    /// Whether there is no such key, or no answer.
    pub async fn find(&self, kid: &str) -> Result<PublicKey, KeyError> {
        let mut fetched = self.fetched.lock().await;
        let now = self.clock.now();
        let passed = |since: Option<Timestamp>, span| since.is_none_or(|at| now >= at.plus(span));
        let stale = passed(fetched.at, LIFE);
        if let Some(key) = fetched.find(kid).filter(|_| !stale) {
            return Ok(key);
        }
        if !stale && !passed(fetched.at, UNKNOWN_KEY_PAUSE) {
            return Err(KeyError::Unknown);
        }
        if !passed(fetched.failed_at, FAILURE_PAUSE) {
            return Err(KeyError::Unavailable);
        }
        let Some(keys) = self.fetch().await else {
            fetched.failed_at = Some(now);
            return Err(KeyError::Unavailable);
        };
        *fetched = Fetched { keys, at: Some(now), failed_at: None };
        fetched.find(kid).ok_or(KeyError::Unknown)
    }

    /// The usable keys; `None` when there is no answer or none of them can be used.
    async fn fetch(&self) -> Option<Vec<PublicKey>> {
        let request = self.http.get(self.url.clone()).timeout(TIMEOUT);
        let request = request.header(USER_AGENT, NAME).header(ACCEPT, "application/json");
        let answer = request.send().await.ok()?;
        let document: WireKeys = answer.error_for_status().ok()?.json().await.ok()?;
        let keys: Vec<_> = document.keys.into_iter().filter_map(WireKey::into_key).collect();
        (!keys.is_empty()).then_some(keys)
    }
}

impl fmt::Debug for KeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeySet").field("url", &self.url.as_str()).finish_non_exhaustive()
    }
}

impl Fetched {
    fn find(&self, kid: &str) -> Option<PublicKey> {
        self.keys.iter().find(|key| key.kid == kid).cloned()
    }
}

#[derive(Deserialize)]
struct WireKeys {
    keys: Vec<WireKey>,
}

#[derive(Deserialize)]
struct WireKey {
    #[serde(default)]
    kty: String,
    #[serde(default, rename = "use")]
    usage: Option<String>,
    #[serde(default)]
    alg: Option<String>,
    #[serde(default)]
    kid: String,
    #[serde(default)]
    n: String,
    #[serde(default)]
    e: String,
    #[serde(default)]
    issuer: Option<String>,
    #[serde(default)]
    endorsements: Vec<String>,
}

impl WireKey {
    /// The key, where it is an RSA key for signatures.
    fn into_key(self) -> Option<PublicKey> {
        let for_rs256 = self.kty == "RSA"
            && !self.kid.is_empty()
            && self.usage.as_deref().is_none_or(|usage| usage == "sig")
            && self.alg.as_deref().is_none_or(|alg| alg == "RS256");
        let decoding =
            for_rs256.then(|| DecodingKey::from_rsa_components(&self.n, &self.e))?.ok()?;
        let Self { kid, issuer, endorsements, .. } = self;
        Some(PublicKey { kid, decoding, issuer, endorsements })
    }
}
