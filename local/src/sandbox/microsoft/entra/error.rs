//! Entra's error answers: an OAuth 2.0 error with an `AADSTS` number.
//! <https://learn.microsoft.com/entra/identity-platform/reference-error-codes>

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use serde_json::{Value, json};

use crate::sandbox::microsoft::{datetime, random};

/// An error of the token endpoint, or of the authorize endpoint before it is sent back.
#[derive(Clone, Debug)]
pub(super) struct EntraError {
    status: StatusCode,
    /// The OAuth 2.0 error, e.g. `invalid_grant`.
    pub(super) error: &'static str,
    /// The number after `AADSTS`.
    code: u32,
    message: String,
    suberror: Option<&'static str>,
    claims: Option<&'static str>,
}

impl EntraError {
    /// A 400.
    pub(super) fn new(error: &'static str, code: u32, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { status: StatusCode::BAD_REQUEST, error, code, message, suberror: None, claims: None }
    }

    /// `invalid_grant`: the code or the refresh token is no use.
    pub(super) fn invalid_grant(code: u32, message: impl Into<String>) -> Self {
        Self::new("invalid_grant", code, message)
    }

    /// `invalid_client`, a 401: the secret is wrong or missing.
    pub(super) fn invalid_client(code: u32, message: impl Into<String>) -> Self {
        Self { status: StatusCode::UNAUTHORIZED, ..Self::new("invalid_client", code, message) }
    }

    /// A parameter the request should have had.
    pub(super) fn missing(parameter: &str) -> Self {
        Self::new(
            "invalid_request",
            900_144,
            format!("The request body must contain the following parameter: '{parameter}'."),
        )
    }

    /// The same error with a reason a program can read.
    pub(super) fn because(self, suberror: &'static str) -> Self {
        Self { suberror: Some(suberror), ..self }
    }

    /// The same error with the claims the next sign-in has to bring.
    pub(super) fn demanding(self, claims: &'static str) -> Self {
        Self { claims: Some(claims), ..self }
    }

    /// Whether it has this number.
    pub(super) fn is(&self, code: u32) -> bool {
        self.code == code
    }

    /// `AADSTS50173: ...`
    pub(super) fn description(&self) -> String {
        format!("AADSTS{}: {}", self.code, self.message)
    }

    /// The answer, given at `now`.
    pub(super) fn respond(&self, now: i64) -> Response {
        let (trace, correlation) = (random::guid(), random::guid());
        let timestamp = datetime::entra(now);
        let mut body = json!({
            "error": self.error,
            "error_description": format!(
                "{}\r\nTrace ID: {trace}\r\nCorrelation ID: {correlation}\r\nTimestamp: {timestamp}",
                self.description()
            ),
            "error_codes": [self.code],
            "timestamp": timestamp,
            "trace_id": trace,
            "correlation_id": correlation,
        });
        if let Some(suberror) = self.suberror {
            body["suberror"] = Value::from(suberror);
        }
        if let Some(claims) = self.claims {
            body["claims"] = Value::from(claims);
        }
        (self.status, [("cache-control", "no-store"), ("pragma", "no-cache")], Json(body))
            .into_response()
    }
}
