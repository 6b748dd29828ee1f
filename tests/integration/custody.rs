//! Custody across the functions: keys that upkeep has everything sealed anew under, keys in trouble
//! as an operator sees them, what each function leaves in the ledger, and what a deletion that is
//! only said does.

mod ahead;
mod deletions;
mod keys;
mod ledger;

use std::sync::{Arc, Mutex};

use aws_config::retry::RetryConfig;
use serde_json::{Value, json};
use tandem_runtime::{App, Parts, metrics::Metrics};
use tandem_upkeep::{UpkeepEvent, UpkeepReport};

use crate::support::{AwsProxy, TestStack};

/// The same functions once more, as another process has them, and the metrics that they write.
struct Deployed {
    app: Arc<App>,
    lines: Arc<Mutex<Vec<String>>>,
}

/// What the stack's functions are made of, to make others on the same AWS.
pub fn parts(stack: &TestStack) -> Parts {
    let clients = &stack.clients;
    let clock = Arc::clone(&stack.app.clock);
    Parts {
        config: stack.app.config.clone(),
        http: stack.clients.http.clone(),
        dynamodb: clients.dynamodb.clone(),
        kms: clients.kms.clone(),
        secrets: clients.secrets.clone(),
        sqs: clients.sqs.clone(),
        metrics: stack.metrics_of_another(),
        clock,
        entropy: Arc::clone(&stack.app.entropy),
        anonymous_bot: false,
    }
}

/// Secrets Manager behind a proxy, without attempts of its own.
pub fn secrets_behind(stack: &TestStack, proxy: &AwsProxy) -> aws_sdk_secretsmanager::Client {
    let config = stack.clients.secrets.config().to_builder();
    let config = config.endpoint_url(proxy.endpoint()).retry_config(RetryConfig::disabled());
    aws_sdk_secretsmanager::Client::from_conf(config.build())
}

impl Deployed {
    /// With `change` made before they start.
    async fn on(stack: &TestStack, change: impl FnOnce(&mut Parts)) -> Self {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let written = Arc::clone(&lines);
        let sink = Arc::new(move |line: &str| written.lock().unwrap().push(line.to_owned()));
        let mut parts = parts(stack);
        parts.metrics = Metrics::new(sink, Arc::clone(&parts.clock));
        change(&mut parts);
        Self { app: Arc::new(App::build(parts).await.unwrap()), lines }
    }

    /// With another envelope key; the one before still opens.
    async fn with_envelope_key(stack: &TestStack, key: &str) -> Self {
        Self::on(stack, |parts| {
            let config = &mut parts.config;
            config.older_envelope_keys = vec![config.envelope_key.clone()];
            key.clone_into(&mut config.envelope_key);
        })
        .await
    }

    /// One run of upkeep on its schedule.
    async fn upkeep(&self) -> UpkeepReport {
        let event: UpkeepEvent = serde_json::from_value(json!({"source": "aws.events"})).unwrap();
        tandem_local::caller::upkeep(Arc::clone(&self.app), event).await.unwrap()
    }

    /// How often a metric was counted, by function.
    fn counted(&self, metric: &str) -> Vec<(String, f64)> {
        counted(&self.lines.lock().unwrap(), metric)
    }
}

/// How often a metric was counted, by function.
fn counted(lines: &[String], metric: &str) -> Vec<(String, f64)> {
    let lines = lines.iter().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines
        .filter_map(|line| Some((line["Function"].as_str()?.to_owned(), line[metric].as_f64()?)))
        .filter(|(_, count)| *count > 0.0)
        .collect()
}

/// A new KMS key.
async fn new_key(stack: &TestStack) -> String {
    let created = stack.clients.kms.create_key().send().await.unwrap();
    created.key_metadata.unwrap().key_id
}
