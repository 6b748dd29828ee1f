//! What the table held at any time: looked at after each part of the story, since much of it is
//! forgotten again before the end.

use std::{collections::BTreeSet, sync::Mutex};

use serde_json::Value;
use tandem_store::{
    Attribute,
    inventory::{INVENTORY, attributes_of},
};

use super::scene::Scene;

/// Attributes that no story of this test writes, and why.
const UNWRITTEN: &[(&str, &str)] = &[
    ("erasure.cloud_id", "of the erasure of a whole site, a project or an issue"),
    ("erasure.issue_id", "of the erasure of an issue"),
    ("erasure.keeps_grant", "where another site needs the grant of a user who is gone"),
    ("erasure.progress", "while an erasure that takes more than a run is interrupted"),
    ("erasure.project_id", "of the erasure of a project"),
    ("erasure.tenant_id", "of the erasure of a whole tenant"),
    ("grant.copied_from", "while a grant is sealed anew"),
    ("grant.lease_holder", "while tokens are refreshed"),
    ("grant.lease_until", "while tokens are refreshed"),
    ("sign_in.cloud_ids", "where there are several sites to choose from"),
];

/// The entities and attributes that were written.
#[derive(Default)]
pub struct Kept(Mutex<BTreeSet<(String, String)>>);

impl Scene {
    /// Looks at every item there is now: no marker is in it, and each attribute is declared for its
    /// entity.
    pub async fn look_at_the_table(&self) {
        let items = self.stack.items().await;
        self.all_accounts_are_reported(&items).await;
        for item in items {
            let entity = item["entity"]["S"].as_str().unwrap().to_owned();
            self.markers.assert_none(&format!("an item of {entity}"), &item.to_string());
            let declared =
                attributes_of(&entity).unwrap_or_else(|| panic!("{entity} is not declared"));
            for name in item.as_object().into_iter().flat_map(serde_json::Map::keys) {
                assert!(declared.contains(&name.as_str()), "{entity}.{name} is not declared");
                self.kept.0.lock().unwrap().insert((entity.clone(), name.clone()));
            }
        }
    }
}

/// Kept for minutes only: gone before a report would come.
const SHORT: [&str; 3] = ["erasure", "sign_in", "reported_account"];

impl Scene {
    /// Every account that any item names is noted as one to report.
    async fn all_accounts_are_reported(&self, items: &[Value]) {
        let entity = |item: &Value| item["entity"]["S"].as_str().unwrap_or_default().to_owned();
        let noted: Vec<&Value> =
            items.iter().filter(|item| entity(item) == "reported_account").collect();
        let people = self.stack.get("/sandbox/people/jira/state").await;
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
}

impl Kept {
    /// Every entity was written, with everything that is declared of it; how many of both.
    pub fn assert_all_declared_was_written(&self) -> (usize, usize) {
        let written = self.0.lock().unwrap();
        let entities: BTreeSet<&str> = written.iter().map(|(entity, _)| entity.as_str()).collect();
        let mut missing = Vec::new();
        for declared in INVENTORY {
            assert!(entities.contains(declared.entity), "no flow here writes {}", declared.entity);
            let named = |it: &Attribute| (declared.entity.to_owned(), it.name.to_owned());
            let names = declared.attributes.iter().map(named);
            missing.extend(names.filter(|name| !written.contains(name)));
        }
        let known = |(entity, name): &(String, String)| {
            UNWRITTEN.iter().any(|(known, _)| *known == format!("{entity}.{name}"))
        };
        missing.retain(|name| !known(name));
        assert!(missing.is_empty(), "declared, and never written: {missing:?}");
        (entities.len(), written.len())
    }
}
