//! A site in use: of a hundred items, most are links of comments and messages.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};
use tandem_domain::{
    AccessToken, AccountId, ClaimId, CloudId, LeaseHolder, ObjectId, RefreshToken, SiteHost,
    Subject, TenantId, TokenSet,
};
use tandem_local::Stack;
use tandem_store::{AccountLink, Installation, Store};

use super::CLOUD;

const TENANT: &str = "0e3419f7-4c4d-47e7-b98a-7b9b9de02b80";
/// How many people there are for how many items.
const ITEMS_OF_A_PERSON: usize = 1_000;
/// How many writers there are at once.
const WRITERS: usize = 16;

fn guid(kind: u8, number: usize) -> String {
    format!("{kind:08x}-0000-4000-8000-{number:012x}")
}

fn account(number: usize) -> String {
    format!("712020:{}", guid(0xac, number))
}

fn chat(number: usize) -> String {
    format!("19:{number:032x}@thread.v2")
}

/// Writes at least `items` items of the site, both halves of each mapping counted.
pub async fn seed(stack: &Stack, items: usize) {
    let now = stack.app.clock.now();
    let cloud = CloudId::parse(CLOUD).unwrap();
    let host = SiteHost::parse("scale.atlassian.net").unwrap();
    stack.install(cloud.clone(), host.clone(), "a secret").await.unwrap();
    let installation = Installation { cloud_id: cloud.clone(), site_host: host, created_at: now };
    stack.app.store.put_installation(&installation).await.unwrap();
    // As many for each writer: two transactions about one person at once wait for each other.
    let people = (items / ITEMS_OF_A_PERSON).clamp(2, 100).next_multiple_of(WRITERS);
    for number in 0..people {
        person(stack, &cloud, number).await;
    }
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..WRITERS {
        let (store, at) = (stack.app.store.clone(), now.as_millis());
        writers.spawn(async move {
            // Mappings lie in two halves.
            for number in (writer..items / 2).step_by(WRITERS) {
                one(&store, number, people, at).await;
            }
        });
    }
    writers.join_all().await;
}

/// Somebody linked, with a grant on either side.
async fn person(stack: &Stack, cloud: &CloudId, number: usize) {
    let (app, now) = (Arc::clone(&stack.app), stack.app.clock.now());
    let link = AccountLink {
        cloud_id: cloud.clone(),
        account_id: AccountId::parse(&account(number)).unwrap(),
        tenant_id: TenantId::parse(TENANT).unwrap(),
        object_id: ObjectId::parse(&guid(0x0b, number)).unwrap(),
        created_at: now,
        signed_in_at: now,
    };
    app.store.put_link(&link).await.unwrap();
    for subject in [
        Subject::Atlassian(link.account_id.clone()),
        Subject::Microsoft(link.tenant_id.clone(), link.object_id.clone()),
    ] {
        let tokens = TokenSet {
            access: AccessToken::new("an-access-token".to_owned()),
            refresh: RefreshToken::new("a-refresh-token".to_owned()),
            expires_at: now.plus(Duration::from_hours(1)),
        };
        app.vault.save(&subject, &tokens).await.unwrap();
    }
}

/// One mapping: of a hundred, two link a chat, one is a thread, one is claimed work, one the message
/// an issue was created from; the others link a comment and a message.
async fn one(store: &Store, number: usize, people: usize, at: i64) {
    let (who, issue) = (number % people, (10_000 + number / 50).to_string());
    let of = |more: Value| {
        let mut item = json!({"cloud_id": CLOUD, "issue_id": issue, "tenant_id": TENANT,
            "project_id": "10000", "created_at": at});
        for (name, value) in more.as_object().unwrap() {
            item[name] = value.clone();
        }
        item
    };
    let (account, object) = (account(who), guid(0x0b, who));
    match number % 100 {
        0 | 50 => {
            let link = of(json!({"chat_id": chat(number / 50), "chat_kind": "group",
                "created_by": account, "creator_object_id": object, "state": "active"}));
            store.put_chat_link(&serde_json::from_value(link).unwrap()).await.unwrap();
        }
        1 => {
            let thread = of(json!({"channel_id": "19:news@thread.tacv2", "root_id": "17",
                "last_at": at}));
            store.put_issue_thread(&serde_json::from_value(thread).unwrap()).await.unwrap();
        }
        2 => {
            let origin = of(json!({"conversation_id": "19:news@thread.tacv2",
                "message_id": number.to_string(), "created_by": account,
                "creator_object_id": object}));
            store.put_issue_message(&serde_json::from_value(origin).unwrap()).await.unwrap();
        }
        3 => {
            let claim = ClaimId::parse(&format!("{number:064x}")).unwrap();
            let holder = LeaseHolder::parse(&"cd".repeat(16)).unwrap();
            let now = tandem_domain::Timestamp::from_millis(at);
            let lease = Duration::from_secs(90);
            let cloud = CloudId::parse(CLOUD).unwrap();
            store.claim(&cloud, &claim, &holder, now, lease).await.unwrap();
        }
        _ => {
            let link = of(json!({"comment_id": (100_000 + number).to_string(),
                "chat_id": chat(number / 50), "message_id": (1_700_000_000_000 + number).to_string(),
                "origin": "jira", "comment_by": account, "message_by": object,
                "comment_version": at, "message_version": at}));
            store.put_message_link(&serde_json::from_value(link).unwrap()).await.unwrap();
        }
    }
}
