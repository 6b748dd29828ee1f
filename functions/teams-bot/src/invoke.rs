//! Invokes: what Teams wants answered in the body of the same request.
//!
//! <https://learn.microsoft.com/microsoftteams/platform/messaging-extensions/what-are-messaging-extensions>

use http::StatusCode;
use serde_json::{Value, json};
use tandem_runtime::http::{Answer, empty, json as json_answer};

use crate::{card_action, extension, sign_in, turn::Turn};

/// Answers an invoke by its name. One that is not known gets 200 without a body: Teams sends more
/// kinds than a bot need handle.
pub(crate) async fn answer(turn: &Turn<'_>, name: &str) -> Answer {
    let body: Value = match name {
        "composeExtension/query" => extension::search::query(turn).await,
        "composeExtension/queryLink" => extension::unfurl::unfurl(turn).await,
        "composeExtension/anonymousQueryLink" => extension::unfurl::anonymous(turn),
        "composeExtension/selectItem" => extension::search::select(turn).await,
        "composeExtension/fetchTask" => extension::fetch_task(turn).await,
        "composeExtension/submitAction" => extension::submit_action(turn).await,
        "application/search" => extension::typeahead::search(turn).await,
        "adaptiveCard/action" => card_action::act(turn).await,
        "signin/verifyState" => return sign_in::verify_state(turn).await,
        "signin/tokenExchange" => return sign_in::token_exchange(turn).await,
        "signin/failure" => return sign_in::failure(turn).await,
        _ => return empty(StatusCode::OK),
    };
    json_answer(StatusCode::OK, &body)
}

/// A sentence instead of results.
pub(crate) fn extension_message(text: &str) -> Value {
    json!({"composeExtension": {"type": "message", "text": text}})
}
