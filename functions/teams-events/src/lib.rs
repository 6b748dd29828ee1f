//! What Microsoft sends: change notifications of chats and of their subscriptions. Verified and
//! handed over; answered before any vendor is called.

use std::sync::Arc;

use http::StatusCode;
use lambda_http::Request;
use tandem_domain::{ChatId, Delivery};
use tandem_microsoft::notifications::{
    self, LifecycleEvent, Notification, NotificationEvent, client_state_matches,
};
use tandem_runtime::{
    ApiError, App,
    chat_events::{self, ChatEvent},
    http::{Answer, counting, empty, query_parameter, route_of, text},
    metrics::Metric,
    subscriptions,
};

/// The function's name in logs and metrics.
pub const NAME: &str = "teams-events";

/// The routes it serves.
pub const ROUTES: &[&str] = &["POST /teams/notifications", "POST /teams/lifecycle"];

/// The longest validation token that is repeated to Graph, in bytes.
const MAX_VALIDATION_TOKEN: usize = 4096;

/// Handles one delivery of notifications: 202 once all that is ours is on the queue.
pub async fn handle(app: Arc<App>, request: Request) -> Answer {
    if let Some(token) = query_parameter(&request, "validationToken") {
        return handshake(token);
    }
    let collection = notifications::parse(request.body())
        .map_err(|error| ApiError::bad_request(error.code(), error.to_string()))?;
    let of_query = query_parameter(&request, "chat").and_then(|chat| ChatId::parse(&chat).ok());
    let lifecycle = route_of(&request) == "POST /teams/lifecycle";
    let mut unverified = 0;
    let mut deliveries = Vec::new();
    for item in collection.items {
        let taken = match item {
            Ok(item) if lifecycle => take_lifecycle(&app, &item, of_query.as_ref()).await?,
            Ok(item) => take_change(&app, &item, &mut deliveries).await?,
            Err(error) => Err(error.code()),
        };
        if let Err(code) = taken {
            tracing::warn!(target: "tandem", function = NAME, code, "notification refused");
            unverified += 1;
        }
    }
    app.queue.send(&deliveries).await?;
    let queued = Metric::DeliveriesQueued.times(deliveries.len());
    counting(empty(StatusCode::ACCEPTED), vec![queued, Metric::Unverified.times(unverified)])
}

/// Repeats the token of Graph's endpoint validation, as plain text.
/// <https://learn.microsoft.com/graph/change-notifications-delivery-webhooks>
fn handshake(token: String) -> Answer {
    if token.is_empty() || token.len() > MAX_VALIDATION_TOKEN {
        return Err(ApiError::bad_request(
            "invalid_validation_token",
            "validationToken is too long",
        ));
    }
    text(StatusCode::OK, token)
}

/// The code of why an item was refused.
type Taken = Result<(), &'static str>;

/// Whether an item carries the client state that was made for its chat.
fn is_ours(app: &App, item: &Notification, chat: &ChatId) -> bool {
    let expected = app.signing.client_states(&item.tenant_id, chat);
    expected.iter().any(|state| client_state_matches(state, item.client_state.as_ref()))
}

/// Adds what is to be carried over of one change notification.
async fn take_change(
    app: &App,
    item: &Notification,
    deliveries: &mut Vec<Delivery>,
) -> Result<Taken, ApiError> {
    let NotificationEvent::Message { change, chat_id, message_id } = &item.event else {
        return Ok(Err("not_a_message"));
    };
    if item.encrypted_content {
        // Never asked for, so nobody's business to send.
        return Ok(Err("encrypted_content"));
    }
    if !is_ours(app, item, chat_id) {
        return Ok(Err("client_state_mismatch"));
    }
    let now = app.clock.now();
    let time = now.as_millis().to_string();
    // Each notification counts by its id, or by its time where it has none.
    let id = item.id.as_ref().map_or(time.as_str(), notifications::NotificationId::as_str);
    let event = ChatEvent { change: *change, message: message_id, occurrence: id };
    for link in chat_events::carrying(app, &item.tenant_id, chat_id).await? {
        deliveries.push(chat_events::delivery(&link, &event, now)?);
    }
    Ok(Ok(()))
}

/// Marks a subscription for upkeep. The payload names no chat; the address we gave Graph does, and
/// the client state proves it.
async fn take_lifecycle(
    app: &App,
    item: &Notification,
    chat: Option<&ChatId>,
) -> Result<Taken, ApiError> {
    let NotificationEvent::Lifecycle(event) = &item.event else {
        return Ok(Err("not_a_lifecycle_event"));
    };
    let Some(chat) = chat else { return Ok(Err("chat_missing")) };
    if !is_ours(app, item, chat) {
        return Ok(Err("client_state_mismatch"));
    }
    match event {
        LifecycleEvent::ReauthorizationRequired => {
            subscriptions::mark_silent(app, &item.tenant_id, chat).await?;
        }
        LifecycleEvent::SubscriptionRemoved => {
            subscriptions::mark_removed(app, &item.tenant_id, chat).await?;
        }
        LifecycleEvent::Missed | LifecycleEvent::Other => {}
    }
    Ok(Ok(()))
}
