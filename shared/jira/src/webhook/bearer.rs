//! The bearer token of dynamic webhooks, those an OAuth 2.0 (3LO) app registers: a JWT made with
//! the app's client secret. It binds neither the body nor the site, so whoever accepts it still
//! matches the payload's site and drops repetitions.
//! <https://developer.atlassian.com/cloud/jira/platform/webhooks/>

use std::time::Duration;

use jsonwebtoken::{Algorithm, DecodingKey, Validation, errors::ErrorKind};
use serde::Deserialize;
use tandem_domain::{Secret, Timestamp};

/// How far the vendor's clock may be ahead of or behind ours.
const LEEWAY: Duration = Duration::from_mins(1);

/// How far from now a token may have been made.
const MAX_AGE: Duration = Duration::from_mins(10);

/// Why a webhook's bearer token does not stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BearerError {
    /// Not a JWT, or one without an end.
    #[error("the bearer token is malformed")]
    Malformed,
    /// Not made by the one method that counts, HS256.
    #[error("the bearer token names an unknown algorithm")]
    UnknownAlgorithm,
    /// Not made with our client secret.
    #[error("the bearer token's signature does not match")]
    Mismatch,
    /// Its time is over.
    #[error("the bearer token has expired")]
    Expired,
    /// Made too long ago, or in the future.
    #[error("the bearer token was not made just now")]
    Stale,
    /// There is no client secret to check it with.
    #[error("no client secret is set")]
    NoSecret,
}

impl BearerError {
    /// A short code for answers, logs and metrics.
    pub fn code(self) -> &'static str {
        match self {
            Self::Malformed => "bearer_malformed",
            Self::UnknownAlgorithm => "bearer_algorithm_unknown",
            Self::Mismatch => "bearer_mismatch",
            Self::Expired => "bearer_expired",
            Self::Stale => "bearer_stale",
            Self::NoSecret => "bearer_secret_missing",
        }
    }
}

/// The claims that are looked at; what others there are is not documented.
#[derive(Deserialize)]
struct Claims {
    exp: i64,
    iat: Option<i64>,
}

/// The token in an `Authorization: Bearer ...` header, where it is one.
pub fn token_of(authorization: Option<&str>) -> Option<&str> {
    let (scheme, token) = authorization?.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Checks a token: HS256 with the client secret, not ended (60 s of leeway), and made within ten
/// minutes of now where it says when. Issuer and audience are not documented and not looked at.
pub fn verify(token: &str, client_secret: &Secret, now: Timestamp) -> Result<(), BearerError> {
    if client_secret.is_empty() {
        return Err(BearerError::NoSecret);
    }
    let secret = client_secret.expose("the key of the webhook token's HMAC");
    let key = DecodingKey::from_secret(secret.as_bytes());
    let claims = jsonwebtoken::decode::<Claims>(token, &key, &signature_only())
        .map_err(|error| refusal(error.kind()))?
        .claims;
    if now.minus(LEEWAY) > Timestamp::from_secs(claims.exp) {
        return Err(BearerError::Expired);
    }
    let made = claims.iat.map(Timestamp::from_secs);
    if made.is_some_and(|made| made < now.minus(MAX_AGE) || made > now.plus(MAX_AGE)) {
        return Err(BearerError::Stale);
    }
    Ok(())
}

/// Only algorithm and signature: the library would read the system's clock for the rest.
fn signature_only() -> Validation {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    validation
}

fn refusal(kind: &ErrorKind) -> BearerError {
    match kind {
        ErrorKind::InvalidSignature => BearerError::Mismatch,
        ErrorKind::InvalidAlgorithm | ErrorKind::InvalidAlgorithmName => {
            BearerError::UnknownAlgorithm
        }
        _ => BearerError::Malformed,
    }
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::{EncodingKey, Header};
    use serde_json::{Value, json};

    use super::*;

    const NOW: i64 = 1_790_000_000;
    const SECRET: &str = "client-secret";

    fn token(algorithm: Algorithm, secret: &str, claims: &Value) -> String {
        let key = EncodingKey::from_secret(secret.as_bytes());
        jsonwebtoken::encode(&Header::new(algorithm), claims, &key).unwrap()
    }

    fn check(token: &str) -> Result<(), BearerError> {
        verify(token, &Secret::new(SECRET.to_owned()), Timestamp::from_secs(NOW))
    }

    #[test]
    fn time_is_checked_against_the_clock_that_was_given() {
        for (claims, expected) in [
            (json!({"exp": NOW + 180, "iat": NOW}), Ok(())),
            (json!({"exp": NOW + 180}), Ok(())),
            (json!({"exp": NOW - 60}), Ok(())),
            (json!({"exp": NOW - 61}), Err(BearerError::Expired)),
            (json!({"exp": NOW + 180, "iat": NOW - 600}), Ok(())),
            (json!({"exp": NOW + 180, "iat": NOW - 601}), Err(BearerError::Stale)),
            (json!({"exp": NOW + 9000, "iat": NOW + 601}), Err(BearerError::Stale)),
            (json!({"exp": NOW + 180, "iss": "any", "aud": ["any"], "nbf": NOW + 9}), Ok(())),
            (json!({"iat": NOW}), Err(BearerError::Malformed)),
            (json!({"exp": "soon"}), Err(BearerError::Malformed)),
            (json!({"exp": i64::MIN}), Err(BearerError::Expired)),
        ] {
            assert_eq!(check(&token(Algorithm::HS256, SECRET, &claims)), expected, "{claims}");
        }
    }

    #[test]
    fn only_our_secret_and_algorithm_count() {
        let claims = json!({"exp": NOW + 180, "iat": NOW});
        let good = token(Algorithm::HS256, SECRET, &claims);
        let unsigned = format!("eyJhbGciOiJub25lIn0.{}.", good.split('.').nth(1).unwrap());
        for (token, expected) in [
            (token(Algorithm::HS256, "other", &claims), BearerError::Mismatch),
            (token(Algorithm::HS512, SECRET, &claims), BearerError::UnknownAlgorithm),
            (format!("{good}AAAA"), BearerError::Mismatch),
            (good[..good.len() - 4].to_owned(), BearerError::Malformed),
            ("not a token".to_owned(), BearerError::Malformed),
            (String::new(), BearerError::Malformed),
        ] {
            assert_eq!(check(&token), Err(expected), "{token}");
        }
        assert!(check(&unsigned).is_err());
        let nothing = Secret::new(String::new());
        let now = Timestamp::from_secs(NOW);
        let empty = token(Algorithm::HS256, "", &claims);
        assert_eq!(verify(&empty, &nothing, now), Err(BearerError::NoSecret));
    }

    #[test]
    fn the_header_is_read_whatever_its_case() {
        for (header, expected) in [
            (Some("Bearer a.b.c"), Some("a.b.c")),
            (Some("bearer  a.b.c "), Some("a.b.c")),
            (Some("Basic a.b.c"), None),
            (Some("a.b.c"), None),
            (None, None),
        ] {
            assert_eq!(token_of(header), expected);
        }
    }
}
