//! The id token: who signed in.
//!
//! <https://learn.microsoft.com/entra/identity-platform/id-tokens#validate-tokens>

use serde::Deserialize;
use tandem_domain::{ObjectId, Secret, TenantId, Timestamp};
use url::Url;

use super::{KeySet, signs_for};
use crate::{
    http::trimmed,
    jwt::{Lifetime, TokenError, same, signed_claims},
};

/// Why an id token is not believed.
pub type IdTokenError = TokenError;

/// Who signed in. The pair is the person's key; a guest in another tenant is another person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The tenant (`tid`).
    pub tenant_id: TenantId,
    /// The user in it (`oid`).
    pub object_id: ObjectId,
}

/// What the token must say.
#[derive(Debug)]
pub struct Expected<'a> {
    /// Where Entra is; the issuer is `{login_base}/{tid}/v2.0`.
    pub login_base: &'a Url,
    /// The only tenant whose people may sign in, if there is but one.
    pub tenant: Option<TenantId>,
    /// The app the token is for.
    pub client_id: &'a str,
    /// The nonce of the sign-in that was started.
    pub nonce: &'a Secret,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    tid: TenantId,
    oid: ObjectId,
    #[serde(default)]
    nonce: String,
    #[serde(flatten)]
    lifetime: Lifetime,
}

/// Checks signature, issuer, audience, lifetime and nonce.
pub async fn verify(
    token: &Secret,
    keys: &KeySet,
    expected: &Expected<'_>,
    now: Timestamp,
) -> Result<Identity, IdTokenError> {
    let claims = checked(token, keys, expected, now).await?;
    if !same(expected.nonce.expose("compared with the token's"), &claims.nonce) {
        return Err(TokenError::Nonce);
    }
    Ok(Identity { tenant_id: claims.tid, object_id: claims.oid })
}

/// Checks a token that Teams got for this app by itself (single sign-on): signature, issuer,
/// audience and lifetime. It answers no sign-in of ours, so it has no nonce: whoever hands it in
/// must be known to be the person it names.
/// <https://learn.microsoft.com/microsoftteams/platform/bots/how-to/authentication/bot-sso-overview>
pub async fn verify_single_sign_on(
    token: &Secret,
    keys: &KeySet,
    expected: &Expected<'_>,
    now: Timestamp,
) -> Result<Identity, IdTokenError> {
    let claims = checked(token, keys, expected, now).await?;
    Ok(Identity { tenant_id: claims.tid, object_id: claims.oid })
}

async fn checked(
    token: &Secret,
    keys: &KeySet,
    expected: &Expected<'_>,
    now: Timestamp,
) -> Result<Claims, IdTokenError> {
    let token = token.expose("its signature and claims are checked");
    let (claims, key) = signed_claims::<Claims>(token, keys).await?;
    let issuer = format!("{}/{}/v2.0", trimmed(expected.login_base), claims.tid);
    let tenant_allowed = expected.tenant.as_ref().is_none_or(|tenant| *tenant == claims.tid);
    if claims.iss != issuer || !tenant_allowed || !signs_for(&key, &claims.tid) {
        return Err(TokenError::Issuer);
    }
    // The app as an API is `api://<host>/<client id>`.
    let as_api = |audience: &str| {
        let path = audience.strip_prefix("api://");
        path.and_then(|path| path.rsplit('/').next()) == Some(expected.client_id)
    };
    if claims.aud != expected.client_id && !(claims.nonce.is_empty() && as_api(&claims.aud)) {
        return Err(TokenError::Audience);
    }
    claims.lifetime.check(now)?;
    Ok(claims)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::testing::{TestKey, keys_of};

    const TENANT: &str = "0e3419f7-4c4d-47e7-b98a-7b9b9de02b80";
    const USER: &str = "48d31887-5fad-4d73-a9f5-3c356e68a038";
    const NOW: i64 = 1_700_000_000;

    fn claims() -> Value {
        json!({
            "iss": format!("https://login.microsoftonline.com/{TENANT}/v2.0"),
            "aud": "the-app", "tid": TENANT, "oid": USER, "nonce": "n0nce",
            "exp": NOW + 3600, "nbf": NOW, "iat": NOW, "name": "Grace Hopper", "ver": "2.0",
        })
    }

    async fn check(token: String, nonce: &str) -> Result<Identity, IdTokenError> {
        let expected = Expected {
            login_base: &Url::parse("https://login.microsoftonline.com").unwrap(),
            tenant: None,
            client_id: "the-app",
            nonce: &Secret::new(nonce.to_owned()),
        };
        let (keys, _vendor) = keys_of(&[TestKey::shared().jwk()]).await;
        verify(&Secret::new(token), &keys, &expected, Timestamp::from_secs(NOW)).await
    }

    #[tokio::test]
    async fn a_good_token_tells_who_signed_in() {
        let identity = check(TestKey::shared().sign(&claims()), "n0nce").await.unwrap();
        assert_eq!((identity.tenant_id.as_str(), identity.object_id.as_str()), (TENANT, USER));
    }

    #[tokio::test]
    async fn each_claim_is_checked() {
        let other = "0c60ce18-654d-441a-badf-14404098f38e";
        for (claim, value, refused) in [
            (
                "iss",
                json!(format!("https://login.microsoftonline.com/{other}/v2.0")),
                Some(TokenError::Issuer),
            ),
            (
                "iss",
                json!(format!("https://login.example.com/{TENANT}/v2.0")),
                Some(TokenError::Issuer),
            ),
            ("iss", json!(format!("https://sts.windows.net/{TENANT}/")), Some(TokenError::Issuer)),
            ("tid", json!(other), Some(TokenError::Issuer)),
            ("tid", json!("contoso.com"), Some(TokenError::Malformed)),
            ("oid", json!("grace"), Some(TokenError::Malformed)),
            ("oid", Value::Null, Some(TokenError::Malformed)),
            ("aud", json!("another-app"), Some(TokenError::Audience)),
            ("aud", json!(["the-app", "x"]), Some(TokenError::Malformed)),
            ("nonce", json!("another"), Some(TokenError::Nonce)),
            ("nonce", json!(""), Some(TokenError::Nonce)),
            ("exp", json!(NOW - 299), None),
            ("exp", json!(NOW - 300), Some(TokenError::Expired)),
            ("exp", Value::Null, Some(TokenError::Malformed)),
            ("nbf", json!(NOW + 300), None),
            ("nbf", json!(NOW + 301), Some(TokenError::NotYetValid)),
        ] {
            let mut claims = claims();
            claims[claim] = value.clone();
            let read = check(TestKey::shared().sign(&claims), "n0nce").await;
            assert_eq!(read.err(), refused, "{claim} = {value}");
        }
    }

    #[tokio::test]
    async fn a_sign_in_without_a_nonce_is_believed_by_nobody() {
        let mut claims = claims();
        claims.as_object_mut().unwrap().remove("nonce");
        let read = check(TestKey::shared().sign(&claims), "").await;
        assert_eq!(read, Err(TokenError::Nonce));
    }

    #[tokio::test]
    async fn only_the_published_key_signs_and_only_rs256() {
        let key = TestKey::shared();
        let good = key.sign(&claims());
        let (signed, signature) = good.rsplit_once('.').unwrap();
        let (header, _) = signed.split_once('.').unwrap();
        let other = key.sign(&json!({"any": "thing"}));
        let header_with = |alg: &str, kid: Option<&str>| {
            let header = json!({"alg": alg, "kid": kid, "typ": "JWT"});
            key.sign_with_header(&header, &claims())
        };
        for (name, token, refused) in [
            (
                "signed by another",
                TestKey::generate("shared").sign(&claims()),
                TokenError::Signature,
            ),
            (
                "another token's signature",
                format!("{signed}.{}", other.rsplit_once('.').unwrap().1),
                TokenError::Signature,
            ),
            (
                "another token's claims",
                format!("{header}.{}.{signature}", other.split('.').nth(1).unwrap()),
                TokenError::Signature,
            ),
            ("no signature", format!("{signed}."), TokenError::Signature),
            ("another algorithm", header_with("RS512", Some("shared")), TokenError::Algorithm),
            (
                "the public key as a shared secret",
                header_with("HS256", Some("shared")),
                TokenError::Algorithm,
            ),
            ("no algorithm", header_with("none", Some("shared")), TokenError::Malformed),
            ("unknown key", header_with("RS256", Some("other")), TokenError::UnknownKey),
            ("no key", header_with("RS256", None), TokenError::UnknownKey),
            ("empty", String::new(), TokenError::Malformed),
            ("not a token", "a.b.c".to_owned(), TokenError::Malformed),
            ("too long", "a".repeat(100_000), TokenError::Malformed),
        ] {
            assert_eq!(check(token, "n0nce").await, Err(refused), "{name}");
        }
    }

    #[tokio::test]
    async fn a_key_of_another_tenant_does_not_sign() {
        let key = TestKey::shared();
        let mut jwk = key.jwk();
        jwk["issuer"] =
            "https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0".into();
        let (keys, _vendor) = keys_of(&[jwk]).await;
        let expected = Expected {
            login_base: &Url::parse("https://login.microsoftonline.com").unwrap(),
            tenant: None,
            client_id: "the-app",
            nonce: &Secret::new("n0nce".to_owned()),
        };
        let token = Secret::new(key.sign(&claims()));
        let read = verify(&token, &keys, &expected, Timestamp::from_secs(NOW)).await;
        assert_eq!(read, Err(TokenError::Issuer));
    }
}
