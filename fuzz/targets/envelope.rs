//! What lies in a secret: the envelope, and the tokens in it. No byte of it panics; nothing opens
//! but what was sealed, for what it was sealed for.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tandem_domain::{AccountId, GrantId, SecretVersion, Subject};
use tandem_fuzz::{edited, parts, short};

// The vault's own files: what is fuzzed is not public, and needs nothing of AWS.
#[allow(dead_code)]
#[path = "../../shared/vault/src/context.rs"]
mod context;
#[allow(dead_code)]
#[path = "../../shared/vault/src/error.rs"]
mod error;
#[path = "../../shared/vault/src/payload.rs"]
mod payload;
#[allow(dead_code)]
#[path = "../../shared/vault/src/sealed.rs"]
mod sealed;

use context::EncryptionContext;
use error::EnvelopeError;
use payload::Payload;
use sealed::SealedToken;

const KEY: [u8; 32] = [7; 32];
const NONCE: [u8; 12] = [3; 12];

/// Contexts that differ in one thing each; the first is the one that is sealed for.
fn contexts() -> [EncryptionContext; 5] {
    let one = |grant: u8, account: u8, stage: &str, version: u8| {
        let grant = GrantId::parse(&format!("{grant:032x}")).unwrap();
        let account = AccountId::parse(&format!("{account:024x}")).unwrap();
        let version = SecretVersion::parse(&format!("{version:032x}")).unwrap();
        EncryptionContext::new(&grant, &Subject::Atlassian(account), stage, &version)
    };
    [
        one(1, 1, "tandem", 1),
        one(2, 1, "tandem", 1),
        one(1, 2, "tandem", 1),
        one(1, 1, "other", 1),
        one(1, 1, "tandem", 2),
    ]
}

/// An envelope of anybody's making. The key of ours is left out: the fuzzer sees what is compared in
/// memory, and so learns what was sealed with it.
fn strangers(bytes: &[u8]) {
    match SealedToken::parse(bytes) {
        Ok(sealed) => {
            assert_eq!(sealed.to_bytes().unwrap(), bytes, "one spelling for each envelope");
            for context in contexts() {
                for key in [&[8; 32][..], &[7; 16], &[]] {
                    short(&sealed.open(key, &context).unwrap_err());
                }
            }
        }
        Err(error) => short(&error),
    }
}

/// One of ours, changed.
fn ours(edits: &[u8], plaintext: &[u8], choice: usize) {
    let contexts = contexts();
    let sealed = SealedToken::seal("key".into(), vec![9; 4], &KEY, NONCE, &contexts[0], plaintext);
    let good = sealed.unwrap().to_bytes().unwrap();
    let changed = edited(&good, edits);
    let choice = choice % contexts.len();
    let opened = SealedToken::parse(&changed).and_then(|it| it.open(&KEY, &contexts[choice]));
    match opened {
        Ok(opened) => {
            assert!(changed == good && choice == 0, "opened what was not sealed for it");
            assert_eq!(*opened, plaintext);
        }
        Err(error) => {
            assert!(changed != good || choice != 0, "did not open what was sealed for it");
            short(&error);
        }
    }
}

/// The tokens, as they are after the envelope was opened.
fn tokens(bytes: &[u8]) {
    match Payload::read(bytes) {
        Ok(payload) => {
            assert_eq!(*payload.write().unwrap(), bytes, "one spelling for all tokens");
        }
        Err(error) => short(&error),
    }
}

fuzz_target!(|input: &[u8]| {
    strangers(input);
    tokens(input);
    let [edits, plaintext] = parts(input);
    ours(edits, plaintext, input.len());
});
