//! Answers and refusals as HTTP.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};

/// What an operation answers.
#[derive(Debug)]
pub(crate) struct Answer {
    status: StatusCode,
    body: Option<Value>,
}

impl Answer {
    /// 200 with a body.
    pub(crate) fn ok(body: Value) -> Self {
        Self { status: StatusCode::OK, body: Some(body) }
    }

    /// 201 with a body.
    pub(crate) fn created(body: Value) -> Self {
        Self { status: StatusCode::CREATED, body: Some(body) }
    }

    /// A status alone.
    pub(crate) fn empty(status: StatusCode) -> Self {
        Self { status, body: None }
    }

    /// 204.
    pub(crate) fn no_content() -> Self {
        Self::empty(StatusCode::NO_CONTENT)
    }

    /// 201 when something was new, else 200; both with the same body.
    pub(crate) fn upserted(new: bool, body: Value) -> Self {
        if new { Self::created(body) } else { Self::ok(body) }
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        match self.body {
            Some(body) => json_response(self.status, &body),
            None => self.status.into_response(),
        }
    }
}

/// Why an operation was refused, in Jira's words.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    body: Value,
}

impl Refusal {
    /// Any status with any body.
    pub(crate) fn with(status: StatusCode, body: Value) -> Self {
        Self { status, body }
    }

    /// Jira's error collection with one message.
    pub(crate) fn message(status: StatusCode, text: &str) -> Self {
        Self::with(status, json!({"errorMessages": [text], "errors": {}}))
    }

    /// 400 with one message.
    pub(crate) fn bad_request(text: &str) -> Self {
        Self::message(StatusCode::BAD_REQUEST, text)
    }

    /// 400 that names a field.
    pub(crate) fn field(name: &str, text: &str) -> Self {
        Self::with(StatusCode::BAD_REQUEST, json!({"errorMessages": [], "errors": {name: text}}))
    }

    /// 400 with all that these say, or nothing where there are none.
    pub(crate) fn all(refusals: Vec<Self>) -> Result<(), Self> {
        if refusals.is_empty() {
            return Ok(());
        }
        let (mut messages, mut errors) = (Vec::new(), Map::new());
        for mut refusal in refusals {
            if let Value::Array(said) = refusal.body["errorMessages"].take() {
                messages.extend(said);
            }
            if let Value::Object(said) = refusal.body["errors"].take() {
                errors.extend(said);
            }
        }
        let body = json!({"errorMessages": messages, "errors": errors});
        Err(Self::with(StatusCode::BAD_REQUEST, body))
    }

    /// 403 with one message.
    pub(crate) fn forbidden(text: &str) -> Self {
        Self::message(StatusCode::FORBIDDEN, text)
    }

    /// 404 with one message.
    pub(crate) fn not_found(text: &str) -> Self {
        Self::message(StatusCode::NOT_FOUND, text)
    }

    /// The one answer for an issue that is not there and one that is hidden.
    pub(crate) fn no_issue() -> Self {
        Self::not_found("Issue does not exist or you do not have permission to see it.")
    }

    /// The one answer for a comment that is not there and one that is hidden.
    pub(crate) fn no_comment(id: &str) -> Self {
        Self::not_found(&format!("Can not find a comment for the id: {id}."))
    }

    /// A refusal of the gateway in front of Jira, which has a shape of its own.
    pub(crate) fn gateway(status: StatusCode, message: &str) -> Self {
        Self::with(status, json!({"code": status.as_u16(), "message": message}))
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        json_response(self.status, &self.body)
    }
}

/// What every handler gives back.
pub(crate) type Outcome = Result<Answer, Refusal>;

fn json_response(status: StatusCode, body: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json;charset=UTF-8")], body.to_string())
        .into_response()
}
