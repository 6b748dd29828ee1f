use tandem_domain::{AccountId, GrantId, SecretVersion, Subject};

use super::*;

const KEY: [u8; 32] = [7; 32];
const SECRET: &[u8] = b"the-refresh-token-of-somebody";

fn context(grant: u8, account: u8, stage: &str, version: u8) -> EncryptionContext {
    let grant = GrantId::parse(&format!("{grant:032x}")).unwrap();
    let account = AccountId::parse(&format!("{account:024x}")).unwrap();
    let version = SecretVersion::parse(&format!("{version:032x}")).unwrap();
    EncryptionContext::new(&grant, &Subject::Atlassian(account), stage, &version)
}

fn ours() -> EncryptionContext {
    context(1, 1, "tandem/test", 1)
}

fn sealed() -> Vec<u8> {
    let key_id = "1234abcd-12ab-34cd-56ef-1234567890ab".to_owned();
    let sealed = SealedToken::seal(key_id, vec![9; 40], &KEY, [3; 12], &ours(), SECRET).unwrap();
    sealed.to_bytes().unwrap()
}

fn open(bytes: &[u8], key: &[u8], context: &EncryptionContext) -> Result<Vec<u8>, EnvelopeError> {
    SealedToken::parse(bytes)?.open(key, context).map(|plaintext| plaintext.to_vec())
}

fn assert_refused(opened: &Result<Vec<u8>, EnvelopeError>, case: &str) {
    let Err(error) = opened else { panic!("{case} opens") };
    let shown = format!("{error} {error:?}");
    assert!(!shown.contains("token") && !shown.contains("1234abcd"), "{case}: {shown}");
}

#[test]
fn opens_what_was_sealed() {
    let bytes = sealed();
    assert_eq!(open(&bytes, &KEY, &ours()).unwrap(), SECRET);
    assert!(!bytes.windows(5).any(|window| window == &SECRET[..5]));
    let again = SealedToken::parse(&bytes).unwrap();
    assert_eq!(again.to_bytes().unwrap(), bytes);
    assert_eq!(again.key_id(), "1234abcd-12ab-34cd-56ef-1234567890ab");
}

#[test]
fn every_changed_bit_is_refused() {
    let bytes = sealed();
    for place in 0..bytes.len() {
        for bit in 0..8 {
            let mut changed = bytes.clone();
            changed[place] ^= 1 << bit;
            assert_refused(&open(&changed, &KEY, &ours()), &format!("byte {place}, bit {bit}"));
        }
    }
}

#[test]
fn every_truncation_and_any_addition_is_refused() {
    let bytes = sealed();
    for length in 0..bytes.len() {
        assert_refused(&open(&bytes[..length], &KEY, &ours()), &format!("{length} bytes"));
    }
    let mut longer = bytes;
    longer.push(0);
    assert_refused(&open(&longer, &KEY, &ours()), "one byte more");
}

#[test]
fn every_other_context_is_refused() {
    let bytes = sealed();
    for (case, other) in [
        ("another grant", context(2, 1, "tandem/test", 1)),
        ("another subject", context(1, 2, "tandem/test", 1)),
        ("another stage", context(1, 1, "tandem/prod", 1)),
        ("another version", context(1, 1, "tandem/test", 2)),
    ] {
        assert_refused(&open(&bytes, &KEY, &other), case);
    }
}

#[test]
fn every_other_key_is_refused() {
    let bytes = sealed();
    for (case, key) in [("other", &[8; 32][..]), ("short", &[7; 16]), ("none", &[])] {
        assert_refused(&open(&bytes, key, &ours()), case);
    }
}

#[test]
fn random_mutations_are_refused() {
    let bytes = sealed();
    // A small generator with a fixed seed: the same mutations in every run.
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 33).unwrap()
    };
    for round in 0..10_000 {
        let mut changed = bytes.clone();
        for _ in 0..=next() % 4 {
            let place = next() % changed.len();
            match next() % 4 {
                0 => changed[place] = changed[place].wrapping_add(1),
                1 => drop(changed.drain(place.min(changed.len() - 1)..changed.len() - 1)),
                2 => changed.insert(place, bytes[next() % bytes.len()]),
                _ => changed.swap(place, 0),
            }
        }
        if changed != bytes {
            assert_refused(&open(&changed, &KEY, &ours()), &format!("round {round}"));
        }
    }
}
