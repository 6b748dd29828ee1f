//! Told once: by several subscriptions, by a webhook that comes twice, by an attempt that failed.

use std::time::Duration;

use serde_json::json;
use tandem_domain::{FollowFilter, IssueEvent, IssueTypeId};
use tandem_local::sandbox::jira::NewIssue;

use super::{
    super::scene::{Scene, level},
    assert_told, events, told,
};
use crate::support::{
    CLOUD, HOST, WEBHOOK_SECRET,
    people::{ISSUE, PROJECT},
};

#[tokio::test(flavor = "multi_thread")]
async fn several_subscriptions_of_a_channel_tell_an_event_once() {
    let mut scene = Scene::open().await;
    scene.set(json!({"secured_issues": "allowed"})).await;
    let channel = scene.channel("News").await;
    let stories = vec![IssueTypeId::parse("10001").unwrap()];
    scene.follow(&scene.ada, &channel, FollowFilter::default()).await;
    scene.follow(&scene.ada, &channel, events(&[IssueEvent::Commented])).await;
    let secured = FollowFilter { secured: true, ..FollowFilter::default() };
    scene.follow(&scene.ben, &channel, secured).await;
    let only = FollowFilter { issue_types: stories, ..FollowFilter::default() };
    scene.follow(&scene.cleo, &channel, only).await;
    scene.comment(&scene.ben, "Wanted by three of four").await;
    assert_told(&scene, &channel, &["card", "by three"]);
    scene.done_in_jira(&scene.ben, json!({"action": "transition", "to": "Done"})).await;
    assert_told(&scene, &channel, &["card", "by three", "Done"]);
    // What the others may not see or do not want, one of them tells.
    let few = scene.issue(NewIssue { security: Some(level(&[&scene.ben])), ..NewIssue::default() });
    let deed = json!({"action": "comment", "text": "Wanted by one", "issue": few});
    scene.done_in_jira(&scene.ben, deed).await;
    assert_told(&scene, &channel, &["card", "by three", "Done", "card", "by one"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_comes_again_is_told_once() {
    let scene = Scene::open().await;
    let [channel, other] = [scene.channel("News").await, scene.channel("More").await];
    for it in [&channel, &other] {
        scene.follow(&scene.ada, it, FollowFilter::default()).await;
    }
    scene.stack.jira.add_comment(CLOUD, ISSUE, "70001", &scene.ben.account, "Once is enough");
    let body = json!({
        "webhookEvent": "comment_created",
        "issue": {
            "id": ISSUE, "key": "TEST-1",
            "self": format!("https://{HOST}/rest/api/2/issue/{ISSUE}"),
            "fields": {"project": {"id": PROJECT}},
        },
        "comment": {
            "id": "70001",
            "self": format!("https://{HOST}/rest/api/2/issue/{ISSUE}/comment/70001"),
            "author": {"accountId": scene.ben.account},
        },
    });
    let body = body.to_string().into_bytes();
    for _ in 0..2 {
        let sent = || scene.stack.webhook(CLOUD, WEBHOOK_SECRET, "the-same", &body);
        let (first, second) = tokio::join!(sent(), sent());
        assert_eq!((first.0, second.0), (200, 200), "{first:?} {second:?}");
        scene.stack.settled().await;
        // Beyond the time in which the queue itself knows a message again.
        scene.stack.clock.advance(Duration::from_mins(6));
    }
    for it in [&channel, &other] {
        assert_told(&scene, it, &["card", "Once is enough"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_throttled_post_comes_when_the_connector_says_and_once() {
    let scene = Scene::open().await;
    let channel = scene.channel("News").await;
    scene.follow(&scene.ada, &channel, FollowFilter::default()).await;
    for end in ["/v3/conversations", "/activities"] {
        scene.fail("POST", end, 429, 1);
        scene.in_jira(&scene.ben, json!({"action": "comment", "text": format!("By {end}")})).await;
        let throttled = || {
            let calls = scene.stack.gate.recorded();
            calls.iter().any(|call| call.status == 429 && call.path.ends_with(end))
        };
        while !throttled() || scene.stack.under_way() > 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert!(!told(&scene, &channel).iter().any(|it| it.contains(end)), "not yet");
        scene.stack.settled_in_time().await;
    }
    assert_told(&scene, &channel, &["card", "By /v3/conversations", "By /activities"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_that_began_the_thread_is_gone_on_with() {
    let scene = Scene::open().await;
    let channel = scene.channel("News").await;
    scene.follow(&scene.ada, &channel, FollowFilter::default()).await;
    scene.fail("POST", "/activities", 502, 2);
    scene.in_jira(&scene.ben, json!({"action": "comment", "text": "Slowly"})).await;
    scene.stack.settled_in_time().await;
    assert_told(&scene, &channel, &["card", "Slowly"]);
}
