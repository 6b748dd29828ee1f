//! What the functions measure, each in a process of its own as Lambda has it.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use tandem_domain::{AccountId, Clock, LeaseHolder, ManualClock, Purpose, Subject};
use tandem_local::sandbox::gate::{Fault, Strike};
use tandem_runtime::{
    App,
    metrics::{Dimension, Metric, Metrics},
    signing::claim_of,
};
use tandem_upkeep::UpkeepEvent;

use crate::{
    custody::parts,
    support::{
        CLOUD, TENANT, World,
        metrics::{assert_taken, sum, sum_by},
        people::{ISSUE, PROJECT},
        world,
    },
};

/// How long before it is handled a delivery of these tests was accepted.
const WAITED: Duration = Duration::from_secs(90);

/// The account id that Atlassian publishes as one of a closed account.
const CLOSED: &str = "5be24ba3f91c106033269289";

/// The functions in a process that has just started, at a time that stands still.
struct Process {
    app: Arc<App>,
    lines: Arc<Mutex<Vec<String>>>,
}

impl Process {
    /// In this world, at a time of its clock plus `later`.
    async fn of(world: &World, later: Duration) -> Self {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let written = Arc::clone(&lines);
        let sink = Arc::new(move |line: &str| written.lock().unwrap().push(line.to_owned()));
        let mut parts = parts(&world.stack);
        parts.clock = Arc::new(ManualClock::at(world.stack.clock.now().plus(later)));
        parts.metrics = Metrics::new(sink, Arc::clone(&parts.clock));
        Self { app: Arc::new(App::build(parts).await.unwrap()), lines }
    }

    /// The lines since it was last asked.
    fn lines(&self) -> Vec<String> {
        let lines = std::mem::take(&mut *self.lines.lock().unwrap());
        assert_taken(&lines);
        lines
    }

    /// Delivers a comment of Ben's that was accepted [`WAITED`] ago; whether it is done.
    async fn deliver(&self, world: &World, comment: &str) -> bool {
        world.stack.jira.add_comment(CLOUD, ISSUE, comment, &world.ben.account, "A line of text");
        let body = json!({
            "version": 1, "claim": claim_of(&["measured", comment]).unwrap(), "cloud_id": CLOUD,
            "issue_id": ISSUE, "project_id": PROJECT, "tenant_id": TENANT, "chat_id": world.chat,
            "accepted_at": self.app.clock.now().minus(WAITED), "event": "comment_created",
            "comment_id": comment, "author": world.ben.account,
        });
        let mut message = SqsMessage::default();
        message.message_id = Some(comment.to_owned());
        message.body = Some(body.to_string());
        let mut event = SqsEvent::default();
        event.records = vec![message];
        let answer = tandem_delivery::handle(Arc::clone(&self.app), event).await.unwrap();
        answer.batch_item_failures.is_empty()
    }
}

fn read(line: &str) -> Value {
    serde_json::from_str(line).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_is_one_line_with_its_direction_and_how_long_it_took() {
    let world = world().await;
    let process = Process::of(&world, Duration::ZERO).await;
    assert!(process.deliver(&world, "500001").await);
    let lines = process.lines();
    let [line] = &lines[..] else { panic!("{lines:#?}") };
    let line = read(line);
    assert_eq!(line["_aws"]["Timestamp"], process.app.clock.now().as_millis());
    for (member, value) in [
        ("Function", json!("delivery")),
        ("Direction", json!("to_teams")),
        ("Purpose", json!("carry_to_teams")),
        ("DeliveriesDone", json!(1.0)),
        ("DeliveryLatency", json!(90_000.0)),
        ("ColdStarts", json!(1.0)),
    ] {
        assert_eq!(line[member], value, "{member}");
    }
    assert!(line["StartUp"].is_number());
    // Ben's token at Atlassian and at Microsoft, each out of its secret.
    assert_eq!((&line["TokensOpened"], &line["SecretsRead"]), (&json!(2.0), &json!(2.0)), "{line}");

    assert!(process.deliver(&world, "500002").await);
    let lines = process.lines();
    assert_eq!((sum(&lines, Metric::ColdStarts), lines.len()), (0.0, 1), "it started once");
    assert_eq!(sum(&lines, Metric::TokensOpened), 2.0);
    assert_eq!(sum(&lines, Metric::SecretsRead), 0.0, "out of memory: {lines:?}");
    assert!(process.deliver(&world, "500002").await);
    let lines = process.lines();
    let dropped = sum_by(&lines, Metric::DeliveriesDropped, Dimension::Direction);
    assert_eq!(dropped.into_iter().collect::<Vec<_>>(), [("to_teams".to_owned(), 1.0)]);
    assert_eq!(sum(&lines, Metric::DeliveryLatency), 0.0, "nothing came to be: {lines:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vendor_that_throttles_is_counted_by_its_name() {
    let world = world().await;
    let hours = Duration::from_hours(2);
    for (vendor, method, path, end, later) in [
        ("jira", Method::GET, "/atlassian/api/ex/jira/", ISSUE, Duration::ZERO),
        ("graph", Method::POST, "/graph/v1.0/chats/", "/messages", Duration::ZERO),
        ("atlassian", Method::POST, "/atlassian/login/oauth/token", "", hours),
        ("entra", Method::POST, "/entra/", "/oauth2/v2.0/token", hours),
    ] {
        world.stack.gate.fail(Fault {
            method,
            path: path.to_owned(),
            path_end: end.to_owned(),
            strike: Strike::Before,
            status: StatusCode::TOO_MANY_REQUESTS,
            retry_after: Some(7),
            times: 1,
        });
        let process = Process::of(&world, later).await;
        assert!(!process.deliver(&world, &format!("5001{}", vendor.len())).await, "{vendor}");
        let lines = process.lines();
        let throttled = sum_by(&lines, Metric::VendorThrottles, Dimension::Vendor);
        assert_eq!(throttled.into_iter().collect::<Vec<_>>(), [(vendor.to_owned(), 1.0)]);
        let retried = sum_by(&lines, Metric::DeliveriesRetried, Dimension::Direction);
        assert_eq!(retried["to_teams"], 1.0, "{vendor}");
        assert_eq!(sum(&lines, Metric::Faults), 0.0, "{vendor} is no fault of ours");
        world.stack.gate.mend();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn refreshes_refusals_and_waits_for_anothers_are_counted() {
    let world = world().await;
    let process = Process::of(&world, Duration::from_hours(2)).await;
    assert!(process.deliver(&world, "500201").await);
    let lines = process.lines();
    let refreshed = sum_by(&lines, Metric::Refreshes, Dimension::Provider);
    assert_eq!((refreshed["atlassian"], refreshed["microsoft"]), (1.0, 1.0));

    // Another process refreshes Ben's grant, and takes its time.
    let later = Process::of(&world, Duration::from_hours(4)).await;
    let subject = Subject::Atlassian(AccountId::parse(&world.ben.account).unwrap());
    let grant = later.app.store.find_grant(&subject).await.unwrap().unwrap();
    let (holder, now) = (LeaseHolder::parse(&"e".repeat(32)).unwrap(), later.app.clock.now());
    let until = now.plus(Duration::from_secs(30));
    later.app.store.take_lease(&subject, grant.version, &holder, now, until).await.unwrap();
    let (app, of) = (Arc::clone(&later.app), subject.clone());
    let waiting = tokio::spawn(async move {
        app.vault.access_token(&of, Purpose::CarryToTeams, &"a-request".parse().unwrap()).await
    });
    let mut lines = Vec::new();
    while sum(&lines, Metric::LeaseWaits) == 0.0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
        later.app.metrics.emit(tandem_delivery::NAME, &[]);
        lines.extend(later.lines());
    }
    later.app.store.release_lease(&subject, &holder).await.unwrap();
    waiting.await.unwrap().unwrap();
    later.app.metrics.emit(tandem_delivery::NAME, &[]);
    lines.extend(later.lines());
    assert_eq!(sum(&lines, Metric::LeaseWaits), 1.0, "however often it looked: {lines:?}");

    world.stack.jira.revoke_grants(&world.ben.account);
    let after = Process::of(&world, Duration::from_hours(6)).await;
    after.deliver(&world, "500202").await;
    let refused = sum_by(&after.lines(), Metric::RefreshesRefused, Dimension::Provider);
    assert_eq!(refused.into_iter().collect::<Vec<_>>(), [("atlassian".to_owned(), 1.0)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_one_line_with_all_that_it_came_to() {
    let world = world().await;
    let before = world.stack.metrics().len();
    world.comment(&world.ben, "A comment").await;
    world.stack.settled().await;
    let lines = world.stack.metrics().split_off(before);
    assert_taken(&lines);
    let of_jira: Vec<Value> =
        lines.iter().map(|line| read(line)).filter(|of| of["Function"] == "jira-events").collect();
    let [line] = &of_jira[..] else { panic!("{of_jira:#?}") };
    assert!(line["Duration"].is_number(), "{line}");
    assert_eq!((&line["Requests"], &line["Faults"]), (&json!(1.0), &Value::Null), "{line}");
    assert!(line["DeliveriesQueued"].as_f64().unwrap() >= 1.0, "{line}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_vendor_cannot_do_now_is_no_fault_of_ours() {
    let mut world = world().await;
    for (status, answered, faults) in [(429, 503, 0.0), (503, 503, 0.0), (400, 500, 1.0)] {
        let before = world.stack.metrics().len();
        let path = format!("/ex/jira/{CLOUD}/rest/api/3/issue/{ISSUE}");
        world.fail("GET", "/atlassian/api", &path, Strike::Before, status, 1);
        let answer = world.browser.get(&format!("/issues/{ISSUE}/chats")).await;
        assert_eq!(answer.status, answered, "{status}: {}", answer.body);
        let lines = world.stack.metrics().split_off(before);
        assert_eq!(sum(&lines, Metric::Faults), faults, "{status}");
        world.stack.gate.mend();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_month_without_upkeep_is_counted_by_the_run_that_makes_up_for_it() {
    let world = world().await;
    let closed = json!({
        "cloudId": CLOUD, "tenantId": TENANT, "displayName": "Dee", "linked": true,
        "accountId": CLOSED,
    });
    assert_eq!(world.stack.send("POST", "/local/users", &closed).await.0, 201);
    world.stack.clock.advance(Duration::from_hours(31 * 24));
    // The chat's subscription has ended: nobody tells of it.
    world.write(&world.ben, "<p>Is anybody there?</p>").await;
    world.stack.settled().await;
    let before = world.stack.metrics().len();
    let event = UpkeepEvent::Schedule(serde::de::IgnoredAny);
    let report = tandem_upkeep::handle(Arc::clone(&world.stack.app), event).await.unwrap();
    let lines = world.stack.metrics().split_off(before);
    assert_taken(&lines);
    for (metric, count) in [
        (Metric::SubscriptionsRenewed, report.subscriptions_renewed),
        (Metric::MessagesReconciled, report.messages_reconciled),
        (Metric::GrantsKeptAlive, report.grants_kept_alive),
        (Metric::AccountsReported, report.accounts_reported),
        (Metric::AccountsClosed, report.accounts_closed),
    ] {
        assert!(count > 0, "{metric:?}: {report:?}");
        assert_eq!(sum(&lines, metric), f64::from(count), "{metric:?}");
    }
    let opened = sum_by(&lines, Metric::TokensOpened, Dimension::Purpose);
    for purpose in [Purpose::KeepGrant, Purpose::RenewSubscription, Purpose::ReportAccounts] {
        assert!(opened.contains_key(purpose.as_str()), "{purpose:?}: {opened:?}");
    }
}
