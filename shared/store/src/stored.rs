//! Everything that lies under one Jira site, as it is stored, page by page: for its export.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;
use serde_json::Value;
use tandem_domain::CloudId;

use crate::{
    Store, StoreError,
    keys::{self, Index, Key, PK, SK},
    table::key_of,
};

/// How many keys of the index are looked at in one round trip: as many as one batch reads.
const PAGE: i32 = 100;

/// Attributes that are the hash of what only a browser holds. No export has them, nor any other
/// attribute that they are part of.
const WITHHELD: &[&str] = &["token_hash", "state_hash", "browser_hash"];

/// One item: its attributes as they are stored, by name.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct StoredItem(BTreeMap<String, Value>);

impl StoredItem {
    fn of(mut item: HashMap<String, AttributeValue>) -> Result<Self, StoreError> {
        let text = |value: &AttributeValue| value.as_s().ok().cloned();
        let hashes: Vec<String> =
            WITHHELD.iter().filter_map(|name| item.get(*name).and_then(text)).collect();
        item.retain(|_, value| {
            !text(value).is_some_and(|text| hashes.iter().any(|hash| text.contains(hash.as_str())))
        });
        serde_dynamo::from_item(item).map(Self).map_err(|_| StoreError::Unreadable("stored"))
    }
}

/// Where a page of a site's items ended. Of use with the same site only, and it names nothing but
/// a key's place in the order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredPlace(Key);

impl StoredPlace {
    fn after(Key { pk, sk }: Key) -> Self {
        Self(Key { pk: keys::place_of_session(&pk).unwrap_or(pk), sk })
    }

    /// A place that was given out before; `None` for anything that is none.
    pub fn parse(text: &str) -> Option<Self> {
        let (pk, sk) = text.split_once('\n')?;
        let spelled = |part: &str| {
            (1..=700).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_graphic())
        };
        (spelled(pk) && spelled(sk)).then(|| Self(Key { pk: pk.to_owned(), sk: sk.to_owned() }))
    }

    /// As text.
    pub fn to_text(&self) -> String {
        format!("{}\n{}", self.0.pk, self.0.sk)
    }
}

impl Store {
    /// A page of what lies under a site (at most 100 items, in the order of their keys), and where
    /// the next page begins, if there is one. The index is behind by moments.
    pub async fn list_stored_by_site(
        &self,
        cloud: &CloudId,
        from: Option<&StoredPlace>,
    ) -> Result<(Vec<StoredItem>, Option<StoredPlace>), StoreError> {
        let (name, hash, _) = Index::ByTenant.definition();
        let site = AttributeValue::S(keys::site(cloud));
        let start = from.map(|StoredPlace(key)| {
            let mut start = key.attributes();
            start.insert(hash.to_owned(), site.clone());
            start
        });
        let page = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(name)
            .limit(PAGE)
            .key_condition_expression("#hash = :hash")
            .expression_attribute_names("#hash", hash)
            .expression_attribute_values(":hash", site)
            .set_exclusive_start_key(start)
            .send()
            .await?;
        let keys: Vec<Key> =
            page.items.unwrap_or_default().iter().map(key_of).collect::<Result<_, _>>()?;
        let next = page.last_evaluated_key.as_ref().map(key_of).transpose()?;
        let mut items = if keys.is_empty() { Vec::new() } else { self.batch(&keys).await? };
        let part = |item: &HashMap<String, AttributeValue>, name| {
            item.get(name).and_then(|value| value.as_s().ok()).cloned().unwrap_or_default()
        };
        items.sort_by_cached_key(|item| (part(item, PK), part(item, SK)));
        let items = items.into_iter().map(StoredItem::of).collect::<Result<_, _>>()?;
        Ok((items, next.map(StoredPlace::after)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_export_has_a_hash_of_what_a_browser_holds() {
        let hash = "0123456789abcdef".repeat(4);
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let item = HashMap::from([
            (PK.to_owned(), text(&format!("T#{hash}"))),
            (SK.to_owned(), text("SESSION")),
            ("token_hash".to_owned(), text(&hash)),
            ("ends_at".to_owned(), AttributeValue::N("17".to_owned())),
        ]);
        let exported = serde_json::to_string(&StoredItem::of(item).unwrap()).unwrap();
        assert_eq!(exported, r#"{"ends_at":17,"sk":"SESSION"}"#);
        let place = StoredPlace::after(Key { pk: format!("T#{hash}"), sk: "SESSION".to_owned() });
        assert!(!place.to_text().contains(&hash), "{place:?}");
        assert!(place.0.pk > format!("T#{hash}"), "behind the session it stands for");
    }

    #[test]
    fn only_what_was_given_out_is_a_place() {
        let place = StoredPlace(Key { pk: "J#1#I#2".to_owned(), sk: "CHAT#3#4".to_owned() });
        assert_eq!(StoredPlace::parse(&place.to_text()), Some(place));
        for text in ["", "x", "\n", "J#1\n", "J#1\nx\ny", "a key\nx"] {
            assert_eq!(StoredPlace::parse(text), None, "{text:?}");
        }
    }
}
