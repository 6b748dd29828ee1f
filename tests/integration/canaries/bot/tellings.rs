//! What happens in Jira and is told by the bot; the buttons below it.

use std::time::Duration;

use serde_json::{Value, json};
use tandem_local::sandbox::microsoft::BotPost;

use super::{Places, Scene};
use crate::support::{CLOUD, Person, people::ISSUE};

/// Channels and people are told of everything that can be told.
pub async fn everybody(scene: &Scene) {
    follow(scene).await;
    watch(scene).await;
    let made = made(scene).await;
    happenings(scene).await;
    let gone = json!({"as": scene.ada.account, "cloudId": CLOUD, "action": "delete_issue",
        "issue": made});
    scene.stack.in_jira(gone).await;
    scene.stack.settled().await;
}

/// From here on nobody is told anything by the bot.
pub async fn nobody(scene: &Scene) {
    let Places { chat, channel, .. } = scene.places();
    set(scene, json!({"notify_watched": "off"})).await;
    for place in [&channel, &chat] {
        scene.say(&scene.ada, place, "unsubscribe TEST").await;
    }
}

/// The channel follows the project, and the chat what has the issue's label.
pub async fn follow(scene: &Scene) {
    let Places { chat, channel, .. } = scene.places();
    let label = scene.markers.placed("a label of an issue").remove(0);
    scene.say(&scene.ada, &channel, "subscribe TEST").await;
    scene.say(&scene.ada, &chat, &format!("subscribe TEST label:{label}")).await;
}

/// Ben wants to be told of what he watches, outside of his quiet hours.
pub async fn watch(scene: &Scene) {
    // Half a day away, wherever he lives: so that it is looked up what time it is there.
    let hour = scene.stack.app.clock.now().as_millis() / 3_600_000;
    let quiet = format!("{:02}-{:02}", (hour + 11).rem_euclid(24), (hour + 13).rem_euclid(24));
    set(scene, json!({"notify_watched": "on", "quiet_hours": quiet})).await;
    scene.in_jira(&scene.ben, json!({"action": "watch"})).await;
}

async fn set(scene: &Scene, wanted: Value) {
    let mut browser = scene.ben.browser(&scene.stack).await;
    let set = browser.change("PUT", "/settings/users/me", &wanted).await;
    assert_eq!(set.status, 200, "{}", set.body);
    // Who wants to be told of what they watch is remembered for a while.
    scene.stack.clock.advance(Duration::from_mins(1));
}

/// A new issue, with a text for somebody in it.
pub async fn made(scene: &Scene) -> Value {
    let made = json!({
        "as": scene.ada.account, "cloudId": CLOUD, "action": "create_issue", "project": "TEST",
        "summary": scene.markers.at("the summary of an issue"), "adf": mentioning(scene, &scene.ben),
    });
    let made = scene.stack.in_jira(made).await["id"].clone();
    scene.stack.settled().await;
    made
}

fn mentioning(scene: &Scene, who: &Person) -> Value {
    let word = || scene.markers.at("the text of a comment");
    json!({"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [
        {"type": "text", "text": word()},
        {"type": "mention", "attrs": {"id": who.account, "text": format!("@{}", word())}}]}]})
}

async fn happenings(scene: &Scene) {
    let (ada, ben) = (&scene.ada, &scene.ben);
    let role = scene.markers.placed("the name of a role").remove(0);
    for deed in [
        json!({"action": "assign"}),
        json!({"action": "assign", "accountId": ben.account}),
        json!({"action": "comment", "adf": scene.document()}),
        json!({"action": "comment", "adf": mentioning(scene, ben)}),
        json!({"action": "comment", "adf": mentioning(scene, ben),
            "visibility": {"type": "role", "value": role}}),
        json!({"action": "assign", "accountId": ada.account}),
        json!({"action": "set_priority", "priority": "Low"}),
        json!({"action": "set_priority", "priority": "High"}),
        json!({"action": "transition", "to": "21"}),
    ] {
        scene.in_jira(ada, deed).await;
        scene.stack.settled().await;
    }
}

/// The last post of the channel whose card is of the issue, with its buttons.
pub fn card(scene: &Scene) -> BotPost {
    let posts = scene.stack.microsoft.bot_posts(&scene.team.id).into_iter().rev();
    let shows = |post: &BotPost| {
        let text = post.activity.to_string();
        !post.deleted
            && text.contains(&format!("\"issueId\":\"{ISSUE}\""))
            && text.contains("\"verb\":\"watch\"")
    };
    posts.into_iter().find(shows).unwrap()
}

/// The place of a post in the channel.
pub fn thread(scene: &Scene, post: &BotPost) -> Value {
    let root = post.conversation.split_once('=').unwrap().1;
    json!({"kind": "channel", "teamId": scene.team.id, "threadId": root})
}

/// What can be pressed, with what is typed beside it.
pub fn pressable(scene: &Scene) -> Vec<(&'static str, Value)> {
    let typed = |what: &str| scene.markers.at(format!("{what} beside a button"));
    vec![
        ("refresh", json!({"x": typed("an unknown field")})),
        ("assignToMe", json!({"comment": typed("what is not sent")})),
        ("comment", json!({"comment": typed("a comment")})),
        ("watch", json!({"transition": typed("what is not sent")})),
        ("transition", json!({"transition": "31"})),
        ("transition", json!({"transition": typed("a transition")})),
    ]
}

/// A press of a button as Ben sees the card, whatever the channel is being told meanwhile.
pub async fn press(scene: &Scene, post: &BotPost, verb: &str, typed: Value) -> Value {
    let anew = json!({"act": {"postId": post.id, "verb": "refresh"}});
    let answer = scene.bot_takes(&scene.ben, &thread(scene, post), anew).await;
    let seen = answer.body["value"].clone();
    assert!(seen.to_string().contains("\"watch\""), "{verb}: {}", answer.body);
    json!({"act": {"card": seen, "verb": verb, "data": typed}, "raw": {"replyToId": post.id}})
}

/// Each button, by who may, by who is not known, and elsewhere; and cards that are not ours.
pub async fn buttons(scene: &Scene) {
    let Places { personal, channel, .. } = scene.places();
    let post = card(scene);
    let place = thread(scene, &post);
    for who in [&scene.ben, &scene.cleo] {
        for (verb, typed) in pressable(scene) {
            for at in [&place, &personal] {
                let deed = press(scene, &post, verb, typed.clone()).await;
                scene.bot_takes(who, at, deed).await;
            }
        }
        let word = || scene.markers.at("a card that is not ours");
        let alien = json!({"type": "Action.Execute", "verb": word(), "title": word(), "data": {
            "cloudId": word(), "issueId": word(), "followId": word(), "endsAt": word(),
            "mac": word(), word(): word()}});
        let verb = alien["verb"].clone();
        let pressed =
            json!({"act": {"card": alien, "verb": verb}, "raw": {"value": {"trigger": word()}}});
        scene.bot_takes(who, &place, pressed).await;
    }
    scene.say(&scene.ada, &channel, "subscriptions").await;
    let posts = scene.stack.microsoft.bot_posts(&scene.team.id);
    let ends = |post: &&BotPost| post.activity.to_string().contains("\"verb\":\"unsubscribe\"");
    let list = posts.iter().rev().find(ends).unwrap();
    for who in [&scene.cleo, &scene.ben] {
        let end = json!({"act": {"card": list.activity, "verb": "unsubscribe"}});
        scene.bot_takes(who, &thread(scene, list), end).await;
    }
}
