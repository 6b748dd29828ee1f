//! A second attempt after one whose answer was lost, when the world moved on in between.

use serde_json::json;
use tandem_local::sandbox::gate::Strike;

use crate::support::{
    Person, World,
    talk::{from, html, words},
    world,
};

/// The next message is posted, and Tandem does not learn of it.
fn lose_a_post(world: &World) {
    world.fail("POST", "/graph/v1.0/chats/", "/messages", Strike::After, 504, 1);
}

/// The next comment is written, and Tandem does not learn of it.
fn lose_a_comment(world: &World) {
    world.fail("POST", "/atlassian/api/ex/jira/", "/comment", Strike::After, 504, 1);
}

/// Waits until the first attempt is over: the next one waits for seconds.
async fn between_the_attempts(world: &World) {
    let retried = || world.stack.metrics().iter().any(|line| line.contains("DeliveriesRetried"));
    while !retried() || world.stack.under_way() > 0 {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}

async fn outsider(world: &World) -> Person {
    world.stack.person("Dora Lind", false, true).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_comment_of_somebody_outside_the_chat_is_posted_by_its_creator_all_the_same() {
    let world = world().await;
    let dora = outsider(&world).await;
    world.fail("GET", "/atlassian/api/ex/jira/", "/issue/10001", Strike::Before, 503, 1);
    world.comment(&dora, "From outside").await;
    world.stack.settled_in_time().await;
    let message = world.message();
    assert_eq!(from(&message), world.ada.object);
    assert!(html(&message).contains("From outside"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_posted_unknown_goes_when_its_comment_is_deleted_before_the_next_attempt() {
    let world = world().await;
    lose_a_post(&world);
    let comment = world.comment(&world.ben, "Soon gone").await;
    between_the_attempts(&world).await;
    assert_eq!(world.messages().len(), 1);
    world.in_jira(&world.ben, json!({"action": "delete_comment", "comment": comment})).await;
    world.stack.settled_in_time().await;
    assert!(world.messages().is_empty(), "{:?}", world.messages());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_posted_unknown_says_what_its_comment_was_edited_to() {
    let world = world().await;
    lose_a_post(&world);
    let comment = world.comment(&world.ben, "First words").await;
    between_the_attempts(&world).await;
    world.stack.clock.advance(std::time::Duration::from_millis(10));
    let edit = json!({"action": "edit_comment", "comment": comment, "text": "Second words"});
    world.in_jira(&world.ben, edit).await;
    world.stack.settled_in_time().await;
    assert!(html(&world.message()).contains("Second words"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_written_unknown_goes_when_its_message_is_deleted_before_the_next_attempt() {
    let world = world().await;
    lose_a_comment(&world);
    let message = world.write(&world.ben, "Soon gone").await;
    between_the_attempts(&world).await;
    assert_eq!(world.comments().len(), 1);
    world.in_teams(&world.ben, json!({"action": "delete", "messageId": message})).await;
    world.stack.settled_in_time().await;
    assert!(world.comments().is_empty(), "{:?}", world.comments());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_written_unknown_says_what_its_message_was_edited_to() {
    let world = world().await;
    lose_a_comment(&world);
    let message = world.write(&world.ben, "First words").await;
    between_the_attempts(&world).await;
    let edit = json!({"action": "edit", "messageId": message, "html": "Second words"});
    world.in_teams(&world.ben, edit).await;
    world.stack.settled_in_time().await;
    let said: Vec<String> = world.comments().iter().map(words).collect();
    assert_eq!(said, ["Second words"]);
}
