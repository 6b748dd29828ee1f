//! Channels that follow a project: what they are told, what they are not, and how often.

mod filters;
mod kept;
mod once;
mod threads;
mod trouble;

use serde_json::json;
use tandem_domain::{FollowFilter, IssueEvent};

use super::scene::{Scene, is_card, words};

/// The events of a filter.
fn events(events: &[IssueEvent]) -> FollowFilter {
    FollowFilter { events: events.to_vec(), ..FollowFilter::default() }
}

/// What a channel was told, in order: `card` for an issue's card, else the text.
fn told(scene: &Scene, channel: &str) -> Vec<String> {
    let posts = scene.posts(channel);
    posts.iter().map(|post| if is_card(post) { "card".to_owned() } else { words(post) }).collect()
}

/// Asserts that what was told are these, each by a part of it.
#[track_caller]
fn assert_told(scene: &Scene, channel: &str, parts: &[&str]) {
    let told = told(scene, channel);
    let fits =
        told.len() == parts.len() && told.iter().zip(parts).all(|(it, part)| it.contains(part));
    assert!(fits, "{told:#?} is not {parts:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_is_told_the_events_it_asked_for() {
    use IssueEvent::{Commented, Created, Deleted, Updated};
    let scene = Scene::open().await;
    let mut cases = Vec::new();
    for (wanted, parts) in [
        (&[][..], &["card", "In Progress", "commented", "deleted"][..]),
        (&[Created], &["card"]),
        (&[Updated], &["card", "In Progress"]),
        (&[Commented], &["card", "commented"]),
        (&[Deleted], &[]),
        (&[Commented, Deleted], &["card", "commented", "deleted"]),
    ] {
        let channel = scene.channel(&format!("{wanted:?}")).await;
        scene.follow(&scene.ada, &channel, events(wanted)).await;
        cases.push((channel, parts));
    }
    let made = json!({"action": "create_issue", "project": "TEST", "summary": "A new lamp"});
    let issue = scene.done_in_jira(&scene.ben, made).await["id"].clone();
    for deed in [
        json!({"action": "transition", "to": "In Progress"}),
        json!({"action": "set_summary", "summary": "Another name"}),
        json!({"action": "comment", "text": "I have a spare one"}),
    ] {
        let mut deed = deed;
        deed["issue"] = issue.clone();
        scene.done_in_jira(&scene.ben, deed).await;
    }
    scene.done_in_jira(&scene.ada, json!({"action": "delete_issue", "issue": issue})).await;
    for (channel, parts) in &cases {
        assert_told(&scene, channel, parts);
    }
    assert!(scene.stack.items_of("issue_thread").await.is_empty(), "no thread outlives its issue");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_told_says_who_and_what() {
    let scene = Scene::open().await;
    let channel = scene.channel("News").await;
    scene.follow(&scene.ada, &channel, FollowFilter::default()).await;
    scene.done_in_jira(&scene.ben, json!({"action": "transition", "to": "Done"})).await;
    scene.comment(&scene.ben, "Mended & <b>tested</b>").await;
    let posts = scene.posts(&channel);
    let card = words(&posts[0]);
    for part in ["TEST-1", "The lamp in the hall flickers", "Done", "Open in Jira"] {
        assert!(card.contains(part), "{part:?} is not in {card}");
    }
    assert!(words(&posts[1]).contains("<strong>Ben Okoye</strong> changed "), "{:?}", posts[1]);
    assert!(words(&posts[1]).contains("Status: <strong>Done</strong>"), "{:?}", posts[1]);
    let comment = words(&posts[2]);
    for part in [
        "<strong>Ben Okoye</strong> commented:",
        "Mended &amp; &lt;b&gt;tested&lt;/b&gt;",
        "/browse/TEST-1",
    ] {
        assert!(comment.contains(part), "{part:?} is not in {comment}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issue_that_is_still_there_is_not_said_to_be_gone() {
    use crate::support::{
        CLOUD, HOST, WEBHOOK_SECRET,
        people::{ISSUE, PROJECT},
    };
    let scene = Scene::open().await;
    let channel = scene.channel("News").await;
    scene.follow(&scene.ada, &channel, FollowFilter::default()).await;
    scene.comment(&scene.ben, "Here").await;
    let body = json!({
        "webhookEvent": "jira:issue_deleted",
        "issue": {
            "id": ISSUE, "key": "TEST-1",
            "self": format!("https://{HOST}/rest/api/2/issue/{ISSUE}"),
            "fields": {"project": {"id": PROJECT}},
        },
    });
    let body = body.to_string().into_bytes();
    let (status, answer) = scene.stack.webhook(CLOUD, WEBHOOK_SECRET, "early", &body).await;
    assert_eq!((status, &answer["outcome"]), (200, &json!("queued")));
    scene.stack.settled().await;
    assert_told(&scene, &channel, &["card", "Here"]);
    assert_eq!(scene.stack.items_of("issue_thread").await.len(), 1);
}
