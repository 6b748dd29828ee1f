//! Webhooks: what they say, how they prove it, and how often they are sent.

use std::{collections::BTreeSet, time::Duration};

use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::harness::{Received, SECRET, Stack, document, shared};
use crate::sandbox::jira::DeliveryState;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

fn keys(value: &Value) -> BTreeSet<String> {
    value.as_object().unwrap().keys().cloned().collect()
}

async fn only(stack: &Stack) -> Received {
    stack.settled().await;
    let mut got = stack.receiver.take();
    assert_eq!(got.len(), 1);
    got.remove(0)
}

#[tokio::test]
async fn a_comment_is_told_signed_and_without_its_user() {
    let stack = Stack::start().await;
    let (status, made) =
        stack.person(1, json!({"action": "comment", "issue": "DEMO-1", "text": "a\n\nb"})).await;
    assert_eq!(status, 200, "{made}");
    let got = only(&stack).await;
    let account = stack.demo.users[1].replace(':', "%3A");
    let cloud = &stack.demo.cloud_id;
    assert_eq!(got.uri, format!("/jira/{cloud}/webhooks?triggeredByUser={account}"));
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
    let signature = format!("sha256={}", hex(hmac::sign(&key, &got.raw).as_ref()));
    assert_eq!(got.headers["x-hub-signature"], signature.as_str());
    assert_eq!(got.headers["x-atlassian-webhook-flow"], "Primary");
    assert!(got.headers.get("x-atlassian-webhook-retry").is_none());
    let body = &got.body;
    assert_eq!(body["webhookEvent"], "comment_created");
    assert_eq!(body["comment"]["body"], "a\n\nb");
    assert_eq!(body["comment"]["author"]["accountId"], json!(stack.demo.users[1]));
    let link = format!(
        "https://demo.atlassian.net/rest/api/2/issue/10001/comment/{}",
        made["id"].as_str().unwrap()
    );
    assert_eq!(body["comment"]["self"], json!(link));
    let path =
        "fixtures/jira/mattermost-plugin-jira/server/testdata/webhook-cloud-comment-created.json";
    if let Some(real) = shared(path) {
        assert_eq!(keys(body), keys(&real));
        assert_eq!(keys(&body["comment"]), keys(&real["comment"]));
        assert_eq!(keys(&body["issue"]["fields"]), keys(&real["issue"]["fields"]));
    }
}

#[tokio::test]
async fn what_changes_through_rest_or_the_screens_is_told_alike() {
    let stack = Stack::start().await;
    let ben = stack.caller(1);
    let comments = "/issue/DEMO-1/comment";
    let (_, made) = ben.post(comments, json!({"body": document("one")})).await;
    let comment = format!("{comments}/{}", made["id"].as_str().unwrap());
    ben.put(&comment, json!({"body": document("two")})).await;
    ben.delete(&comment).await;
    stack.settled().await;
    let events: Vec<Value> =
        stack.receiver.take().iter().map(|got| got.body["webhookEvent"].clone()).collect();
    assert_eq!(events, ["comment_created", "comment_updated", "comment_deleted"]);

    let deeds = [
        json!({"action": "transition", "issue": "DEMO-1", "to": "In Progress"}),
        json!({"action": "assign", "issue": "DEMO-1"}),
        json!({"action": "set_priority", "issue": "DEMO-1", "priority": "High"}),
        json!({"action": "set_summary", "issue": "DEMO-1", "summary": "Another"}),
        json!({"action": "create_issue", "project": "DEMO", "summary": "New"}),
        json!({"action": "delete_issue", "issue": "DEMO-1"}),
    ];
    for deed in deeds {
        assert_eq!(stack.person(0, deed.clone()).await.0, 200, "{deed}");
    }
    stack.settled().await;
    let got = stack.receiver.take();
    let told: Vec<_> = got
        .iter()
        .map(|got| {
            let item = &got.body["changelog"]["items"][0];
            let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
            [
                text(&got.body["webhookEvent"]),
                text(&got.body["issue_event_type_name"]),
                text(&item["fieldId"]),
                text(&item["fromString"]),
                text(&item["toString"]),
            ]
            .join(" ")
        })
        .collect();
    let summary = "The kettle in the kitchen never switches itself off";
    assert_eq!(
        told,
        [
            "jira:issue_updated issue_generic status To Do In Progress".to_owned(),
            "jira:issue_updated issue_assigned assignee Ben Okoye -".to_owned(),
            "jira:issue_updated issue_updated priority Medium High".to_owned(),
            format!("jira:issue_updated issue_updated summary {summary} Another"),
            "jira:issue_created issue_created priority - Medium".to_owned(),
            "jira:issue_deleted - - - -".to_owned(),
        ]
    );
    assert!(got.iter().all(|got| got.body["user"]["accountId"] == json!(stack.demo.users[0])));
}

#[tokio::test]
async fn no_change_is_no_webhook() {
    let stack = Stack::start().await;
    stack.person(0, json!({"action": "set_priority", "issue": "DEMO-1", "priority": "3"})).await;
    stack.settled().await;
    assert!(stack.receiver.all().is_empty());
}

#[tokio::test]
async fn failures_are_tried_again_under_the_same_identifier() {
    let stack = Stack::start().await;
    stack.receiver.answer_next(&[500, 429, 408, 409, 425, 204]);
    stack.person(0, json!({"action": "comment", "issue": "DEMO-1", "text": "a"})).await;
    stack.settled().await;
    let got = stack.receiver.take();
    assert_eq!(got.len(), 6);
    let retries: Vec<_> = got
        .iter()
        .map(|got| got.headers.get("x-atlassian-webhook-retry").map(|it| it.to_str().unwrap()))
        .collect();
    assert_eq!(retries, [None, Some("1"), Some("2"), Some("3"), Some("4"), Some("5")]);
    let identifiers: BTreeSet<_> =
        got.iter().map(|got| got.headers["x-atlassian-webhook-identifier"].clone()).collect();
    assert_eq!(identifiers.len(), 1);
    let log = stack.sandbox.webhook_log();
    assert_eq!((log[0].status, log[0].attempts), (Some(204), 6));
    assert_eq!(log[0].state, DeliveryState::Delivered);
}

#[tokio::test]
async fn only_200_and_204_are_success_and_refusals_are_final() {
    let stack = Stack::start().await;
    for (answer, attempts, state) in [
        (202, 1, DeliveryState::Refused),
        (401, 1, DeliveryState::Refused),
        (302, 1, DeliveryState::Refused),
        (503, 6, DeliveryState::GivenUp),
        (200, 1, DeliveryState::Delivered),
    ] {
        stack.receiver.answer_always(answer);
        stack.person(0, json!({"action": "comment", "issue": "DEMO-1", "text": "a"})).await;
        stack.settled().await;
        assert_eq!(stack.receiver.take().len(), attempts, "{answer}");
        assert_eq!(stack.sandbox.webhook_log().last().unwrap().state, state, "{answer}");
    }
}

#[tokio::test]
async fn a_receiver_that_is_not_there_is_given_up() {
    let stack =
        Stack::start_with(|options| options.webhook_base = "http://127.0.0.1:1".to_owned()).await;
    stack.person(0, json!({"action": "comment", "issue": "DEMO-1", "text": "a"})).await;
    stack.settled().await;
    let log = stack.sandbox.webhook_log();
    assert_eq!((log[0].status, log[0].attempts), (None, 6));
    assert_eq!(log[0].state, DeliveryState::GivenUp);
}

#[tokio::test]
async fn without_a_secret_there_is_no_signature() {
    let stack = Stack::start().await;
    stack.sandbox.add_site(&stack.demo.cloud_id, "demo.atlassian.net", "");
    stack.person(0, json!({"action": "comment", "issue": "DEMO-1", "text": "a"})).await;
    assert!(only(&stack).await.headers.get("x-hub-signature").is_none());
}

#[tokio::test]
async fn registered_webhooks_are_sent_with_a_token_where_they_match() {
    let stack = Stack::start().await;
    let ada = stack.caller(0);
    let hooks = json!([
        {"events": ["comment_created"], "jqlFilter": "project = DEMO"},
        {"events": ["comment_created"], "jqlFilter": "issueKey = DEMO-2"},
        {"events": ["comment_created"], "jqlFilter": "text ~ kettle"},
        {"events": ["jira:issue_updated"], "jqlFilter": "", "fieldIdsFilter": ["summary"]},
    ]);
    let url = format!("{}/registered", stack.receiver.base);
    let (status, body) = ada.post("/webhook", json!({"url": url, "webhooks": hooks})).await;
    assert_eq!(status, 200, "{body}");
    let results = &body["webhookRegistrationResult"];
    let id = &results[0]["createdWebhookId"];
    assert!(id.is_u64() && results[2]["errors"].is_array(), "{body}");

    stack.person(1, json!({"action": "comment", "issue": "DEMO-1", "text": "a"})).await;
    stack.person(1, json!({"action": "assign", "issue": "DEMO-1"})).await;
    stack.settled().await;
    let mut got = stack.receiver.take();
    got.retain(|got| got.uri.starts_with("/registered"));
    assert_eq!(got.len(), 1);
    assert_eq!(got[0].body["matchedWebhookIds"], json!([id]));
    assert!(got[0].headers.get("x-hub-signature").is_none());
    let token = got[0].headers["authorization"].to_str().unwrap();
    let (signed, tag) = token.strip_prefix("Bearer ").unwrap().rsplit_once('.').unwrap();
    let key = hmac::Key::new(hmac::HMAC_SHA256, b"tandem-secret");
    hmac::verify(&key, signed.as_bytes(), &URL_SAFE_NO_PAD.decode(tag).unwrap()).unwrap();

    stack.clock.advance(Duration::from_hours(30 * 24));
    let ada = stack.caller(0);
    assert_eq!(ada.get("/webhook").await.1["total"], 0);
}

#[tokio::test]
async fn registration_keeps_its_limits() {
    let stack = Stack::start().await;
    let ada = stack.caller(0);
    let hook = json!({"events": ["comment_created"], "jqlFilter": "project = DEMO"});
    let url = "https://app.example/jira";
    let register = |url: &str, hooks: Vec<Value>| json!({"url": url, "webhooks": hooks});
    let (_, body) = ada.post("/webhook", register(url, vec![hook.clone(); 6])).await;
    let results = body["webhookRegistrationResult"].as_array().unwrap().clone();
    assert!(results[4]["createdWebhookId"].is_u64() && results[5]["errors"].is_array());
    let (_, other) = ada.post("/webhook", register("https://b.example", vec![hook.clone()])).await;
    assert!(other["webhookRegistrationResult"][0]["errors"].is_array());
    for bad in [
        json!({"events": ["issue_exploded"], "jqlFilter": ""}),
        json!({"events": ["comment_created"]}),
        json!({"events": ["comment_created"], "jqlFilter": "", "more": 1}),
    ] {
        assert_eq!(ada.post("/webhook", register(url, vec![bad.clone()])).await.0, 400, "{bad}");
    }
    let ids = json!({"webhookIds": [results[0]["createdWebhookId"]]});
    assert_eq!(ada.put("/webhook/refresh", ids.clone()).await.0, 200);
    assert_eq!(ada.call("DELETE", "/webhook", Some(ids)).await.0, 202);
    assert_eq!(ada.get("/webhook").await.1["total"], 4);
    assert_eq!(ada.call("DELETE", "/webhook", Some(json!({}))).await.0, 400);
}
