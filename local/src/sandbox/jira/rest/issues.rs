//! Issues: making, reading, editing, assigning and deleting them.

use serde_json::{Value, json};

use crate::sandbox::jira::{
    actor::{IssueDraft, IssueEdit, field_list},
    answer::{Answer, Outcome, Refusal},
    body::{Fields, properties},
    call::Call,
};

/// `POST /issue`.
pub(super) async fn create(call: Call) -> Outcome {
    call.writes(&["updateHistory"])?;
    let body = call.json()?;
    call.act(|actor| {
        let draft = IssueDraft::read(actor, &body)?;
        let (id, key) = actor.create_issue(draft)?;
        if call.query("updateHistory") == Some("true") {
            actor.view_issue(&id)?;
        }
        let link = actor.view()?.link(&format!("issue/{id}"));
        Ok(Answer::created(json!({"id": id, "key": key, "self": link})))
    })
}

/// `GET /issue/{issueIdOrKey}`.
pub(super) async fn read(call: Call) -> Outcome {
    call.reads(&["fields", "fieldsByKeys", "expand", "properties", "updateHistory", "failFast"])?;
    let wanted = call.query_list("fields");
    let keys = call.query_list("properties");
    if call.query("updateHistory") == Some("true") {
        call.act(|actor| actor.view_issue(call.path("issue")))?;
    }
    call.look(|actor| {
        let issue = actor.issue(call.path("issue"))?;
        let mut shown = actor.show_issue(issue, wanted.as_deref())?;
        if let Some(keys) = keys {
            let all = keys.iter().any(|key| key == "*all");
            let chosen = issue.properties.iter().filter(|(key, _)| all || keys.contains(key));
            shown["properties"] =
                chosen.map(|(key, value)| (key.clone(), value.clone())).collect::<Value>();
        }
        Ok(Answer::ok(shown))
    })
}

/// `PUT /issue/{issueIdOrKey}`.
pub(super) async fn edit(call: Call) -> Outcome {
    call.writes(&[
        "notifyUsers",
        "overrideScreenSecurity",
        "overrideEditableFlag",
        "returnIssue",
        "expand",
    ])?;
    let body = call.json()?;
    let envelope = Fields::of(&body, &["fields", "properties", "update", "historyMetadata"])?;
    if envelope.get("update").is_some_and(|update| *update != json!({})) {
        return Err(Refusal::field("update", "Only 'fields' can be set on this simulated site."));
    }
    let nothing = json!({});
    let edit = IssueEdit::parse(field_list(envelope.get("fields").unwrap_or(&nothing), &[])?)?;
    let properties = properties(envelope.list("properties")?)?;
    call.act(|actor| {
        actor.edit_issue(call.path("issue"), edit)?;
        for (key, value) in properties {
            actor.set_issue_property(call.path("issue"), &key, value)?;
        }
        if call.query("returnIssue") == Some("true") {
            let issue = actor.issue(call.path("issue"))?;
            return Ok(Answer::ok(actor.show_issue(issue, None)?));
        }
        Ok(Answer::no_content())
    })
}

/// `PUT /issue/{issueIdOrKey}/assignee`.
pub(super) async fn assign(call: Call) -> Outcome {
    call.writes(&[])?;
    let body = call.json()?;
    let fields = Fields::of(&body, &["accountId"])?;
    if !fields.has("accountId") {
        return Err(Refusal::field("accountId", "'accountId' is required."));
    }
    let account = fields.text("accountId")?.filter(|account| *account != "-1");
    let edit = IssueEdit { assignee: Some(account.map(str::to_owned)), ..IssueEdit::default() };
    call.act(|actor| actor.edit_issue(call.path("issue"), edit))?;
    Ok(Answer::no_content())
}

/// `DELETE /issue/{issueIdOrKey}`.
pub(super) async fn delete(call: Call) -> Outcome {
    call.writes(&["deleteSubtasks"])?;
    call.act(|actor| actor.delete_issue(call.path("issue")))?;
    Ok(Answer::no_content())
}
