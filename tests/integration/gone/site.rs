//! The app was uninstalled from a site: Forge says so to its remote, and everything of it goes.

use serde_json::{Value, json};
use tandem_local::sandbox::jira::FORGE_APP_ID;

use super::{kept_up, left, receipt};
use crate::support::{CLOUD, TestStack, world};

async fn tell(stack: &TestStack, token: Option<&str>, body: &str) -> (u16, Value) {
    let mut request = stack.request("POST", "/jira/forge/events").body(body.to_owned());
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap_or(Value::Null))
}

fn uninstalled() -> String {
    json!({"id": "1", "eventType": "avi:forge:uninstalled:app"}).to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_of_it_goes() {
    let world = world().await;
    let stack = &world.stack;
    world.comment(&world.ben, "It flickers still").await;
    stack.settled().await;
    let deed = json!({"as": world.ada.account, "cloudId": CLOUD, "action": "uninstall_app"});
    stack.in_jira(deed).await;
    stack.settled().await;
    assert_eq!(stack.items_of("erasure").await.len(), 1, "written down at once");
    kept_up(stack).await;
    assert_eq!(left(stack, CLOUD).await, Vec::<String>::new());
    assert!(stack.aws.secrets().iter().all(|secret| !secret.name.contains("/grant/")));
    assert!(stack.aws.secrets().iter().all(|secret| !secret.name.contains("/webhook/")));
    assert_eq!(receipt(stack).await["scope"]["S"], "instance");
    let token = stack.jira.sign_for_forge(&stack.jira.forge_claims(CLOUD));
    let (status, answer) = tell(stack, Some(&token), &uninstalled()).await;
    assert_eq!((status, &answer["reason"]), (200, &json!("site_not_served")), "said again");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_believed_of_forge_alone_about_this_app_and_now() {
    let stack = TestStack::start().await;
    let good = stack.jira.forge_claims(CLOUD);
    let now = stack.app.clock.now().as_secs();
    let with = |pointer: &str, value: Value| {
        let mut claims = good.clone();
        *claims.pointer_mut(pointer).unwrap() = value;
        stack.jira.sign_for_forge(&claims)
    };
    let other_app = FORGE_APP_ID.replace("406d", "506d");
    let signed = stack.jira.sign_for_forge(&good);
    let (head, rest) = signed.split_once('.').unwrap();
    let none = "eyJhbGciOiJub25lIn0";
    for (why, token, code) in [
        ("no token", None, "token_missing"),
        ("issuer", Some(with("/iss", json!("forge/other"))), "token_issuer"),
        ("audience", Some(with("/aud", json!(other_app))), "token_audience"),
        ("app", Some(with("/app/id", json!(other_app))), "token_audience"),
        ("end", Some(with("/exp", json!(now - 400))), "token_expired"),
        ("beginning", Some(with("/nbf", json!(now + 400))), "token_not_yet_valid"),
        ("site", Some(with("/app/apiBaseUrl", json!("https://example.com"))), "token_site"),
        ("signature", Some(format!("{}A", &signed[..signed.len() - 4])), "token_signature"),
        ("algorithm", Some(format!("{none}.{rest}")), "token_malformed"),
        ("another key", Some(stack.microsoft.sign_bot_token(&good)), "token_unknown_key"),
        ("nonsense", Some(format!("{head}.x.y")), "token_malformed"),
    ] {
        let (status, answer) = tell(&stack, token.as_deref(), &uninstalled()).await;
        assert_eq!((status, &answer["code"]), (401, &json!(code)), "{why}: {answer}");
    }
    assert!(stack.items_of("erasure").await.is_empty());
    for (body, status, outcome) in [
        (json!({"eventType": "avi:forge:installed:app"}).to_string(), 200, "ignored"),
        ("nonsense".to_owned(), 400, ""),
        (uninstalled(), 200, "erasing"),
    ] {
        let (given, answer) = tell(&stack, Some(&signed), &body).await;
        assert_eq!(given, status, "{answer}");
        assert_eq!(answer["outcome"].as_str().unwrap_or_default(), outcome);
    }
    assert_eq!(stack.items_of("erasure").await.len(), 1);
}
