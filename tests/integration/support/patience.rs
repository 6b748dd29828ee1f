//! Waiting for what is tried again later.

use std::time::Duration;

use super::TestStack;

/// How far the clock is moved at a time; below every lease.
const STEP: Duration = Duration::from_secs(15);
/// How long nothing happens before it is moved.
const LOOK: Duration = Duration::from_millis(60);

impl TestStack {
    /// Waits until nothing is under way, and moves the clock on for what waits to be tried again.
    pub async fn settled_in_time(&self) {
        while tokio::time::timeout(LOOK, self.stack.settled()).await.is_err() {
            if self.stack.under_way() == 0 {
                self.clock.advance(STEP);
            }
        }
    }
}
