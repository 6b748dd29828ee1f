//! JSON Web Tokens that a vendor signs (RS256): signature and lifetime, the same for all of them.

use std::time::Duration;

use jsonwebtoken::{Algorithm, Validation, decode, decode_header};
use serde::{Deserialize, de::DeserializeOwned};
use tandem_domain::Timestamp;

use crate::{KeyError, KeySet, PublicKey};

/// The difference between two clocks that is put up with.
pub const SKEW: Duration = Duration::from_mins(5);

/// The longest token looked at, in bytes.
const MAX_BYTES: usize = 16 * 1024;

/// Why a token is not believed. Names the check, never anything the token says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Not three base64url parts of the JSON expected.
    #[error("malformed token")]
    Malformed,
    /// Signed by another algorithm than RS256.
    #[error("wrong algorithm")]
    Algorithm,
    /// Signed by a key that the vendor does not publish.
    #[error("unknown key")]
    UnknownKey,
    /// The vendor's keys could not be fetched: the same token may pass later.
    #[error("the vendor's keys are unavailable")]
    KeysUnavailable,
    /// The signature is not that key's.
    #[error("wrong signature")]
    Signature,
    /// From another issuer, or of another tenant.
    #[error("wrong issuer")]
    Issuer,
    /// For another app.
    #[error("wrong audience")]
    Audience,
    /// Issued to another caller than the one that may send this.
    #[error("wrong caller")]
    Caller,
    /// Past its end.
    #[error("expired")]
    Expired,
    /// Before its start.
    #[error("not valid yet")]
    NotYetValid,
    /// Not the answer to the sign-in that was started.
    #[error("wrong nonce")]
    Nonce,
    /// For another service URL than the activity's.
    #[error("wrong service URL")]
    ServiceUrl,
    /// Of another site than the one it is to be of.
    #[error("wrong site")]
    Site,
    /// Signed by a key that is not endorsed for the activity's channel.
    #[error("key not endorsed for the channel")]
    Endorsement,
}

impl TokenError {
    /// A short code for logs and metrics.
    pub fn code(self) -> &'static str {
        match self {
            Self::Malformed => "token_malformed",
            Self::Algorithm => "token_algorithm",
            Self::UnknownKey => "token_unknown_key",
            Self::KeysUnavailable => "token_keys_unavailable",
            Self::Signature => "token_signature",
            Self::Issuer => "token_issuer",
            Self::Audience => "token_audience",
            Self::Caller => "token_caller",
            Self::Expired => "token_expired",
            Self::NotYetValid => "token_not_yet_valid",
            Self::Nonce => "token_nonce",
            Self::ServiceUrl => "token_service_url",
            Self::Site => "token_site",
            Self::Endorsement => "token_endorsement",
        }
    }
}

impl From<KeyError> for TokenError {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::Unknown => Self::UnknownKey,
            KeyError::Unavailable => Self::KeysUnavailable,
        }
    }
}

/// The claims of a token whose signature holds, with the key that signed it. Nothing but the
/// signature has been checked.
///
/// # Errors
/// Which of the checks failed.
pub async fn signed_claims<T: DeserializeOwned>(
    token: &str,
    keys: &KeySet,
) -> Result<(T, PublicKey), TokenError> {
    if token.len() > MAX_BYTES {
        return Err(TokenError::Malformed);
    }
    let header = decode_header(token).map_err(|_| TokenError::Malformed)?;
    if header.alg != Algorithm::RS256 {
        return Err(TokenError::Algorithm);
    }
    if header.crit.is_some() {
        return Err(TokenError::Malformed);
    }
    let key = keys.find(header.kid.as_deref().ok_or(TokenError::UnknownKey)?).await?;
    let claims =
        decode::<T>(token, key.decoding(), &signature_only()).map_err(|error| {
            match error.kind() {
                jsonwebtoken::errors::ErrorKind::InvalidSignature => TokenError::Signature,
                _ => TokenError::Malformed,
            }
        })?;
    Ok((claims.claims, key))
}

/// The library reads the system's clock; the claims are checked here instead, by an injected one.
fn signature_only() -> Validation {
    let mut validation = Validation::new(Algorithm::RS256);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    validation
}

/// When a token is valid, in seconds since 1970 (RFC 7519, section 4.1).
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Lifetime {
    exp: i64,
    #[serde(default)]
    nbf: Option<i64>,
}

impl Lifetime {
    /// Whether `now` is within it, give or take [`SKEW`].
    ///
    /// # Errors
    /// On which side it lies outside.
    pub fn check(&self, now: Timestamp) -> Result<(), TokenError> {
        if Timestamp::from_secs(self.exp).plus(SKEW) <= now {
            return Err(TokenError::Expired);
        }
        match self.nbf {
            Some(nbf) if Timestamp::from_secs(nbf).minus(SKEW) > now => {
                Err(TokenError::NotYetValid)
            }
            _ => Ok(()),
        }
    }
}
