//! The two actions on a message: what is typed into their forms, and what they are called on.

use serde_json::{Value, json};

use super::{Places, Scene, activities};
use crate::{
    canaries::scene::DEMANDING,
    support::{Person, people::PROJECT},
};

/// Issues made and comments added, from messages and from nowhere; forms that are wrong.
pub async fn sent(scene: &Scene) {
    let Places { personal, chat, channel } = scene.places();
    for place in [&chat, &channel, &personal] {
        made_from_message(scene, &scene.ben, place).await;
        added(scene, &scene.ben, place).await;
        for command in ["createIssue", "addComment", "makeCoffee"] {
            open(scene, &scene.cleo, place, command).await;
            let typed =
                json!({"summary": typed(scene, "summary"), "comment": typed(scene, "comment")});
            let sent = json!({"commandId": command, "data": typed});
            scene.bot_takes(&scene.cleo, place, json!({"submit": sent})).await;
        }
    }
    for context in ["compose", "commandBox"] {
        let action = json!({"commandId": "createIssue", "commandContext": context});
        scene.bot_takes(&scene.ben, &chat, json!({"messageAction": action})).await;
        let inputs = json!({"project": PROJECT, "issuetype": "10002",
            "summary": typed(scene, "summary"), "description": typed(scene, "description")});
        scene.bot_takes(&scene.ben, &chat, json!({"submit": {"inputs": inputs}})).await;
    }
    scene.stack.settled().await;
}

fn typed(scene: &Scene, field: &str) -> String {
    scene.markers.at(format!("{field} in a form"))
}

/// Somebody calls a command on a message.
pub async fn open(scene: &Scene, who: &Person, place: &Value, command: &str) {
    let words = || scene.markers.at("the words of a message in a form");
    let html = format!("<p>{} <b>{}</b></p><ul><li>{}</li></ul>", words(), words(), words());
    let action = json!({"commandId": command, "html": html, "fromObjectId": scene.cleo.object});
    scene.bot_takes(who, place, json!({"messageAction": action})).await;
}

/// Sends off the form that was opened on a message.
pub async fn submit(scene: &Scene, who: &Person, place: &Value, inputs: Value) -> Value {
    submit_with(scene, who, place, json!({"inputs": inputs})).await
}

async fn submit_with(scene: &Scene, who: &Person, place: &Value, sent: Value) -> Value {
    let payload = json!({"value": {"messagePayload": activities::payload(scene)}});
    scene.bot_takes(who, place, json!({"submit": sent, "raw": payload})).await.body
}

async fn made_from_message(scene: &Scene, who: &Person, place: &Value) {
    open(scene, who, place, "createIssue").await;
    let wrong = json!({
        "project": DEMANDING, "issuetype": "10003", "summary": "",
        "description": typed(scene, "description"), "assignee": typed(scene, "assignee"),
        "customfield_10050": typed(scene, "a choice"), "x": typed(scene, "an unknown field"),
    });
    let asked_again = submit(scene, who, place, wrong).await;
    assert_eq!(asked_again["task"]["type"], "continue", "{asked_again}");
    let anew = json!({"title": "Show the fields of this project and type",
        "inputs": {"summary": typed(scene, "summary"), "project": typed(scene, "a project")}});
    submit_with(scene, who, place, anew).await;
    let whole = json!({
        "project": DEMANDING, "issuetype": "10003", "customfield_10050": "10071", "assignee": "",
        "summary": typed(scene, "summary"), "description": typed(scene, "description"),
    });
    let made = submit(scene, who, place, whole).await;
    assert_eq!(made["task"]["type"], "message", "{made}");
    // The message itself, quoted.
    open(scene, who, place, "createIssue").await;
    let made = submit(scene, who, place, json!({"project": PROJECT, "issuetype": "10002"})).await;
    assert_eq!(made["task"]["type"], "message", "{made}");
}

async fn added(scene: &Scene, who: &Person, place: &Value) {
    open(scene, who, place, "addComment").await;
    for key in [typed(scene, "a key"), format!("{}-1", typed(scene, "a key"))] {
        let inputs = json!({"issueKey": key, "issue": typed(scene, "an issue")});
        submit(scene, who, place, inputs).await;
    }
    submit(scene, who, place, json!({"issueKey": "TEST-1", "issue": ""})).await;
    open(scene, who, place, "addComment").await;
    let comment = typed(scene, "comment");
    submit(scene, who, place, json!({"issueKey": "TEST-2", "comment": comment})).await;
}
