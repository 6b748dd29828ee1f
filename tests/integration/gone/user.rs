//! A user who is gone from a site.

use serde_json::{Value, json};
use tandem_domain::CloudId;
use tandem_store::AccountLink;

use super::{account, kept_up, left, object, receipt, tenant, webhook};
use crate::support::{CLOUD, HOST, Person, TestStack, World, world};

async fn delete(world: &World, who: &Person) {
    let deed = json!({"as": world.ada.account, "cloudId": CLOUD,
        "action": "delete_user", "accountId": who.account});
    world.stack.in_jira(deed).await;
    world.stack.settled().await;
}

fn user_deleted(who: &Person) -> Value {
    json!({
        "timestamp": 1_790_000_000_000_i64,
        "webhookEvent": "user_deleted",
        "user": {
            "self": format!("https://{HOST}/rest/api/2/user?accountId={}", who.account),
            "accountId": who.account, "displayName": "Ben Okoye", "active": false,
        },
    })
}

fn secrets(stack: &TestStack) -> usize {
    stack.aws.secrets().iter().filter(|secret| secret.name.contains("/grant/")).count()
}

/// A link of the person with another site.
async fn link_elsewhere(world: &World, who: &Person) {
    let link = AccountLink {
        cloud_id: CloudId::parse("22222222-a1b2-4b33-8444-def123456789").unwrap(),
        account_id: account(who),
        tenant_id: tenant(),
        object_id: object(who),
        created_at: world.stack.app.clock.now(),
        signed_in_at: world.stack.app.clock.now(),
    };
    world.stack.app.store.put_link(&link).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_of_them_goes_on_both_sides() {
    let world = world().await;
    world.comment(&world.ben, "It flickers still").await;
    world.stack.settled().await;
    assert_eq!(secrets(&world.stack), 4);
    delete(&world, &world.ben).await;
    kept_up(&world.stack).await;
    for id in [&world.ben.account, &world.ben.object] {
        assert_eq!(left(&world.stack, id).await, Vec::<String>::new());
    }
    assert_eq!(secrets(&world.stack), 2, "Ada's stay");
    let receipt = receipt(&world.stack).await;
    assert_eq!(receipt["scope"]["S"], "user");
    for (entity, count) in [("account_link", "1"), ("grant", "2"), ("message_link", "1")] {
        assert_eq!(receipt["counts"]["M"][entity]["N"], count, "{entity}: {receipt}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_site_needs_of_them_stays() {
    let world = world().await;
    link_elsewhere(&world, &world.ben).await;
    delete(&world, &world.ben).await;
    kept_up(&world.stack).await;
    let links = world.stack.items_of("account_link").await;
    let of_ben: Vec<&Value> =
        links.iter().filter(|link| link["account_id"]["S"] == *world.ben.account).collect();
    assert_eq!(of_ben.len(), 1, "{links:?}");
    assert_ne!(of_ben[0]["cloud_id"]["S"], CLOUD);
    assert_eq!(secrets(&world.stack), 4, "so do the grants that the link needs");
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_who_is_still_there_keeps_everything() {
    let world = world().await;
    let before = left(&world.stack, &world.ben.account).await.len();
    let answer = webhook(&world.stack, "forged", &user_deleted(&world.ben)).await;
    assert_eq!(answer["outcome"], "queued");
    kept_up(&world.stack).await;
    assert!(left(&world.stack, &world.ben.account).await.len() >= before);
    assert!(world.stack.items_of("receipt").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nobody_else_can_be_asked_they_stay() {
    let world = world().await;
    world.stack.jira.revoke_grants(&world.ada.account);
    world.stack.clock.advance(std::time::Duration::from_hours(2));
    webhook(&world.stack, "said", &user_deleted(&world.ben)).await;
    kept_up(&world.stack).await;
    assert_eq!(secrets(&world.stack), 4);
    assert!(world.stack.items_of("receipt").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_of_whom_nothing_is_kept_costs_no_call() {
    let world = world().await;
    let asked = world.stack.gate.recorded().len();
    let answer = webhook(&world.stack, "cleo", &user_deleted(&world.cleo)).await;
    assert_eq!(answer["outcome"], "queued");
    assert_eq!(world.stack.gate.recorded().len(), asked);
}
