//! What is stored about a person.

use std::collections::BTreeMap;

use askama::Template;
use serde_json::Value;
use tandem_domain::Timestamp;
use tandem_store::{
    Exported,
    inventory::{Declaration, find_declaration},
};

use crate::{
    inventory::in_words,
    layout::Layout,
    ledger::Side,
    texts::MyData,
    time::{Moment, moment},
};

const TEXTS: MyData = MyData::EN;

/// How many items of an entity are shown whole.
const SHOWN: usize = 5;

/// The page, or one page of it where there is much.
#[derive(Template)]
#[template(path = "my_data.html")]
pub struct MyDataPage<'a> {
    /// The frame.
    pub layout: Layout,
    /// The items, by entity.
    pub groups: Vec<Group>,
    /// Where the file is.
    pub download: String,
    /// Where the next page is.
    pub next: Option<String>,
    /// Whether this is the first page.
    pub is_first: bool,
    /// The last uses of the person's tokens.
    pub uses: Vec<Side>,
    /// The session's CSRF token.
    pub csrf: &'a str,
}

/// The items of one entity.
pub struct Group {
    declared: &'static Declaration,
    count: usize,
    items: Vec<Item>,
}

/// One item.
struct Item {
    fields: Vec<Field>,
    left_out: String,
}

/// One attribute.
struct Field {
    name: String,
    what: &'static str,
    why: &'static str,
    value: String,
    at: Option<Moment>,
}

impl Group {
    /// Items by entity, in the order of the inventory; of each entity a few are shown whole.
    pub fn of(items: &[Exported]) -> Vec<Self> {
        let mut by_entity: BTreeMap<&str, Vec<&Exported>> = BTreeMap::new();
        for item in items {
            by_entity.entry(item.entity).or_default().push(item);
        }
        let of = |declared: &'static Declaration| {
            let items = by_entity.get(declared.entity)?;
            let shown = items.iter().take(SHOWN).map(|item| Item::of(item, declared)).collect();
            Some(Self { declared, count: items.len(), items: shown })
        };
        tandem_store::inventory::INVENTORY.iter().filter_map(of).collect()
    }

    fn erased_with(&self) -> String {
        in_words(self.declared.erased_with)
    }
}

impl Item {
    fn of(item: &Exported, declared: &'static Declaration) -> Self {
        let field = |attribute: &tandem_store::Attribute| {
            let value = item.attributes.get(attribute.name)?;
            Some(Field {
                name: attribute.name.to_owned(),
                what: attribute.what,
                why: attribute.why,
                value: text(value),
                at: time_of(attribute.name, value),
            })
        };
        let fields = declared.attributes.iter().filter_map(field).collect();
        let left_out: Vec<&str> = item.left_out.iter().map(String::as_str).collect();
        Self { fields, left_out: left_out.join(", ") }
    }
}

/// A time is stored in milliseconds, in an attribute whose name says so.
fn time_of(name: &str, value: &Value) -> Option<Moment> {
    let names = ["_at", "_until", "_since", "comment_version", "message_version"];
    let is_time = name == "at" || names.iter().any(|end| name.ends_with(end));
    value.as_i64().filter(|_| is_time).map(|at| moment(Timestamp::from_millis(at)))
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(list) => list.iter().map(text).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => {
            let pair = |(name, value): (&String, &Value)| format!("{name}: {}", text(value));
            fields.iter().map(pair).collect::<Vec<_>>().join("; ")
        }
        other => other.to_string(),
    }
}

/// The declarations of the entities of these items, each once.
pub fn declarations(items: &[Exported]) -> Vec<&'static Declaration> {
    let mut names: Vec<&str> = items.iter().map(|item| item.entity).collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter().filter_map(find_declaration).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tandem_domain::settings::EffectiveSettings;

    use super::*;
    use crate::{layout::Here, ledger};

    fn link(number: usize) -> Exported {
        let attributes = json!({
            "account_id": format!("712020:{number}"), "created_at": 1_800_000_000_000_i64,
        });
        Exported {
            entity: "account_link",
            attributes: serde_json::from_value(attributes).unwrap(),
            left_out: ["object_id".to_owned()].into(),
        }
    }

    #[test]
    fn items_are_shown_by_entity_in_readable_form() {
        let items: Vec<Exported> = (0..7).map(link).collect();
        let page = MyDataPage {
            layout: Layout::inside(&EffectiveSettings::default(), Here::MyData),
            groups: Group::of(&items),
            download: "/me/data".to_owned(),
            next: Some("/my/data?from=1".to_owned()),
            is_first: true,
            uses: ledger::tests::sides(),
            csrf: "a-token",
        };
        let page = page.render().unwrap();
        crate::testing::assert_stands_alone(&page);
        for shown in [
            "712020:4",
            "2027-01-15 08:00 UTC",
            "5 of 7 shown",
            "the Jira user",
            "until the person disconnects or is erased",
            "start_chat",
            "value=\"a-token\"",
            "<code>object_id</code>",
            "href=\"/my/data?from=1\"",
        ] {
            assert!(page.contains(shown), "{shown} in {page}");
        }
        assert!(!page.contains("712020:5"), "{page}");
        assert_eq!(declarations(&items).len(), 1);
    }

    #[test]
    fn lists_and_maps_are_read_out() {
        for (value, shown) in [
            (json!(["a", "b"]), "a, b"),
            (json!({"appearance": "dark", "x": [1, true]}), "appearance: dark; x: 1, true"),
            (json!(7), "7"),
        ] {
            assert_eq!(text(&value), shown);
        }
        assert_eq!(time_of("version", &json!(7)), None);
        assert!(time_of("lease_until", &json!(7)).is_some());
    }
}
