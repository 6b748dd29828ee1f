//! Sending webhooks in the background, one after the other for each site, again where that may
//! help.

use std::{collections::BTreeMap, pin::pin, time::Duration};

use tokio::{runtime::Handle, time::Instant};

use super::{DeliveryState, Outgoing, Signed, WebhookLogEntry, sign};
use crate::sandbox::{
    jira::{JiraSandbox, Live, model::Cloud},
    weather::Fate,
};

/// How often a webhook is sent again after it failed.
const RETRIES: u32 = 5;

/// What a site's sender does next.
enum Next {
    Send(Box<Outgoing>),
    WaitUntil(Instant),
    Stop,
}

impl JiraSandbox {
    /// Starts a sender for each site that has webhooks waiting and no sender yet. Outside a Tokio
    /// runtime they go on waiting.
    pub(crate) fn wake_sender(&self) {
        let Ok(runtime) = Handle::try_current() else { return };
        let mut live = self.lock();
        let Live { cloud, sending, .. } = &mut *live;
        for waiting in &cloud.outbox.waiting {
            if sending.insert(waiting.cloud_id.clone()) {
                runtime.spawn(self.clone().send_all(waiting.cloud_id.clone()));
            }
        }
    }

    /// Waits until no webhook is on its way any more.
    pub async fn settled(&self) {
        self.wake_sender();
        loop {
            let mut quiet = pin!(self.0.quiet.notified());
            quiet.as_mut().enable();
            if self.read(|cloud| cloud.outbox.waiting.is_empty()) {
                return;
            }
            quiet.await;
        }
    }

    /// The last thousand webhooks, oldest first.
    pub fn webhook_log(&self) -> Vec<WebhookLogEntry> {
        self.read(|cloud| cloud.outbox.log.clone())
    }

    async fn send_all(self, cloud_id: String) {
        loop {
            match self.next(&cloud_id) {
                Next::Send(webhook) => {
                    let status = self.attempt(&webhook).await;
                    self.record(&webhook, status);
                }
                Next::WaitUntil(due) => tokio::time::sleep_until(due).await,
                Next::Stop => return,
            }
        }
    }

    /// The first webhook of the site that is due. A site whose sender stops is taken off the list
    /// under the same lock, so that none is left without one.
    fn next(&self, cloud_id: &str) -> Next {
        let mut live = self.lock();
        let Live { cloud, sending, not_before } = &mut *live;
        let now = Instant::now();
        self.hold_back(cloud, cloud_id, not_before, now);
        let due = |webhook: &Outgoing| not_before.get(&webhook.identifier).copied().unwrap_or(now);
        let of_site = || cloud.outbox.waiting.iter().filter(|webhook| webhook.cloud_id == cloud_id);
        if let Some(webhook) = of_site().find(|webhook| due(webhook) <= now) {
            return Next::Send(Box::new(webhook.clone()));
        }
        if let Some(retry) = of_site().map(due).min() {
            // Something new may come before the retry that is waited for.
            return Next::WaitUntil(retry.min(now + Duration::from_millis(20)));
        }
        sending.remove(cloud_id);
        Next::Stop
    }

    /// Decides of each webhook of the site that is new whether others will overtake it.
    fn hold_back(
        &self,
        cloud: &Cloud,
        cloud_id: &str,
        not_before: &mut BTreeMap<String, Instant>,
        now: Instant,
    ) {
        for webhook in &cloud.outbox.waiting {
            if webhook.cloud_id == cloud_id && !not_before.contains_key(&webhook.identifier) {
                let late = match self.options().sky.fate(0) {
                    Fate::IsLate(late) => late,
                    _ => Duration::ZERO,
                };
                not_before.insert(webhook.identifier.clone(), now + late);
            }
        }
    }

    /// Sends it as the weather has it; `None` where no answer came back.
    async fn attempt(&self, webhook: &Outgoing) -> Option<u16> {
        match self.options().sky.fate(webhook.attempts) {
            Fate::ArrivesTwice => {
                self.send(webhook).await;
                self.send(webhook).await
            }
            Fate::AnswerIsLost => {
                self.send(webhook).await;
                None
            }
            Fate::Arrives | Fate::IsLate(_) => self.send(webhook).await,
        }
    }

    /// Sends it once; `None` where no answer came.
    async fn send(&self, webhook: &Outgoing) -> Option<u16> {
        let mut request = self
            .0
            .http
            .post(&webhook.url)
            .header("content-type", "application/json; charset=UTF-8")
            .header("user-agent", "Atlassian Webhook HTTP Client")
            .header("x-atlassian-webhook-identifier", &webhook.identifier)
            .header("x-atlassian-webhook-flow", "Primary");
        if webhook.attempts > 0 {
            request = request.header("x-atlassian-webhook-retry", webhook.attempts);
        }
        match webhook.signed {
            Signed::Site => {
                let secret = self.read(|cloud| {
                    cloud.sites.get(&webhook.cloud_id).map(|site| site.webhook_secret.clone())
                });
                if let Some(secret) = secret.filter(|secret| !secret.is_empty()) {
                    let signature = sign::hub_signature(&secret, webhook.body.as_bytes());
                    request = request.header("x-hub-signature", signature);
                }
            }
            Signed::Forge => {
                let claims = self.forge_claims(&webhook.cloud_id);
                request = request.bearer_auth(self.sign_for_forge(&claims));
            }
            Signed::App => {
                let options = self.options();
                let now = options.clock.now().as_secs();
                request = request.bearer_auth(sign::app_token(
                    &options.client_id,
                    &options.client_secret,
                    now,
                ));
            }
        }
        let answer = request.body(webhook.body.clone()).send().await.ok()?;
        Some(answer.status().as_u16())
    }

    fn record(&self, webhook: &Outgoing, status: Option<u16>) {
        let attempts = webhook.attempts + 1;
        let state = match status {
            Some(200 | 204) => DeliveryState::Delivered,
            _ if !may_help_again(status) => DeliveryState::Refused,
            _ if attempts > RETRIES => DeliveryState::GivenUp,
            _ => DeliveryState::Waiting,
        };
        let id = &webhook.identifier;
        let mut live = self.lock();
        let Live { cloud, not_before, .. } = &mut *live;
        if let Some(entry) = cloud.outbox.log.iter_mut().rev().find(|entry| entry.identifier == *id)
        {
            entry.status = status;
            entry.attempts = attempts;
            entry.state = state;
        }
        if state == DeliveryState::Waiting {
            not_before.insert(id.clone(), Instant::now() + self.options().retry_delay);
            for waiting in cloud.outbox.waiting.iter_mut().filter(|it| it.identifier == *id) {
                waiting.attempts = attempts;
            }
        } else {
            not_before.remove(id);
            cloud.outbox.waiting.retain(|it| it.identifier != *id);
        }
        self.save(&live.cloud);
        drop(live);
        self.0.quiet.notify_waiters();
    }
}

/// Whether Jira sends a webhook again after this answer, or after none.
fn may_help_again(status: Option<u16>) -> bool {
    status.is_none_or(|status| matches!(status, 408 | 409 | 425 | 429 | 500..=599))
}
