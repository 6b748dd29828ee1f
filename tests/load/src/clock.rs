//! The system's time, moved forward where everybody waits for it.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use tandem_domain::{Clock, SystemClock, Timestamp};

/// The system's time plus what it was moved by.
#[derive(Default)]
pub(crate) struct LeapClock(AtomicI64);

impl LeapClock {
    /// Moves the time forward.
    pub(crate) fn leap(&self, span: Duration) {
        self.0.fetch_add(i64::try_from(span.as_millis()).unwrap(), Ordering::SeqCst);
    }

    /// By how much it was moved.
    pub(crate) fn leapt(&self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.load(Ordering::SeqCst)).unwrap())
    }
}

impl Clock for LeapClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(SystemClock.now().as_millis() + self.0.load(Ordering::SeqCst))
    }
}
