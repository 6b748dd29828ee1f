//! How webhooks are signed.

use std::fmt::Write;

use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;

/// The value of `X-Hub-Signature`: the method and the lower-case hexadecimal HMAC of the body.
pub(crate) fn hub_signature(secret: &str, body: &[u8]) -> String {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), body);
    tag.as_ref().iter().fold("sha256=".to_owned(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The bearer token of a webhook that the app registered: an HS256 JWT by the client secret. Its
/// claims are undocumented; these are the least that the algorithm's users agree on.
pub(crate) fn app_token(client_id: &str, client_secret: &str, now_secs: i64) -> String {
    let part = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let head = part(json!({"alg": "HS256", "typ": "JWT"}));
    let claims = part(json!({
        "iss": client_id, "sub": client_id, "iat": now_secs, "exp": now_secs + 180,
    }));
    let signed = format!("{head}.{claims}");
    let key = hmac::Key::new(hmac::HMAC_SHA256, client_secret.as_bytes());
    let tag = hmac::sign(&key, signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(tag.as_ref()))
}

#[cfg(test)]
mod tests {
    use super::hub_signature;

    #[test]
    fn signs_as_atlassians_documentation_shows() {
        assert_eq!(
            hub_signature("It's a Secret to Everybody", b"Hello World!"),
            "sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9"
        );
    }
}
