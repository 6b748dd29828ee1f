//! `X-Hub-Signature`: an HMAC over the raw bytes of the body, in the form `method=hex`.
//! <https://developer.atlassian.com/cloud/jira/platform/webhooks/#secure-admin-webhooks>

use aws_lc_rs::hmac;
use tandem_domain::Secret;

/// The length of an HMAC-SHA256, in bytes.
const MAC_BYTES: usize = 32;

/// Why a webhook's signature does not stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// There is no such header.
    #[error("the X-Hub-Signature header is missing")]
    Missing,
    /// The header is not `method=hex`.
    #[error("the X-Hub-Signature header is malformed")]
    Malformed,
    /// The method is not one Tandem knows.
    #[error("the X-Hub-Signature header names an unknown method")]
    UnknownMethod,
    /// No secret is set for the webhook, or an empty one: nothing can be believed.
    #[error("no secret is set for this webhook")]
    NoSecret,
    /// No secret makes this signature of this body.
    #[error("the signature does not match")]
    Mismatch,
}

impl SignatureError {
    /// A short code for answers, logs and metrics.
    pub fn code(self) -> &'static str {
        match self {
            Self::Missing => "signature_missing",
            Self::Malformed => "signature_malformed",
            Self::UnknownMethod => "signature_method_unknown",
            Self::NoSecret => "signature_secret_missing",
            Self::Mismatch => "signature_mismatch",
        }
    }
}

/// A well-formed signature that is still to be checked.
#[derive(Clone, Copy, Debug)]
pub struct Signature([u8; MAC_BYTES]);

/// Reads the header's value, before any secret is needed. The only method is `sha256`; the
/// vendor reserves the right to change it, so any other is refused rather than guessed.
pub fn parse_header(header: Option<&str>) -> Result<Signature, SignatureError> {
    let value = header.ok_or(SignatureError::Missing)?.trim();
    let (method, hex) = value.split_once('=').ok_or(SignatureError::Malformed)?;
    match method {
        "sha256" => {}
        "" => return Err(SignatureError::Malformed),
        _ => return Err(SignatureError::UnknownMethod),
    }
    let mut mac = [0; MAC_BYTES];
    if hex.len() != 2 * MAC_BYTES {
        return Err(SignatureError::Malformed);
    }
    for (byte, digits) in mac.iter_mut().zip(hex.as_bytes().chunks_exact(2)) {
        let [high, low] = digits else { return Err(SignatureError::Malformed) };
        let high = nibble(*high).ok_or(SignatureError::Malformed)?;
        let low = nibble(*low).ok_or(SignatureError::Malformed)?;
        *byte = high << 4 | low;
    }
    Ok(Signature(mac))
}

impl Signature {
    /// Checks the signature over the raw body, in constant time, against each of the secrets:
    /// while a secret is being changed, the old and the new one hold. No secret at all, or an
    /// empty one among them, is a refusal.
    pub fn verify(&self, body: &[u8], secrets: &[Secret]) -> Result<(), SignatureError> {
        if secrets.is_empty() || secrets.iter().any(Secret::is_empty) {
            return Err(SignatureError::NoSecret);
        }
        let mut matched = false;
        for secret in secrets {
            let secret = secret.expose("the key of the webhook's HMAC");
            let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
            matched |= hmac::verify(&key, body, &self.0).is_ok();
        }
        if matched { Ok(()) } else { Err(SignatureError::Mismatch) }
    }
}

/// [`parse_header`] and [`Signature::verify`] in one, for callers that have the secrets at hand.
pub fn verify(header: Option<&str>, body: &[u8], secrets: &[Secret]) -> Result<(), SignatureError> {
    parse_header(header)?.verify(body, secrets)
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake::shared_json;

    const SECRET: &str = "It's a Secret to Everybody";
    const BODY: &[u8] = b"Hello World!";
    const VALUE: &str = "sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9";

    fn secrets(texts: &[&str]) -> Vec<Secret> {
        texts.iter().map(|text| Secret::new((*text).to_owned())).collect()
    }

    #[test]
    fn the_vendors_example_verifies() {
        let file = "fixtures/jira/captured-headers/x-hub-signature-vector.json";
        let Some(vector) = shared_json(file) else { return };
        let text = |name: &str| vector[name].as_str().unwrap().to_owned();
        let secret = [Secret::new(text("secret"))];
        assert_eq!(verify(Some(&text("value")), text("body").as_bytes(), &secret), Ok(()));
    }

    #[test]
    fn either_of_two_secrets_is_enough() {
        for (keys, expected) in [
            (&[SECRET][..], Ok(())),
            (&[SECRET, "next"], Ok(())),
            (&["next", SECRET], Ok(())),
            (&["next", "other"], Err(SignatureError::Mismatch)),
            (&["it's a secret to everybody"], Err(SignatureError::Mismatch)),
            (&[], Err(SignatureError::NoSecret)),
            (&[""], Err(SignatureError::NoSecret)),
            (&[SECRET, ""], Err(SignatureError::NoSecret)),
        ] {
            assert_eq!(verify(Some(VALUE), BODY, &secrets(keys)), expected, "{keys:?}");
        }
    }

    #[test]
    fn a_changed_body_or_signature_is_refused() {
        let secrets = secrets(&[SECRET]);
        assert_eq!(verify(Some(VALUE), b"Hello World", &secrets), Err(SignatureError::Mismatch));
        let changed = VALUE.replace("c9", "c8");
        assert_eq!(verify(Some(&changed), BODY, &secrets), Err(SignatureError::Mismatch));
    }

    #[test]
    fn a_header_is_judged_before_any_secret_is_needed() {
        let hex = VALUE.trim_start_matches("sha256=");
        for (header, expected) in [
            (None, SignatureError::Missing),
            (Some(String::new()), SignatureError::Malformed),
            (Some(hex.to_owned()), SignatureError::Malformed),
            (Some(format!("={hex}")), SignatureError::Malformed),
            (Some("sha256=".to_owned()), SignatureError::Malformed),
            (Some(format!("sha256={}", &hex[2..])), SignatureError::Malformed),
            (Some(format!("sha256={hex}00")), SignatureError::Malformed),
            (Some(format!("sha256=zz{}", &hex[2..])), SignatureError::Malformed),
            (Some(format!("sha256=é{}", &hex[2..])), SignatureError::Malformed),
            (Some(format!("sha1={}", &hex[..40])), SignatureError::UnknownMethod),
            (Some(format!("SHA256={hex}")), SignatureError::UnknownMethod),
            (Some(format!("none={hex}")), SignatureError::UnknownMethod),
        ] {
            assert_eq!(parse_header(header.as_deref()).unwrap_err(), expected, "{header:?}");
        }
    }
}
