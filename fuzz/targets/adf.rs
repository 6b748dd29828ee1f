//! A Jira comment: read without a panic, refused without a word of it, and what was read can be
//! written for either side.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tandem_fuzz::short;
use tandem_jira::adf;
use tandem_microsoft::html::{self, MAX_MESSAGE_BYTES, mention_as_text};

fuzz_target!(|input: &[u8]| {
    let Ok(value) = serde_json::from_slice(input) else { return };
    match adf::parse(&value) {
        Ok(document) => {
            let written = html::render(&document, &mention_as_text, MAX_MESSAGE_BYTES);
            assert!(written.len() <= MAX_MESSAGE_BYTES);
            html::parse(&written);
            adf::parse(&adf::write(&document)).unwrap();
        }
        Err(error) => short(&error),
    }
});
