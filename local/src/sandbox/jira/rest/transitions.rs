//! Transitions of issues.

use serde_json::{Value, json};

use crate::sandbox::jira::{
    answer::{Answer, Outcome, Refusal},
    body::Fields,
    call::Call,
    catalogue::TRANSITIONS,
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
        actor.issue(call.path("issue"))?;
        let view = actor.view()?;
        let wanted = call.query("transitionId");
        let transitions: Vec<Value> = TRANSITIONS
            .iter()
            .filter(|transition| wanted.is_none_or(|id| id == transition.id))
            .map(|transition| {
                json!({
                    "id": transition.id,
                    "name": transition.name,
                    "to": view.status(transition.to),
                    "hasScreen": false,
                    "isGlobal": true,
                    "isInitial": false,
                    "isAvailable": true,
                    "isConditional": false,
                    "looped": false,
                })
            })
            .collect();
        Ok(Answer::ok(json!({"expand": "transitions", "transitions": transitions})))
    })
}

/// `POST /issue/{issueIdOrKey}/transitions`.
pub(super) async fn take(call: Call) -> Outcome {
    call.writes(&[])?;
    let body = call.json()?;
    let known = ["transition", "fields", "update", "historyMetadata", "properties"];
    let envelope = Fields::of(&body, &known)?;
    for name in ["fields", "update"] {
        if envelope.get(name).is_some_and(|set| *set != json!({})) {
            return Err(Refusal::field(name, "The transition has no screen to set fields on."));
        }
    }
    let transition = envelope
        .get("transition")
        .ok_or_else(|| Refusal::bad_request("A transition must be specified."))?;
    let id = Fields::of(transition, &["id", "looped"])?.required_text("id")?.to_owned();
    call.act(|actor| actor.transition(call.path("issue"), &id))?;
    Ok(Answer::no_content())
}
