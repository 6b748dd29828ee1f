//! Requests and answers of the functions behind the HTTP API.

use std::{future::Future, sync::Arc, time::Instant};

use http::{HeaderValue, StatusCode, header};
use lambda_http::{Body, Request, RequestExt, Response, request::RequestContext};
use serde::{Serialize, de::DeserializeOwned};
use tandem_domain::{Failure, RequestId};

use crate::{
    App, Starting,
    error::ApiError,
    metrics::{Metric, Metrics, Sample},
};

/// What a handler returns.
pub type Answer = Result<Response<Body>, ApiError>;

/// The largest body that a JSON request of ours may have, in bytes.
const MAX_JSON: usize = 64 * 1024;

/// A JSON answer.
pub fn json<T: Serialize>(status: StatusCode, value: &T) -> Answer {
    let text = serde_json::to_string(value).map_err(|_| ApiError::internal("answer_json"))?;
    respond(status, "application/json", text)
}

/// A page under its own content security policy.
pub fn html(status: StatusCode, page: String, policy: &str) -> Answer {
    let mut response = respond(status, "text/html; charset=utf-8", page)?;
    let policy = HeaderValue::from_str(policy).map_err(|_| ApiError::internal("policy"))?;
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    Ok(response)
}

/// Plain text.
pub fn text(status: StatusCode, text: String) -> Answer {
    respond(status, "text/plain; charset=utf-8", text)
}

/// No content.
pub fn empty(status: StatusCode) -> Answer {
    respond(status, "text/plain; charset=utf-8", Body::Empty)
}

/// Sends the browser elsewhere with GET.
pub fn redirect(to: &str) -> Answer {
    let mut response = respond(StatusCode::SEE_OTHER, "text/plain; charset=utf-8", Body::Empty)?;
    let location = HeaderValue::from_str(to).map_err(|_| ApiError::internal("location"))?;
    response.headers_mut().insert(header::LOCATION, location);
    Ok(response)
}

fn respond(status: StatusCode, kind: &'static str, body: impl Into<Body>) -> Answer {
    Response::builder()
        .status(status)
        .header(header::CONTENT_TYPE, kind)
        .body(body.into())
        .map_err(|_| ApiError::internal("answer"))
}

/// Adds a cookie to an answer.
pub fn set_cookie(response: &mut Response<Body>, cookie: &cookie::Cookie<'_>) {
    if let Ok(value) = HeaderValue::from_str(&cookie.to_string()) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}

/// A cookie of the request.
pub fn cookie_of(request: &Request, name: &str) -> Option<String> {
    request
        .headers()
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(cookie::Cookie::split_parse)
        .filter_map(Result::ok)
        .find(|cookie| cookie.name() == name)
        .map(|cookie| cookie.value().to_owned())
}

/// A header of the request, where it is readable text.
pub fn header_of<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request.headers().get(name)?.to_str().ok()
}

/// A parameter of the route's path, URL-decoded by API Gateway.
pub fn path_parameter(request: &Request, name: &str) -> Result<String, ApiError> {
    request
        .path_parameters_ref()
        .and_then(|parameters| parameters.first(name))
        .map(str::to_owned)
        .ok_or_else(|| {
            ApiError::bad_request("missing_path_parameter", format!("{name} is missing"))
        })
}

/// A query parameter, URL-decoded.
pub fn query_parameter(request: &Request, name: &str) -> Option<String> {
    url::form_urlencoded::parse(request.uri().query().unwrap_or("").as_bytes())
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

/// A field of the request's body, where that is a form (`application/x-www-form-urlencoded`) of at
/// most 64 KiB.
pub fn form_parameter(request: &Request, name: &str) -> Option<String> {
    let body: &[u8] = request.body();
    if !is_form(request) || body.len() > MAX_JSON {
        return None;
    }
    url::form_urlencoded::parse(body)
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

/// Whether the request's body is a form that a page of ours sent.
pub fn is_form(request: &Request) -> bool {
    let kind = header_of(request, "content-type").and_then(|kind| kind.split(';').next());
    kind.is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"))
}

/// Whether the request would rather have a page than JSON: a browser's address bar or link. By the
/// order of the media ranges in `Accept`; weights, which browsers do not use to the contrary, are not
/// looked at.
pub fn prefers_page(request: &Request) -> bool {
    let accept = header_of(request, "accept").unwrap_or_default();
    let mut ranges = accept.split(',').map(|range| range.split(';').next().unwrap_or("").trim());
    ranges.find(|range| matches!(*range, "text/html" | "application/json")) == Some("text/html")
}

/// All fields of the request's body, where that is a form of at most 64 KiB.
pub fn form_fields(request: &Request) -> Vec<(String, String)> {
    let body: &[u8] = request.body();
    if !is_form(request) || body.len() > MAX_JSON {
        return Vec::new();
    }
    url::form_urlencoded::parse(body)
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect()
}

/// What the log line calls an answer that is a page and no [`ApiError`]: put into the response's
/// extensions, read by [`answer`].
#[derive(Clone, Copy, Debug)]
pub struct Code(pub &'static str);

/// What an answer adds to the request's metrics: put into the response's extensions, read by
/// [`answer`].
#[derive(Clone, Debug)]
struct Counted(Vec<Sample>);

/// The answer, with what else is to be counted of the request.
pub fn counting(answer: Answer, samples: Vec<Sample>) -> Answer {
    answer.map(|mut response| {
        response.extensions_mut().insert(Counted(samples));
        response
    })
}

/// The request's JSON body. Errors name the place, never the value.
pub fn json_body<T: DeserializeOwned>(request: &Request) -> Result<T, ApiError> {
    let body: &[u8] = request.body();
    if body.len() > MAX_JSON {
        return Err(ApiError::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too_large",
            "the body is too large",
        ));
    }
    serde_json::from_slice(body).map_err(|error| {
        let at = format!("line {}, column {}", error.line(), error.column());
        ApiError::bad_request("invalid_json", format!("the body does not fit, at {at}"))
    })
}

/// The route that API Gateway matched, such as `POST /issues/{issueId}/chats`.
pub fn route_of(request: &Request) -> String {
    match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV2(context)) => {
            context.route_key.clone().unwrap_or_default()
        }
        _ => String::new(),
    }
}

/// The id API Gateway gave the request; a fixed one where it gave none.
pub fn request_id(request: &Request) -> Result<RequestId, ApiError> {
    let id = match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV2(context)) => context.request_id.as_deref(),
        _ => None,
    };
    RequestId::parse(id.unwrap_or("none")).map_err(|_| ApiError::internal("request_id"))
}

/// Handles one request: the handler's answer, or its error as an answer; one log line; metrics.
pub async fn answer<F, Fut>(
    app: Arc<App>,
    function: &'static str,
    handler: F,
    request: Request,
) -> Response<Body>
where
    F: FnOnce(Arc<App>, Request) -> Fut,
    Fut: Future<Output = Answer>,
{
    let asked = Asked::now(function, &request);
    let not_renewed = app.credentials.renew_when_due().await;
    let outcome = handler(Arc::clone(&app), request).await;
    asked.told(&app.metrics, outcome, not_renewed.as_ref())
}

/// The same where the request may be the first: without the application, which needs the app's
/// secrets, the answer is why it is not there, as 503 or an opaque 500, and the handler is not asked.
pub async fn answer_once_there<F, Fut>(
    starting: &Starting,
    function: &'static str,
    handler: F,
    request: Request,
) -> Response<Body>
where
    F: FnOnce(Arc<App>, Request) -> Fut,
    Fut: Future<Output = Answer>,
{
    let asked = Asked::now(function, &request);
    let (outcome, not_renewed) = match starting.app().await {
        Ok(app) => {
            let not_renewed = app.credentials.renew_when_due().await;
            (handler(app, request).await, not_renewed)
        }
        Err(error) => (Err(error.failure().into()), None),
    };
    asked.told(starting.metrics(), outcome, not_renewed.as_ref())
}

/// A request that is being handled, as log and metrics tell of it.
struct Asked {
    function: &'static str,
    route: String,
    id: String,
    began: Instant,
}

impl Asked {
    fn now(function: &'static str, request: &Request) -> Self {
        Self {
            function,
            route: route_of(request),
            id: request_id(request).map(|id| id.to_string()).unwrap_or_default(),
            began: Instant::now(),
        }
    }

    /// The answer; one log line; metrics.
    fn told(
        self,
        metrics: &Metrics,
        outcome: Answer,
        not_renewed: Option<&Failure>,
    ) -> Response<Body> {
        let Self { function, route, id, began } = self;
        let code = match &outcome {
            Ok(response) => response.extensions().get().map_or("ok", |Code(code)| *code),
            Err(error) => error.code,
        };
        let response = outcome.unwrap_or_else(|error| error_answer(&error));
        let status = response.status();
        let millis = began.elapsed().as_secs_f64() * 1000.0;
        if status.is_server_error() {
            tracing::error!(target: "tandem", function, route, request_id = id, status = status.as_u16(), code, millis, "failed");
        } else {
            tracing::info!(target: "tandem", function, route, request_id = id, status = status.as_u16(), code, millis, "answered");
        }
        let mut samples = vec![Metric::Requests.once(), Metric::Duration.of(millis)];
        // 503 is what a vendor or AWS is asked for in vain: to be tried again, and no fault of ours.
        if status.is_server_error() && status != StatusCode::SERVICE_UNAVAILABLE {
            samples.push(Metric::Faults.once());
        }
        if tandem_vault::KEY_TROUBLE.contains(&code)
            || not_renewed.is_some_and(tandem_vault::is_key_trouble)
        {
            samples.push(Metric::KeyTrouble.once());
        }
        if status == StatusCode::UNAUTHORIZED {
            samples.push(Metric::Unverified.once());
        }
        if let Some(Counted(more)) = response.extensions().get() {
            samples.extend(more);
        }
        metrics.emit(function, &samples);
        with_security_headers(response)
    }
}

fn error_answer(error: &ApiError) -> Response<Body> {
    let mut response = Response::new(Body::from(error.body().to_string()));
    *response.status_mut() = error.status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Some(secs) = error.retry_after {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(secs));
    }
    response
}

fn with_security_headers(mut response: Response<Body>) -> Response<Body> {
    let headers = response.headers_mut();
    for (name, value) in [
        ("cache-control", "no-store"),
        ("referrer-policy", "no-referrer"),
        ("strict-transport-security", "max-age=31536000"),
        ("x-content-type-options", "nosniff"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // A page brings its own.
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ));
    response
}
