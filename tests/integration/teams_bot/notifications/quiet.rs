//! Quiet hours, by the clock of the person's Jira profile.

use std::time::Duration;

use serde_json::{Value, json};

use super::{
    super::scene::{Scene, mentioning},
    assert_told,
};
use crate::support::logged;

/// Whole hours from `from` to `to` hours after the present one by UTC. Everybody on the simulated
/// site lives in Berlin, an hour or two before UTC.
fn hours(scene: &Scene, from: i64, to: i64) -> Value {
    let hour = scene.now().as_millis() / 3_600_000;
    let at = |after: i64| (hour + after).rem_euclid(24);
    json!({"quiet_hours": format!("{:02}-{:02}", at(from), at(to))})
}

impl Scene {
    /// Waits until so many messages are held back for quiet hours.
    async fn held(&self, count: usize) {
        let held = || {
            let queues = self.stack.aws.queues();
            let messages = queues.iter().flat_map(|queue| &queue.messages);
            let log = logged();
            let first_is_held = messages.clone().next().is_some_and(|first| {
                let body: Value = serde_json::from_str(&first.body).unwrap();
                let claim = body["claim"].as_str().unwrap();
                log.lines().any(|line| line.contains(claim) && line.contains("quiet_hours"))
            });
            first_is_held && messages.count() == count && self.stack.under_way() == 0
        };
        while !held() {
            self.stack.jira.settled().await;
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_within_them_is_told_at_their_end_in_its_order() {
    let scene = Scene::open().await;
    scene.install(&scene.ben).await;
    scene.set_of(&scene.ben, hours(&scene, 1, 5)).await;
    for (count, text) in ["first, ", "second, ", "third, "].iter().enumerate() {
        let deed = json!({"action": "comment", "adf": mentioning(&scene.ben, text)});
        scene.in_jira(&scene.ada, deed).await;
        scene.held(count + 1).await;
    }
    assert_told(&scene, &[]);
    scene.stack.clock.advance(Duration::from_hours(5));
    scene.stack.settled_in_time().await;
    assert_told(&scene, &["first", "second", "third"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn outside_of_them_and_for_others_all_is_told_at_once() {
    let scene = Scene::open().await;
    for who in [&scene.ben, &scene.cleo] {
        scene.install(who).await;
    }
    // The present hour by UTC is none by the clock in Berlin.
    scene.set_of(&scene.ben, hours(&scene, 0, 1)).await;
    scene.set_of(&scene.cleo, json!({"quiet_hours": "off"})).await;
    for who in [&scene.ben, &scene.cleo] {
        let deed = json!({"action": "comment", "adf": mentioning(who, "Now, ")});
        scene.done_in_jira(&scene.ada, deed).await;
        assert_eq!(scene.told(who).len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_persons_quiet_hours_hold_up_nobody_else() {
    let scene = Scene::open().await;
    for who in [&scene.ben, &scene.cleo] {
        scene.install(who).await;
    }
    scene.set_of(&scene.ben, hours(&scene, 1, 5)).await;
    let channel = scene.channel("News").await;
    scene.follow(&scene.ada, &channel, tandem_domain::FollowFilter::default()).await;
    let deed = json!({"action": "comment", "adf": mentioning(&scene.ben, "Later, ")});
    scene.in_jira(&scene.ada, deed).await;
    scene.held(1).await;
    let deed = json!({"action": "comment", "adf": mentioning(&scene.cleo, "Now, ")});
    scene.in_jira(&scene.ada, deed).await;
    scene.held(1).await;
    while scene.told(&scene.cleo).is_empty() || scene.posts(&channel).len() < 3 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_told(&scene, &[]);
    scene.stack.clock.advance(Duration::from_hours(5));
    scene.stack.settled_in_time().await;
    assert_told(&scene, &["Later"]);
    assert_eq!(scene.told(&scene.cleo).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_became_invisible_within_them_is_not_told() {
    let scene = Scene::open().await;
    scene.install(&scene.ben).await;
    scene.set_of(&scene.ben, hours(&scene, 1, 5)).await;
    let deed = json!({"action": "comment", "adf": mentioning(&scene.ben, "A slip, ")});
    scene.in_jira(&scene.ada, deed).await;
    scene.held(1).await;
    let level = json!({"action": "set_security", "members": [scene.ada.account]});
    scene.in_jira(&scene.ada, level).await;
    scene.stack.clock.advance(Duration::from_hours(5));
    scene.stack.settled_in_time().await;
    assert_told(&scene, &[]);
}
