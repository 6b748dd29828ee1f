//! The FIFO queue of dead letters, of which nothing is lost by looking.

use std::time::Duration;

use aws_sdk_sqs::{
    Client,
    types::{Message, MessageSystemAttributeName, QueueAttributeName},
};
use serde_json::Value;
use tandem_domain::{QueueMessage, Timestamp, delivery::DELIVERY_VERSION};

use crate::{deployment::Deployment, error::OpsError};

/// For how long what is looked at is hidden from others: longer than looking at thousands takes.
pub(super) const HELD_SECS: i32 = 120;

/// How long a call waits for a message, so that all of SQS's servers are asked and an empty answer
/// means an empty queue.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-short-and-long-polling.html>
const WAIT_SECS: i32 = 1;

/// SQS gives at most this many messages in one call.
const MOST: i32 = 10;

/// The queue of dead letters, and the one that they came from.
pub(super) struct DeadLetters<'a> {
    sqs: &'a Client,
    dead: &'a str,
    living: &'a str,
}

/// A dead letter in hand.
pub(super) struct Letter {
    /// The id that the queue gives it: another one each time that it dies.
    pub(super) id: String,
    /// Its body as something to do; none where this version does not understand it.
    pub(super) message: Option<QueueMessage>,
    /// Since when it lies here.
    pub(super) died_at: Option<Timestamp>,
    handle: String,
    group: String,
    body: String,
}

/// What the queues say of themselves.
pub(super) struct Policy {
    /// After how many attempts a delivery is dead.
    pub(super) attempts: Option<u32>,
    /// How long it is kept then.
    pub(super) kept_for: Option<Duration>,
}

impl<'a> DeadLetters<'a> {
    pub(super) fn of(deployment: &'a Deployment) -> Self {
        let (dead, living) = (deployment.dead_letter_url(), deployment.queue_url());
        Self { sqs: &deployment.sqs, dead, living }
    }

    /// About how many there are, those in somebody's hand included.
    pub(super) async fn count(&self) -> Result<u64, OpsError> {
        let names = [
            QueueAttributeName::ApproximateNumberOfMessages,
            QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
        ];
        let mut count = 0;
        for name in names {
            let told = self.attribute(self.dead, name).await?;
            count += told.and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
        }
        Ok(count)
    }

    pub(super) async fn policy(&self) -> Result<Policy, OpsError> {
        let redrive = self.attribute(self.living, QueueAttributeName::RedrivePolicy).await?;
        let redrive = redrive.and_then(|text| serde_json::from_str::<Value>(&text).ok());
        let attempts = redrive.as_ref().map(|policy| &policy["maxReceiveCount"]);
        // SQS shows it as a number or as text, as it was set.
        let attempts = attempts
            .and_then(|count| count.as_u64().or_else(|| count.as_str()?.parse().ok()))
            .and_then(|count| u32::try_from(count).ok());
        let kept = self.attribute(self.dead, QueueAttributeName::MessageRetentionPeriod).await?;
        let kept_for = kept.and_then(|text| text.parse().ok()).map(Duration::from_secs);
        Ok(Policy { attempts, kept_for })
    }

    async fn attribute(
        &self,
        queue: &str,
        name: QueueAttributeName,
    ) -> Result<Option<String>, OpsError> {
        let asked = self.sqs.get_queue_attributes().queue_url(queue).attribute_names(name.clone());
        let answer = asked.send().await.map_err(OpsError::sqs("sqs:GetQueueAttributes"))?;
        Ok(answer.attributes.unwrap_or_default().remove(&name))
    }

    /// Takes up to ten in hand. None is lost: what is neither deleted nor released comes back by
    /// itself.
    pub(super) async fn hold(&self) -> Result<Vec<Letter>, OpsError> {
        let received = self
            .sqs
            .receive_message()
            .queue_url(self.dead)
            .max_number_of_messages(MOST)
            .visibility_timeout(HELD_SECS)
            .wait_time_seconds(WAIT_SECS)
            .message_system_attribute_names(MessageSystemAttributeName::MessageGroupId)
            .message_system_attribute_names(MessageSystemAttributeName::SentTimestamp)
            .send()
            .await
            .map_err(OpsError::sqs("sqs:ReceiveMessage"))?;
        Ok(received.messages.unwrap_or_default().into_iter().map(Letter::of).collect())
    }

    /// Lets go of what is in hand, the last first: each group is free again with its first, and in
    /// order. What cannot be released comes back by itself.
    pub(super) async fn release(&self, letters: &[Letter]) {
        for letter in letters.iter().rev() {
            let released = self.sqs.change_message_visibility().queue_url(self.dead);
            // Nobody could do anything about a failure but wait.
            let _ = released.receipt_handle(&letter.handle).visibility_timeout(0).send().await;
        }
    }

    /// Sends it back to where it came from: into its group, as the last of it. Within five minutes SQS
    /// takes the same dead letter once only, so that one which could not be deleted after it was sent
    /// can be sent again; and takes it again when it died anew, since its id is another one then.
    /// Later than that, its claim keeps it from being done twice.
    pub(super) async fn send_back(&self, letter: &Letter) -> Result<(), OpsError> {
        self.sqs
            .send_message()
            .queue_url(self.living)
            .message_body(&letter.body)
            .message_group_id(&letter.group)
            .message_deduplication_id(format!("replay-{}", letter.id))
            .send()
            .await
            .map(std::mem::drop)
            .map_err(OpsError::sqs("sqs:SendMessage"))
    }

    /// Takes it away for good.
    pub(super) async fn delete(&self, letter: &Letter) -> Result<(), OpsError> {
        let delete = self.sqs.delete_message().queue_url(self.dead);
        let deleted = delete.receipt_handle(&letter.handle).send().await;
        deleted.map(std::mem::drop).map_err(OpsError::sqs("sqs:DeleteMessage"))
    }
}

impl Letter {
    fn of(message: Message) -> Self {
        let told = message.attributes.unwrap_or_default();
        let body = message.body.unwrap_or_default();
        let understood: Option<QueueMessage> = serde_json::from_str(&body).ok();
        let sent = told.get(&MessageSystemAttributeName::SentTimestamp);
        Self {
            id: message.message_id.unwrap_or_default(),
            message: understood.filter(|message| message.version() == DELIVERY_VERSION),
            died_at: sent.and_then(|text| text.parse().ok()).map(Timestamp::from_millis),
            handle: message.receipt_handle.unwrap_or_default(),
            group: told
                .get(&MessageSystemAttributeName::MessageGroupId)
                .cloned()
                .unwrap_or_default(),
            body,
        }
    }
}
