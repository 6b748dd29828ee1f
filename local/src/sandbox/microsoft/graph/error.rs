//! Graph's error answers.
//! <https://learn.microsoft.com/graph/errors>

use axum::{
    Json,
    extract::{Request, State as Sandbox},
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde_json::json;

use crate::sandbox::microsoft::{MicrosoftSandbox, conversations::Refusal, datetime, random};

/// An error of Graph. [`render`] gives it its body.
#[derive(Clone, Debug)]
pub(in crate::sandbox::microsoft) struct GraphError {
    pub(in crate::sandbox::microsoft) status: StatusCode,
    pub(in crate::sandbox::microsoft) code: &'static str,
    pub(in crate::sandbox::microsoft) message: String,
}

impl GraphError {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    /// The request breaks the contract.
    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BadRequest", message)
    }

    /// The subscription service could not use what it was given.
    pub(super) fn validation(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "ValidationError", message)
    }

    /// The service behind a subscription refuses it.
    pub(super) fn extension(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "ExtensionError", message)
    }

    /// The token is missing, unknown, for another service, or expired.
    pub(super) fn unauthenticated(message: &str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "InvalidAuthenticationToken", message)
    }

    /// The caller may not do this.
    pub(super) fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "Forbidden", message)
    }

    /// There is no such thing, or none in the caller's tenant.
    pub(super) fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "NotFound", message)
    }

    /// The message is larger than Teams takes.
    pub(super) fn too_large() -> Self {
        let text = "The request body is too large. The size limit of a message is 28 KB.";
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge", text)
    }

    /// The body is not JSON.
    pub(super) fn unsupported_media_type() -> Self {
        let text = "A JSON body with the content type 'application/json' is needed.";
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UnsupportedMediaType", text)
    }

    /// The path exists, the method does not.
    pub(super) fn method_not_allowed() -> Self {
        let text = "The HTTP method is not supported for this resource.";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", text)
    }
}

impl From<Refusal> for GraphError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NoSuchChat => Self::not_found("The chat was not found."),
            Refusal::NoSuchMessage => Self::not_found("The message was not found."),
            Refusal::NoSuchUser => Self::not_found("The user was not found."),
            Refusal::NotAMember => {
                Self::forbidden("The caller is not a member of the chat's roster.")
            }
            Refusal::NotTheAuthor => Self::forbidden("Only its author may change a message."),
            Refusal::OneOnOneIsFixed => {
                Self::bad_request("The members of a one-on-one chat cannot be changed.")
            }
        }
    }
}

impl IntoResponse for GraphError {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Puts the request's ids on every answer, and a body on errors.
pub(super) async fn render(
    Sandbox(sandbox): Sandbox<MicrosoftSandbox>,
    request: Request,
    next: Next,
) -> Response {
    let request_id = random::guid();
    let client_id = request
        .headers()
        .get("client-request-id")
        .and_then(|value| value.to_str().ok())
        .map_or_else(|| request_id.clone(), str::to_owned);
    let mut response = next.run(request).await;
    if let Some(error) = response.extensions_mut().remove::<GraphError>() {
        let mut date = datetime::rfc3339(sandbox.now().div_euclid(1000) * 1000);
        date.truncate(19);
        let body = Json(json!({ "error": {
            "code": error.code,
            "message": error.message,
            "innerError": {
                "date": date, "request-id": request_id, "client-request-id": client_id,
            },
        } }));
        response = (error.status, body).into_response();
        if error.status == StatusCode::UNAUTHORIZED {
            let challenge = "Bearer realm=\"\", error=\"invalid_token\"";
            let challenge = HeaderValue::from_static(challenge);
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
    }
    for (name, id) in [("request-id", request_id), ("client-request-id", client_id)] {
        if let Ok(value) = HeaderValue::from_str(&id) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
