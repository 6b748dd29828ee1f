//! Tokens changed at random, by a fixed seed: none passes, none panics, and no refusal repeats what
//! was sent.

use serde_json::{Value, json};
use tandem_domain::{Secret, Timestamp};
use url::Url;

use crate::{
    activity::{self, bot_token},
    jwt::TokenError,
    notifications::validation_tokens::{self, CHANGE_TRACKING_APP, Expected},
    testing::{TestKey, keys_of},
};

const ROUNDS: usize = 10_000;
const NOW: i64 = 1_700_000_000;
const TENANT: &str = "84bd8158-6d4d-4958-8b9f-9d6445542f95";

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
    fn mutate(&mut self, good: &str) -> String {
        let mut changed = good.as_bytes().to_vec();
        for _ in 0..=self.below(4) {
            if changed.is_empty() {
                break;
            }
            let place = self.below(changed.len());
            match self.below(6) {
                0 => changed[place] ^= 1 << self.below(7),
                1 => changed.truncate(place),
                2 => changed.insert(place, good.as_bytes()[self.below(good.len())]),
                3 => drop(changed.remove(place)),
                4 => changed[place] = b"AZaz09-_.=\" {}\xc3\x00"[self.below(16)],
                _ => {
                    let other = self.below(changed.len());
                    changed.swap(place, other);
                }
            }
        }
        String::from_utf8_lossy(&changed).into_owned()
    }

    /// Has `verify` refuse changed forms of `good`.
    async fn refused_by(
        &mut self,
        good: &str,
        verify: impl AsyncFn(Secret) -> Result<(), TokenError>,
    ) {
        assert_eq!(verify(Secret::new(good.to_owned())).await, Ok(()));
        let mut refused = 0;
        while refused < ROUNDS {
            let token = self.mutate(good);
            if token == good {
                continue;
            }
            let error = verify(Secret::new(token.clone())).await.unwrap_err();
            let shown = format!("{error} {error:?}");
            assert!(token.len() < 8 || !shown.contains(&token), "{shown}");
            refused += 1;
        }
    }
}

/// The parts of two signed tokens, exchanged.
fn mixed(one: &str, other: &str) -> [String; 2] {
    let (one, other): (Vec<_>, Vec<_>) = (one.split('.').collect(), other.split('.').collect());
    [[one[0], one[1], other[2]].join("."), [one[0], other[1], one[2]].join(".")]
}

#[tokio::test]
async fn a_changed_token_of_the_bot_connector_never_verifies() {
    let mut jwk = TestKey::shared().jwk();
    jwk["endorsements"] = json!(["msteams"]);
    let (keys, _vendor) = keys_of(&[jwk]).await;
    let service = "https://smba.trafficmanager.net/amer/";
    let activity = json!({
        "type": "message", "channelId": "msteams", "serviceUrl": service,
        "conversation": {"id": "a:1"},
    });
    let activity = activity::parse(activity.to_string().as_bytes()).unwrap();
    let claims = |app: &str| -> Value {
        json!({
            "iss": bot_token::ISSUER, "aud": app, "exp": NOW + 3600, "nbf": NOW,
            "serviceurl": service,
        })
    };
    let verify = async |token: Secret| {
        bot_token::verify(&token, &keys, "the-bot", &activity, Timestamp::from_secs(NOW)).await
    };
    let good = TestKey::shared().sign(&claims("the-bot"));
    Dice(0x9E37_79B9_7F4A_7C15).refused_by(&good, verify).await;
    for token in mixed(&good, &TestKey::shared().sign(&claims("another"))) {
        assert!(verify(Secret::new(token)).await.is_err());
    }
}

#[tokio::test]
async fn a_changed_validation_token_of_graph_never_verifies() {
    let (keys, _vendor) = keys_of(&[TestKey::shared().jwk()]).await;
    let login_base = Url::parse("https://login.microsoftonline.com/").unwrap();
    let expected = Expected { client_id: "tandem", login_base: &login_base };
    let claims = |app: &str| -> Value {
        json!({
            "iss": format!("https://login.microsoftonline.com/{TENANT}/v2.0"), "tid": TENANT,
            "aud": app, "azp": CHANGE_TRACKING_APP, "exp": NOW + 60,
        })
    };
    let verify = async |token: Secret| {
        let now = Timestamp::from_secs(NOW);
        validation_tokens::verify(&[token], &keys, &expected, now).await.map(|_| ())
    };
    let good = TestKey::shared().sign(&claims("tandem"));
    Dice(0xD1B5_4A32_D192_ED03).refused_by(&good, verify).await;
    for token in mixed(&good, &TestKey::shared().sign(&claims("another"))) {
        assert!(verify(Secret::new(token)).await.is_err());
    }
}
