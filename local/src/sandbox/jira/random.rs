//! Identifiers and tokens nobody can guess.

use std::fmt::Write;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// `N` random bytes. Should the system have none to give, zeros: this is a simulation.
fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    if aws_lc_rs::rand::fill(&mut bytes).is_err() {
        tracing::error!("the system gave no random bytes");
    }
    bytes
}

/// An opaque token.
pub(crate) fn token() -> String {
    URL_SAFE_NO_PAD.encode(bytes::<48>())
}

/// A version 4 UUID.
pub(crate) fn uuid() -> String {
    let mut raw = bytes::<16>();
    raw[6] = (raw[6] & 0x0f) | 0x40;
    raw[8] = (raw[8] & 0x3f) | 0x80;
    let mut text = String::with_capacity(36);
    for (index, byte) in raw.iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// A webhook identifier: a number of up to 20 digits, as Jira sends it.
pub(crate) fn webhook_identifier() -> String {
    (u64::from_be_bytes(bytes()) >> 1).to_string()
}
