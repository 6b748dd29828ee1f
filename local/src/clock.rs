//! The stack's clock, which can be moved forward: to see what time alone brings about.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use tandem_domain::{Clock, Timestamp};

/// Another clock, and how far ahead of it this one is.
pub struct ForwardClock {
    inner: Arc<dyn Clock>,
    ahead_millis: AtomicI64,
}

impl ForwardClock {
    /// A clock that goes with `inner` until it is moved.
    pub fn of(inner: Arc<dyn Clock>) -> Self {
        Self { inner, ahead_millis: AtomicI64::new(0) }
    }

    /// Moves the clock forward.
    pub fn forward(&self, span: Duration) {
        let millis = i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
        self.ahead_millis.fetch_add(millis, Ordering::SeqCst);
    }

    /// How far ahead it is.
    pub fn ahead(&self) -> Duration {
        let millis = self.ahead_millis.load(Ordering::SeqCst);
        Duration::from_millis(u64::try_from(millis).unwrap_or(0))
    }
}

impl Clock for ForwardClock {
    fn now(&self) -> Timestamp {
        let ahead = self.ahead_millis.load(Ordering::SeqCst);
        Timestamp::from_millis(self.inner.now().as_millis().saturating_add(ahead))
    }
}

#[cfg(test)]
mod tests {
    use tandem_domain::ManualClock;

    use super::*;

    #[test]
    fn it_goes_with_the_other_and_ahead_of_it() {
        let inner = Arc::new(ManualClock::at(Timestamp::from_millis(1_000)));
        let clock = ForwardClock::of(Arc::clone(&inner) as Arc<dyn Clock>);
        assert_eq!(clock.now().as_millis(), 1_000);
        clock.forward(Duration::from_mins(1));
        inner.advance(Duration::from_millis(5));
        assert_eq!(clock.now().as_millis(), 61_005);
        assert_eq!(clock.ahead(), Duration::from_mins(1));
    }
}
