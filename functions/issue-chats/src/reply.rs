//! Replying in a chat from the issue.

use std::time::Duration;

use http::StatusCode;
use lambda_http::Request;
use serde::{Deserialize, Serialize};
use tandem_domain::{ChatId, Failure, IssueId, MessageId, Purpose, document::Document};
use tandem_microsoft::html;
use tandem_runtime::{
    ApiError, App,
    http::{Answer, json, json_body},
};
use tandem_store::{Claim, ClaimState, Claimed};

use crate::Caller;

/// The longest reply, in bytes; what is longer does not fit in a Teams message.
const MAX_TEXT: usize = 20_000;
/// How long a request may take before a repetition of it takes over.
const LEASE: Duration = Duration::from_secs(30);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReplyRequest {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ReplyResponse {
    message_id: MessageId,
}

pub(crate) async fn reply(
    app: &App,
    caller: &Caller,
    issue_id: &IssueId,
    chat_id: &ChatId,
    request: &Request,
) -> Answer {
    let wanted: ReplyRequest = json_body(request)?;
    if wanted.text.trim().is_empty() || wanted.text.len() > MAX_TEXT {
        let detail = format!("text takes 1 to {MAX_TEXT} bytes");
        return Err(ApiError::bad_request("invalid_text", detail));
    }
    let issue = caller.issue(app, issue_id, Purpose::ReplyInChat).await?;
    caller.allowed(app, &issue).await?;
    let session = &caller.person.session;
    app.store
        .find_chat_link(&session.cloud_id, &issue.id, &session.tenant_id, chat_id)
        .await?
        .ok_or_else(|| ApiError::not_found("this chat is not linked with the issue"))?;
    let (claim_id, holder) =
        caller.claim(app, request, &["reply", issue_id.as_str(), chat_id.as_str()])?;
    let claim =
        app.store.claim(&session.cloud_id, &claim_id, &holder, app.clock.now(), LEASE).await?;
    let claim = match claim {
        Claimed::First(claim) => claim,
        Claimed::Done(Claim { message_id: Some(message_id), .. }) => {
            return json(StatusCode::OK, &ReplyResponse { message_id });
        }
        // Whether an attempt that never finished wrote the message cannot be told: better to ask.
        Claimed::Resumed(_) | Claimed::Done(_) => {
            let detail = "an earlier attempt may have been posted; look before sending again";
            return Err(ApiError::conflict("outcome_unknown", detail));
        }
        Claimed::Busy(_) => {
            let detail = "the same request is being handled; repeat it in a moment";
            return Err(ApiError::conflict("request_in_progress", detail));
        }
    };
    let message_id = post(app, caller, chat_id, &wanted.text, &claim).await?;
    let done = Claim { state: ClaimState::Done, message_id: Some(message_id.clone()), ..claim };
    app.store.put_claim(&done).await?;
    json(StatusCode::CREATED, &ReplyResponse { message_id })
}

async fn post(
    app: &App,
    caller: &Caller,
    chat_id: &ChatId,
    text: &str,
    claim: &Claim,
) -> Result<MessageId, ApiError> {
    let token = match caller.microsoft(app, Purpose::ReplyInChat).await {
        Ok(token) => token,
        Err(error) => {
            app.store.release_claim(claim).await?;
            return Err(error);
        }
    };
    let body = html::render(
        &Document::from_plain_text(text),
        &html::mention_as_text,
        html::MAX_MESSAGE_BYTES,
    );
    match app.graph.as_user(&token).send_message(chat_id, &body).await {
        Ok(message) => Ok(message.id),
        Err(failure) => {
            // Refused or throttled for sure: nothing was posted, and the same key may be used again.
            let unposted =
                !failure.is_transient() || matches!(failure, Failure::Retry { after: Some(_), .. });
            if unposted {
                app.store.release_claim(claim).await?;
            }
            Err(match failure {
                Failure::Forbidden { .. } | Failure::Absent { .. } => {
                    ApiError::forbidden("not_a_member", "you are not in this chat")
                }
                other => other.into(),
            })
        }
    }
}
