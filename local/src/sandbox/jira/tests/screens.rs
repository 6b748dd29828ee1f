//! Jira's own screens.

use serde_json::{Value, json};

use super::harness::{Stack, answer};

#[tokio::test]
async fn the_state_shows_what_there_is_and_no_secret() {
    let stack = Stack::start().await;
    stack.person(1, json!({"action": "comment", "issue": "DEMO-1", "text": "hello"})).await;
    let url = format!("{}/sandbox/people/jira/state", stack.base);
    let (status, state) = answer(stack.http.get(url).send().await.unwrap()).await;
    assert_eq!(status, 200);
    let site = &state["sites"][0];
    assert_eq!(site["host"], "demo.atlassian.net");
    assert_eq!(site["members"].as_array().unwrap().len(), 3);
    let comment = &site["issues"][0]["comments"][0];
    assert_eq!((&comment["text"], &comment["authorName"]), (&json!("hello"), &json!("Ben Okoye")));
    assert_eq!(state["webhooks"][0]["event"], "comment_created");
    assert!(!state.to_string().contains(super::harness::SECRET));
}

#[tokio::test]
async fn people_comment_edit_and_delete() {
    let stack = Stack::start().await;
    let deed = json!({"action": "comment", "issue": "10001", "text": "one\n\ntwo",
        "visibility": {"type": "role", "value": "Developers"}});
    let (_, made) = stack.person(2, deed).await;
    let comments = || stack.sandbox.comments(&stack.demo.cloud_id, "DEMO-1");
    assert_eq!(comments()[0].body["content"].as_array().unwrap().len(), 2);
    assert_eq!(comments()[0].visibility.as_ref().unwrap().value, "Developers");
    let edit = json!({"action": "edit_comment", "issue": "DEMO-1", "comment": made["id"],
        "adf": {"type": "doc", "version": 1, "content": [{"type": "rule"}]}});
    assert_eq!(stack.person(2, edit.clone()).await.0, 200);
    assert_eq!(stack.person(1, edit).await.0, 400);
    assert_eq!(comments()[0].body["content"][0]["type"], "rule");
    let delete = json!({"action": "delete_comment", "issue": "DEMO-1", "comment": made["id"]});
    assert_eq!(stack.person(2, delete).await.0, 200);
    assert!(comments().is_empty());
}

#[tokio::test]
async fn deeds_that_make_no_sense_are_refused() {
    let stack = Stack::start().await;
    let refused: [(Value, u16); 9] = [
        (json!({"action": "dance"}), 400),
        (json!({"action": "comment", "issue": "DEMO-1"}), 400),
        (json!({"action": "comment", "issue": "DEMO-1", "text": "  "}), 400),
        (json!({"action": "comment", "issue": "DEMO-1", "adf": {"type": "doc"}}), 400),
        (json!({"action": "comment", "issue": "DEMO-1", "text": "a", "mood": "good"}), 400),
        (json!({"action": "comment", "issue": "DEMO-9", "text": "a"}), 404),
        (json!({"action": "transition", "issue": "DEMO-1", "to": "Nowhere"}), 400),
        (json!({"action": "assign", "issue": "DEMO-1", "accountId": "nobody"}), 400),
        (json!({"action": "create_issue", "project": "NONE", "summary": "a"}), 400),
    ];
    for (deed, status) in refused {
        assert_eq!(stack.person(0, deed.clone()).await.0, status, "{deed}");
    }
    stack.settled().await;
    assert!(stack.receiver.all().is_empty());
}
