//! What passes through the queue, and what stays in it.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::task::JoinHandle;

use super::scene::Scene;
use crate::support::TestStack;

/// Looks at the queues all the while; dropping it ends that.
pub struct QueueWatch {
    seen: Arc<Mutex<BTreeSet<String>>>,
    task: JoinHandle<()>,
}

impl Drop for QueueWatch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl QueueWatch {
    /// A watch of the stack's queues.
    pub fn of(stack: &TestStack) -> Self {
        let (seen, aws) = (Arc::new(Mutex::new(BTreeSet::new())), Arc::clone(&stack.aws));
        let watched = Arc::clone(&seen);
        let task = tokio::spawn(async move {
            loop {
                for message in aws.queues().into_iter().flat_map(|queue| queue.messages) {
                    let whole = format!("{} {} {}", message.group, message.dedup, message.body);
                    watched.lock().unwrap().insert(whole);
                }
                tokio::time::sleep(Duration::from_millis(3)).await;
            }
        });
        Self { seen, task }
    }

    /// The messages seen: group, deduplication id and body.
    pub fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().iter().cloned().collect()
    }
}

/// Leaves a message that was given up, one that is held back, and one that waits behind it.
pub async fn leave_one_in_each_state(scene: &Scene) {
    scene.fail("POST", "/graph/v1.0/chats/", "/messages", 500, 16);
    scene.comment(&scene.ben).await;
    scene.stack.settled_in_time().await;
    scene.fail("POST", "/graph/v1.0/chats/", "/messages", 429, 1000);
    scene.comment(&scene.ben).await;
    while counts(&scene.stack).1 == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    scene.comment(&scene.ben).await;
    while counts(&scene.stack).0 == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let (waiting, in_flight, dead) = counts(&scene.stack);
    assert!(waiting > 0 && in_flight > 0 && dead > 0, "{waiting} {in_flight} {dead}");
}

/// How many messages wait, are in flight, and are dead.
fn counts(stack: &TestStack) -> (usize, usize, usize) {
    let (dead, living): (Vec<_>, Vec<_>) =
        stack.aws.queues().into_iter().partition(|queue| !queue.dead_letters_of.is_empty());
    (
        living.iter().map(|queue| queue.waiting).sum(),
        living.iter().map(|queue| queue.in_flight).sum(),
        dead.iter().map(|queue| queue.messages.len()).sum(),
    )
}
