//! A chat's change notifications: subscribed to as a member of the chat, renewed before they end.

use std::time::Duration;

use tandem_domain::{ChatId, Failure, ObjectId, Purpose, RequestId, Subject, TenantId, Timestamp};
use tandem_microsoft::graph::SubscriptionRequest;
use tandem_store::ChatSubscription;
use url::Url;

use crate::App;

/// How long a subscription is asked for: Graph's limit for chat messages is 4,320 minutes.
const LASTS: Duration = Duration::from_mins(4_300);
/// How long before its end it is renewed: many runs of upkeep may fail in between.
const RENEWED_BEFORE: Duration = Duration::from_hours(24);
/// When a failed renewal is tried again.
const TRIED_AGAIN_AFTER: Duration = Duration::from_mins(5);

/// The path of change notifications.
pub const NOTIFICATIONS: &str = "/teams/notifications";
/// The path of lifecycle notifications; the query names the chat, which their payload does not.
pub const LIFECYCLE: &str = "/teams/lifecycle";

/// Sees to it that a chat's messages are told: creates the subscription, or renews the one there
/// is, as `subscriber`. The item is written before Graph is called, so that upkeep makes up for a
/// failure here.
pub async fn ensure(
    app: &App,
    tenant: &TenantId,
    chat: &ChatId,
    subscriber: &ObjectId,
    request: &RequestId,
) -> Result<(), Failure> {
    let now = app.clock.now();
    let known = app.store.find_chat_subscription(tenant, chat).await?;
    if let Some(known) = &known
        && known.subscription_id.is_some()
        && known.renew_at > now
    {
        return Ok(());
    }
    let mut item = known.unwrap_or_else(|| ChatSubscription {
        tenant_id: tenant.clone(),
        chat_id: chat.clone(),
        subscription_id: None,
        subscriber: subscriber.clone(),
        signing_key: None,
        ends_at: now,
        renew_at: now,
    });
    item.renew_at = now.plus(TRIED_AGAIN_AFTER);
    app.store.put_chat_subscription(&item).await?;
    renew(app, item, request).await
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
/// another signing key: Graph lets nobody change that of one there is.
pub async fn renew(
    app: &App,
    mut item: ChatSubscription,
    request: &RequestId,
) -> Result<(), Failure> {
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
    let (id, ends_at) = if let Some(renewed) = renewed {
        renewed
    } else {
        let state = app.signing.client_state(&item.tenant_id, &item.chat_id);
        graph
            .create_subscription(&SubscriptionRequest {
                chat: &item.chat_id,
                notification_url: &address(app, NOTIFICATIONS, None)?,
                lifecycle_url: &address(app, LIFECYCLE, Some(&item.chat_id))?,
                expiration: until,
                client_state: &state,
            })
            .await?
    };
    item.subscription_id = Some(id);
    item.signing_key = tag;
    item.ends_at = ends_at;
    item.renew_at = renew_at(app.clock.now(), ends_at);
    app.store.put_chat_subscription(&item).await?;
    Ok(())
}

/// A day before the end, or half-way there when Graph granted less.
fn renew_at(now: Timestamp, ends_at: Timestamp) -> Timestamp {
    let left = now.until(ends_at);
    ends_at.minus(RENEWED_BEFORE.min(left / 2))
}

/// Marks a chat's subscription as due now: upkeep renews it, or makes it anew when `gone`.
pub async fn mark_due(
    app: &App,
    tenant: &TenantId,
    chat: &ChatId,
    gone: bool,
) -> Result<(), Failure> {
    let Some(mut item) = app.store.find_chat_subscription(tenant, chat).await? else {
        return Ok(());
    };
    item.renew_at = app.clock.now();
    if gone {
        item.subscription_id = None;
    }
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
