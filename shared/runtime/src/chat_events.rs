//! What happened in a chat, as the deliveries that carry it over: the same ones whether Graph told of
//! it or it was read afterwards.

use tandem_domain::{
    ChatId, Delivery, DeliveryKind, Failure, MessageId, TenantId, Timestamp,
    delivery::DELIVERY_VERSION,
    settings::{CommentSync, EffectiveSettings},
};
use tandem_microsoft::notifications::ChangeType;
use tandem_store::{ChatLink, Decided, LinkState};

use crate::{App, signing::claim_of};

/// One change in a chat.
#[derive(Clone, Debug)]
pub struct ChatEvent<'a> {
    /// What happened.
    pub change: ChangeType,
    /// To which message.
    pub message: &'a MessageId,
    /// What tells this change from another of the same message: a message is created once, and an
    /// edit may come again, as may a deletion. One that was said and was not so must not stand in the
    /// way of the real one.
    pub occurrence: &'a str,
}

/// The links by which what is written in a chat goes to its issues now. Whoever delivers looks at
/// the settings again.
pub async fn carrying(
    app: &App,
    tenant: &TenantId,
    chat: &ChatId,
) -> Result<Vec<ChatLink>, Failure> {
    let mut carrying = Vec::new();
    for link in app.store.list_issues_by_chat(tenant, chat).await? {
        if !matches!(link.state, LinkState::Active | LinkState::NeedsSignIn) {
            continue;
        }
        let carries = |settings: &EffectiveSettings| {
            let both = settings.comment_sync() == CommentSync::Both;
            if both && settings.tenant_allowed(tenant) { Decided::Wholly(()) } else { Decided::No }
        };
        let recent = app.store.recent(&*app.clock);
        if recent.settings_lead_to(&link.cloud_id, &link.project_id, carries).await?.is_some() {
            carrying.push(link);
        }
    }
    Ok(carrying)
}

/// The delivery of one change to one issue.
///
/// # Errors
/// [`Failure::Fault`] when no claim can be made of it.
pub fn delivery(
    link: &ChatLink,
    event: &ChatEvent<'_>,
    now: Timestamp,
) -> Result<Delivery, Failure> {
    let subscriber = link.creator_object_id.clone();
    let message_id = event.message.clone();
    let (what, kind) = match event.change {
        ChangeType::Created => ("created", DeliveryKind::MessageCreated { message_id, subscriber }),
        ChangeType::Updated => ("updated", DeliveryKind::MessageUpdated { message_id, subscriber }),
        ChangeType::Deleted => ("deleted", DeliveryKind::MessageDeleted { message_id, subscriber }),
    };
    let occurrence = match event.change {
        ChangeType::Created => "",
        ChangeType::Updated | ChangeType::Deleted => event.occurrence,
    };
    let claim = claim_of(&[
        "message",
        what,
        link.tenant_id.as_str(),
        link.chat_id.as_str(),
        event.message.as_str(),
        link.cloud_id.as_str(),
        link.issue_id.as_str(),
        occurrence,
    ]);
    Ok(Delivery {
        version: DELIVERY_VERSION,
        claim: claim.ok_or(Failure::Fault { what: "claim" })?,
        cloud_id: link.cloud_id.clone(),
        issue_id: link.issue_id.clone(),
        project_id: Some(link.project_id.clone()),
        tenant_id: link.tenant_id.clone(),
        chat_id: link.chat_id.clone(),
        accepted_at: now,
        kind,
    })
}
