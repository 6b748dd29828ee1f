//! What the bot tells by itself, and the buttons below it.

use std::time::Duration;

use serde_json::{Value, json};

use super::Room;
use crate::support::people::ISSUE;

/// A channel that follows a project is told what happens in it.
pub async fn channel(room: &Room<'_>) {
    let (world, stack) = (room.world, &room.world.stack);
    for place in [room.channel(), room.chat()] {
        room.say(&world.ada, &place, "subscribe TEST").await;
    }
    let made = json!({
        "as": world.cleo.account, "cloudId": crate::support::CLOUD, "action": "create_issue",
        "project": "TEST", "summary": "The fridge hums",
    });
    let made = stack.in_jira(made).await["id"].clone();
    stack.settled().await;
    for deed in [
        json!({"action": "transition", "to": "21"}),
        json!({"action": "set_priority", "priority": "High"}),
        json!({"action": "assign", "accountId": world.ben.account}),
        json!({"action": "comment", "text": "Looking at it"}),
        json!({"action": "comment", "text": "Between us",
            "visibility": {"type": "role", "value": "Administrators"}}),
    ] {
        world.in_jira(&world.ada, deed).await;
        stack.settled().await;
    }
    assert!(room.posts().len() > 5, "{:?}", room.posts());
    let gone = json!({
        "as": world.ada.account, "cloudId": crate::support::CLOUD, "action": "delete_issue",
        "issue": made,
    });
    stack.in_jira(gone).await;
    stack.settled().await;
}

/// Each button of the issue's card, by somebody who may, and by somebody who is not known.
pub async fn buttons(room: &Room<'_>) {
    let world = room.world;
    let card = room.posts().into_iter().find(|post| shows(&post.activity, ISSUE)).unwrap();
    let place = json!({
        "kind": "channel", "teamId": room.team.id,
        "threadId": card.conversation.split_once('=').unwrap().1,
    });
    for (verb, typed) in [
        ("assignToMe", json!({})),
        ("comment", json!({"comment": "Replaced the starter.\n\nWatch it."})),
        ("comment", json!({"comment": " "})),
        ("watch", json!({})),
        ("transition", json!({"transition": "31"})),
        ("transition", json!({"transition": "99"})),
        ("transition", json!({})),
    ] {
        // As Ben sees it, whatever the channel is being told meanwhile.
        let anew = json!({"act": {"postId": card.id, "verb": "refresh"}});
        let seen = room.act(&world.ben, &place, anew).await.body["value"].clone();
        let pressed = json!({"card": seen, "verb": verb, "data": typed});
        let deed = json!({"act": pressed, "raw": {"replyToId": card.id}});
        room.act(&world.ben, &place, deed).await;
    }
    let pressed = json!({"act": {"card": card.activity, "verb": "refresh"}});
    room.act(&world.cleo, &place, pressed.clone()).await;
    room.act(&world.ben, &room.personal(), pressed).await;
    let alien = json!({"type": "Action.Execute", "verb": "explode", "data": {"a": 1}});
    room.act(&world.ben, &place, json!({"act": {"card": alien, "verb": "explode"}})).await;

    room.say(&world.ada, &room.channel(), "subscriptions").await;
    let list = room
        .posts()
        .into_iter()
        .rev()
        .find(|post| post.activity.to_string().contains("\"verb\":\"unsubscribe\""));
    let list = list.unwrap();
    let place = json!({
        "kind": "channel", "teamId": room.team.id,
        "threadId": list.conversation.split_once('=').unwrap().1,
    });
    let end = json!({"act": {"postId": list.id, "verb": "unsubscribe"}});
    room.act(&world.ada, &place, end).await;
    world.stack.settled().await;
}

/// Whether an activity is the card of an issue, with its buttons.
fn shows(activity: &Value, issue: &str) -> bool {
    let text = activity.to_string();
    text.contains(&format!("\"issueId\":\"{issue}\"")) && text.contains("\"verb\":\"watch\"")
}

/// People are told what concerns them, and what they watch.
pub async fn people(room: &Room<'_>) {
    let (world, ben) = (room.world, &room.world.ben);
    let mut browser = ben.browser(&world.stack).await;
    // Half a day away, wherever Ben lives: so that it is looked up what time it is there.
    let hour = world.stack.app.clock.now().as_millis() / 3_600_000;
    let quiet = format!("{:02}-{:02}", (hour + 11).rem_euclid(24), (hour + 13).rem_euclid(24));
    let wanted = json!({"notify_watched": "on", "quiet_hours": quiet});
    let set = browser.change("PUT", "/settings/users/me", &wanted).await;
    assert_eq!(set.status, 200, "{}", set.body);
    // Who wants to be told of what they watch is remembered for a while.
    world.stack.clock.advance(Duration::from_mins(1));
    let mention = json!({"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [
        {"type": "text", "text": "Have a look, "},
        {"type": "mention", "attrs": {"id": ben.account, "text": "@somebody"}}]}]});
    for deed in [
        json!({"action": "assign"}),
        json!({"action": "assign", "accountId": ben.account}),
        json!({"action": "comment", "text": "Please"}),
        json!({"action": "comment", "adf": mention}),
        json!({"action": "assign"}),
        json!({"action": "set_priority", "priority": "Low"}),
    ] {
        world.in_jira(&world.ada, deed).await;
        world.stack.settled().await;
    }
    let personal = world.stack.microsoft.personal_conversation(crate::support::TENANT, &ben.object);
    let told = world.stack.microsoft.bot_posts(&personal.unwrap());
    assert!(told.len() > 5, "{told:?}");
}

/// The bot is removed, added again, and what it is in changes.
pub async fn goings(room: &Room<'_>) {
    let ada = &room.world.ada;
    for place in [room.channel(), room.chat(), room.personal()] {
        for action in ["remove-upgrade", "add-upgrade", "remove", "add"] {
            room.act(ada, &place, json!({"install": action})).await;
        }
    }
    for event in ["teamArchived", "teamUnarchived", "channelRenamed", "teamMemberAdded"] {
        let event = json!({"conversationUpdate": {"eventType": event}});
        room.act(ada, &room.channel(), event).await;
    }
}
