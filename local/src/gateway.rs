//! API Gateway's part: turns a request into the event that a Lambda function gets, and the
//! function's answer back (HTTP API, payload format 2.0).

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};
use tandem_runtime::{App, http::answer};

use crate::{caller::as_function, routes::Routes};

/// The HTTP API in front of the functions.
#[derive(Clone)]
pub struct Gateway {
    /// What the functions work with.
    pub app: Arc<App>,
    /// What serves which route.
    pub routes: Arc<Routes>,
    /// Sees each request that a route served, with its answer.
    pub observer: Option<Observer>,
    /// The latest event of each route.
    pub latest: LatestEvents,
}

/// The latest event that each route's function got, whole: what `sam local invoke -e` can give to its
/// binary. It holds what was sent, credentials too, and is kept in memory only.
#[derive(Clone, Default)]
pub struct LatestEvents(Arc<Mutex<BTreeMap<String, Value>>>);

impl LatestEvents {
    /// All of them, by route, such as `POST /teams/messages`.
    pub fn by_route(&self) -> BTreeMap<String, Value> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn keep(&self, route: &str, event: Value) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(route.to_owned(), event);
    }
}

/// A request that a route served, and its answer.
pub struct Exchange<'a> {
    /// The route, such as `POST /issues/{issueId}/chats`.
    pub route: &'a str,
    /// The parameters of its path, decoded.
    pub parameters: &'a BTreeMap<String, String>,
    /// The query as it was sent, without `?`.
    pub query: &'a str,
    /// The request's headers.
    pub headers: &'a HeaderMap,
    /// The request's body.
    pub body: &'a [u8],
    /// The answer, with its whole body.
    pub answer: &'a lambda_http::Response<lambda_http::Body>,
}

/// Sees each exchange before the answer leaves.
pub type Observer = Arc<dyn Fn(&Exchange<'_>) + Send + Sync>;

impl Gateway {
    /// Serves one request. Without a route it is API Gateway's own 404.
    pub async fn serve(
        &self,
        method: Method,
        uri: Uri,
        headers: HeaderMap,
        body: Bytes,
    ) -> Response {
        let Some((route, encoded)) = self.routes.find(method.as_str(), uri.path()) else {
            return (StatusCode::NOT_FOUND, axum::Json(json!({"message": "Not Found"})))
                .into_response();
        };
        let parameters: BTreeMap<_, _> =
            encoded.into_iter().map(|(name, value)| (name, decoded(value))).collect();
        let event = event(&self.app, &route.key, &parameters, &method, &uri, &headers, &body);
        let Ok(request) = lambda_http::request::from_str(&event.to_string()) else {
            return (StatusCode::BAD_REQUEST, axum::Json(json!({"message": "Bad Request"})))
                .into_response();
        };
        self.latest.keep(&route.key, event);
        let function = route.function;
        let answer = answer(Arc::clone(&self.app), function.name, function.handler, request);
        let answer = as_function(function.name, answer).await;
        if let Some(observer) = &self.observer {
            observer(&Exchange {
                route: &route.key,
                parameters: &parameters,
                query: uri.query().unwrap_or(""),
                headers: &headers,
                body: &body,
                answer: &answer,
            });
        }
        let (parts, body) = answer.into_parts();
        let body = match body {
            lambda_http::Body::Text(text) => Body::from(text),
            lambda_http::Body::Binary(bytes) => Body::from(bytes),
            _ => Body::empty(),
        };
        Response::from_parts(parts, body)
    }
}

/// API Gateway decodes the parameters of a path.
fn decoded(value: &str) -> String {
    let query = format!("v={}", value.replace('+', "%2B"));
    url::form_urlencoded::parse(query.as_bytes())
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

/// The event of a request, as in the payload format 2.0: header names in lower case, cookies apart,
/// a body that is not text in base64.
fn event(
    app: &App,
    route_key: &str,
    parameters: &BTreeMap<String, String>,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    body: &Bytes,
) -> Value {
    let now = app.clock.now();
    let text = is_text(headers).then(|| std::str::from_utf8(body).ok()).flatten();
    let query = uri.query().unwrap_or("");
    let mut event = json!({
        "version": "2.0",
        "routeKey": route_key,
        "rawPath": uri.path(),
        "rawQueryString": query,
        "headers": single_valued(headers),
        "pathParameters": parameters,
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "local",
            "domainName": "localhost",
            "domainPrefix": "local",
            "http": {
                "method": method.as_str(),
                "path": uri.path(),
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": "",
            },
            "requestId": request_id(app),
            "routeKey": route_key,
            "stage": "$default",
            "time": now.to_rfc3339(),
            "timeEpoch": now.as_millis(),
        },
        "body": text.map_or_else(|| STANDARD.encode(body), str::to_owned),
        "isBase64Encoded": text.is_none(),
    });
    let cookies = cookies(headers);
    if !cookies.is_empty() {
        event["cookies"] = json!(cookies);
    }
    event
}

/// API Gateway passes these as text, everything else in base64.
fn is_text(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("");
    let kind = kind.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    kind.starts_with("text/")
        || matches!(
            kind.as_str(),
            "application/json"
                | "application/xml"
                | "application/javascript"
                | "application/x-www-form-urlencoded"
        )
}

fn single_valued(headers: &HeaderMap) -> Map<String, Value> {
    let mut joined: BTreeMap<&str, String> = BTreeMap::new();
    for (name, value) in headers {
        let (Ok(value), false) = (value.to_str(), name == header::COOKIE || name == header::HOST)
        else {
            continue;
        };
        joined
            .entry(name.as_str())
            .and_modify(|before| {
                before.push(',');
                before.push_str(value);
            })
            .or_insert_with(|| value.to_owned());
    }
    joined.into_iter().map(|(name, value)| (name.to_owned(), Value::String(value))).collect()
}

fn cookies(headers: &HeaderMap) -> Vec<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .map(|cookie| cookie.trim().to_owned())
        .filter(|cookie| !cookie.is_empty())
        .collect()
}

fn request_id(app: &App) -> String {
    let mut bytes = [0u8; 12];
    app.entropy.fill(&mut bytes);
    base64::engine::general_purpose::URL_SAFE.encode(bytes)
}
