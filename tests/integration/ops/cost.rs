//! What a month costs: the calls it is reckoned with are counted, and the manual says the same.

use std::{path::Path, sync::Arc, time::Duration};

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use serde_json::{Value, json};
use tandem_local::sandbox::jira::NewIssue;
use tandem_ops::cost::{self, Calls, IDLE_WEBHOOK, JIRA_COMMENT, REFRESH, UPKEEP_RUN};
use tandem_upkeep::UpkeepEvent;

use super::ops;
use crate::support::{
    CLOUD, Front, HOST, TestStack, WEBHOOK_SECRET, World,
    people::{ISSUE, PROJECT},
    webhook::signature,
    world,
};

/// Set, the section is written anew instead of compared.
const WRITE: &str = "TANDEM_WRITE_DOCS";
const HEADING: &str = "## What it costs\n\n";

/// The calls since this was last asked.
fn counted(front: &Front) -> Calls {
    let [read_units, write_units] = front.table.units();
    let calls = |proxy: &crate::support::AwsProxy| proxy.calls().len() as f64;
    Calls {
        requests: 0.0,
        invocations: 0.0,
        read_units,
        write_units,
        queue: calls(&front.queue),
        secrets: calls(&front.secrets),
        kms: calls(&front.kms),
    }
}

/// A front in a process that has just started: what starting calls is not counted.
async fn started(stack: &TestStack) -> Front {
    let front = Front::of(stack).await;
    counted(&front);
    front
}

/// Jira tells of a comment on an issue.
async fn webhook(front: &Front, issue: &str, comment: &str, author: &str) {
    let body = json!({
        "timestamp": 1_790_000_000_000_i64, "webhookEvent": "comment_created",
        "comment": {
            "self": format!("https://{HOST}/rest/api/2/issue/{issue}/comment/{comment}"),
            "id": comment, "author": {"accountId": author},
            "created": "2026-09-21T10:00:00.000+0000", "updated": "2026-09-21T10:00:00.000+0000",
        },
        "issue": {
            "id": issue, "key": "TEST-1", "self": format!("https://{HOST}/rest/api/2/issue/{issue}"),
            "fields": {"project": {"id": PROJECT, "key": "TEST"}},
        },
    })
    .to_string();
    let sent = front
        .post(&format!("/jira/{CLOUD}/webhooks"))
        .header("content-type", "application/json")
        .header("x-atlassian-webhook-identifier", comment)
        .header("x-hub-signature", signature(WEBHOOK_SECRET, body.as_bytes()));
    let (status, answer) = Front::answer(sent.body(body)).await;
    assert_eq!(status, 200, "{answer}");
}

/// A comment of a linked person, from its webhook to the last that comes of it. `jira-events` knows the
/// site's secret already; each delivery is done in a process that has just started.
async fn happened(world: &World, issue: &str, comment: &str) -> Calls {
    let author = &world.ben.account;
    world.stack.jira.add_comment(CLOUD, issue, comment, author, "A line of text");
    let front = started(&world.stack).await;
    webhook(&front, "30001", &format!("{comment}0"), "712020:1").await;
    counted(&front);
    let mut handled = front.queued().len();
    webhook(&front, issue, comment, author).await;
    let mut calls = Calls { requests: 1.0, invocations: 1.0, ..counted(&front) };
    while let Some(queued) = front.queued().get(handled) {
        handled += 1;
        let delivery = started(&world.stack).await;
        deliver(&delivery, &queued.body).await;
        calls = sum(calls, Calls { invocations: 1.0, ..counted(&delivery) });
    }
    calls
}

async fn deliver(front: &Front, body: &str) {
    let mut message = SqsMessage::default();
    message.message_id = Some("1".to_owned());
    message.body = Some(body.to_owned());
    let mut event = SqsEvent::default();
    event.records = vec![message];
    let answer = tandem_delivery::handle(Arc::clone(&front.app), event).await.unwrap();
    assert!(answer.batch_item_failures.is_empty(), "{body}");
}

async fn upkeep(front: &Front) {
    let event = UpkeepEvent::Schedule(serde::de::IgnoredAny);
    tandem_upkeep::handle(Arc::clone(&front.app), event).await.unwrap();
}

fn sum(one: Calls, other: Calls) -> Calls {
    Calls {
        requests: one.requests + other.requests,
        invocations: one.invocations + other.invocations,
        read_units: one.read_units + other.read_units,
        write_units: one.write_units + other.write_units,
        queue: one.queue + other.queue,
        secrets: one.secrets + other.secrets,
        kms: one.kms + other.kms,
    }
}

/// What the second has more than the first.
fn more(first: Calls, second: Calls) -> Calls {
    let minus = Calls {
        requests: -first.requests,
        invocations: -first.invocations,
        read_units: -first.read_units,
        write_units: -first.write_units,
        queue: -first.queue,
        secrets: -first.secrets,
        kms: -first.kms,
    };
    sum(second, minus)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_calls_it_is_reckoned_with_are_as_counted() {
    let world = world().await;
    world.stack.jira.add_issue(
        CLOUD,
        NewIssue {
            id: Some("10002".to_owned()),
            project: PROJECT.to_owned(),
            summary: "Another lamp".to_owned(),
            reporter: world.cleo.account.clone(),
            ..NewIssue::default()
        },
    );
    let front = started(&world.stack).await;
    upkeep(&front).await;
    counted(&front);
    upkeep(&front).await;
    let run = Calls { invocations: 1.0, ..counted(&front) };

    let idle = happened(&world, "10002", "500000").await;
    assert_eq!(world.messages().len(), 0);
    let fresh = happened(&world, ISSUE, "500001").await;
    assert_eq!(world.messages().len(), 1, "carried over");
    world.stack.clock.advance(Duration::from_hours(2));
    let late = happened(&world, ISSUE, "500002").await;
    assert_eq!(world.messages().len(), 2, "carried over");

    let counted = [idle, fresh, more(fresh, late)];
    assert_eq!(counted, [IDLE_WEBHOOK, JIRA_COMMENT, REFRESH]);
    // Which accounts are due to be reported is spread by chance: a read more or less.
    assert!((1.0..=UPKEEP_RUN.read_units).contains(&run.read_units), "{run:?}");
    assert_eq!(Calls { read_units: UPKEEP_RUN.read_units, ..run }, UPKEEP_RUN);
}

#[test]
fn the_manual_says_what_the_command_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/OPERATIONS.md");
    let manual = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = manual.split_once(HEADING).expect("the section");
    let (section, after) = match rest.find("\n## ") {
        Some(end) => rest.split_at(end + 1),
        None => (rest, ""),
    };
    let wanted = cost::manual().unwrap();
    let wanted = if after.is_empty() { wanted } else { format!("{wanted}\n") };
    if std::env::var_os(WRITE).is_some() {
        std::fs::write(&path, format!("{before}{HEADING}{wanted}{after}")).unwrap();
        return;
    }
    assert!(section == wanted, "docs/OPERATIONS.md is stale: run this with {WRITE}=1, commit it");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_arithmetic_is_shown_and_adds_up() {
    let stack = TestStack::start().await;
    let asked = ["cost", "--users", "250", "--events", "20000"];
    let answer = ops(&stack, &[&asked[..], &["--json"]].concat()).await.json();
    let lines = answer["lines"].as_array().unwrap();
    let number = |of: &Value, name: &str| of[name].as_f64().unwrap();
    let mut total = 0.0;
    for line in lines {
        let amount = number(line, "quantity") / number(line, "per") * number(line, "price");
        assert!((amount - number(line, "amount")).abs() < 1e-9, "{line}");
        total += amount;
    }
    assert!((total - number(&answer, "total")).abs() < 1e-6);
    let secrets = lines.iter().find(|line| line["what"] == "secrets").unwrap();
    assert_eq!((number(secrets, "quantity"), number(secrets, "amount")), (500.0, 200.0));

    let text = ops(&stack, &asked).await.out;
    for part in ["250 people", "20,000 events", "$200.00", "us-east-1"] {
        assert!(text.contains(part), "{part} in {text}");
    }
}
