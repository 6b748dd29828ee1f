//! What the table ever held, from the first write of the story to the last: all that the inventory
//! declares, and each with what it is declared to be erased with.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use tandem_store::{ErasedWith, inventory::INVENTORY};

use super::scene::Scene;
use crate::support::found_by;

/// What no index leads to, or only from one half, and with what it is erased all the same.
const FOLLOWS: &[(&str, &[ErasedWith], &str)] = &[
    ("grant", &[ErasedWith::JiraUser, ErasedWith::Site], "Atlassian's has the account as its key"),
    (
        "ledger",
        &[ErasedWith::JiraUser, ErasedWith::MicrosoftUser, ErasedWith::Site, ErasedWith::Tenant],
        "it has its grant as its key",
    ),
    ("session", &[ErasedWith::MicrosoftUser, ErasedWith::Tenant], "goes with the link"),
    ("chat_subscription", &[ErasedWith::JiraUser, ErasedWith::Site], "goes with the chat's links"),
];

/// What indexes and time have to do with.
const BY_INDEX: [ErasedWith; 5] = [
    ErasedWith::JiraUser,
    ErasedWith::MicrosoftUser,
    ErasedWith::Site,
    ErasedWith::Tenant,
    ErasedWith::Time,
];

/// Every entity was written, with everything that is declared of it; how many of both.
pub fn assert_all_declared_was_written(scene: &Scene) -> (usize, usize) {
    let mut written: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut erased: BTreeMap<String, BTreeSet<ErasedWith>> = BTreeMap::new();
    for item in scene.stack.written() {
        let entity = item["entity"]["S"].as_str().unwrap().to_owned();
        let names = item.as_object().unwrap().keys().cloned();
        written.entry(entity.clone()).or_default().extend(names);
        erased.entry(whole(&entity).to_owned()).or_default().extend(found_by(&item));
    }
    let mut missing = Vec::new();
    for declared in INVENTORY {
        let names = written.get(declared.entity);
        let has = |name: &str| names.is_some_and(|names| names.contains(name));
        let never = declared.attributes.iter().filter(|attribute| !has(attribute.name));
        missing.extend(never.map(|attribute| format!("{}.{}", declared.entity, attribute.name)));
    }
    assert!(missing.is_empty(), "declared, and never written: {missing:#?}");
    for declared in INVENTORY {
        let mut found = erased[whole(declared.entity)].clone();
        for (entity, with, _) in FOLLOWS {
            if *entity == declared.entity {
                found.extend(*with);
            }
        }
        let named = declared.erased_with.iter().filter(|with| BY_INDEX.contains(with));
        let named: BTreeSet<ErasedWith> = named.copied().collect();
        assert_eq!(named, found, "with what {} is erased", declared.entity);
    }
    (written.len(), written.values().map(BTreeSet::len).sum())
}

/// The entity of which this is a half.
fn whole(entity: &str) -> &str {
    entity.split_once("_by_").map_or(entity, |(whole, _)| whole)
}

/// Kept for minutes only: gone before a report would come.
const SHORT: [&str; 3] = ["erasure", "sign_in", "reported_account"];

/// Every account that any item now names is noted as one to report.
pub async fn all_accounts_are_reported(scene: &Scene) {
    let items = scene.stack.items().await;
    let entity = |item: &Value| item["entity"]["S"].as_str().unwrap_or_default().to_owned();
    let noted: Vec<&Value> =
        items.iter().filter(|item| entity(item) == "reported_account").collect();
    let people = scene.stack.get("/sandbox/people/jira/state").await;
    for person in people["users"].as_array().unwrap() {
        let account = person["accountId"].as_str().unwrap();
        let kept = items.iter().find(|item| {
            !SHORT.contains(&entity(item).as_str()) && item.to_string().contains(account)
        });
        if let Some(item) = kept {
            let known = noted.iter().any(|note| note["account_id"]["S"] == account);
            assert!(known, "{} keeps an account that is not reported", entity(item));
        }
    }
}
