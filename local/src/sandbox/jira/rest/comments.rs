//! Comments of issues.

use serde_json::{Value, json};

use super::Page;
use crate::sandbox::jira::{
    actor::{Actor, NewComment},
    answer::{Answer, Outcome, Refusal},
    call::Call,
    model::{Comment, Issue},
    wire::View,
};

/// The comment in the answer's shape; with its properties where the call expands them.
fn shown(call: &Call, view: &View<'_>, issue: &Issue, comment: &Comment) -> Value {
    let mut shown = view.comment(issue, comment);
    if call.query_list("expand").is_some_and(|parts| parts.iter().any(|it| it == "properties")) {
        shown["properties"] = comment
            .properties
            .iter()
            .map(|(key, value)| json!({"key": key, "value": value}))
            .collect();
    }
    shown
}

fn one(call: &Call, actor: &Actor<'_>, comment: &str) -> Result<Value, Refusal> {
    let (issue, comment) = actor.comment(call.path("issue"), comment)?;
    Ok(shown(call, &actor.view()?, issue, comment))
}

/// `GET /issue/{issueIdOrKey}/comment`.
pub(super) async fn list(call: Call) -> Outcome {
    call.reads(&["startAt", "maxResults", "orderBy", "expand"])?;
    let page = Page::of(&call, 100, 5000)?;
    let newest_first = match call.query("orderBy") {
        None | Some("created" | "+created") => false,
        Some("-created") => true,
        Some(_) => return Err(Refusal::bad_request("'orderBy' must be 'created'.")),
    };
    call.look(|actor| {
        let issue = actor.issue(call.path("issue"))?;
        let view = actor.view()?;
        let mut comments = actor.comments(issue)?;
        if newest_first {
            comments.reverse();
        }
        let part: Vec<Value> =
            page.cut(&comments).iter().map(|it| shown(&call, &view, issue, it)).collect();
        Ok(Answer::ok(json!({
            "startAt": page.start,
            "maxResults": page.size,
            "total": comments.len(),
            "comments": part,
        })))
    })
}

/// `POST /issue/{issueIdOrKey}/comment`.
pub(super) async fn add(call: Call) -> Outcome {
    call.writes(&["expand"])?;
    call.look(|actor| actor.issue(call.path("issue")).map(|_| ()))?;
    let new = NewComment::parse(&call.json()?)?;
    call.act(|actor| {
        let id = actor.add_comment(call.path("issue"), new)?;
        // Somebody may write a comment that he does not see himself; the answer still shows it.
        let issue = actor.issue(call.path("issue"))?;
        let comment = issue.comment(&id).ok_or_else(|| Refusal::no_comment(&id))?;
        Ok(Answer::created(shown(&call, &actor.view()?, issue, comment)))
    })
}

/// `GET /issue/{issueIdOrKey}/comment/{id}`.
pub(super) async fn read(call: Call) -> Outcome {
    call.reads(&["expand"])?;
    call.look(|actor| one(&call, actor, call.path("comment")).map(Answer::ok))
}

/// `PUT /issue/{issueIdOrKey}/comment/{id}`.
pub(super) async fn edit(call: Call) -> Outcome {
    call.writes(&["notifyUsers", "overrideEditableFlag", "expand"])?;
    let new = NewComment::parse(&call.json()?)?;
    call.act(|actor| {
        actor.edit_comment(call.path("issue"), call.path("comment"), new)?;
        one(&call, actor, call.path("comment")).map(Answer::ok)
    })
}

/// `DELETE /issue/{issueIdOrKey}/comment/{id}`.
pub(super) async fn delete(call: Call) -> Outcome {
    call.writes(&[])?;
    call.act(|actor| actor.delete_comment(call.path("issue"), call.path("comment")))?;
    Ok(Answer::no_content())
}
