//! The queue of deliveries: a FIFO queue, in order per issue, deduplicated by claim.

use aws_sdk_sqs::{
    Client,
    types::{QueueAttributeName, SendMessageBatchRequestEntry},
};
use tandem_domain::{Failure, QueueMessage};

use crate::signing::claim_of;

/// The queue of deliveries.
#[derive(Clone, Debug)]
pub struct Queue {
    client: Client,
    url: String,
    dead_letter_url: String,
}

/// SQS takes at most this many messages in one call.
const BATCH: usize = 10;

/// SQS keeps a message hidden for at most 12 hours.
const MAX_HIDDEN_SECS: u64 = 12 * 60 * 60;

impl Queue {
    /// The queue at that URL, and the one at which what failed too often lies.
    pub fn new(client: Client, url: impl Into<String>, dead_letter_url: impl Into<String>) -> Self {
        Self { client, url: url.into(), dead_letter_url: dead_letter_url.into() }
    }

    /// Sends messages; returns only when the queue holds all of them. An error may leave some sent:
    /// sending again is harmless, since each is deduplicated by its claim.
    pub async fn send<T: Clone + Into<QueueMessage>>(&self, messages: &[T]) -> Result<(), Failure> {
        for batch in messages.chunks(BATCH) {
            let mut send = self.client.send_message_batch().queue_url(&self.url);
            for (index, message) in batch.iter().enumerate() {
                send = send.entries(entry(index, &message.clone().into())?);
            }
            let answer = Box::pin(send.send())
                .await
                .map_err(|_| Failure::Retry { what: "queue_unavailable", after: None })?;
            if !answer.failed().is_empty() {
                return Err(Failure::Retry { what: "queue_refused_some", after: None });
            }
        }
        Ok(())
    }

    /// Keeps a received message hidden for `secs` more seconds.
    pub async fn hide(&self, receipt_handle: &str, secs: u64) -> Result<(), Failure> {
        self.client
            .change_message_visibility()
            .queue_url(&self.url)
            .receipt_handle(receipt_handle)
            .visibility_timeout(i32::try_from(secs.min(MAX_HIDDEN_SECS)).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(|_| Failure::Retry { what: "queue_unavailable", after: None })?;
        Ok(())
    }

    /// About how many dead letters there are. How old they are is no attribute of a queue but a
    /// metric (`ApproximateAgeOfOldestMessage`), which this does not read.
    /// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html>
    pub async fn count_dead_letters(&self) -> Result<u64, Failure> {
        let names = [
            QueueAttributeName::ApproximateNumberOfMessages,
            QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
        ];
        let answer = self
            .client
            .get_queue_attributes()
            .queue_url(&self.dead_letter_url)
            .set_attribute_names(Some(names.to_vec()))
            .send()
            .await
            .map_err(|_| Failure::Retry { what: "queue_unavailable", after: None })?;
        let told = answer.attributes.unwrap_or_default();
        let number = |name| told.get(name).and_then(|text| text.parse::<u64>().ok());
        names.iter().map(number).sum::<Option<u64>>().ok_or(Failure::Fault { what: "queue_answer" })
    }
}

fn entry(index: usize, message: &QueueMessage) -> Result<SendMessageBatchRequestEntry, Failure> {
    let fault = Failure::Fault { what: "queue_entry" };
    let body = serde_json::to_string(message).map_err(|_| fault.clone())?;
    // Group ids take at most 128 characters; the hash keeps their parts apart.
    let group = claim_of(&message.order()).ok_or_else(|| fault.clone())?;
    SendMessageBatchRequestEntry::builder()
        .id(index.to_string())
        .message_body(body)
        .message_group_id(group.as_str())
        .message_deduplication_id(message.claim().as_str())
        .build()
        .map_err(|_| fault)
}
