//! Transitions of issues.

use serde_json::{Value, json};

use crate::sandbox::jira::{
    answer::{Answer, Outcome, Refusal},
    body::Fields,
    call::Call,
    catalogue::{RESOLUTIONS, Transition},
    model::Issue,
    wire::View,
};

/// `GET /issue/{issueIdOrKey}/transitions`.
pub(super) async fn list(call: Call) -> Outcome {
    call.reads(&[
        "expand",
        "transitionId",
        "skipRemoteOnlyCondition",
        "includeUnavailableTransitions",
        "sortByOpsBarAndStatus",
    ])?;
    call.look(|actor| {
        let issue = actor.issue(call.path("issue"))?;
        let view = actor.view()?;
        let wanted = call.query("transitionId");
        let expanded = call.query_list("expand").unwrap_or_default();
        let with_fields = expanded.iter().any(|part| part == "transitions.fields");
        let transitions: Vec<Value> = actor
            .transitions(issue)?
            .filter(|transition| wanted.is_none_or(|id| id == transition.id))
            .map(|transition| shown(&view, issue, transition, with_fields))
            .collect();
        Ok(Answer::ok(json!({"expand": "transitions", "transitions": transitions})))
    })
}

fn shown(view: &View<'_>, issue: &Issue, transition: &Transition, with_fields: bool) -> Value {
    let mut shown = json!({
        "id": transition.id,
        "name": transition.name,
        "to": view.status(transition.to),
        "hasScreen": transition.resolves,
        "isGlobal": transition.from.is_empty(),
        "isInitial": false,
        "isAvailable": true,
        "isConditional": false,
        "looped": transition.to == issue.status,
    });
    if with_fields {
        let choices: Vec<Value> =
            RESOLUTIONS.iter().map(|resolution| view.resolution(resolution.id)).collect();
        let resolution = json!({
            "required": true,
            "schema": {"type": "resolution", "system": "resolution"},
            "name": "Resolution",
            "key": "resolution",
            "hasDefaultValue": false,
            "operations": ["set"],
            "allowedValues": choices,
        });
        shown["fields"] =
            if transition.resolves { json!({"resolution": resolution}) } else { json!({}) };
    }
    shown
}

/// `POST /issue/{issueIdOrKey}/transitions`.
pub(super) async fn take(call: Call) -> Outcome {
    call.writes(&[])?;
    let body = call.json()?;
    let known = ["transition", "fields", "update", "historyMetadata", "properties"];
    let envelope = Fields::of(&body, &known)?;
    if envelope.get("update").is_some_and(|set| *set != json!({})) {
        return Err(Refusal::field("update", "Only 'fields' can be set on this simulated site."));
    }
    let resolution = resolution(envelope.get("fields"))?;
    let transition = envelope
        .get("transition")
        .ok_or_else(|| Refusal::bad_request("A transition must be specified."))?;
    let id = Fields::of(transition, &["id", "looped"])?.required_text("id")?.to_owned();
    call.act(|actor| actor.transition(call.path("issue"), &id, resolution.as_deref()))?;
    Ok(Answer::no_content())
}

/// The resolution, the one field that a transition's screen may have.
fn resolution(fields: Option<&Value>) -> Result<Option<String>, Refusal> {
    let Some(fields) = fields else { return Ok(None) };
    let Some(resolution) = Fields::of(fields, &["resolution"])?.get("resolution") else {
        return Ok(None);
    };
    let named = Fields::of(resolution, &["id", "name"])?;
    Ok(named.text("id")?.or(named.text("name")?).map(str::to_owned))
}
