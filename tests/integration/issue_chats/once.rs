//! One request, one chat: repeated, at once, and after every way of getting lost.

use std::{collections::BTreeSet, time::Duration};

use serde_json::{Value, json};
use tandem_local::sandbox::gate::Strike;

use super::{Hands, ISSUE, SECOND_ISSUE, answer, error, refusal};
use crate::support::{World, world};

const CHATS: &str = "/graph/v1.0/chats";
const LINKS: &str = "/atlassian/api/ex/jira/";

/// Longer than an attempt may take before a repetition takes over.
const LEASE_OVER: Duration = Duration::from_secs(41);

impl Hands<'_> {
    /// Starts a chat with Ben under a key.
    async fn start_once(&self, world: &World, issue: &str, key: &str) -> (u16, Value) {
        answer(self.start(issue, &[&world.ben.account]).header("idempotency-key", key)).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_makes_one_chat_and_other_keys_others() {
    let world = world().await;
    world.more_issues();
    let (ada, ben) = (world.hands_of(&world.ada).await, world.hands_of(&world.ben).await);
    let before = world.chats().len();
    let (status, first) = ada.start_once(&world, ISSUE, "one").await;
    assert_eq!((status, world.chats().len()), (201, before + 1));
    for minutes in [0, 6, 300] {
        world.stack.clock.advance(Duration::from_mins(minutes));
        let again = ada.start_once(&world, ISSUE, "one").await;
        assert_eq!(again, (200, first.clone()), "{minutes} minutes later");
        assert_eq!(world.chats().len(), before + 1);
    }
    assert_eq!(world.stack.items_of("chat_link").await.len(), before + 1);
    assert_eq!(world.remote_links(ISSUE).await.len(), before + 1, "one for each chat");
    let members = [world.ada.account.as_str(), &world.ben.account];
    let by_ben = answer(ben.start(ISSUE, &members).header("idempotency-key", "one")).await;
    let others = [
        ada.start_once(&world, ISSUE, "two").await,
        ada.start_once(&world, SECOND_ISSUE, "one").await,
        by_ben,
        answer(ada.start(ISSUE, &[&world.ben.account])).await,
        answer(ada.start(ISSUE, &[&world.ben.account])).await,
    ];
    let mut ids = BTreeSet::from([first["chatId"].to_string()]);
    for (status, made) in others {
        assert_eq!(status, 201);
        assert!(ids.insert(made["chatId"].to_string()), "{made}");
    }
    assert_eq!(world.chats().len(), before + 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_no_key_is_400() {
    let world = world().await;
    let ada = world.hands_of(&world.ada).await;
    for key in [String::new(), "k".repeat(256)] {
        let start = ada.start(ISSUE, &[&world.ben.account]).header("idempotency-key", &key);
        assert_eq!(refusal(start).await, error(400, "invalid_idempotency_key"), "{}", key.len());
    }
    assert_eq!(ada.start_once(&world, ISSUE, &"k".repeat(255)).await.0, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_request_many_times_at_once_makes_one_chat() {
    let world = world().await;
    let ada = world.hands_of(&world.ada).await;
    let before = world.chats().len();
    let sent: Vec<_> = (0..8)
        .map(|_| {
            let start = ada.start(ISSUE, &[&world.ben.account]).header("idempotency-key", "k");
            tokio::spawn(answer(start))
        })
        .collect();
    let mut ids = BTreeSet::new();
    for sent in sent {
        let (status, made) = sent.await.unwrap();
        match status {
            200 | 201 => assert!(ids.insert(made["chatId"].to_string()) || ids.len() == 1),
            other => assert_eq!((other, &made["code"]), (409, &json!("request_in_progress"))),
        }
    }
    assert_eq!((ids.len(), world.chats().len()), (1, before + 1));
    assert_eq!(world.stack.items_of("chat_link").await.len(), before + 1);
    assert_eq!(ada.start_once(&world, ISSUE, "k").await.0, 200);
    assert_eq!(world.chats().len(), before + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_whose_making_was_not_answered_is_found_again() {
    let world = world().await;
    let ada = world.hands_of(&world.ada).await;
    // A chat of the same people and topic, made just before, is another one.
    let (_, earlier) = ada.start_once(&world, ISSUE, "earlier").await;
    let before = world.chats().len();
    world.fail("POST", CHATS, "/chats", Strike::After, 502, 1);
    assert_eq!(ada.start_once(&world, ISSUE, "k").await.0, 503);
    assert_eq!(world.chats().len(), before + 1, "Teams made it");
    assert_eq!(world.stack.items_of("chat_link").await.len(), before, "nobody noted it");
    // The first attempt might still be at work.
    let (status, busy) = ada.start_once(&world, ISSUE, "k").await;
    assert_eq!((status, &busy["code"]), (409, &json!("request_in_progress")));

    world.stack.clock.advance(LEASE_OVER);
    let (status, made) = ada.start_once(&world, ISSUE, "k").await;
    assert_eq!((status, world.chats().len()), (201, before + 1), "{made}");
    assert_ne!(made["chatId"], earlier["chatId"]);
    assert_eq!(made["chatId"], world.chats().last().unwrap().id);
    assert_eq!(world.stack.items_of("chat_link").await.len(), before + 1);
    assert_eq!(world.stack.microsoft.subscriptions().len(), before + 1);
    assert_eq!(ada.start_once(&world, ISSUE, "k").await, (200, made));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_never_reached_teams_is_made_by_the_repetition() {
    let world = world().await;
    let ada = world.hands_of(&world.ada).await;
    let before = world.chats().len();
    for (key, status, wait) in [
        ("down", 503, LEASE_OVER),
        ("throttled", 429, Duration::ZERO),
        ("refused", 400, Duration::ZERO),
    ] {
        let made = world.chats().len();
        world.fail("POST", CHATS, "/chats", Strike::Before, status, 1);
        let failed = ada.start_once(&world, ISSUE, key).await;
        assert_eq!(failed.0, if status == 400 { 500 } else { 503 }, "{key}");
        world.stack.clock.advance(wait);
        assert_eq!(ada.start_once(&world, ISSUE, key).await.0, 201, "{key}");
        assert_eq!(world.chats().len(), made + 1, "{key}");
    }
    assert_eq!(world.chats().len(), before + 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn throttled_after_the_fact_still_makes_one_chat() {
    let world = world().await;
    let ada = world.hands_of(&world.ada).await;
    let before = world.chats().len();
    world.fail("POST", CHATS, "/chats", Strike::After, 429, 1);
    assert_eq!(ada.start_once(&world, ISSUE, "k").await.0, 503);
    assert_eq!(ada.start_once(&world, ISSUE, "k").await.0, 201);
    assert_eq!(world.chats().len(), before + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_was_left_undone_is_told_and_done_by_the_repetition() {
    let world = world().await;
    let ada = world.hands_of(&world.ada).await;
    let before = world.remote_links(ISSUE).await.len();
    for (key, path, end, left_undone) in [
        ("jira", LINKS, "/remotelink", "shownInIssue"),
        ("graph", "/graph/v1.0/subscriptions", "/subscriptions", "listening"),
    ] {
        world.fail("POST", path, end, Strike::Before, 503, 2);
        for expected in [201, 200] {
            let (status, made) = ada.start_once(&world, ISSUE, key).await;
            assert_eq!((status, &made[left_undone]), (expected, &json!(false)), "{key} {made}");
            // Graph is asked again no sooner than upkeep would.
            world.stack.clock.advance(Duration::from_mins(6));
        }
        let (status, done) = ada.start_once(&world, ISSUE, key).await;
        assert_eq!(
            (status, &done["shownInIssue"], &done["listening"]),
            (200, &json!(true), &json!(true))
        );
    }
    assert_eq!(world.remote_links(ISSUE).await.len(), before + 2);
    assert_eq!(world.stack.microsoft.subscriptions().len(), world.chats().len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_in_the_issue_that_was_made_twice_stands_there_once() {
    let world = world().await;
    let ada = world.hands_of(&world.ada).await;
    let before = world.remote_links(ISSUE).await.len();
    world.fail("POST", LINKS, "/remotelink", Strike::After, 502, 1);
    let (status, made) = ada.start_once(&world, ISSUE, "k").await;
    assert_eq!((status, &made["shownInIssue"]), (201, &json!(false)));
    let (status, made) = ada.start_once(&world, ISSUE, "k").await;
    assert_eq!((status, &made["shownInIssue"]), (200, &json!(true)));
    assert_eq!(world.remote_links(ISSUE).await.len(), before + 1);
}
