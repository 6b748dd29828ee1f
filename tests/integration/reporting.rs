//! Personal data reporting: every account of which something is kept is named to Atlassian within
//! its cycle, and what is kept of a closed one goes.

mod inventory;
mod refused;
mod stopped;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use serde_json::{Value, json};
use tandem_domain::{
    AccountId, ChatId, Clock, CloudId, CommentId, ConversationId, FollowFilter, FollowId, IssueId,
    MessageId, ObjectId, ProjectId, ServiceUrl, Subject, TenantId,
};
use tandem_local::sandbox::gate::Recorded;
use tandem_store::{ChannelSubscription, ERASURE_QUIET, LinkState, MessageLink, Origin};
use tandem_upkeep::UpkeepReport;

use crate::support::{CLOUD, Person, TENANT, TestStack, people::PROJECT};

/// The account ids that Atlassian publishes for trying this out.
const ACTIVE: &str = "5be24ad8b1653240376955d2";
const CLOSED: &str = "5be24ba3f91c106033269289";

const WEEK: Duration = Duration::from_hours(7 * 24);

impl TestStack {
    /// One run of upkeep on its schedule.
    pub async fn upkeep(&self) -> UpkeepReport {
        let scheduled = json!({"source": "aws.events", "detail-type": "Scheduled Event"});
        let event = serde_json::from_value(scheduled).unwrap();
        tandem_local::caller::upkeep(self.app.clone(), event).await.unwrap()
    }

    /// Somebody linked who has this account id.
    async fn person_with(&self, account: &str) -> Person {
        let wanted = json!({
            "cloudId": CLOUD, "tenantId": TENANT, "displayName": "Dee", "linked": true,
            "accountId": account,
        });
        let (status, answer) = self.send("POST", "/local/users", &wanted).await;
        assert_eq!(status, 201, "{answer}");
        Person {
            account: account.to_owned(),
            object: answer["objectId"].as_str().unwrap().to_owned(),
        }
    }

    /// The reports so far: the status answered, and the accounts named.
    fn reports(&self) -> Vec<(u16, Vec<String>)> {
        let read = |request: &Recorded| {
            let body = request.json().unwrap();
            let named = body["accounts"].as_array().unwrap().iter();
            (request.status, named.map(|it| text(&it["accountId"])).collect())
        };
        let ours = |request: &&Recorded| request.path.ends_with("/app/report-accounts/");
        self.gate.recorded().iter().filter(ours).map(read).collect()
    }

    /// The accounts that are noted as to be reported.
    async fn noted(&self) -> BTreeSet<String> {
        let items = self.items_of("reported_account").await.into_iter();
        items.map(|item| text(&item["account_id"]["S"])).collect()
    }

    /// Somebody who never signed in wrote a comment that was carried.
    async fn commented(&self, account: &str, number: usize) {
        let (at, number) = (self.app.clock.now(), number.to_string());
        let link = MessageLink {
            cloud_id: CloudId::parse(CLOUD).unwrap(),
            issue_id: IssueId::parse("20").unwrap(),
            comment_id: CommentId::parse(&number).unwrap(),
            tenant_id: TenantId::parse(TENANT).unwrap(),
            chat_id: ChatId::parse("19:0000000000000000000000000000000a@thread.v2").unwrap(),
            message_id: MessageId::parse(&number).unwrap(),
            origin: Origin::Jira,
            comment_by: AccountId::parse(account).unwrap(),
            message_by: ObjectId::parse("0b0b0b0b-0000-4000-8000-00000000000a").unwrap(),
            comment_version: at,
            message_version: at,
            deleted_at: None,
        };
        self.app.store.put_message_link(&link).await.unwrap();
    }

    /// Erasures that have begun are finished.
    async fn finish_erasures(&self) {
        for _ in 0..4 {
            self.upkeep().await;
            self.clock.advance(ERASURE_QUIET);
        }
        assert_eq!(self.items_of("erasure").await, Vec::<Value>::new());
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn account(number: usize) -> String {
    format!("712020:{number:08x}-0000-4000-8000-000000000000")
}

#[tokio::test(flavor = "multi_thread")]
async fn of_the_two_published_accounts_the_closed_one_is_erased_with_a_receipt() {
    let stack = TestStack::start().await;
    let active = stack.person_with(ACTIVE).await;
    let closed = stack.person_with(CLOSED).await;
    assert_eq!(stack.noted().await, BTreeSet::from([ACTIVE.to_owned(), CLOSED.to_owned()]));
    assert_eq!(stack.upkeep().await, UpkeepReport::default(), "nobody is due yet");
    stack.clock.advance(WEEK);
    let report = stack.upkeep().await;
    assert_eq!((report.accounts_reported, report.accounts_closed, report.failures), (2, 1, 0));
    assert_eq!(stack.reports().len(), 1);
    let line = stack.metrics().into_iter().rfind(|line| line.contains("AccountsClosed")).unwrap();
    let line: Value = serde_json::from_str(&line).unwrap();
    assert_eq!((&line["AccountsReported"], &line["AccountsClosed"]), (&json!(2.0), &json!(1.0)));

    stack.finish_erasures().await;
    let items = stack.items().await;
    for id in [&closed.account, &closed.object] {
        let left: Vec<_> =
            items.iter().filter(|item| item.to_string().contains(id.as_str())).collect();
        assert_eq!(left, Vec::<&Value>::new());
    }
    let receipts = stack.items_of("receipt").await;
    assert_eq!(receipts.len(), 1);
    let counts = &receipts[0]["counts"]["M"];
    for (entity, count) in [("account_link", "1"), ("grant", "2"), ("reported_account", "1")] {
        assert_eq!(counts[entity]["N"], count, "{entity}: {counts}");
    }
    assert!(receipts[0]["finished_at"].is_object());
    assert_eq!(stack.noted().await, BTreeSet::from([active.account]), "the active one stays");
    stack.clock.advance(WEEK);
    assert_eq!(stack.upkeep().await.accounts_reported, 1);
    assert_eq!(stack.reports().last().unwrap(), &(204, vec![ACTIVE.to_owned()]));
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_are_reported_by_ninety_and_each_once() {
    let stack = TestStack::start().await;
    let someone = stack.person("Ada Berg", false, true).await;
    for number in 1..=200 {
        stack.commented(&account(number), number).await;
    }
    stack.clock.advance(WEEK);
    assert_eq!(stack.upkeep().await.accounts_reported, 201);
    let reports = stack.reports();
    let sizes: Vec<usize> = reports.iter().map(|(_, named)| named.len()).collect();
    assert_eq!(sizes, [90, 90, 21]);
    let named: BTreeSet<String> = reports.into_iter().flat_map(|(_, named)| named).collect();
    assert_eq!(named, stack.noted().await);
    assert!(named.contains(&someone.account));
    assert_eq!(stack.upkeep().await.accounts_reported, 0, "and not again at once");
    assert_eq!(stack.reports().len(), 3);
}

/// Reports over a span of time, and the longest that any account was not reported.
async fn longest_gap(stack: &TestStack, step: Duration, span: Duration) -> (usize, Duration) {
    stack.gate.forget();
    let began = stack.clock.now();
    let mut last: BTreeMap<String, _> =
        stack.noted().await.into_iter().map(|account| (account, began)).collect();
    let (mut longest, mut calls) = (Duration::ZERO, 0);
    while began.until(stack.clock.now()) < span {
        stack.upkeep().await;
        let now = stack.clock.now();
        for (_, named) in stack.reports() {
            calls += 1;
            for account in named {
                let before = last.insert(account, now).unwrap();
                longest = longest.max(before.until(now));
            }
        }
        stack.gate.forget();
        stack.clock.advance(step);
    }
    let now = stack.clock.now();
    (calls, last.values().map(|at| at.until(now)).max().unwrap().max(longest))
}

#[tokio::test(flavor = "multi_thread")]
async fn each_account_is_reported_within_the_cycle_that_the_last_answer_named() {
    let stack = TestStack::start().await;
    stack.person("Ada Berg", false, true).await;
    for number in 1..=60 {
        stack.commented(&account(number), number).await;
    }
    let hours = Duration::from_hours;
    let (calls, longest) = longest_gap(&stack, hours(6), 2 * WEEK).await;
    assert!(longest <= WEEK, "{longest:?}");
    assert!((4..40).contains(&calls), "spread over the weeks, and not one by one: {calls}");

    stack.jira.set_report_cycle("P1D");
    // The next report says so; from then on all are reported within a day.
    longest_gap(&stack, hours(12), WEEK).await;
    assert_eq!(stack.items_of("reporting").await[0]["cycle_secs"]["N"], "86400");
    let (_, longest) = longest_gap(&stack, hours(3), hours(48)).await;
    assert!(longest <= hours(24), "{longest:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_profile_is_noted_and_told_once() {
    let stack = TestStack::start().await;
    let ada = stack.person("Ada Berg", false, true).await;
    stack.clock.advance(Duration::from_hours(1));
    stack.jira.update_user(&ada.account);
    stack.clock.advance(WEEK);
    let report = stack.upkeep().await;
    assert_eq!((report.accounts_reported, report.accounts_closed), (1, 0));
    stack.clock.advance(WEEK);
    stack.upkeep().await;
    let statuses: Vec<u16> = stack.reports().iter().map(|(status, _)| *status).collect();
    assert_eq!(statuses, [200, 204]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_of_which_nothing_else_is_kept_is_forgotten_and_not_reported() {
    let stack = TestStack::start().await;
    stack.person("Ada Berg", false, true).await;
    let ben = stack.person("Ben Okoye", false, true).await;
    let mut browser = ben.browser(&stack).await;
    let gone = browser.change("POST", "/disconnect", &json!({})).await;
    assert!((200..300).contains(&gone.status), "{} {}", gone.status, gone.body);
    assert!(stack.noted().await.contains(&ben.account), "found out at the next report");
    stack.clock.advance(WEEK);
    let report = stack.upkeep().await;
    assert_eq!((report.accounts_reported, report.accounts_forgotten), (1, 1));
    assert!(!stack.noted().await.contains(&ben.account));
    assert!(stack.reports().iter().all(|(_, named)| !named.contains(&ben.account)));
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_whom_only_a_channels_filter_names_is_reported_and_taken_out_of_it() {
    let stack = TestStack::start().await;
    let ada = stack.person("Ada Berg", false, true).await;
    let follow = |id: &str, assignees: &[&str]| ChannelSubscription {
        follow_id: FollowId::parse(&id.repeat(32)).unwrap(),
        cloud_id: CloudId::parse(CLOUD).unwrap(),
        project_id: ProjectId::parse(PROJECT).unwrap(),
        tenant_id: TenantId::parse(TENANT).unwrap(),
        channel_id: ConversationId::parse("19:0000000000000000000000000000000b@thread.tacv2")
            .unwrap(),
        service_url: ServiceUrl::parse("https://smba.trafficmanager.net/teams/").unwrap(),
        subscribed_by: AccountId::parse(&ada.account).unwrap(),
        subscriber: ObjectId::parse(&ada.object).unwrap(),
        filter: FollowFilter {
            assignees: assignees.iter().map(|id| AccountId::parse(id).unwrap()).collect(),
            ..FollowFilter::default()
        },
        state: LinkState::Active,
        created_at: stack.app.clock.now(),
    };
    let store = &stack.app.store;
    store.put_channel_subscription(&follow("a", &[CLOSED, ACTIVE])).await.unwrap();
    store.put_channel_subscription(&follow("b", &[CLOSED])).await.unwrap();
    let noted = BTreeSet::from([ACTIVE.to_owned(), CLOSED.to_owned(), ada.account.clone()]);
    assert_eq!(stack.noted().await, noted);
    stack.clock.advance(WEEK);
    assert_eq!(stack.upkeep().await.accounts_closed, 1);
    stack.finish_erasures().await;
    let channel = follow("a", &[]).channel_id;
    let tenant = TenantId::parse(TENANT).unwrap();
    let left = store.list_projects_by_channel(&tenant, &channel).await.unwrap();
    assert_eq!(
        left,
        [follow("a", &[ACTIVE])]
            .map(|it| ChannelSubscription { created_at: left[0].created_at, ..it })
    );
    assert!(!stack.items().await.iter().any(|item| item.to_string().contains(CLOSED)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_microsoft_user_who_is_linked_with_another_account_as_well_stays_that_persons() {
    let stack = TestStack::start().await;
    let closed = stack.person_with(CLOSED).await;
    // On another site the same Microsoft user is somebody else at Jira.
    let other = CloudId::parse("99999999-a1b2-4b33-8444-def123456789").unwrap();
    let account = AccountId::parse(ACTIVE).unwrap();
    let store = &stack.app.store;
    let now = stack.app.clock.now();
    let tenant = TenantId::parse(TENANT).unwrap();
    let object = ObjectId::parse(&closed.object).unwrap();
    let link = tandem_store::AccountLink {
        cloud_id: other.clone(),
        account_id: account.clone(),
        tenant_id: tenant.clone(),
        object_id: object.clone(),
        created_at: now,
        signed_in_at: now,
    };
    store.put_link(&link).await.unwrap();
    stack.clock.advance(WEEK);
    assert_eq!(stack.upkeep().await.accounts_closed, 1);
    stack.finish_erasures().await;
    assert_eq!(store.find_link_by_account(&other, &account).await.unwrap(), Some(link));
    let grant = store.find_grant(&Subject::Microsoft(tenant, object)).await.unwrap();
    assert!(grant.is_some());
    assert!(!stack.items().await.iter().any(|item| item.to_string().contains(CLOSED)));
}
