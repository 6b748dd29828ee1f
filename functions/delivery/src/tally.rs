//! Counting what became of deliveries, site by site, for the people who administer it.

use std::{collections::HashMap, time::Duration};

use tandem_domain::{CloudId, Failure, QueueMessage};
use tandem_runtime::App;
use tandem_store::Counts;

use crate::work::Outcome;

/// How long counting may take: the batch's answer waits for it.
const PATIENCE: Duration = Duration::from_secs(2);

/// What became of the messages of one batch, by site.
#[derive(Debug, Default)]
pub(crate) struct Tallies(HashMap<CloudId, Counts>);

impl Tallies {
    /// Counts one message.
    pub(crate) fn count(&mut self, queued: &QueueMessage, outcome: &Result<Outcome, Failure>) {
        let cloud = match queued {
            QueueMessage::Delivery(of) => &of.cloud_id,
            QueueMessage::Telling(of) => &of.cloud_id,
            QueueMessage::Removal(of) => &of.cloud_id,
        };
        let counts = self.0.entry(cloud.clone()).or_default();
        match outcome {
            Ok(Outcome::Carried { .. }) => counts.done += 1,
            Ok(Outcome::Dropped(_)) => counts.dropped += 1,
            Ok(Outcome::GivenUp(_)) => counts.given_up += 1,
            Err(failure) if failure.is_transient() => counts.retried += 1,
            Err(_) => counts.failed += 1,
        }
    }

    /// Writes the counts down: one update for each site. No message fails for it.
    pub(crate) async fn write(self, app: &App) {
        let now = app.clock.now();
        let writing = async {
            for (cloud, counts) in self.0 {
                if let Err(error) = app.store.add_to_tally(&cloud, now, counts).await {
                    let cloud_id = cloud.as_str();
                    tracing::warn!(target: "tandem", cloud_id, code = %error, "not counted");
                }
            }
        };
        if tokio::time::timeout(PATIENCE, writing).await.is_err() {
            tracing::warn!(target: "tandem", code = "timeout", "not counted");
        }
    }
}
