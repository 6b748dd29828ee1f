//! SQS through its SDK.

mod delivery;
mod limits;

use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{Message, MessageSystemAttributeName, QueueAttributeName};

use super::MessageState;
use crate::aws::testing::{Stack, TempDir, error_code, sqs};

const DEAD_ARN: &str = "arn:aws:sqs:us-east-1:000000000000:dead.fifo";
const WORK_ARN: &str = "arn:aws:sqs:us-east-1:000000000000:work.fifo";
const INVALID: &str = "InvalidParameterValue";

/// A stack with the queue `work.fifo` and its dead-letter queue.
struct Queues {
    stack: Stack,
    client: Client,
    work: String,
    dead: String,
}

impl Queues {
    async fn start() -> Self {
        let stack = Stack::start().await;
        let client = sqs(&stack.aws);
        let dead = create(&client, "dead.fifo", &[]).await.unwrap();
        let redrive = format!(r#"{{"deadLetterTargetArn":"{DEAD_ARN}","maxReceiveCount":2}}"#);
        let attributes = [
            (QueueAttributeName::RedrivePolicy, redrive.as_str()),
            (QueueAttributeName::VisibilityTimeout, "60"),
        ];
        let work = create(&client, "work.fifo", &attributes).await.unwrap();
        Self { stack, client, work, dead }
    }

    fn pass(&self, seconds: u64) {
        self.stack.clock.advance(Duration::from_secs(seconds));
    }

    /// Sends `group`/`dedup` with the latter as body; answers the message id.
    async fn send(&self, group: &str, dedup: &str) -> String {
        let call = self.client.send_message().queue_url(&self.work).message_body(dedup);
        let call = call.message_group_id(group).message_deduplication_id(dedup);
        call.send().await.unwrap().message_id.unwrap()
    }

    async fn receive(&self, count: i32) -> Vec<Message> {
        receive(&self.client, &self.work, count).await
    }

    async fn delete(&self, message: &Message) -> String {
        let call = self.client.delete_message().queue_url(&self.work);
        let call = call.set_receipt_handle(message.receipt_handle.clone());
        error_code(call.send().await)
    }

    /// Receives the one waiting message until it goes to the dead-letter queue.
    async fn bury(&self) {
        for _ in 0..2 {
            assert_eq!(self.receive(1).await.len(), 1);
            self.pass(60);
        }
    }
}

async fn create(
    client: &Client,
    name: &str,
    attributes: &[(QueueAttributeName, &str)],
) -> Result<String, String> {
    let mut call = client.create_queue().queue_name(name);
    call = call.attributes(QueueAttributeName::FifoQueue, "true");
    for (name, value) in attributes {
        call = call.attributes(name.clone(), *value);
    }
    match call.send().await {
        Ok(created) => Ok(created.queue_url.unwrap()),
        Err(error) => Err(error_code::<(), _>(Err(error))),
    }
}

async fn receive(client: &Client, url: &str, count: i32) -> Vec<Message> {
    let call = client.receive_message().queue_url(url).max_number_of_messages(count);
    let call = call.message_system_attribute_names(MessageSystemAttributeName::All);
    call.send().await.unwrap().messages.unwrap_or_default()
}

fn bodies(messages: &[Message]) -> Vec<&str> {
    messages.iter().map(|message| message.body.as_deref().unwrap()).collect()
}

fn attribute(message: &Message, name: &MessageSystemAttributeName) -> String {
    message.attributes.as_ref().unwrap()[name].clone()
}

#[tokio::test]
async fn a_queue_is_found_by_name_and_made_once() {
    let queues = Queues::start().await;
    let client = &queues.client;
    let found = client.get_queue_url().queue_name("work.fifo").send().await.unwrap();
    assert_eq!(found.queue_url.unwrap(), queues.work);
    let missing = client.get_queue_url().queue_name("none.fifo").send().await;
    assert!(missing.as_ref().err().unwrap().as_service_error().unwrap().is_queue_does_not_exist());
    assert_eq!(error_code(missing), "AWS.SimpleQueueService.NonExistentQueue");

    let timeout = QueueAttributeName::VisibilityTimeout;
    let again = create(client, "work.fifo", &[(timeout.clone(), "60")]).await;
    assert_eq!(again, Ok(queues.work.clone()));
    let other = create(client, "work.fifo", &[(timeout, "61")]).await;
    assert_eq!(other, Err("QueueAlreadyExists".to_owned()));
    let standard = client.create_queue().queue_name("standard").send().await;
    assert_eq!(error_code(standard), INVALID);
    let redrive = r#"{"deadLetterTargetArn":"arn:aws:sqs:r:a:none.fifo","maxReceiveCount":2}"#;
    let dangling = create(client, "x.fifo", &[(QueueAttributeName::RedrivePolicy, redrive)]).await;
    assert_eq!(dangling, Err(INVALID.to_owned()));
}

#[tokio::test]
async fn a_message_arrives_with_its_attributes() {
    let queues = Queues::start().await;
    let id = queues.send("chat", "one").await;
    let received = queues.receive(10).await;
    let message = &received[0];
    assert_eq!(message.message_id.as_ref(), Some(&id));
    assert_eq!(message.md5_of_body.as_deref(), Some("f97c5d29941bfb1b2fdab0874906ab82"));
    let expected = [
        (MessageSystemAttributeName::MessageGroupId, "chat"),
        (MessageSystemAttributeName::MessageDeduplicationId, "one"),
        (MessageSystemAttributeName::ApproximateReceiveCount, "1"),
        (MessageSystemAttributeName::SentTimestamp, "1800000000000"),
        (MessageSystemAttributeName::SequenceNumber, "00000000000000000001"),
    ];
    for (name, value) in expected {
        assert_eq!(attribute(message, &name), value, "{name:?}");
    }
    let plain = queues.client.receive_message().queue_url(&queues.dead).send().await.unwrap();
    assert!(plain.messages.unwrap_or_default().is_empty());
}

#[tokio::test]
async fn a_message_received_too_often_goes_to_the_dead_letter_queue() {
    let queues = Queues::start().await;
    queues.send("a", "bad").await;
    queues.send("a", "good").await;
    queues.bury().await;
    assert_eq!(bodies(&queues.receive(10).await), ["good"], "the group goes on");
    let dead = receive(&queues.client, &queues.dead, 10).await;
    assert_eq!(bodies(&dead), ["bad"]);
    let source = MessageSystemAttributeName::DeadLetterQueueSourceArn;
    assert_eq!(attribute(&dead[0], &source), WORK_ARN);
}

#[tokio::test]
async fn dead_messages_move_back_as_new_ones() {
    let queues = Queues::start().await;
    let id = queues.send("a", "bad").await;
    queues.bury().await;
    let start = |arn: &str| queues.client.start_message_move_task().source_arn(arn).send();
    assert_eq!(error_code(start(WORK_ARN).await), INVALID, "not a dead-letter queue");
    start(DEAD_ARN).await.unwrap();
    let received = queues.receive(10).await;
    assert_eq!(bodies(&received), ["bad"]);
    assert_ne!(received[0].message_id.as_ref(), Some(&id));
    let count = MessageSystemAttributeName::ApproximateReceiveCount;
    assert_eq!(attribute(&received[0], &count), "1");
    assert!(receive(&queues.client, &queues.dead, 10).await.is_empty());

    let tasks = queues.client.list_message_move_tasks().source_arn(DEAD_ARN).send().await;
    let tasks = tasks.unwrap().results.unwrap();
    assert_eq!(tasks[0].status.as_deref(), Some("COMPLETED"));
    assert_eq!(tasks[0].approximate_number_of_messages_moved, 1);
}

#[tokio::test]
async fn the_listing_and_the_attributes_tell_where_messages_are() {
    let queues = Queues::start().await;
    queues.send("a", "bad").await;
    queues.bury().await;
    queues.send("b", "flying").await;
    queues.receive(1).await;
    queues.send("b", "waiting").await;

    let listing = queues.stack.aws.queues();
    let [dead, work] = listing.as_slice() else { panic!("two queues") };
    assert_eq!((dead.name.as_str(), dead.waiting, dead.in_flight), ("dead.fifo", 1, 0));
    assert_eq!(dead.dead_letters_of, ["work.fifo"]);
    assert_eq!((dead.messages[0].body.as_str(), dead.messages[0].receive_count), ("bad", 2));
    assert_eq!((work.waiting, work.in_flight), (1, 1));
    let states: Vec<MessageState> = work.messages.iter().map(|message| message.state).collect();
    assert_eq!(states, [MessageState::InFlight, MessageState::Waiting]);

    let call = queues.client.get_queue_attributes().queue_url(&queues.work);
    let shown = call.attribute_names(QueueAttributeName::All).send().await.unwrap();
    let shown = shown.attributes.unwrap();
    assert_eq!(shown[&QueueAttributeName::QueueArn], WORK_ARN);
    assert_eq!(shown[&QueueAttributeName::ApproximateNumberOfMessages], "1");
    assert_eq!(shown[&QueueAttributeName::ApproximateNumberOfMessagesNotVisible], "1");

    queues.client.purge_queue().queue_url(&queues.work).send().await.unwrap();
    assert!(queues.stack.aws.queues()[1].messages.is_empty());
}

#[tokio::test]
async fn messages_expire_when_their_retention_has_passed() {
    let queues = Queues::start().await;
    queues.send("a", "old").await;
    queues.pass(345_600);
    assert!(queues.receive(10).await.is_empty());
    assert!(queues.stack.aws.queues()[1].messages.is_empty());
}

#[tokio::test]
async fn messages_outlive_the_process_in_flight_or_not() {
    let dir = TempDir::new();
    let stack = Stack::start_in(Some(dir.path())).await;
    let client = sqs(&stack.aws);
    let url = create(&client, "work.fifo", &[]).await.unwrap();
    for dedup in ["one", "two"] {
        let call = client.send_message().queue_url(&url).message_body(dedup);
        let call = call.message_group_id("a").message_deduplication_id(dedup);
        call.send().await.unwrap();
    }
    let received = receive(&client, &url, 1).await;
    drop(stack);

    let stack = Stack::start_in(Some(dir.path())).await;
    let client = sqs(&stack.aws);
    let url = create(&client, "work.fifo", &[]).await.unwrap();
    assert!(receive(&client, &url, 10).await.is_empty(), "still in flight");
    let call = client.delete_message().queue_url(&url);
    let call = call.set_receipt_handle(received[0].receipt_handle.clone());
    call.send().await.unwrap();
    assert_eq!(bodies(&receive(&client, &url, 10).await), ["two"]);
}
