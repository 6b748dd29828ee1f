//! The AWS JSON protocol (1.0 and 1.1), as far as the emulations need it.
//!
//! A call is `POST /` with the operation in `X-Amz-Target` (`TrentService.Encrypt`) and a JSON
//! body; a failure is a 4xx or 5xx whose body names the exception in `__type`.
//! <https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html>

use std::future::Future;
use std::io;
use std::sync::Arc;

use aws_lc_rs::rand;
use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// The region every emulated resource is in.
pub(super) const REGION: &str = "us-east-1";
/// The account every emulated resource belongs to.
pub(super) const ACCOUNT: &str = "000000000000";

/// The most bytes of a request: SQS's longest batch, every byte of it escaped.
const BODY_LIMIT: usize = 16 * 1024 * 1024;

/// A service's answer to a call it refuses.
pub(super) struct Fault {
    status: StatusCode,
    code: &'static str,
    query_code: Option<&'static str>,
    message: String,
}

impl Fault {
    /// The caller's mistake: `code` is the exception's name in the service's API reference.
    pub(super) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, code, query_code: None, message: message.into() }
    }

    /// The same, for a service that also sends its older name of the exception
    /// (`x-amzn-query-error`), which is then the one that its SDK goes by.
    pub(super) fn with_query_code(
        code: &'static str,
        query_code: &'static str,
        message: impl Into<String>,
    ) -> Self {
        Self { query_code: Some(query_code), ..Self::new(code, message) }
    }

    /// A failure of the emulation itself.
    pub(super) fn internal(message: impl Into<String>) -> Self {
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        Self { status, ..Self::new("InternalFailure", message) }
    }

    /// The name that an SDK sees.
    pub(super) fn code(&self) -> &'static str {
        self.query_code.unwrap_or(self.code)
    }

    /// What was wrong, for a person.
    pub(super) fn message(&self) -> &str {
        &self.message
    }

    fn into_response(self, content_type: &'static str) -> Response {
        let body = serde_json::json!({ "__type": self.code, "message": self.message });
        let mut response = answer(self.status, content_type, &body);
        if let Some(code) = self.query_code
            && let Ok(value) = HeaderValue::try_from(format!("{code};Sender"))
        {
            response.headers_mut().insert("x-amzn-query-error", value);
        }
        response
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::internal(format!("the state could not be written: {error}"))
    }
}

impl From<aws_lc_rs::error::Unspecified> for Fault {
    fn from(_: aws_lc_rs::error::Unspecified) -> Self {
        Self::internal("a cryptographic operation failed")
    }
}

/// One emulated service.
pub(super) trait Emulation: Send + Sync + 'static {
    /// What stands before the dot in `X-Amz-Target`.
    const TARGET: &'static str;
    /// The protocol's content type.
    const CONTENT_TYPE: &'static str;

    /// Answers one call.
    fn call(
        &self,
        operation: &str,
        body: &[u8],
    ) -> impl Future<Output = Result<Value, Fault>> + Send;
}

/// The fault for an operation that an emulation does not know.
pub(super) fn unknown_operation(operation: &str) -> Fault {
    Fault::new(
        "UnknownOperationException",
        format!("the local stack does not emulate the operation {operation}"),
    )
}

/// Reads a request's body.
pub(super) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Fault> {
    let body = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(body)
        .map_err(|error| Fault::new("SerializationException", error.to_string()))
}

/// A free port of the loopback interface.
pub(super) struct Port {
    listener: TcpListener,
    /// `http://127.0.0.1:port`, without a slash at the end.
    pub(super) endpoint: String,
}

impl Port {
    /// Binds an ephemeral port.
    pub(super) async fn bind() -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let endpoint = format!("http://{}", listener.local_addr()?);
        Ok(Self { listener, endpoint })
    }

    /// Gives up the listener, to a server that is not of this module.
    pub(super) fn into_listener(self) -> TcpListener {
        self.listener
    }

    /// Serves `emulation` until the answer is dropped.
    pub(super) fn serve<E: Emulation>(self, emulation: Arc<E>) -> Server {
        let (stop, stopped) = oneshot::channel::<()>();
        let router = Router::new()
            .fallback(handle::<E>)
            .layer(DefaultBodyLimit::max(BODY_LIMIT))
            .with_state(emulation);
        tokio::spawn(async move {
            let served = axum::serve(self.listener, router).with_graceful_shutdown(async {
                let _ = stopped.await;
            });
            if let Err(error) = served.await {
                tracing::error!(service = E::TARGET, %error, "an AWS emulation stopped");
            }
        });
        Server { endpoint: self.endpoint, _stop: stop }
    }
}

/// A running server; dropping it stops it.
pub(super) struct Server {
    endpoint: String,
    _stop: oneshot::Sender<()>,
}

impl Server {
    /// A server that stops when `stop` is dropped.
    pub(super) fn new(endpoint: String, stop: oneshot::Sender<()>) -> Self {
        Self { endpoint, _stop: stop }
    }

    /// `http://127.0.0.1:port`.
    pub(super) fn endpoint(&self) -> &str {
        &self.endpoint
    }
}

async fn handle<E: Emulation>(
    State(emulation): State<Arc<E>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let target = headers.get("x-amz-target").and_then(|value| value.to_str().ok());
    let operation = target
        .and_then(|target| target.strip_prefix(E::TARGET))
        .and_then(|rest| rest.strip_prefix('.'));
    let answered = match operation {
        Some(operation) => emulation.call(operation, &body).await,
        None => Err(unknown_operation(target.unwrap_or("without X-Amz-Target"))),
    };
    match answered {
        Ok(value) => answer(StatusCode::OK, E::CONTENT_TYPE, &value),
        Err(fault) => fault.into_response(E::CONTENT_TYPE),
    }
}

fn answer(status: StatusCode, content_type: &'static str, body: &Value) -> Response {
    let mut response = (status, body.to_string()).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    if let Ok(id) = random_uuid()
        && let Ok(id) = HeaderValue::try_from(id)
    {
        headers.insert("x-amzn-requestid", id);
    }
    response
}

/// Bytes that travel as base64.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct Blob(pub(super) Vec<u8>);

impl Serialize for Blob {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Blob {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        // The decoder's own message quotes the offending byte; this one says nothing of it.
        STANDARD.decode(text).map(Self).map_err(|_| serde::de::Error::custom("not base64"))
    }
}

/// Milliseconds as the protocol's timestamp: seconds since 1970 with a fraction.
pub(super) fn epoch_seconds(millis: i64) -> Value {
    let text = format!("{}.{:03}", millis.div_euclid(1000), millis.rem_euclid(1000));
    text.parse::<f64>().map_or(Value::Null, Value::from)
}

/// Whole days in milliseconds.
pub(super) fn days(count: i64) -> i64 {
    count.saturating_mul(24 * 60 * 60 * 1000)
}

/// A random UUID (version 4).
pub(super) fn random_uuid() -> Result<String, Fault> {
    let mut bytes = [0_u8; 16];
    rand::fill(&mut bytes)?;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = hex(&bytes);
    let groups = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]];
    Ok(groups.join("-"))
}

/// Lower-case hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 0x0f])
        .map(|nibble| char::from(DIGITS[usize::from(nibble)]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_is_of_version_4() {
        let uuid = random_uuid().map_err(|fault| fault.message).unwrap();
        assert_eq!(uuid.len(), 36);
        assert_eq!(&uuid[14..15], "4");
        assert!(matches!(&uuid[19..20], "8" | "9" | "a" | "b"), "{uuid}");
    }

    #[test]
    fn times_travel_as_seconds_with_a_fraction() {
        assert_eq!(epoch_seconds(1_700_000_000_123), serde_json::json!(1_700_000_000.123));
        assert_eq!(epoch_seconds(5000), serde_json::json!(5.0));
    }
}
