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

/// A small generator with a fixed seed: the same numbers in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % limit
    }
}

const ROUNDS: usize = 10_000;

#[test]
fn random_mutations_are_refused() {
    let bytes = sealed();
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let mut refused = 0;
    while refused < ROUNDS {
        let mut changed = bytes.clone();
        for _ in 0..=dice.below(4) {
            let place = dice.below(changed.len());
            match dice.below(6) {
                0 => changed[place] ^= 1 << dice.below(8),
                1 => changed.truncate(place.max(1)),
                2 => changed.insert(place, bytes[dice.below(bytes.len())]),
                3 if changed.len() > 1 => drop(changed.remove(place)),
                4 => {
                    let end = place + dice.below(changed.len() - place);
                    changed[place..end].reverse();
                }
                _ => changed.swap(place, 0),
            }
        }
        if changed != bytes {
            assert_refused(&open(&changed, &KEY, &ours()), &format!("round {refused}"));
            refused += 1;
        }
    }
}

/// An envelope's parts, what it was sealed for and with what.
struct Made {
    sealed: SealedToken,
    data_key: [u8; 32],
    context: EncryptionContext,
}

/// Envelopes of two grants, of two people, in two deployments, in three versions, under two keys.
fn many() -> Vec<Made> {
    let mut made = Vec::new();
    for grant in 1..=2 {
        for account in 1..=2 {
            for stage in ["tandem/test", "tandem/prod"] {
                for version in 1..=3 {
                    let number = u8::try_from(made.len()).unwrap();
                    let context = context(grant, account, stage, version);
                    let data_key = [number; 32];
                    let key_id = format!("key-{}", number % 2);
                    let (wrapped, nonce) = (vec![number; 40], [number; 12]);
                    let sealed =
                        SealedToken::seal(key_id, wrapped, &data_key, nonce, &context, SECRET);
                    made.push(Made { sealed: sealed.unwrap(), data_key, context });
                }
            }
        }
    }
    made
}

#[test]
fn swapped_fields_swapped_contexts_and_replayed_versions_are_refused() {
    let many = many();
    let mut dice = Dice(0xD1B5_4A32_D192_ED03);
    let (mut refused, mut opened) = (0, 0);
    while refused < ROUNDS {
        let pick = dice.below(many.len());
        let mut sealed = many[pick].sealed.clone();
        let (mut data_key, mut context) = (&many[pick].data_key, &many[pick].context);
        for _ in 0..dice.below(3) {
            let from = &many[dice.below(many.len())];
            match dice.below(6) {
                0 => sealed.key_id.clone_from(&from.sealed.key_id),
                1 => sealed.wrapped_key.clone_from(&from.sealed.wrapped_key),
                2 => sealed.nonce = from.sealed.nonce,
                3 => sealed.ciphertext.clone_from(&from.sealed.ciphertext),
                4 => data_key = &from.data_key,
                _ => context = &from.context,
            }
        }
        let whole = many.iter().any(|made| {
            made.sealed == sealed && made.data_key == *data_key && made.context == *context
        });
        let result = open(&sealed.to_bytes().unwrap(), data_key, context);
        if whole {
            assert_eq!(result.unwrap(), SECRET);
            opened += 1;
        } else {
            assert_refused(&result, &format!("round {refused}"));
            refused += 1;
        }
    }
    assert!(opened > 0, "what belongs together opens");
}
