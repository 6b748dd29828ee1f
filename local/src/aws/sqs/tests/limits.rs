//! Batches, and messages that are refused.

use aws_sdk_sqs::types::{DeleteMessageBatchRequestEntry, SendMessageBatchRequestEntry};

use super::{INVALID, Queues};
use crate::aws::testing::error_code;

#[tokio::test]
async fn at_most_ten_are_received_and_sent_at_once() {
    let queues = Queues::start().await;
    let entry = |number: usize| {
        let entry = SendMessageBatchRequestEntry::builder().id(format!("e{number}"));
        let entry = entry.message_body("x").message_group_id(format!("g{number}"));
        entry.message_deduplication_id(format!("d{number}")).build().unwrap()
    };
    let batch = |numbers: std::ops::Range<usize>| {
        let entries = numbers.map(entry).collect();
        let call = queues.client.send_message_batch().queue_url(&queues.work);
        call.set_entries(Some(entries)).send()
    };
    assert_eq!(batch(0..10).await.unwrap().successful.len(), 10);
    assert_eq!(batch(10..15).await.unwrap().successful.len(), 5);
    let too_many = "AWS.SimpleQueueService.TooManyEntriesInBatchRequest";
    assert_eq!(error_code(batch(20..31).await), too_many);
    assert_eq!(error_code(batch(0..0).await), "AWS.SimpleQueueService.EmptyBatchRequest");

    let eleven = queues.client.receive_message().queue_url(&queues.work);
    assert_eq!(error_code(eleven.max_number_of_messages(11).send().await), INVALID);
    let received = queues.receive(10).await;
    assert_eq!(received.len(), 10);
    assert_eq!(queues.receive(10).await.len(), 5);

    let entries = received.iter().enumerate().map(|(number, message)| {
        let entry = DeleteMessageBatchRequestEntry::builder().id(format!("e{number}"));
        let handle = if number == 0 { "nonsense" } else { message.receipt_handle().unwrap() };
        entry.receipt_handle(handle).build().unwrap()
    });
    let call = queues.client.delete_message_batch().queue_url(&queues.work);
    let deleted = call.set_entries(Some(entries.collect())).send().await.unwrap();
    assert_eq!(deleted.successful.len(), 9);
    assert_eq!(deleted.failed[0].id, "e0");
    assert_eq!(deleted.failed[0].code, "ReceiptHandleIsInvalid");
}

#[tokio::test]
async fn an_entry_that_is_refused_does_not_keep_the_others_back() {
    let queues = Queues::start().await;
    let entry = |id: &str, body: &str| {
        let entry = SendMessageBatchRequestEntry::builder().id(id).message_body(body);
        entry.message_group_id("a").message_deduplication_id(id).build().unwrap()
    };
    let call = queues.client.send_message_batch().queue_url(&queues.work);
    let call = call.entries(entry("good", "x")).entries(entry("bad", "\u{1}"));
    let answer = call.send().await.unwrap();
    assert_eq!(answer.successful[0].id, "good");
    assert_eq!(answer.failed[0].code, "InvalidMessageContents");
    assert_eq!(queues.receive(10).await.len(), 1);
}

#[tokio::test]
async fn malformed_messages_are_refused() {
    let queues = Queues::start().await;
    let send = |group: Option<&str>, dedup: &str, body: &str| {
        let call = queues.client.send_message().queue_url(&queues.work).message_body(body);
        let call = call.set_message_group_id(group.map(str::to_owned));
        call.message_deduplication_id(dedup).send()
    };
    let long = "x".repeat(1_048_577);
    let cases = [
        (None, "d", "x", "MissingParameter"),
        (Some(""), "d", "x", INVALID),
        (Some("a b"), "d", "x", INVALID),
        (Some("a"), "d\n", "x", INVALID),
        (Some("a"), "d", "", INVALID),
        (Some("a"), "d", "\u{FFFF}", "InvalidMessageContents"),
        (Some("a"), "d", long.as_str(), INVALID),
    ];
    for (group, dedup, body, code) in cases {
        assert_eq!(error_code(send(group, dedup, body).await), code, "{group:?} {dedup:?}");
    }
}
