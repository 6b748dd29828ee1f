//! What things cost in calls, as counted on the wire of the local stack:
//! `tests/integration/ops/cost.rs` counts them again and compares.

use super::{
    CostArguments,
    prices::{self, Price},
};

/// The calls that something makes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Calls {
    /// Requests of the HTTP API.
    pub requests: f64,
    /// Invocations of functions, each for itself: a batch makes fewer.
    pub invocations: f64,
    /// DynamoDB's read units.
    pub read_units: f64,
    /// DynamoDB's write units, those of the indexes included.
    pub write_units: f64,
    /// Requests of SQS that the functions make.
    pub queue: f64,
    /// Calls of Secrets Manager.
    pub secrets: f64,
    /// Calls of KMS that the functions make.
    pub kms: f64,
}

impl Calls {
    /// What a million times these calls cost, in US dollars, at list prices; the time that functions
    /// take is not in it.
    pub fn dollars_per_million(&self) -> f64 {
        self.priced().map(|(_, count, price)| count / price.per * price.dollars * 1e6).iter().sum()
    }

    /// Each kind of call with its price.
    pub(super) fn priced(&self) -> [(&'static str, f64, Price); 7] {
        [
            ("requests of the HTTP API", self.requests, prices::HTTP_API),
            ("invocations", self.invocations, prices::INVOCATION),
            ("units read", self.read_units, prices::READ_UNIT),
            ("units written", self.write_units, prices::WRITE_UNIT),
            ("requests of the queue", self.queue, prices::QUEUE),
            ("calls of Secrets Manager", self.secrets, prices::SECRET_CALL),
            // Secrets Manager uses its own key once for each call.
            ("calls of KMS", self.kms + self.secrets, prices::KEY_CALL),
        ]
    }
}

/// A comment of a linked person on an issue without a chat: it is looked up whom it concerns.
pub const IDLE_WEBHOOK: Calls = Calls {
    requests: 1.0,
    invocations: 2.0,
    read_units: 5.0,
    write_units: 6.0,
    queue: 1.0,
    secrets: 1.0,
    kms: 1.0,
};

/// A comment of a linked person that is carried into a chat, and of which it is looked up whom else it
/// concerns: by functions that hold no token yet. Those that do open none.
pub const JIRA_COMMENT: Calls = Calls {
    requests: 1.0,
    invocations: 4.0,
    read_units: 17.0,
    write_units: 26.0,
    queue: 2.0,
    secrets: 3.0,
    kms: 3.0,
};

/// What renewing the tokens of a person at both sides adds to it.
pub const REFRESH: Calls = Calls {
    requests: 0.0,
    invocations: 0.0,
    read_units: 0.0,
    write_units: 13.0,
    queue: 0.0,
    secrets: 2.0,
    kms: 2.0,
};

/// A run of upkeep for which nothing is due.
pub const UPKEEP_RUN: Calls = Calls {
    requests: 0.0,
    invocations: 1.0,
    read_units: 6.0,
    write_units: 0.0,
    queue: 0.0,
    secrets: 0.0,
    kms: 0.0,
};

/// The beginning of the manual's section.
pub(super) const HEAD: &str = "\
`tandem-ops cost` estimates a month, and takes what happens in yours as options (`--help`); below is what
it says without any. The calls are counted on the wire of the local stack
(`tests/integration/ops/cost.rs`), keys, alarms and memory in `template.yaml`; prices are the list prices
of us-east-1, without free tiers. This section is written by
`TANDEM_WRITE_DOCS=1 cargo test -p tandem-tests --test integration -- ops::cost`.

";

/// What the manual says is assumed, not measured.
pub(super) fn assumed(asked: &CostArguments) -> String {
    format!(
        "Assumed, not measured: {} comments on other issues for each event; tokens that are used in {} \
         hours of a month,\neach of which renews both; {} ms for a webhook, {} ms for a delivery, {} ms for a \
         run of upkeep; {} kB of\nlog for each invocation; {} metrics; {} GB in the table. Each delivery \
         comes alone and opens its tokens anew:\nbusy ones cost less. Left out: renewing chats' \
         subscriptions, pages that people open, the trail's bucket (the\nfirst trail of an account costs \
         nothing but storage), data going out.",
        asked.idle_webhooks,
        asked.active_hours,
        asked.webhook_ms,
        asked.delivery_ms,
        asked.upkeep_ms,
        asked.log_kb,
        asked.metrics,
        asked.table_gb,
    )
}
