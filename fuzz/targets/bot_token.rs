//! An activity and the token it came with: passes only with what the Bot Connector signed, for
//! this bot, for this service URL, now.
//!
//! An input is an activity, claims, a header, and edits to a good token.

#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};
use tandem_domain::{Secret, Timestamp};
use tandem_fuzz::{Signer, edited, parts, short, signer, text};
use tandem_microsoft::activity::{self, Activity, bot_token};

const NOW: i64 = 1_700_000_000;
const BOT: &str = "the-bot";
const ACTIVITY: &[u8] = br#"{"type":"message","channelId":"msteams","conversation":{"id":"a:1"},
    "serviceUrl":"https://smba.trafficmanager.net/amer/"}"#;

fn passes(token: String, activity: &Activity) -> bool {
    let (token, now) = (Secret::new(token), Timestamp::from_secs(NOW));
    let answer = bot_token::verify(&token, signer().keys(), BOT, activity, now);
    let answer = signer().run(answer);
    if let Err(error) = answer {
        short(&error);
    }
    answer.is_ok()
}

fn good_claims(activity: &Activity) -> Vec<u8> {
    let claims = json!({
        "iss": bot_token::ISSUER, "aud": BOT, "exp": NOW + 3600, "nbf": NOW,
        "serviceurl": activity.service_url.as_url(),
    });
    claims.to_string().into_bytes()
}

/// Whether header and claims say what they must. What is not UTF-8 may stand in claims that nobody
/// looks at.
fn stand(header: &[u8], claims: &[u8], activity: &Activity) -> bool {
    let read = |bytes| serde_json::from_str::<Value>(&text(bytes)).unwrap_or_default();
    let (header, claims) = (read(header), read(claims));
    let url = claims["serviceurl"].as_str().or(claims["serviceUrl"].as_str()).unwrap_or_default();
    let bare = |url: &url::Url| url.as_str().trim_end_matches('/').to_owned();
    let started = match &claims["nbf"] {
        Value::Null => true,
        nbf => nbf.as_i64().is_some_and(|nbf| nbf - 300 <= NOW),
    };
    header["alg"] == "RS256"
        && header["kid"] == "ours"
        && header["crit"].is_null()
        && claims["iss"] == bot_token::ISSUER
        && claims["aud"] == BOT
        && claims["exp"].as_i64().is_some_and(|exp| exp.saturating_add(300) > NOW)
        && started
        && url.parse().is_ok_and(|url| bare(&url) == bare(activity.service_url.as_url()))
        && activity.channel.as_str() == "msteams"
}

fuzz_target!(|input: &[u8]| {
    let [body, claims, header, edits] = parts(input);
    let activity = match activity::parse(body) {
        Ok(activity) => {
            let good = signer().token(Signer::HEADER, &good_claims(&activity));
            assert_eq!(passes(good, &activity), activity.channel.as_str() == "msteams");
            activity
        }
        Err(error) => {
            short(&error);
            activity::parse(ACTIVITY).unwrap()
        }
    };
    assert!(!passes(text(claims), &activity), "passes without a signature");
    if claims.starts_with(b"{") {
        let header = if header.is_empty() { Signer::HEADER } else { header };
        if passes(signer().token(header, claims), &activity) {
            assert!(stand(header, claims, &activity), "passes without being made for it");
        }
    }
    if !edits.is_empty() {
        let good = signer().token(Signer::HEADER, &good_claims(&activity));
        let changed = text(&edited(good.as_bytes(), edits));
        assert!(changed == good || !passes(changed, &activity), "passes changed");
    }
});
