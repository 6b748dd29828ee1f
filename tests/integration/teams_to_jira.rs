//! Chat messages into Jira comments.

use serde_json::json;
use tandem_local::sandbox::gate::Strike;

use crate::support::{
    TENANT, shared,
    talk::{html, words},
    world,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_message_becomes_a_comment_of_its_author_marked_as_ours_and_valid() {
    let world = world().await;
    let message = world
        .write(&world.ben, "<p>Look at <strong>this</strong> &amp; <a href=\"https://example.com/\">that</a></p><ul><li>one</li></ul>")
        .await;
    world.stack.settled().await;
    let comments = world.comments();
    assert_eq!(comments.len(), 1);
    let comment = &comments[0];
    assert_eq!(comment.author, world.ben.account);
    assert_eq!(words(comment), "Look at this & that\none");
    assert_eq!(
        comment.properties["tandem.message"],
        json!({"chatId": world.chat, "messageId": message})
    );
    let Some(schema) = shared("contracts/adf-v1.schema.json") else { return };
    let schema = serde_json::from_slice(&std::fs::read(schema).unwrap()).unwrap();
    assert!(
        jsonschema::validator_for(&schema).unwrap().is_valid(&comment.body),
        "{}",
        comment.body
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_of_somebody_unlinked_is_quoted_by_the_chats_creator() {
    let world = world().await;
    let add = json!({"action": "add_member", "userId": world.cleo.object});
    world.in_teams(&world.ada, add).await;
    world.write(&world.cleo, "I have the key.").await;
    world.stack.settled().await;
    let comments = world.comments();
    assert_eq!(comments.len(), 1, "members joining is no message");
    assert_eq!(comments[0].author, world.ada.account);
    assert_eq!(words(&comments[0]), "Cleo Marsh wrote in Teams:\nI have the key.");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_edits_the_same_comment_and_a_deletion_deletes_it() {
    let world = world().await;
    let message = world.write(&world.ben, "The first wording").await;
    world.stack.settled().await;
    let before = world.comments()[0].id.clone();
    world
        .in_teams(
            &world.ben,
            json!({"action": "edit", "messageId": message, "text": "The second wording"}),
        )
        .await;
    world.stack.settled().await;
    assert_eq!(world.comments().len(), 1);
    assert_eq!(
        (world.comments()[0].id.clone(), words(&world.comments()[0])),
        (before, "The second wording".to_owned())
    );
    world.in_teams(&world.ben, json!({"action": "delete", "messageId": message})).await;
    world.stack.settled().await;
    assert!(world.comments().is_empty());
    assert!(world.messages().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn only_copies_are_deleted_never_what_a_person_wrote() {
    let world = world().await;
    world.comment(&world.ben, "Written in Jira").await;
    world.stack.settled().await;
    let copy = world.message().id;
    world.in_teams(&world.ben, json!({"action": "delete", "messageId": copy})).await;
    world.stack.settled().await;
    assert_eq!(world.comments().len(), 1, "the comment stays when its copy is deleted");

    world.write(&world.ben, "Written in Teams").await;
    world.stack.settled().await;
    let copy = world.comments().last().unwrap().id.clone();
    world.in_jira(&world.ben, json!({"action": "delete_comment", "comment": copy})).await;
    world.stack.settled().await;
    assert!(html(&world.message()).contains("Written in Teams"), "the message stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_reaches_jira_where_only_the_other_way_is_open() {
    let mut world = world().await;
    world.set(json!({"comment_sync": "jira_to_teams"})).await;
    world.write(&world.ben, "Just between us").await;
    world.comment(&world.ben, "For all").await;
    world.stack.settled().await;
    assert_eq!(world.comments().len(), 1);
    assert_eq!(world.messages().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_who_may_not_see_the_issue_does_not_get_into_it() {
    let world = world().await;
    let only = json!([world.ada.account]);
    world.in_jira(&world.ada, json!({"action": "set_security", "members": only})).await;
    let mut world = world;
    world.set(json!({"secured_issues": "allowed"})).await;
    world.write(&world.ben, "May I?").await;
    world.write(&world.ada, "I may.").await;
    world.stack.settled().await;
    let comments = world.comments();
    assert_eq!(comments.iter().map(words).collect::<Vec<_>>(), ["I may."]);
    let links = world.stack.items_of("chat_link").await;
    assert_eq!(links[0]["state"]["S"], "active", "one refusal does not end the link");
    assert_eq!(links[0]["tenant_id"]["S"], TENANT);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comment_whose_answer_was_lost_is_found_again_and_not_made_twice() {
    let world = world().await;
    world.fail("POST", "/atlassian/api/ex/jira/", "/comment", Strike::After, 502, 1);
    world.write(&world.ben, "Only once").await;
    world.stack.settled().await;
    assert_eq!(world.comments().len(), 1);
    assert_eq!(world.messages().len(), 1, "and it did not come back to the chat");
    assert_eq!(world.stack.items_of("message_link").await.len(), 1);
}
