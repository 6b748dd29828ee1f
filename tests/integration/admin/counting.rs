//! Deliveries are counted by the way: once for each batch, and no delivery fails for it.

use std::sync::Arc;

use aws_config::retry::RetryConfig;
use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use serde_json::{Value, json};
use tandem_runtime::{App, Parts, metrics::Metrics, signing::claim_of};

use crate::support::{
    AwsProxy, CLOUD, TENANT, World,
    people::{ISSUE, PROJECT},
    world,
};

/// The function as it starts, with its calls to the table counted.
async fn delivery(world: &World) -> (Arc<App>, AwsProxy) {
    let (clients, app) = (&world.stack.clients, &world.stack.app);
    let table = AwsProxy::before(world.stack.aws.dynamodb_endpoint()).await;
    let dynamodb = clients.dynamodb.config().to_builder().endpoint_url(table.endpoint());
    let dynamodb = dynamodb.retry_config(RetryConfig::disabled()).build();
    let parts = Parts {
        config: app.config.clone(),
        http: clients.http.clone(),
        dynamodb: aws_sdk_dynamodb::Client::from_conf(dynamodb),
        kms: clients.kms.clone(),
        secrets: clients.secrets.clone(),
        sqs: clients.sqs.clone(),
        metrics: Metrics::new(Arc::new(|_: &str| {}), Arc::clone(&app.clock)),
        clock: Arc::clone(&app.clock),
        entropy: Arc::clone(&app.entropy),
        anonymous_bot: false,
    };
    (Arc::new(App::build(parts).await.unwrap()), table)
}

/// A batch of deliveries of comments that Ben wrote.
fn batch(world: &World, numbers: std::ops::Range<usize>) -> SqsEvent {
    let mut event = SqsEvent::default();
    for number in numbers {
        let comment = (500_000 + number).to_string();
        world.stack.jira.add_comment(CLOUD, ISSUE, &comment, &world.ben.account, "A line of text");
        let body = json!({
            "version": 1, "claim": claim_of(&["counted", &comment]).unwrap(), "cloud_id": CLOUD,
            "issue_id": ISSUE, "project_id": PROJECT, "tenant_id": TENANT, "chat_id": world.chat,
            "accepted_at": 1_800_000_000_000_i64, "event": "comment_created",
            "comment_id": comment, "author": world.ben.account,
        });
        let mut message = SqsMessage::default();
        message.message_id = Some(comment);
        message.body = Some(body.to_string());
        event.records.push(message);
    }
    event
}

async fn tally(world: &World) -> Vec<Value> {
    world.stack.items_of("tally").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_of_one_site_costs_one_update_behind_all_its_deliveries() {
    let world = world().await;
    let (app, table) = delivery(&world).await;
    table.calls();
    let answer = tandem_local::caller::deliver(app, batch(&world, 0..5)).await.unwrap();
    assert!(answer.batch_item_failures.is_empty());
    let calls = table.calls();
    assert_eq!(calls.iter().filter(|call| *call == "UpdateItem").count(), 1, "{calls:?}");
    assert_eq!(calls.last().map(String::as_str), Some("UpdateItem"), "behind all of it");
    let counted: Vec<u64> = tally(&world)
        .await
        .iter()
        .map(|item| item["done"]["N"].as_str().unwrap().parse().unwrap())
        .collect();
    assert_eq!(counted, [5]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_counted_is_delivered_all_the_same() {
    let world = world().await;
    let (app, table) = delivery(&world).await;
    table.refuse("UpdateItem", "com.amazonaws.dynamodb.v20120810#InternalServerError");
    let answer = tandem_local::caller::deliver(app, batch(&world, 0..2)).await.unwrap();
    assert!(answer.batch_item_failures.is_empty());
    assert_eq!(world.messages().len(), 2);
    // What comes back from the chat is counted by the stack's own function.
    world.stack.settled().await;
    let done = |item: &Value| item["done"]["N"].as_str().is_some_and(|number| number != "0");
    assert!(!tally(&world).await.iter().any(done), "not these");
}
