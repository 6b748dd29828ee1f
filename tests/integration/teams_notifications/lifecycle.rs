//! What Graph tells of a subscription: it is marked, and upkeep renews it or makes it anew.

use serde_json::{Value, json};
use tandem_domain::{ChatId, Clock, TenantId};
use tandem_local::sandbox::{
    gate::{Recorded, Strike},
    microsoft::{LifecycleEvent, Subscription},
};
use tandem_store::ChatSubscription;
use tandem_upkeep::UpkeepReport;

use super::{CHANGES, Door, LIFECYCLE, OTHER_CHAT, OTHER_TENANT};
use crate::support::{Front, TENANT, World, world};

impl World {
    /// What Tandem knows of the chat's subscription.
    async fn known(&self) -> ChatSubscription {
        let (tenant, chat) = (TenantId::parse(TENANT).unwrap(), ChatId::parse(&self.chat).unwrap());
        self.stack.app.store.find_chat_subscription(&tenant, &chat).await.unwrap().unwrap()
    }

    /// The one subscription at Graph.
    fn subscription(&self) -> Subscription {
        let mut all = self.stack.microsoft.subscriptions();
        assert_eq!(all.len(), 1, "{all:?}");
        all.remove(0)
    }

    /// The calls about subscriptions so far.
    fn subscription_calls(&self) -> Vec<(String, u16)> {
        let ours = |it: &Recorded| it.path.starts_with("/graph/v1.0/subscriptions");
        let calls = self.stack.gate.recorded();
        calls.iter().filter(|it| ours(it)).map(|it| (it.method.clone(), it.status)).collect()
    }
}

fn call(method: &str, status: u16) -> (String, u16) {
    (method.to_owned(), status)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_that_must_be_reauthorized_is_renewed() {
    let world = world().await;
    let before = world.subscription();
    assert_eq!(world.stack.upkeep().await, UpkeepReport::default(), "nothing is due yet");
    world.stack.gate.forget();
    world.stack.clock.advance(std::time::Duration::from_mins(30));
    world.stack.microsoft.send_lifecycle(&before.id, LifecycleEvent::ReauthorizationRequired);
    world.stack.settled().await;
    let marked = world.known().await;
    assert!(marked.renew_at <= world.stack.clock.now());
    assert_eq!(marked.subscription_id.as_ref().unwrap().as_str(), before.id);
    assert_eq!(world.subscription_calls(), [], "marked only: Graph waits for its 202");

    let report = world.stack.upkeep().await;
    assert_eq!((report.subscriptions_renewed, report.failures), (1, 0));
    assert_eq!(world.subscription_calls(), [call("PATCH", 200)]);
    let after = world.subscription();
    assert_eq!((&after.id, after.renewals), (&before.id, 1));
    assert!(after.expires_at > before.expires_at);
    let known = world.known().await;
    assert!(known.renew_at > world.stack.clock.now() && known.renew_at < known.ends_at);
    assert_eq!(known.ends_at.as_millis() / 1000, after.expires_at / 1000);
    assert_eq!(world.stack.upkeep().await, UpkeepReport::default(), "and is not due any more");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_that_was_removed_is_made_anew() {
    let world = world().await;
    let before = world.subscription();
    world.stack.gate.forget();
    world.stack.microsoft.send_lifecycle(&before.id, LifecycleEvent::SubscriptionRemoved);
    world.stack.settled().await;
    assert!(world.stack.microsoft.subscriptions().is_empty());
    assert_eq!(world.known().await.subscription_id, None);
    world.write(&world.ben, "<p>Nobody hears this yet.</p>").await;
    world.stack.settled().await;
    assert_eq!(world.comments().len(), 0);

    assert_eq!(world.stack.upkeep().await.subscriptions_renewed, 1);
    assert_eq!(world.subscription_calls(), [call("POST", 201)]);
    let after = world.subscription();
    assert_ne!(after.id, before.id);
    assert_eq!((&after.creator_id, &after.resource), (&before.creator_id, &before.resource));
    assert_eq!(world.known().await.subscription_id.unwrap().as_str(), after.id);
    world.stack.settled().await;
    assert_eq!(world.comments().len(), 1, "and what was missed is read");
    world.write(&world.ben, "<p>And this at once.</p>").await;
    world.stack.settled().await;
    assert_eq!(world.comments().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_that_went_without_a_word_is_made_anew_when_it_is_due() {
    let world = world().await;
    let before = world.subscription();
    // The lifecycle notification is lost: Tandem still believes in it.
    world.stack.microsoft.send_lifecycle(&before.id, LifecycleEvent::SubscriptionRemoved);
    world.stack.settled().await;
    let mut believed = world.known().await;
    believed.subscription_id = Some(before.id.parse().unwrap());
    world.stack.app.store.put_chat_subscription(&believed).await.unwrap();
    world.stack.gate.forget();

    assert_eq!(world.stack.upkeep().await.subscriptions_renewed, 1);
    assert_eq!(world.subscription_calls(), [call("PATCH", 404), call("POST", 201)]);
    assert_eq!(world.known().await.subscription_id.unwrap().as_str(), world.subscription().id);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewal_that_fails_is_tried_again_soon() {
    let world = world().await;
    let before = world.subscription();
    world.stack.microsoft.send_lifecycle(&before.id, LifecycleEvent::ReauthorizationRequired);
    world.stack.settled().await;
    world.fail("PATCH", "/graph/v1.0/subscriptions", "", Strike::Before, 503, 1);
    let report = world.stack.upkeep().await;
    assert_eq!((report.subscriptions_renewed, report.failures), (0, 1));
    assert_eq!(world.stack.upkeep().await, UpkeepReport::default(), "not at once");
    world.stack.clock.advance(std::time::Duration::from_mins(6));
    assert_eq!(world.stack.upkeep().await.subscriptions_renewed, 1);
    assert_eq!(world.subscription().id, before.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_can_mark_a_subscription() {
    let door = Door::open().await;
    let (chat, subscription) = (door.world.chat.clone(), door.world.subscription());
    let known = door.world.known().await;
    let item = |tenant: &str, state: Value| {
        let mut item = json!({
            "lifecycleEvent": "subscriptionRemoved",
            "subscriptionId": subscription.id,
            "subscriptionExpirationDateTime": "2026-09-21T10:00:00Z",
            "tenantId": tenant,
        });
        if !state.is_null() {
            item["clientState"] = state;
        }
        item
    };
    let at = |chat: &str| {
        let query: String = url::form_urlencoded::byte_serialize(chat.as_bytes()).collect();
        format!("{LIFECYCLE}?chat={query}")
    };
    let ours = json!(door.state(TENANT, &chat));
    let mut missed = item(TENANT, ours.clone());
    missed["lifecycleEvent"] = json!("missed");
    let mut newer = item(TENANT, ours.clone());
    newer["lifecycleEvent"] = json!("somethingNew");
    for (why, path, item) in [
        ("no state", at(&chat), item(TENANT, Value::Null)),
        ("a wrong state", at(&chat), item(TENANT, json!("guess"))),
        ("another chat's", at(&chat), item(TENANT, json!(door.state(TENANT, OTHER_CHAT)))),
        ("another tenant's", at(&chat), item(TENANT, json!(door.state(OTHER_TENANT, &chat)))),
        ("for another tenant", at(&chat), item(OTHER_TENANT, ours.clone())),
        ("for another chat", at(OTHER_CHAT), item(TENANT, ours.clone())),
        ("for no chat", LIFECYCLE.to_owned(), item(TENANT, ours.clone())),
        ("for what is no chat", at("everything"), item(TENANT, ours.clone())),
        ("a change", at(&chat), door.change("created", "1790000000001")),
        ("at the other address", CHANGES.to_owned(), item(TENANT, ours.clone())),
        ("lost notifications", at(&chat), missed),
        ("something newer", at(&chat), newer),
    ] {
        assert_eq!(door.send(&path, &[item]).await, 202, "{why}");
        assert_eq!(door.world.known().await, known, "{why}");
        assert_eq!(door.front.queued().len(), 0, "{why}");
    }
    let (status, _) =
        Front::answer(door.front.post(&at(&chat)).json(&json!({"value": [item(TENANT, ours)]})))
            .await;
    assert_eq!(status, 202);
    assert_eq!(door.world.known().await.subscription_id, None, "the right one");
}
