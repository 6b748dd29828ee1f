//! Jira's webhooks: verified, decided, handed over, answered. Nothing is carried over here.

mod decide;
mod forge;
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
    http::{Answer, counting, header_of, path_parameter},
    metrics::Metric,
    webhook_seen,
};
use tandem_store::{ChatLink, KeptOfIssue};

/// The function's name in logs and metrics.
pub const NAME: &str = "jira-events";

/// The routes it serves.
pub const ROUTES: &[&str] = &["POST /jira/{cloudId}/webhooks", "POST /jira/forge/events"];

/// The path of a Forge app's events.
const FORGE_EVENTS: &str = "/jira/forge/events";

/// Handles one request.
pub async fn handle(app: Arc<App>, request: Request) -> Answer {
    if request.uri().path().ends_with(FORGE_EVENTS) {
        return forge::handle(&app, &request).await;
    }
    webhook(&app, &request).await
}

/// Handles one webhook. 200 means that it was handled or that the queue has it; Jira repeats what
/// gets anything but 200 or 204.
async fn webhook(app: &App, request: &Request) -> Answer {
    let cloud: CloudId = field("cloudId", &path_parameter(request, "cloudId")?)?;
    let body: &[u8] = request.body();
    let proof = verify::verify(app, &cloud, request, body).await?;
    if proof == verify::Proof::Signature {
        // Beside the rest: nothing waits for it but the answer.
        let noted = webhook_seen::note(app, &cloud);
        return tokio::join!(handle_proven(app, &cloud, request, proof), noted).0;
    }
    handle_proven(app, &cloud, request, proof).await
}

/// Handles a webhook of which it is known that Jira sent it.
async fn handle_proven(
    app: &App,
    cloud: &CloudId,
    request: &Request,
    proof: verify::Proof,
) -> Answer {
    let body: &[u8] = request.body();
    let event = payload::parse(body)
        .map_err(|error| ApiError::bad_request(error.code(), error.to_string()))?;
    let Some(event) = event else { return ignored("not_an_event_of_ours") };
    if proof == verify::Proof::Bearer {
        // The token names no site: the payload's must be the one of the path.
        require_site(app, cloud, &event).await?;
        webhook_seen::note(app, cloud).await;
    }
    let identifier = header_of(request, IDENTIFIER_HEADER);
    let occurrence = decide::Occurrence { identifier, body };
    let signed = proof == verify::Proof::Signature;
    let messages = match messages(app, cloud, &event, &occurrence, signed).await? {
        Ok(messages) => messages,
        Err(reason) => return ignored(reason),
    };
    if signed {
        require_site(app, cloud, &event).await?;
    }
    app.queue.send(&messages).await?;
    let told = json!({"outcome": "queued", "deliveries": messages.len()});
    let answer = tandem_runtime::http::json(StatusCode::OK, &told);
    counting(answer, vec![Metric::DeliveriesQueued.times(messages.len())])
}

/// What is to be done about an event, or why nothing is. That something is gone is looked up behind
/// what is told of it.
async fn messages(
    app: &App,
    cloud: &CloudId,
    event: &Event,
    occurrence: &decide::Occurrence<'_>,
    signed: bool,
) -> Result<Result<Vec<QueueMessage>, &'static str>, ApiError> {
    let mut messages: Vec<QueueMessage> = Vec::new();
    let removed = decide::removed_of(&event.kind);
    if let Some(issue) = decide::issue_of(&event.kind) {
        let listeners = telling::Listeners::of(app, cloud, event);
        let (kept, listeners) = tokio::try_join!(kept(app, cloud, event, issue), listeners)?;
        let is_empty = kept.is_empty();
        let deliveries = deliveries(app, cloud, event, kept.chats, occurrence).await?;
        let tellings = match listeners {
            Some(of) => of.tellings(app, cloud, event, occurrence, &kept.threads)?,
            None => Vec::new(),
        };
        let reason = deliveries.as_ref().err().copied();
        messages.extend(deliveries.into_iter().flatten().map(QueueMessage::from));
        messages.extend(tellings.into_iter().map(QueueMessage::from));
        if let Some(reason) = reason
            && messages.is_empty()
            && (is_empty || removed.is_none())
        {
            return Ok(Err(reason));
        }
    } else if removed.is_none() {
        return Ok(Err("nothing_to_tell"));
    } else if !signed {
        // No app can register for these events: what is not signed by the site is not Jira's.
        return Ok(Err("not_signed"));
    }
    if let Some(what) = removed {
        let removal = decide::removal(what, cloud, signed, occurrence, app.clock.now());
        messages.push(removal.ok_or_else(|| ApiError::internal("claim"))?.into());
    }
    Ok(Ok(messages))
}

/// What is kept of the issue of an event, as far as it matters.
async fn kept(
    app: &App,
    cloud: &CloudId,
    event: &Event,
    issue: &IssueId,
) -> Result<KeptOfIssue, ApiError> {
    Ok(match &event.kind {
        // A new issue has no chat yet.
        EventKind::IssueCreated { .. } => KeptOfIssue::default(),
        // Whatever there is of it has to go.
        EventKind::IssueDeleted { .. } => app.store.list_kept_of_issue(cloud, issue).await?,
        _ => KeptOfIssue {
            chats: app.store.list_chats_by_issue(cloud, issue).await?,
            ..KeptOfIssue::default()
        },
    })
}

/// What is to be carried into the issue's chats, or why nothing is.
async fn deliveries(
    app: &App,
    cloud: &CloudId,
    event: &Event,
    chats: Vec<ChatLink>,
    occurrence: &decide::Occurrence<'_>,
) -> Result<Result<Vec<Delivery>, &'static str>, ApiError> {
    let chats: Vec<ChatLink> = chats.into_iter().filter(decide::carries).collect();
    let Some(first) = chats.first() else { return Ok(Err("no_linked_chat")) };
    let project = decide::project_of(&event.kind).unwrap_or(&first.project_id);
    let recent = app.store.recent(&*app.clock);
    let decided = |settings: &_| decide::delivery_of(&event.kind, settings);
    let Some(kind) = recent.settings_lead_to(cloud, project, decided).await? else {
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
    let recent = app.store.recent(&*app.clock);
    match recent.installation_is(cloud, |host| event.site.is(cloud, host)).await? {
        Some(true) => Ok(()),
        Some(false) => Err(ApiError::bad_request("other_site", "the payload is of another site")),
        None => Err(ApiError::not_found("this site is not served here")),
    }
}
