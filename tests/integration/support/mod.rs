//! What the flows share: a stack of their own, people in it, browsers, and what was logged.

// Each flow uses a part of this.
#![allow(dead_code, unused_imports)]

mod browser;
mod clock;
mod contracts;
pub mod description;
pub mod everything;
mod front;
mod inventory;
mod logs;
pub mod metrics;
pub mod openapi;
mod patience;
pub mod people;
mod proxy;
pub mod rights;
pub mod talk;
mod traces;
pub mod webhook;

use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::Value;
use tandem_domain::{CloudId, SiteHost};
use tandem_local::{Stack, StackOptions, gateway::Observer};
use tandem_runtime::metrics::Metrics;

pub use browser::{Answer, Browser, login_as};
pub use clock::TestClock;
pub use contracts::{Contracts, contracts};
use description::Undescribed;
pub use front::Front;
pub use inventory::{Inventoried, found_by, undeclared};
pub use logs::logged;
pub use people::{Person, World, world};
pub use proxy::AwsProxy;
use rights::Rights;

/// The site of most flows.
pub const CLOUD: &str = "11223344-a1b2-4b33-8444-def123456789";
/// Its host.
pub const HOST: &str = "tests.atlassian.net";
/// The secret of its webhooks.
pub const WEBHOOK_SECRET: &str = "It's a Secret to Everybody";
/// The Microsoft tenant of most flows.
pub const TENANT: &str = "0e3419f7-4c4d-47e7-b98a-7b9b9de02b80";

/// A running stack with a clock that can be moved.
pub struct TestStack {
    pub stack: Stack,
    pub clock: Arc<TestClock>,
    /// Nothing where the test asks for [`TestStack::unwatched`].
    written: Option<Inventoried>,
    pub rights: Rights,
    metrics: Arc<Mutex<Vec<String>>>,
    http: reqwest::Client,
    undescribed: Undescribed,
}

impl std::ops::Deref for TestStack {
    type Target = Stack;
    fn deref(&self) -> &Stack {
        &self.stack
    }
}

impl TestStack {
    /// A stack on a free port, in memory, that serves [`CLOUD`] and nothing else.
    pub async fn start() -> Self {
        Self::bare().await.serving().await
    }

    /// The same stack, serving [`CLOUD`].
    pub async fn serving(self) -> Self {
        let cloud = CloudId::parse(CLOUD).unwrap();
        let host = SiteHost::parse(HOST).unwrap();
        self.install(cloud, host, WEBHOOK_SECRET).await.unwrap();
        self.microsoft.add_tenant(TENANT);
        self
    }

    /// A stack that serves no site yet.
    pub async fn bare() -> Self {
        let stack = Self::unwatched().await;
        let written = Inventoried::watch(&stack.aws, tandem_local::provision::TABLE);
        Self { written: Some(written), ..stack }
    }

    /// The same, without holding what is written against the inventory: for tests that do the same
    /// hundreds of times, which other tests do once. Each write takes the longer the more were
    /// watched before.
    pub async fn unwatched() -> Self {
        Self::unwatched_in(None).await
    }

    /// The same, with its state in a folder.
    pub async fn unwatched_in(data_dir: Option<PathBuf>) -> Self {
        logs::capture();
        let clock = Arc::new(TestClock::default());
        let metrics = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&metrics);
        let undescribed = Undescribed::default();
        let rights = Rights::default();
        let stack = Stack::start(StackOptions {
            port: 0,
            data_dir,
            clock: clock.clone(),
            metrics: Some(Arc::new(move |line: &str| sink.lock().unwrap().push(line.to_owned()))),
            vendor_retry: Duration::from_millis(50),
            observer: Some(undescribed.observer()),
            calls: Some(rights.observer()),
            ..StackOptions::default()
        })
        .await
        .unwrap();
        Self { stack, clock, written: None, rights, metrics, http: client(), undescribed }
    }

    /// Checks what another gateway serves of this stack as its own is checked.
    pub fn observer(&self) -> Observer {
        self.undescribed.observer()
    }

    /// The address of a path.
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url())
    }

    /// A browser that has not been here before.
    pub fn browser(&self) -> Browser {
        Browser::new(self.url())
    }

    /// A request without a browser.
    pub fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method.parse().unwrap(), self.at(path))
    }

    /// Sends JSON and gives the status and the JSON answered.
    pub async fn send(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let response = self.request(method, path).json(body).send().await.unwrap();
        let status = response.status().as_u16();
        (status, response.json().await.unwrap_or(Value::Null))
    }

    /// Reads JSON.
    pub async fn get(&self, path: &str) -> Value {
        self.request("GET", path).send().await.unwrap().json().await.unwrap()
    }

    /// Somebody does something at Jira's own screens.
    pub async fn in_jira(&self, deed: Value) -> Value {
        let (status, answer) = self.send("POST", "/sandbox/people/jira/act", &deed).await;
        assert!((200..300).contains(&status), "{deed} gave {status} {answer}");
        answer
    }

    /// Somebody does something in Teams itself.
    pub async fn in_teams(&self, deed: Value) -> Value {
        let (status, answer) = self.send("POST", "/sandbox/people/teams/act", &deed).await;
        assert!((200..300).contains(&status), "{deed} gave {status} {answer}");
        answer
    }

    /// Every item of the table, as plain JSON.
    pub async fn items(&self) -> Vec<Value> {
        self.get("/local/items").await.as_array().unwrap().clone()
    }

    /// The items of one entity.
    pub async fn items_of(&self, entity: &str) -> Vec<Value> {
        let items = self.items().await;
        items.into_iter().filter(|item| item["entity"]["S"] == entity).collect()
    }

    /// Every item that was ever written, as each write left it.
    pub fn written(&self) -> Vec<Value> {
        self.written.as_ref().expect("a watched stack").items()
    }

    /// Metrics of another process, to be among this stack's.
    pub fn metrics_of_another(&self) -> Metrics {
        let sink = Arc::clone(&self.metrics);
        let sink = Arc::new(move |line: &str| sink.lock().unwrap().push(line.to_owned()));
        Metrics::new(sink, Arc::clone(&self.app.clock))
    }

    /// Every metric line so far.
    pub fn metrics(&self) -> Vec<String> {
        self.metrics.lock().unwrap().clone()
    }
}

pub fn client() -> reqwest::Client {
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap()
}

/// The folder of fixtures and contracts; says so where it is absent, and the test is skipped.
pub fn shared(path: &str) -> Option<PathBuf> {
    let root = std::env::var_os("TANDEM_SHARED").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared"),
        PathBuf::from,
    );
    let found = root.join(path);
    if found.exists() {
        Some(found)
    } else {
        eprintln!("skipped: {path} is not under TANDEM_SHARED");
        None
    }
}
