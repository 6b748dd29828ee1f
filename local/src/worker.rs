//! What runs beside the HTTP API: the queue's event source mapping and upkeep's schedule.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use aws_sdk_sqs::{
    Client,
    types::{Message, MessageSystemAttributeName},
};
use tandem_runtime::App;

use crate::caller;

/// How often upkeep runs, as in the template.
const UPKEEP_EVERY: Duration = Duration::from_mins(5);
/// How many messages one invocation gets, as in the template.
const BATCH: i32 = 1;
/// How long a poll waits for messages.
const POLL_SECS: i32 = 2;
/// How long to wait after a poll that failed.
const AFTER_FAILURE: Duration = Duration::from_millis(200);

/// How many batches a stack's workers are handling.
#[derive(Clone, Default)]
pub struct UnderWay(Arc<AtomicUsize>);

impl UnderWay {
    /// The number.
    pub fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }

    /// Counts one for as long as what is given lives, also when the work is dropped half-way.
    fn one(&self) -> One<'_> {
        self.0.fetch_add(1, Ordering::SeqCst);
        One(self)
    }
}

struct One<'a>(&'a UnderWay);

impl Drop for One<'_> {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Takes messages off the queue and has `delivery` handle them, for as long as the stack lives.
pub async fn deliver(app: Arc<App>, sqs: Client, queue_url: String, under_way: UnderWay) {
    loop {
        let received = sqs
            .receive_message()
            .queue_url(&queue_url)
            .max_number_of_messages(BATCH)
            .wait_time_seconds(POLL_SECS)
            .message_system_attribute_names(MessageSystemAttributeName::All)
            .send()
            .await;
        let Ok(received) = received else {
            tokio::time::sleep(AFTER_FAILURE).await;
            continue;
        };
        let messages = received.messages.unwrap_or_default();
        if !messages.is_empty() {
            let _one = under_way.one();
            handle(&app, &sqs, &queue_url, &messages).await;
        }
    }
}

/// One invocation: what the answer does not name as failed is deleted.
async fn handle(app: &Arc<App>, sqs: &Client, queue_url: &str, messages: &[Message]) {
    let mut event = SqsEvent::default();
    event.records = messages.iter().map(record).collect();
    let failed: Vec<String> = match caller::deliver(Arc::clone(app), event).await {
        Ok(response) => response
            .batch_item_failures
            .into_iter()
            .map(|failure| failure.item_identifier)
            .collect(),
        Err(error) => {
            tracing::error!(target: "tandem", %error, "the batch failed");
            return;
        }
    };
    for message in messages {
        let id = message.message_id.as_deref().unwrap_or_default();
        if failed.iter().any(|failed| failed == id) {
            continue;
        }
        let deleted = sqs
            .delete_message()
            .queue_url(queue_url)
            .set_receipt_handle(message.receipt_handle.clone())
            .send()
            .await;
        if deleted.is_err() {
            tracing::warn!(target: "tandem", "a handled message could not be deleted");
        }
    }
}

fn record(message: &Message) -> SqsMessage {
    let mut record = SqsMessage::default();
    record.message_id.clone_from(&message.message_id);
    record.receipt_handle.clone_from(&message.receipt_handle);
    record.body.clone_from(&message.body);
    record.attributes = message
        .attributes
        .iter()
        .flatten()
        .map(|(name, value)| (name.as_str().to_owned(), value.clone()))
        .collect();
    record.event_source = Some("aws:sqs".to_owned());
    record
}

/// Runs upkeep on its schedule.
pub async fn upkeep(app: Arc<App>) {
    loop {
        tokio::time::sleep(UPKEEP_EVERY).await;
        let event = tandem_upkeep::UpkeepEvent::Schedule(serde::de::IgnoredAny);
        if let Err(error) = caller::upkeep(Arc::clone(&app), event).await {
            tracing::warn!(target: "tandem", %error, "upkeep failed");
        }
    }
}
