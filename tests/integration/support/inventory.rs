//! What every test writes, held against the inventory: nothing is written that is not declared.

use std::collections::BTreeSet;

use serde_json::Value;
use tandem_local::aws::{Aws, Written};
use tandem_store::{
    ErasedWith,
    inventory::{attributes_of, find_declaration},
};

/// A table under watch. When it is dropped, at the end of a test, each item that was ever written
/// is looked at.
pub struct Inventoried(Written);

impl Inventoried {
    pub fn watch(aws: &Aws, table: &str) -> Self {
        Self(aws.watch(table).unwrap())
    }

    /// Each item as each write left it.
    pub fn items(&self) -> Vec<Value> {
        self.0.items().unwrap()
    }
}

impl Drop for Inventoried {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let found: BTreeSet<String> = self.items().iter().flat_map(undeclared).collect();
        assert!(found.is_empty(), "written, and not so declared in the inventory: {found:#?}");
    }
}

/// What of an item, as it lies in the table, is not as its entity declares it.
pub fn undeclared(item: &Value) -> Vec<String> {
    let entity = item["entity"]["S"].as_str().unwrap_or_default();
    // The test of the canaries plants one.
    if entity == "planted" {
        return Vec::new();
    }
    let Some((declared, names)) = find_declaration(entity).zip(attributes_of(entity)) else {
        return vec![format!("the entity \"{entity}\"")];
    };
    let written = item.as_object().into_iter().flat_map(serde_json::Map::keys);
    let unknown = written.filter(|name| !names.contains(&name.as_str()));
    let mut found: Vec<String> = unknown.map(|name| format!("{entity}.{name}")).collect();
    // What an index leads to is erased with that, so it is to be declared.
    for with in found_by(item) {
        if !declared.erased_with.contains(&with) {
            found.push(format!("that {entity} is erased with {}", with.words()));
        }
    }
    found
}

/// With what an item is erased because an index leads to it, or because it ends by itself.
pub fn found_by(item: &Value) -> Vec<ErasedWith> {
    let side = |attribute: &str, jira, microsoft| {
        let value = item[attribute]["S"].as_str()?;
        Some(if value.starts_with("J#") { jira } else { microsoft })
    };
    let owner = side("owner", ErasedWith::JiraUser, ErasedWith::MicrosoftUser);
    let tenant = side("tenant", ErasedWith::Site, ErasedWith::Tenant);
    let ends = item.get("ttl").map(|_| ErasedWith::Time);
    owner.into_iter().chain(tenant).chain(ends).collect()
}
