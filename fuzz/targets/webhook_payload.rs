//! The body of a webhook: read without a panic, refused without a word of what it said.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tandem_fuzz::short;
use tandem_jira::webhook::payload;

fuzz_target!(|input: &[u8]| {
    if let Err(error) = payload::parse(input) {
        short(&error);
    }
});
