//! Whether an activity is from the Bot Connector.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use tandem_local::{
    Stack, StackOptions,
    sandbox::gate::{Fault, Strike},
};

use super::scene::Scene;
use crate::support::TENANT;

/// An activity that has the bot do nothing.
fn reaction(scene: &Scene) -> Value {
    json!({
        "type": "messageReaction", "id": "f:1", "channelId": "msteams",
        "serviceUrl": scene.service_url().as_url().as_str(),
        "conversation": {"id": scene.personal(&scene.ada), "tenantId": TENANT},
        "from": {"id": "29:1ada", "aadObjectId": scene.ada.object},
    })
}

/// How a token with these changed claims is answered; `null` takes a claim away.
async fn answered(scene: &Scene, changes: Value) -> (u16, String) {
    let mut claims = scene.stack.microsoft.bot_claims();
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
            value => claims[name] = value.clone(),
        }
    }
    answered_token(scene, &scene.stack.microsoft.sign_bot_token(&claims)).await
}

async fn answered_token(scene: &Scene, token: &str) -> (u16, String) {
    let (status, body) = scene.send_with(Some(token), &reaction(scene)).await;
    (status, body["code"].as_str().unwrap_or_default().to_owned())
}

/// How often the keys were fetched.
fn fetches(scene: &Scene) -> usize {
    let calls = scene.stack.gate.recorded();
    calls.iter().filter(|call| call.path == "/botframework/keys").count()
}

/// The token under another header.
fn under(token: &str, header: &Value) -> String {
    let (_, rest) = token.split_once('.').unwrap();
    format!("{}.{rest}", URL_SAFE_NO_PAD.encode(header.to_string()))
}

#[tokio::test(flavor = "multi_thread")]
async fn each_claim_of_the_token_counts() {
    let scene = Scene::open().await;
    let now = scene.now().as_millis() / 1000;
    let slash_less = scene.service_url().as_url().as_str().trim_end_matches('/').to_owned();
    for (changes, status, code) in [
        (json!({}), 200, ""),
        (json!({"serviceurl": slash_less}), 200, ""),
        (json!({"iss": "https://sts.windows.net/x/"}), 401, "token_issuer"),
        (json!({"iss": null}), 401, "token_malformed"),
        (json!({"aud": "00000000-0000-0000-0000-000000000000"}), 401, "token_audience"),
        (json!({"aud": null}), 401, "token_malformed"),
        (json!({"serviceurl": "https://smba.trafficmanager.net/amer/"}), 401, "token_service_url"),
        (json!({"serviceurl": null}), 401, "token_service_url"),
        // The skew is five minutes; a minute more or less for a slow machine.
        (json!({"exp": now - 4 * 60}), 200, ""),
        (json!({"exp": now - 6 * 60}), 401, "token_expired"),
        (json!({"exp": null}), 401, "token_malformed"),
        (json!({"nbf": now + 4 * 60}), 200, ""),
        (json!({"nbf": now + 16 * 60, "exp": now + 3600}), 401, "token_not_yet_valid"),
    ] {
        assert_eq!(answered(&scene, changes.clone()).await, (status, code.to_owned()), "{changes}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_token_or_one_that_another_made_is_refused() {
    let scene = Scene::open().await;
    let teams = &scene.stack.microsoft;
    let good = teams.sign_bot_token(&teams.bot_claims());
    let header = URL_SAFE_NO_PAD.decode(good.split('.').next().unwrap()).unwrap();
    let header: Value = serde_json::from_slice(&header).unwrap();
    let with = |name: &str, value: Value| {
        let mut header = header.clone();
        header[name] = value;
        header
    };
    let other = teams.sign_bot_token(&json!({"any": "thing"}));
    let (head, _) = good.rsplit_once('.').unwrap();
    let secret = {
        let mut under = Header::new(Algorithm::HS256);
        under.kid = header["kid"].as_str().map(str::to_owned);
        encode(&under, &teams.bot_claims(), &EncodingKey::from_secret(b"public key")).unwrap()
    };
    let bare = under(&good, &json!({"alg": "none", "typ": "JWT"}));
    for (name, token, code) in [
        ("no token at all", String::new(), "token_missing"),
        ("words", "let me in".to_owned(), "token_malformed"),
        ("HS256", secret, "token_algorithm"),
        ("RS512", under(&good, &with("alg", json!("RS512"))), "token_algorithm"),
        ("none", format!("{}.", bare.rsplit_once('.').unwrap().0), "token_malformed"),
        ("an unknown key", under(&good, &with("kid", json!("another"))), "token_unknown_key"),
        (
            "another's signature",
            format!("{head}.{}", other.rsplit_once('.').unwrap().1),
            "token_signature",
        ),
        ("no signature", format!("{head}."), "token_signature"),
        ("a sign-in's token", teams.sso_token(TENANT, &scene.ada.object), "token_unknown_key"),
    ] {
        let token = Some(token.as_str()).filter(|token| !token.is_empty());
        let (status, body) = scene.send_with(token, &reaction(&scene)).await;
        assert_eq!((status, &body["code"]), (401, &json!(code)), "{name}");
    }
    let basic = scene.stack.request("POST", "/teams/messages").basic_auth("bot", Some("x"));
    assert_eq!(basic.json(&reaction(&scene)).send().await.unwrap().status().as_u16(), 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_signs_for_the_channels_it_is_endorsed_for() {
    let scene = Scene::open().await;
    for (channel, status) in [("msteams", 200), ("webchat", 403), ("directline", 403)] {
        let mut activity = reaction(&scene);
        activity["channelId"] = json!(channel);
        let (answered, body) = scene.send(&activity).await;
        assert_eq!(answered, status, "{channel}: {body}");
        assert_eq!(status == 403, body["code"] == "token_endorsement", "{body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_fetched_once_and_for_unknown_ones_once_an_hour() {
    let scene = Scene::open().await;
    assert_eq!(fetches(&scene), 1, "for what brought the bot into the team");
    let activity = reaction(&scene);
    let sent = futures_of(20, || scene.send(&activity)).await;
    assert!(sent.iter().all(|(status, _)| *status == 200), "{sent:?}");
    assert_eq!(fetches(&scene), 1);

    let teams = &scene.stack.microsoft;
    let unknown = || {
        let token = teams.sign_bot_token(&teams.bot_claims());
        under(&token, &json!({"alg": "RS256", "typ": "JWT", "kid": "unknown"}))
    };
    for (minutes, fetched) in [(0, 1), (30, 1), (31, 2), (1, 2), (61, 3)] {
        scene.stack.clock.advance(Duration::from_mins(minutes));
        for _ in 0..3 {
            let refused = answered_token(&scene, &unknown()).await;
            assert_eq!(refused, (401, "token_unknown_key".to_owned()));
        }
        assert_eq!(fetches(&scene), fetched, "after {minutes} minutes");
    }
    scene.stack.clock.advance(Duration::from_hours(25));
    assert_eq!(answered(&scene, json!({})).await.0, 200);
    assert_eq!(fetches(&scene), 4, "kept for a day");
}

/// The answers of several calls at the same time.
async fn futures_of<F: Future>(count: usize, call: impl Fn() -> F) -> Vec<F::Output> {
    let mut calls: Vec<_> = (0..count).map(|_| Box::pin(call())).collect();
    let mut done: Vec<Option<F::Output>> = calls.iter().map(|_| None).collect();
    std::future::poll_fn(|context| {
        for (call, slot) in calls.iter_mut().zip(&mut done) {
            if slot.is_none()
                && let std::task::Poll::Ready(answer) = call.as_mut().poll(context)
            {
                *slot = Some(answer);
            }
        }
        if done.iter().all(Option::is_some) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    done.into_iter().flatten().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn without_keys_nobody_is_believed_and_nobody_refused() {
    let scene = Scene::open().await;
    scene.stack.clock.advance(Duration::from_hours(25));
    scene.stack.gate.fail(Fault {
        method: "GET".parse().unwrap(),
        path: "/botframework/keys".to_owned(),
        path_end: String::new(),
        strike: Strike::Before,
        status: 500_u16.try_into().unwrap(),
        retry_after: None,
        times: 1,
    });
    assert_eq!(answered(&scene, json!({})).await, (503, "token_keys_unavailable".to_owned()));
    scene.stack.clock.advance(Duration::from_secs(11));
    assert_eq!(answered(&scene, json!({})).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_flag_of_the_local_stack_lets_in_without_a_token() {
    let scene = Scene::open().await;
    let activity = reaction(&scene);
    assert_eq!(scene.send_with(None, &activity).await.0, 401);
    let open =
        Stack::start(StackOptions { port: 0, anonymous_bot: true, ..StackOptions::default() });
    let open = open.await.unwrap();
    let post = |body: String| {
        let request = crate::support::client().post(format!("{}/teams/messages", open.url()));
        request.body(body).send()
    };
    assert_eq!(post(activity.to_string()).await.unwrap().status().as_u16(), 200);
    assert_eq!(post("words".to_owned()).await.unwrap().status().as_u16(), 400);
}
