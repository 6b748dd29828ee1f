//! `X-Hub-Signature`: holds for a body exactly when it is the HMAC of it, whatever else is sent.
//!
//! An input is a body, a header and edits to a good header.

#![no_main]

use std::fmt::Write as _;

use aws_lc_rs::hmac;
use libfuzzer_sys::fuzz_target;
use tandem_domain::Secret;
use tandem_fuzz::{edited, parts, short, text};
use tandem_jira::webhook::signature;

const SECRETS: [&str; 2] = ["the present secret", "the next secret"];

fn signed(body: &[u8], secret: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let mut header = "sha256=".to_owned();
    for byte in hmac::sign(&key, body).as_ref() {
        write!(header, "{byte:02x}").unwrap();
    }
    header
}

fn check(header: Option<&str>, body: &[u8]) {
    let secrets = SECRETS.map(|secret| Secret::new(secret.to_owned()));
    let good = SECRETS.map(|secret| signed(body, secret));
    // Digits may be in either case; the method may not.
    let holds = header.map(str::trim).is_some_and(|header| {
        header.starts_with("sha256=") && good.iter().any(|good| header.eq_ignore_ascii_case(good))
    });
    let answer = signature::verify(header, body, &secrets);
    assert_eq!(answer.is_ok(), holds, "{header:?}");
    assert!(signature::verify(header, body, &[]).is_err());
    let empty = [Secret::new(SECRETS[0].to_owned()), Secret::new(String::new())];
    assert!(signature::verify(header, body, &empty).is_err());
    if let Err(error) = answer {
        short(&error);
    }
}

fuzz_target!(|input: &[u8]| {
    let [body, header, edits] = parts(input);
    check(None, body);
    check(Some(&text(header)), body);
    for secret in [SECRETS[0], SECRETS[1], "a stranger's secret"] {
        let good = signed(body, secret);
        check(Some(&good), body);
        check(Some(&text(&edited(good.as_bytes(), edits))), body);
        check(Some(&good), &edited(body, edits));
    }
});
