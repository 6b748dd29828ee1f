//! The Connector's error answers: `{"error": {"code", "message"}}`.
//! <https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/conversation-messages#status-codes-from-bot-conversational-apis>

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

/// An error answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ConnectorError {
    status: StatusCode,
    code: &'static str,
    message: String,
    sub_code: Option<&'static str>,
    /// Seconds.
    retry_after: Option<u64>,
}

impl ConnectorError {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), sub_code: None, retry_after: None }
    }

    /// The token is missing, wrong, somebody else's or expired.
    pub(super) fn unauthorized() -> Self {
        let text = "Authorization has been denied for this request.";
        Self::new(StatusCode::UNAUTHORIZED, "Unauthorized", text)
    }

    /// The request is not what the contract says.
    pub(super) fn bad_syntax(message: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BadSyntax", message)
    }

    /// A conversation that a bot cannot make.
    pub(super) fn creation() -> Self {
        Self::bad_syntax("Incorrect conversation creation parameters")
    }

    /// The bot has never been in the conversation.
    pub(super) fn not_in_roster() -> Self {
        let text = "The bot is not part of the conversation roster.";
        Self::new(StatusCode::FORBIDDEN, "BotNotInConversationRoster", text)
    }

    /// The bot was removed.
    pub(super) fn removed() -> Self {
        Self { sub_code: Some("MessageWritesBlocked"), ..Self::not_in_roster() }
    }

    /// The person blocked the bot.
    pub(super) fn blocked() -> Self {
        let text = "User blocked the conversation with the bot.";
        let error = Self::new(StatusCode::FORBIDDEN, "ConversationBlockedByUser", text);
        Self { sub_code: Some("MessageWritesBlocked"), ..error }
    }

    /// There is no such conversation.
    pub(super) fn no_conversation() -> Self {
        Self::new(StatusCode::NOT_FOUND, "ConversationNotFound", "Conversation not found.")
    }

    /// There is no such activity, or it is deleted.
    pub(super) fn no_activity() -> Self {
        let text = "Activity not found in the conversation.";
        Self::new(StatusCode::NOT_FOUND, "ActivityNotFoundInConversation", text)
    }

    /// There is no such member.
    pub(super) fn no_member() -> Self {
        let text = "The member was not found in the conversation.";
        Self::new(StatusCode::NOT_FOUND, "MemberNotFoundInConversation", text)
    }

    /// There is no such address.
    pub(super) fn no_resource() -> Self {
        Self::new(StatusCode::NOT_FOUND, "NotFound", "The resource was not found.")
    }

    /// The activity is larger than Teams takes.
    pub(super) fn too_large() -> Self {
        let text = "Message size too large.";
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "MessageSizeTooBig", text)
    }

    /// The bot wrote too fast.
    pub(super) fn throttled(seconds: u64) -> Self {
        let error = Self::new(StatusCode::TOO_MANY_REQUESTS, "Throttled", "Too many requests.");
        Self { retry_after: Some(seconds), ..error }
    }
}

impl IntoResponse for ConnectorError {
    fn into_response(self) -> Response {
        let mut error = json!({ "code": self.code, "message": self.message });
        if let Some(sub_code) = self.sub_code {
            error["subCode"] = Value::from(sub_code);
        }
        let mut response = (self.status, Json(json!({ "error": error }))).into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
