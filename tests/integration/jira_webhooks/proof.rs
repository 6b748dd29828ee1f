//! Who is believed: a signature over the raw bytes, or the app's bearer token.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use reqwest::header::HeaderValue;
use serde_json::{Value, json};
use tandem_domain::Clock;
use tandem_local::Vendors;

use super::{
    CANARY, CHAT, Door, LINKED, OTHER_CLOUD, OTHER_HOST, OTHER_SECRET, UNLINKED, comment,
    comment_event, signature,
};
use crate::support::{CLOUD, Front, HOST, WEBHOOK_SECRET};

/// The example of Atlassian's page on webhooks, under [`WEBHOOK_SECRET`].
const EXAMPLE_BODY: &str = "Hello World!";
const EXAMPLE: &str = "sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9";

#[tokio::test(flavor = "multi_thread")]
async fn the_published_example_is_believed_as_text_and_as_bytes() {
    let door = Door::open().await;
    for kind in ["application/json", "text/plain", "application/octet-stream", ""] {
        let send = |body: &str| {
            let request = door.front.post(&format!("/jira/{CLOUD}/webhooks"));
            request
                .header("content-type", kind)
                .header("x-hub-signature", EXAMPLE)
                .body(body.to_owned())
        };
        // Believed, and then found to be no JSON.
        let (status, answer) = Front::answer(send(EXAMPLE_BODY)).await;
        assert_eq!((status, &answer["code"]), (400, &json!("payload_not_json")), "{kind}");
        let (status, answer) = Front::answer(send("Hello World?")).await;
        assert_eq!((status, &answer["code"]), (401, &json!("signature_mismatch")), "{kind}");
    }
    door.untouched("no event");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_right_signature_it_is_401_and_the_table_is_not_asked() {
    let door = Door::open().await;
    let body = comment(LINKED).to_string();
    let good = signature(WEBHOOK_SECRET, body.as_bytes());
    let hex = good.trim_start_matches("sha256=").to_owned();
    let other_body = signature(WEBHOOK_SECRET, comment(UNLINKED).to_string().as_bytes());
    let changed = good.replace(&hex[..2], if hex.starts_with("00") { "11" } else { "00" });
    let cases: Vec<(&str, Option<Vec<u8>>, &str)> = vec![
        ("no header", None, "signature_missing"),
        ("a header that is no text", Some(b"sha256=\xff\xfe".to_vec()), "signature_missing"),
        ("empty", Some(Vec::new()), "signature_malformed"),
        ("no method", Some(hex.clone().into_bytes()), "signature_malformed"),
        ("an empty method", Some(format!("={hex}").into_bytes()), "signature_malformed"),
        ("no digits", Some(b"sha256=".to_vec()), "signature_malformed"),
        ("too short", Some(good[..good.len() - 2].into()), "signature_malformed"),
        ("too long", Some(format!("{good}00").into_bytes()), "signature_malformed"),
        (
            "not hexadecimal",
            Some(good.replace(&hex[..2], "zz").into_bytes()),
            "signature_malformed",
        ),
        ("twice", Some(format!("{good}, {good}").into_bytes()), "signature_malformed"),
        ("sha1", Some(format!("sha1={}", &hex[..40]).into_bytes()), "signature_method_unknown"),
        ("sha512", Some(format!("sha512={hex}{hex}").into_bytes()), "signature_method_unknown"),
        ("SHA256", Some(format!("SHA256={hex}").into_bytes()), "signature_method_unknown"),
        ("of another body", Some(other_body.into_bytes()), "signature_mismatch"),
        ("one byte off", Some(changed.into_bytes()), "signature_mismatch"),
        (
            "of another site's secret",
            Some(signature(OTHER_SECRET, body.as_bytes()).into_bytes()),
            "signature_mismatch",
        ),
        ("of no secret", Some(signature("", body.as_bytes()).into_bytes()), "signature_mismatch"),
    ];
    for (why, header, code) in cases {
        let mut request = door.bare(CLOUD, &body);
        if let Some(value) = header {
            request = request.header("x-hub-signature", HeaderValue::from_bytes(&value).unwrap());
        }
        let (status, answer) = Front::answer(request).await;
        assert_eq!((status, &answer["code"]), (401, &json!(code)), "{why}");
        assert!(!answer.to_string().contains(CANARY), "{why}");
        door.untouched(why);
    }
    let request = door.bare(CLOUD, &body).header("x-hub-signature", good);
    assert_eq!(Front::answer(request).await.0, 200, "the right one");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_is_not_served_is_401_whoever_signs() {
    let door = Door::open().await;
    let body = comment(LINKED).to_string();
    for (cloud, secret) in [
        ("99887766-a1b2-4b33-8444-def123456789", WEBHOOK_SECRET),
        ("99887766-a1b2-4b33-8444-def123456789", ""),
        (OTHER_CLOUD, WEBHOOK_SECRET),
    ] {
        let request =
            door.bare(cloud, &body).header("x-hub-signature", signature(secret, body.as_bytes()));
        assert_eq!(Front::answer(request).await.0, 401, "{cloud} {secret}");
        door.untouched(cloud);
    }
}

/// A token of a webhook that the app registered.
fn token(algorithm: Algorithm, secret: &str, claims: &Value) -> String {
    let key = EncodingKey::from_secret(secret.as_bytes());
    jsonwebtoken::encode(&Header::new(algorithm), claims, &key).unwrap()
}

fn app_secret() -> String {
    Vendors::Simulated.credentials().atlassian_secret
}

/// A token made just now with the app's client secret.
fn good_token(door: &Door) -> String {
    let now = door.stack.clock.now().as_secs();
    token(Algorithm::HS256, &app_secret(), &json!({"iat": now, "exp": now + 180}))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_apps_own_webhooks_are_believed_by_their_bearer_token() {
    let door = Door::open().await;
    let body = comment(LINKED).to_string();
    let good = good_token(&door);
    let (status, answer) = Front::answer(door.bare(CLOUD, &body).bearer_auth(&good)).await;
    assert_eq!((status, &answer["outcome"]), (200, &json!("queued")));
    assert_eq!(door.front.deliveries().len(), 1);
    door.front.table.calls();
    door.front.queue.calls();

    let now = door.stack.clock.now().as_secs();
    let fresh = json!({"iat": now, "exp": now + 180});
    let claims = URL_SAFE_NO_PAD.encode(fresh.to_string());
    let unsigned = format!("{}.{claims}.", URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#));
    let with = |claims: Value| token(Algorithm::HS256, &app_secret(), &claims);
    for (why, value, code) in [
        ("expired", with(json!({"iat": now - 300, "exp": now - 62})), "bearer_expired"),
        ("old", with(json!({"iat": now - 700, "exp": now + 180})), "bearer_stale"),
        ("without an end", with(json!({"iat": now})), "bearer_malformed"),
        ("wrong secret", token(Algorithm::HS256, "guess", &fresh), "bearer_mismatch"),
        ("site's secret", token(Algorithm::HS256, WEBHOOK_SECRET, &fresh), "bearer_mismatch"),
        ("HS512", token(Algorithm::HS512, &app_secret(), &fresh), "bearer_algorithm_unknown"),
        ("garbage", "a.b.c".to_owned(), "bearer_malformed"),
        // A header loses the space at its end on the way, and with it its form.
        ("empty", String::new(), "signature_missing"),
    ] {
        let request = door.bare(CLOUD, &body).header("authorization", format!("Bearer {value}"));
        let (status, answer) = Front::answer(request).await;
        assert_eq!((status, &answer["code"]), (401, &json!(code)), "{why}");
        door.untouched(why);
    }
    for (why, name, value) in [
        ("unsigned", "authorization", format!("Bearer {unsigned}")),
        ("another scheme", "authorization", format!("Basic {good}")),
        ("in another header", "x-authorization", format!("Bearer {good}")),
    ] {
        let request = door.bare(CLOUD, &body).header(name, value);
        assert_eq!(Front::answer(request).await.0, 401, "{why}");
        door.untouched(why);
    }
    let both = door.bare(CLOUD, &body).bearer_auth(&good);
    let both = both.header("x-hub-signature", signature("guess", body.as_bytes()));
    assert_eq!(Front::answer(both).await.0, 401, "a wrong signature beside a right token");
    door.untouched("both");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bearer_token_grows_old_by_the_clock() {
    let door = Door::open().await;
    let body = comment(UNLINKED).to_string();
    let good = good_token(&door);
    for (advance, expected) in [(0, 200), (200, 200), (60, 401)] {
        door.stack.clock.advance(Duration::from_secs(advance));
        let (status, _) = Front::answer(door.bare(CLOUD, &body).bearer_auth(&good)).await;
        assert_eq!(status, expected, "{advance} s later");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payload_of_another_site_is_refused() {
    let door = Door::open().await;
    door.link(OTHER_CLOUD, LINKED, CHAT).await;
    let good = good_token(&door);
    let of_other = comment_event("comment_created", OTHER_HOST, LINKED);
    let of_ours = comment(LINKED);
    let of_nobody = comment_event("comment_created", "nobody.atlassian.net", LINKED);
    let by_gateway = |cloud: &str| {
        let mut event = comment(LINKED);
        let link = format!("https://api.atlassian.com/ex/jira/{cloud}/rest/api/2/issue/{LINKED}");
        event["issue"]["self"] = json!(link);
        event
    };
    let unknown = "99887766-a1b2-4b33-8444-def123456789";
    for (number, (why, cloud, event, expected)) in [
        ("ours", CLOUD, of_ours.clone(), 200),
        ("ours, by cloud id", CLOUD, by_gateway(CLOUD), 200),
        ("the other's own", OTHER_CLOUD, of_other.clone(), 200),
        ("the other's, to us", CLOUD, of_other.clone(), 400),
        ("ours, to the other", OTHER_CLOUD, of_ours, 400),
        ("the other's, by cloud id", CLOUD, by_gateway(OTHER_CLOUD), 400),
        ("nobody's", CLOUD, of_nobody, 400),
        ("to a site that is not served", unknown, by_gateway(unknown), 404),
    ]
    .into_iter()
    .enumerate()
    {
        let body = event.to_string();
        let before = door.front.queued().len();
        let request = door.bare(cloud, &body).bearer_auth(&good);
        let request = request.header("x-atlassian-webhook-identifier", format!("bearer-{number}"));
        let (status, answer) = Front::answer(request).await;
        assert_eq!(status, expected, "{why}: {answer}");
        assert_eq!(door.front.queued().len() - before, usize::from(expected == 200), "{why}");
    }
    let signed = Front::answer(door.signed(&of_other)).await;
    assert_eq!((signed.0, &signed.1["code"]), (400, &json!("other_site")), "signed by us");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_signature_is_of_the_raw_bytes_whatever_the_content_type() {
    let door = Door::open().await;
    let mut event = comment(LINKED);
    event["comment"]["body"] = json!("Zażółć gęślą jaźń \u{1f4a1}");
    // Spaces and escapes that no re-serialisation would keep.
    let body = event.to_string().replacen("{\"comment\"", "{ \t\"comm\\u0065nt\" ", 1);
    assert!(body.contains('\t'));
    for (index, kind) in
        ["application/json", "application/octet-stream", "image/png", ""].into_iter().enumerate()
    {
        let request = door
            .front
            .post(&format!("/jira/{CLOUD}/webhooks?triggeredByUser=712020%3Aa"))
            .header("content-type", kind)
            .header("x-hub-signature", signature(WEBHOOK_SECRET, body.as_bytes()))
            .header("x-atlassian-webhook-identifier", format!("raw-{index}"))
            .body(body.clone());
        let (status, answer) = Front::answer(request).await;
        assert_eq!((status, &answer["outcome"]), (200, &json!("queued")), "{kind}");
        assert_eq!(door.front.queued().len(), index + 1, "{kind}");
    }
    // Bytes that are no text are believed, too, before they are found to be no JSON.
    let bytes = b"{\"webhookEvent\": \"\xff\xfe\"}";
    for kind in ["application/json", "application/octet-stream"] {
        let request = door.front.post(&format!("/jira/{CLOUD}/webhooks"));
        let request = request
            .header("content-type", kind)
            .header("x-hub-signature", signature(WEBHOOK_SECRET, bytes))
            .body(bytes.to_vec());
        let (status, answer) = Front::answer(request).await;
        assert_eq!((status, &answer["code"]), (400, &json!("payload_not_json")), "{kind}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn that_a_project_or_a_user_is_gone_is_believed_of_the_sites_own_webhook_only() {
    let door = Door::open().await;
    let good = good_token(&door);
    for (name, event, field, gone) in [
        ("project", "project_deleted", "id", json!(10_000)),
        ("user", "user_deleted", "accountId", json!("712020:6a1f2c3d-0000-4000-8000-0123456789ab")),
    ] {
        let body = json!({"timestamp": 1, "webhookEvent": event, name: {
            field: gone, "self": format!("https://{HOST}/rest/api/2/{name}/1"),
        }});
        let bearer = door.bare(CLOUD, body.to_string()).bearer_auth(&good);
        let (status, answer) = Front::answer(bearer).await;
        let ignored = json!({"outcome": "ignored", "reason": "not_signed"});
        assert_eq!((status, answer), (200, ignored), "{event}");
        assert_eq!(door.front.queue.calls(), Vec::<String>::new(), "{event}");
        door.front.table.calls();
        door.stack.clock.advance(tandem_store::YES_FOR);
        let (status, answer) = Front::answer(door.signed(&body)).await;
        assert_eq!((status, &answer["outcome"]), (200, &json!("queued")), "{event}: {answer}");
        assert_eq!(door.front.table.calls(), ["GetItem"], "whether the site is served");
        assert_eq!(door.front.queue.calls(), ["SendMessageBatch"], "{event}");
        let queued = door.front.queued();
        let removal: Value = serde_json::from_str(&queued.last().unwrap().body).unwrap();
        assert_eq!((&removal["removed"], &removal["signed"]), (&json!(name), &json!(true)));
    }
}
