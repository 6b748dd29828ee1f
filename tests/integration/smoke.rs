//! The thin path: sign in with both sides, start a chat, a comment arrives, a reply goes back.

use serde_json::json;

use crate::support::{CLOUD, TENANT, people::ISSUE, world};

#[tokio::test(flavor = "multi_thread")]
async fn a_comment_reaches_the_chat_and_a_reply_reaches_the_issue() {
    let world = world().await;
    world
        .stack
        .in_jira(json!({"as": world.ben.account, "cloudId": CLOUD, "issue": ISSUE,
            "action": "comment", "text": "Shall we replace the bulb?"}))
        .await;
    world.stack.settled().await;
    let messages = world.stack.microsoft.messages(&world.chat);
    let told = messages.iter().find(|m| format!("{m:?}").contains("replace the bulb"));
    assert!(told.is_some(), "{messages:?}");
    world
        .stack
        .in_teams(json!({"as": world.ada.object, "tenantId": TENANT, "chatId": world.chat,
            "action": "send", "text": "Yes, tomorrow."}))
        .await;
    world.stack.settled().await;
    let comments = world.stack.jira.comments(CLOUD, ISSUE);
    assert_eq!(comments.len(), 2, "{comments:?}");
    assert_eq!(world.stack.microsoft.messages(&world.chat).iter().filter(|m| format!("{m:?}").contains("tomorrow")).count(), 1);
}
