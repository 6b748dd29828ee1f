//! Counting what became of deliveries, site by site, for the people who administer it.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tandem_domain::{CloudId, Failure, QueueMessage, Timestamp};
use tandem_runtime::App;
use tandem_store::Counts;

use crate::work::Outcome;

/// How long counting may take: the batch's answer waits for it.
const PATIENCE: Duration = Duration::from_secs(2);

/// What became of the messages of one batch, by site.
#[derive(Debug, Default)]
pub(crate) struct Tallies(Mutex<HashMap<CloudId, Counts>>);

/// What one message's end counts as.
fn counts_of(outcome: &Result<Outcome, Failure>) -> Counts {
    let mut counts = Counts::default();
    match outcome {
        Ok(Outcome::Carried { .. }) => counts.done = 1,
        Ok(Outcome::Dropped(_)) => counts.dropped = 1,
        Ok(Outcome::GivenUp(_)) => counts.given_up = 1,
        Err(failure) if failure.is_transient() => counts.retried = 1,
        Err(_) => counts.failed = 1,
    }
    counts
}

impl Tallies {
    fn counts(&self) -> MutexGuard<'_, HashMap<CloudId, Counts>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, cloud: &CloudId, counts: Counts) {
        let mut all = self.counts();
        let known = all.entry(cloud.clone()).or_default();
        *known = known.plus(counts);
    }

    /// Writes the counts down: one update for each site. No message fails for it. Answers whether
    /// all of it was written.
    pub(crate) async fn write(&self, app: &App) -> bool {
        let (now, counted) = (app.clock.now(), std::mem::take(&mut *self.counts()));
        let writing = async {
            let mut all = true;
            for (cloud, counts) in counted {
                if let Err(error) = app.store.add_to_tally(&cloud, now, counts).await {
                    let cloud_id = cloud.as_str();
                    tracing::warn!(target: "tandem", cloud_id, code = %error, "not counted");
                    all = false;
                }
            }
            all
        };
        let written = tokio::time::timeout(PATIENCE, writing).await;
        if written.is_err() {
            tracing::warn!(target: "tandem", code = "timeout", "not counted");
        }
        written.unwrap_or(false)
    }
}

/// How one message is counted. The last of a batch is counted while its end is written, together
/// with what was counted before: counting takes no time of its own then.
pub(crate) struct Counting<'a> {
    tallies: &'a Tallies,
    cloud: &'a CloudId,
    is_last: bool,
    /// What was counted ahead, and whether and when that was written.
    ahead: Mutex<Option<(Counts, Option<Timestamp>)>>,
}

impl<'a> Counting<'a> {
    pub(crate) fn of(tallies: &'a Tallies, queued: &'a QueueMessage, is_last: bool) -> Self {
        let cloud = match queued {
            QueueMessage::Delivery(of) => &of.cloud_id,
            QueueMessage::Telling(of) => &of.cloud_id,
            QueueMessage::Removal(of) => &of.cloud_id,
        };
        Self { tallies, cloud, is_last, ahead: Mutex::default() }
    }

    /// Counts a message whose end is being written at this moment.
    pub(crate) async fn while_ending(&self, app: &App, outcome: &Outcome) {
        if !self.is_last {
            return;
        }
        let (now, counts) = (app.clock.now(), counts_of(&Ok(outcome.clone())));
        self.tallies.add(self.cloud, counts);
        let written = self.tallies.write(app).await.then_some(now);
        *self.ahead.lock().unwrap_or_else(PoisonError::into_inner) = Some((counts, written));
    }

    /// Counts a message that has ended. What was counted otherwise ahead is corrected, if it was
    /// written.
    pub(crate) async fn ended(self, app: &App, outcome: &Result<Outcome, Failure>) {
        let counts = counts_of(outcome);
        let Some((before, written)) =
            self.ahead.into_inner().unwrap_or_else(PoisonError::into_inner)
        else {
            return self.tallies.add(self.cloud, counts);
        };
        if before == counts {
            return;
        }
        self.tallies.add(self.cloud, counts);
        if let Some(at) = written
            && let Err(error) = app.store.take_from_tally(self.cloud, at, before).await
        {
            tracing::warn!(target: "tandem", code = %error, "counted twice");
        }
    }
}
