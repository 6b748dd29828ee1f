//! Order, deduplication and visibility.

use std::time::Duration;

use aws_sdk_sqs::types::{MessageSystemAttributeName, QueueAttributeName};

use super::{INVALID, Queues, attribute, bodies, create, receive};
use crate::aws::testing::error_code;

#[tokio::test]
async fn a_group_is_blocked_while_one_of_it_is_in_flight() {
    let queues = Queues::start().await;
    for (group, dedup) in [("a", "a1"), ("a", "a2"), ("b", "b1"), ("a", "a3")] {
        queues.send(group, dedup).await;
    }
    let first = queues.receive(1).await;
    assert_eq!(bodies(&first), ["a1"]);
    let second = queues.receive(10).await;
    assert_eq!(bodies(&second), ["b1"]);
    assert!(queues.receive(10).await.is_empty());
    assert_eq!(queues.delete(&first[0]).await, "");
    assert_eq!(bodies(&queues.receive(10).await), ["a2", "a3"]);
}

#[tokio::test]
async fn the_order_in_a_group_holds_when_messages_come_back() {
    let queues = Queues::start().await;
    for dedup in ["1", "2", "3"] {
        queues.send("a", dedup).await;
    }
    let received = queues.receive(2).await;
    assert_eq!(bodies(&received), ["1", "2"]);
    // The second is held longer than the first: until it comes back, so does nothing.
    let call = queues.client.change_message_visibility().queue_url(&queues.work);
    let call = call.set_receipt_handle(received[1].receipt_handle.clone());
    call.visibility_timeout(120).send().await.unwrap();
    queues.pass(60);
    assert!(queues.receive(10).await.is_empty());
    queues.pass(60);
    assert_eq!(bodies(&queues.receive(10).await), ["1", "2", "3"]);
}

#[tokio::test]
async fn a_deduplication_id_counts_for_five_minutes() {
    let queues = Queues::start().await;
    let first = queues.send("a", "same").await;
    let received = queues.receive(10).await;
    assert_eq!(queues.delete(&received[0]).await, "");
    queues.pass(299);
    assert_eq!(queues.send("b", "same").await, first, "accepted, not delivered");
    assert!(queues.receive(10).await.is_empty());
    queues.pass(1);
    assert_ne!(queues.send("a", "same").await, first);
    assert_eq!(queues.receive(10).await.len(), 1);
}

#[tokio::test]
async fn content_stands_in_for_a_missing_deduplication_id_where_the_queue_says_so() {
    let queues = Queues::start().await;
    let name = QueueAttributeName::ContentBasedDeduplication;
    let content = create(&queues.client, "content.fifo", &[(name, "true")]).await.unwrap();
    let send = |url: &str, body: &str| {
        let call = queues.client.send_message().queue_url(url).message_body(body);
        call.message_group_id("a").send()
    };
    assert_eq!(error_code(send(&queues.work, "x").await), INVALID);
    for body in ["x", "x", "y"] {
        send(&content, body).await.unwrap();
    }
    assert_eq!(bodies(&receive(&queues.client, &content, 10).await), ["x", "y"]);
}

#[tokio::test]
async fn a_message_comes_back_when_its_visibility_timeout_has_passed() {
    let queues = Queues::start().await;
    queues.send("a", "one").await;
    let first = queues.receive(1).await;
    queues.pass(59);
    assert!(queues.receive(1).await.is_empty());
    queues.pass(1);
    assert_eq!(queues.delete(&first[0]).await, INVALID, "too late");
    let second = queues.receive(1).await;
    let count = MessageSystemAttributeName::ApproximateReceiveCount;
    assert_eq!(attribute(&second[0], &count), "2");
    assert_eq!(queues.delete(&first[0]).await, INVALID, "the older receipt");
    assert_eq!(queues.delete(&second[0]).await, "");
    assert_eq!(queues.delete(&second[0]).await, "", "deleting twice is no error");
}

#[tokio::test]
async fn visibility_can_be_given_up_and_only_in_flight() {
    let queues = Queues::start().await;
    queues.send("a", "one").await;
    let received = queues.receive(1).await;
    let change = |seconds| {
        let call = queues.client.change_message_visibility().queue_url(&queues.work);
        let call = call.set_receipt_handle(received[0].receipt_handle.clone());
        call.visibility_timeout(seconds).send()
    };
    assert_eq!(error_code(change(43_201).await), INVALID);
    change(0).await.unwrap();
    let not_in_flight = "AWS.SimpleQueueService.MessageNotInflight";
    assert_eq!(error_code(change(10).await), not_in_flight);
    assert_eq!(queues.receive(1).await.len(), 1);
    let call = queues.client.change_message_visibility().queue_url(&queues.work);
    let nonsense = call.receipt_handle("nonsense").visibility_timeout(1).send().await;
    assert_eq!(error_code(nonsense), "ReceiptHandleIsInvalid");
}

#[tokio::test]
async fn a_waiting_receiver_gets_a_message_as_soon_as_it_is_sent() {
    let queues = Queues::start().await;
    let call = queues.client.receive_message().queue_url(&queues.work).wait_time_seconds(20);
    let (received, _) = tokio::join!(call.send(), async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        queues.send("a", "one").await
    });
    assert_eq!(bodies(&received.unwrap().messages.unwrap()), ["one"]);
}

#[tokio::test]
async fn a_receiver_waits_no_longer_than_the_clock_says() {
    let queues = Queues::start().await;
    let call = queues.client.receive_message().queue_url(&queues.work).wait_time_seconds(20);
    let (received, ()) = tokio::join!(call.send(), async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        queues.pass(20);
    });
    assert!(received.unwrap().messages.unwrap_or_default().is_empty());
}
