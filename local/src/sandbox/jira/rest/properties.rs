//! Entity properties of comments and issues.

use serde_json::{Value, json};

use crate::sandbox::jira::{
    answer::{Answer, Outcome, Refusal},
    body,
    call::Call,
};

fn no_property(key: &str) -> Refusal {
    Refusal::not_found(&format!("The property with key '{key}' does not exist."))
}

/// The value to be set: any JSON that is not empty.
fn value(call: &Call) -> Result<Value, Refusal> {
    let value = call.json()?;
    body::property(call.path("key"), &value)?;
    Ok(value)
}

/// `GET /comment/{commentId}/properties`.
pub(super) async fn comment_keys(call: Call) -> Outcome {
    call.reads(&[])?;
    call.look(|actor| {
        let (_, comment) = actor.comment_by_id(call.path("comment"))?;
        let view = actor.view()?;
        let link = |key: &str| view.link(&format!("comment/{}/properties/{key}", comment.id));
        let keys: Vec<Value> =
            comment.properties.keys().map(|key| json!({"key": key, "self": link(key)})).collect();
        Ok(Answer::ok(json!({"keys": keys})))
    })
}

/// `GET /comment/{commentId}/properties/{propertyKey}`.
pub(super) async fn of_comment(call: Call) -> Outcome {
    call.reads(&[])?;
    let key = call.path("key");
    call.look(|actor| {
        let (_, comment) = actor.comment_by_id(call.path("comment"))?;
        let value = comment.properties.get(key).ok_or_else(|| no_property(key))?;
        Ok(Answer::ok(json!({"key": key, "value": value})))
    })
}

/// `PUT /comment/{commentId}/properties/{propertyKey}`.
pub(super) async fn set_on_comment(call: Call) -> Outcome {
    call.writes(&[])?;
    let value = value(&call)?;
    let new = call
        .act(|actor| actor.set_comment_property(call.path("comment"), call.path("key"), value))?;
    Ok(Answer::upserted(new, json!({})))
}

/// `DELETE /comment/{commentId}/properties/{propertyKey}`.
pub(super) async fn delete_from_comment(call: Call) -> Outcome {
    call.writes(&[])?;
    let key = call.path("key");
    if call.act(|actor| actor.delete_comment_property(call.path("comment"), key))? {
        Ok(Answer::no_content())
    } else {
        Err(no_property(key))
    }
}

/// `GET /issue/{issueIdOrKey}/properties/{propertyKey}`.
pub(super) async fn of_issue(call: Call) -> Outcome {
    call.reads(&[])?;
    let key = call.path("key");
    call.look(|actor| {
        let issue = actor.issue(call.path("issue"))?;
        let value = issue.properties.get(key).ok_or_else(|| no_property(key))?;
        Ok(Answer::ok(json!({"key": key, "value": value})))
    })
}

/// `PUT /issue/{issueIdOrKey}/properties/{propertyKey}`.
pub(super) async fn set_on_issue(call: Call) -> Outcome {
    call.writes(&[])?;
    let value = value(&call)?;
    let new =
        call.act(|actor| actor.set_issue_property(call.path("issue"), call.path("key"), value))?;
    Ok(Answer::upserted(new, json!({})))
}

/// `DELETE /issue/{issueIdOrKey}/properties/{propertyKey}`.
pub(super) async fn delete_from_issue(call: Call) -> Outcome {
    call.writes(&[])?;
    let key = call.path("key");
    if call.act(|actor| actor.delete_issue_property(call.path("issue"), key))? {
        Ok(Answer::no_content())
    } else {
        Err(no_property(key))
    }
}
