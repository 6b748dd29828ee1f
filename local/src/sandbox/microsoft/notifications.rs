//! Which notification a change causes, for whom, and what became of it.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    datetime,
    model::{Chat, Subscription},
    random,
    state::State,
};

/// How many finished notifications are remembered.
const REMEMBERED: usize = 500;

/// What happened to a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ChangeType {
    Created,
    Updated,
    Deleted,
}

impl ChangeType {
    /// The word Graph uses.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Deleted => "deleted",
        }
    }
}

/// What Graph tells about a subscription itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LifecycleEvent {
    /// The subscription has to be reauthorized or renewed, else it falls silent.
    ReauthorizationRequired,
    /// The subscription is gone and has to be made anew.
    SubscriptionRemoved,
}

impl LifecycleEvent {
    fn as_str(self) -> &'static str {
        match self {
            Self::ReauthorizationRequired => "reauthorizationRequired",
            Self::SubscriptionRemoved => "subscriptionRemoved",
        }
    }
}

/// One notification: what it says, where it goes, what became of it.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Notification {
    /// The sandbox's own id of it; not on the wire.
    pub id: String,
    /// The subscription it belongs to.
    pub subscription_id: String,
    /// Whether it is about the subscription itself.
    pub lifecycle: bool,
    /// Where it goes.
    pub url: String,
    /// The body: `{"value": [...]}`.
    pub payload: Value,
    /// Each try: the HTTP status, or `None` where no answer came in time.
    pub attempts: Vec<Option<u16>>,
    /// How it stands.
    pub outcome: Outcome,
}

/// How a notification stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// Not delivered yet.
    Waiting,
    /// Answered with a 2xx.
    Delivered,
    /// Tried too often, or its subscription is gone.
    GivenUp,
}

impl fmt::Debug for Notification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let item = &self.payload["value"][0];
        let what = item.get("changeType").or(item.get("lifecycleEvent"));
        f.debug_struct("Notification")
            .field("subscription_id", &self.subscription_id)
            .field("what", &what)
            .field("resource", &item.get("resource"))
            .field("attempts", &self.attempts)
            .field("outcome", &self.outcome)
            .finish_non_exhaustive()
    }
}

impl State {
    /// Queues a notification of the change for each subscription that asked for it.
    pub(super) fn announce(&mut self, chat_id: &str, message_id: &str, change: ChangeType) {
        let Some(chat) = self.chats.get(chat_id) else { return };
        let due: Vec<Notification> = self
            .subscriptions
            .values()
            .filter(|subscription| wants(subscription, chat, change))
            .map(|subscription| change_notification(subscription, chat_id, message_id, change))
            .collect();
        self.notifications.extend(due);
        self.forget_finished();
    }

    /// Queues a lifecycle notification, if the subscription has a URL for them.
    pub(super) fn announce_lifecycle(&mut self, subscription_id: &str, event: LifecycleEvent) {
        let Some(subscription) = self.subscriptions.get(subscription_id) else { return };
        let Some(url) = subscription.lifecycle_notification_url.clone() else { return };
        let payload = json!({ "value": [{
            "lifecycleEvent": event.as_str(),
            "subscriptionId": subscription.id,
            "subscriptionExpirationDateTime": datetime::rfc3339(subscription.expires_at),
            "clientState": subscription.client_state,
            "tenantId": subscription.tenant_id,
        }] });
        let notification = Notification::new(subscription, url, payload, true);
        self.notifications.push(notification);
    }

    fn forget_finished(&mut self) {
        let finished = self.notifications.iter().filter(|n| n.outcome != Outcome::Waiting).count();
        let mut surplus = finished.saturating_sub(REMEMBERED);
        self.notifications.retain(|notification| {
            let drop = surplus > 0 && notification.outcome != Outcome::Waiting;
            surplus -= usize::from(drop);
            !drop
        });
    }
}

impl Notification {
    fn new(subscription: &Subscription, url: String, payload: Value, lifecycle: bool) -> Self {
        Self {
            id: random::guid(),
            subscription_id: subscription.id.clone(),
            lifecycle,
            url,
            payload,
            attempts: Vec::new(),
            outcome: Outcome::Waiting,
        }
    }
}

/// A subscription hears of a change when it watches the chat and the change, and its creator is
/// (still) in the chat; an app's own subscription hears of every chat of its tenant.
fn wants(subscription: &Subscription, chat: &Chat, change: ChangeType) -> bool {
    let watched = match Watched::parse(&subscription.resource) {
        Some(Watched::Chat(id)) => id == chat.id && chat.has(&subscription.creator_id),
        Some(Watched::ChatsOfUser(_)) => chat.has(&subscription.creator_id),
        Some(Watched::AllChats) => true,
        None => false,
    };
    watched
        && subscription.tenant_id == chat.tenant_id
        && subscription.change_type.split(',').any(|wanted| wanted.trim() == change.as_str())
}

fn change_notification(
    subscription: &Subscription,
    chat_id: &str,
    message_id: &str,
    change: ChangeType,
) -> Notification {
    let resource = format!("chats('{chat_id}')/messages('{message_id}')");
    let payload = json!({ "value": [{
        "subscriptionId": subscription.id,
        "changeType": change.as_str(),
        "tenantId": subscription.tenant_id,
        "clientState": subscription.client_state,
        "subscriptionExpirationDateTime": datetime::rfc3339(subscription.expires_at),
        "resource": resource,
        "resourceData": {
            "id": message_id,
            "@odata.type": "#Microsoft.Graph.chatMessage",
            "@odata.id": resource,
        },
    }] });
    Notification::new(subscription, subscription.notification_url.clone(), payload, false)
}

/// What a subscription's `resource` means.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Watched {
    /// The messages of one chat.
    Chat(String),
    /// The messages of all chats of a user (`me` or an id).
    ChatsOfUser(String),
    /// The messages of all chats of the tenant; for the app itself only.
    AllChats,
}

impl Watched {
    /// Reads `/chats/{id}/messages`, `chats('{id}')/messages`, `/chats/getAllMessages`,
    /// `/me/chats/getAllMessages` and `/users/{id}/chats/getAllMessages`.
    pub(super) fn parse(resource: &str) -> Option<Self> {
        let path = resource.strip_prefix('/').unwrap_or(resource);
        let path = path.replace("('", "/").replace("')", "");
        let segments: Vec<&str> = path.split('/').collect();
        match segments.as_slice() {
            ["chats", "getAllMessages"] => Some(Self::AllChats),
            ["me", "chats", "getAllMessages"] => Some(Self::ChatsOfUser("me".to_owned())),
            ["users", id, "chats", "getAllMessages"] => Some(Self::ChatsOfUser((*id).to_owned())),
            ["chats", id, "messages"] if !id.is_empty() => Some(Self::Chat((*id).to_owned())),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Watched;

    #[test]
    fn reads_the_resources_of_teams_messages() {
        let chat = || Some(Watched::Chat("19:a@thread.v2".to_owned()));
        for (resource, watched) in [
            ("/chats/19:a@thread.v2/messages", chat()),
            ("chats/19:a@thread.v2/messages", chat()),
            ("chats('19:a@thread.v2')/messages", chat()),
            ("/chats/getAllMessages", Some(Watched::AllChats)),
            ("/me/chats/getAllMessages", Some(Watched::ChatsOfUser("me".to_owned()))),
            ("/users/u1/chats/getAllMessages", Some(Watched::ChatsOfUser("u1".to_owned()))),
            ("/chats", None),
            ("/chats//messages", None),
            ("me/messages", None),
            ("", None),
        ] {
            assert_eq!(Watched::parse(resource), watched, "{resource}");
        }
    }
}
