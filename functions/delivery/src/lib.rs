//! From the queue to the other side: re-reads what happened as the person concerned, carries it
//! over, remembers that it did.

mod acting;
mod ahead;
mod comments;
mod earlier;
mod issues;
mod marks;
mod messages;
mod refused;
mod removal;
mod tally;
mod telling;
mod work;

use std::{collections::HashSet, sync::Arc};

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use tandem_domain::{Failure, QueueMessage, Removed, Timestamp, delivery::DELIVERY_VERSION};
use tandem_runtime::{
    App, Error,
    metrics::{Metric, Sample},
};

/// The function's name in logs and metrics.
pub const NAME: &str = "delivery";

/// Handles a batch. One that fails does not fail the others, but those behind it in its group (its
/// issue) wait with it, so that order is kept.
pub async fn handle(app: Arc<App>, event: SqsEvent) -> Result<SqsBatchResponse, Error> {
    app.credentials.renew_when_due().await;
    let mut failed_groups = HashSet::new();
    let mut failures = Vec::new();
    let tallies = tally::Tallies::default();
    for (at, message) in event.records.iter().enumerate() {
        let group = message.attributes.get("MessageGroupId").cloned().unwrap_or_default();
        let is_last = at + 1 == event.records.len();
        let done = !failed_groups.contains(&group)
            && handle_message(&app, message, &tallies, is_last).await;
        if !done {
            failed_groups.insert(group);
            let mut failure = BatchItemFailure::default();
            failure.item_identifier = message.message_id.clone().unwrap_or_default();
            failures.push(failure);
        }
    }
    tallies.write(&app).await;
    let mut response = SqsBatchResponse::default();
    response.batch_item_failures = failures;
    Ok(response)
}

/// Handles one message; `false` keeps it on the queue.
async fn handle_message(
    app: &App,
    message: &SqsMessage,
    tallies: &tally::Tallies,
    is_last: bool,
) -> bool {
    let received: u32 = message
        .attributes
        .get("ApproximateReceiveCount")
        .and_then(|count| count.parse().ok())
        .unwrap_or(1);
    let Some(queued) = parse(message) else {
        tracing::error!(target: "tandem", function = NAME, code = "unreadable", "failed");
        app.metrics.emit(NAME, &[Metric::Faults.once()]);
        return false;
    };
    let counting = tally::Counting::of(tallies, &queued, is_last);
    let outcome = match &queued {
        QueueMessage::Delivery(of) => Box::pin(work::claim_and_do(app, of, &counting)).await,
        QueueMessage::Telling(of) => Box::pin(telling::tell(app, of, &counting)).await,
        QueueMessage::Removal(of) => Box::pin(removal::look(app, of, &counting)).await,
    };
    report(app, &queued, received, &outcome);
    counting.ended(app, &outcome).await;
    match outcome {
        Ok(_) => true,
        Err(failure) => {
            hide(app, message, &failure, received).await;
            false
        }
    }
}

fn parse(message: &SqsMessage) -> Option<QueueMessage> {
    let queued: QueueMessage = serde_json::from_str(message.body.as_deref()?).ok()?;
    (queued.version() == DELIVERY_VERSION).then_some(queued)
}

/// The longest wait before another attempt, in seconds, where a vendor is out of reach. With the
/// queue's sixteen attempts that makes three quarters of an hour.
const LONGEST_WAIT: u64 = 300;
/// The same where the fault is ours or an operator's: waiting longer mends nothing, and what lies
/// behind it waits too.
const LONGEST_WAIT_OF_FAULTS: u64 = 16;

/// How many seconds go by before the next attempt: what the vendor asked for at least, and longer with
/// each attempt.
fn wait(failure: &Failure, received: u32) -> u64 {
    let longest = if failure.is_transient() { LONGEST_WAIT } else { LONGEST_WAIT_OF_FAULTS };
    match failure {
        // The first attempts do as they are told; who is told so again and again is one of many.
        Failure::Retry { after: Some(after), .. } => {
            let again = 2u64.saturating_pow(received.saturating_sub(3)).min(longest);
            after.as_secs().max(1).max(again)
        }
        _ => 2u64.saturating_pow(received).min(longest),
    }
}

/// Keeps a failed message away for a while. If that cannot be said, the queue's own visibility timeout
/// holds.
async fn hide(app: &App, message: &SqsMessage, failure: &Failure, received: u32) {
    let secs = wait(failure, received);
    if let Some(receipt) = &message.receipt_handle
        && let Err(failure) = app.queue.hide(receipt, secs).await
    {
        tracing::warn!(target: "tandem", function = NAME, code = failure.code(), "not hidden");
    }
}

fn report(
    app: &App,
    queued: &QueueMessage,
    received: u32,
    outcome: &Result<work::Outcome, Failure>,
) {
    let (event, cloud_id, issue_id) = match queued {
        QueueMessage::Delivery(of) => (of.kind.name(), &of.cloud_id, of.issue_id.as_str()),
        QueueMessage::Telling(of) => (of.what.name(), &of.cloud_id, of.issue_id.as_str()),
        QueueMessage::Removal(of) => match &of.what {
            Removed::Issue { issue_id } => (of.what.name(), &of.cloud_id, issue_id.as_str()),
            what => (what.name(), &of.cloud_id, ""),
        },
    };
    let cloud_id = cloud_id.as_str();
    let claim = queued.claim().as_str();
    match outcome {
        Ok(outcome) => {
            let (outcome, why) = (outcome.name(), outcome.why());
            tracing::info!(target: "tandem", function = NAME, event, cloud_id, issue_id, claim, received, outcome, why, "delivered");
        }
        Err(failure) => {
            let code = failure.code();
            tracing::warn!(target: "tandem", function = NAME, event, cloud_id, issue_id, claim, received, code, %failure, "not delivered");
        }
    }
    app.metrics.emit(NAME, &samples(queued, outcome, app.clock.now()));
}

/// What a message's outcome counts as.
fn samples(
    queued: &QueueMessage,
    outcome: &Result<work::Outcome, Failure>,
    now: Timestamp,
) -> Vec<Sample> {
    let direction = queued.direction();
    let mut samples = Vec::new();
    match outcome {
        Ok(work::Outcome::Carried { .. }) => {
            samples.push(Metric::DeliveriesDone.once().by(direction));
            if let QueueMessage::Delivery(delivery) = queued {
                let millis = delivery.accepted_at.until(now).as_secs_f64() * 1000.0;
                samples.push(Metric::DeliveryLatency.of(millis).by(direction));
            }
        }
        Ok(work::Outcome::Dropped(_)) => {
            samples.push(Metric::DeliveriesDropped.once().by(direction));
        }
        Ok(work::Outcome::GivenUp(_)) => {
            samples.push(Metric::DeliveriesGivenUp.once().by(direction));
        }
        Err(failure) if failure.is_transient() => {
            samples.push(Metric::DeliveriesRetried.once().by(direction));
        }
        Err(_) => samples.push(Metric::Faults.once()),
    }
    if outcome.as_ref().is_err_and(tandem_runtime::is_key_trouble) {
        samples.push(Metric::KeyTrouble.once());
    }
    samples
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_waits_grow_and_are_never_shorter_than_asked() {
        let asked =
            |secs| Failure::Retry { what: "throttled", after: Some(Duration::from_secs(secs)) };
        let away = Failure::Retry { what: "away", after: None };
        let fault = Failure::Fault { what: "ours" };
        for (failure, received, secs) in [
            (&away, 1, 2),
            (&away, 5, 32),
            (&away, 16, 300),
            (&fault, 1, 2),
            (&fault, 16, 16),
            (&asked(3), 1, 3),
            (&asked(0), 1, 1),
            (&asked(3), 8, 32),
            (&asked(3), 16, 300),
            (&asked(900), 16, 900),
        ] {
            assert_eq!(wait(failure, received), secs, "{failure} {received}");
        }
        let all: u64 = (1..16).map(|received| wait(&away, received)).sum();
        assert!(all > 30 * 60, "{all}");
    }
}
