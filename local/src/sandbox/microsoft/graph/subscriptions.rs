//! `/subscriptions`: make with a handshake, list, read, renew, reauthorize, end.
//! <https://learn.microsoft.com/graph/api/subscription-post-subscriptions>

use axum::{
    Json,
    body::Bytes,
    extract::{Path, State as Sandbox},
    http::{HeaderMap, StatusCode},
};
use serde_json::Value;

use super::{
    Caller, GraphError, query,
    subscription_request::{SubscriptionRequest, expiration},
    wire,
};
use crate::sandbox::microsoft::{MicrosoftSandbox, model::Subscription, random, state::State};

/// `POST /subscriptions`. Both URLs have to pass the handshake before anything is made.
pub(super) async fn create(
    Sandbox(sandbox): Sandbox<MicrosoftSandbox>,
    caller: Caller,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), GraphError> {
    let object = query::object(&headers, &body)?;
    let request = SubscriptionRequest::parse(&object, sandbox.now())?;
    sandbox.read(|state| request.authorize(&sandbox, state, &caller))?;
    let urls = [Some(&request.notification_url), request.lifecycle_notification_url.as_ref()];
    for url in urls.into_iter().flatten() {
        sandbox.shake_hands(url).await.map_err(|reason| {
            GraphError::validation(format!(
                "Subscription validation request failed. Notification endpoint must respond with \
                 200 OK to validation request. {reason}"
            ))
        })?;
    }
    let subscription = Subscription {
        id: random::guid(),
        tenant_id: caller.tenant_id.clone(),
        creator_id: caller.id(&sandbox).to_owned(),
        resource: request.resource,
        change_type: request.change_type,
        notification_url: request.notification_url,
        lifecycle_notification_url: request.lifecycle_notification_url,
        client_state: request.client_state,
        expires_at: request.expires_at,
        latest_supported_tls_version: request.latest_supported_tls_version,
        renewals: 0,
    };
    let body = wire::entity(&sandbox, "subscriptions", wire::subscription(&sandbox, &subscription));
    sandbox.change(|state, _| state.subscriptions.insert(subscription.id.clone(), subscription));
    Ok((StatusCode::CREATED, Json(body)))
}

/// `GET /subscriptions`: the caller's.
pub(super) async fn list(
    Sandbox(sandbox): Sandbox<MicrosoftSandbox>,
    caller: Caller,
) -> Json<Value> {
    let items: Vec<Value> = sandbox.read(|state| {
        let own = state.subscriptions.values().filter(|it| is_own(&sandbox, &caller, it));
        own.map(|subscription| wire::subscription(&sandbox, subscription)).collect()
    });
    Json(wire::collection(&sandbox, "subscriptions", &items))
}

/// `GET /subscriptions/{id}`.
pub(super) async fn read(
    Sandbox(sandbox): Sandbox<MicrosoftSandbox>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Value>, GraphError> {
    let subscription = sandbox.read(|state| {
        let found = state.subscriptions.get(&id).filter(|it| is_own(&sandbox, &caller, it));
        found.map(|found| wire::subscription(&sandbox, found)).ok_or_else(|| gone(&id))
    })?;
    Ok(Json(wire::entity(&sandbox, "subscriptions", subscription)))
}

/// `PATCH /subscriptions/{id}`: another end.
pub(super) async fn renew(
    Sandbox(sandbox): Sandbox<MicrosoftSandbox>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, GraphError> {
    let object = query::object(&headers, &body)?;
    query::only_known(&object, &["expirationDateTime"])?;
    let text = query::text(&object, "expirationDateTime")?
        .ok_or_else(|| GraphError::bad_request("'expirationDateTime' is required."))?;
    let subscription = sandbox.change(|state, now| {
        let subscription = own_mut(state, &sandbox, &caller, &id)?;
        subscription.expires_at = expiration(text, now)?;
        subscription.renewals += 1;
        Ok::<Value, GraphError>(wire::subscription(&sandbox, subscription))
    })?;
    Ok(Json(wire::entity(&sandbox, "subscriptions", subscription)))
}

/// `POST /subscriptions/{id}/reauthorize`: the caller still may.
pub(super) async fn reauthorize(
    Sandbox(sandbox): Sandbox<MicrosoftSandbox>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, GraphError> {
    sandbox.change(|state, _| {
        own_mut(state, &sandbox, &caller, &id)?.renewals += 1;
        Ok::<StatusCode, GraphError>(StatusCode::NO_CONTENT)
    })
}

/// `DELETE /subscriptions/{id}`.
pub(super) async fn remove(
    Sandbox(sandbox): Sandbox<MicrosoftSandbox>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, GraphError> {
    sandbox.change(|state, _| {
        own_mut(state, &sandbox, &caller, &id)?;
        state.subscriptions.remove(&id);
        Ok::<StatusCode, GraphError>(StatusCode::NO_CONTENT)
    })
}

fn is_own(sandbox: &MicrosoftSandbox, caller: &Caller, subscription: &Subscription) -> bool {
    subscription.tenant_id == caller.tenant_id && subscription.creator_id == caller.id(sandbox)
}

fn own_mut<'a>(
    state: &'a mut State,
    sandbox: &MicrosoftSandbox,
    caller: &Caller,
    id: &str,
) -> Result<&'a mut Subscription, GraphError> {
    let found = state.subscriptions.get_mut(id).filter(|it| is_own(sandbox, caller, it));
    found.ok_or_else(|| gone(id))
}

fn gone(id: &str) -> GraphError {
    GraphError::not_found(format!("The object '{id}' was not found."))
}
