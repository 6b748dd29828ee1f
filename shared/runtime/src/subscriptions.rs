//! A chat's change notifications: subscribed to as a member of the chat, renewed before they end.

use std::time::Duration;

use tandem_domain::{
    ChatId, Failure, ObjectId, Purpose, RequestId, Subject, TenantId, Timestamp, share_of,
};
use tandem_microsoft::graph::SubscriptionRequest;
use tandem_store::ChatSubscription;
use url::Url;

use crate::{App, reconcile::reconcile};

/// How long a subscription is asked for: Graph's limit for chat messages is 4,320 minutes.
const LASTS: Duration = Duration::from_mins(4_300);
/// How long before its end it is renewed at the latest: many runs of upkeep may fail in between.
const RENEWED_BEFORE: Duration = Duration::from_hours(24);
/// Over how long before that the renewals of chats are spread, so that those of one minute do not
/// fall due in one minute.
const SPREAD: Duration = Duration::from_hours(12);
/// When a failed renewal is tried again, at first and at the latest.
const TRIED_AGAIN: (Duration, Duration) = (Duration::from_mins(5), Duration::from_hours(1));

/// The path of change notifications.
pub const NOTIFICATIONS: &str = "/teams/notifications";
/// The path of lifecycle notifications; the query names the chat, which their payload does not.
pub const LIFECYCLE: &str = "/teams/lifecycle";

/// Sees to it that a chat's messages are told: creates the subscription, or renews the one there
/// is, as `subscriber`. The item is written before Graph is called, so that upkeep makes up for a
/// failure here. Answers how many deliveries came of what was missed.
pub async fn ensure(
    app: &App,
    tenant: &TenantId,
    chat: &ChatId,
    subscriber: &ObjectId,
    request: &RequestId,
) -> Result<usize, Failure> {
    let now = app.clock.now();
    let known = app.store.find_chat_subscription(tenant, chat).await?;
    if let Some(known) = &known
        && known.subscription_id.is_some()
        && known.renew_at > now
    {
        return Ok(0);
    }
    let is_new = known.is_none();
    let mut item = known.unwrap_or_else(|| {
        ChatSubscription::to_be_made(tenant.clone(), chat.clone(), subscriber.clone(), now)
    });
    // Written before anything is tried: should it fail, others have their turn first next time.
    item.renew_at = now.plus(again_after(item.failures));
    item.failures = item.failures.saturating_add(1);
    app.store.put_chat_subscription(&item).await?;
    let mut item = made_or_renewed(app, item, request).await?;
    if is_new {
        // Nothing was said in the chat that anybody waits for.
        item.complete_until = item.told_since;
    }
    settle(app, item, request).await
}

/// How long to wait after so many failures.
fn again_after(failures: u32) -> Duration {
    (TRIED_AGAIN.0 * 2u32.saturating_pow(failures.min(8))).min(TRIED_AGAIN.1)
}

/// The subscriptions whose client state was made with another signing key than the present one, at
/// most `limit` (100 at most): none but while the key is being changed. What is made anew is due
/// after all that is not, so the next call goes on where this one ended.
pub async fn list_of_older_key(app: &App, limit: i32) -> Result<Vec<ChatSubscription>, Failure> {
    if !app.signing.is_being_changed() {
        return Ok(Vec::new());
    }
    let tag = app.signing.tag();
    let all = app.clock.now().plus(LASTS);
    let mut listed = app.store.list_due_subscriptions(all, limit).await?;
    listed.retain(|item| item.signing_key != tag);
    Ok(listed)
}

/// Renews a subscription, or makes it anew where it is gone, or where its client state was made with
/// another signing key: Graph lets nobody change that of one there is. Where it did not tell for a
/// while, what was missed is read.
pub async fn renew(
    app: &App,
    item: ChatSubscription,
    request: &RequestId,
) -> Result<usize, Failure> {
    let item = made_or_renewed(app, item, request).await?;
    settle(app, item, request).await
}

/// Reads what was missed, and then notes that nothing is.
async fn settle(
    app: &App,
    mut item: ChatSubscription,
    request: &RequestId,
) -> Result<usize, Failure> {
    let mut read = 0;
    if let Some(since) = item.gap_from() {
        read = reconcile(app, &item, since, request).await?;
        tracing::info!(target: "tandem", chat = %item.chat_id, read, "a gap was read");
    }
    let now = app.clock.now();
    item.complete_until = item.told_since.map(|since| since.max(now));
    item.failures = 0;
    item.renew_at = renew_at(now, &item);
    app.store.put_chat_subscription(&item).await?;
    Ok(read)
}

/// The subscription as it is at Graph now. It is noted as such, and stays due until it is settled.
async fn made_or_renewed(
    app: &App,
    mut item: ChatSubscription,
    request: &RequestId,
) -> Result<ChatSubscription, Failure> {
    let subject = Subject::Microsoft(item.tenant_id.clone(), item.subscriber.clone());
    let token = app.vault.access_token(&subject, Purpose::RenewSubscription, request).await?;
    let graph = app.graph.as_user(&token);
    let until = app.clock.now().plus(LASTS);
    let tag = app.signing.tag();
    if item.signing_key != tag
        && let Some(id) = item.subscription_id.take()
    {
        match graph.delete_subscription(&id).await {
            Ok(()) | Err(Failure::Absent { .. }) => {}
            Err(failure) => return Err(failure),
        }
        stops_telling(&mut item, app.clock.now());
        app.store.put_chat_subscription(&item).await?;
    }
    let renewed = match &item.subscription_id {
        Some(id) if item.ends_at > app.clock.now() => {
            match graph.renew_subscription(id, until).await {
                Ok(ends_at) => Some((id.clone(), ends_at)),
                Err(Failure::Absent { .. }) => None,
                Err(failure) => return Err(failure),
            }
        }
        _ => None,
    };
    let (id, ends_at, told_since) = if let Some((id, ends_at)) = renewed {
        (id, ends_at, item.told_since)
    } else {
        let state = app.signing.client_state(&item.tenant_id, &item.chat_id);
        let (id, ends_at) = graph
            .create_subscription(&SubscriptionRequest {
                chat: &item.chat_id,
                notification_url: &address(app, NOTIFICATIONS, None)?,
                lifecycle_url: &address(app, LIFECYCLE, Some(&item.chat_id))?,
                expiration: until,
                client_state: &state,
            })
            .await?;
        (id, ends_at, None)
    };
    item.subscription_id = Some(id);
    item.signing_key = tag;
    item.ends_at = ends_at;
    item.told_since = Some(told_since.unwrap_or_else(|| app.clock.now()));
    if item.gap_from().is_some() {
        // Should reading fail, the subscription is known all the same.
        app.store.put_chat_subscription(&item).await?;
    }
    Ok(item)
}

/// A day before the end or up to half a day earlier, or half-way there when Graph granted less.
fn renew_at(now: Timestamp, item: &ChatSubscription) -> Timestamp {
    let left = now.until(item.ends_at);
    let spread = share_of(SPREAD, &[item.tenant_id.as_str(), item.chat_id.as_str()]);
    item.ends_at.minus((RENEWED_BEFORE + spread).min(left / 2))
}

/// From now on the subscription may not tell. What it told until now it told whole, unless there is
/// a gap already.
fn stops_telling(item: &mut ChatSubscription, now: Timestamp) {
    if item.gap_from().is_none() {
        item.complete_until = Some(now);
    }
    item.told_since = None;
}

/// Graph wants a subscription to be reauthorized and may fall silent until it is: upkeep renews it
/// right away, which reauthorizes it, and reads what was not told.
pub async fn mark_silent(app: &App, tenant: &TenantId, chat: &ChatId) -> Result<(), Failure> {
    let Some(mut item) = app.store.find_chat_subscription(tenant, chat).await? else {
        return Ok(());
    };
    let now = app.clock.now();
    stops_telling(&mut item, now);
    item.renew_at = now;
    app.store.put_chat_subscription(&item).await?;
    Ok(())
}

/// Graph has removed a subscription, who knows when: upkeep makes it anew right away, and reads what
/// was said since it was last known to tell.
pub async fn mark_removed(app: &App, tenant: &TenantId, chat: &ChatId) -> Result<(), Failure> {
    let Some(mut item) = app.store.find_chat_subscription(tenant, chat).await? else {
        return Ok(());
    };
    item.renew_at = app.clock.now();
    item.subscription_id = None;
    item.told_since = None;
    app.store.put_chat_subscription(&item).await?;
    Ok(())
}

/// Ends a chat's subscription, when it has one. What cannot be ended at Graph ends by itself.
pub async fn end(
    app: &App,
    tenant: &TenantId,
    chat: &ChatId,
    request: &RequestId,
) -> Result<(), Failure> {
    let Some(item) = app.store.find_chat_subscription(tenant, chat).await? else {
        return Ok(());
    };
    if let Some(id) = &item.subscription_id {
        let subject = Subject::Microsoft(tenant.clone(), item.subscriber.clone());
        let token = app.vault.access_token(&subject, Purpose::RenewSubscription, request).await;
        let ended = match token {
            Ok(token) => app.graph.as_user(&token).delete_subscription(id).await,
            Err(failure) => Err(failure),
        };
        if let Err(failure) = ended
            && failure.is_transient()
        {
            return Err(failure);
        }
    }
    app.store.delete_chat_subscription(tenant, chat).await?;
    Ok(())
}

fn address(app: &App, path: &str, chat: Option<&ChatId>) -> Result<Url, Failure> {
    let mut url =
        Url::parse(&app.config.public(path)).map_err(|_| Failure::Fault { what: "public_url" })?;
    if let Some(chat) = chat {
        url.query_pairs_mut().append_pair("chat", chat.as_str());
    }
    Ok(url)
}
