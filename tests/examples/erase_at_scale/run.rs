//! One run: a process that goes on with the erasure until its time is up.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use aws_config::BehaviorVersion;
use aws_sdk_dynamodb::{
    config::{
        ConfigBag, Intercept, RuntimeComponents, interceptors::BeforeTransmitInterceptorContextRef,
    },
    error::BoxError,
};
use serde_json::{Value, json};
use tandem_domain::{Clock, CloudId, RequestId, SystemClock, Timestamp};
use tandem_runtime::{
    App, Config, Parts,
    connections::{self, Roots},
    erasure,
    metrics::Metrics,
    signing::SystemEntropy,
};
use tandem_store::Reach;

/// The system's time, and some more.
struct Ahead(Duration);

impl Clock for Ahead {
    fn now(&self) -> Timestamp {
        SystemClock.now().plus(self.0)
    }
}

/// The calls to DynamoDB, by operation, and the changes in its transactions.
#[derive(Clone, Debug, Default)]
struct Counter(Arc<Mutex<(BTreeMap<String, u64>, u64)>>);

impl Intercept for Counter {
    fn name(&self) -> &'static str {
        "Counter"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request();
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
        let mut counted = self.0.lock().unwrap();
        if operation == "TransactWriteItems" {
            let body: Value = serde_json::from_slice(request.body().bytes().unwrap_or_default())?;
            counted.1 += body["TransactItems"].as_array().map_or(0, Vec::len) as u64;
        }
        *counted.0.entry(operation).or_default() += 1;
        Ok(())
    }
}

async fn app(clock: Arc<dyn Clock>, counter: &Counter) -> App {
    let aws = aws_config::load_defaults(BehaviorVersion::latest()).await;
    let table = aws_sdk_dynamodb::config::Builder::from(&aws).interceptor(counter.clone()).build();
    App::build(Parts {
        config: Config::read(&|name| std::env::var(name).ok()).unwrap(),
        http: connections::client(Roots::Mozilla).unwrap(),
        dynamodb: aws_sdk_dynamodb::Client::from_conf(table),
        kms: aws_sdk_kms::Client::new(&aws),
        secrets: aws_sdk_secretsmanager::Client::new(&aws),
        sqs: aws_sdk_sqs::Client::new(&aws),
        metrics: Metrics::new(Arc::new(|_: &str| {}), Arc::clone(&clock)),
        clock,
        entropy: Arc::new(SystemEntropy),
        anonymous_bot: false,
    })
    .await
    .unwrap()
}

/// Goes on until `seconds` have passed, or to the end. Prints what it took as JSON.
pub async fn run(arguments: &[String]) {
    let number = |at: usize| arguments[at].parse::<u64>().unwrap();
    let cloud = CloudId::parse(&arguments[0]).unwrap();
    let (ahead, seconds) = (Duration::from_secs(number(1)), Duration::from_secs(number(2)));
    let (clock, counter): (Arc<dyn Clock>, _) = (Arc::new(Ahead(ahead)), Counter::default());
    let app = app(Arc::clone(&clock), &counter).await;
    let began = Instant::now();
    let begun = erasure::prepared(&app, &Reach::Instance(cloud)).unwrap();
    let request = RequestId::parse("erase-at-scale").unwrap();
    let until = Some(clock.now().plus(seconds));
    let done = erasure::go_on_until(&app, &begun, &request, until).await.unwrap();
    let (calls, writes) = counter.0.lock().unwrap().clone();
    let report = json!({
        "done": done, "seconds": began.elapsed().as_secs_f64(), "calls": calls, "writes": writes,
        "peak_kib": peak_kib(),
    });
    println!("{report}");
}

/// The most memory that this process had at once, as Linux tells.
fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kib| kib.parse().ok()).unwrap_or_default()
}
