//! SQS: FIFO queues with dead-letter queues.
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_Operations.html>

mod account;
mod attributes;
mod batch;
mod listing;
mod message;
mod move_task;
mod queue;
mod requests;
#[cfg(test)]
mod tests;

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tandem_domain::Clock;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::durable::Durable;
use super::wire::{Emulation, Fault, parse, unknown_operation};
use account::Account;
use attributes::Attributes;
pub use listing::{MessageListing, MessageState, QueueListing};
use message::Message;
use move_task::MoveTask;
use requests::{
    ChangeMessageVisibilityRequest, CreateQueueRequest, DeleteMessageBatchRequest,
    DeleteMessageRequest, GetQueueAttributesRequest, GetQueueUrlRequest,
    ListMessageMoveTasksRequest, QueueRequest, ReceiveMessageRequest, SendMessageBatchRequest,
    SendMessageRequest, SetQueueAttributesRequest, StartMessageMoveTaskRequest,
};

/// How often a waiting receiver looks at the clock, for messages that time makes visible.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// The emulation of SQS.
pub(super) struct Sqs {
    account: Durable<Account>,
    clock: Arc<dyn Clock>,
    endpoint: String,
    changed: Notify,
}

impl Emulation for Sqs {
    const TARGET: &'static str = "AmazonSQS";
    const CONTENT_TYPE: &'static str = "application/x-amz-json-1.0";

    async fn call(&self, operation: &str, body: &[u8]) -> Result<Value, Fault> {
        let answer = match operation {
            "CreateQueue" => self.create_queue(parse(body)?),
            "GetQueueUrl" => self.get_queue_url(&parse(body)?),
            "GetQueueAttributes" => self.get_queue_attributes(&parse(body)?),
            "SetQueueAttributes" => self.set_queue_attributes(parse(body)?),
            "SendMessage" => self.send_message(&parse(body)?),
            "SendMessageBatch" => self.send_message_batch(&parse(body)?),
            "ReceiveMessage" => return self.receive_message(&parse(body)?).await,
            "DeleteMessage" => self.delete_message(&parse(body)?),
            "DeleteMessageBatch" => self.delete_message_batch(&parse(body)?),
            "ChangeMessageVisibility" => self.change_message_visibility(&parse(body)?),
            "PurgeQueue" => self.purge_queue(&parse(body)?),
            "StartMessageMoveTask" => self.start_message_move_task(&parse(body)?),
            "ListMessageMoveTasks" => self.list_message_move_tasks(&parse(body)?),
            _ => Err(unknown_operation(operation)),
        };
        self.changed.notify_waiters();
        answer
    }
}

impl Sqs {
    /// Opens the queues, in `data_dir` or in memory; `endpoint` is where they are served.
    pub(super) fn open(
        data_dir: Option<&Path>,
        clock: Arc<dyn Clock>,
        endpoint: String,
    ) -> io::Result<Self> {
        let account = Durable::open(data_dir, "queues.json")?;
        Ok(Self { account, clock, endpoint, changed: Notify::new() })
    }

    /// Every queue with all its messages, for the local page.
    pub(super) fn listing(&self) -> Vec<QueueListing> {
        if let Err(fault) = self.settle() {
            tracing::warn!(reason = fault.message(), "the queues could not be settled");
        }
        let now = self.now();
        self.account.read(|account| account.listing(now))
    }

    /// How many messages are not handled yet: dead letters apart.
    pub(super) fn left(&self) -> usize {
        if let Err(fault) = self.settle() {
            tracing::warn!(reason = fault.message(), "the queues could not be settled");
        }
        self.account.read(Account::left)
    }

    fn now(&self) -> i64 {
        self.clock.now().as_millis()
    }

    /// Does what time alone does to the queues, if there is anything to do.
    fn settle(&self) -> Result<(), Fault> {
        let now = self.now();
        if self.account.read(|account| account.is_settled(now)) {
            return Ok(());
        }
        self.change(|_, _| Ok(()))
    }

    /// Changes the queues, after what time alone does to them was done.
    fn change<R>(
        &self,
        change: impl FnOnce(&mut Account, i64) -> Result<R, Fault>,
    ) -> Result<R, Fault> {
        let now = self.now();
        self.account.change_checked(|account| {
            account.settle(now);
            change(account, now)
        })
    }

    fn url(&self, name: &str) -> Value {
        json!({ "QueueUrl": format!("{}/{}/{name}", self.endpoint, super::wire::ACCOUNT) })
    }

    fn create_queue(&self, request: CreateQueueRequest) -> Result<Value, Fault> {
        self.change(|account, now| {
            account.create(&request.queue_name, Attributes(request.attributes), now)
        })?;
        Ok(self.url(&request.queue_name))
    }

    fn get_queue_url(&self, request: &GetQueueUrlRequest) -> Result<Value, Fault> {
        self.account.read(|account| account.queue(&request.queue_name).map(|_| ()))?;
        Ok(self.url(&request.queue_name))
    }

    fn get_queue_attributes(&self, request: &GetQueueAttributesRequest) -> Result<Value, Fault> {
        self.settle()?;
        self.account.read(|account| {
            let mut shown = account.queue(&request.queue_url)?.describe(self.now());
            let wanted = &request.attribute_names;
            if !wanted.iter().any(|name| name == "All") {
                shown.retain(|name, _| wanted.iter().any(|wanted| wanted == name));
            }
            Ok(json!({ "Attributes": shown }))
        })
    }

    fn set_queue_attributes(&self, request: SetQueueAttributesRequest) -> Result<Value, Fault> {
        self.change(|account, now| {
            account.set_attributes(&request.queue_url, Attributes(request.attributes), now)?;
            Ok(json!({}))
        })
    }

    fn send_message(&self, request: &SendMessageRequest) -> Result<Value, Fault> {
        self.change(|account, now| account.send(&request.queue_url, &request.message, now))
    }

    fn send_message_batch(&self, request: &SendMessageBatchRequest) -> Result<Value, Fault> {
        batch::check(request.entries.iter().map(|entry| entry.id.as_str()))?;
        let total = request.entries.iter().map(|entry| entry.message.message_body.len()).sum();
        batch::check_size(total)?;
        self.change(|account, now| {
            account.queue(&request.queue_url)?;
            Ok(batch::answer(request.entries.iter().map(|entry| {
                (entry.id.as_str(), account.send(&request.queue_url, &entry.message, now))
            })))
        })
    }

    async fn receive_message(&self, request: &ReceiveMessageRequest) -> Result<Value, Fault> {
        request.check()?;
        let wait = match request.wait_time_seconds {
            Some(wait) => wait,
            None => self.account.read(|account| {
                let queue = account.queue(&request.queue_url)?;
                Ok::<_, Fault>(queue.attributes.wait_seconds())
            })?,
        };
        // The wait ends by the stack's clock or by real time, whichever is first.
        let until = Instant::now() + Duration::from_secs(u64::try_from(wait).unwrap_or(0));
        let clock_until = self.now() + wait * 1000;
        loop {
            let changed = self.changed.notified();
            let messages = self.try_receive(request)?;
            let over = Instant::now() >= until || self.now() >= clock_until;
            if over || !messages.is_empty() {
                return Ok(json!({ "Messages": messages }));
            }
            let pause = LOOK_EVERY.min(until.saturating_duration_since(Instant::now()));
            let _ = tokio::time::timeout(pause, changed).await;
        }
    }

    fn try_receive(&self, request: &ReceiveMessageRequest) -> Result<Vec<Value>, Fault> {
        self.settle()?;
        let now = self.now();
        let nothing = self.account.read(|account| {
            account.queue(&request.queue_url).map(|queue| queue.deliverable(now).is_empty())
        })?;
        if nothing {
            return Ok(Vec::new());
        }
        self.change(|account, now| {
            let queue = account.queue_mut(&request.queue_url)?;
            let limit = request.max_number_of_messages.unwrap_or(1);
            let visibility = request.visibility_timeout;
            let received = queue.receive(limit, visibility, now)?;
            let shown = |message: &Message| message.received(&request.attributes());
            Ok(received.iter().map(shown).collect())
        })
    }

    fn delete_message(&self, request: &DeleteMessageRequest) -> Result<Value, Fault> {
        self.change(|account, now| {
            let queue = account.queue_mut(&request.queue_url)?;
            queue.delete(&request.receipt_handle, now)?;
            Ok(json!({}))
        })
    }

    fn delete_message_batch(&self, request: &DeleteMessageBatchRequest) -> Result<Value, Fault> {
        batch::check(request.entries.iter().map(|entry| entry.id.as_str()))?;
        self.change(|account, now| {
            let queue = account.queue_mut(&request.queue_url)?;
            Ok(batch::answer(request.entries.iter().map(|entry| {
                let deleted = queue.delete(&entry.receipt_handle, now);
                (entry.id.as_str(), deleted.map(|()| json!({})))
            })))
        })
    }

    fn change_message_visibility(
        &self,
        request: &ChangeMessageVisibilityRequest,
    ) -> Result<Value, Fault> {
        self.change(|account, now| {
            let queue = account.queue_mut(&request.queue_url)?;
            queue.change_visibility(&request.receipt_handle, request.visibility_timeout, now)?;
            Ok(json!({}))
        })
    }

    fn purge_queue(&self, request: &QueueRequest) -> Result<Value, Fault> {
        self.change(|account, _| {
            account.queue_mut(&request.queue_url)?.messages.clear();
            Ok(json!({}))
        })
    }

    fn start_message_move_task(
        &self,
        request: &StartMessageMoveTaskRequest,
    ) -> Result<Value, Fault> {
        self.change(|account, now| {
            let to = request.destination_arn.as_deref();
            let handle = account.move_messages(&request.source_arn, to, now)?;
            Ok(json!({ "TaskHandle": handle }))
        })
    }

    fn list_message_move_tasks(
        &self,
        request: &ListMessageMoveTasksRequest,
    ) -> Result<Value, Fault> {
        let limit = request.max_results.unwrap_or(1);
        self.account.read(|account| {
            let tasks = account.move_tasks(&request.source_arn)?;
            let listed: Vec<Value> = tasks.take(limit).map(MoveTask::listed).collect();
            Ok(json!({ "Results": listed }))
        })
    }
}

/// A mistake that the API reference names, in SQS's newer and older form.
fn fault(code: &'static str, query_code: &'static str, message: impl Into<String>) -> Fault {
    Fault::with_query_code(code, query_code, message)
}

fn invalid_value(message: impl Into<String>) -> Fault {
    fault("InvalidParameterValue", "InvalidParameterValue", message)
}
