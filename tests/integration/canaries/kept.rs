//! What the table held at any time: looked at after each part of the story, since much of it is
//! forgotten again before the end.

use std::collections::BTreeSet;

use tandem_store::inventory::{INVENTORY, attributes_of};

use super::scene::Scene;

/// Attributes that no story of this test writes, and why.
const UNWRITTEN: &[(&str, &str)] = &[];

/// The entities and attributes that were written.
#[derive(Default)]
pub struct Kept {
    entities: BTreeSet<String>,
    attributes: BTreeSet<String>,
}

impl Scene {
    /// Looks at every item there is now: no marker is in it, and each attribute is declared for its
    /// entity.
    pub async fn look_at_the_table(&mut self) {
        for item in self.stack.items().await {
            let entity = item["entity"]["S"].as_str().unwrap().to_owned();
            self.markers.assert_none(&format!("an item of {entity}"), &item.to_string());
            let declared =
                attributes_of(&entity).unwrap_or_else(|| panic!("{entity} is not declared"));
            for name in item.as_object().into_iter().flat_map(serde_json::Map::keys) {
                assert!(declared.contains(&name.as_str()), "{entity}.{name} is not declared");
                self.kept.attributes.insert(format!("{entity}.{name}"));
            }
            self.kept.entities.insert(entity);
        }
    }
}

impl Kept {
    /// Every entity was written, with everything that is declared of it; how many of both.
    pub fn assert_all_declared_was_written(&self) -> (usize, usize) {
        let known = INVENTORY.iter().map(|declared| declared.entity.to_owned());
        let known: BTreeSet<String> = known.collect();
        let missing: Vec<&String> = known.difference(&self.entities).collect();
        assert!(missing.is_empty(), "no flow here writes {missing:?}");
        let declared = INVENTORY.iter().flat_map(|declared| {
            let attributes = declared.attributes.iter();
            attributes.map(|attribute| format!("{}.{}", declared.entity, attribute.name))
        });
        let missing: BTreeSet<String> =
            declared.filter(|name| !self.attributes.contains(name)).collect();
        let listed: BTreeSet<String> = UNWRITTEN.iter().map(|(name, _)| (*name).to_owned()).collect();
        assert_eq!(missing, listed, "declared and never written, and what is known to be so");
        (self.entities.len(), self.attributes.len())
    }
}
