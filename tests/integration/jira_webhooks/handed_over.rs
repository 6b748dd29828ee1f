//! What becomes of a webhook that is believed: nothing, or a delivery made of identifiers.

use std::time::Duration;

use serde_json::{Value, json};
use tandem_domain::Clock;
use tandem_store::{NO_FOR, YES_FOR};

use super::{
    AUTHOR, CANARY, CHAT, Door, LINKED, OTHER_CLOUD, OTHER_HOST, OTHER_SECRET, UNLINKED, comment,
    comment_event, issue_event, signature,
};
use crate::support::{
    CLOUD, Front, HOST, TENANT, WEBHOOK_SECRET,
    people::{ISSUE, PROJECT},
    world,
};

const IDENTIFIER: &str = "x-atlassian-webhook-identifier";

fn words(list: &[&str]) -> Vec<String> {
    list.iter().map(|word| (*word).to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_is_told_costs_a_query_for_each_who_might_be_and_no_write() {
    let door = Door::open().await;
    // The issue's chats, the project's channels, and the site's watchers; of one that is gone,
    // all that is kept of it in one. A comment concerns people: those of them who are linked.
    // All but the issue's own is remembered for a moment.
    for (event, reads, again) in [
        (comment(UNLINKED), &["BatchGetItem", "Query", "Query", "Query"][..], &["Query"][..]),
        (comment_event("comment_updated", HOST, UNLINKED), &["Query"], &["Query"]),
        (comment_event("comment_deleted", HOST, UNLINKED), &["Query"], &["Query"]),
        (issue_event("jira:issue_created", UNLINKED, &[]), &["Query"], &[]),
        (issue_event("jira:issue_updated", UNLINKED, &["status"]), &["Query"; 3], &["Query"]),
        (issue_event("jira:issue_deleted", UNLINKED, &[]), &["Query"; 2], &["Query"]),
    ] {
        let name = event["webhookEvent"].clone();
        door.stack.clock.advance(NO_FOR);
        for reads in [reads, again] {
            let (status, answer) = Front::answer(door.signed(&event)).await;
            let expected = json!({"outcome": "ignored", "reason": "no_linked_chat"});
            assert_eq!((status, answer), (200, expected), "{name}");
            let mut calls = door.front.table.calls();
            calls.sort();
            assert_eq!(calls, words(reads), "{name}");
            assert_eq!(door.front.queue.calls(), words(&[]), "{name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn that_webhooks_arrive_is_noted_every_five_minutes_and_fails_none() {
    let door = Door::at_first().await;
    let of_no_concern = issue_event("sprint_started", UNLINKED, &[]);
    door.front.table.refuse("PutItem", "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailed");
    for (advance, calls) in [(0, &["PutItem"][..]), (0, &[]), (200, &[]), (110, &["PutItem"])] {
        door.stack.clock.advance(Duration::from_secs(advance));
        let (status, _) = Front::answer(door.signed(&of_no_concern)).await;
        assert_eq!((status, door.front.table.calls()), (200, words(calls)), "{advance} s later");
        door.front.table.relent();
    }
    assert_eq!(door.stack.items_of("webhook_seen").await.len(), 1, "of one site");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_chat_is_told_costs_nothing() {
    let door = Door::open().await;
    let mut told_again = issue_event("jira:issue_updated", LINKED, &["status"]);
    told_again["issue_event_type_name"] = json!("issue_commented");
    for event in [
        issue_event("jira:issue_updated", LINKED, &["description", "labels", "Rank"]),
        issue_event("jira:issue_updated", LINKED, &[]),
        told_again,
        issue_event("jira:worklog_updated", LINKED, &[]),
        issue_event("sprint_started", LINKED, &[]),
        issue_event("something_new", LINKED, &["status"]),
    ] {
        let name = event["webhookEvent"].clone();
        let (status, answer) = Front::answer(door.signed(&event)).await;
        assert_eq!((status, &answer["outcome"]), (200, &json!("ignored")), "{name}");
        door.untouched(name.as_str().unwrap());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_is_made_of_identifiers_and_nothing_else() {
    let door = Door::open().await;
    let fields = ["priority", "description", "status", "assignee", "status"];
    // Behind the chat and its settings: who else might be told.
    for (number, (event, kind, others)) in [
        (
            comment(LINKED),
            json!({"event": "comment_created", "comment_id": "10100", "author": AUTHOR}),
            &["Query", "Query", "BatchGetItem"][..],
        ),
        (
            comment_event("comment_updated", HOST, LINKED),
            json!({"event": "comment_updated", "comment_id": "10100", "author": AUTHOR}),
            &[],
        ),
        (
            comment_event("comment_deleted", HOST, LINKED),
            json!({"event": "comment_deleted", "comment_id": "10100"}),
            &[],
        ),
        (
            issue_event("jira:issue_updated", LINKED, &fields),
            json!({"event": "issue_updated", "changes": ["status", "assignee", "priority"], "actor": AUTHOR}),
            &["Query", "Query"],
        ),
        (
            issue_event("jira:issue_deleted", LINKED, &[]),
            json!({"event": "issue_deleted"}),
            &["Query"],
        ),
    ]
    .into_iter()
    .enumerate()
    {
        if number > 0 {
            // What was remembered of the event before counts no more.
            door.stack.clock.advance(YES_FOR);
        }
        let request = door.signed(&event).header(IDENTIFIER, format!("identifier-{number}"));
        let (status, answer) = Front::answer(request).await;
        // Behind the delivery of one that is gone: to look whether it is, and erase what is kept.
        let sent = if kind["event"] == "issue_deleted" { 2 } else { 1 };
        assert_eq!((status, answer), (200, json!({"outcome": "queued", "deliveries": sent})));
        let mut calls = door.front.table.calls();
        calls.sort();
        let mut reads = [&["Query", "GetItem", "BatchGetItem"], others].concat();
        reads.sort_unstable();
        assert_eq!(calls, reads, "read only: {kind}");
        assert_eq!(door.front.queue.calls(), words(&["SendMessageBatch"]));

        let queued = door.front.queued();
        assert_eq!(queued.len(), number + sent);
        let message = &queued[number];
        assert!(!message.body.contains(CANARY) && !message.body.contains("identifier"), "{kind}");
        let delivery: Value = serde_json::from_str(&message.body).unwrap();
        let mut expected = json!({
            "version": 1, "claim": message.dedup, "accepted_at": delivery["accepted_at"],
            "cloud_id": CLOUD, "issue_id": LINKED, "project_id": PROJECT,
            "tenant_id": TENANT, "chat_id": CHAT,
        });
        for (name, value) in kind.as_object().unwrap() {
            expected[name] = value.clone();
        }
        assert_eq!(delivery, expected);
        let late = door.stack.clock.now().as_millis() - delivery["accepted_at"].as_i64().unwrap();
        assert!((0..60_000).contains(&late), "{late} ms");
        assert_eq!(message.group, queued[0].group, "one order within the issue");
    }
    assert_eq!(door.stack.gate.recorded().len(), 0, "no vendor is asked before the answer");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_queue_keeps_order_by_issue_and_takes_each_event_once() {
    let door = Door::open().await;
    let second_chat = "19:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@thread.v2";
    for chat in [CHAT, second_chat] {
        door.link(CLOUD, "10003", chat).await;
    }
    door.link(OTHER_CLOUD, LINKED, CHAT).await;
    let send = async |event: &Value, identifier: Option<&str>| {
        let mut request = door.signed(event);
        if let Some(identifier) = identifier {
            request = request.header(IDENTIFIER, identifier);
        }
        assert_eq!(Front::answer(request).await.0, 200);
        door.front.queued()
    };
    let one = send(&comment(LINKED), Some("a")).await;
    assert_eq!(one.len(), 1);
    // The same identifier again, whatever the body says: the same event.
    let mut retried = comment(LINKED);
    retried["timestamp"] = json!(1);
    assert_eq!(send(&retried, Some("a")).await, one);
    // Another identifier is another event of the same issue.
    let two = send(&comment(LINKED), Some("b")).await;
    assert_eq!((two.len(), &two[1].group), (2, &one[0].group));
    assert_ne!(two[0].dedup, two[1].dedup);
    // Of another issue: another order; one delivery for each of its chats, and none twice.
    let four = send(&comment("10003"), Some("c")).await;
    assert_eq!(send(&comment("10003"), Some("c")).await.len(), 4);
    assert_eq!((four.len(), &four[2].group), (4, &four[3].group));
    assert_ne!((&four[2].group, &four[2].dedup), (&one[0].group, &four[3].dedup));
    // Without an identifier the body tells repetitions.
    assert_eq!(send(&comment(LINKED), None).await.len(), 5);
    assert_eq!(send(&comment(LINKED), None).await.len(), 5);
    assert_eq!(send(&retried, None).await.len(), 6);
    // Identifiers are unique within a site only.
    let of_other = comment_event("comment_created", OTHER_HOST, LINKED).to_string();
    let request = door.bare(OTHER_CLOUD, &of_other).header(IDENTIFIER, "a");
    let request = request.header("x-hub-signature", signature(OTHER_SECRET, of_other.as_bytes()));
    assert_eq!(Front::answer(request).await.0, 200);
    let seven = door.front.queued();
    assert_eq!(seven.len(), 7);
    assert_ne!(seven[6].group, one[0].group);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_webhook_again_changes_nothing_in_the_chat() {
    let world = world().await;
    let mut event = issue_event("jira:issue_updated", ISSUE, &["status"]);
    event["user"]["accountId"] = json!(world.ben.account);
    let body = event.to_string();
    let send = async |identifier: &str| {
        let request = world.stack.request("POST", &format!("/jira/{CLOUD}/webhooks"));
        let request = request
            .header("content-type", "application/json")
            .header("x-hub-signature", signature(WEBHOOK_SECRET, body.as_bytes()))
            .header(IDENTIFIER, identifier)
            .body(body.clone());
        let (status, answer) = Front::answer(request).await;
        assert_eq!((status, &answer["outcome"]), (200, &json!("queued")));
        world.stack.settled().await;
        world.messages().len()
    };
    assert_eq!(send("first").await, 1);
    world.stack.gate.forget();
    // At once, within the queue's five minutes, beyond them, and after Jira's last attempt.
    for minutes in [0, 4, 6, 60] {
        world.stack.clock.advance(Duration::from_mins(minutes));
        assert_eq!(send("first").await, 1, "{minutes} minutes later");
        assert_eq!(world.stack.gate.recorded().len(), 0, "no vendor is asked again");
    }
    assert_eq!(send("second").await, 2, "another event is told");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_a_webhook_is_400_and_says_why() {
    let door = Door::open().await;
    let mut server = comment(LINKED);
    for name in ["author", "updateAuthor"] {
        server["comment"][name] = json!({"name": CANARY, "key": CANARY, "displayName": CANARY});
    }
    let mut bad_issue = comment(LINKED);
    bad_issue["issue"]["id"] = json!(CANARY);
    let mut no_link = comment(LINKED);
    no_link["issue"]["self"] = json!("/rest/api/2/issue/1");
    for (body, code, names) in [
        (String::new(), "payload_not_json", "JSON"),
        (CANARY.to_owned(), "payload_not_json", "JSON"),
        (format!("{{\"webhookEvent\": \"{CANARY}"), "payload_not_json", "JSON"),
        ("[]".to_owned(), "payload_malformed", "body"),
        ("{}".to_owned(), "payload_malformed", "webhookEvent"),
        (json!({"webhookEvent": "comment_created"}).to_string(), "payload_malformed", "comment"),
        (bad_issue.to_string(), "payload_malformed", "issue.id"),
        (no_link.to_string(), "payload_malformed", "issue.self"),
        (server.to_string(), "payload_of_jira_server", "accountId"),
    ] {
        let request = door.bare(CLOUD, &body);
        let request = request.header("x-hub-signature", signature(WEBHOOK_SECRET, body.as_bytes()));
        let (status, answer) = Front::answer(request).await;
        let detail = answer["detail"].as_str().unwrap();
        assert_eq!((status, &answer["code"]), (400, &json!(code)), "{body}");
        assert!(detail.contains(names) && !detail.contains(CANARY), "{body}: {detail}");
        door.untouched(&body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_is_no_cloud_id_is_400_and_names_the_field() {
    let door = Door::open().await;
    for cloud in
        ["DEMO", HOST, "11223344-A1B2-4B33-8444-DEF123456789", "%20", "..%2f..", "%7Bcloud%7D"]
    {
        let body = comment(LINKED).to_string();
        let request = door.bare(cloud, &body);
        let request = request.header("x-hub-signature", signature(WEBHOOK_SECRET, body.as_bytes()));
        let (status, answer) = Front::answer(request).await;
        assert_eq!((status, &answer["code"]), (400, &json!("invalid_field")), "{cloud}");
        assert_eq!(answer["detail"], "cloudId is not a valid cloud id", "{cloud}");
        door.untouched(cloud);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_handed_over_is_not_acknowledged() {
    let door = Door::open().await;
    let send = || Front::answer(door.signed(&comment(LINKED)).header(IDENTIFIER, "a"));
    for broken in [&door.front.queue, &door.front.table] {
        broken.out_of_order(true);
        let (status, answer) = send().await;
        assert_eq!(status, 503, "{answer}");
        assert_eq!(door.front.queued().len(), 0);
        broken.out_of_order(false);
    }
    // Jira comes again, twice for good measure, and the event is on the queue once.
    for _ in 0..2 {
        assert_eq!(send().await.0, 200);
        assert_eq!(door.front.queued().len(), 1);
    }
}
