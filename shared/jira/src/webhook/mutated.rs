//! Signatures and tokens changed at random, by a fixed seed: none passes, none panics, and no
//! refusal repeats what was sent.

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::json;
use tandem_domain::{Secret, Timestamp};

use super::{bearer, signature};

const ROUNDS: usize = 10_000;
const NOW: i64 = 1_790_000_000;
const SECRET: &str = "It's a Secret to Everybody";

/// A small generator: the same numbers in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    /// `good` with one to four changes.
    fn mutate(&mut self, good: &[u8]) -> Vec<u8> {
        let mut changed = good.to_vec();
        for _ in 0..=self.below(4) {
            if changed.is_empty() {
                break;
            }
            let place = self.below(changed.len());
            match self.below(6) {
                0 => changed[place] ^= 1 << self.below(8),
                1 => changed.truncate(place),
                2 => changed.insert(place, good[self.below(good.len())]),
                3 => drop(changed.remove(place)),
                4 => changed[place] = b"AZaz09-_.=\" {}\xc3\x00"[self.below(16)],
                _ => {
                    let other = self.below(changed.len());
                    changed.swap(place, other);
                }
            }
        }
        changed
    }
}

#[test]
fn a_changed_signature_or_body_never_verifies() {
    let good = "sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9";
    let body = b"Hello World!";
    let secrets = [Secret::new(SECRET.to_owned())];
    assert_eq!(signature::verify(Some(good), body, &secrets), Ok(()));
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let mut refused = 0;
    while refused < ROUNDS {
        let header = String::from_utf8_lossy(&dice.mutate(good.as_bytes())).into_owned();
        // Digits may be in either case.
        if !header.eq_ignore_ascii_case(good) {
            let error = signature::verify(Some(&header), body, &secrets).unwrap_err();
            let shown = format!("{error} {error:?}");
            assert!(header.len() < 8 || !shown.contains(&header), "{shown}");
            refused += 1;
        }
        let changed = dice.mutate(body);
        if changed != body {
            assert!(signature::verify(Some(good), &changed, &secrets).is_err(), "{changed:?}");
            refused += 1;
        }
    }
}

#[test]
fn a_changed_token_never_verifies() {
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    let claims = json!({"exp": NOW + 180, "iat": NOW, "iss": "tandem", "qsh": "context-qsh"});
    let good = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key).unwrap();
    let (secret, now) = (Secret::new(SECRET.to_owned()), Timestamp::from_secs(NOW));
    assert_eq!(bearer::verify(&good, &secret, now), Ok(()));
    let mut dice = Dice(0xD1B5_4A32_D192_ED03);
    let mut refused = 0;
    while refused < ROUNDS {
        let token = String::from_utf8_lossy(&dice.mutate(good.as_bytes())).into_owned();
        if token == good {
            continue;
        }
        let error = bearer::verify(&token, &secret, now).unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(token.len() < 8 || !shown.contains(&token), "{shown}");
        refused += 1;
    }
    // Parts of one token in the place of another's.
    let other = json!({"exp": NOW + 180, "iat": NOW, "iss": "another"});
    let other = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &other, &key).unwrap();
    let (ours, theirs): (Vec<_>, Vec<_>) = (good.split('.').collect(), other.split('.').collect());
    for mixed in [[ours[0], ours[1], theirs[2]], [ours[0], theirs[1], ours[2]]] {
        assert!(bearer::verify(&mixed.join("."), &secret, now).is_err());
    }
}
