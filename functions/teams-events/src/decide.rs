//! What is to be carried over of a chat notification, and under which claim.

use tandem_domain::{Delivery, DeliveryKind, MessageId, Timestamp, delivery::DELIVERY_VERSION};
use tandem_microsoft::notifications::ChangeType;
use tandem_runtime::signing::claim_of;
use tandem_store::{ChatLink, LinkState};

/// Whether what is written in the chat goes to the issue.
pub(crate) fn carries(link: &ChatLink) -> bool {
    matches!(link.state, LinkState::Active | LinkState::NeedsSignIn)
}

/// The delivery of one change to one issue. A message is created once, whatever number of
/// notifications tell it. An edit may come again, and so may a deletion: one that was said and was
/// not so must not stand in the way of the real one. Each notification of these counts by its id, or
/// by its time where it has none.
pub(crate) fn delivery(
    link: &ChatLink,
    change: ChangeType,
    message: &MessageId,
    notification: Option<&str>,
    now: Timestamp,
) -> Option<Delivery> {
    let subscriber = link.creator_object_id.clone();
    let message_id = message.clone();
    let (what, kind) = match change {
        ChangeType::Created => ("created", DeliveryKind::MessageCreated { message_id, subscriber }),
        ChangeType::Updated => ("updated", DeliveryKind::MessageUpdated { message_id, subscriber }),
        ChangeType::Deleted => ("deleted", DeliveryKind::MessageDeleted { message_id, subscriber }),
    };
    let time = now.as_millis().to_string();
    let occurrence = match change {
        ChangeType::Created => "",
        ChangeType::Updated | ChangeType::Deleted => notification.unwrap_or(&time),
    };
    let claim = claim_of(&[
        "message",
        what,
        link.tenant_id.as_str(),
        link.chat_id.as_str(),
        message.as_str(),
        link.cloud_id.as_str(),
        link.issue_id.as_str(),
        occurrence,
    ])?;
    Some(Delivery {
        version: DELIVERY_VERSION,
        claim,
        cloud_id: link.cloud_id.clone(),
        issue_id: link.issue_id.clone(),
        project_id: Some(link.project_id.clone()),
        tenant_id: link.tenant_id.clone(),
        chat_id: link.chat_id.clone(),
        accepted_at: now,
        kind,
    })
}
