//! The bearer token of a dynamic webhook: passes exactly when it was made with our secret, by
//! HS256, just now.
//!
//! An input is claims, a header, edits to a good token, and the value of `Authorization`.

#![no_main]

use aws_lc_rs::hmac;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use tandem_domain::{Secret, Timestamp};
use tandem_fuzz::{edited, jwt, parts, short, text};
use tandem_jira::webhook::bearer;

const NOW: i64 = 1_790_000_000;
const SECRET: &str = "client-secret";
const HEADER: &[u8] = br#"{"alg":"HS256","typ":"JWT"}"#;
const CLAIMS: &[u8] = br#"{"exp":1790000180,"iat":1790000000}"#;

fn made(header: &[u8], claims: &[u8], secret: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    jwt(header, claims, |input| hmac::sign(&key, input).as_ref().to_vec())
}

fn passes(token: &str) -> bool {
    let secret = Secret::new(SECRET.to_owned());
    let answer = bearer::verify(token, &secret, Timestamp::from_secs(NOW));
    if let Err(error) = answer {
        short(&error);
    }
    answer.is_ok()
}

/// Whether header and claims say what they must. What is not UTF-8 may stand in claims that nobody
/// looks at.
fn stand(header: &[u8], claims: &[u8]) -> bool {
    let read = |bytes| serde_json::from_str::<Value>(&text(bytes)).unwrap_or_default();
    let (header, claims) = (read(header), read(claims));
    let made_just_now = match &claims["iat"] {
        Value::Null => true,
        iat => iat.as_i64().is_some_and(|iat| (NOW - 600..=NOW + 600).contains(&iat)),
    };
    header["alg"] == "HS256"
        && claims["exp"].as_i64().is_some_and(|exp| exp >= NOW - 60)
        && made_just_now
}

fuzz_target!(|input: &[u8]| {
    let [claims, header, edits, authorization] = parts(input);
    let header = if header.is_empty() { HEADER } else { header };
    if passes(&made(header, claims, SECRET)) {
        assert!(stand(header, claims), "passes without being made for it");
    }
    assert!(!passes(&made(header, claims, "a stranger's secret")));
    let good = made(HEADER, CLAIMS, SECRET);
    let changed = text(&edited(good.as_bytes(), edits));
    assert_eq!(passes(&changed), changed == good);
    let authorization = text(authorization);
    if let Some(token) = bearer::token_of(Some(&authorization)) {
        assert!(!passes(token) || token == good);
    }
});
