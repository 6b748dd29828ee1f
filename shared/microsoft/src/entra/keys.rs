//! The public keys that a Microsoft service signs its tokens with (RFC 7517), fetched and kept.

use std::{fmt, sync::Arc, time::Duration};

use jsonwebtoken::DecodingKey;
use serde::Deserialize;
use tandem_domain::{Clock, TenantId, Timestamp};
use tokio::sync::Mutex;
use url::Url;

use crate::http::polite;

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

    /// Whether the key may sign for this tenant. Entra publishes keys of single tenants and of
    /// personal accounts beside its general ones, told apart by their `issuer`.
    pub(crate) fn signs_for(&self, tenant: &TenantId) -> bool {
        self.issuer.as_deref().is_none_or(|issuer| {
            issuer.contains("{tenantid}") || issuer.split('/').any(|part| part == tenant.as_str())
        })
    }

    /// Whether the key may sign activities of this channel (Bot Connector authentication).
    pub(crate) fn is_endorsed_for(&self, channel: &str) -> bool {
        self.endorsements.iter().any(|endorsed| endorsed == channel)
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
    /// The keys published at `url`: Entra's are at `{login}/common/discovery/v2.0/keys`, the Bot
    /// Connector's at `https://login.botframework.com/v1/.well-known/keys`. Nothing is fetched
    /// before the first key is asked for.
    pub fn new(http: reqwest::Client, url: Url, clock: Arc<dyn Clock>) -> Self {
        Self { http, url, clock, fetched: Mutex::default() }
    }

    /// The key named `kid`.
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
        let answer = polite(self.http.get(self.url.clone())).send().await.ok()?;
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

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tandem_domain::ManualClock;

    use super::*;
    use crate::testing::{FakeVendor, TestKey};

    const HOUR: Duration = Duration::from_hours(1);

    #[tokio::test]
    async fn keys_are_kept_for_a_day_and_unknown_ones_looked_up_once_an_hour() {
        let clock = Arc::new(ManualClock::at(Timestamp::from_secs(1_700_000_000)));
        let vendor = FakeVendor::start().await;
        let key = TestKey::generate("first");
        vendor.answer("GET", "/keys", 200, json!({"keys": [key.jwk()]}));
        let keys = KeySet::new(reqwest::Client::new(), vendor.url("/keys"), clock.clone());

        // (what passes, which key, found, fetches so far)
        for (passed, kid, found, fetches) in [
            (Duration::ZERO, "first", Ok(()), 1),
            (Duration::ZERO, "other", Err(KeyError::Unknown), 1),
            (HOUR / 2, "other", Err(KeyError::Unknown), 1),
            (HOUR / 2, "other", Err(KeyError::Unknown), 2),
            (Duration::ZERO, "other", Err(KeyError::Unknown), 2),
            (HOUR * 23, "first", Ok(()), 2),
            (HOUR, "first", Ok(()), 3),
        ] {
            clock.advance(passed);
            assert_eq!(keys.find(kid).await.map(drop), found, "{kid} after {passed:?}");
            assert_eq!(vendor.requests().len(), fetches, "{kid} after {passed:?}");
        }
    }

    #[tokio::test]
    async fn a_failed_fetch_is_not_an_unknown_key_and_is_tried_again() {
        let clock = Arc::new(ManualClock::at(Timestamp::from_secs(1_700_000_000)));
        let vendor = FakeVendor::start().await;
        vendor.answer("GET", "/keys", 503, json!({}));
        let keys = KeySet::new(reqwest::Client::new(), vendor.url("/keys"), clock.clone());
        assert_eq!(keys.find("first").await.unwrap_err(), KeyError::Unavailable);
        assert_eq!(keys.find("first").await.unwrap_err(), KeyError::Unavailable);
        assert_eq!(vendor.requests().len(), 1);
        clock.advance(FAILURE_PAUSE);
        vendor.answer("GET", "/keys", 200, json!({"keys": [TestKey::generate("first").jwk()]}));
        assert!(keys.find("first").await.is_ok());
    }

    #[tokio::test]
    async fn only_rsa_signing_keys_are_used() {
        let good = TestKey::generate("good").jwk();
        let with = |name: &str, kid: &str, value: &str| {
            let mut jwk = good.clone();
            jwk["kid"] = kid.into();
            jwk[name] = value.into();
            jwk
        };
        let set = json!({"keys": [
            with("use", "enc", "enc"), with("alg", "ps256", "PS256"), with("kty", "ec", "EC"),
            with("n", "bad", "***"), with("kid", "", ""), good,
            {"kty": "oct", "kid": "oct", "k": "AAAA"},
        ]});
        let vendor = FakeVendor::start().await;
        vendor.answer("GET", "/keys", 200, set);
        let clock = Arc::new(ManualClock::default());
        let keys = KeySet::new(reqwest::Client::new(), vendor.url("/keys"), clock);
        for (kid, found) in
            [("good", true), ("enc", false), ("ps256", false), ("ec", false), ("oct", false)]
        {
            assert_eq!(keys.find(kid).await.is_ok(), found, "{kid}");
        }
    }

    #[test]
    fn a_key_of_one_tenant_signs_for_no_other() {
        let tenant = TenantId::parse("0e3419f7-4c4d-47e7-b98a-7b9b9de02b80").unwrap();
        let base = "https://login.microsoftonline.com";
        for (issuer, signs) in [
            (None, true),
            (Some(format!("{base}/{{tenantid}}/v2.0")), true),
            (Some(format!("{base}/{tenant}/v2.0")), true),
            (Some(format!("{base}/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0")), false),
        ] {
            let key = TestKey::generate_public(issuer.clone());
            assert_eq!(key.signs_for(&tenant), signs, "{issuer:?}");
        }
    }

    impl TestKey {
        fn generate_public(issuer: Option<String>) -> PublicKey {
            let mut jwk = Self::shared().jwk();
            jwk["issuer"] = issuer.into();
            let wire: WireKey = serde_json::from_value(jwk).unwrap();
            wire.into_key().unwrap()
        }
    }
}
