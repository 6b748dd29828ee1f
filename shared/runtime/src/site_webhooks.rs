//! A Jira site's webhook that the app registers for itself: registered on an administrator's word,
//! looked after every day, refreshed long before its 30 days are over, made anew where it vanished.

use std::time::Duration;

use tandem_domain::{
    AccountId, CloudId, Failure, Purpose, RequestId, Subject, Timestamp, share_of,
};
use tandem_store::SiteWebhook;
use url::Url;

use crate::App;

/// How long a webhook lasts that is not refreshed.
/// <https://developer.atlassian.com/cloud/jira/platform/webhooks/>
const LASTS: Duration = Duration::from_hours(30 * 24);
/// With less than this left it is refreshed.
const REFRESHED_BEFORE: Duration = Duration::from_hours(20 * 24);
/// How often it is looked after.
const EVERY: Duration = Duration::from_hours(24);
/// By how much earlier, so that the sites of one hour are not looked after in one run.
const SPREAD: Duration = Duration::from_hours(6);
/// When it is tried again, at first and at the latest.
const TRIED_AGAIN: (Duration, Duration) = (Duration::from_mins(5), Duration::from_hours(6));

const PURPOSE: Purpose = Purpose::RenewSubscription;

/// Registers the site's webhook as this account, or looks after the one there is. One that somebody
/// else registered is ended.
///
/// # Errors
/// [`Failure::SignInNeeded`] where the account's grant lacks the scope `manage:jira-webhook`,
/// [`Failure::Forbidden`] where Jira does not register it.
pub async fn register(
    app: &App,
    cloud: &CloudId,
    account: &AccountId,
    request: &RequestId,
) -> Result<SiteWebhook, Failure> {
    let now = app.clock.now();
    let known = app.store.find_site_webhook(cloud).await?;
    let theirs = known.as_ref().filter(|item| item.registered_by != *account).cloned();
    let item = known.filter(|item| item.registered_by == *account).unwrap_or(SiteWebhook {
        cloud_id: cloud.clone(),
        webhook_id: None,
        registered_by: account.clone(),
        ends_at: now,
        renew_at: now,
        failures: 0,
    });
    // First Jira's word, then the item: nothing is noted that was refused. One that was registered
    // and not noted is found by the next attempt.
    let item = looked_after(app, item, request).await?;
    app.store.put_site_webhook(&item, now).await?;
    if let Some(theirs) = theirs {
        end_at_jira(app, &theirs, request).await;
    }
    Ok(item)
}

/// Looks after a webhook that is due.
pub async fn renew(app: &App, mut item: SiteWebhook, request: &RequestId) -> Result<(), Failure> {
    let now = app.clock.now();
    // Written before anything is tried: should it fail, others have their turn first next time.
    let wait = TRIED_AGAIN.0 * 2u32.saturating_pow(item.failures.min(8));
    item.renew_at = now.plus(wait.min(TRIED_AGAIN.1));
    item.failures = item.failures.saturating_add(1);
    if !app.store.change_site_webhook(&item).await? {
        return Ok(());
    }
    let item = looked_after(app, item, request).await?;
    if !app.store.change_site_webhook(&item).await? {
        // Ended meanwhile: then this one is of no use, either.
        end_at_jira(app, &item, request).await;
    }
    Ok(())
}

/// Ends the site's webhook. What cannot be ended at Jira ends by itself within 30 days.
pub async fn end(app: &App, cloud: &CloudId, request: &RequestId) -> Result<(), Failure> {
    if let Some(item) = app.store.find_site_webhook(cloud).await? {
        end_at_jira(app, &item, request).await;
        app.store.delete_site_webhook(cloud).await?;
    }
    Ok(())
}

/// Ends a webhook at Jira, as well as it goes: as who registered it.
pub async fn end_at_jira(app: &App, item: &SiteWebhook, request: &RequestId) {
    let Some(id) = item.webhook_id else { return };
    let subject = Subject::Atlassian(item.registered_by.clone());
    let token = app.vault.access_token(&subject, PURPOSE, request).await;
    let ended = match token {
        Ok(token) => app.jira.site(&item.cloud_id, &token).delete_webhooks(&[id]).await,
        Err(failure) => Err(failure),
    };
    if let Err(failure) = ended {
        tracing::warn!(target: "tandem", code = failure.code(), "a webhook ends by itself");
    }
}

/// The webhook as it stands at Jira now: there, once, and with time left.
async fn looked_after(
    app: &App,
    mut item: SiteWebhook,
    request: &RequestId,
) -> Result<SiteWebhook, Failure> {
    let now = app.clock.now();
    let subject = Subject::Atlassian(item.registered_by.clone());
    let token = app.vault.access_token(&subject, PURPOSE, request).await?;
    let site = app.jira.site(&item.cloud_id, &token);
    let mut there = site.list_webhooks().await?;
    // The one that is known first; of one that was registered and not noted there are two.
    there.sort_by_key(|hook| Some(hook.id) != item.webhook_id);
    let surplus: Vec<u64> = there.iter().skip(1).map(|hook| hook.id).collect();
    if !surplus.is_empty() {
        site.delete_webhooks(&surplus).await?;
    }
    if let Some(hook) = there.first() {
        let ends_at = hook.ends_at.unwrap_or(item.ends_at);
        item.ends_at = if now.until(ends_at) < REFRESHED_BEFORE {
            site.refresh_webhook(hook.id).await?
        } else {
            ends_at
        };
        item.webhook_id = Some(hook.id);
    } else {
        item.webhook_id = Some(site.register_webhook(&address(app, &item.cloud_id)?).await?);
        item.ends_at = now.plus(LASTS);
    }
    item.failures = 0;
    item.renew_at = next_look(now, &item.cloud_id);
    Ok(item)
}

fn next_look(now: Timestamp, cloud: &CloudId) -> Timestamp {
    now.plus(EVERY.saturating_sub(share_of(SPREAD, &[cloud.as_str()])))
}

fn address(app: &App, cloud: &CloudId) -> Result<Url, Failure> {
    Url::parse(&app.config.public(&format!("/jira/{cloud}/webhooks")))
        .map_err(|_| Failure::Fault { what: "public_url" })
}
