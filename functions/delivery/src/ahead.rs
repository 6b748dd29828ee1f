//! What a delivery is decided by and the tokens it is likely to need, had at once while the delivery is
//! claimed. Nothing is done with them unless the claim is ours.

use std::sync::{Mutex, PoisonError};

use tandem_domain::{
    AccessToken, AccountId, CommentId, Delivery, DeliveryKind, Failure, MessageId, ObjectId,
    Provider, Purpose, Subject,
};
use tandem_runtime::App;
use tandem_store::{Named, Surroundings};

use crate::{acting::author_of, work::request_of};

/// What was read ahead, and the tokens that nobody asked for yet.
#[derive(Default)]
pub(crate) struct Ahead {
    read: Option<Result<Surroundings, Failure>>,
    tokens: Mutex<Vec<tandem_vault::Ahead>>,
    /// Whose tokens were handed out, ahead or not.
    used: Mutex<Vec<Subject>>,
}

impl Ahead {
    /// Nothing, for work that reads as it goes.
    pub(crate) fn nothing() -> std::future::Ready<Self> {
        std::future::ready(Self::default())
    }

    /// What a delivery needs, in one round trip.
    pub(crate) async fn of(app: &App, delivery: &Delivery) -> Self {
        let (comment, message) = about(&delivery.kind);
        let named = Named {
            cloud: &delivery.cloud_id,
            issue: &delivery.issue_id,
            project: delivery.project_id.as_ref(),
            tenant: &delivery.tenant_id,
            chat: &delivery.chat_id,
            comment,
            message,
            account: author_of(&delivery.kind),
        };
        // The guess is made before the read renews what it is made of.
        let guessed = guessed(app, delivery);
        let read = app.store.get_surroundings(&named, &*app.clock);
        let (read, tokens) = tokio::join!(read, tokens(app, delivery, guessed));
        Self {
            read: Some(read.map_err(Failure::from)),
            tokens: Mutex::new(tokens),
            ..Self::default()
        }
    }

    /// Notes whose token is used.
    pub(crate) fn note_use(&self, subject: &Subject) {
        self.used.lock().unwrap_or_else(PoisonError::into_inner).push(subject.clone());
    }

    /// Whose tokens of a vendor were used.
    pub(crate) fn used_at(&self, provider: Provider) -> Vec<Subject> {
        let used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        used.iter().filter(|subject| subject.provider() == provider).cloned().collect()
    }

    /// What lies around the delivery.
    pub(crate) fn surroundings(&self) -> Result<Surroundings, Failure> {
        self.read.clone().unwrap_or(Err(Failure::Fault { what: "nothing_read_ahead" }))
    }

    /// A token that was had ahead, handed out now.
    pub(crate) fn token(
        &self,
        app: &App,
        subject: &Subject,
        purpose: Purpose,
    ) -> Option<AccessToken> {
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        let at = tokens.iter().position(|ahead| ahead.is_for(subject, purpose))?;
        Some(app.vault.hand_over(tokens.swap_remove(at)))
    }

    /// Takes back what is written down of tokens that nobody wanted.
    pub(crate) async fn put_back(&self, app: &App) {
        let left = std::mem::take(&mut *self.tokens.lock().unwrap_or_else(PoisonError::into_inner));
        for ahead in left {
            app.vault.take_back(ahead).await;
        }
    }
}

/// The comment or message that a delivery is about.
fn about(kind: &DeliveryKind) -> (Option<&CommentId>, Option<&MessageId>) {
    match kind {
        DeliveryKind::CommentCreated { comment_id, .. }
        | DeliveryKind::CommentUpdated { comment_id, .. }
        | DeliveryKind::CommentDeleted { comment_id } => (Some(comment_id), None),
        DeliveryKind::MessageCreated { message_id, .. }
        | DeliveryKind::MessageUpdated { message_id, .. }
        | DeliveryKind::MessageDeleted { message_id, .. } => (None, Some(message_id)),
        DeliveryKind::IssueUpdated { .. } | DeliveryKind::IssueDeleted => (None, None),
    }
}

/// Whose tokens a delivery is likely to need, and what for: both sides' of whoever acts for the
/// author of a comment or a change, the subscriber's of a message.
fn guessed(app: &App, delivery: &Delivery) -> Option<(Vec<Subject>, Purpose)> {
    let of_object =
        |object: &ObjectId| Subject::Microsoft(delivery.tenant_id.clone(), object.clone());
    match &delivery.kind {
        DeliveryKind::CommentCreated { .. }
        | DeliveryKind::CommentUpdated { .. }
        | DeliveryKind::IssueUpdated { .. } => {
            let author: &AccountId = author_of(&delivery.kind)?;
            let chat = (&delivery.issue_id, &delivery.tenant_id, &delivery.chat_id);
            let recent = app.store.recent(&*app.clock);
            let (account, object) = recent.actor_in_chat((&delivery.cloud_id, author), chat)?;
            let subjects = vec![Subject::Atlassian(account), of_object(&object)];
            Some((subjects, Purpose::CarryToTeams))
        }
        DeliveryKind::MessageCreated { subscriber, .. }
        | DeliveryKind::MessageUpdated { subscriber, .. } => {
            Some((vec![of_object(subscriber)], Purpose::CarryToJira))
        }
        DeliveryKind::CommentDeleted { .. }
        | DeliveryKind::IssueDeleted
        | DeliveryKind::MessageDeleted { .. } => None,
    }
}

/// The tokens, where all of them are in memory: no secret is opened for a guess.
async fn tokens(
    app: &App,
    delivery: &Delivery,
    guessed: Option<(Vec<Subject>, Purpose)>,
) -> Vec<tandem_vault::Ahead> {
    let Some((subjects, purpose)) = guessed else { return Vec::new() };
    let Ok(request) = request_of(delivery) else { return Vec::new() };
    if !subjects.iter().all(|subject| app.vault.remembers(subject)) {
        return Vec::new();
    }
    let had = async |subject: Option<&Subject>| match subject {
        Some(subject) => app.vault.ahead(subject, purpose, &request).await,
        None => None,
    };
    let (one, other) = tokio::join!(had(subjects.first()), had(subjects.get(1)));
    one.into_iter().chain(other).collect()
}
