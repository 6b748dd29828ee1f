//! The tokens with which Graph vouches for notifications that carry content.
//!
//! <https://learn.microsoft.com/graph/change-notifications-with-resource-data#validating-the-authenticity-of-notifications>

use serde::Deserialize;
use tandem_domain::{Secret, TenantId, Timestamp};
use url::Url;

use crate::{
    entra::{KeySet, signs_for},
    http::trimmed,
    jwt::{Lifetime, TokenError, signed_claims},
};

/// The app id of Microsoft Graph's change tracking, which alone may send notifications.
pub const CHANGE_TRACKING_APP: &str = "0bf30f3b-4a52-48df-9a82-234910c4a086";

/// The most tokens looked at; Graph sends one per app and tenant.
const MAX_TOKENS: usize = 100;

/// What the tokens must say.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// Tandem's own app id.
    pub client_id: &'a str,
    /// Where Entra is: `https://login.microsoftonline.com`.
    pub login_base: &'a Url,
}

/// The tenants that valid tokens were issued for; none by default.
#[derive(Clone, Debug, Default)]
pub struct VouchedTenants(Vec<TenantId>);

impl VouchedTenants {
    /// Whether there was a valid token of this tenant.
    pub fn contains(&self, tenant: &TenantId) -> bool {
        self.0.contains(tenant)
    }
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    tid: TenantId,
    /// The caller in tokens of version 1.
    #[serde(default)]
    appid: Option<String>,
    /// The caller in tokens of version 2.
    #[serde(default)]
    azp: Option<String>,
    #[serde(flatten)]
    lifetime: Lifetime,
}

/// Checks every token of a delivery; one that fails fails them all.
pub async fn verify(
    tokens: &[Secret],
    keys: &KeySet,
    expected: &Expected<'_>,
    now: Timestamp,
) -> Result<VouchedTenants, TokenError> {
    if tokens.len() > MAX_TOKENS {
        return Err(TokenError::Malformed);
    }
    let mut vouched = VouchedTenants::default();
    for token in tokens {
        vouched.0.push(verify_one(token, keys, expected, now).await?);
    }
    Ok(vouched)
}

async fn verify_one(
    token: &Secret,
    keys: &KeySet,
    expected: &Expected<'_>,
    now: Timestamp,
) -> Result<TenantId, TokenError> {
    let token = token.expose("its signature and claims are checked");
    let (claims, key) = signed_claims::<Claims>(token, keys).await?;
    let tenant = &claims.tid;
    let version_2 = format!("{}/{tenant}/v2.0", trimmed(expected.login_base));
    let version_1 = format!("https://sts.windows.net/{tenant}/");
    let caller = if claims.iss == version_2 {
        claims.azp
    } else if claims.iss == version_1 {
        claims.appid
    } else {
        return Err(TokenError::Issuer);
    };
    if !signs_for(&key, tenant) {
        return Err(TokenError::Issuer);
    }
    if claims.aud != expected.client_id {
        return Err(TokenError::Audience);
    }
    if caller.as_deref() != Some(CHANGE_TRACKING_APP) {
        return Err(TokenError::Caller);
    }
    claims.lifetime.check(now)?;
    Ok(claims.tid)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::testing::{TestKey, keys_of};

    const TENANT: &str = "84bd8158-6d4d-4958-8b9f-9d6445542f95";
    const NOW: i64 = 1_700_000_000;

    async fn check(tokens: &[Secret]) -> Result<VouchedTenants, TokenError> {
        let (keys, _vendor) = keys_of(&[TestKey::shared().jwk()]).await;
        let login_base = Url::parse("https://login.microsoftonline.com/").unwrap();
        let expected = Expected { client_id: "tandem", login_base: &login_base };
        verify(tokens, &keys, &expected, Timestamp::from_secs(NOW)).await
    }

    fn token(claims: &Value) -> Secret {
        Secret::new(TestKey::shared().sign(claims))
    }

    fn version_1() -> Value {
        json!({
            "iss": format!("https://sts.windows.net/{TENANT}/"), "tid": TENANT, "aud": "tandem",
            "appid": CHANGE_TRACKING_APP, "exp": NOW + 60, "nbf": NOW - 60,
        })
    }

    fn version_2() -> Value {
        json!({
            "iss": format!("https://login.microsoftonline.com/{TENANT}/v2.0"), "tid": TENANT,
            "aud": "tandem", "azp": CHANGE_TRACKING_APP, "exp": NOW + 60,
        })
    }

    #[tokio::test]
    async fn valid_tokens_of_both_versions_vouch_for_their_tenant() {
        let vouched = check(&[token(&version_1()), token(&version_2())]).await.unwrap();
        assert!(vouched.contains(&TenantId::parse(TENANT).unwrap()));
        let other = TenantId::parse("0c60ce18-654d-441a-badf-14404098f38e").unwrap();
        assert!(!vouched.contains(&other));
        assert!(!check(&[]).await.unwrap().contains(&other));
    }

    #[tokio::test]
    async fn each_claim_is_checked_and_one_bad_token_fails_all() {
        let other = "0c60ce18-654d-441a-badf-14404098f38e";
        for (good, claim, value, refused) in [
            (
                version_1(),
                "iss",
                json!(format!("https://sts.windows.net/{other}/")),
                TokenError::Issuer,
            ),
            (version_1(), "tid", json!(other), TokenError::Issuer),
            (version_1(), "aud", json!("another"), TokenError::Audience),
            (version_1(), "appid", json!("another"), TokenError::Caller),
            (version_1(), "appid", Value::Null, TokenError::Caller),
            (version_1(), "exp", json!(NOW - 400), TokenError::Expired),
            (version_1(), "nbf", json!(NOW + 400), TokenError::NotYetValid),
            (version_2(), "azp", json!("another"), TokenError::Caller),
            (version_2(), "azp", Value::Null, TokenError::Caller),
            (version_2(), "iss", json!("https://login.example.com/x/v2.0"), TokenError::Issuer),
        ] {
            let mut claims = good;
            claims[claim] = value.clone();
            let read = check(&[token(&version_1()), token(&claims)]).await;
            assert_eq!(read.err(), Some(refused), "{claim} = {value}");
        }
        let forged = Secret::new(TestKey::generate("shared").sign(&version_1()));
        assert_eq!(check(&[forged]).await.err(), Some(TokenError::Signature));
    }
}
