//! What a process remembers from one webhook to the next, and how long another process's writes may
//! take to be heard of. The front is the process that gets the webhooks, the stack is the other one.

use std::time::Duration;

use serde_json::{Value, json};
use tandem_domain::{
    AccountId, Clock, CloudId, ConversationId, FollowFilter, FollowId, ObjectId, ProjectId,
    ServiceUrl, SiteHost, TenantId, settings::SettingValues,
};
use tandem_store::{
    AccountLink, ChannelSubscription, Installation, LinkState, NO_FOR, ScopeSettings,
    SettingsScope, Store, Watcher, YES_FOR,
};

use super::{AUTHOR, Door, LINKED, UNLINKED, comment, comment_event, issue_event};
use crate::support::{CLOUD, Front, TENANT, people::PROJECT};

/// Somebody whom an event concerns.
const ASSIGNEE: &str = "712020:6a1f2c3d-0000-4000-8000-00000000aaaa";
/// The moment before [`NO_FOR`] has passed.
const ALMOST: Duration = Duration::from_millis(1);

fn cloud() -> CloudId {
    CloudId::parse(CLOUD).unwrap()
}

fn account(id: &str) -> AccountId {
    AccountId::parse(id).unwrap()
}

impl Door {
    /// What becomes of an event.
    async fn outcome(&self, event: &Value) -> Value {
        let (status, answer) = Front::answer(self.signed(event)).await;
        assert_eq!(status, 200, "{answer}");
        answer["outcome"].clone()
    }
}

/// An event that concerns nobody yet, but could: its assignee, the project's channels, who watches.
fn of_concern() -> Value {
    let mut event = issue_event("jira:issue_updated", UNLINKED, &["assignee"]);
    event["issue"]["fields"]["assignee"] = json!({"accountId": ASSIGNEE});
    event
}

async fn subscribe(store: &Store, now: tandem_domain::Timestamp) {
    let item = ChannelSubscription {
        follow_id: FollowId::parse(&"f".repeat(32)).unwrap(),
        cloud_id: cloud(),
        project_id: ProjectId::parse(PROJECT).unwrap(),
        tenant_id: TenantId::parse(TENANT).unwrap(),
        channel_id: ConversationId::parse("19:0123456789abcdef0123456789abcdef@thread.tacv2")
            .unwrap(),
        service_url: ServiceUrl::parse("https://smba.trafficmanager.net/emea/").unwrap(),
        subscribed_by: account(AUTHOR),
        subscriber: ObjectId::parse("8b081ef6-4792-4def-b2c9-c363a1bf41d5").unwrap(),
        filter: FollowFilter::default(),
        state: LinkState::Active,
        created_at: now,
    };
    store.put_channel_subscription(&item).await.unwrap();
}

async fn watch(store: &Store) {
    let watcher = Watcher { cloud_id: cloud(), account_id: account(AUTHOR) };
    store.put_watcher(&watcher).await.unwrap();
}

async fn link(store: &Store, now: tandem_domain::Timestamp) {
    let link = AccountLink {
        cloud_id: cloud(),
        account_id: account(ASSIGNEE),
        tenant_id: TenantId::parse(TENANT).unwrap(),
        object_id: ObjectId::parse("8b081ef6-4792-4def-b2c9-c363a1bf41d6").unwrap(),
        created_at: now,
        signed_in_at: now,
    };
    store.put_link(&link).await.unwrap();
}

/// Somebody becomes concerned, by the store of a process.
async fn become_concerned(how: &str, store: &Store, door: &Door) {
    let now = door.stack.clock.now();
    match how {
        "a channel that subscribes" => subscribe(store, now).await,
        "somebody who watches" => watch(store).await,
        _ => link(store, now).await,
    }
}

const WAYS: [&str; 3] =
    ["a channel that subscribes", "somebody who watches", "somebody who links their accounts"];

#[tokio::test(flavor = "multi_thread")]
async fn whom_another_process_wrote_down_is_told_after_ten_seconds_at_the_latest() {
    for how in WAYS {
        let door = Door::open().await;
        assert_eq!(door.outcome(&of_concern()).await, "ignored", "{how}");
        become_concerned(how, &door.stack.app.store, &door).await;
        // Time goes on while this runs, by less than that.
        door.stack.clock.advance(NO_FOR - ALMOST);
        door.outcome(&of_concern()).await;
        door.stack.clock.advance(ALMOST);
        assert_eq!(door.outcome(&of_concern()).await, "queued", "{how}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_the_process_itself_wrote_down_is_told_at_once() {
    for how in WAYS {
        let door = Door::open().await;
        assert_eq!(door.outcome(&of_concern()).await, "ignored", "{how}");
        become_concerned(how, &door.front.app.store, &door).await;
        assert_eq!(door.outcome(&of_concern()).await, "queued", "{how}");
    }
}

/// Sets a setting of the site, by the store of the other process.
async fn set(door: &Door, version: u64, values: Value) {
    let values: SettingValues = serde_json::from_value(values).unwrap();
    let (scope, now) = (SettingsScope::Instance(cloud()), door.stack.clock.now());
    let settings = ScopeSettings::of(&scope, version + 1, values, account(AUTHOR), now);
    door.stack.app.store.put_settings(&settings, version).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_that_are_remembered_only_ever_lead_to_a_second_look() {
    let door = Door::open().await;
    assert_eq!(door.outcome(&comment(LINKED)).await, "queued");
    // Whoever delivers finds it off at once.
    set(&door, 0, json!({"comment_sync": "off"})).await;
    assert_eq!(door.outcome(&comment(LINKED)).await, "queued");
    door.stack.clock.advance(YES_FOR);
    assert_eq!(door.outcome(&comment(LINKED)).await, "ignored");
    // What says no is not remembered.
    set(&door, 1, json!({"comment_sync": "both"})).await;
    assert_eq!(door.outcome(&comment(LINKED)).await, "queued");
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_that_keep_a_part_back_are_read_again() {
    let door = Door::open().await;
    let mut both = issue_event("jira:issue_updated", LINKED, &["status", "priority"]);
    set(&door, 0, json!({"issue_updates": ["status"]})).await;
    assert_eq!(door.outcome(&both).await, "queued");
    set(&door, 1, json!({"issue_updates": ["status", "priority"]})).await;
    both["timestamp"] = json!(1_790_000_000_001_i64);
    assert_eq!(door.outcome(&both).await, "queued");
    let changes: Vec<Value> =
        door.front.deliveries().iter().map(|delivery| delivery["changes"].clone()).collect();
    assert_eq!(changes, [json!(["status"]), json!(["status", "priority"])]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_was_renamed_is_known_by_its_new_host_at_once() {
    let door = Door::open().await;
    assert_eq!(door.outcome(&comment(LINKED)).await, "queued");
    let renamed = Installation {
        cloud_id: cloud(),
        site_host: SiteHost::parse("renamed.atlassian.net").unwrap(),
        created_at: door.stack.clock.now(),
    };
    door.stack.app.store.put_installation(&renamed).await.unwrap();
    let event = comment_event("comment_created", "renamed.atlassian.net", LINKED);
    assert_eq!(door.outcome(&event).await, "queued");
    let elsewhere = comment_event("comment_created", "others.atlassian.net", LINKED);
    assert_eq!(Front::answer(door.signed(&elsewhere)).await.0, 400);
}
