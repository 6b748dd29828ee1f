//! Custody across the functions: keys that upkeep has everything sealed anew under, keys in trouble
//! as an operator sees them, and what each function leaves in the ledger.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};
use tandem_runtime::{App, Parts, metrics::Metrics};
use tandem_upkeep::{UpkeepEvent, UpkeepReport};

use crate::support::{TestStack, people::ISSUE, world};

/// The functions as deployed with another envelope key.
async fn with_envelope_key(stack: &TestStack, key: &str) -> Arc<App> {
    let clients = &stack.clients;
    let mut config = stack.app.config.clone();
    config.older_envelope_keys = vec![config.envelope_key.clone()];
    key.clone_into(&mut config.envelope_key);
    let clock = Arc::clone(&stack.app.clock);
    let parts = Parts {
        config,
        dynamodb: clients.dynamodb.clone(),
        kms: clients.kms.clone(),
        secrets: clients.secrets.clone(),
        sqs: clients.sqs.clone(),
        metrics: Metrics::new(Arc::new(|_: &str| {}), Arc::clone(&clock)),
        clock,
        entropy: Arc::clone(&stack.app.entropy),
        anonymous_bot: false,
    };
    Arc::new(App::build(parts).await.unwrap())
}

async fn run(app: &Arc<App>) -> UpkeepReport {
    let event: UpkeepEvent = serde_json::from_value(json!({"source": "aws.events"})).unwrap();
    tandem_upkeep::handle(Arc::clone(app), event).await.unwrap()
}

/// How often a metric was counted, by function.
fn counted(stack: &TestStack, metric: &str) -> Vec<(String, f64)> {
    let lines = stack.metrics();
    let lines = lines.iter().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines
        .filter_map(|line| Some((line["Function"].as_str()?.to_owned(), line[metric].as_f64()?)))
        .filter(|(_, count)| *count > 0.0)
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn upkeep_seals_every_grant_anew_and_the_items_say_under_which_key() {
    let world = world().await;
    let key = world.stack.clients.kms.create_key().send().await.unwrap();
    let key = key.key_metadata.unwrap().key_id;
    let grants = world.stack.items_of("grant").await;
    assert!(grants.len() >= 4, "two people, two vendors each");
    let app = with_envelope_key(&world.stack, &key).await;
    let report = run(&app).await;
    assert_eq!(usize::try_from(report.grants_rewrapped).unwrap(), grants.len());
    assert_eq!((report.failures, report.key_trouble), (0, 0));
    for grant in world.stack.items_of("grant").await {
        assert_eq!(grant["envelope_key"]["S"], json!(key));
    }
    assert_eq!(run(&app).await.grants_rewrapped, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_key_is_a_fault_with_a_metric_and_asks_nobody_to_sign_in() {
    let mut world = world().await;
    assert!(counted(&world.stack, "KeyTrouble").is_empty());
    let key = world.stack.app.config.envelope_key.clone();
    world.stack.clients.kms.disable_key().key_id(&key).send().await.unwrap();
    // Out of every memory, and not yet at the end of the session.
    world.stack.clock.advance(Duration::from_mins(11));
    let answer = world.browser.get(&format!("/issues/{ISSUE}/chats")).await;
    assert_eq!(answer.status, 500, "{}", answer.body);
    assert!(!answer.body.contains("sign"), "{}", answer.body);
    assert!(!answer.body.contains("key"), "nor is a stranger told of keys: {}", answer.body);
    assert_eq!(counted(&world.stack, "KeyTrouble"), [("issue-chats".to_owned(), 1.0)]);
    let next = world.stack.clients.kms.create_key().send().await.unwrap();
    let app = with_envelope_key(&world.stack, &next.key_metadata.unwrap().key_id).await;
    let report = run(&app).await;
    assert!(report.key_trouble >= 4, "{report:?}");
    world.stack.clients.kms.enable_key().key_id(&key).send().await.unwrap();
    let answer = world.browser.get(&format!("/issues/{ISSUE}/chats")).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert!(run(&app).await.grants_rewrapped >= 4, "taken up again");
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
