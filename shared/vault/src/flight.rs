//! One caller at a time per grant within this process: the others get what it got.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use tandem_domain::GrantId;
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

/// The grants that somebody in this process is opening or refreshing.
#[derive(Default)]
pub(crate) struct Flights(Mutex<HashMap<GrantId, Weak<AsyncMutex<()>>>>);

/// The right to open or refresh one grant, until dropped.
pub(crate) struct Turn {
    /// Whether somebody else had it before: then things may have changed.
    pub(crate) waited: bool,
    _guard: OwnedMutexGuard<()>,
}

impl Flights {
    /// Waits for one's turn at a grant.
    pub(crate) async fn turn(&self, grant: &GrantId) -> Turn {
        let lock = self.lock_of(grant);
        match Arc::clone(&lock).try_lock_owned() {
            Ok(guard) => Turn { waited: false, _guard: guard },
            Err(_) => Turn { waited: true, _guard: lock.lock_owned().await },
        }
    }

    fn lock_of(&self, grant: &GrantId) -> Arc<AsyncMutex<()>> {
        let mut locks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lock) = locks.get(grant).and_then(Weak::upgrade) {
            return lock;
        }
        locks.retain(|_, lock| lock.strong_count() > 0);
        let lock = Arc::new(AsyncMutex::new(()));
        locks.insert(grant.clone(), Arc::downgrade(&lock));
        lock
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_turn_at_a_time_per_grant() {
        let flights = Flights::default();
        let one = GrantId::parse(&"1".repeat(32)).unwrap();
        let other = GrantId::parse(&"2".repeat(32)).unwrap();
        let first = flights.turn(&one).await;
        assert!(!first.waited);
        assert!(!flights.turn(&other).await.waited);
        let second = flights.turn(&one);
        let release = async {
            tokio::task::yield_now().await;
            drop(first);
        };
        assert!(tokio::join!(second, release).0.waited);
        assert!(!flights.turn(&one).await.waited);
    }
}
