//! Counts the calls to KMS, Secrets Manager and DynamoDB that deliveries cost, with tokens in memory
//! and without: `cargo run -p tandem-tests --example custody_calls [deliveries]`.
//!
//! Each delivery carries a comment of a linked person from Jira into a chat, on the local stack. The
//! calls are counted on the wire, by `X-Amz-Target`.

#![allow(unreachable_pub, missing_docs)]
#![allow(clippy::pedantic, clippy::unwrap_used, clippy::expect_used)]
#![allow(clippy::panic, clippy::print_stdout)]

#[path = "../integration/support/mod.rs"]
mod support;

use std::{collections::BTreeMap, sync::Arc};

use aws_config::retry::RetryConfig;
use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use serde_json::json;
use support::{AwsProxy, CLOUD, TENANT, World, people::ISSUE, people::PROJECT, world};
use tandem_runtime::{App, Parts, metrics::Metrics, signing::claim_of};

/// AWS, counted.
struct Counted {
    services: [(&'static str, AwsProxy); 3],
}

/// An AWS client like `$client`, at the proxy, without attempts of its own.
macro_rules! behind {
    ($krate:ident, $client:expr, $proxy:expr) => {
        $krate::Client::from_conf(
            $client
                .config()
                .to_builder()
                .endpoint_url($proxy.endpoint())
                .retry_config(RetryConfig::disabled())
                .build(),
        )
    };
}

impl Counted {
    async fn of(world: &World) -> Self {
        let aws = &world.stack.aws;
        Self {
            services: [
                ("KMS", AwsProxy::before(aws.kms_endpoint()).await),
                ("Secrets Manager", AwsProxy::before(aws.secrets_manager_endpoint()).await),
                ("DynamoDB", AwsProxy::before(aws.dynamodb_endpoint()).await),
            ],
        }
    }

    /// The function as it starts: with nothing in memory.
    async fn app(&self, world: &World) -> Arc<App> {
        let (clients, app) = (&world.stack.clients, &world.stack.app);
        let [(_, kms), (_, secrets), (_, table)] = &self.services;
        let parts = Parts {
            config: app.config.clone(),
            http: clients.http.clone(),
            dynamodb: behind!(aws_sdk_dynamodb, clients.dynamodb, table),
            kms: behind!(aws_sdk_kms, clients.kms, kms),
            secrets: behind!(aws_sdk_secretsmanager, clients.secrets, secrets),
            sqs: clients.sqs.clone(),
            metrics: Metrics::new(Arc::new(|_: &str| {}), Arc::clone(&app.clock)),
            clock: Arc::clone(&app.clock),
            entropy: Arc::clone(&app.entropy),
            anonymous_bot: false,
        };
        Arc::new(App::build(parts).await.unwrap())
    }

    /// The calls since this was last asked, by service and operation.
    fn take(&self) -> BTreeMap<(&'static str, String), usize> {
        let mut counts = BTreeMap::new();
        for (service, proxy) in &self.services {
            for operation in proxy.calls() {
                *counts.entry((*service, operation)).or_default() += 1;
            }
        }
        counts
    }
}

/// Carries one comment over.
async fn deliver(app: &Arc<App>, world: &World, number: usize) {
    let comment = (500_000 + number).to_string();
    world.stack.jira.add_comment(CLOUD, ISSUE, &comment, &world.ben.account, "A line of text");
    let body = json!({
        "version": 1, "claim": claim_of(&["custody", &comment]).unwrap(), "cloud_id": CLOUD,
        "issue_id": ISSUE, "project_id": PROJECT, "tenant_id": TENANT, "chat_id": world.chat,
        "accepted_at": 1_800_000_000_000_i64, "event": "comment_created", "comment_id": comment,
        "author": world.ben.account,
    });
    let mut message = SqsMessage::default();
    message.message_id = Some(comment);
    message.body = Some(body.to_string());
    let mut event = SqsEvent::default();
    event.records = vec![message];
    let answer = tandem_delivery::handle(Arc::clone(app), event).await.unwrap();
    assert!(answer.batch_item_failures.is_empty(), "delivery {number} failed");
}

/// Prints the calls of `times` starts or deliveries, scaled to `per` of them.
fn print(title: &str, counts: &BTreeMap<(&'static str, String), usize>, times: usize, per: usize) {
    println!("{title}:");
    let scaled = |count: usize| count * per / times;
    for service in ["KMS", "Secrets Manager", "DynamoDB"] {
        let all: Vec<_> = counts.iter().filter(|((of, _), _)| *of == service).collect();
        let total: usize = all.iter().map(|(_, count)| **count).sum();
        let each: Vec<String> = all
            .iter()
            .map(|((_, operation), count)| format!("{operation} {}", scaled(**count)))
            .collect();
        println!("  {service}: {} ({})", scaled(total), each.join(", "));
    }
}

#[tokio::main]
async fn main() {
    let asked = std::env::args().nth(1).and_then(|text| text.parse().ok());
    let deliveries: usize = asked.unwrap_or(200);
    let world = world().await;
    let counted = Counted::of(&world).await;
    let app = counted.app(&world).await;
    print("One start", &counted.take(), 1, 1);
    for number in 0..deliveries {
        deliver(&app, &world, number).await;
    }
    let title = format!("Warm, per 1,000 deliveries (of {deliveries} in one process)");
    print(&title, &counted.take(), deliveries, 1_000);
    let cold = deliveries.min(200);
    let mut counts = BTreeMap::new();
    for number in 0..cold {
        let app = counted.app(&world).await;
        counted.take();
        deliver(&app, &world, deliveries + number).await;
        for (what, count) in counted.take() {
            *counts.entry(what).or_default() += count;
        }
    }
    let title = format!("Cold, per 1,000 deliveries (of {cold}, each in a new process)");
    print(&title, &counts, cold, 1_000);
}
