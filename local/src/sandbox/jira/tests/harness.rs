//! A cloud on loopback, a receiver for its webhooks, and the published contract.

use std::{
    net::SocketAddr,
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU16, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, Uri},
};
use reqwest::{Client, Method, Response, redirect::Policy};
use serde_json::{Value, json};
use tandem_domain::{ManualClock, Timestamp};

use crate::sandbox::{
    jira::{Demo, JiraOptions, JiraSandbox},
    weather::Sky,
};

pub(crate) const CALLBACK: &str = "http://127.0.0.1:1/connect/jira/callback";
pub(crate) const SECRET: &str = "a secret between the site and the app";
pub(crate) const SCOPES: &[&str] = &[
    "read:jira-work",
    "write:jira-work",
    "read:jira-user",
    "manage:jira-webhook",
    "report:personal-data",
    "offline_access",
];

/// A demo cloud that listens, with somebody listening to its webhooks.
pub(crate) struct Stack {
    pub(crate) sandbox: JiraSandbox,
    pub(crate) demo: Demo,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) receiver: Receiver,
    pub(crate) base: String,
    pub(crate) http: Client,
}

/// What a webhook brought.
#[derive(Clone)]
pub(crate) struct Received {
    pub(crate) uri: String,
    pub(crate) headers: HeaderMap,
    pub(crate) raw: Bytes,
    pub(crate) body: Value,
}

/// Receives webhooks and answers as it is told.
#[derive(Clone)]
pub(crate) struct Receiver {
    pub(crate) base: String,
    got: Arc<Mutex<Vec<Received>>>,
    /// The statuses to answer next; 200 when there are none left.
    answers: Arc<Mutex<Vec<u16>>>,
    refuse_all: Arc<AtomicU16>,
}

impl Receiver {
    async fn start() -> Self {
        let receiver = Self {
            base: String::new(),
            got: Arc::default(),
            answers: Arc::default(),
            refuse_all: Arc::default(),
        };
        let router = Router::new().fallback(receive).with_state(receiver.clone());
        let address = serve(router).await;
        Self { base: format!("http://{address}"), ..receiver }
    }

    pub(crate) fn answer_next(&self, statuses: &[u16]) {
        *self.answers.lock().unwrap() = statuses.iter().rev().copied().collect();
    }

    pub(crate) fn answer_always(&self, status: u16) {
        self.refuse_all.store(status, Ordering::SeqCst);
    }

    pub(crate) fn all(&self) -> Vec<Received> {
        self.got.lock().unwrap().clone()
    }

    /// Forgets what came and gives it.
    pub(crate) fn take(&self) -> Vec<Received> {
        std::mem::take(&mut *self.got.lock().unwrap())
    }
}

async fn receive(
    State(receiver): State<Receiver>,
    uri: Uri,
    headers: HeaderMap,
    raw: Bytes,
) -> StatusCode {
    let body = serde_json::from_slice(&raw).unwrap();
    receiver.got.lock().unwrap().push(Received { uri: uri.to_string(), headers, raw, body });
    let always = receiver.refuse_all.load(Ordering::SeqCst);
    let next = receiver.answers.lock().unwrap().pop();
    StatusCode::from_u16(if always > 0 { always } else { next.unwrap_or(200) }).unwrap()
}

async fn serve(router: Router) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

/// Options as the tests want them.
pub(crate) fn options(base: &str, webhook_base: &str, clock: Arc<ManualClock>) -> JiraOptions {
    JiraOptions {
        api_base: format!("{base}/sandbox/atlassian/api"),
        webhook_base: webhook_base.to_owned(),
        client_id: "tandem-client".to_owned(),
        client_secret: "tandem-secret".to_owned(),
        redirect_uris: vec![CALLBACK.to_owned()],
        retry_delay: Duration::from_millis(5),
        reuse_leeway: None,
        data_file: None,
        clock,
        sky: Sky::default(),
    }
}

impl Stack {
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| ()).await
    }

    pub(crate) async fn start_with(adjust: impl FnOnce(&mut JiraOptions)) -> Self {
        let receiver = Receiver::start().await;
        let clock = Arc::new(ManualClock::at(Timestamp::from_secs(1_790_000_000)));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let mut options = options(&base, &receiver.base, clock.clone());
        adjust(&mut options);
        let sandbox = JiraSandbox::new(options).unwrap();
        let demo = sandbox.seed_demo(SECRET);
        let router = Router::new().nest("/sandbox", sandbox.router());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let http = Client::builder().no_proxy().redirect(Policy::none()).build().unwrap();
        Self { sandbox, demo, clock, receiver, base, http }
    }

    /// A caller of the demo site's REST API.
    pub(crate) fn caller(&self, user: usize) -> Caller<'_> {
        let token = self.sandbox.issue_tokens(&self.demo.users[user], SCOPES).0;
        Caller { stack: self, token }
    }

    pub(crate) fn rest(&self) -> String {
        let cloud = &self.demo.cloud_id;
        format!("{}/sandbox/atlassian/api/ex/jira/{cloud}/rest/api/3", self.base)
    }

    /// Somebody doing something at Jira's screens.
    pub(crate) async fn person(&self, user: usize, mut deed: Value) -> (u16, Value) {
        deed["as"] = json!(self.demo.users[user]);
        deed["cloudId"] = json!(self.demo.cloud_id);
        let url = format!("{}/sandbox/people/jira/act", self.base);
        answer(self.http.post(url).json(&deed).send().await.unwrap()).await
    }

    pub(crate) async fn settled(&self) {
        tokio::time::timeout(Duration::from_secs(10), self.sandbox.settled()).await.unwrap();
    }
}

/// A user of the REST API.
pub(crate) struct Caller<'a> {
    stack: &'a Stack,
    pub(crate) token: String,
}

impl Caller<'_> {
    pub(crate) async fn call(&self, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let url = format!("{}{path}", self.stack.rest());
        let mut request = self.stack.http.request(method, url).bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        answer(request.send().await.unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, Value) {
        self.call("GET", path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        self.call("POST", path, Some(body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> (u16, Value) {
        self.call("PUT", path, Some(body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> (u16, Value) {
        self.call("DELETE", path, None).await
    }
}

/// Status and body; null where there is none.
pub(crate) async fn answer(response: Response) -> (u16, Value) {
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::Null))
}

/// A document of one paragraph.
pub(crate) fn document(text: &str) -> Value {
    json!({
        "type": "doc", "version": 1,
        "content": [{"type": "paragraph", "content": [{"type": "text", "text": text}]}],
    })
}

/// A file of the shared contracts and fixtures, or `None` with a word about it.
pub(crate) fn shared(path: &str) -> Option<Value> {
    let root = std::env::var("TANDEM_SHARED").map_or_else(
        |_| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared")),
        PathBuf::from,
    );
    match std::fs::read(root.join(path)) {
        Ok(bytes) => Some(serde_json::from_slice(&bytes).unwrap()),
        Err(error) => {
            eprintln!("skipped: {path}: {error}");
            None
        }
    }
}
