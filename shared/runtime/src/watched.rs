//! Whether anybody on a site wants to be told of what they watch: asked for with every event, so
//! remembered for a minute.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tandem_domain::{CloudId, Failure, Timestamp};
use tandem_store::Store;

/// How long an answer is remembered.
const REMEMBERED: Duration = Duration::from_mins(1);
/// How many sites are remembered at most; beyond it all are forgotten and looked up again.
const MOST_SITES: usize = 1000;

/// The sites on which somebody wants to be told of what they watch.
#[derive(Debug, Default)]
pub struct WatchedSites(Mutex<HashMap<CloudId, (Timestamp, bool)>>);

impl WatchedSites {
    /// Whether there is anybody on this site.
    pub async fn anybody(
        &self,
        store: &Store,
        cloud: &CloudId,
        now: Timestamp,
    ) -> Result<bool, Failure> {
        let remembered = self.known().get(cloud).copied();
        if let Some((until, anybody)) = remembered
            && until > now
        {
            return Ok(anybody);
        }
        let anybody = !store.list_watchers(cloud).await?.is_empty();
        let mut known = self.known();
        if known.len() >= MOST_SITES {
            known.clear();
        }
        known.insert(cloud.clone(), (now.plus(REMEMBERED), anybody));
        Ok(anybody)
    }

    fn known(&self) -> std::sync::MutexGuard<'_, HashMap<CloudId, (Timestamp, bool)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
