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
        let sent = self.http.request(method, format!("{}{uri}", self.upstream));
        let answer = sent.headers(headers).body(body).send().await.unwrap();
        let (status, mut headers) = (answer.status(), answer.headers().clone());
        if let Some(id) = headers.get("x-amzn-requestid").and_then(|id| id.to_str().ok()) {
            self.ids.lock().unwrap().push((operation, id.to_owned()));
        }
        headers.remove(header::TRANSFER_ENCODING);
        headers.remove(header::CONTENT_LENGTH);
        (status, headers, answer.bytes().await.unwrap()).into_response()
    }
}
