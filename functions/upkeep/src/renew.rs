//! Renewing what would end: subscriptions at Graph, and grants that are left idle. A run takes on page
//! after page while it has time; what fails is put off, so that the others have their turn.

use std::{collections::HashSet, time::Duration};

use tandem_domain::{Failure, RequestId, Timestamp};
use tandem_runtime::{App, conversations, site_webhooks, subscriptions as chats};

use crate::{PAGE, UpkeepReport};

/// How many pages of a kind one run takes on at most; the rest is due in the next.
const PAGES: usize = 20;
/// For how long a run begins new pages of a kind. The function may take four minutes in all.
const TIME: Duration = Duration::from_mins(1);
/// When the refresh of a grant is tried again that failed. It is due months before the grant ends.
const GRANT_AGAIN: Duration = Duration::from_hours(6);

/// How much of a kind a run has taken on.
struct Budget<'a> {
    app: &'a App,
    ends_at: Timestamp,
    pages: usize,
}

impl<'a> Budget<'a> {
    fn of(app: &'a App) -> Self {
        Self { app, ends_at: app.clock.now().plus(TIME), pages: 0 }
    }

    /// Whether another page may be begun.
    fn allows_a_page(&mut self) -> bool {
        self.pages += 1;
        self.pages <= PAGES && self.app.clock.now() < self.ends_at
    }
}

/// Renews the subscriptions of chats that are due.
pub(crate) async fn subscriptions(
    app: &App,
    request: &RequestId,
    report: &mut UpkeepReport,
) -> Result<(), Failure> {
    let mut budget = Budget::of(app);
    let mut done = HashSet::new();
    while budget.allows_a_page() {
        let mut due = app.store.list_due_subscriptions(app.clock.now(), PAGE).await?;
        // The index is behind by moments: what this run took on may still be in it.
        due.retain(|item| done.insert((item.tenant_id.clone(), item.chat_id.clone())));
        if due.is_empty() {
            break;
        }
        for item in due {
            let renewed =
                chats::ensure(app, &item.tenant_id, &item.chat_id, &item.subscriber, request).await;
            report.messages_reconciled += missed(&renewed);
            report.subscriptions_renewed += report.count(renewed, "renew_subscription");
        }
    }
    Ok(())
}

/// How many deliveries came of what a subscription had missed.
pub(crate) fn missed(renewed: &Result<usize, Failure>) -> u32 {
    renewed.as_ref().map_or(0, |read| u32::try_from(*read).unwrap_or(u32::MAX))
}

/// Looks after the webhooks that were registered on sites.
pub(crate) async fn webhooks(
    app: &App,
    request: &RequestId,
    report: &mut UpkeepReport,
) -> Result<(), Failure> {
    let mut budget = Budget::of(app);
    let mut done = HashSet::new();
    while budget.allows_a_page() {
        let mut due = app.store.list_due_site_webhooks(app.clock.now(), PAGE).await?;
        due.retain(|item| done.insert(item.cloud_id.clone()));
        if due.is_empty() {
            break;
        }
        for item in due {
            let renewed = site_webhooks::renew(app, item, request).await;
            report.webhooks_renewed += report.count(renewed, "renew_webhook");
        }
    }
    Ok(())
}

/// Refreshes the grants that have been idle for long.
pub(crate) async fn grants(
    app: &App,
    request: &RequestId,
    report: &mut UpkeepReport,
) -> Result<(), Failure> {
    let seals = app.vault.seals()?;
    let mut budget = Budget::of(app);
    let mut done = HashSet::new();
    while budget.allows_a_page() {
        let now = app.clock.now();
        let mut due = app.store.list_due_grants(&seals, now, PAGE).await?;
        due.retain(|grant| done.insert(grant.grant_id.clone()));
        if due.is_empty() {
            break;
        }
        for grant in due {
            let kept = app.vault.keep_alive(&grant, request).await;
            if kept.is_err() {
                let put_off = app.store.put_off_grant(&grant, now.plus(GRANT_AGAIN)).await;
                report.count(put_off.map_err(Failure::from), "put_off");
            }
            if let (Err(Failure::SignInNeeded { .. }), Some(subject)) = (&kept, grant.subject()) {
                let told = conversations::tell_sign_in_needed(app, &subject, None).await;
                report.count(told, "tell_sign_in");
            }
            report.grants_kept_alive += report.count(kept, "keep_alive");
        }
    }
    Ok(())
}
