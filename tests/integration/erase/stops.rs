//! An erasure that stops at any point is finished by the next attempt.

use std::{collections::BTreeMap, future::Future, pin::pin, task::Poll};

use serde_json::{Value, json};
use tandem_runtime::{App, erasure};
use tandem_store::{ERASURE_QUIET, Reach};

use super::{finish, request, secrets, seeded::Seeded};
use crate::support::{TestClock, TestStack};

/// At which moment of a step to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// As soon as the step waits: what it asked for may or may not happen.
    Waiting,
    /// When what it waited for has happened, before anything is made of it.
    Answered,
}

/// Runs `work` for `steps` polls and stops it there, as a process that ends.
pub async fn stop_after<F: Future>(steps: usize, stop: Stop, work: F) -> Option<F::Output> {
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

/// What is erased in a test of the stops.
struct Kind {
    name: &'static str,
    reach: fn(&Seeded) -> Reach,
    /// What no item may name afterwards.
    ids: fn(&Seeded) -> Vec<&str>,
    /// Whether there are two of some kinds of items.
    several: bool,
    is_site: bool,
}

impl Kind {
    async fn seed(&self, stack: &TestStack, one: &Seeded) {
        if self.several {
            one.seed(stack).await;
        } else {
            one.seed_one_of_each(stack).await;
        }
        if self.is_site {
            one.seed_site(stack).await;
        }
    }

    /// Nothing of it is left, wherever one looks.
    async fn assert_gone(&self, stack: &TestStack, one: &Seeded, at: &str) {
        let ids = (self.ids)(one);
        let is_left = |item: &Value| {
            let text = item.to_string();
            item["entity"]["S"] == "ledger"
                || item["entity"]["S"] == "erasure"
                || ids.iter().any(|id| text.contains(id))
        };
        let left: Vec<Value> = stack.items().await.into_iter().filter(is_left).collect();
        assert_eq!(left, Vec::<Value>::new(), "{at}");
        for part in ["/grant/", "/webhook/"] {
            assert_eq!(secrets(stack, part), 0, "{part}, {at}");
        }
    }
}

/// Stops an erasure at each point in turn, in both ways, and finishes it in another attempt. Answers
/// at how many points it was stopped.
async fn stop_everywhere(kind: &Kind) -> usize {
    let stack = TestStack::unwatched().await;
    let mut points = 0;
    for stop in [Stop::Waiting, Stop::Answered] {
        for steps in 1.. {
            let one = Seeded::new(steps * 2 + usize::from(stop == Stop::Answered));
            kind.seed(&stack, &one).await;
            let reach = (kind.reach)(&one);
            let done = stop_after(steps, stop, whole(&stack.app, &stack.clock, &reach)).await;
            if done.is_none() {
                let begun = erasure::begin(&stack.app, &reach).await.unwrap();
                finish(&stack.app, &stack, &begun).await;
                points += 1;
            }
            kind.assert_gone(&stack, &one, &format!("{}, {stop:?}, {steps} steps", kind.name))
                .await;
            if done.is_some() {
                break;
            }
        }
    }
    // Each erasure counted each item once, however often it was taken up.
    let mut counted = BTreeMap::new();
    for receipt in stack.items_of("receipt").await {
        let counts = receipt["counts"]["M"].clone();
        if counts["account_link"] == json!({"N": "1"}) {
            *counted.entry(counts.to_string()).or_insert(0) += 1;
        }
    }
    assert_eq!(counted.len(), 1, "{counted:?}");
    eprintln!("erasure of {}: stopped at {points} points", kind.name);
    points
}

#[tokio::test]
async fn an_erasure_of_a_person_that_stops_anywhere_is_finished_and_counts_each_item_once() {
    let kind = Kind {
        name: "a person",
        reach: Seeded::person,
        ids: |one| vec![one.account.as_str(), one.object.as_str()],
        several: true,
        is_site: false,
    };
    assert!(stop_everywhere(&kind).await > 80);
}

#[tokio::test]
async fn an_erasure_of_a_site_that_stops_anywhere_is_finished_and_counts_each_item_once() {
    let kind = Kind {
        name: "a site",
        reach: |one| Reach::Instance(one.cloud.clone()),
        ids: |one| vec![one.cloud.as_str(), one.account.as_str(), one.object.as_str()],
        several: false,
        is_site: true,
    };
    assert!(stop_everywhere(&kind).await > 60);
}

#[tokio::test]
async fn an_erasure_of_a_tenant_that_stops_anywhere_is_finished_and_counts_each_item_once() {
    let kind = Kind {
        name: "a tenant",
        reach: |one| Reach::Tenant(one.tenant.clone()),
        // The site's own settings may go on to name who set them, by their Jira account.
        ids: |one| vec![one.tenant.as_str(), one.object.as_str()],
        several: false,
        is_site: false,
    };
    assert!(stop_everywhere(&kind).await > 40);
}
