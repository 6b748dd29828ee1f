//! The system's time, moved forward on demand.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use tandem_domain::{Clock, SystemClock, Timestamp};

/// The system's time plus what it was advanced by.
#[derive(Default)]
pub struct TestClock(AtomicI64);

impl TestClock {
    /// Moves the clock forward.
    pub fn advance(&self, span: Duration) {
        self.0.fetch_add(i64::try_from(span.as_millis()).unwrap(), Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(SystemClock.now().as_millis() + self.0.load(Ordering::SeqCst))
    }
}
