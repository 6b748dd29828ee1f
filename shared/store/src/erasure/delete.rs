//! Deleting what an erasure found, and counting it on the receipt: each thing whole, and once.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem, Update};
use tandem_domain::{AccountId, CloudId};

use super::{Erasure, Found};
use crate::{
    ScopeSettings, Store, StoreError,
    keys::{self, Index, Key},
    table::{If, read},
};

/// How much one transaction may change:
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html>
const MOST_WRITES: usize = 100;

/// Things to delete in one transaction.
#[derive(Default)]
struct Batch<'a> {
    found: Vec<&'a Found>,
    deletions: Vec<TransactWriteItem>,
    /// What the transaction touches: nothing may be touched twice.
    keys: BTreeSet<Key>,
    counts: BTreeMap<&'static str, u64>,
}

impl Store {
    /// Deletes what was found, both halves of it, and counts it on the erasure's receipt, in one
    /// transaction. `false` when it had gone, or had become something else.
    pub async fn erase_found(&self, erasure: &Erasure, found: &Found) -> Result<bool, StoreError> {
        let mut batch = Batch::default();
        self.add_to(&mut batch, found)?;
        self.erase_batch(erasure, batch).await
    }

    /// Deletes all that was found, as much as goes into each transaction, and counts it. Where a
    /// transaction finds that one thing had gone, its things are deleted one by one. Answers how
    /// many were deleted.
    pub async fn erase_all_found(
        &self,
        erasure: &Erasure,
        found: &[Found],
    ) -> Result<usize, StoreError> {
        let (mut erased, mut batch) = (0, Batch::default());
        for item in found {
            let halves = item.halves();
            let full = batch.deletions.len() + halves.len() + 1 > MOST_WRITES;
            if full || halves.iter().any(|(key, _)| batch.keys.contains(key)) {
                erased += self.erase_as_goes(erasure, std::mem::take(&mut batch)).await?;
            }
            self.add_to(&mut batch, item)?;
        }
        Ok(erased + self.erase_as_goes(erasure, batch).await?)
    }

    fn add_to<'a>(&self, batch: &mut Batch<'a>, found: &'a Found) -> Result<(), StoreError> {
        for (key, held) in found.halves() {
            // The half that was found must be there, so that it is counted once.
            let when = if key == found.key { If::Still(held) } else { If::AbsentOrStill(held) };
            batch.deletions.push(self.delete_in(&key, &when)?);
            batch.keys.insert(key);
        }
        *batch.counts.entry(found.entity).or_default() += 1;
        batch.found.push(found);
        Ok(())
    }

    async fn erase_as_goes(
        &self,
        erasure: &Erasure,
        batch: Batch<'_>,
    ) -> Result<usize, StoreError> {
        let found = batch.found.clone();
        if found.is_empty() || self.erase_batch(erasure, batch).await? {
            return Ok(found.len());
        }
        let mut erased = 0;
        if found.len() > 1 {
            for item in found {
                erased += usize::from(self.erase_found(erasure, item).await?);
            }
        }
        Ok(erased)
    }

    /// All of a batch or nothing of it.
    async fn erase_batch(&self, erasure: &Erasure, batch: Batch<'_>) -> Result<bool, StoreError> {
        let mut writes = vec![self.count_in(erasure, &batch.counts)?];
        writes.extend(batch.deletions);
        match self.transact(writes).await {
            Ok(()) => Ok(true),
            Err(StoreError::Conflict) => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn count_in(
        &self,
        erasure: &Erasure,
        counts: &BTreeMap<&'static str, u64>,
    ) -> Result<TransactWriteItem, StoreError> {
        let number = |value: u64| AttributeValue::N(value.to_string());
        let mut update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(keys::receipt(&erasure.receipt_id).attributes()))
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_names("#counts", "counts")
            .expression_attribute_values(":zero", number(0));
        let mut sums = Vec::new();
        for (index, (entity, count)) in counts.iter().enumerate() {
            let (name, more) = (format!("#entity{index}"), format!(":more{index}"));
            sums.push(format!("#counts.{name} = if_not_exists(#counts.{name}, :zero) + {more}"));
            update = update
                .expression_attribute_names(name, *entity)
                .expression_attribute_values(more, number(*count));
        }
        let update = update
            .update_expression(format!("SET {}", sums.join(", ")))
            .build()
            .map_err(|_| StoreError::Refused("update".to_owned()))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    /// Takes a person's name out of the settings of the site and its projects that they changed
    /// last. Answers how many they were.
    pub async fn forget_setter(
        &self,
        cloud: &CloudId,
        account: &AccountId,
    ) -> Result<usize, StoreError> {
        let mut forgotten = 0;
        let instance = keys::instance_settings(cloud).pk;
        for prefix in [instance, keys::projects_of(cloud)] {
            let mut from = None;
            loop {
                let (keys, next) = self
                    .indexed_page(Index::ByTenant, &keys::site(cloud), Some(&prefix), from)
                    .await?;
                let keys: Vec<Key> = keys.into_iter().filter(|key| key.sk == "SETTINGS").collect();
                if !keys.is_empty() {
                    for item in self.batch(&keys).await? {
                        forgotten += self.forget_in(read(item)?, account).await?;
                    }
                }
                from = next;
                if from.is_none() {
                    break;
                }
            }
        }
        Ok(forgotten)
    }

    async fn forget_in(
        &self,
        settings: ScopeSettings,
        account: &AccountId,
    ) -> Result<usize, StoreError> {
        if settings.changed_by.as_ref() != Some(account) {
            return Ok(0);
        }
        let before = settings.version;
        let nameless = ScopeSettings { changed_by: None, version: before + 1, ..settings };
        match self.put_settings(&nameless, before).await {
            Ok(()) => Ok(1),
            // Changed meanwhile: by somebody else, or it is found again.
            Err(StoreError::Conflict) => Ok(0),
            Err(error) => Err(error),
        }
    }
}
