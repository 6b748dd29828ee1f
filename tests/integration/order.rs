//! Order, where the vendors keep none: what is told late stands where it belongs all the same.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use serde_json::json;
use tandem_local::sandbox::weather::{Asked, Fate, Trouble, Weather};

use crate::support::{
    World,
    talk::{html, words},
    world,
};

/// The first thing that a vendor tells comes late; everything behind it in time.
struct FirstIsLate {
    by: Duration,
    told: AtomicUsize,
}

impl Weather for FirstIsLate {
    fn trouble(&self, _: &Asked<'_>) -> Option<Trouble> {
        None
    }

    fn fate(&self, _: u32) -> Fate {
        match self.told.fetch_add(1, Ordering::SeqCst) {
            0 => Fate::IsLate(self.by),
            _ => Fate::Arrives,
        }
    }
}

fn first_is_late(world: &World, by: Duration) {
    let weather = FirstIsLate { by, told: AtomicUsize::new(0) };
    world.stack.gate.sky.set(Some(Arc::new(weather)));
}

/// What the messages of the chat say, by the words they are looked for.
fn order_in_chat(world: &World, wanted: &[&str]) -> Vec<String> {
    let messages = world.messages();
    let word = |html: &str| wanted.iter().find(|word| html.contains(**word));
    messages.iter().filter_map(|it| word(html(it)).map(|word| (*word).to_owned())).collect()
}

/// Waits for something that comes.
async fn until(come: impl AsyncFn() -> bool) {
    let patient_until = std::time::Instant::now() + Duration::from_secs(60);
    while !come().await {
        assert!(std::time::Instant::now() < patient_until, "it never came");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comment_that_is_told_late_stands_before_the_later_ones_and_only_once() {
    let world = world().await;
    world.comment(&world.ben, "alpha").await;
    world.stack.settled().await;
    first_is_late(&world, Duration::from_millis(700));
    for word in ["beta", "gamma", "delta"] {
        world.comment(&world.ben, word).await;
    }
    world.stack.settled().await;
    let all = ["alpha", "beta", "gamma", "delta"];
    assert_eq!(order_in_chat(&world, &all), all);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_told_late_becomes_a_comment_before_the_later_ones_and_only_once() {
    let world = world().await;
    first_is_late(&world, Duration::from_millis(700));
    for word in ["alpha", "beta", "gamma", "delta"] {
        world.write(&world.ben, word).await;
    }
    world.stack.settled().await;
    let said: Vec<String> = world.comments().iter().map(words).collect();
    assert_eq!(said, ["alpha", "beta", "gamma", "delta"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_said_in_the_chat_meanwhile_does_not_hide_a_comment_that_is_told_late() {
    for replies in [&["one"][..], &["one", "two", "three", "four"]] {
        let world = world().await;
        world.comment(&world.ben, "alpha").await;
        world.stack.settled().await;
        first_is_late(&world, Duration::from_secs(3));
        world.comment(&world.ben, "beta").await;
        for reply in replies {
            world.write(&world.ada, reply).await;
            until(async || world.comments().iter().any(|it| words(it) == *reply)).await;
        }
        world.comment(&world.ben, "gamma").await;
        world.stack.settled().await;
        let all = ["alpha", "beta", "gamma"];
        assert_eq!(order_in_chat(&world, &all), all, "behind {replies:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_commented_meanwhile_does_not_hide_a_message_that_is_told_late() {
    for comments in [&["one"][..], &["one", "two", "three", "four"]] {
        let world = world().await;
        world.write(&world.ben, "alpha").await;
        world.stack.settled().await;
        first_is_late(&world, Duration::from_secs(3));
        world.write(&world.ben, "beta").await;
        for comment in comments {
            world.comment(&world.ada, comment).await;
            until(async || order_in_chat(&world, &[comment]).len() == 1).await;
        }
        world.write(&world.ben, "gamma").await;
        world.stack.settled().await;
        let mut said: Vec<String> = world.comments().iter().map(words).collect();
        said.retain(|said| !comments.contains(&said.as_str()));
        assert_eq!(said, ["alpha", "beta", "gamma"], "behind {comments:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comment_that_is_never_told_is_carried_with_the_next_one() {
    let world = world().await;
    // So long that Jira itself would have given up: nothing waits for it.
    first_is_late(&world, Duration::from_hours(10));
    world.comment(&world.ben, "alpha").await;
    world.comment(&world.ada, "beta").await;
    until(async || order_in_chat(&world, &["alpha", "beta"]).len() == 2).await;
    assert_eq!(order_in_chat(&world, &["alpha", "beta"]), ["alpha", "beta"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_written_while_nothing_was_to_cross_is_not_made_up_for() {
    let mut world = world().await;
    world.set(json!({"comment_sync": "off"})).await;
    world.comment(&world.ben, "between us").await;
    world.stack.settled().await;
    world.stack.clock.advance(Duration::from_secs(1));
    world.set(json!({"comment_sync": "both"})).await;
    world.stack.clock.advance(Duration::from_secs(1));
    world.comment(&world.ben, "for all").await;
    world.stack.settled().await;
    assert_eq!(order_in_chat(&world, &["between us", "for all"]), ["for all"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restricted_comment_is_not_made_up_for_either() {
    let world = world().await;
    let restricted = json!({"text": "for the admins", "visibility": {"type": "role", "value": "Administrators"}});
    world.comment_with(&world.ada, restricted).await;
    world.comment(&world.ada, "for all").await;
    world.stack.settled().await;
    assert_eq!(order_in_chat(&world, &["for the admins", "for all"]), ["for all"]);
}

/// Everything is told half a second late; counts how often the comments of an issue are listed.
#[derive(Default)]
struct AllIsLate {
    looks: AtomicUsize,
}

impl Weather for AllIsLate {
    fn trouble(&self, asked: &Asked<'_>) -> Option<Trouble> {
        if *asked.method == http::Method::GET && asked.path.ends_with("/issue/10001/comment") {
            self.looks.fetch_add(1, Ordering::SeqCst);
        }
        None
    }

    fn fate(&self, _: u32) -> Fate {
        Fate::IsLate(Duration::from_millis(500))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_much_is_written_at_once_it_is_looked_far_back_once() {
    let world = world().await;
    let weather = Arc::new(AllIsLate::default());
    world.stack.gate.sky.set(Some(weather.clone()));
    let words: Vec<String> = (10..30).map(|number| format!("word{number}")).collect();
    for word in &words {
        world.comment(&world.ben, word).await;
    }
    world.stack.settled().await;
    let wanted: Vec<&str> = words.iter().map(String::as_str).collect();
    assert_eq!(order_in_chat(&world, &wanted), words);
    let looks = weather.looks.load(Ordering::SeqCst);
    assert!((1..=4).contains(&looks), "{looks} looks for {} comments", words.len());
}
