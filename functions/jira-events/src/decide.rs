//! What is to be done about an event: which deliveries, to which chats, under which claims.

use tandem_domain::{
    AccountId, Audience, ChangedField, ClaimId, CloudId, Delivery, DeliveryKind, IssueId,
    ProjectId, Removal, Removed, Telling, Timestamp, Told,
    delivery::DELIVERY_VERSION,
    settings::{CommentSync, EffectiveSettings},
};
use tandem_jira::webhook::{EventKind, payload::Event};
use tandem_runtime::signing::{claim_of, person_claim};
use tandem_store::{ChannelSubscription, ChatLink, Decided, LinkState};

/// What makes two arrivals of one event the same.
pub(crate) struct Occurrence<'a> {
    /// Jira's identifier of the webhook, the same on retries.
    pub(crate) identifier: Option<&'a str>,
    /// The body: what it is told by where Jira gave no identifier.
    pub(crate) body: &'a [u8],
}

impl Occurrence<'_> {
    /// What the event is claimed under for one audience.
    fn claim(&self, parts: &[&str]) -> Option<ClaimId> {
        let body = String::from_utf8_lossy(self.body);
        let (how, what) = match self.identifier {
            Some(identifier) => ("webhook", identifier),
            None => ("body", body.as_ref()),
        };
        claim_of(&[&[how, what], parts].concat())
    }
}

/// The issue an event is about; none for events that nobody is told.
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
        EventKind::IssueCreated { issue_id, .. } => Some(issue_id),
        EventKind::ProjectDeleted { .. } | EventKind::UserDeleted { .. } => None,
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
        EventKind::ProjectDeleted { project_id } => Some(project_id),
        EventKind::UserDeleted { .. } => None,
    }
}

/// Whether events are carried into a chat. A chat whose owner must sign in still takes what
/// others write.
pub(crate) fn carries(chat: &ChatLink) -> bool {
    matches!(chat.state, LinkState::Active | LinkState::NeedsSignIn)
}

/// What to deliver, as far as the payload and the settings tell; `delivery` looks again at the
/// object itself, and at the settings. A comment that became restricted is still delivered when it
/// was changed: the copy in the chat has to go.
pub(crate) fn delivery_of(
    event: &EventKind,
    settings: &EffectiveSettings,
) -> Decided<DeliveryKind> {
    let Some(kind) = kind_of(event, settings) else { return Decided::No };
    let whole = match (event, &kind) {
        (
            EventKind::IssueUpdated { changes, .. },
            DeliveryKind::IssueUpdated { changes: told, .. },
        ) => told.len() == changes.len(),
        _ => true,
    };
    if whole { Decided::Wholly(kind) } else { Decided::Partly(kind) }
}

fn kind_of(event: &EventKind, settings: &EffectiveSettings) -> Option<DeliveryKind> {
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
        EventKind::IssueCreated { .. }
        | EventKind::ProjectDeleted { .. }
        | EventKind::UserDeleted { .. } => None,
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
    chats
        .iter()
        .map(|chat| {
            // Jira's identifiers are unique within a site only, and the queue serves all sites.
            let claim = occurrence.claim(&[
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

/// What an event says is gone.
pub(crate) fn removed_of(event: &EventKind) -> Option<Removed> {
    Some(match event.clone() {
        EventKind::IssueDeleted { issue_id, .. } => Removed::Issue { issue_id },
        EventKind::ProjectDeleted { project_id } => Removed::Project { project_id },
        EventKind::UserDeleted { account_id } => Removed::User { account_id },
        _ => return None,
    })
}

/// The message that has something looked up that is said to be gone.
pub(crate) fn removal(
    what: Removed,
    cloud: &CloudId,
    signed: bool,
    occurrence: &Occurrence<'_>,
    now: Timestamp,
) -> Option<Removal> {
    Some(Removal {
        version: DELIVERY_VERSION,
        claim: occurrence.claim(&["removal", cloud.as_str()])?,
        cloud_id: cloud.clone(),
        accepted_at: now,
        signed,
        what,
    })
}

/// What a channel or a person is told of an event; none for what nobody is told.
pub(crate) fn told_of(event: &EventKind) -> Option<Told> {
    Some(match event {
        EventKind::IssueCreated { actor, .. } => Told::Created { actor: actor.clone() },
        EventKind::IssueUpdated { changes, actor, .. } if !changes.is_empty() => {
            Told::Updated { changes: changes.clone(), actor: actor.clone() }
        }
        EventKind::CommentCreated(comment) => Told::Commented {
            comment_id: comment.comment_id.clone(),
            author: comment.author.clone(),
        },
        EventKind::IssueDeleted { .. } => Told::Deleted,
        EventKind::IssueUpdated { .. }
        | EventKind::CommentUpdated(_)
        | EventKind::CommentDeleted { .. }
        | EventKind::ProjectDeleted { .. }
        | EventKind::UserDeleted { .. } => return None,
    })
}

/// Whether a channel is to be told, as far as the payload tells; `delivery` looks again.
pub(crate) fn channel_wants(item: &ChannelSubscription, what: &Told, event: &EventKind) -> bool {
    let restricted = matches!(event, EventKind::CommentCreated(comment) if comment.restricted);
    // One whose subscriber must sign in again wakes when that person can read the issue.
    matches!(item.state, LinkState::Active | LinkState::NeedsSignIn)
        && item.filter.wants(what.event())
        && (!restricted || item.filter.restricted)
}

/// Whether an event concerns who reported the issue, and does not say who that is: what Jira sends
/// of a comment names of the issue's people the assignee only.
pub(crate) fn hides_reporter(event: &Event) -> bool {
    matches!(event.kind, EventKind::CommentCreated(_)) && event.people.reporter.is_none()
}

/// Who wrote the comment an event tells of.
pub(crate) fn author_of(event: &EventKind) -> Option<&AccountId> {
    match event {
        EventKind::CommentCreated(comment) => Some(&comment.author),
        _ => None,
    }
}

/// Whom an event may concern, never who did it themselves.
pub(crate) fn concerned(event: &Event) -> Vec<AccountId> {
    let people = &event.people;
    let (mut accounts, actor) = match &event.kind {
        EventKind::CommentCreated(comment) => {
            let mut accounts = people.mentioned.clone();
            accounts.extend(people.assignee.iter().chain(&people.reporter).cloned());
            (accounts, Some(&comment.author))
        }
        EventKind::IssueCreated { actor, .. } => {
            let mut accounts = people.mentioned.clone();
            accounts.extend(people.assignee.clone());
            (accounts, actor.as_ref())
        }
        EventKind::IssueUpdated { changes, actor, .. }
            if changes.contains(&ChangedField::Assignee) =>
        {
            (people.assignee.iter().cloned().collect(), actor.as_ref())
        }
        _ => (Vec::new(), None),
    };
    accounts.retain(|account| Some(account) != actor);
    accounts.sort_unstable();
    accounts.dedup();
    accounts
}

/// One event to be told to one audience.
pub(crate) struct ToTell<'a> {
    pub(crate) cloud: &'a CloudId,
    pub(crate) issue: &'a IssueId,
    pub(crate) project: &'a ProjectId,
    pub(crate) what: &'a Told,
    pub(crate) occurrence: &'a Occurrence<'a>,
    pub(crate) now: Timestamp,
}

impl ToTell<'_> {
    /// What the event itself is told under, whoever is told.
    pub(crate) fn event(&self) -> Option<ClaimId> {
        self.occurrence.claim(&["event", self.cloud.as_str()])
    }

    /// The message for an audience, claimed under the event and that audience. A person's claim is
    /// the same whether the event names them or they watch the issue.
    pub(crate) fn to(&self, audience: Audience) -> Option<Telling> {
        let event = self.event()?;
        let claim = match &audience {
            Audience::Channel { tenant_id, channel_id } => {
                let channel = [tenant_id.as_str(), channel_id.as_str()];
                claim_of(&["channel", event.as_str(), channel[0], channel[1]])
            }
            Audience::Person { account_id } => person_claim(&event, account_id),
            Audience::Others { .. } => claim_of(&["others", event.as_str()]),
        };
        Some(Telling {
            version: DELIVERY_VERSION,
            claim: claim?,
            cloud_id: self.cloud.clone(),
            issue_id: self.issue.clone(),
            project_id: self.project.clone(),
            accepted_at: self.now,
            audience,
            what: self.what.clone(),
        })
    }
}
