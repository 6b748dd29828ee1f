//! What becomes of an answer that is not a success, and of none at all.

use reqwest::{Method, StatusCode};
use serde::Deserialize;
use tandem_domain::{Failure, Provider, SignInReason};

use crate::transport::{Answer, Unanswered};

/// The answer was a success, but not what the contract promises.
pub(super) const UNEXPECTED: Failure = Failure::Fault { what: "jira_unexpected_answer" };

/// No answer.
pub(super) fn of_silence(why: Unanswered) -> Failure {
    match why {
        Unanswered::Timeout => Failure::Retry { what: "jira_timeout", after: None },
        Unanswered::Connection => Failure::Retry { what: "jira_unreachable", after: None },
        Unanswered::TooLarge => Failure::Fault { what: "jira_answer_too_large" },
    }
}

/// An answer that says no. Jira answers 400 when somebody may not edit or delete a comment, and
/// 413 when an issue is full, so a refused write is a refusal and not an error of ours; a read it
/// finds wrong is one.
pub(super) fn of_answer(answer: &Answer, method: &Method, target: &'static str) -> Failure {
    let later = |what| Failure::Retry { what, after: answer.retry_after };
    match answer.status {
        StatusCode::UNAUTHORIZED => Failure::SignInNeeded {
            provider: Provider::Atlassian,
            reason: why_unauthorized(answer),
        },
        StatusCode::FORBIDDEN => Failure::Forbidden { what: target },
        StatusCode::NOT_FOUND | StatusCode::GONE => Failure::Absent { what: target },
        StatusCode::TOO_MANY_REQUESTS => later("jira_throttled"),
        StatusCode::REQUEST_TIMEOUT | StatusCode::CONFLICT | StatusCode::TOO_EARLY => {
            later("jira_busy")
        }
        StatusCode::BAD_REQUEST | StatusCode::PAYLOAD_TOO_LARGE if method != Method::GET => {
            Failure::Forbidden { what: target }
        }
        status if status.is_server_error() => later("jira_unavailable"),
        _ => Failure::Fault { what: "jira_refused_request" },
    }
}

/// Atlassian's gateway answers 401 to a token that it does not know, and also to one whose grant
/// lacks a scope of the operation.
/// <https://developer.atlassian.com/cloud/jira/platform/scopes-for-oauth-2-3LO-and-forge-apps/>
fn why_unauthorized(answer: &Answer) -> SignInReason {
    match serde_json::from_slice::<GatewayRefusal>(&answer.body) {
        Ok(refusal) if refusal.message.contains("scope does not match") => {
            SignInReason::ConsentMissing
        }
        _ => SignInReason::Revoked,
    }
}

/// What the gateway says; it decides and is dropped.
#[derive(Deserialize)]
struct GatewayRefusal {
    message: String,
}
