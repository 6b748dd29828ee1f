//! Which of the keys that Microsoft publishes may sign what.

use tandem_domain::TenantId;
pub use tandem_tokens::{KeyError, KeySet, PublicKey};

/// Whether the key may sign for this tenant. Entra publishes keys of single tenants and of personal
/// accounts beside its general ones, told apart by their `issuer`.
pub(crate) fn signs_for(key: &PublicKey, tenant: &TenantId) -> bool {
    key.issuer().is_none_or(|issuer| {
        issuer.contains("{tenantid}") || issuer.split('/').any(|part| part == tenant.as_str())
    })
}

/// Whether the key may sign activities of this channel (Bot Connector authentication).
pub(crate) fn is_endorsed_for(key: &PublicKey, channel: &str) -> bool {
    key.endorsements().iter().any(|endorsed| endorsed == channel)
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use serde_json::json;
    use tandem_domain::{ManualClock, Timestamp};

    use super::*;
    use crate::testing::{FakeVendor, TestKey, keys_of};

    /// How soon a failed fetch is tried again.
    const FAILURE_PAUSE: Duration = Duration::from_secs(10);
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

    #[tokio::test]
    async fn a_key_of_one_tenant_signs_for_no_other() {
        let tenant = TenantId::parse("0e3419f7-4c4d-47e7-b98a-7b9b9de02b80").unwrap();
        let base = "https://login.microsoftonline.com";
        for (issuer, signs) in [
            (None, true),
            (Some(format!("{base}/{{tenantid}}/v2.0")), true),
            (Some(format!("{base}/{tenant}/v2.0")), true),
            (Some(format!("{base}/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0")), false),
        ] {
            let mut jwk = TestKey::shared().jwk();
            jwk["issuer"] = issuer.clone().into();
            let (keys, _vendor) = keys_of(&[jwk]).await;
            let key = keys.find("shared").await.unwrap();
            assert_eq!(signs_for(&key, &tenant), signs, "{issuer:?}");
        }
    }
}
