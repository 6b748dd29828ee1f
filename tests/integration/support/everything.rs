//! Something of every kind that can be stored about a person, beside what signing in stores.

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tandem_domain::{AccountId, Clock, CloudId, ObjectId, Purpose, RequestId, Subject, TenantId};
use tandem_store::{Counts, SignIn};

use super::{CLOUD, Person, TENANT, TestStack};

fn item<T: DeserializeOwned>(of: Value) -> T {
    serde_json::from_value(of.clone()).unwrap_or_else(|why| panic!("{why}: {of}"))
}

/// The ids that are different for each number.
struct Ids {
    issue: String,
    project: String,
    chat: String,
    channel: String,
    team: String,
    hash: String,
}

impl Ids {
    fn of(number: usize) -> Self {
        Self {
            issue: format!("{}", 40_000 + number),
            project: format!("{}", 50_000 + number),
            chat: format!("19:{number:032x}@thread.v2"),
            channel: format!("19:{number:032}@thread.tacv2"),
            team: format!("19:team{number}@thread.tacv2"),
            hash: format!("{number:064x}"),
        }
    }
}

/// Writes an item of every kind that has to do with a person who is signed in; `other` is somebody
/// else in the same items, where an item names two.
pub async fn seed(stack: &TestStack, who: &Person, other: &Person, number: usize) {
    let ids = Ids::of(number);
    links(stack, who, &ids).await;
    messages(stack, who, other, &ids, number).await;
    bot(stack, who, other, &ids, number).await;
    settings(stack, who, &ids, number).await;
    site(stack, who).await;
    let cloud = CloudId::parse(CLOUD).unwrap();
    let (claim, holder) = (item(json!(ids.hash)), item(json!(format!("{number:032x}"))));
    let (now, lease) = (stack.clock.now(), std::time::Duration::from_secs(90));
    stack.app.store.claim(&cloud, &claim, &holder, now, lease).await.unwrap();
    let sign_in: SignIn = item(json!({
        "state_hash": ids.hash, "browser_hash": ids.hash, "stage": "microsoft",
        "account_id": who.account, "cloud_ids": [CLOUD],
        "ends_at": now.plus(std::time::Duration::from_hours(10)),
    }));
    stack.app.store.create_sign_in(&sign_in).await.unwrap();
    let request = RequestId::parse(&format!("request-{number}")).unwrap();
    for subject in subjects(who) {
        stack.app.vault.access_token(&subject, Purpose::StartChat, &request).await.unwrap();
    }
}

/// The person at both vendors.
pub fn subjects(who: &Person) -> [Subject; 2] {
    let tenant = TenantId::parse(TENANT).unwrap();
    [
        Subject::Atlassian(AccountId::parse(&who.account).unwrap()),
        Subject::Microsoft(tenant, ObjectId::parse(&who.object).unwrap()),
    ]
}

async fn links(stack: &TestStack, who: &Person, ids: &Ids) {
    let (store, now) = (&stack.app.store, stack.clock.now());
    let chat = item(json!({
        "cloud_id": CLOUD, "issue_id": ids.issue, "project_id": ids.project, "tenant_id": TENANT,
        "chat_id": ids.chat, "chat_kind": "group", "created_by": who.account,
        "creator_object_id": who.object, "state": "active", "created_at": now,
    }));
    store.put_chat_link(&chat).await.unwrap();
    let subscription = item(json!({
        "tenant_id": TENANT, "chat_id": ids.chat, "subscriber": who.object,
        "ends_at": now.plus(std::time::Duration::from_hours(48)),
        "renew_at": now.plus(std::time::Duration::from_hours(24)),
    }));
    store.put_chat_subscription(&subscription).await.unwrap();
    let issue_message = item(json!({
        "cloud_id": CLOUD, "issue_id": ids.issue, "tenant_id": TENANT,
        "conversation_id": ids.channel, "message_id": "1790000000001",
        "created_by": who.account, "creator_object_id": who.object, "created_at": now,
    }));
    store.put_issue_message(&issue_message).await.unwrap();
}

/// A comment of theirs, one that stands as them at Microsoft only, and one at Jira only.
async fn messages(stack: &TestStack, who: &Person, other: &Person, ids: &Ids, number: usize) {
    let now = stack.clock.now();
    for (at, (comment_by, message_by)) in
        [(who, who), (other, who), (who, other)].into_iter().enumerate()
    {
        let link = item(json!({
            "cloud_id": CLOUD, "issue_id": ids.issue,
            "comment_id": format!("{}", 60_000 + number * 10 + at), "tenant_id": TENANT,
            "chat_id": ids.chat, "message_id": format!("{}", 1_790_000_000_100 + at),
            "origin": "jira", "comment_by": comment_by.account, "message_by": message_by.object,
            "comment_version": now, "message_version": now,
        }));
        stack.app.store.put_message_link(&link).await.unwrap();
    }
}

async fn bot(stack: &TestStack, who: &Person, other: &Person, ids: &Ids, number: usize) {
    let (store, now) = (&stack.app.store, stack.clock.now());
    let served = "https://smba.trafficmanager.net/amer/";
    let personal = item(json!({
        "tenant_id": TENANT, "object_id": who.object, "conversation_id": format!("a:{number}"),
        "service_url": served, "seen_at": now,
    }));
    store.put_personal_conversation(&personal).await.unwrap();
    let channel = item(json!({
        "tenant_id": TENANT, "conversation_id": ids.channel, "kind": "channel",
        "team_id": ids.team, "service_url": served, "seen_at": now,
    }));
    store.put_bot_conversation(&channel).await.unwrap();
    let follow = item(json!({
        "follow_id": format!("{number:032x}"), "cloud_id": CLOUD, "project_id": ids.project,
        "tenant_id": TENANT, "channel_id": ids.channel, "service_url": served,
        "subscribed_by": who.account, "subscriber": who.object, "assignees": [other.account],
        "state": "active", "created_at": now,
    }));
    store.put_channel_subscription(&follow).await.unwrap();
    let thread = item(json!({
        "cloud_id": CLOUD, "issue_id": ids.issue, "tenant_id": TENANT, "channel_id": ids.channel,
        "root_id": "17", "last_at": now,
    }));
    store.put_issue_thread(&thread).await.unwrap();
    let watcher = item(json!({"cloud_id": CLOUD, "account_id": who.account}));
    store.put_watcher(&watcher).await.unwrap();
}

/// How the site fares, and the webhook that they registered for it.
async fn site(stack: &TestStack, who: &Person) {
    let (store, now) = (&stack.app.store, stack.clock.now());
    let cloud = CloudId::parse(CLOUD).unwrap();
    store.put_webhook_seen(&item(json!({"cloud_id": CLOUD, "seen_at": now}))).await.unwrap();
    store.add_to_tally(&cloud, now, Counts { done: 1, ..Counts::default() }).await.unwrap();
    let week = now.plus(std::time::Duration::from_hours(7 * 24));
    let webhook = item(json!({
        "cloud_id": CLOUD, "registered_by": who.account, "ends_at": week, "renew_at": week,
        "failures": 0,
    }));
    store.put_site_webhook(&webhook, now).await.unwrap();
    store.put_reporting(&item(json!({"cycle_secs": 604_800, "not_before": now}))).await.unwrap();
}

/// Their own settings, and those of a project that they changed last, with the record of it.
async fn settings(stack: &TestStack, who: &Person, ids: &Ids, number: usize) {
    let now = stack.clock.now();
    for (scope, whose) in [("account_id", &who.account), ("project_id", &ids.project)] {
        let settings = item(json!({
            "cloud_id": CLOUD, scope: whose, "version": number, "values": {},
            "changed_by": who.account, "changed_at": now,
        }));
        if scope == "account_id" {
            stack.app.store.put_settings(&settings, 0).await.unwrap();
            continue;
        }
        let change = item(json!({
            "cloud_id": CLOUD, "project_id": ids.project, "version": number, "before": {},
            "after": {}, "changed_by": who.account, "changed_at": now,
        }));
        stack.app.store.change_settings(&settings, 0, &change).await.unwrap();
    }
}
