//! Everything that is stored about one person, from both sides, for them to see and take away.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;
use serde_json::Value;
use tandem_domain::Subject;

use crate::{
    Grant, JiraUser, MicrosoftUser, Store, StoreError,
    entity::{COMMON, Entity, Whose},
    erasure::{Cursor, Found, What},
    inventory::find_declaration,
    keys::{self, Index, Key},
    table::{Item, key_of},
};

/// Hashes by which a browser is known: of no use to anybody, and nobody's to have.
const HASHES: [&str; 3] = ["token_hash", "state_hash", "browser_hash"];

/// How many lines of a ledger a page has.
const LINES: i32 = 100;

/// A stored item as it is given to the person it is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Exported {
    /// The entity's name, as in the inventory.
    pub entity: &'static str,
    /// Its own attributes, as they are stored: times are milliseconds since 1970. What the table
    /// itself needs is made of the same.
    pub attributes: BTreeMap<String, Value>,
    /// Attributes that are not shown: ids of other people, and hashes of what a browser holds.
    pub left_out: BTreeSet<String>,
}

/// Where a page ended, as it travels in an address. Of use to the same person only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportCursor {
    part: usize,
    after: Option<Key>,
}

impl ExportCursor {
    /// A cursor that was given out before; `None` for anything that is none.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > 1000 || !text.bytes().all(|b| b.is_ascii_graphic()) {
            return None;
        }
        let mut fields = text.splitn(3, '|');
        let part = fields.next()?.parse().ok()?;
        let after = match (fields.next(), fields.next()) {
            (None, None) => None,
            (Some(pk), Some(sk)) if !pk.is_empty() && !sk.is_empty() => {
                Some(Key { pk: pk.to_owned(), sk: sk.to_owned() })
            }
            _ => return None,
        };
        Some(Self { part, after })
    }

    /// As text of visible ASCII characters.
    pub fn to_text(&self) -> String {
        match &self.after {
            None => self.part.to_string(),
            Some(Key { pk, sk }) => format!("{}|{pk}|{sk}", self.part),
        }
    }
}

/// One of the places in which something about a person lies.
enum Part {
    /// What is found by its key alone: the grants, and an erasure under way.
    Known(Vec<Key>),
    /// What belongs to one of their accounts.
    Owned(String),
    /// The uses of the tokens of one grant.
    Ledger(Subject),
    /// What else names them on a site: in partitions of the table that begin so.
    Named(String, String),
}

/// Whose data it is.
struct Person {
    /// The owners under which it lies.
    owners: BTreeSet<String>,
    /// The ids by which it names them.
    ids: BTreeSet<String>,
    parts: Vec<Part>,
}

impl Person {
    fn of(jira: &[JiraUser], microsoft: &[MicrosoftUser]) -> Self {
        let (mut owners, mut ids) = (BTreeSet::new(), BTreeSet::new());
        let (mut known, mut accounts, mut ledgers, mut named) = (vec![], vec![], vec![], vec![]);
        let mut grant = |subject: Subject| {
            let key = keys::grant(&subject);
            if !known.contains(&key) {
                known.push(key);
                ledgers.push(Part::Ledger(subject));
            }
        };
        for JiraUser { cloud_id, account_id } in jira {
            let owner = keys::jira_user(cloud_id, account_id);
            accounts.push(Part::Owned(owner.clone()));
            owners.insert(owner);
            ids.insert(account_id.to_string());
            grant(Subject::Atlassian(account_id.clone()));
            for prefix in [keys::instance_settings(cloud_id).pk, keys::projects_of(cloud_id)] {
                named.push(Part::Named(keys::site(cloud_id), prefix));
            }
        }
        for MicrosoftUser { tenant_id, object_id } in microsoft {
            let owner = keys::microsoft_user(tenant_id, object_id);
            accounts.push(Part::Owned(owner.clone()));
            owners.insert(owner);
            ids.insert(object_id.to_string());
            grant(Subject::Microsoft(tenant_id.clone(), object_id.clone()));
        }
        known.extend(jira.iter().map(|it| keys::user_erasure(&it.cloud_id, &it.account_id)));
        let mut parts = vec![Part::Known(known)];
        parts.extend(accounts.into_iter().chain(ledgers).chain(named));
        Self { owners, ids, parts }
    }

    /// Whether an item that lies under one of their accounts is shown from there: a grant is found
    /// by its key, and of what lies in two halves the one at Jira stands for both where it is theirs.
    fn shows_owned(&self, item: &Item) -> Result<bool, StoreError> {
        let entity = text(item, "entity").unwrap_or_default();
        if entity == Grant::NAME {
            return Ok(false);
        }
        if !entity.contains("_by_") {
            return Ok(true);
        }
        let whole = match Found::of(item.clone())?.what {
            What::AccountLink(it) => it.owner(),
            What::ChatLink(it) => it.owner(),
            What::MessageLink(it) => it.owner(),
            What::ChannelSubscription(it) => it.owner(),
            What::IssueMessage(it) => it.owner(),
            _ => None,
        };
        Ok(!whole.is_some_and(|owner| self.owners.contains(&owner)))
    }

    /// Whether an item of somebody else, or of nobody, names them.
    fn is_named_in(&self, item: &Item, exported: &Exported) -> bool {
        let theirs = text(item, "owner").is_some_and(|owner| self.owners.contains(owner));
        let person = |name: &String| whose(exported.entity, name) == Some(Whose::Person);
        !theirs && exported.attributes.keys().any(person)
    }

    fn export(&self, item: &Item) -> Result<Exported, StoreError> {
        let declared = text(item, "entity").and_then(find_declaration);
        let entity = declared.map_or("unknown", |declared| declared.entity);
        let mut left_out = BTreeSet::new();
        let mut attributes = BTreeMap::new();
        for (name, value) in item {
            if COMMON.iter().any(|common| common.name == *name) {
                continue;
            }
            let value: Value = serde_dynamo::from_attribute_value(value.clone())
                .map_err(|_| StoreError::Unreadable("export"))?;
            let shown = match whose(entity, name) {
                _ if HASHES.contains(&name.as_str()) => None,
                Some(Whose::Person) => self.theirs(&value),
                _ => Some(value.clone()),
            };
            if shown.as_ref() != Some(&value) {
                left_out.insert(name.clone());
            }
            attributes.extend(shown.map(|shown| (name.clone(), shown)));
        }
        Ok(Exported { entity, attributes, left_out })
    }

    /// What of the ids of people is theirs.
    fn theirs(&self, value: &Value) -> Option<Value> {
        match value {
            Value::String(id) => self.ids.contains(id).then(|| value.clone()),
            Value::Array(list) => {
                let ours: Vec<Value> = list.iter().filter_map(|it| self.theirs(it)).collect();
                (!ours.is_empty()).then_some(Value::Array(ours))
            }
            Value::Object(fields) => {
                let ours = fields.values().any(|it| self.theirs(it).is_some());
                ours.then(|| value.clone())
            }
            _ => None,
        }
    }
}

fn whose(entity: &str, name: &str) -> Option<Whose> {
    let declared = find_declaration(entity)?.attributes.iter();
    declared.clone().find(|attribute| attribute.name == name).map(|attribute| attribute.whose)
}

fn text<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    item.get(name)?.as_s().ok().map(String::as_str)
}

impl Store {
    /// A page of what is stored about a person, and where the next one begins, if there is one. A
    /// page may be empty and not the last. What lies in two halves is shown once. A sign-in under
    /// way is found by its browser alone, and is not here: it ends after ten minutes.
    ///
    /// # Errors
    /// [`StoreError::ForeignCursor`] for a cursor that was not given out for this person, or of
    /// which nothing is left.
    pub async fn list_of_person(
        &self,
        jira: &[JiraUser],
        microsoft: &[MicrosoftUser],
        from: Option<&ExportCursor>,
    ) -> Result<(Vec<Exported>, Option<ExportCursor>), StoreError> {
        let person = Person::of(jira, microsoft);
        let at = from.map_or(0, |from| from.part);
        let after = from.and_then(|from| from.after.clone());
        let Some(part) = person.parts.get(at) else { return Err(StoreError::ForeignCursor) };
        let mut shown = Vec::new();
        let next = match part {
            Part::Known(keys) => {
                for item in self.batch_any(keys).await? {
                    shown.push(person.export(&item)?);
                }
                None
            }
            Part::Owned(owner) => {
                let (items, next) =
                    self.indexed_items(Index::ByOwner, owner, None, after.as_ref()).await?;
                for item in &items {
                    if person.shows_owned(item)? {
                        shown.push(person.export(item)?);
                    }
                }
                next
            }
            Part::Ledger(subject) => {
                let (items, next) = self.ledger_items(subject, after).await?;
                for item in &items {
                    shown.push(person.export(item)?);
                }
                next
            }
            Part::Named(site, prefix) => {
                // DynamoDB refuses to begin outside of what is asked for.
                if after.as_ref().is_some_and(|after| !after.pk.starts_with(prefix)) {
                    return Err(StoreError::ForeignCursor);
                }
                let prefix = Some(prefix.as_str());
                let (items, next) =
                    self.indexed_items(Index::ByTenant, site, prefix, after.as_ref()).await?;
                for item in &items {
                    let exported = person.export(item)?;
                    if person.is_named_in(item, &exported) {
                        shown.push(exported);
                    }
                }
                next
            }
        };
        let next = match next {
            Some(after) => Some(ExportCursor { part: at, after: Some(after) }),
            None if at + 1 < person.parts.len() => Some(ExportCursor { part: at + 1, after: None }),
            None => None,
        };
        Ok((shown, next))
    }

    /// The items at any number of keys.
    async fn batch_any(&self, keys: &[Key]) -> Result<Vec<Item>, StoreError> {
        let mut items = Vec::new();
        for keys in keys.chunks(100) {
            items.extend(self.batch(keys).await?);
        }
        Ok(items)
    }

    /// A page of the items that one partition of an index leads to.
    async fn indexed_items(
        &self,
        index: Index,
        value: &str,
        prefix: Option<&str>,
        after: Option<&Key>,
    ) -> Result<(Vec<Item>, Option<Key>), StoreError> {
        let (_, hash, _) = index.definition();
        let from = after.map(|key| {
            let mut at = key.attributes();
            at.insert(hash.to_owned(), AttributeValue::S(value.to_owned()));
            Cursor(at)
        });
        let (keys, next) = self.indexed_page(index, value, prefix, from).await?;
        let next = next.map(|Cursor(at)| key_of(&at)).transpose()?;
        Ok((self.batch_any(&keys).await?, next))
    }

    /// A page of the ledger of a subject's grant, as items.
    async fn ledger_items(
        &self,
        subject: &Subject,
        after: Option<Key>,
    ) -> Result<(Vec<Item>, Option<Key>), StoreError> {
        let Some(grant) = self.find_grant(subject).await? else { return Ok((vec![], None)) };
        let ledger = keys::grant_by_id(&grant.grant_id);
        let within = |at: &Key| at.pk == ledger && at.sk.starts_with(keys::LEDGER);
        if after.as_ref().is_some_and(|after| !within(after)) {
            return Err(StoreError::ForeignCursor);
        }
        let (lines, next) = self.ledger_page(&grant.grant_id, LINES, after).await?;
        Ok((lines, next.map(|at| key_of(&at)).transpose()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_given_out_is_a_cursor() {
        let key = Key { pk: "J#1#U#712020:a".to_owned(), sk: "LINK".to_owned() };
        for after in [None, Some(key)] {
            let cursor = ExportCursor { part: 2, after };
            assert_eq!(ExportCursor::parse(&cursor.to_text()), Some(cursor));
        }
        for other in ["", "x", "1|", "1|a", "1||b", "1|a|", "-1", "1|a b|c", "1|\u{e4}|b"] {
            assert_eq!(ExportCursor::parse(other), None, "{other}");
        }
        assert_eq!(ExportCursor::parse(&format!("1|{}|b", "a".repeat(1000))), None);
    }
}
