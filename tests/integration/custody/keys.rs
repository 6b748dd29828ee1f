//! Keys that are replaced while upkeep works them off, and keys in trouble.

use std::{sync::Arc, time::Duration};

use axum::http::{HeaderMap, HeaderValue, Method, Uri, header::CONTENT_TYPE};
use serde_json::json;
use tandem_domain::{AccessToken, AccountId, RefreshToken, Subject, TokenSet};
use tandem_local::{
    gateway::{Gateway, LatestEvents},
    routes::Routes,
};

use super::{Deployed, counted, new_key, secrets_behind};
use crate::support::{
    AwsProxy, CLOUD, TestStack, WEBHOOK_SECRET, people::ISSUE, webhook::signature, world,
};

/// A little longer than the app's secrets are held.
const HELD: Duration = Duration::from_secs(301);

#[tokio::test(flavor = "multi_thread")]
async fn upkeep_seals_every_grant_anew_and_the_items_say_under_which_key() {
    let world = world().await;
    let key = new_key(&world.stack).await;
    let grants = world.stack.items_of("grant").await;
    assert!(grants.len() >= 4, "two people, two vendors each");
    let deployed = Deployed::with_envelope_key(&world.stack, &key).await;
    let report = deployed.upkeep().await;
    assert_eq!(usize::try_from(report.grants_rewrapped).unwrap(), grants.len());
    assert_eq!((report.failures, report.key_trouble), (0, 0));
    for grant in world.stack.items_of("grant").await {
        assert_eq!(grant["envelope_key"]["S"], json!(key));
    }
    assert_eq!(deployed.upkeep().await.grants_rewrapped, 0);
}

/// Somebody's grant of many, as a sign-in leaves it.
async fn sign_in(stack: &TestStack, number: u32) {
    let subject = Subject::Atlassian(AccountId::parse(&format!("{number:024x}")).unwrap());
    let tokens = TokenSet {
        access: AccessToken::new("an-access-token".to_owned()),
        refresh: RefreshToken::new("a-refresh-token".to_owned()),
        expires_at: stack.app.clock.now().plus(Duration::from_hours(1)),
    };
    stack.app.vault.save(&subject, &tokens).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_a_page_is_sealed_anew_in_several_runs_each_going_on_where_the_last_ended() {
    const ALL: u32 = 120;
    const PAGE: u32 = 50;
    let stack = TestStack::bare().await;
    for number in 0..ALL {
        sign_in(&stack, number).await;
    }
    let key = new_key(&stack).await;
    let (mut left, mut runs) = (ALL, 0);
    while left > 0 {
        // Each run is another process: nothing but the table says how far the others came.
        let report = Deployed::with_envelope_key(&stack, &key).await.upkeep().await;
        assert_eq!(report.grants_rewrapped, left.min(PAGE), "run {runs}");
        left -= report.grants_rewrapped;
        assert_eq!(report.grants_under_older_keys, left, "run {runs}");
        assert_eq!(report.failures, 0);
        runs += 1;
    }
    assert_eq!(runs, 3);
    let again = Deployed::with_envelope_key(&stack, &key).await.upkeep().await;
    assert_eq!((again.grants_rewrapped, again.grants_under_older_keys), (0, 0));
    let old = stack.app.config.envelope_key.clone();
    stack.clients.kms.disable_key().key_id(&old).send().await.unwrap();
    let app = Deployed::on(&stack, |parts| parts.config.envelope_key = key).await.app;
    let lines = stack.items_of("ledger").await.len();
    assert_eq!(lines, usize::try_from(ALL).unwrap(), "each was opened once for it");
    for grant in stack.items_of("grant").await {
        let account = grant["account_id"]["S"].as_str().unwrap();
        let subject = Subject::Atlassian(AccountId::parse(account).unwrap());
        let request = "one-run".parse().unwrap();
        let purpose = tandem_domain::Purpose::CheckPermission;
        app.vault.access_token(&subject, purpose, &request).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_key_is_a_fault_with_a_metric_and_asks_nobody_to_sign_in() {
    let mut world = world().await;
    assert!(counted(&world.stack.metrics(), "KeyTrouble").is_empty());
    let key = world.stack.app.config.envelope_key.clone();
    world.stack.clients.kms.disable_key().key_id(&key).send().await.unwrap();
    // Out of every memory, and not yet at the end of the session.
    world.stack.clock.advance(Duration::from_mins(11));
    let answer = world.browser.get(&format!("/issues/{ISSUE}/chats")).await;
    assert_eq!(answer.status, 500, "{}", answer.body);
    assert!(!answer.body.contains("sign"), "{}", answer.body);
    assert!(!answer.body.contains("key"), "nor is a stranger told of keys: {}", answer.body);
    let told = counted(&world.stack.metrics(), "KeyTrouble");
    assert_eq!(told, [("issue-chats".to_owned(), 1.0)]);
    let deployed = Deployed::with_envelope_key(&world.stack, &new_key(&world.stack).await).await;
    let report = deployed.upkeep().await;
    assert!(report.key_trouble >= 4, "{report:?}");
    assert!(report.grants_under_older_keys >= 4, "the older key is still needed: {report:?}");
    world.stack.clients.kms.enable_key().key_id(&key).send().await.unwrap();
    let answer = world.browser.get(&format!("/issues/{ISSUE}/chats")).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert!(deployed.upkeep().await.grants_rewrapped >= 4, "taken up again");
}

/// A webhook of Jira's: the status of the answer.
async fn webhook(gateway: &Gateway) -> u16 {
    let body = json!({"webhookEvent": "jira:worklog_updated", "timestamp": 1}).to_string();
    let mut headers = HeaderMap::new();
    let proof = signature(WEBHOOK_SECRET, body.as_bytes());
    headers.insert("x-hub-signature", proof.parse().unwrap());
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let uri = format!("/jira/{CLOUD}/webhooks").parse().unwrap();
    gateway.serve(Method::POST, uri, headers, body.into()).await.status().as_u16()
}

/// A notification of Graph's: the status of the answer.
async fn notification(gateway: &Gateway) -> u16 {
    let (uri, body) = (Uri::from_static("/teams/notifications"), json!({"value": []}).to_string());
    let json = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
    gateway.serve(Method::POST, uri, json, body.into()).await.status().as_u16()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_of_the_secrets_in_trouble_is_told_by_what_only_vendors_call_too() {
    let stack = TestStack::start().await;
    let proxy = AwsProxy::before(stack.aws.secrets_manager_endpoint()).await;
    let secrets = secrets_behind(&stack, &proxy);
    let deployed = Deployed::on(&stack, |parts| parts.secrets = secrets).await;
    let routes = Routes::load().unwrap();
    let gateway = Gateway {
        app: Arc::clone(&deployed.app),
        routes,
        observer: Some(stack.observer()),
        latest: LatestEvents::default(),
    };
    // What is held is old each time, and so read again.
    let next = || {
        stack.clock.advance(HELD);
        deployed.lines.lock().unwrap().clear();
    };
    for (exception, to_jira, trouble) in
        [("InternalServiceError", 503, false), ("DecryptionFailure", 500, true)]
    {
        proxy.refuse("GetSecretValue", exception);
        let told = |function: &str| {
            let expected = trouble.then(|| (function.to_owned(), 1.0));
            let counted = deployed.counted("KeyTrouble");
            assert_eq!(counted, expected.into_iter().collect::<Vec<_>>(), "{exception}");
        };
        next();
        assert_eq!(webhook(&gateway).await, to_jira, "Jira cannot be believed; it tries again");
        told("jira-events");
        next();
        assert_eq!(notification(&gateway).await, 202, "what is held goes on to be used");
        told("teams-events");
        next();
        let report = deployed.upkeep().await;
        assert_eq!((report.failures, report.key_trouble), (1, u32::from(trouble)));
        told("upkeep");
    }
    proxy.relent();
    next();
    assert_eq!((webhook(&gateway).await, notification(&gateway).await), (200, 202));
    assert!(deployed.counted("KeyTrouble").is_empty(), "over");
}
