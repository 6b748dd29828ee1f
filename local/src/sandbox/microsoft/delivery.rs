//! Sending notifications and the handshake that comes before a subscription.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use reqwest::header::CONTENT_TYPE;
use serde_json::Value;
use tokio::{
    sync::{Notify, watch},
    time::Instant,
};

use super::{
    MicrosoftSandbox,
    notifications::{Notification, Outcome},
    random,
    state::State,
};
use crate::sandbox::weather::Fate;

/// An endpoint that needs longer has not taken the notification.
/// <https://learn.microsoft.com/graph/change-notifications-delivery-webhooks>
const NOTIFICATION_TIMEOUT: Duration = Duration::from_secs(3);

/// An endpoint has this long to answer the handshake.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// After so many tries a notification is given up. Graph counts hours; a laptop need not.
const MAX_ATTEMPTS: usize = 20;

/// The worker that sends what waits in the state, and those who wait for it.
pub(super) struct Courier {
    pub(super) http: reqwest::Client,
    worker: Mutex<Worker>,
    wake: Notify,
    waiting: watch::Sender<usize>,
}

#[derive(Default)]
struct Worker {
    running: bool,
    /// When a notification that failed may be tried again.
    not_before: HashMap<String, Instant>,
}

/// What the worker does next.
enum Step {
    Send { id: String, url: String, payload: Value, attempt: u32 },
    WaitUntil(Instant),
    Stop,
}

/// Lets another worker start when this one ends with its runtime, in the middle of its work.
struct Guard {
    sandbox: MicrosoftSandbox,
    armed: bool,
}

impl Drop for Guard {
    fn drop(&mut self) {
        if self.armed {
            self.sandbox.0.courier.worker().running = false;
        }
    }
}

impl Courier {
    pub(super) fn new() -> std::io::Result<Self> {
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(std::io::Error::other)?;
        Ok(Self {
            http,
            worker: Mutex::default(),
            wake: Notify::new(),
            waiting: watch::Sender::new(0),
        })
    }

    /// Takes note of how many notifications wait in `state`.
    pub(super) fn count(&self, state: &State) {
        let waiting = state.notifications.iter().filter(|n| n.outcome == Outcome::Waiting).count();
        self.waiting.send_replace(waiting);
    }

    fn worker(&self) -> MutexGuard<'_, Worker> {
        self.worker.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl MicrosoftSandbox {
    /// Waits until every notification has been delivered or given up.
    pub async fn settled(&self) {
        self.start_worker();
        let mut waiting = self.0.courier.waiting.subscribe();
        let _ = waiting.wait_for(|count| *count == 0).await;
    }

    /// Starts the worker where something waits and none runs. Outside of a runtime nothing is
    /// started; the next change inside one makes up for it.
    pub(super) fn start_worker(&self) {
        let courier = &self.0.courier;
        if *courier.waiting.borrow() == 0 {
            return;
        }
        let mut worker = courier.worker();
        if worker.running {
            courier.wake.notify_one();
        } else if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            worker.running = true;
            runtime.spawn(self.clone().deliver());
        }
    }

    async fn deliver(self) {
        let mut guard = Guard { sandbox: self.clone(), armed: true };
        loop {
            match self.next_step() {
                Step::Stop => {
                    guard.armed = false;
                    return;
                }
                Step::WaitUntil(when) => tokio::select! {
                    () = tokio::time::sleep_until(when) => {}
                    () = self.0.courier.wake.notified() => {}
                },
                Step::Send { id, url, payload, attempt } => {
                    let status = self.attempt(&url, &payload, attempt).await;
                    self.record_attempt(&id, status);
                }
            }
        }
    }

    /// The notification that is due first. Stopping is decided under the worker's lock, so that
    /// a notification queued meanwhile starts a new worker.
    fn next_step(&self) -> Step {
        let mut worker = self.0.courier.worker();
        let now = Instant::now();
        let step = self.read(|state| {
            self.hold_back(state, &mut worker.not_before, now);
            let due = |id: &str| worker.not_before.get(id).copied().unwrap_or(now);
            state
                .notifications
                .iter()
                .filter(|notification| notification.outcome == Outcome::Waiting)
                .min_by_key(|notification| due(&notification.id).max(now))
                .map_or(Step::Stop, |notification| match due(&notification.id) {
                    later if later > now => Step::WaitUntil(later),
                    _ => Step::Send {
                        id: notification.id.clone(),
                        url: notification.url.clone(),
                        payload: notification.payload.clone(),
                        attempt: u32::try_from(notification.attempts.len()).unwrap_or(u32::MAX),
                    },
                })
        });
        if matches!(step, Step::Stop) {
            worker.running = false;
            worker.not_before.clear();
        }
        step
    }

    /// Decides of each notification that is new whether others will overtake it.
    fn hold_back(&self, state: &State, not_before: &mut HashMap<String, Instant>, now: Instant) {
        let waiting = |it: &&Notification| it.outcome == Outcome::Waiting;
        for notification in state.notifications.iter().filter(waiting) {
            if !not_before.contains_key(&notification.id) {
                let late = match self.0.options.sky.fate(0) {
                    Fate::IsLate(late) => late,
                    _ => Duration::ZERO,
                };
                not_before.insert(notification.id.clone(), now + late);
            }
        }
    }

    /// Sends it as the weather has it; `None` where no answer came back.
    async fn attempt(&self, url: &str, payload: &Value, attempt: u32) -> Option<u16> {
        match self.0.options.sky.fate(attempt) {
            Fate::ArrivesTwice => {
                self.send(url, payload).await;
                self.send(url, payload).await
            }
            Fate::AnswerIsLost => {
                self.send(url, payload).await;
                None
            }
            Fate::Arrives | Fate::IsLate(_) => self.send(url, payload).await,
        }
    }

    async fn send(&self, url: &str, payload: &Value) -> Option<u16> {
        let request = self.0.courier.http.post(url).timeout(NOTIFICATION_TIMEOUT).json(payload);
        request.send().await.ok().map(|answer| answer.status().as_u16())
    }

    fn record_attempt(&self, id: &str, status: Option<u16>) {
        let retry = self.change(|state, _| {
            let State { notifications, subscriptions, .. } = state;
            let Some(notification) = notifications.iter_mut().find(|n| n.id == id) else {
                return false;
            };
            notification.attempts.push(status);
            let wanted =
                notification.lifecycle || subscriptions.contains_key(&notification.subscription_id);
            notification.outcome = match status {
                Some(200..=299) => Outcome::Delivered,
                _ if notification.attempts.len() >= MAX_ATTEMPTS || !wanted => Outcome::GivenUp,
                _ => Outcome::Waiting,
            };
            notification.outcome == Outcome::Waiting
        });
        let mut worker = self.0.courier.worker();
        if retry {
            worker.not_before.insert(id.to_owned(), Instant::now() + self.0.options.retry_delay);
        } else {
            worker.not_before.remove(id);
        }
    }

    /// The handshake: the endpoint has to answer 200 and give the token back as plain text.
    /// The error says what it did instead.
    pub(super) async fn shake_hands(&self, url: &str) -> Result<(), String> {
        let token = format!(
            "Validation: Testing client application reachability for subscription Request-Id: {}",
            random::guid()
        );
        let mut target = url::Url::parse(url).map_err(|_| "The URL is not valid.".to_owned())?;
        target.query_pairs_mut().append_pair("validationToken", &token);
        let request = self.0.courier.http.post(target).timeout(HANDSHAKE_TIMEOUT);
        let request = request.header(CONTENT_TYPE, "text/plain; charset=utf-8");
        let answer = request.send().await.map_err(|error| {
            if error.is_timeout() { "The request timed out." } else { "No connection." }.to_owned()
        })?;
        let status = answer.status();
        if status.as_u16() != 200 {
            return Err(format!("The endpoint answered {status}."));
        }
        let media_type = answer.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        if !media_type.is_some_and(|media_type| media_type.starts_with("text/plain")) {
            return Err("The answer is not text/plain.".to_owned());
        }
        match answer.text().await {
            Ok(text) if text == token => Ok(()),
            _ => Err("The answer is not the validation token.".to_owned()),
        }
    }
}
