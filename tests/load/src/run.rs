//! A stack with a world on it, and waiting for it.

use std::{path::PathBuf, sync::Arc, time::Duration};

use reqwest::Client;
use serde_json::json;
use tandem_domain::{Clock, SystemClock, Timestamp};
use tandem_local::{ForwardClock, Stack, StackOptions};

use crate::{weather::Storm, world::World};

/// How long the vendors wait before they tell again what was not taken: real time.
const VENDOR_RETRY: Duration = Duration::from_millis(50);
/// How far time leaps when everybody waits for it; below every lease.
const LEAP: Duration = Duration::from_secs(5);
/// How many looks in a row must find nobody at work before time leaps.
const IDLE: u32 = 12;
/// How often upkeep runs, as in the template.
const UPKEEP_EVERY: Duration = Duration::from_mins(5);

/// A stack under load.
pub(crate) struct Run {
    pub(crate) stack: Stack,
    pub(crate) clock: Arc<ForwardClock>,
    pub(crate) http: Client,
    upkept: Timestamp,
    began: Timestamp,
}

/// The system's time, to be moved forward where everybody waits for it.
pub(crate) fn real_time() -> Arc<ForwardClock> {
    Arc::new(ForwardClock::of(Arc::new(SystemClock)))
}

/// A client of the stack's.
pub(crate) fn client() -> Client {
    Client::builder().no_proxy().timeout(Duration::from_mins(1)).build().unwrap()
}

impl Run {
    /// A stack on a free port.
    pub(crate) async fn start(data_dir: Option<PathBuf>) -> Self {
        let clock = real_time();
        Self::at(0, data_dir, clock).await
    }

    /// A stack on a port, with a clock that may have leapt before.
    pub(crate) async fn at(port: u16, data_dir: Option<PathBuf>, clock: Arc<ForwardClock>) -> Self {
        Self::of(StackOptions { port, data_dir, ..StackOptions::default() }, clock).await
    }

    /// A stack on a free port with these options.
    pub(crate) async fn with(options: StackOptions) -> Self {
        Self::of(StackOptions { port: 0, ..options }, real_time()).await
    }

    async fn of(options: StackOptions, clock: Arc<ForwardClock>) -> Self {
        let options = StackOptions { clock: clock.clone(), vendor_retry: VENDOR_RETRY, ..options };
        let stack = Stack::start(options).await.unwrap();
        let now = clock.now();
        Self { stack, clock, http: client(), upkept: now, began: now }
    }

    /// The weather turns bad.
    pub(crate) fn storm(&self, world: &World, seed: u64, rate: f64) -> Arc<Storm> {
        let storm = Storm::of(world, seed, rate, true, self.clock.clone());
        self.stack.gate.sky.set(Some(storm.clone()));
        storm
    }

    /// How much time went by in the world.
    pub(crate) fn lasted(&self) -> Duration {
        self.began.until(self.clock.now())
    }

    /// Waits until at most `most` deliveries are left, and leaps over the time for which what is left
    /// waits.
    pub(crate) async fn settle(&mut self, most: usize) {
        let mut idle = 0;
        loop {
            self.keep_up().await;
            let told = most > 0 || self.told().await;
            let busy = self.stack.under_way() > 0 || !told;
            if self.stack.aws.messages_left() <= most && !busy {
                return;
            }
            idle = if busy { 0 } else { idle + 1 };
            if idle > IDLE {
                idle = 0;
                self.clock.forward(LEAP);
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// Runs upkeep where it is due.
    async fn keep_up(&mut self) {
        if self.upkept.plus(UPKEEP_EVERY) <= self.clock.now() {
            self.upkept = self.clock.now();
            let url = format!("{}/local/upkeep", self.stack.url());
            self.http.post(url).json(&json!({})).send().await.unwrap();
        }
    }

    /// Whether the vendors have nothing left to tell.
    async fn told(&self) -> bool {
        let told = async {
            self.stack.jira.settled().await;
            self.stack.microsoft.settled().await;
        };
        tokio::time::timeout(Duration::from_millis(2), told).await.is_ok()
    }
}
