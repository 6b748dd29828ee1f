//! The order in which an erasure goes about it, as AWS sees it: secrets, then items, then the
//! receipt.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use aws_sdk_dynamodb::{
    config::{
        ConfigBag, Intercept, RuntimeComponents, interceptors::BeforeTransmitInterceptorContextRef,
    },
    error::BoxError,
};
use serde_json::{Value, json};
use tandem_runtime::{App, erasure};
use tandem_store::Reach;

use super::{all, finish, request, seeded::Seeded, upkeep};
use crate::{custody::parts, support::TestStack};

/// A call that ends something.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    /// A secret is deleted; its name.
    Secret(String),
    /// Items are deleted, other than a grant's, which goes right after its secret.
    Items,
    /// The receipt is completed.
    Receipt,
}

/// What an erasure of a kind reaches.
type ReachOf = fn(&Seeded) -> Reach;

/// Writes the calls to DynamoDB and Secrets Manager down, in their one order.
#[derive(Clone, Debug, Default)]
struct Recorder(Arc<Mutex<Vec<Step>>>);

impl Intercept for Recorder {
    fn name(&self) -> &'static str {
        "Recorder"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request();
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default();
        let body: Value = serde_json::from_slice(request.body().bytes().unwrap_or_default())?;
        self.0.lock().unwrap().extend(step(operation, &body));
        Ok(())
    }
}

fn step(operation: &str, body: &Value) -> Option<Step> {
    let text = body.to_string();
    match operation {
        "DeleteSecret" => Some(Step::Secret(body["SecretId"].as_str()?.to_owned())),
        "DeleteItem" if body["ConditionExpression"] == "grant_id = :grant" => None,
        "DeleteItem" | "BatchWriteItem" => Some(Step::Items),
        "TransactWriteItems" if text.contains("finished_at = :now") => Some(Step::Receipt),
        "TransactWriteItems" if text.contains(r#""Delete":"#) => Some(Step::Items),
        _ => None,
    }
}

/// The stack's functions once more, recorded.
async fn recorded(stack: &TestStack) -> (App, Recorder) {
    let recorder = Recorder::default();
    let mut parts = parts(stack);
    let table = parts.dynamodb.config().to_builder().interceptor(recorder.clone());
    parts.dynamodb = aws_sdk_dynamodb::Client::from_conf(table.build());
    let secrets = parts.secrets.config().to_builder().interceptor(recorder.clone());
    parts.secrets = aws_sdk_secretsmanager::Client::from_conf(secrets.build());
    (App::build(parts).await.unwrap(), recorder)
}

#[tokio::test]
async fn secrets_go_first_then_items_then_the_receipt_and_a_second_run_changes_nothing() {
    let reaches: [(&str, usize, ReachOf); 3] = [
        ("a person", 2, Seeded::person),
        ("a site", 3, |one| Reach::Instance(one.cloud.clone())),
        ("a tenant", 2, |one| Reach::Tenant(one.tenant.clone())),
    ];
    for (kind, secrets, reach) in reaches {
        let stack = TestStack::bare().await;
        let one = Seeded::new(1);
        one.seed(&stack).await;
        one.seed_site(&stack).await;
        let (app, recorder) = recorded(&stack).await;
        let begun = erasure::begin(&app, &reach(&one)).await.unwrap();
        finish(&app, &stack, &begun).await;

        let steps = std::mem::take(&mut *recorder.0.lock().unwrap());
        let names = |steps: &[Step]| -> BTreeSet<String> {
            let name = |step: &Step| match step {
                Step::Secret(name) => Some(name.clone()),
                _ => None,
            };
            steps.iter().filter_map(name).collect()
        };
        let first_item = steps.iter().position(|step| *step == Step::Items).unwrap();
        assert_eq!(names(&steps[..first_item]).len(), secrets, "{kind}: {steps:?}");
        assert_eq!(names(&steps[..first_item]), names(&steps), "{kind}: none was left for later");
        assert_eq!(steps.last(), Some(&Step::Receipt), "{kind}");
        let receipts = steps.iter().filter(|step| **step == Step::Receipt);
        assert_eq!(receipts.count(), 1, "{kind}");

        let before = all(&stack).await;
        assert!(erasure::go_on(&app, &begun, &request()).await.unwrap(), "{kind}");
        assert_eq!(upkeep(&stack, json!({})).await.erasures_finished, 0, "{kind}");
        assert!(recorder.0.lock().unwrap().is_empty(), "{kind}: there is nothing to end");
        assert_eq!(all(&stack).await, before, "{kind}");
    }
}
