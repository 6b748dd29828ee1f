//! The table and the few ways in which items are read and written.

use std::{collections::HashMap, sync::Arc};

use aws_sdk_dynamodb::{
    Client,
    operation::query::builders::QueryFluentBuilder,
    types::{AttributeValue, Delete, KeysAndAttributes, Put, TransactWriteItem},
};

use crate::{
    entity::{Entity, Stored},
    error::StoreError,
    keys::{Index, Key},
    recent::Memory,
};

/// An item as DynamoDB gives it.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// The one table.
#[derive(Clone, Debug)]
pub struct Store {
    pub(crate) client: Client,
    pub(crate) table: String,
    /// What this process read a moment ago.
    pub(crate) memory: Arc<Memory>,
}

/// Under which condition an item is put or deleted.
pub(crate) enum If {
    /// Nothing lies there yet.
    Absent,
    /// Whatever lies there is replaced.
    Anything,
    /// What lies there has these values.
    Still(Held),
    /// What lies there, if anything does, has these values.
    AbsentOrStill(Held),
}

/// Which of the entries under a value of an index are meant.
#[derive(Clone, Copy)]
pub(crate) enum Within<'a> {
    /// All of them.
    All,
    /// Those whose number is smaller.
    Before(i64),
    /// Those that begin so.
    Prefix(&'a str),
}

/// Attributes and the values they are to have.
pub(crate) type Held = Vec<(&'static str, String)>;

/// A condition as DynamoDB takes it: the expression and its values.
type Condition = (Option<String>, Option<HashMap<String, AttributeValue>>);

impl If {
    fn condition(&self) -> Condition {
        let absent = "attribute_not_exists(pk)";
        match self {
            Self::Anything => (None, None),
            Self::Absent => (Some(absent.to_owned()), None),
            Self::Still(held) => (Some(test(held)), Some(values(held))),
            Self::AbsentOrStill(held) => {
                (Some(format!("{absent} OR ({})", test(held))), Some(values(held)))
            }
        }
    }
}

fn test(held: &Held) -> String {
    let tests: Vec<String> = held.iter().map(|(name, _)| format!("{name} = :{name}")).collect();
    tests.join(" AND ")
}

fn values(held: &Held) -> HashMap<String, AttributeValue> {
    let value =
        |(name, value): &(&str, String)| (format!(":{name}"), AttributeValue::S(value.clone()));
    held.iter().map(value).collect()
}

impl Store {
    /// The table of that name.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into(), memory: Arc::default() }
    }

    /// The item at `key`, read consistently.
    pub(crate) async fn find<T: Entity>(&self, key: Key) -> Result<Option<T>, StoreError> {
        let answer = sent(
            self.client
                .get_item()
                .table_name(&self.table)
                .set_key(Some(key.attributes()))
                .consistent_read(true)
                .send(),
        )
        .await?;
        answer.item.map(read).transpose()
    }

    /// Puts an item.
    pub(crate) async fn put<T: Entity>(&self, item: T, when: If) -> Result<(), StoreError> {
        let (condition, values) = when.condition();
        let item = write(item)?;
        let _forgetting = self.memory.writing_item(&item);
        sent(
            self.client
                .put_item()
                .table_name(&self.table)
                .set_item(Some(item))
                .set_condition_expression(condition)
                .set_expression_attribute_values(values)
                .send(),
        )
        .await?;
        Ok(())
    }

    /// Deletes the item at `key`, whether it is there or not.
    pub(crate) async fn delete(&self, key: Key) -> Result<(), StoreError> {
        let _forgetting = self.memory.writing(Some((key.pk.as_str(), key.sk.as_str())));
        sent(
            self.client
                .delete_item()
                .table_name(&self.table)
                .set_key(Some(key.attributes()))
                .send(),
        )
        .await?;
        Ok(())
    }

    /// All items of a partition whose sort key begins with `prefix`.
    pub(crate) async fn list<T: Entity>(
        &self,
        pk: String,
        prefix: &str,
    ) -> Result<Vec<T>, StoreError> {
        let mut items = Vec::new();
        let mut from = None;
        loop {
            let page = sent(
                self.client
                    .query()
                    .table_name(&self.table)
                    .key_condition_expression("pk = :pk AND begins_with(sk, :sk)")
                    .expression_attribute_values(":pk", AttributeValue::S(pk.clone()))
                    .expression_attribute_values(":sk", AttributeValue::S(prefix.to_owned()))
                    .set_exclusive_start_key(from)
                    .send(),
            )
            .await?;
            for item in page.items.unwrap_or_default() {
                items.push(read(item)?);
            }
            from = page.last_evaluated_key;
            if from.is_none() {
                return Ok(items);
            }
        }
    }

    /// Whether a partition has an item whose sort key begins with `prefix`.
    pub(crate) async fn has_any(&self, pk: String, prefix: &str) -> Result<bool, StoreError> {
        let page = sent(
            self.client
                .query()
                .table_name(&self.table)
                .key_condition_expression("pk = :pk AND begins_with(sk, :sk)")
                .expression_attribute_values(":pk", AttributeValue::S(pk))
                .expression_attribute_values(":sk", AttributeValue::S(prefix.to_owned()))
                .limit(1)
                .send(),
        )
        .await?;
        Ok(page.items.is_some_and(|items| !items.is_empty()))
    }

    /// The items at `keys` that exist, in no order, in one round trip. At most 100 keys.
    pub(crate) async fn batch(&self, keys: &[Key]) -> Result<Vec<Item>, StoreError> {
        let wanted = KeysAndAttributes::builder()
            .set_keys(Some(keys.iter().map(Key::attributes).collect()))
            .consistent_read(true)
            .build()
            .map_err(|_| StoreError::Refused("empty_batch".to_owned()))?;
        let asked = self.client.batch_get_item().request_items(&self.table, wanted);
        let answer = sent(asked.send()).await?;
        if answer.unprocessed_keys.is_some_and(|left| !left.is_empty()) {
            return Err(StoreError::Unavailable("unprocessed_keys".to_owned()));
        }
        Ok(answer.responses.unwrap_or_default().remove(&self.table).unwrap_or_default())
    }

    /// The keys in an index under `value`; with `before`, only those whose sort attribute (a
    /// number) is lower. At most `limit`.
    pub(crate) async fn index(
        &self,
        index: Index,
        value: String,
        before: Option<i64>,
        limit: i32,
    ) -> Result<Vec<Key>, StoreError> {
        let within = before.map_or(Within::All, Within::Before);
        let page = self.query_index(index, value, within).limit(limit).send().await?;
        page.items.unwrap_or_default().into_iter().map(|item| key_of(&item)).collect()
    }

    /// A query of what an index holds under `value`.
    pub(crate) fn query_index(
        &self,
        index: Index,
        value: String,
        within: Within<'_>,
    ) -> QueryFluentBuilder {
        let (name, hash, range) = index.definition();
        let query = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(name)
            .expression_attribute_names("#hash", hash)
            .expression_attribute_values(":hash", AttributeValue::S(value));
        let (condition, bound) = match within {
            Within::All => return query.key_condition_expression("#hash = :hash"),
            Within::Before(before) => ("#range < :bound", AttributeValue::N(before.to_string())),
            Within::Prefix(prefix) => {
                ("begins_with(#range, :bound)", AttributeValue::S(prefix.to_owned()))
            }
        };
        query
            .key_condition_expression(format!("#hash = :hash AND {condition}"))
            .expression_attribute_names("#range", range)
            .expression_attribute_values(":bound", bound)
    }

    /// Writes all of `writes` or nothing.
    pub(crate) async fn transact(&self, writes: Vec<TransactWriteItem>) -> Result<(), StoreError> {
        let _forgetting = self.memory.transacting(&writes);
        sent(self.client.transact_write_items().set_transact_items(Some(writes)).send()).await?;
        Ok(())
    }

    /// A put for a transaction.
    pub(crate) fn put_in<T: Entity>(
        &self,
        item: T,
        when: &If,
    ) -> Result<TransactWriteItem, StoreError> {
        let (condition, values) = when.condition();
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(write(item)?))
            .set_condition_expression(condition)
            .set_expression_attribute_values(values)
            .build()
            .map_err(|_| StoreError::Refused("put".to_owned()))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// A deletion for a transaction.
    pub(crate) fn delete_in(&self, key: &Key, when: &If) -> Result<TransactWriteItem, StoreError> {
        let (condition, values) = when.condition();
        let delete = Delete::builder()
            .table_name(&self.table)
            .set_key(Some(key.attributes()))
            .set_condition_expression(condition)
            .set_expression_attribute_values(values)
            .build()
            .map_err(|_| StoreError::Refused("delete".to_owned()))?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }
}

/// A call, on the heap: the SDK's futures are large, and several may be under way in one of ours.
fn sent<F: Future>(call: F) -> std::pin::Pin<Box<F>> {
    Box::pin(call)
}

/// An item as the entity's type.
pub(crate) fn read<T: Entity>(item: Item) -> Result<T, StoreError> {
    let ours = item.get("entity").and_then(|name| name.as_s().ok());
    if ours.map(String::as_str) != Some(T::NAME) {
        return Err(StoreError::Unreadable(T::NAME));
    }
    let stored: Stored<T> =
        serde_dynamo::from_item(item).map_err(|_| StoreError::Unreadable(T::NAME))?;
    Ok(stored.body)
}

pub(crate) fn write<T: Entity>(item: T) -> Result<Item, StoreError> {
    serde_dynamo::to_item(Stored::of(item)).map_err(|_| StoreError::Unreadable(T::NAME))
}

pub(crate) fn key_of(item: &Item) -> Result<Key, StoreError> {
    let part = |name| item.get(name).and_then(|value| value.as_s().ok()).cloned();
    match (part("pk"), part("sk")) {
        (Some(pk), Some(sk)) => Ok(Key { pk, sk }),
        _ => Err(StoreError::Unreadable("key")),
    }
}
