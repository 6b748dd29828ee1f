//! Remote links of issues.

use serde_json::{Value, json};

use crate::sandbox::jira::{
    actor::LinkDraft,
    answer::{Answer, Outcome, Refusal},
    call::Call,
};

/// `GET /issue/{issueIdOrKey}/remotelink`: a list, or the one link with the `globalId`.
pub(super) async fn list(call: Call) -> Outcome {
    call.reads(&["globalId"])?;
    call.look(|actor| {
        let issue = actor.issue(call.path("issue"))?;
        let view = actor.view()?;
        let Some(wanted) = call.query("globalId") else {
            let links: Vec<Value> =
                issue.remote_links.iter().map(|link| view.remote_link(issue, link)).collect();
            return Ok(Answer::ok(json!(links)));
        };
        issue
            .remote_links
            .iter()
            .find(|link| link.global_id.as_deref() == Some(wanted))
            .map(|link| Answer::ok(view.remote_link(issue, link)))
            .ok_or_else(|| Refusal::not_found("The remote issue link does not exist."))
    })
}

/// `POST /issue/{issueIdOrKey}/remotelink`.
pub(super) async fn put(call: Call) -> Outcome {
    call.writes(&[])?;
    let draft = LinkDraft::parse(&call.json()?)?;
    call.act(|actor| {
        let (id, new) = actor.put_link(call.path("issue"), draft)?;
        let key = &actor.issue(call.path("issue"))?.key;
        let link = actor.view()?.link(&format!("issue/{key}/remotelink/{id}"));
        Ok(Answer::upserted(new, json!({"id": id, "self": link})))
    })
}

/// `DELETE /issue/{issueIdOrKey}/remotelink?globalId=`.
pub(super) async fn delete(call: Call) -> Outcome {
    call.writes(&["globalId"])?;
    let wanted = call
        .query("globalId")
        .filter(|id| !id.is_empty())
        .ok_or_else(|| Refusal::bad_request("The query parameter 'globalId' is required."))?;
    call.act(|actor| {
        actor.delete_links(call.path("issue"), |link| link.global_id.as_deref() == Some(wanted))
    })?;
    Ok(Answer::no_content())
}
