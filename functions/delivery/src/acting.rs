//! As whom something is read and written: the person who did it, or, where they have not linked
//! their accounts, the creator of the chat on their behalf.

use tandem_domain::{
    AccessToken, AccountId, Delivery, DeliveryKind, Failure, FailureCode, GrantState, ObjectId,
    Provider, Purpose, Subject,
};
use tandem_runtime::{
    App,
    conversations::{self, Renewal},
};
use tandem_store::{AccountLink, Grant};

use crate::{
    ahead::Ahead,
    refused,
    work::{Work, find_link, request_of},
};

/// The tokens of one person at both vendors.
pub(crate) struct Actor {
    pub(crate) account: AccountId,
    pub(crate) object: ObjectId,
    pub(crate) jira: AccessToken,
    pub(crate) teams: AccessToken,
}

/// What a delivery waits for after a vendor refused a token that should have lasted, of one of those
/// who acted in it; `None` where nobody can act any more. Whoever must sign in again is told so, once.
/// `before` is what the last attempt failed with.
pub(crate) async fn again(
    app: &App,
    delivery: &Delivery,
    provider: Provider,
    ahead: &Ahead,
    before: Option<&FailureCode>,
) -> Result<Option<Failure>, Failure> {
    let Some(chat) = find_link(app, delivery).await? else { return Ok(None) };
    let request = request_of(delivery)?;
    let creator = match provider {
        Provider::Atlassian => Subject::Atlassian(chat.created_by),
        Provider::Microsoft => {
            Subject::Microsoft(delivery.tenant_id.clone(), chat.creator_object_id)
        }
    };
    let cloud = Some(&delivery.cloud_id);
    let mut renewal = conversations::renew_or_tell(app, &creator, cloud, &request).await?;
    // Somebody else's new token did not help: it was the creator's turn.
    if renewal == Renewal::Ended && refused::is_again(before, provider) {
        return Ok(None);
    }
    let mut others = ahead.used_at(provider);
    others.retain(|other| *other != creator);
    others.dedup();
    for other in others {
        let theirs = conversations::renew_or_tell(app, &other, cloud, &request).await?;
        renewal = renewal.or(theirs);
    }
    Ok(refused::again(before, provider, renewal))
}

/// Whether both grants of the chat's creator can be used, as far as Tandem knows: somebody else who
/// speaks for themselves does not say so.
pub(crate) async fn creator_can(work: &Work<'_>) -> Result<bool, Failure> {
    let chat = &work.chat;
    let tenant = work.delivery.tenant_id.clone();
    let atlassian = Subject::Atlassian(chat.created_by.clone());
    let microsoft = Subject::Microsoft(tenant, chat.creator_object_id.clone());
    let store = &work.app.store;
    let (one, other) = tokio::join!(store.find_grant(&atlassian), store.find_grant(&microsoft));
    let is_active = |grant: Option<Grant>| grant.is_some_and(|it| it.state == GrantState::Active);
    Ok(is_active(one?) && is_active(other?))
}

/// Whoever did at Jira what a delivery tells of, where it says.
pub(crate) fn author_of(kind: &DeliveryKind) -> Option<&AccountId> {
    match kind {
        DeliveryKind::CommentCreated { author, .. }
        | DeliveryKind::CommentUpdated { author, .. } => Some(author),
        DeliveryKind::IssueUpdated { actor, .. } => actor.as_ref(),
        DeliveryKind::CommentDeleted { .. }
        | DeliveryKind::IssueDeleted
        | DeliveryKind::MessageCreated { .. }
        | DeliveryKind::MessageUpdated { .. }
        | DeliveryKind::MessageDeleted { .. } => None,
    }
}

impl Work<'_> {
    /// A token, or nothing where the person has no grant or must sign in again.
    async fn token(
        &self,
        subject: &Subject,
        purpose: Purpose,
    ) -> Result<Option<AccessToken>, Failure> {
        match self.token_or_why(subject, purpose).await {
            Ok(token) => Ok(Some(token)),
            Err(Failure::Absent { .. } | Failure::SignInNeeded { .. }) => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// A token; somebody who must sign in again is told so, once.
    async fn token_or_why(
        &self,
        subject: &Subject,
        purpose: Purpose,
    ) -> Result<AccessToken, Failure> {
        self.ahead.note_use(subject);
        if let Some(token) = self.ahead.token(self.app, subject, purpose) {
            return Ok(token);
        }
        let token = self.app.vault.access_token(subject, purpose, &self.request).await;
        if let Err(Failure::SignInNeeded { .. }) = &token {
            conversations::tell_sign_in_needed(self.app, subject, Some(self.cloud())).await?;
        }
        token
    }

    /// A Microsoft user of the chat's tenant, with a token.
    pub(crate) async fn as_object(
        &self,
        object: &ObjectId,
        purpose: Purpose,
    ) -> Result<Option<AccessToken>, Failure> {
        let subject = Subject::Microsoft(self.delivery.tenant_id.clone(), object.clone());
        self.token(&subject, purpose).await
    }

    /// A Jira user, with a token.
    pub(crate) async fn as_account(
        &self,
        account: &AccountId,
        purpose: Purpose,
    ) -> Result<Option<AccessToken>, Failure> {
        self.token(&Subject::Atlassian(account.clone()), purpose).await
    }

    /// The link of a Jira user with a Microsoft user of the chat's tenant.
    pub(crate) async fn link_of_account(
        &self,
        account: &AccountId,
    ) -> Result<Option<AccountLink>, Failure> {
        let link = if author_of(&self.delivery.kind) == Some(account) {
            self.author.clone()
        } else {
            self.app.store.find_link_by_account(self.cloud(), account).await?
        };
        Ok(link.filter(|link| link.tenant_id == self.delivery.tenant_id))
    }

    /// The link of a Microsoft user of the chat's tenant with a Jira user.
    pub(crate) async fn link_of_object(
        &self,
        object: &ObjectId,
    ) -> Result<Option<AccountLink>, Failure> {
        let tenant = &self.delivery.tenant_id;
        Ok(self.app.store.find_link_by_object(tenant, object, self.cloud()).await?)
    }

    /// Somebody by their Jira account, when both of their grants can be used.
    pub(crate) async fn actor(
        &self,
        account: &AccountId,
        purpose: Purpose,
    ) -> Result<Option<Actor>, Failure> {
        let Some(link) = self.link_of_account(account).await? else { return Ok(None) };
        let Some(jira) = self.as_account(&link.account_id, purpose).await? else { return Ok(None) };
        let Some(teams) = self.as_object(&link.object_id, purpose).await? else { return Ok(None) };
        Ok(Some(Actor { account: link.account_id, object: link.object_id, jira, teams }))
    }

    /// The creator of the chat. Without them there is nobody to act for the unlinked.
    pub(crate) async fn creator(&self, purpose: Purpose) -> Result<Actor, Failure> {
        let (account, object) = (&self.chat.created_by, &self.chat.creator_object_id);
        let atlassian = Subject::Atlassian(account.clone());
        let microsoft = Subject::Microsoft(self.delivery.tenant_id.clone(), object.clone());
        Ok(Actor {
            account: account.clone(),
            object: object.clone(),
            jira: self.token_or_why(&atlassian, purpose).await?,
            teams: self.token_or_why(&microsoft, purpose).await?,
        })
    }

    /// Somebody by their Jira account, or the creator of the chat in their place.
    pub(crate) async fn actor_or_creator(
        &self,
        account: Option<&AccountId>,
        purpose: Purpose,
    ) -> Result<Actor, Failure> {
        if let Some(account) = account
            && let Some(actor) = self.actor(account, purpose).await?
        {
            return Ok(actor);
        }
        self.creator(purpose).await
    }
}
