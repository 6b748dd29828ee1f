//! A table of its own on each engine, with every call counted.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};

use aws_config::{BehaviorVersion, Region, retry::RetryConfig};
use aws_sdk_dynamodb::{Client, Config, config::Credentials};
use tandem_domain::{Clock, SystemClock, Timestamp};
use tandem_local::aws::{Aws, AwsOptions};
use tandem_store::{Store, StoreError};

use crate::support::{AwsProxy, Inventoried};

/// The second engine's address.
const SECOND_ENGINE: &str = "TANDEM_DYNAMODB_ENDPOINT";

/// A table on one engine.
pub struct Bench {
    pub store: Store,
    /// When the test takes place.
    pub now: Timestamp,
    proxy: AwsProxy,
    /// Of the embedded engine; the same is written to both.
    _written: Option<Inventoried>,
    /// The embedded engine stops with it.
    _engine: Option<Aws>,
}

/// Runs a test on every engine there is.
pub async fn on_every_engine(test: impl AsyncFn(&Bench)) {
    let embedded = Aws::start(AwsOptions { data_dir: None, clock: Arc::new(SystemClock) });
    let embedded = embedded.await.unwrap();
    let endpoint = embedded.dynamodb_endpoint().to_owned();
    run("embedded", &endpoint, Some(embedded), &test).await;
    match std::env::var(SECOND_ENGINE).ok().filter(|endpoint| !endpoint.is_empty()) {
        Some(endpoint) => run("second", &endpoint, None, &test).await,
        None => eprintln!("skipped: no second engine, {SECOND_ENGINE} is not set"),
    }
}

async fn run(name: &str, endpoint: &str, engine: Option<Aws>, test: &impl AsyncFn(&Bench)) {
    eprintln!("on the {name} engine");
    let proxy = AwsProxy::before(endpoint).await;
    let table = table();
    let store = Store::new(client(proxy.endpoint()), table.as_str());
    store.create_table().await.unwrap();
    store.create_table().await.expect("creating it again changes nothing");
    proxy.calls();
    let written = engine.as_ref().map(|engine| Inventoried::watch(engine, &table));
    let now = SystemClock.now();
    let bench = Bench { store, now, proxy, _written: written, _engine: engine };
    test(&bench).await;
    assert!(!bench.calls().iter().any(|call| call == "Scan"));
}

/// A name that no other test, and no other run against the same engine, uses.
fn table() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let at = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos();
    format!("tandem-tests-{at}-{number}")
}

fn client(endpoint: &str) -> Client {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("local", "local", None, None, "local"))
        .retry_config(RetryConfig::disabled())
        .endpoint_url(endpoint);
    Client::from_conf(config.build())
}

impl Bench {
    /// The calls since this was last asked, in their order.
    pub fn calls(&self) -> Vec<String> {
        self.proxy.calls()
    }

    /// A time so many seconds from when the test takes place.
    pub fn at(&self, secs: i64) -> Timestamp {
        Timestamp::from_millis(self.now.as_millis() + secs * 1000)
    }

    /// Has twenty tasks do it at once; what came of each.
    pub async fn twenty<T, F>(&self, task: impl Fn(Store, usize) -> F) -> Vec<Result<T, StoreError>>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, StoreError>> + Send + 'static,
    {
        let tasks: Vec<_> =
            (0..20).map(|number| tokio::spawn(task(self.store.clone(), number))).collect();
        let mut results = Vec::new();
        for task in tasks {
            results.push(task.await.unwrap());
        }
        results
    }
}

/// How many came through; every other one was told of a conflict.
pub fn came_through<T: std::fmt::Debug>(results: &[Result<T, StoreError>]) -> usize {
    let lost = |it: &&Result<T, StoreError>| matches!(it, Err(StoreError::Conflict));
    let through = results.iter().filter(|it| it.is_ok()).count();
    assert_eq!(through + results.iter().filter(lost).count(), results.len(), "{results:?}");
    through
}
