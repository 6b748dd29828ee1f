//! The site's webhook that Tandem registers itself, on an administrator's word.

use http::StatusCode;
use lambda_http::Request;
use serde::Serialize;
use tandem_domain::{Failure, SignInReason};
use tandem_runtime::{
    ApiError, App,
    access::require_site_admin,
    http::{Answer, json, request_id},
    session::signed_in_to_change,
    site_webhooks,
};

/// The site's webhook, as it is answered.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WebhookResponse {
    /// Jira's id of it.
    webhook_id: Option<u64>,
    /// As whom it is registered: Jira tells what they may see.
    registered_by: String,
    /// When it ends unless upkeep refreshes it.
    ends_at: String,
}

/// `POST /instance/webhooks`: registers the site's webhook as the caller, or looks after it. 403
/// `webhook_scope_missing` where their sign-in did not ask for that.
pub(crate) async fn register(app: &App, request: &Request) -> Answer {
    let person = signed_in_to_change(app, request).await?;
    let id = request_id(request)?;
    require_site_admin(app, &person, &id).await?;
    let session = &person.session;
    let registered =
        site_webhooks::register(app, &session.cloud_id, &session.account_id, &id).await;
    let item = registered.map_err(refusal)?;
    let answer = WebhookResponse {
        webhook_id: item.webhook_id,
        registered_by: item.registered_by.to_string(),
        ends_at: item.ends_at.to_rfc3339(),
    };
    json(StatusCode::OK, &answer)
}

/// `DELETE /instance/webhooks`: ends it. Nothing happens where there is none.
pub(crate) async fn remove(app: &App, request: &Request) -> Answer {
    let person = signed_in_to_change(app, request).await?;
    let id = request_id(request)?;
    require_site_admin(app, &person, &id).await?;
    site_webhooks::end(app, &person.session.cloud_id, &id).await?;
    json(StatusCode::OK, &serde_json::json!({"removed": true}))
}

fn refusal(failure: Failure) -> ApiError {
    match failure {
        Failure::SignInNeeded { reason: SignInReason::ConsentMissing, .. } => ApiError::forbidden(
            "webhook_scope_missing",
            "sign in again at /connect?webhooks=yes, which asks for manage:jira-webhook",
        ),
        Failure::Forbidden { what: "jira_webhook" } => ApiError::forbidden(
            "webhook_refused",
            "Jira did not register the webhook: look at those that the app has there",
        ),
        other => other.into(),
    }
}
