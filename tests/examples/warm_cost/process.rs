//! A process of its own, as far as its time on the processor goes: a thread with a runtime that nothing
//! else runs on, and clients of its own.

use std::{
    collections::HashMap, fs::OpenOptions, io::Write, sync::Arc, sync::Mutex, time::Duration,
};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider};
use aws_sdk_sqs::types::QueueAttributeName;
use tandem_local::Stack;
use tandem_runtime::{
    App, Config, Parts,
    connections::{self, Roots},
    metrics::Metrics,
};

use crate::{events::QUEUE, seen::Seen, vendors::Vendors};

/// What a process is made of.
#[derive(Clone)]
pub struct Place {
    pub config: Config,
    pub entropy: Arc<dyn tandem_domain::Entropy>,
    pub clock: Arc<dyn tandem_domain::Clock>,
    /// Of DynamoDB, KMS, Secrets Manager and SQS.
    endpoints: [String; 4],
}

impl Place {
    /// On a stack, with a queue that nobody else works off.
    pub async fn on(stack: &Stack) -> Self {
        let fifo = HashMap::from([(QueueAttributeName::FifoQueue, "true".to_owned())]);
        let made = stack.clients.sqs.create_queue().queue_name(QUEUE);
        let made = made.set_attributes(Some(fifo)).send().await.unwrap();
        let mut config = stack.app.config.clone();
        config.queue_url = made.queue_url.unwrap();
        let aws = &stack.aws;
        let endpoints = [
            aws.dynamodb_endpoint(),
            aws.kms_endpoint(),
            aws.secrets_manager_endpoint(),
            aws.sqs_endpoint(),
        ];
        Self {
            config,
            entropy: Arc::clone(&stack.app.entropy),
            clock: Arc::clone(&stack.app.clock),
            endpoints: endpoints.map(str::to_owned),
        }
    }

    /// The same with the vendors behind a proxy.
    pub fn behind(&self, vendors: &Vendors) -> Self {
        let mut place = self.clone();
        let config = &mut place.config;
        config.atlassian_api = vendors.instead_of(&config.atlassian_api);
        config.graph = vendors.instead_of(&config.graph);
        place
    }

    /// AWS as a function finds it in its environment.
    pub async fn sdk(&self, service: usize) -> SdkConfig {
        let keys = Credentials::new("local", "local", None, None, "measured");
        aws_config::defaults(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .credentials_provider(SharedCredentialsProvider::new(keys))
            .endpoint_url(&self.endpoints[service])
            .http_client(connections::for_aws(connections::client(Roots::Mozilla).unwrap()))
            .load()
            .await
    }

    /// Everything a function works with; seen, if it is to be.
    pub async fn app(&self, seen: Option<&Seen>) -> Arc<App> {
        macro_rules! client {
            ($krate:ident, $service:literal) => {{
                let mut config = $krate::config::Builder::from(&self.sdk($service).await);
                if let Some(seen) = seen {
                    config = config.interceptor(seen.clone());
                }
                $krate::Client::from_conf(config.build())
            }};
        }
        // As a function writes its metrics: a line for each event.
        let null = Mutex::new(OpenOptions::new().write(true).open("/dev/null").unwrap());
        let sink = move |line: &str| writeln!(null.lock().unwrap(), "{line}").unwrap();
        let parts = Parts {
            config: self.config.clone(),
            http: connections::client(Roots::Mozilla).unwrap(),
            dynamodb: client!(aws_sdk_dynamodb, 0),
            kms: client!(aws_sdk_kms, 1),
            secrets: client!(aws_sdk_secretsmanager, 2),
            sqs: client!(aws_sdk_sqs, 3),
            metrics: Metrics::new(Arc::new(sink), Arc::clone(&self.clock)),
            clock: Arc::clone(&self.clock),
            entropy: Arc::clone(&self.entropy),
            anonymous_bot: false,
        };
        Arc::new(App::build(parts).await.unwrap())
    }
}

/// Runs something on a thread of its own, to its end.
pub fn alone<T: Send>(work: impl AsyncFnOnce() -> T + Send) -> T {
    tokio::task::block_in_place(|| {
        std::thread::scope(|scope| {
            let running = scope.spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                runtime.unwrap().block_on(work())
            });
            running.join().unwrap()
        })
    })
}

/// How long this thread was on the processor so far. Linux brings the figure up to date when a
/// thread gives the processor up.
/// <https://docs.kernel.org/scheduler/sched-stats.html#proc-pid-schedstat>
pub fn on_processor() -> Duration {
    std::thread::sleep(Duration::from_millis(1));
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    Duration::from_nanos(text.split_whitespace().next().unwrap().parse().unwrap())
}
