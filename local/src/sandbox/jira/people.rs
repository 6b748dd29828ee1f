//! What a person does at Jira's own screens, without signing in: for the local page and for tests
//! only. The same rules hold and the same webhooks go out as through REST.
//!
//! `GET /state` shows everything there is; `POST /act` does one thing as one person.

mod deeds;
mod state;

use axum::{Router, body::Bytes, extract::State, routing};

use super::{
    JiraSandbox,
    answer::{Answer, Outcome, Refusal},
};

/// The screens.
pub(crate) fn router() -> Router<JiraSandbox> {
    Router::new().route("/state", routing::get(show)).route("/act", routing::post(act))
}

async fn show(State(sandbox): State<JiraSandbox>) -> Answer {
    Answer::ok(sandbox.read(state::state))
}

async fn act(State(sandbox): State<JiraSandbox>, body: Bytes) -> Outcome {
    let deed: deeds::Deed = serde_json::from_slice(&body)
        .map_err(|error| Refusal::bad_request(&format!("The deed is not understood: {error}")))?;
    let (cloud_id, account) = (deed.cloud_id.clone(), deed.actor.clone());
    sandbox.act(&cloud_id, &account, |actor| deed.perform(actor)).map(Answer::ok)
}
