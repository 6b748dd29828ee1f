//! Grants found by what is due, and by the key that seals them.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use tandem_domain::Timestamp;

use super::{Grant, Seal, due_of};
use crate::{
    Store, StoreError,
    keys::{Index, Key},
};

impl Store {
    /// The grants to refresh before `now` among those that are sealed under `seals`, and those of
    /// which that is not noted. At most `limit`, the longest due first under each seal.
    pub async fn list_due_grants(
        &self,
        seals: &[Seal],
        now: Timestamp,
        limit: i32,
    ) -> Result<Vec<Grant>, StoreError> {
        let limit = limit.clamp(1, 100);
        let mut due = Vec::new();
        for under in seals.iter().map(Some).chain([None]) {
            let room = limit - i32::try_from(due.len()).unwrap_or(limit);
            if room <= 0 {
                break;
            }
            let before = Some(now.as_millis());
            let keys = self.index(Index::ByDue, due_of(under), before, room).await?;
            if !keys.is_empty() {
                due.extend(self.grants_at(&keys).await?);
            }
        }
        Ok(due)
    }

    /// A page of the active grants that are sealed under `seal` (`None`: of which that is not
    /// noted), and where the next page begins, if there is one. The index is behind by moments.
    pub async fn list_grants_by_seal(
        &self,
        seal: Option<&Seal>,
        from: Option<GrantCursor>,
        limit: i32,
    ) -> Result<(Vec<Grant>, Option<GrantCursor>), StoreError> {
        let (name, hash, _) = Index::ByDue.definition();
        let page = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(name)
            .limit(limit.clamp(1, 100))
            .key_condition_expression("#hash = :hash")
            .expression_attribute_names("#hash", hash)
            .expression_attribute_values(":hash", AttributeValue::S(due_of(seal)))
            .set_exclusive_start_key(from.map(|GrantCursor(key)| key))
            .send()
            .await?;
        let keys: Vec<Key> = page
            .items
            .unwrap_or_default()
            .iter()
            .map(crate::table::key_of)
            .collect::<Result<_, _>>()?;
        let grants = if keys.is_empty() { Vec::new() } else { self.grants_at(&keys).await? };
        Ok((grants, page.last_evaluated_key.map(GrantCursor)))
    }

    pub(crate) async fn grants_at(&self, keys: &[Key]) -> Result<Vec<Grant>, StoreError> {
        self.batch(keys).await?.into_iter().map(crate::table::read).collect()
    }
}

/// Where a page of grants ended.
#[derive(Clone, Debug)]
pub struct GrantCursor(HashMap<String, AttributeValue>);
