//! After a gap in a chat's notifications: what was written, edited and deleted meanwhile is read as
//! the subscriber and handed to the queue as the deliveries that the notifications would have been.
//! Teams tells of no notification that it missed.
//! <https://learn.microsoft.com/graph/change-notifications-lifecycle-events>

use std::time::Duration;

use tandem_domain::{Delivery, Failure, Purpose, RequestId, Subject, Timestamp};
use tandem_microsoft::{
    graph::{ChatMessage, MessageKind},
    notifications::ChangeType,
};
use tandem_store::ChatSubscription;

use crate::{
    App,
    chat_events::{self, ChatEvent},
};

/// How far before the gap is looked: the vendor's clock and ours differ, and a notification may have
/// been lost just before.
const OVERLAP: Duration = Duration::from_mins(2);

/// How many pages of fifty messages are read at most.
const PAGES: usize = 200;

/// Hands over what happened in a chat since `since`. Doing so again is harmless: what was carried is
/// known by its claim or by its version. Answers how many deliveries there were.
///
/// # Errors
/// Those of Graph, of the vault, of the table and of the queue: then nothing counts as read.
pub async fn reconcile(
    app: &App,
    item: &ChatSubscription,
    since: Timestamp,
    request: &RequestId,
) -> Result<usize, Failure> {
    let links = chat_events::carrying(app, &item.tenant_id, &item.chat_id).await?;
    if links.is_empty() {
        return Ok(0);
    }
    let since = since.minus(OVERLAP);
    let now = app.clock.now();
    let mut deliveries: Vec<Delivery> = Vec::new();
    for change in changes(app, item, since, request).await? {
        for link in &links {
            let event = ChatEvent {
                change: change.what,
                message: &change.message,
                occurrence: &change.occurrence,
            };
            deliveries.push(chat_events::delivery(link, &event, now)?);
        }
    }
    app.queue.send(&deliveries).await?;
    Ok(deliveries.len())
}

/// A change that was read.
struct Change {
    what: ChangeType,
    message: tandem_domain::MessageId,
    occurrence: String,
}

/// What changed in the chat since then, the oldest first. Of the messages, no more than that is kept
/// beyond their page.
async fn changes(
    app: &App,
    item: &ChatSubscription,
    since: Timestamp,
    request: &RequestId,
) -> Result<Vec<Change>, Failure> {
    let subject = Subject::Microsoft(item.tenant_id.clone(), item.subscriber.clone());
    let token = app.vault.access_token(&subject, Purpose::CarryToJira, request).await?;
    let graph = app.graph.as_user(&token);
    let mut found = Vec::new();
    let mut from = None;
    for _ in 0..PAGES {
        let page = graph.list_changed_messages(&item.chat_id, since, from.as_ref()).await?;
        for message in page.messages {
            // The page begins with the newest change, and is turned around in the end.
            found.extend(changes_of(message, since).into_iter().rev());
        }
        from = page.next;
        if from.is_none() {
            found.reverse();
            return Ok(found);
        }
    }
    tracing::error!(target: "tandem", chat = %item.chat_id, "a gap of more than 10,000 messages");
    found.reverse();
    Ok(found)
}

/// What happened to a message since then, in its order. An edit is told by its time, so that reading
/// it again is the same change.
fn changes_of(message: ChatMessage, since: Timestamp) -> Vec<Change> {
    let mut changes = Vec::new();
    if message.kind != MessageKind::Message {
        return changes;
    }
    let mut add = |what, at: Timestamp| {
        let occurrence = format!("read-{}", at.as_millis());
        changes.push(Change { what, message: message.id.clone(), occurrence });
    };
    if let Some(deleted) = message.deleted {
        add(ChangeType::Deleted, deleted);
        return changes;
    }
    if message.created > since {
        add(ChangeType::Created, message.created);
    }
    if let Some(edited) = message.edited.filter(|edited| *edited > since) {
        add(ChangeType::Updated, edited);
    }
    changes
}
