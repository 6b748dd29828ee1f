//! Unguessable values in the shapes Microsoft gives them.

use std::fmt::Write as _;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// `N` random bytes. The process ends where the system has no randomness: nothing made with
/// less would be worth handing out.
pub(super) fn bytes<const N: usize>() -> [u8; N] {
    let mut buffer = [0; N];
    if aws_lc_rs::rand::fill(&mut buffer).is_err() {
        std::process::abort();
    }
    buffer
}

/// Lower-case hexadecimal of `bytes`.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A version 4 GUID, lower case, with dashes.
pub(super) fn guid() -> String {
    let mut raw = bytes::<16>();
    raw[6] = (raw[6] & 0x0f) | 0x40;
    raw[8] = (raw[8] & 0x3f) | 0x80;
    let text = hex(&raw);
    [&text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..]].join("-")
}

/// An opaque token starting with `prefix`, with 256 bits of randomness in URL-safe letters.
pub(super) fn token(prefix: &str) -> String {
    format!("{prefix}{}", URL_SAFE_NO_PAD.encode(bytes::<32>()))
}
