//! Metrics in CloudWatch's embedded format: one JSON line for each event, read by the dashboard and
//! the alarms of the template.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use tandem_domain::Clock;

/// The namespace of every metric.
pub const NAMESPACE: &str = "Tandem";

/// A metric. The template's dashboard and alarms name exactly these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    /// A request was answered.
    Requests,
    /// A request was answered with a 5xx.
    Faults,
    /// A request was refused because its signature or token did not verify.
    Unverified,
    /// A request's duration in milliseconds.
    Duration,
    /// Deliveries handed to the queue.
    DeliveriesQueued,
    /// Deliveries carried over.
    DeliveriesDone,
    /// Deliveries with nothing to carry over (an echo, a setting, no longer there).
    DeliveriesDropped,
    /// Deliveries to be tried again.
    DeliveriesRetried,
    /// Deliveries given up: the person must sign in, or the vendor refuses for good.
    DeliveriesGivenUp,
    /// Tokens refreshed ahead of their end by upkeep.
    GrantsKeptAlive,
    /// Accounts that upkeep reported to Atlassian.
    AccountsReported,
    /// Accounts that Atlassian said are closed.
    AccountsClosed,
    /// Grants that upkeep sealed anew under the present keys.
    GrantsRewrapped,
    /// Work that failed because a KMS key cannot be used.
    KeyTrouble,
    /// Webhooks of sites that upkeep looked after.
    WebhooksRenewed,
    /// Deliveries of what chats' notifications had missed.
    MessagesReconciled,
    /// Subscriptions renewed by upkeep.
    SubscriptionsRenewed,
    /// Things upkeep could not do.
    UpkeepFailures,
}

impl Metric {
    /// Every metric there is.
    pub const ALL: &[Self] = &[
        Self::Requests,
        Self::Faults,
        Self::Unverified,
        Self::Duration,
        Self::DeliveriesQueued,
        Self::DeliveriesDone,
        Self::DeliveriesDropped,
        Self::DeliveriesRetried,
        Self::DeliveriesGivenUp,
        Self::GrantsKeptAlive,
        Self::AccountsReported,
        Self::AccountsClosed,
        Self::GrantsRewrapped,
        Self::KeyTrouble,
        Self::WebhooksRenewed,
        Self::MessagesReconciled,
        Self::SubscriptionsRenewed,
        Self::UpkeepFailures,
    ];

    /// The name in CloudWatch.
    pub fn name(self) -> &'static str {
        match self {
            Self::Requests => "Requests",
            Self::Faults => "Faults",
            Self::Unverified => "Unverified",
            Self::Duration => "Duration",
            Self::DeliveriesQueued => "DeliveriesQueued",
            Self::DeliveriesDone => "DeliveriesDone",
            Self::DeliveriesDropped => "DeliveriesDropped",
            Self::DeliveriesRetried => "DeliveriesRetried",
            Self::DeliveriesGivenUp => "DeliveriesGivenUp",
            Self::GrantsKeptAlive => "GrantsKeptAlive",
            Self::AccountsReported => "AccountsReported",
            Self::AccountsClosed => "AccountsClosed",
            Self::GrantsRewrapped => "GrantsRewrapped",
            Self::KeyTrouble => "KeyTrouble",
            Self::WebhooksRenewed => "WebhooksRenewed",
            Self::MessagesReconciled => "MessagesReconciled",
            Self::SubscriptionsRenewed => "SubscriptionsRenewed",
            Self::UpkeepFailures => "UpkeepFailures",
        }
    }

    fn unit(self) -> &'static str {
        if matches!(self, Self::Duration) { "Milliseconds" } else { "Count" }
    }
}

/// Where metric lines go.
pub type Sink = Arc<dyn Fn(&str) + Send + Sync>;

/// Writes metrics.
#[derive(Clone)]
pub struct Metrics {
    sink: Sink,
    clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Metrics")
    }
}

impl Metrics {
    /// Metrics written to `sink`.
    pub fn new(sink: Sink, clock: Arc<dyn Clock>) -> Self {
        Self { sink, clock }
    }

    /// Metrics written to standard output, where Lambda takes them from.
    pub fn to_stdout(clock: Arc<dyn Clock>) -> Self {
        Self::new(
            Arc::new(|line| {
                use std::io::Write;
                // A line that cannot be written must not end the work it tells about.
                let _ = writeln!(std::io::stdout().lock(), "{line}");
            }),
            clock,
        )
    }

    /// Writes the values of one event, under the dimension `Function`.
    pub fn emit(&self, function: &'static str, values: &[(Metric, f64)]) {
        let definitions: Vec<Value> = values
            .iter()
            .map(|(metric, _)| json!({"Name": metric.name(), "Unit": metric.unit()}))
            .collect();
        let mut line = Map::new();
        line.insert(
            "_aws".to_owned(),
            json!({
                "Timestamp": self.clock.now().as_millis(),
                "CloudWatchMetrics": [
                    {"Namespace": NAMESPACE, "Dimensions": [["Function"]], "Metrics": definitions},
                ],
            }),
        );
        line.insert("Function".to_owned(), json!(function));
        for (metric, value) in values {
            line.insert(metric.name().to_owned(), json!(value));
        }
        (self.sink)(&Value::Object(line).to_string());
    }

    /// Counts one event.
    pub fn count(&self, function: &'static str, metric: Metric) {
        self.emit(function, &[(metric, 1.0)]);
    }
}
