//! Dead letters are looked at, sent back and dropped; none is lost, and nothing is done twice.

use std::time::Duration;

use serde_json::{Value, json};
use tandem_runtime::signing::claim_of;

use super::{Ran, dead, die, fail_posts, ops, ops_with, put_dead};
use crate::support::{AwsProxy, CLOUD, TENANT, TestStack, people::ISSUE, people::PROJECT, world};

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_letter_is_listed_with_what_it_is_and_stays() {
    let world = world().await;
    let id = die(&world, "A hard way").await;
    for _ in 0..2 {
        let ran = ops(&world.stack, &["dead-letters", "list", "--json"]).await;
        let answer = ran.json();
        assert_eq!(answer["behind"], 0);
        let letters = answer["deadLetters"].as_array().unwrap();
        assert_eq!(letters.len(), 1, "it was let go of again: {answer}");
        let letter = &letters[0];
        for (name, value) in [
            ("id", json!(id)),
            ("event", json!("comment_created")),
            ("direction", json!("jira_to_teams")),
            ("cloudId", json!(CLOUD)),
            ("issueId", json!(ISSUE)),
            ("attempts", json!(16)),
            ("failedWith", json!("retry:graph_unavailable")),
        ] {
            assert_eq!(letter[name], value, "{name} in {letter}");
        }
        let accepted = letter["acceptedAt"].as_str().unwrap();
        assert!(accepted <= letter["diedAt"].as_str().unwrap(), "{letter}");
        assert!(accepted < letter["keptUntil"].as_str().unwrap(), "{letter}");
        assert_eq!(letter["claim"].as_str().unwrap().len(), 64);
    }
    let Ran { out, code, .. } = ops(&world.stack, &["dead-letters", "list"]).await;
    assert_eq!(code, 0);
    assert!(out.contains(&id) && out.contains("retry:graph_unavailable"), "{out}");
    assert!(!out.contains("hard way"), "{out}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sent_back_is_delivered_once() {
    let world = world().await;
    let id = die(&world, "A hard way").await;
    let answer = ops(&world.stack, &["dead-letters", "replay", &id, "--json"]).await.json();
    assert_eq!(answer, json!({"replayed": [id]}));
    world.stack.settled().await;
    assert_eq!(world.messages().len(), 1);
    assert!(dead(&world.stack).await.is_empty());

    let again = ops(&world.stack, &["dead-letters", "replay", &id]).await;
    assert_eq!(again.code, 1);
    assert!(again.err.contains(&id), "{}", again.err);
    let none = ops(&world.stack, &["dead-letters", "replay", "--all", "--json"]).await.json();
    assert_eq!(none, json!({"replayed": []}));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_dies_again_at_once_can_be_sent_back_at_once() {
    let world = world().await;
    let first = die(&world, "A hard way").await;
    fail_posts(&world, 16);
    ops(&world.stack, &["dead-letters", "replay", &first, "--json"]).await.json();
    world.stack.settled_in_time().await;
    world.stack.gate.mend();
    let second = dead(&world.stack).await[0]["id"].as_str().unwrap().to_owned();
    assert_ne!(first, second);
    ops(&world.stack, &["dead-letters", "replay", &second, "--json"]).await.json();
    world.stack.settled().await;
    assert_eq!(world.messages().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interruption_between_sending_and_deleting_loses_and_doubles_nothing() {
    for pause in [Duration::ZERO, Duration::from_mins(6)] {
        let world = world().await;
        let id = die(&world, "A hard way").await;
        let sqs = AwsProxy::before(world.stack.aws.sqs_endpoint()).await;
        sqs.refuse("DeleteMessage", "com.amazonaws.sqs#InternalError");
        let through = [("AWS_ENDPOINT_URL_SQS", sqs.endpoint())];
        let words = ["dead-letters", "replay", &id];
        let ran = ops_with(&world.stack, &words, "", &through).await;
        assert_eq!(ran.code, 1, "{}", ran.out);
        assert!(ran.err.contains("sqs:DeleteMessage"), "{}", ran.err);
        assert_eq!(dead(&world.stack).await.len(), 1, "it lies there still");
        world.stack.settled().await;
        assert_eq!(world.messages().len(), 1);

        let explained = ops(&world.stack, &["dead-letters", "explain", "--json"]).await.json();
        assert_eq!(explained["explained"][0]["findings"][0]["code"], "done");
        assert_eq!(explained["explained"][0]["advice"], "drop");

        world.stack.clock.advance(pause);
        sqs.relent();
        let again = ops_with(&world.stack, &[&words[..], &["--json"]].concat(), "", &through).await;
        assert_eq!(again.json(), json!({"replayed": [id]}));
        world.stack.settled().await;
        assert_eq!(world.messages().len(), 1, "after {pause:?} it was done once all the same");
        assert!(dead(&world.stack).await.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_sent_stays_where_it_lies() {
    let world = world().await;
    let id = die(&world, "A hard way").await;
    let sqs = AwsProxy::before(world.stack.aws.sqs_endpoint()).await;
    sqs.refuse("SendMessage", "com.amazonaws.sqs#AccessDenied");
    let through = [("AWS_ENDPOINT_URL_SQS", sqs.endpoint())];
    let ran = ops_with(&world.stack, &["dead-letters", "replay", "--all"], "", &through).await;
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("sqs:SendMessage: AccessDenied"), "{}", ran.err);
    assert!(!sqs.calls().contains(&"DeleteMessage".to_owned()));
    let listed = ops(&world.stack, &["dead-letters", "list", "--json"]).await.json();
    assert_eq!(listed["deadLetters"][0]["id"], json!(id), "and can be taken up at once");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issue_with_many_is_sent_back_whole_and_in_order() {
    let stack = TestStack::start().await;
    for number in 0..12 {
        put_dead(&stack, "one-issue", &number.to_string(), &delivery(number)).await;
    }
    let listed = ops(&stack, &["dead-letters", "list", "--json"]).await.json();
    assert_eq!(listed["deadLetters"].as_array().unwrap().len(), 10);
    assert_eq!(listed["behind"], 2, "a FIFO queue shows no more of a group");
    let text = ops(&stack, &["dead-letters", "list"]).await.out;
    assert!(text.contains("2 more"), "{text}");

    let order: Vec<String> =
        dead(&stack).await.iter().map(|letter| letter["id"].as_str().unwrap().to_owned()).collect();
    let sqs = AwsProxy::before(stack.aws.sqs_endpoint()).await;
    let through = [("AWS_ENDPOINT_URL_SQS", sqs.endpoint())];
    let words = ["dead-letters", "replay", "--all", "--json"];
    let answer = ops_with(&stack, &words, "", &through).await.json();
    assert_eq!(answer, json!({"replayed": order}));
    let mut moved = sqs.calls();
    moved.retain(|call| matches!(call.as_str(), "SendMessage" | "DeleteMessage"));
    assert_eq!(moved, ["SendMessage", "DeleteMessage"].repeat(12));
    assert!(dead(&stack).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_was_named_is_touched() {
    let stack = TestStack::start().await;
    for number in 0..3 {
        put_dead(&stack, &format!("issue-{number}"), &number.to_string(), &delivery(number)).await;
    }
    let ids: Vec<String> =
        dead(&stack).await.iter().map(|letter| letter["id"].as_str().unwrap().to_owned()).collect();

    let refused = ops_with(&stack, &["dead-letters", "drop", &ids[1]], "yes\n", &[]).await;
    assert_eq!(refused.code, 1);
    assert!(refused.err.contains("Type drop to go on"), "{}", refused.err);
    assert_eq!(dead(&stack).await.len(), 3, "what is not confirmed is not done");

    let dropped =
        ops_with(&stack, &["dead-letters", "drop", &ids[1], "--json"], "drop\n", &[]).await;
    assert_eq!(dropped.json(), json!({"dropped": [ids[1]]}));
    let listed = ops(&stack, &["dead-letters", "list", "--json"]).await.json();
    let left: Vec<&Value> =
        listed["deadLetters"].as_array().unwrap().iter().map(|letter| &letter["id"]).collect();
    assert_eq!(left, [&ids[0], &ids[2]]);

    ops(&stack, &["dead-letters", "drop", "--all", "--yes", "--json"]).await.json();
    let none = ops(&stack, &["dead-letters", "list"]).await.out;
    assert_eq!(none.trim(), "There are no dead letters.");
}

/// A delivery of an issue that nothing is linked with.
fn delivery(number: u32) -> Value {
    json!({
        "version": 1, "claim": claim_of(&["ops", &number.to_string()]).unwrap(), "cloud_id": CLOUD,
        "issue_id": ISSUE, "project_id": PROJECT, "tenant_id": TENANT,
        "chat_id": "19:91571ee8ad174aefaccd2e4605d87a24@thread.v2",
        "accepted_at": 1_800_000_000_000_i64, "event": "comment_deleted",
        "comment_id": (20_000 + number).to_string(),
    })
}
