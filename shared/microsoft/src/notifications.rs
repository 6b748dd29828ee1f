//! Change notifications from Microsoft Graph: that a message of a chat was written, changed or
//! taken back, and what became of a subscription. Identifiers only; what the notification says of
//! the object itself is passed over.
//!
//! <https://learn.microsoft.com/graph/api/resources/changenotification>

mod resource;
pub mod validation_tokens;

#[cfg(test)]
mod tests;

use serde::{Deserialize, de::IgnoredAny};
use serde_json::Value;
use tandem_domain::{ChatId, MessageId, Secret, SubscriptionId, TenantId};

use crate::jwt::same;
use validation_tokens::VouchedTenants;

/// The most items of one delivery; Graph batches far fewer.
const MAX_ITEMS: usize = 1000;

/// A delivery of Graph: some notifications, each readable or not, and the tokens that vouch for
/// encrypted ones.
#[derive(Debug)]
pub struct NotificationCollection {
    /// The notifications in their order. One that cannot be read does not hide the others.
    pub items: Vec<Result<Notification, NotificationError>>,
    /// The `validationTokens`, for [`validation_tokens::verify`].
    pub validation_tokens: Vec<Secret>,
}

/// One notification.
#[derive(Clone, Debug)]
pub struct Notification {
    /// Its own id, the same when it is delivered again; not always sent.
    pub id: Option<NotificationId>,
    /// The subscription it belongs to.
    pub subscription_id: SubscriptionId,
    /// What the subscription was made with, to be compared by [`client_state_matches`].
    pub client_state: Option<Secret>,
    /// The tenant it comes from.
    pub tenant_id: TenantId,
    /// What it tells.
    pub event: NotificationEvent,
    /// Whether it carries encrypted content, which Tandem never asks for.
    pub encrypted_content: bool,
}

/// What a notification tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotificationEvent {
    /// Something happened to a message.
    Message {
        /// What.
        change: ChangeType,
        /// In which chat.
        chat_id: ChatId,
        /// To which message.
        message_id: MessageId,
    },
    /// Something happened to the subscription.
    Lifecycle(LifecycleEvent),
}

/// What happened to a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeType {
    /// It was written.
    Created,
    /// It was edited, or reacted to.
    Updated,
    /// It was taken back.
    Deleted,
}

/// What happened to a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LifecycleEvent {
    /// It pauses unless it is reauthorized or renewed.
    ReauthorizationRequired,
    /// It is gone and must be made anew.
    SubscriptionRemoved,
    /// Notifications got lost.
    Missed,
    /// Something newer than this program.
    Other,
}

/// The `id` of a notification: 1 to 128 letters, digits or `- _ . = / +`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NotificationId(String);

impl NotificationId {
    fn parse(text: &str) -> Option<Self> {
        let fits = |b: u8| b.is_ascii_alphanumeric() || b"-_.=/+".contains(&b);
        let valid = (1..=128).contains(&text.len()) && text.bytes().all(fits);
        valid.then(|| Self(text.to_owned()))
    }

    /// The id as Graph wrote it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a notification, or a whole delivery, is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotificationError {
    /// Not the JSON of a delivery, or of a notification.
    #[error("not a notification")]
    Malformed,
    /// A field that is missing or of no use; its name.
    #[error("unusable {0}")]
    Field(&'static str),
    /// About something else than a message of a chat.
    #[error("not about a chat message")]
    Resource,
    /// Encrypted content without a valid token of its tenant.
    #[error("encrypted content nobody vouches for")]
    NotVouchedFor,
}

impl NotificationError {
    /// A short code for logs and metrics.
    pub fn code(self) -> &'static str {
        match self {
            Self::Malformed => "notification_malformed",
            Self::Field(_) => "notification_field",
            Self::Resource => "notification_resource",
            Self::NotVouchedFor => "notification_not_vouched_for",
        }
    }
}

/// Whether a notification carries the `clientState` that its subscription was made with;
/// compared in constant time, and never so when nothing was expected.
pub fn client_state_matches(expected: &Secret, given: Option<&Secret>) -> bool {
    let given = given.map_or("", |given| given.expose("compared with the expected one"));
    same(expected.expose("compared with the given one"), given)
}

/// Reads a delivery. Fails as a whole only where it is no delivery at all.
pub fn parse(body: &[u8]) -> Result<NotificationCollection, NotificationError> {
    let wire: WireCollection =
        serde_json::from_slice(body).map_err(|_| NotificationError::Malformed)?;
    if wire.value.len() > MAX_ITEMS {
        return Err(NotificationError::Malformed);
    }
    Ok(NotificationCollection {
        items: wire.value.into_iter().map(Notification::read).collect(),
        validation_tokens: wire.validation_tokens.unwrap_or_default(),
    })
}

impl Notification {
    /// Refuses encrypted content that no valid token of the item's tenant vouches for; `vouched`
    /// is what [`validation_tokens::verify`] gave, or its default where that failed.
    pub fn check_vouched(&self, vouched: &VouchedTenants) -> Result<(), NotificationError> {
        if self.encrypted_content && !vouched.contains(&self.tenant_id) {
            return Err(NotificationError::NotVouchedFor);
        }
        Ok(())
    }

    fn read(item: Value) -> Result<Self, NotificationError> {
        use NotificationError::Field;
        let wire: WireItem =
            serde_json::from_value(item).map_err(|_| NotificationError::Malformed)?;
        let subscription_id = lower(wire.subscription_id)
            .and_then(|id| SubscriptionId::parse(&id).ok())
            .ok_or(Field("subscriptionId"))?;
        let tenant_id = lower(wire.tenant_id)
            .and_then(|id| TenantId::parse(&id).ok())
            .ok_or(Field("tenantId"))?;
        let event = if let Some(event) = wire.lifecycle_event {
            NotificationEvent::Lifecycle(LifecycleEvent::read(&event))
        } else {
            let resource = wire.resource.as_deref().ok_or(Field("resource"))?;
            let (chat_id, message_id) =
                resource::parse(resource).ok_or(NotificationError::Resource)?;
            let change = wire.change_type.as_deref().and_then(ChangeType::read);
            let change = change.ok_or(Field("changeType"))?;
            NotificationEvent::Message { change, chat_id, message_id }
        };
        Ok(Self {
            id: wire.id.as_deref().and_then(NotificationId::parse),
            subscription_id,
            client_state: wire.client_state,
            tenant_id,
            event,
            encrypted_content: wire.encrypted_content.is_some(),
        })
    }
}

/// GUIDs come in either case.
fn lower(text: Option<String>) -> Option<String> {
    text.map(|text| text.to_ascii_lowercase())
}

impl ChangeType {
    /// `created` and `Created` both occur.
    fn read(text: &str) -> Option<Self> {
        let kinds =
            [("created", Self::Created), ("updated", Self::Updated), ("deleted", Self::Deleted)];
        kinds.into_iter().find(|(name, _)| text.eq_ignore_ascii_case(name)).map(|(_, kind)| kind)
    }
}

impl LifecycleEvent {
    fn read(text: &str) -> Self {
        let events = [
            ("reauthorizationRequired", Self::ReauthorizationRequired),
            ("subscriptionRemoved", Self::SubscriptionRemoved),
            ("missed", Self::Missed),
        ];
        let known = events.into_iter().find(|(name, _)| text.eq_ignore_ascii_case(name));
        known.map_or(Self::Other, |(_, event)| event)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireCollection {
    value: Vec<Value>,
    #[serde(default)]
    validation_tokens: Option<Vec<Secret>>,
}

/// An item as sent, without the parts that describe the object.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WireItem {
    id: Option<String>,
    subscription_id: Option<String>,
    client_state: Option<Secret>,
    change_type: Option<String>,
    tenant_id: Option<String>,
    resource: Option<String>,
    lifecycle_event: Option<String>,
    #[serde(alias = "EncryptedContent")]
    encrypted_content: Option<IgnoredAny>,
}
