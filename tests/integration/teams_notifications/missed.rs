//! After a gap in a chat's notifications, what was missed is read and carried over.

use std::time::Duration;

use serde_json::json;
use tandem_domain::{ChatId, Clock, ObjectId, TenantId, Timestamp};
use tandem_local::sandbox::{gate::Strike, microsoft::LifecycleEvent};
use tandem_store::ChatSubscription;

use crate::{
    erase::stops::{Stop, stop_after},
    support::{TENANT, World, talk::words, world},
};

impl World {
    /// Graph removes the chat's subscription and says so.
    async fn removed(&self) {
        for subscription in self.stack.microsoft.subscriptions() {
            self.stack
                .microsoft
                .send_lifecycle(&subscription.id, LifecycleEvent::SubscriptionRemoved);
        }
        self.stack.settled().await;
        assert!(self.stack.microsoft.subscriptions().is_empty());
    }

    /// What the comments say, oldest first.
    fn said(&self) -> Vec<String> {
        self.comments().iter().map(words).collect()
    }

    /// How often the chat's changed messages were read for the gap: not by deliveries, which look for
    /// what was written before theirs since the chat was linked.
    async fn readings(&self) -> usize {
        let link = self.stack.items_of("chat_link").await.remove(0);
        let linked: i64 = link["created_at"]["N"].as_str().unwrap().parse().unwrap();
        let linked = Timestamp::from_millis(linked).to_rfc3339();
        let recorded = self.stack.gate.recorded();
        let changed = recorded.iter().filter(|it| {
            let query = it.query.replace("%3A", ":");
            it.method == "GET" && query.contains("lastModified") && !query.contains(&linked)
        });
        changed.count()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_written_edited_and_deleted_meanwhile_arrives_once_and_in_order() {
    let world = world().await;
    let edited = world.write(&world.ben, "The first wording").await;
    let deleted = world.write(&world.ben, "To be taken back").await;
    world.stack.settled().await;
    world.stack.clock.advance(Duration::from_mins(10));
    world.removed().await;

    world.write(&world.ben, "One").await;
    let edit = json!({"action": "edit", "messageId": edited, "text": "The second wording"});
    world.in_teams(&world.ben, edit).await;
    let brief = world.write(&world.ben, "Written and taken back").await;
    world.in_teams(&world.ben, json!({"action": "delete", "messageId": brief})).await;
    let two = world.write(&world.ben, "Tow").await;
    let edit = json!({"action": "edit", "messageId": two, "text": "Two"});
    world.in_teams(&world.ben, edit).await;
    world.in_teams(&world.ben, json!({"action": "delete", "messageId": deleted})).await;
    world.stack.settled().await;
    assert_eq!(world.said(), ["The first wording", "To be taken back"], "nobody told");

    let report = world.stack.upkeep().await;
    assert_eq!((report.subscriptions_renewed, report.failures), (1, 0));
    world.stack.settled().await;
    let expected = ["The second wording", "One", "Two"];
    assert_eq!(world.said(), expected);
    assert_eq!(world.readings().await, 1);

    // The same gap once more: all of it is known.
    world.removed().await;
    let mut item = world.subscribed().await;
    item.complete_until = Some(world.stack.clock.now().minus(Duration::from_hours(1)));
    world.stack.app.store.put_chat_subscription(&item).await.unwrap();
    world.stack.upkeep().await;
    world.stack.settled().await;
    assert_eq!((world.said(), world.readings().await), (expected.map(str::to_owned).into(), 2));
}

impl World {
    async fn subscribed(&self) -> ChatSubscription {
        let (tenant, chat) = (TenantId::parse(TENANT).unwrap(), ChatId::parse(&self.chat).unwrap());
        self.stack.app.store.find_chat_subscription(&tenant, &chat).await.unwrap().unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_notifications_told_as_well_is_not_said_twice() {
    let world = world().await;
    let message = world.write(&world.ben, "Once").await;
    world.stack.settled().await;
    let edit = json!({"action": "edit", "messageId": message, "text": "Only once"});
    world.in_teams(&world.ben, edit).await;
    world.comment(&world.ben, "From Jira").await;
    world.stack.settled().await;
    let (said, messages) = (world.said(), world.messages().len());
    // Graph wants the subscription reauthorized, and goes on telling until then.
    let subscription = world.stack.microsoft.subscriptions().remove(0);
    world.stack.microsoft.send_lifecycle(&subscription.id, LifecycleEvent::ReauthorizationRequired);
    world.write(&world.ben, "Told and read").await;
    world.stack.settled().await;
    assert_eq!(world.stack.upkeep().await.subscriptions_renewed, 1);
    world.stack.settled().await;
    assert_eq!(world.readings().await, 1);
    assert_eq!(world.said(), [&said[..], &["Told and read".to_owned()]].concat());
    assert_eq!(world.messages().len(), messages + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_that_ran_out_unnoticed_leaves_nothing_unsaid() {
    let world = world().await;
    world.stack.clock.advance(Duration::from_hours(80));
    world.stack.microsoft.settled().await;
    world.write(&world.ben, "While nobody heard").await;
    world.stack.settled().await;
    assert_eq!(world.said(), Vec::<String>::new());
    assert_eq!(world.stack.upkeep().await.subscriptions_renewed, 1);
    world.stack.settled().await;
    assert_eq!(world.said(), ["While nobody heard"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_a_page_is_read_whole_and_in_order() {
    let world = world().await;
    world.removed().await;
    let texts: Vec<String> = (0..60).map(|number| format!("Message {number}")).collect();
    for text in &texts {
        world.write(&world.ben, text).await;
    }
    world.stack.upkeep().await;
    world.stack.settled().await;
    assert_eq!(world.readings().await, 2);
    assert_eq!(world.said(), texts);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reading_that_fails_is_done_again_and_the_new_subscription_kept() {
    let world = world().await;
    world.removed().await;
    world.write(&world.ben, "In the end").await;
    world.fail("GET", "/graph/v1.0/chats/", "/messages", Strike::Before, 503, 1);
    assert_eq!(world.stack.upkeep().await.failures, 1);
    world.stack.clock.advance(Duration::from_mins(6));
    assert_eq!(world.stack.upkeep().await.subscriptions_renewed, 1);
    world.stack.settled().await;
    assert_eq!(world.said(), ["In the end"]);
    assert_eq!(world.stack.microsoft.subscriptions().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_stops_between_reading_and_handing_over_loses_nothing() {
    let world = world().await;
    let mut expected = Vec::new();
    for steps in (1..).step_by(4) {
        world.removed().await;
        let text = format!("Stopped after {steps}");
        world.write(&world.ben, &text).await;
        expected.push(text);
        let done = stop_after(steps, Stop::Answered, world.stack.upkeep()).await;
        // What was handed over is carried before time goes on: no delivery lasts for minutes.
        world.stack.settled().await;
        world.stack.clock.advance(Duration::from_mins(6));
        world.stack.upkeep().await;
        world.stack.settled().await;
        assert_eq!(world.said(), expected);
        if done.is_some() {
            break;
        }
    }
    eprintln!("a run that reads a gap: stopped at {} points", expected.len() - 1);
    assert!(expected.len() > 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_is_put_off_and_keeps_nobody_waiting() {
    let world = world().await;
    let now = world.stack.clock.now();
    for number in 0..60 {
        let item = ChatSubscription {
            renew_at: now.minus(Duration::from_hours(1)),
            ..ChatSubscription::to_be_made(
                TenantId::parse(TENANT).unwrap(),
                ChatId::parse(&format!("19:{number:032x}@thread.v2")).unwrap(),
                ObjectId::parse("0b0b0b0b-0000-4000-8000-00000000000a").unwrap(),
                now,
            )
        };
        world.stack.app.store.put_chat_subscription(&item).await.unwrap();
    }
    world.removed().await;
    let report = world.stack.upkeep().await;
    assert_eq!((report.subscriptions_renewed, report.failures), (1, 60), "nobody is signed in");
    // Then less and less often, an hour apart in the end.
    let mut failures = Vec::new();
    for _ in 0..24 {
        world.stack.clock.advance(Duration::from_mins(5));
        failures.push(world.stack.upkeep().await.failures / 60);
    }
    let runs: u32 = failures.iter().sum();
    assert!((3..=5).contains(&runs), "{failures:?}");
}
