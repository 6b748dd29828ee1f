//! Noting that a site's webhooks arrive, without a write for each of them.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tandem_domain::{CloudId, Timestamp};
use tandem_store::WebhookSeen;

use crate::App;

/// How often one process writes it down of a site.
const EVERY: Duration = Duration::from_mins(5);

/// Of which sites this process wrote it down, and when. As many as it serves: only a webhook whose
/// proof held gets here.
#[derive(Debug, Default)]
pub struct SeenWebhooks(Mutex<HashMap<CloudId, Timestamp>>);

impl SeenWebhooks {
    /// Whether it is to be written down now; if so, not again for a while.
    fn is_due(&self, cloud: &CloudId, now: Timestamp) -> bool {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if noted.get(cloud).is_some_and(|at| at.plus(EVERY) > now) {
            return false;
        }
        noted.insert(cloud.clone(), now);
        true
    }
}

/// Notes that a webhook of the site came whose proof held. What cannot be written is written at
/// another time: the webhook does not fail for it.
pub async fn note(app: &App, cloud: &CloudId) {
    let seen_at = app.clock.now();
    if !app.seen_webhooks.is_due(cloud, seen_at) {
        return;
    }
    let seen = WebhookSeen { cloud_id: cloud.clone(), seen_at };
    if let Err(error) = app.store.put_webhook_seen(&seen).await {
        tracing::warn!(target: "tandem", code = %error, "a webhook that was seen is not noted");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_site_is_noted_every_five_minutes() {
        let seen = SeenWebhooks::default();
        let [one, other] = ["1", "2"].map(|digit| {
            CloudId::parse(&format!("{digit}1223344-a1b2-4b33-8444-def123456789")).unwrap()
        });
        for (site, secs, due) in [
            (&one, 0, true),
            (&one, 1, false),
            (&other, 2, true),
            (&one, 299, false),
            (&one, 300, true),
            (&one, 599, false),
            (&other, 599, true),
        ] {
            assert_eq!(seen.is_due(site, Timestamp::from_secs(secs)), due, "{secs}");
        }
    }
}
