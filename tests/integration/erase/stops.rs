//! An erasure that stops at any point is finished by the next attempt.

use std::{future::Future, pin::pin, task::Poll};

use serde_json::json;
use tandem_runtime::{App, erasure};
use tandem_store::{ERASURE_QUIET, Reach};

use super::{finish, request, secrets, seeded::Seeded};
use crate::support::{TestClock, TestStack};

/// At which moment of a step to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// As soon as the step waits: what it asked for may or may not happen.
    Waiting,
    /// When what it waited for has happened, before anything is made of it.
    Answered,
}

/// Runs `work` for `steps` polls and stops it there, as a process that ends.
pub(super) async fn stop_after<F: Future>(steps: usize, stop: Stop, work: F) -> Option<F::Output> {
    let mut work = pin!(work);
    let mut left = steps;
    std::future::poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        match work.as_mut().poll(context) {
            Poll::Pending if left == 0 && stop == Stop::Waiting => Poll::Ready(None),
            polled => polled.map(Some),
        }
    })
    .await
}

/// Begins and goes on, twice with time in between: a whole erasure in one future.
async fn whole(app: &App, clock: &TestClock, reach: &Reach) {
    let begun = erasure::begin(app, reach).await.unwrap();
    while !erasure::go_on(app, &begun, &request()).await.unwrap() {
        clock.advance(ERASURE_QUIET);
    }
}

/// Stops an erasure at each point in turn and finishes it in another attempt. Answers at how many
/// points it was stopped. With `every` 2, the two kinds of stop take turns along the points.
async fn stop_everywhere(
    kind: &str,
    reach: impl Fn(&Seeded) -> Reach,
    site: bool,
    every: usize,
) -> usize {
    let stack = TestStack::bare().await;
    let mut points = 0;
    for (stop, first) in [(Stop::Waiting, 1), (Stop::Answered, every)] {
        for steps in (first..).step_by(every) {
            let one = Seeded::new(steps * 2 + usize::from(stop == Stop::Answered));
            one.seed(&stack).await;
            if site {
                one.seed_site(&stack).await;
            }
            let reach = reach(&one);
            let done = stop_after(steps, stop, whole(&stack.app, &stack.clock, &reach)).await;
            if done.is_none() {
                let begun = erasure::begin(&stack.app, &reach).await.unwrap();
                finish(&stack, &begun).await;
                points += 1;
            }
            let ids = [one.account.as_str(), one.object.as_str()];
            let left = Seeded::left(&stack, &ids).await;
            assert_eq!(left, Vec::<String>::new(), "{kind}, {stop:?}, {steps} steps");
            assert_eq!(secrets(&stack, "/grant/"), 0, "{kind}, {stop:?}, {steps} steps");
            assert_eq!(stack.items_of("ledger").await.len(), 0, "{kind}, {stop:?}, {steps}");
            assert_eq!(stack.items_of("erasure").await.len(), 0, "{kind}, {stop:?}, {steps}");
            if site {
                assert_eq!(secrets(&stack, "/webhook/"), 0, "{kind}, {stop:?}, {steps} steps");
                assert!(Seeded::left(&stack, &[one.cloud.as_str()]).await.is_empty());
            }
            if done.is_some() {
                break;
            }
        }
    }
    // Each erasure counted each item once, however often it was taken up.
    let mut counted = std::collections::BTreeMap::new();
    for receipt in stack.items_of("receipt").await {
        let counts = receipt["counts"]["M"].clone();
        if counts["account_link"] == json!({"N": "1"}) {
            *counted.entry(counts.to_string()).or_insert(0) += 1;
        }
    }
    assert_eq!(counted.len(), 1, "{counted:?}");
    eprintln!("erasure of {kind}: stopped at {points} points");
    points
}

#[tokio::test]
async fn an_erasure_of_a_person_that_stops_anywhere_is_finished_and_counts_each_item_once() {
    assert!(stop_everywhere("a person", Seeded::person, false, 1).await > 80);
}

#[tokio::test]
async fn an_erasure_of_a_site_that_stops_anywhere_is_finished_and_counts_each_item_once() {
    let site = |one: &Seeded| Reach::Instance(one.cloud.clone());
    assert!(stop_everywhere("a site", site, true, 2).await > 40);
}

#[tokio::test]
async fn an_erasure_of_a_tenant_that_stops_anywhere_leaves_nothing_of_it() {
    let stack = TestStack::bare().await;
    let mut points = 0;
    for steps in (1..).step_by(3) {
        let one = Seeded::new(steps);
        one.seed(&stack).await;
        let reach = Reach::Tenant(one.tenant.clone());
        let done = stop_after(steps, Stop::Waiting, whole(&stack.app, &stack.clock, &reach)).await;
        if done.is_none() {
            let begun = erasure::begin(&stack.app, &reach).await.unwrap();
            finish(&stack, &begun).await;
            points += 1;
        }
        let left = Seeded::left(&stack, &[one.tenant.as_str(), one.object.as_str()]).await;
        assert_eq!(left, Vec::<String>::new(), "{steps} steps");
        assert_eq!(secrets(&stack, "/grant/"), 0, "{steps} steps");
        if done.is_some() {
            break;
        }
    }
    eprintln!("erasure of a tenant: stopped at {points} points");
    assert!(points >= 15, "{points}");
}
