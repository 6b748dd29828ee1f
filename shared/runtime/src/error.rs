//! Errors as answers: expected ones say what is wrong, everything else is an opaque 500.

use http::StatusCode;
use serde_json::json;
use tandem_domain::{Failure, InvalidId};
use tandem_store::StoreError;

/// An answer that says what is wrong. `detail` is ours: it never repeats what was sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}")]
pub struct ApiError {
    /// The HTTP status.
    pub status: StatusCode,
    /// A stable word for programs.
    pub code: &'static str,
    /// A sentence for people.
    pub detail: String,
    /// After how many seconds to try again, where that is known.
    pub retry_after: Option<u64>,
}

impl ApiError {
    /// An error with a status, a code and a sentence.
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self { status, code, detail: detail.into(), retry_after: None }
    }

    /// 400.
    pub fn bad_request(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, detail)
    }

    /// 400 for a field that does not hold what it should.
    pub fn invalid_field(field: &str, kind: &str) -> Self {
        Self::bad_request("invalid_field", format!("{field} is not a valid {kind}"))
    }

    /// 401.
    pub fn unauthorized(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, code, detail)
    }

    /// 403.
    pub fn forbidden(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, code, detail)
    }

    /// 404.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", detail)
    }

    /// 409.
    pub fn conflict(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, code, detail)
    }

    /// 503 for what is out of reach: to be tried again in a second.
    pub fn unavailable(code: &'static str, detail: impl Into<String>) -> Self {
        let error = Self::new(StatusCode::SERVICE_UNAVAILABLE, code, detail);
        Self { retry_after: Some(1), ..error }
    }

    /// 500: tells nothing; `code` goes to the log only.
    pub fn internal(code: &'static str) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, code, "something went wrong on our side")
    }

    /// The answer's body.
    pub fn body(&self) -> serde_json::Value {
        let code =
            if self.status == StatusCode::INTERNAL_SERVER_ERROR { "internal" } else { self.code };
        json!({"code": code, "detail": self.detail})
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        Failure::from(error).into()
    }
}

impl From<Failure> for ApiError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Retry { what, after } => Self {
                retry_after: Some(after.map_or(1, |after| after.as_secs().max(1))),
                ..Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    what,
                    "not possible right now; try again",
                )
            },
            Failure::SignInNeeded { provider, .. } => Self::unauthorized(
                "sign_in_needed",
                format!("sign in again with {}: open /connect", provider.as_str()),
            ),
            Failure::Forbidden { what } => {
                Self::forbidden("refused_by_vendor", format!("not permitted ({what})"))
            }
            Failure::Absent { what } => Self::not_found(format!("not found ({what})")),
            Failure::Fault { what } => Self::internal(what),
        }
    }
}

/// Parses an identifier out of a field of a request; the error names the field.
pub fn field<T: std::str::FromStr<Err = InvalidId>>(name: &str, text: &str) -> Result<T, ApiError> {
    text.parse().map_err(|error: InvalidId| ApiError::invalid_field(name, error.kind))
}
