//! Somebody who has a site's webhook secret, or the signing key, says that things were deleted that
//! are still there: nothing is taken back, and the real deletion still counts afterwards.

use serde_json::{Value, json};
use tandem_domain::{ChatId, TenantId};

use crate::support::{
    CLOUD, HOST, TENANT, WEBHOOK_SECRET, World,
    people::{ISSUE, PROJECT},
    talk::html,
    world,
};

/// Sends a webhook about the issue, signed as Jira signs.
async fn webhook(world: &World, identifier: &str, event: &str, more: Value) {
    let mut body = json!({
        "timestamp": 1_790_000_000_000_i64,
        "webhookEvent": event,
        "issue": {
            "id": ISSUE, "key": "TEST-1", "self": format!("https://{HOST}/rest/api/2/issue/{ISSUE}"),
            "fields": {"project": {"id": PROJECT, "key": "TEST"}},
        },
    });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    let body = body.to_string();
    let (status, answer) =
        world.stack.webhook(CLOUD, WEBHOOK_SECRET, identifier, body.as_bytes()).await;
    assert_eq!((status, &answer["outcome"]), (200, &json!("queued")), "{answer}");
    world.stack.settled().await;
}

/// Sends a notification that a message was deleted, as Graph does.
async fn notification(world: &World, message: &str) {
    let (tenant, chat) = (TenantId::parse(TENANT).unwrap(), ChatId::parse(&world.chat).unwrap());
    let state = world.stack.app.signing.client_state(&tenant, &chat);
    let item = json!({
        "subscriptionId": "88aa8b2e-0000-4000-8000-0123456789ab",
        "changeType": "deleted",
        "tenantId": TENANT,
        "clientState": state.expose("the test plays Graph"),
        "resource": format!("chats('{}')/messages('{message}')", world.chat),
        "resourceData": {"id": message},
    });
    let (status, _) =
        world.stack.send("POST", "/teams/notifications", &json!({"value": [item]})).await;
    assert_eq!(status, 202);
    world.stack.settled().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comment_that_is_said_to_be_deleted_and_is_not_keeps_its_copy() {
    let world = world().await;
    // One author reads it themselves, the other through the creator of the chat.
    for who in [&world.ben, &world.cleo] {
        let comment = world.comment(who, "The lamp is mended").await;
        world.stack.settled().await;
        let copy = world.message();
        let forged = json!({"comment": {
            "id": comment,
            "self": format!("https://{HOST}/rest/api/2/issue/{ISSUE}/comment/{comment}"),
            "author": {"accountId": who.account},
        }});
        webhook(&world, &comment, "comment_deleted", forged).await;
        assert_eq!(world.message().id, copy.id);
        world.in_jira(who, json!({"action": "delete_comment", "comment": comment})).await;
        world.stack.settled().await;
        assert!(world.messages().is_empty(), "the real one takes the copy back");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issue_that_is_said_to_be_deleted_and_is_not_keeps_its_chat() {
    let world = world().await;
    let forged = json!({"user": {"accountId": world.ada.account}});
    webhook(&world, "forged", "jira:issue_deleted", forged).await;
    assert!(world.messages().is_empty(), "nobody is told so");
    assert_eq!(world.stack.items_of("chat_link").await[0]["state"]["S"], "active");
    assert_eq!(world.stack.microsoft.subscriptions().len(), 1);
    world.in_jira(&world.ada, json!({"action": "delete_issue"})).await;
    world.stack.settled().await;
    assert!(html(&world.message()).contains("was deleted in Jira"), "the real one is told");
    assert_eq!(world.stack.items_of("chat_link").await[0]["state"]["S"], "issue_deleted");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_said_to_be_deleted_and_is_not_keeps_its_comment() {
    let world = world().await;
    for who in [&world.ada, &world.ben] {
        let message = world.write(who, "Which lamp?").await;
        world.stack.settled().await;
        let copy = world.comments()[0].id.clone();
        notification(&world, &message).await;
        assert_eq!(world.comments()[0].id, copy);
        world.in_teams(who, json!({"action": "delete", "messageId": message})).await;
        world.stack.settled().await;
        assert!(world.comments().is_empty(), "the real one takes the copy back");
    }
}
