//! What is to be done about an event: which deliveries, to which chats, under which claims.

use tandem_domain::{
    Delivery, DeliveryKind, IssueId, ProjectId, Timestamp,
    delivery::DELIVERY_VERSION,
    settings::{CommentSync, EffectiveSettings},
};
use tandem_jira::webhook::EventKind;
use tandem_runtime::signing::claim_of;
use tandem_store::{ChatLink, LinkState};

/// What makes two arrivals of one event the same.
pub(crate) struct Occurrence<'a> {
    /// Jira's identifier of the webhook, the same on retries.
    pub(crate) identifier: Option<&'a str>,
    /// The body: what it is told by where Jira gave no identifier.
    pub(crate) body: &'a [u8],
}

/// The issue an event is about; none for events that no chat is told.
pub(crate) fn issue_of(event: &EventKind) -> Option<&IssueId> {
    match event {
        EventKind::CommentCreated(comment) | EventKind::CommentUpdated(comment) => {
            Some(&comment.issue_id)
        }
        EventKind::CommentDeleted { issue_id, .. } | EventKind::IssueDeleted { issue_id, .. } => {
            Some(issue_id)
        }
        EventKind::IssueUpdated { issue_id, changes, .. } => {
            (!changes.is_empty()).then_some(issue_id)
        }
        EventKind::IssueCreated { .. } => None,
    }
}

/// The project an event names.
pub(crate) fn project_of(event: &EventKind) -> Option<&ProjectId> {
    match event {
        EventKind::CommentCreated(comment) | EventKind::CommentUpdated(comment) => {
            comment.project_id.as_ref()
        }
        EventKind::CommentDeleted { project_id, .. }
        | EventKind::IssueDeleted { project_id, .. }
        | EventKind::IssueUpdated { project_id, .. }
        | EventKind::IssueCreated { project_id, .. } => project_id.as_ref(),
    }
}

/// Whether events are carried into a chat. A chat whose owner must sign in still takes what
/// others write.
pub(crate) fn carries(chat: &ChatLink) -> bool {
    matches!(chat.state, LinkState::Active | LinkState::NeedsSignIn)
}

/// What to deliver, as far as the payload and the settings tell; `delivery` looks again at the
/// object itself. A comment that became restricted is still delivered when it was changed: the
/// copy in the chat has to go.
pub(crate) fn delivery_of(event: &EventKind, settings: &EffectiveSettings) -> Option<DeliveryKind> {
    let sync = settings.comment_sync() != CommentSync::Off;
    match event {
        EventKind::CommentCreated(comment) => {
            let open = !comment.restricted || settings.restricted_comments_allowed();
            (sync && open).then(|| DeliveryKind::CommentCreated {
                comment_id: comment.comment_id.clone(),
                author: comment.author.clone(),
            })
        }
        EventKind::CommentUpdated(comment) => sync.then(|| DeliveryKind::CommentUpdated {
            comment_id: comment.comment_id.clone(),
            author: comment.author.clone(),
        }),
        EventKind::CommentDeleted { comment_id, .. } => {
            Some(DeliveryKind::CommentDeleted { comment_id: comment_id.clone() })
        }
        EventKind::IssueUpdated { changes, actor, .. } => {
            let told: Vec<_> =
                changes.iter().copied().filter(|change| settings.tells(*change)).collect();
            (!told.is_empty())
                .then(|| DeliveryKind::IssueUpdated { changes: told, actor: actor.clone() })
        }
        EventKind::IssueDeleted { .. } => Some(DeliveryKind::IssueDeleted),
        EventKind::IssueCreated { .. } => None,
    }
}

/// One delivery for each chat, claimed under the webhook's identifier, its site and the chat.
pub(crate) fn deliveries(
    kind: &DeliveryKind,
    chats: &[ChatLink],
    project: Option<&ProjectId>,
    occurrence: &Occurrence<'_>,
    now: Timestamp,
) -> Option<Vec<Delivery>> {
    let body = String::from_utf8_lossy(occurrence.body);
    chats
        .iter()
        .map(|chat| {
            let (how, what) = match occurrence.identifier {
                Some(identifier) => ("webhook", identifier),
                None => ("body", body.as_ref()),
            };
            // Jira's identifiers are unique within a site only, and the queue serves all sites.
            let claim = claim_of(&[
                how,
                what,
                chat.cloud_id.as_str(),
                chat.tenant_id.as_str(),
                chat.chat_id.as_str(),
            ])?;
            Some(Delivery {
                version: DELIVERY_VERSION,
                claim,
                cloud_id: chat.cloud_id.clone(),
                issue_id: chat.issue_id.clone(),
                project_id: Some(project.unwrap_or(&chat.project_id).clone()),
                tenant_id: chat.tenant_id.clone(),
                chat_id: chat.chat_id.clone(),
                accepted_at: now,
                kind: kind.clone(),
            })
        })
        .collect()
}
