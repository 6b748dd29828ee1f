//! Jira's webhooks: verified, decided, handed over, answered. Nothing is carried over here.

mod decide;
mod telling;
mod verify;

use std::sync::Arc;

use http::StatusCode;
use lambda_http::Request;
use serde_json::json;
use tandem_domain::{CloudId, Delivery, IssueId, QueueMessage};
use tandem_jira::webhook::{Event, EventKind, IDENTIFIER_HEADER, payload};
use tandem_runtime::{
    ApiError, App, field,
    http::{Answer, header_of, path_parameter},
    metrics::Metric,
    webhook_seen,
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
    if proof == verify::Proof::Signature {
        webhook_seen::note(&app, &cloud).await;
    }
    let event = payload::parse(body)
        .map_err(|error| ApiError::bad_request(error.code(), error.to_string()))?;
    let Some(event) = event else { return ignored("not_an_event_of_ours") };
    if proof == verify::Proof::Bearer {
        // The token names no site: the payload's must be the one of the path.
        require_site(&app, &cloud, &event).await?;
        webhook_seen::note(&app, &cloud).await;
    }
    let Some(issue) = decide::issue_of(&event.kind) else { return ignored("nothing_to_tell") };
    let identifier = header_of(&request, IDENTIFIER_HEADER);
    let occurrence = decide::Occurrence { identifier, body };
    let deliveries = deliveries(&app, &cloud, issue, &event, &occurrence).await?;
    let tellings = telling::tellings(&app, &cloud, &event, &occurrence).await?;
    let messages: Vec<QueueMessage> = match deliveries {
        Ok(deliveries) => deliveries.into_iter().map(QueueMessage::from).collect(),
        Err(reason) if tellings.is_empty() => return ignored(reason),
        Err(_) => Vec::new(),
    };
    let messages: Vec<QueueMessage> =
        messages.into_iter().chain(tellings.into_iter().map(QueueMessage::from)).collect();
    if proof == verify::Proof::Signature {
        require_site(&app, &cloud, &event).await?;
    }
    app.queue.send(&messages).await?;
    #[allow(clippy::cast_precision_loss)]
    app.metrics.emit(NAME, &[(Metric::DeliveriesQueued, messages.len() as f64)]);
    tandem_runtime::http::json(
        StatusCode::OK,
        &json!({"outcome": "queued", "deliveries": messages.len()}),
    )
}

/// What is to be carried into the issue's chats, or why nothing is.
async fn deliveries(
    app: &App,
    cloud: &CloudId,
    issue: &IssueId,
    event: &Event,
    occurrence: &decide::Occurrence<'_>,
) -> Result<Result<Vec<Delivery>, &'static str>, ApiError> {
    if matches!(event.kind, EventKind::IssueCreated { .. }) {
        // A new issue has no chat yet.
        return Ok(Err("no_linked_chat"));
    }
    let chats = app.store.list_chats_by_issue(cloud, issue).await?;
    let chats: Vec<ChatLink> = chats.into_iter().filter(decide::carries).collect();
    let Some(first) = chats.first() else { return Ok(Err("no_linked_chat")) };
    let project = decide::project_of(&event.kind).unwrap_or(&first.project_id);
    let settings = app.store.get_effective_settings(cloud, Some(project), None).await?;
    let Some(kind) = decide::delivery_of(&event.kind, &settings) else {
        return Ok(Err("settings"));
    };
    let project = decide::project_of(&event.kind);
    let made = decide::deliveries(&kind, &chats, project, occurrence, app.clock.now());
    made.map(Ok).ok_or_else(|| ApiError::internal("claim"))
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
