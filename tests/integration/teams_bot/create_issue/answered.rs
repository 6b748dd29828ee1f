//! What comes back, and what is kept, once an issue is made.

use std::sync::Arc;

use serde_json::{Value, json};
use tandem_local::sandbox::microsoft::Installation;

use super::{HTML, SUMMARY, Teams, form, input, said};
use crate::support::world;

#[tokio::test(flavor = "multi_thread")]
async fn the_issue_and_the_message_know_each_other_and_nothing_else_is_kept() {
    let world = world().await;
    let ben = Teams::in_chat(&world, &world.ben);
    let opened = ben.open("createIssue", HTML, &world.cleo).await;
    ben.submit(json!({"issuetype": "10002"})).await;
    world.stack.settled().await;
    let issue = world.one().await;
    for entity in ["issue_message", "issue_message_by_message"] {
        let items = world.stack.items_of(entity).await;
        assert_eq!(items.len(), 1, "{entity}");
        let message = &opened["activity"]["value"]["messagePayload"]["id"];
        for (name, value) in [
            ("issue_id", &issue["id"]),
            ("message_id", message),
            ("conversation_id", &json!(world.chat)),
            ("created_by", &json!(world.ben.account)),
        ] {
            assert_eq!(items[0][name]["S"], *value, "{entity} {name}");
        }
    }
    // The next form begins with what was chosen.
    let again = ben.open("createIssue", "<p>Another one</p>", &world.ben).await;
    assert_eq!(input(form(&again), "issuetype")["value"], "10002");

    let traces = world.stack.traces().await;
    assert_eq!(traces.find(["kettle", "whistles", "will not stop"]), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn where_one_writes_the_card_is_handed_over() {
    let world = world().await;
    let ben = Teams::in_chat(&world, &world.ben);
    for context in ["compose", "commandBox"] {
        let action = json!({"commandId": "createIssue", "commandContext": context});
        let opened = ben.act(json!({"messageAction": action})).await;
        assert!(input(form(&opened), "summary")["value"].as_str().unwrap_or("").is_empty());
        let summary = format!("From {context}");
        let made = ben.submit(json!({"summary": summary, "description": "First\n\nSecond"})).await;
        let result = &made["body"]["composeExtension"];
        assert_eq!(
            (&result["type"], &result["attachmentLayout"]),
            (&json!("result"), &json!("list")),
            "{made}"
        );
        let attachment = &result["attachments"][0];
        assert!(attachment["content"].to_string().contains(&summary));
        assert!(attachment["preview"]["content"]["title"].as_str().unwrap().ends_with(&summary));
        // Once more, the card is there again, since the first answer may not have arrived.
        let again = ben.repeat(&made).await;
        assert_eq!(
            again["body"]["composeExtension"]["attachments"][0]["preview"],
            attachment["preview"]
        );
    }
    assert_eq!(world.made().await.len(), 2);
    assert!(world.posts(&json!(world.chat)).is_empty());
    assert!(world.stack.items_of("issue_message").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_bot_may_not_write_the_card_is_handed_over() {
    let world = world().await;
    for state in [Installation::Removed, Installation::Blocked] {
        let ben = Teams::in_chat(&world, &world.ben);
        ben.open("createIssue", HTML, &world.cleo).await;
        world.stack.microsoft.set_installation(&world.chat, state);
        let made = ben.submit(json!({})).await;
        assert_eq!(made["body"]["composeExtension"]["type"], "result", "{made}");
    }
    assert_eq!(world.made().await.len(), 2);
    assert_eq!(world.stack.items_of("issue_message").await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_secured_issue_a_chat_is_told_the_key_alone() {
    let mut world = world().await;
    world.stack.gate.rewrite(Arc::new(|_: &str, body| {
        let Ok(mut issue) = serde_json::from_slice::<Value>(&body) else { return body };
        if issue["fields"]["summary"].is_string() {
            issue["fields"]["security"] = json!({"id": "1", "name": "Inner circle"});
            return issue.to_string().into();
        }
        body
    }));
    for (setting, shown) in [("never", false), ("allowed", true)] {
        world.set(json!({"secured_issues": setting})).await;
        let ben = Teams::in_chat(&world, &world.ben);
        ben.open("createIssue", HTML, &world.cleo).await;
        said(&ben.submit(json!({})).await);
        let key = world.made().await.last().unwrap()["key"].as_str().unwrap().to_owned();
        let posts = world.posts(&json!(world.chat));
        let card = posts.last().unwrap().activity.to_string();
        assert!(card.contains(&key), "{card}");
        assert_eq!(card.contains(SUMMARY), shown, "{card}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_there_is_not_is_answered() {
    let world = world().await;
    let ben = Teams::in_chat(&world, &world.ben);
    let asked = ben.open("makeCoffee", HTML, &world.ben).await;
    assert_eq!(said(&asked), "Tandem does not know this command.");
}
