//! Jira's webhooks: verified, decided, handed over, answered. Nothing is carried over here.

mod decide;
mod verify;

use std::sync::Arc;

use http::StatusCode;
use lambda_http::Request;
use serde_json::json;
use tandem_domain::CloudId;
use tandem_jira::webhook::{Event, IDENTIFIER_HEADER, payload};
use tandem_runtime::{
    ApiError, App, field,
    http::{Answer, header_of, path_parameter},
    metrics::Metric,
};
use tandem_store::ChatLink;

/// The function's name in logs and metrics.
pub const NAME: &str = "jira-events";

/// The routes it serves.
pub const ROUTES: &[&str] = &["POST /jira/{cloudId}/webhooks"];

/// Handles one webhook. 200 means that it was handled or that the queue has it; Jira repeats what
/// gets anything but 200 or 204.
pub async fn handle(app: Arc<App>, request: Request) -> Answer {
    let cloud: CloudId = field("cloudId", &path_parameter(&request, "cloudId")?)?;
    let body: &[u8] = request.body();
    let proof = verify::verify(&app, &cloud, &request, body).await?;
    let event = payload::parse(body)
        .map_err(|error| ApiError::bad_request(error.code(), error.to_string()))?;
    let Some(event) = event else { return ignored("not_an_event_of_ours") };
    if proof == verify::Proof::Bearer {
        // The token names no site: the payload's must be the one of the path.
        require_site(&app, &cloud, &event).await?;
    }
    let Some(issue) = decide::issue_of(&event.kind) else { return ignored("nothing_to_tell") };
    let chats = app.store.list_chats_by_issue(&cloud, issue).await?;
    let chats: Vec<ChatLink> = chats.into_iter().filter(decide::carries).collect();
    let Some(first) = chats.first() else { return ignored("no_linked_chat") };
    if proof == verify::Proof::Signature {
        require_site(&app, &cloud, &event).await?;
    }
    let project = decide::project_of(&event.kind).unwrap_or(&first.project_id);
    let settings = app.store.get_effective_settings(&cloud, Some(project), None).await?;
    let Some(kind) = decide::delivery_of(&event.kind, &settings) else {
        return ignored("settings");
    };
    let identifier = header_of(&request, IDENTIFIER_HEADER);
    let deliveries = decide::deliveries(
        &kind,
        &chats,
        decide::project_of(&event.kind),
        &decide::Occurrence { identifier, body },
        app.clock.now(),
    )
    .ok_or_else(|| ApiError::internal("claim"))?;
    app.queue.send(&deliveries).await?;
    #[allow(clippy::cast_precision_loss)]
    app.metrics.emit(NAME, &[(Metric::DeliveriesQueued, deliveries.len() as f64)]);
    tandem_runtime::http::json(
        StatusCode::OK,
        &json!({"outcome": "queued", "deliveries": deliveries.len()}),
    )
}

fn ignored(reason: &'static str) -> Answer {
    tandem_runtime::http::json(StatusCode::OK, &json!({"outcome": "ignored", "reason": reason}))
}

/// 400 unless the payload is of the site whose address it was sent to.
async fn require_site(app: &App, cloud: &CloudId, event: &Event) -> Result<(), ApiError> {
    let installation = app
        .store
        .find_installation(cloud)
        .await?
        .ok_or_else(|| ApiError::not_found("this site is not served here"))?;
    if event.site.is(cloud, &installation.site_host) {
        Ok(())
    } else {
        Err(ApiError::bad_request("other_site", "the payload is of another site"))
    }
}
