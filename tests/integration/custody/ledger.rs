//! What the functions leave in the ledger: for what, and for which request.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use serde_json::{Value, json};
use tandem_domain::RequestId;
use tandem_runtime::Invocation;
use tandem_upkeep::{UpkeepEvent, UpkeepReport};

use super::{Deployed, new_key};
use crate::support::{TestStack, world};

/// The requests that opened tokens for a purpose.
async fn requests_for(stack: &TestStack, purpose: &str) -> Vec<String> {
    let lines = stack.items_of("ledger").await.into_iter();
    lines
        .filter(|line| line["purpose"]["S"] == purpose)
        .map(|line| line["request_id"]["S"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_leaves_its_lines_in_the_ledger() {
    let world = world().await;
    let before = world.stack.items_of("ledger").await.len();
    world.comment(&world.ben, "The lamp is mended").await;
    world.stack.settled().await;
    let lines = world.stack.items_of("ledger").await;
    let carried: Vec<&Value> =
        lines.iter().filter(|line| line["purpose"]["S"] == "carry_to_teams").collect();
    assert!(lines.len() > before && carried.len() >= 2, "one for each side: {lines:?}");
    for line in lines {
        assert!(line["request_id"]["S"].is_string() && line["ttl"]["N"].is_string(), "{line}");
        assert!(line["owner"].is_null(), "a line names no person");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_the_settings_leaves_its_line_in_the_ledger() {
    let mut world = world().await;
    let before = requests_for(&world.stack, "check_permission").await.len();
    world.set(json!({"comment_sync": "both"})).await;
    let after = requests_for(&world.stack, "check_permission").await;
    assert_eq!(after.len(), before + 1, "whether they administer the site: {after:?}");
}

/// One run of upkeep under an id that Lambda gave it.
async fn invoked(deployed: &Deployed, id: &str) -> UpkeepReport {
    let event: UpkeepEvent = serde_json::from_value(json!({"source": "aws.events"})).unwrap();
    let id = Some(RequestId::parse(id).unwrap());
    tandem_local::caller::upkeep_invoked(
        Arc::clone(&deployed.app),
        event,
        Invocation { id, ends_at: None },
    )
    .await
    .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_upkeep_opens_is_in_the_ledger_under_the_id_of_the_run() {
    let world = world().await;
    let stack = &world.stack;
    let deployed = Deployed::with_envelope_key(stack, &new_key(stack).await).await;
    let first = invoked(&deployed, "5c9b8a4e-0000-4000-8000-000000000001").await;
    assert!(first.grants_rewrapped >= 4, "{first:?}");
    let changed: BTreeSet<String> = requests_for(stack, "change_keys").await.into_iter().collect();
    assert_eq!(changed, BTreeSet::from(["5c9b8a4e-0000-4000-8000-000000000001".to_owned()]));
    // The chat's subscription is due after a day and more, the tokens by then.
    stack.clock.advance(Duration::from_hours(48));
    let second = invoked(&deployed, "5c9b8a4e-0000-4000-8000-000000000002").await;
    assert_eq!(second.subscriptions_renewed, 1, "{second:?}");
    let renewed = requests_for(stack, "renew_subscription").await;
    assert!(renewed.contains(&"5c9b8a4e-0000-4000-8000-000000000002".to_owned()), "{renewed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_run_of_upkeep_has_an_id_of_its_own() {
    let world = world().await;
    let stack = &world.stack;
    let mut keys = vec![stack.app.config.envelope_key.clone()];
    for run in 1..=2 {
        // Another key each time, so that there is something to do.
        let key = new_key(stack).await;
        let deployed = Deployed::on(stack, |parts| {
            parts.config.older_envelope_keys = keys.clone();
            parts.config.envelope_key.clone_from(&key);
        })
        .await;
        assert!(deployed.upkeep().await.grants_rewrapped >= 4);
        keys.push(key);
        let ids = requests_for(stack, "change_keys").await;
        assert_eq!(ids.into_iter().collect::<BTreeSet<_>>().len(), run);
    }
}
