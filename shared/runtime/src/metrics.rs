//! Metrics in CloudWatch's embedded format, read by the dashboard and the alarms of the template: one
//! JSON line for each event handled. All names stand here.
//!
//! A line takes one value of each dimension. An event that has several, such as tokens opened for two
//! purposes, writes the others in further lines.
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>

mod label;
mod line;

#[cfg(test)]
mod tests;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tandem_domain::{Clock, Sighting, Sightings};

use label::Dimension::{Direction, Function, Provider, Purpose, Vendor};
pub use label::{Dimension, Label, Sample};
use line::Line;

/// What the namespace of every metric begins with. The deployment's secret prefix follows, so that
/// several deployments in one account do not add up: `Tandem/tandem`.
pub const NAMESPACE: &str = "Tandem";

/// The metrics: name, unit, and by which sets of dimensions CloudWatch adds each up. Each set that has
/// data in an hour is a metric to pay for; so a total (`[]`) is kept only where an alarm reads it, or
/// where nothing else is.
macro_rules! metrics {
    ($($(#[$doc:meta])* $name:ident: $unit:ident by $($set:expr),+;)+) => {
        /// A metric. The template's dashboard and alarms name exactly these.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Metric {
            $($(#[$doc])* $name,)+
        }

        impl Metric {
            /// Every metric there is.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The name in CloudWatch.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name)),+ }
            }

            /// The unit, as CloudWatch calls it.
            pub fn unit(self) -> &'static str {
                match self { $(Self::$name => stringify!($unit)),+ }
            }

            /// By which sets of dimensions it is added up.
            pub fn sets(self) -> &'static [&'static [Dimension]] {
                match self { $(Self::$name => &[$(&$set),+]),+ }
            }
        }
    };
}

metrics! {
    /// A request was answered.
    Requests: Count by [Function];
    /// How long a request took.
    Duration: Milliseconds by [Function];
    /// A request failed for a reason of ours (a 5xx other than 503), or a delivery did.
    Faults: Count by [], [Function];
    /// A request was refused because its signature, token, session or client state did not verify.
    Unverified: Count by [Function];
    /// Work that failed because a KMS key cannot be used.
    KeyTrouble: Count by [];
    /// The first event that a process could handle.
    ColdStarts: Count by [Function];
    /// How long the process took until it could: its start, and reading the app's secrets.
    StartUp: Milliseconds by [];
    /// Deliveries handed to the queue.
    DeliveriesQueued: Count by [Function];
    /// Deliveries carried over.
    DeliveriesDone: Count by [Direction];
    /// Deliveries with nothing to carry over (an echo, a setting, no longer there).
    DeliveriesDropped: Count by [Direction];
    /// Deliveries to be tried again.
    DeliveriesRetried: Count by [Direction];
    /// Deliveries given up: the person must sign in, or the vendor refuses for good.
    DeliveriesGivenUp: Count by [], [Direction];
    /// From the moment Tandem accepted a webhook or notification until the other side had what it was
    /// about. Not of what the bot tells: that may have to wait for the end of quiet hours.
    DeliveryLatency: Milliseconds by [], [Direction];
    /// A vendor answered 429.
    VendorThrottles: Count by [Vendor];
    /// A vendor gave new tokens for a grant.
    Refreshes: Count by [Provider];
    /// A vendor refused a refresh token.
    RefreshesRefused: Count by [Provider];
    /// Somebody had to wait until another one had refreshed a grant.
    LeaseWaits: Count by [];
    /// Tokens opened, or used again out of memory: as often as the ledger is told.
    TokensOpened: Count by [Purpose];
    /// Secrets with tokens that were read and decrypted.
    SecretsRead: Count by [];
    /// Tokens refreshed ahead of their end by upkeep.
    GrantsKeptAlive: Count by [];
    /// Grants that upkeep sealed anew under the present keys.
    GrantsRewrapped: Count by [];
    /// Accounts that upkeep reported to Atlassian.
    AccountsReported: Count by [];
    /// Accounts that Atlassian said are closed.
    AccountsClosed: Count by [];
    /// Subscriptions renewed by upkeep.
    SubscriptionsRenewed: Count by [];
    /// Webhooks of sites that upkeep looked after.
    WebhooksRenewed: Count by [];
    /// Deliveries of what chats' notifications had missed.
    MessagesReconciled: Count by [];
    /// Things upkeep could not do.
    UpkeepFailures: Count by [];
}

/// Where metric lines go.
pub type Sink = Arc<dyn Fn(&str) + Send + Sync>;

/// Writes metrics.
#[derive(Clone)]
pub struct Metrics {
    sink: Sink,
    clock: Arc<dyn Clock>,
    namespace: String,
    sightings: Sightings,
    /// How long the process took to start, until the first event tells it.
    start_up: Arc<Mutex<Option<Duration>>>,
}

impl std::fmt::Debug for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Metrics").field("namespace", &self.namespace).finish_non_exhaustive()
    }
}

impl Metrics {
    /// Metrics written to `sink`.
    pub fn new(sink: Sink, clock: Arc<dyn Clock>) -> Self {
        Self {
            sink,
            clock,
            namespace: NAMESPACE.to_owned(),
            sightings: Sightings::default(),
            start_up: Arc::default(),
        }
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

    /// The same, in the namespace of a deployment, which its secrets' prefix names.
    #[must_use]
    pub fn of_deployment(self, secret_prefix: &str) -> Self {
        Self { namespace: format!("{NAMESPACE}/{secret_prefix}"), ..self }
    }

    /// Where the vault and the vendors' clients note what they see. The next event's line takes it
    /// along: exact where a process handles one event at a time; elsewhere the sum is.
    pub fn sightings(&self) -> Sightings {
        self.sightings.clone()
    }

    /// The process has started: its first event tells how long that took.
    pub fn note_start_up(&self, took: Duration) {
        *self.start_up.lock().unwrap_or_else(PoisonError::into_inner) = Some(took);
    }

    /// Writes what one event of a function came to, and what was seen meanwhile. Counts of zero are not
    /// written: an hour without data costs nothing.
    pub fn emit(&self, function: &'static str, samples: &[Sample]) {
        let mut lines: Vec<Line> = Vec::new();
        let seen = self.sightings.take().into_iter().map(|(seen, times)| sample(seen, times));
        for sample in samples.iter().copied().chain(self.first_event()).chain(seen) {
            if sample.value == 0.0 && sample.metric.unit() == "Count" {
                continue;
            }
            if !lines.iter_mut().any(|line| line.takes(sample)) {
                lines.extend(Line::of(function, sample));
            }
        }
        for line in lines {
            (self.sink)(&line.write(&self.namespace, self.clock.now()));
        }
    }

    /// What the first event of a process tells besides.
    fn first_event(&self) -> Vec<Sample> {
        let took = self.start_up.lock().unwrap_or_else(PoisonError::into_inner).take();
        took.map_or_else(Vec::new, |took| {
            let millis = took.as_secs_f64() * 1000.0;
            vec![Metric::ColdStarts.once(), Metric::StartUp.of(millis)]
        })
    }
}

fn sample(seen: Sighting, times: u32) -> Sample {
    let times = f64::from(times);
    match seen {
        Sighting::TokenOpened(purpose) => Metric::TokensOpened.of(times).by(purpose),
        Sighting::SecretRead => Metric::SecretsRead.of(times),
        Sighting::Refreshed(provider) => Metric::Refreshes.of(times).by(provider),
        Sighting::RefreshRefused(provider) => Metric::RefreshesRefused.of(times).by(provider),
        Sighting::LeaseWaited => Metric::LeaseWaits.of(times),
        Sighting::Throttled(vendor) => Metric::VendorThrottles.of(times).by(vendor),
    }
}
