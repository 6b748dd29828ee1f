//! No loop in either direction, and nothing done twice.

use std::time::Duration;

use serde_json::json;

use crate::support::{
    CLOUD, Person, World,
    people::ISSUE,
    talk::{from, html, words},
    world,
};

/// Lets everything come to rest several times over, so that an echo would have come round.
async fn rest(world: &World) {
    for _ in 0..3 {
        world.stack.settled().await;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_tandem_wrote_does_not_come_back_from_either_side() {
    let world = world().await;
    let comment = world.comment(&world.ben, "From Jira").await;
    rest(&world).await;
    let message = world.write(&world.ada, "From Teams").await;
    rest(&world).await;
    assert_eq!((world.comments().len(), world.messages().len()), (2, 2));

    world
        .in_jira(
            &world.ben,
            json!({"action": "edit_comment", "comment": comment, "text": "From Jira, edited"}),
        )
        .await;
    world
        .in_teams(
            &world.ada,
            json!({"action": "edit", "messageId": message, "text": "From Teams, edited"}),
        )
        .await;
    rest(&world).await;
    assert_eq!((world.comments().len(), world.messages().len()), (2, 2));
    let edits = |path: &str| {
        let calls = world.stack.gate.recorded();
        calls
            .iter()
            .filter(|c| matches!(c.method.as_str(), "PUT" | "PATCH") && c.path.contains(path))
            .count()
    };
    assert_eq!((edits("/comment/"), edits("/messages/")), (1, 1), "each edit is carried over once");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_author_can_edit_the_copy_and_the_original_follows() {
    let world = world().await;
    world.comment(&world.ben, "Written in Jira").await;
    rest(&world).await;
    let copy = world.message();
    world
        .in_teams(
            &world.ben,
            json!({"action": "edit", "messageId": copy.id,
        "html": html(&copy).replace("Written in Jira", "Mended in Teams")}),
        )
        .await;
    rest(&world).await;
    assert_eq!(words(&world.comments()[0]), "Mended in Teams", "without the line that marks it");

    world.write(&world.ben, "Written in Teams").await;
    rest(&world).await;
    let copy = world.comments().last().unwrap().id.clone();
    world
        .in_jira(
            &world.ben,
            json!({"action": "edit_comment", "comment": copy, "text": "Mended in Jira"}),
        )
        .await;
    rest(&world).await;
    assert!(html(world.messages().last().unwrap()).contains("Mended in Jira"));
    assert_eq!((world.comments().len(), world.messages().len()), (2, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_who_pastes_a_message_of_ours_is_heard() {
    let world = world().await;
    world.comment(&world.ben, "Worth repeating").await;
    rest(&world).await;
    let ours = html(&world.message()).to_owned();
    world.write(&world.ada, &ours).await;
    rest(&world).await;
    let comments = world.comments();
    assert_eq!(comments.len(), 2, "the copy is hers");
    assert_eq!(comments[1].author, world.ada.account);
    assert!(words(&comments[1]).contains("Worth repeating"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_from_the_issue_is_one_message_and_one_comment() {
    let mut world = world().await;
    let path = format!(
        "/issues/{ISSUE}/chats/{}/messages",
        world.chat.replace(':', "%3A").replace('@', "%40")
    );
    let answer =
        world.browser.change("POST", &path, &json!({"text": "Replied in the issue"})).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    rest(&world).await;
    assert_eq!(from(&world.message()), world.ada.object);
    let comments = world.comments();
    assert_eq!(comments.len(), 1);
    assert_eq!(comments[0].author, world.ada.account);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_chats_of_one_issue_hear_each_other_once() {
    let mut world = world().await;
    let body = json!({"members": [world.ben.account], "topic": "key"});
    let answer = world.browser.change("POST", &format!("/issues/{ISSUE}/chats"), &body).await;
    let second = answer.json()["chatId"].as_str().unwrap().to_owned();
    assert_ne!(second, world.chat);
    world.write(&world.ben, "Said in the first chat").await;
    rest(&world).await;
    assert_eq!(world.comments().len(), 1);
    assert_eq!(world.messages().len(), 1);
    assert_eq!(world.messages_in(&second).len(), 1, "told in the second chat");
    assert!(html(&world.messages_in(&second)[0]).contains("Said in the first chat"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_webhook_and_notification_again_change_nothing() {
    let world = world().await;
    let comment = world.comment(&world.ben, "Told once").await;
    world.write(&world.ada, "Said once").await;
    rest(&world).await;
    let payload = json!({"timestamp": 1, "webhookEvent": "comment_created",
        "comment": {"self": format!("https://tests.atlassian.net/rest/api/2/issue/{ISSUE}/comment/{comment}"),
            "id": comment, "author": {"accountId": world.ben.account}},
        "issue": {"id": ISSUE, "key": "TEST-1", "self": format!("https://tests.atlassian.net/rest/api/2/issue/{ISSUE}"), "fields": {}}})
        .to_string();
    // The same event under another identifier, as a second webhook configured by mistake sends it.
    for identifier in ["again-1", "again-1", "again-2"] {
        let status = signed(&world, identifier, &payload).await;
        assert_eq!(status, 200);
        // No delivery lasts for minutes.
        rest(&world).await;
        world.stack.clock.advance(Duration::from_mins(6));
        rest(&world).await;
    }
    for notification in world.stack.microsoft.notification_log() {
        if !notification.lifecycle {
            let path = "/teams/notifications";
            let (status, _) = world.stack.send("POST", path, &notification.payload).await;
            assert_eq!(status, 202);
        }
    }
    rest(&world).await;
    assert_eq!((world.comments().len(), world.messages().len()), (2, 2));
}

async fn signed(world: &World, identifier: &str, payload: &str) -> u16 {
    use aws_lc_rs::hmac;
    let key = hmac::Key::new(hmac::HMAC_SHA256, crate::support::WEBHOOK_SECRET.as_bytes());
    let mac: String =
        hmac::sign(&key, payload.as_bytes()).as_ref().iter().map(|b| format!("{b:02x}")).collect();
    world
        .stack
        .request("POST", &format!("/jira/{CLOUD}/webhooks"))
        .header("content-type", "application/json")
        .header("x-hub-signature", format!("sha256={mac}"))
        .header("x-atlassian-webhook-identifier", identifier)
        .body(payload.to_owned())
        .send()
        .await
        .unwrap()
        .status()
        .as_u16()
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_who_links_later_speaks_for_themselves_from_then_on() {
    let world = world().await;
    world.comment(&world.cleo, "Not linked yet").await;
    world.stack.settled().await;
    let cleo: Person = world.cleo.clone();
    world.in_teams(&world.ada, json!({"action": "add_member", "userId": cleo.object})).await;
    cleo.browser(&world.stack).await;
    world.comment(&cleo, "Linked now").await;
    rest(&world).await;
    let messages = world.messages();
    assert_eq!(messages.iter().map(from).collect::<Vec<_>>(), [&world.ada.object, &cleo.object]);
}
