//! In front of an AWS endpoint: counts the calls by operation, and is out of order on demand.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
};

use axum::{
    Router,
    body::Bytes,
    http::{HeaderMap, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use serde_json::Value;
use tokio::{net::TcpListener, task::JoinHandle};

/// The proxy; dropping it stops it.
pub struct AwsProxy {
    endpoint: String,
    inside: Arc<Inside>,
    task: JoinHandle<()>,
}

struct Inside {
    upstream: String,
    http: reqwest::Client,
    calls: Mutex<Vec<String>>,
    /// The id that each call was given, with its operation.
    ids: Mutex<Vec<(String, String)>>,
    /// The operation that is refused, and the exception.
    refused: Mutex<Option<(String, String)>>,
    down: AtomicBool,
    /// Read and write units of DynamoDB, once they are asked for.
    units: Mutex<Option<[f64; 2]>>,
}

impl Drop for AwsProxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl AwsProxy {
    /// A proxy in front of `upstream`.
    pub async fn before(upstream: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let inside = Arc::new(Inside {
            upstream: upstream.trim_end_matches('/').to_owned(),
            http: super::client(),
            calls: Mutex::default(),
            ids: Mutex::default(),
            refused: Mutex::default(),
            down: AtomicBool::new(false),
            units: Mutex::default(),
        });
        let serving = Arc::clone(&inside);
        let router = Router::new().fallback(
            move |method: Method, uri: Uri, headers: HeaderMap, body: Bytes| async move {
                serving.forward(method, &uri, headers, body).await
            },
        );
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { endpoint, inside, task }
    }

    /// Where it answers.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The operations called since this was last asked, in their order: `["GetItem"]`.
    pub fn calls(&self) -> Vec<String> {
        std::mem::take(&mut self.inside.calls.lock().unwrap())
    }

    /// The ids that the answers to an operation bore, in their order.
    pub fn ids(&self, operation: &str) -> Vec<String> {
        let ids = self.inside.ids.lock().unwrap();
        ids.iter().filter(|(of, _)| of == operation).map(|(_, id)| id.clone()).collect()
    }

    /// Answers an operation with an exception from now on.
    pub fn refuse(&self, operation: &str, exception: &str) {
        let refused = (operation.to_owned(), exception.to_owned());
        *self.inside.refused.lock().unwrap() = Some(refused);
    }

    /// Refuses nothing any more.
    pub fn relent(&self) {
        *self.inside.refused.lock().unwrap() = None;
    }

    /// The read and write units of DynamoDB since this was last asked; from the first time on, each
    /// call is made to say what it costs.
    pub fn units(&self) -> [f64; 2] {
        self.inside.units.lock().unwrap().replace([0.0; 2]).unwrap_or_default()
    }

    /// Whether it answers 503 to everything from now on.
    pub fn out_of_order(&self, down: bool) {
        self.inside.down.store(down, Ordering::SeqCst);
    }
}

impl Inside {
    async fn forward(
        &self,
        method: Method,
        uri: &Uri,
        mut headers: HeaderMap,
        body: Bytes,
    ) -> Response {
        let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok());
        let operation = target.and_then(|target| target.rsplit_once('.'));
        let operation = operation.map_or("unknown", |(_, operation)| operation).to_owned();
        self.calls.lock().unwrap().push(operation.clone());
        if self.down.load(Ordering::SeqCst) {
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
        let refused = self.refused.lock().unwrap().clone();
        if let Some((_, exception)) = refused.filter(|(refused, _)| *refused == operation) {
            let body = format!(r#"{{"__type":"{exception}","message":"refused by the test"}}"#);
            return (StatusCode::BAD_REQUEST, body).into_response();
        }
        headers.remove(header::HOST);
        headers.remove(header::CONTENT_LENGTH);
        let weighed = self.units.lock().unwrap().is_some();
        let body = if weighed { weighing(&body) } else { body };
        let sent = self.http.request(method, format!("{}{uri}", self.upstream));
        let answer = sent.headers(headers).body(body).send().await.unwrap();
        let (status, mut headers) = (answer.status(), answer.headers().clone());
        if let Some(id) = headers.get("x-amzn-requestid").and_then(|id| id.to_str().ok()) {
            self.ids.lock().unwrap().push((operation.clone(), id.to_owned()));
        }
        headers.remove(header::TRANSFER_ENCODING);
        headers.remove(header::CONTENT_LENGTH);
        let body = answer.bytes().await.unwrap();
        if let Some(units) = self.units.lock().unwrap().as_mut().filter(|_| weighed) {
            let reads = matches!(operation.as_str(), "GetItem" | "BatchGetItem" | "Query");
            units[usize::from(!reads)] += consumed(&body);
        }
        (status, headers, body).into_response()
    }
}

/// The same call, asked to say what it costs.
fn weighing(body: &Bytes) -> Bytes {
    let mut call: Value = serde_json::from_slice(body).unwrap();
    call["ReturnConsumedCapacity"] = "TOTAL".into();
    call.to_string().into()
}

/// What a call cost: DynamoDB tells it for one table, or for each of several.
fn consumed(body: &Bytes) -> f64 {
    let answer: Value = serde_json::from_slice(body).unwrap_or_default();
    let units = |of: &Value| of["CapacityUnits"].as_f64().unwrap_or_default();
    match &answer["ConsumedCapacity"] {
        Value::Array(tables) => tables.iter().map(units).sum(),
        table => units(table),
    }
}
