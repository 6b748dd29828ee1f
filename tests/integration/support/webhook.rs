//! Webhooks that a test sends itself, as Jira does.

use std::fmt::Write;

use aws_lc_rs::hmac;
use serde_json::Value;

use super::TestStack;

/// The value of `X-Hub-Signature`.
pub fn signature(secret: &str, body: &[u8]) -> String {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), body);
    tag.as_ref().iter().fold("sha256=".to_owned(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

impl TestStack {
    /// Sends a webhook of a site, signed; gives the status and the JSON answered.
    pub async fn webhook(
        &self,
        cloud: &str,
        secret: &str,
        identifier: &str,
        body: &[u8],
    ) -> (u16, Value) {
        let sent = self
            .request("POST", &format!("/jira/{cloud}/webhooks"))
            .header("content-type", "application/json; charset=UTF-8")
            .header("x-atlassian-webhook-identifier", identifier)
            .header("x-hub-signature", signature(secret, body))
            .body(body.to_vec())
            .send();
        let response = sent.await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap_or(Value::Null))
    }
}
