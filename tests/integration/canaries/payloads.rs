//! What the vendors send by themselves, with a marker in every text, and in the place of every
//! identifier.

use serde_json::{Value, json};

use super::scene::Scene;
use crate::support::{
    CLOUD, HOST, TENANT, WEBHOOK_SECRET,
    people::{ISSUE, PROJECT},
};

/// Names under which identifiers stand, or words of the protocol.
const IDENTIFIERS: [&str; 11] = [
    "accountId",
    "changeType",
    "field",
    "fieldId",
    "id",
    "issue_event_type_name",
    "resource",
    "self",
    "subscriptionId",
    "tenantId",
    "webhookEvent",
];

/// Webhooks and notifications of every kind.
pub async fn inbound(scene: &Scene) {
    let comment = scene.comment(&scene.ben).await;
    let message = scene.write(&scene.ben).await;
    scene.stack.settled().await;
    for event in [
        "comment_created",
        "comment_updated",
        "jira:issue_created",
        "jira:issue_updated",
        "comment_deleted",
        // Of what is still there: it is looked up, and nothing is erased.
        "jira:issue_deleted",
        "project_deleted",
        "user_deleted",
        "jira:version_released",
        "worklog_created",
    ] {
        let payload = webhook(scene, event, &comment);
        let (status, answer) = send(scene, &marked(scene, &payload)).await;
        assert_eq!(status, 200, "{event}: {answer}");
        // One event of a comment and one of an issue stand for all in this.
        let spoiled = ["comment_created", "jira:issue_updated", "project_deleted"].contains(&event);
        for pointer in pointers(&payload).into_iter().filter(|_| spoiled) {
            let mut spoiled = marked(scene, &payload);
            let text = format!("{} and more", scene.markers.at(format!("{pointer} of a webhook")));
            *spoiled.pointer_mut(&pointer).unwrap() = json!(text);
            let (status, answer) = send(scene, &spoiled).await;
            assert!(status < 500, "{event} {pointer}: {status} {answer}");
            assert!(scene.markers.in_text(&answer.to_string()).is_empty(), "{event} {answer}");
        }
    }
    for change in ["created", "updated", "deleted"] {
        let payload = notification(scene, change, &message);
        notify(scene, &marked(scene, &payload)).await;
        for pointer in pointers(&payload) {
            let mut spoiled = marked(scene, &payload);
            let marker = scene.markers.at(format!("{pointer} of a notification"));
            *spoiled.pointer_mut(&pointer).unwrap() = json!(marker);
            notify(scene, &spoiled).await;
        }
    }
    scene.stack.settled_in_time().await;
}

fn webhook(scene: &Scene, event: &str, comment: &str) -> Value {
    let rest = format!("https://{HOST}/rest/api/2/issue/{ISSUE}");
    let user = json!({"accountId": scene.ben.account, "displayName": "", "emailAddress": ""});
    let item = |field: &str| {
        json!({"field": field, "fieldId": field, "from": "", "fromString": "",
        "to": "", "toString": ""})
    };
    let mut payload = json!({
        "timestamp": 1_700_000_000_000_u64,
        "webhookEvent": event,
        "issue_event_type_name": "issue_generic",
        "user": user,
        "issue": {"id": ISSUE, "self": rest, "key": "", "fields": {
            "summary": "", "description": "", "environment": "", "labels": ["", ""],
            "project": {"id": PROJECT, "key": "", "name": ""},
            "status": {"id": "1", "name": "", "description": ""},
            "assignee": user, "reporter": user, "creator": user,
            "attachment": [{"id": "1", "filename": "", "content": "", "author": user}],
            "customfield_10001": {"value": ""},
        }},
        "changelog": {"id": "1", "items": [item("status"), item("assignee"), item("summary")]},
    });
    if event.starts_with("comment_") {
        payload["comment"] = json!({"id": comment, "self": format!("{rest}/comment/{comment}"),
            "author": user, "updateAuthor": user, "body": "", "created": "", "updated": "",
            "jsdPublic": true});
    }
    if event.starts_with("project_") {
        payload["project"] = json!({"id": PROJECT, "key": "", "name": "", "projectLead": user,
            "self": format!("https://{HOST}/rest/api/2/project/{PROJECT}")});
    }
    payload
}

fn notification(scene: &Scene, change: &str, message: &str) -> Value {
    json!({"value": [{
        "id": "1", "subscriptionId": "10493aa0-4d29-4df5-bc0c-ef742cc6cd7f", "changeType": change,
        "clientState": "", "tenantId": TENANT, "subscriptionExpirationDateTime": "",
        "resource": format!("chats('{}')/messages('{message}')", scene.chat),
        "resourceData": {"id": message, "@odata.type": "", "body": {"content": ""}},
        "encryptedContent": {"data": "", "dataKey": "", "dataSignature": ""},
        "lifecycleEvent": null,
    }], "validationTokens": ["", ""]})
}

/// The payload with a marker in the place of every text, and in fields that nobody knows.
fn marked(scene: &Scene, payload: &Value) -> Value {
    let mut payload = payload.clone();
    mark(scene, &mut payload, "");
    payload
}

fn mark(scene: &Scene, value: &mut Value, name: &str) {
    let marker = || scene.markers.at(format!("{name} of a payload"));
    match value {
        Value::String(text) if ["body", "description"].contains(&name) => {
            *text = wiki(scene, marker)
        }
        Value::String(text) if !IDENTIFIERS.contains(&name) => *text = marker(),
        Value::Array(list) => list.iter_mut().for_each(|item| mark(scene, item, name)),
        Value::Object(fields) => {
            for (name, value) in fields.iter_mut() {
                mark(scene, value, name);
            }
            fields.insert("xNote".to_owned(), json!(marker()));
            fields.insert(marker(), json!(marker()));
        }
        _ => {}
    }
}

/// Wiki text that mentions somebody, and what looks as if it did.
fn wiki(scene: &Scene, marker: impl Fn() -> String) -> String {
    let ben = &scene.ben.account;
    format!(
        "{} [~accountid:{ben}] {} [~accountid:{}] [~{}] [~accountid:{}|{}] {{code:{}}}{}{{code}}",
        marker(),
        marker(),
        marker(),
        marker(),
        marker(),
        marker(),
        marker(),
        marker(),
    )
}

/// Where the identifiers of a payload are.
fn pointers(payload: &Value) -> Vec<String> {
    fn walk(value: &Value, name: &str, at: &str, found: &mut Vec<String>) {
        match value {
            Value::String(_) if IDENTIFIERS.contains(&name) => found.push(at.to_owned()),
            Value::Array(list) => {
                for (index, item) in list.iter().enumerate() {
                    walk(item, name, &format!("{at}/{index}"), found);
                }
            }
            Value::Object(fields) => {
                for (name, value) in fields {
                    walk(value, name, &format!("{at}/{name}"), found);
                }
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    walk(payload, "", "", &mut found);
    found
}

async fn send(scene: &Scene, payload: &Value) -> (u16, Value) {
    let identifier = scene.markers.at("X-Atlassian-Webhook-Identifier");
    let body = payload.to_string();
    scene.stack.webhook(CLOUD, WEBHOOK_SECRET, &identifier, body.as_bytes()).await
}

/// Nobody but Graph knows the client state: accepted, and not acted on.
async fn notify(scene: &Scene, payload: &Value) {
    for path in ["/teams/notifications", "/teams/lifecycle?chat=19:abcdefgh@thread.v2"] {
        let (status, answer) = scene.stack.send("POST", path, payload).await;
        assert_eq!(status, 202, "{payload} {answer}");
    }
}
