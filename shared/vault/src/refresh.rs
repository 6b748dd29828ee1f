//! Refreshing a grant: by one caller at a time, and so that whoever stops half-way, or comes late,
//! loses nothing.
//!
//! The order is: lease, open, data key, vendor, put, pointer. After the vendor has answered, the
//! old refresh token may be of no use any more, so only two writes stand between the answer and
//! its being saved, and both are repeated. What happens to one who stops
//! - before the vendor: the lease runs out, the next caller starts anew;
//! - before the put: the new tokens are gone; where the vendor accepts the old token again for a
//!   while, the next caller gets others, and otherwise the grant needs a new sign-in;
//! - before the pointer: the next caller finds the version that was put, knows by what it says it
//!   replaces that nobody took it into account, and adopts it instead of asking the vendor.
//!
//! Fencing is by the grant's version: every change of the item names the one it read.

use std::time::Duration;

use tandem_domain::{
    Failure, GrantState, IssuerError, LeaseHolder, SecretVersion, Sighting, SignInReason, Subject,
    TokenSet,
};
use tandem_store::{Grant, StoreError};

use crate::{
    Vault,
    backoff::Backoff,
    envelope::DataKey,
    ledger::Opening,
    payload::Payload,
    secrets::{Label, SecretsError},
    vault::USABLE_MARGIN,
};

/// How long one caller may refresh undisturbed.
const LEASE: Duration = Duration::from_secs(30);

/// What came of an attempt to refresh.
pub(crate) enum Refresh {
    /// An access token, saved before it was handed out, or the present one where the vendor does
    /// not answer.
    Done(tandem_domain::AccessToken),
    /// Somebody else has the lease.
    Busy,
    /// The grant has changed: look at it again.
    Moved,
}

/// All that is needed to save what the vendor will answer.
pub(crate) struct Ready {
    pub(crate) present: Payload,
    pub(crate) version: SecretVersion,
    pub(crate) label: Label,
    pub(crate) data_key: DataKey,
}

impl Vault {
    /// Refreshes a grant, as it was just read, under the lease.
    pub(crate) async fn refresh(
        &self,
        subject: &Subject,
        grant: &Grant,
        opening: &mut Opening<'_>,
    ) -> Result<Refresh, Failure> {
        let Some(holder) = self.lease(subject, grant).await? else { return Ok(Refresh::Busy) };
        let ready = match self.prepare(subject, grant, opening).await {
            Ok(Ok(ready)) => ready,
            Ok(Err(adopted)) => return Ok(adopted),
            Err(failure) => {
                // Over a lease that was left behind ours stays, so that the next one looks too.
                if grant.lease_holder.is_none() {
                    self.release(subject, &holder).await;
                }
                return Err(failure);
            }
        };
        let answer = self.issuer(subject).refresh(subject, &ready.present.tokens.refresh).await;
        match answer {
            Ok(tokens) => {
                self.sightings.note(Sighting::Refreshed(subject.provider()));
                self.save_refreshed(subject, grant, ready, tokens, opening).await
            }
            Err(IssuerError::Refused(reason)) => {
                self.sightings.note(Sighting::RefreshRefused(subject.provider()));
                self.refused(subject, grant, &holder, (ready.label, reason), opening).await
            }
            Err(error) => {
                self.release(subject, &holder).await;
                self.make_do(grant, ready.present, &error)
            }
        }
    }

    /// Takes the lease on a grant as it was just read; `None` when somebody else has it, or has
    /// changed the grant.
    pub(crate) async fn lease(
        &self,
        subject: &Subject,
        grant: &Grant,
    ) -> Result<Option<LeaseHolder>, Failure> {
        let (holder, now) = (self.new_holder()?, self.clock.now());
        // The condition on the version makes this a second reading of the grant: under the lease,
        // it still stands as it was read.
        let taken =
            self.store.take_lease(subject, grant.version, &holder, now, now.plus(LEASE)).await;
        match taken {
            Ok(()) => Ok(Some(holder)),
            Err(StoreError::Conflict) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Everything that can be done before the vendor is asked. Where a caller stopped half-way
    /// before, its tokens are adopted instead (`Err`).
    pub(crate) async fn prepare(
        &self,
        subject: &Subject,
        grant: &Grant,
        opening: &mut Opening<'_>,
    ) -> Result<Result<Ready, Refresh>, Failure> {
        let (pointed, present) = self.open_pointed(subject, grant, opening).await?;
        let label = if let Some(label) = pointed.label {
            label.other()
        } else {
            // Under either label there may be what somebody put and did not point at; look
            // before one of them is taken.
            for label in [Label::Even, Label::Odd] {
                let adopted = self.adopt(subject, grant, label, opening).await?;
                if let Some(adopted) = adopted {
                    return Ok(Err(adopted));
                }
            }
            self.secrets.spare_label(&grant.grant_id, &grant.secret_version).await?
        };
        // A lease that was left behind: its holder may have got further than the table shows.
        if grant.lease_holder.is_some()
            && let Some(adopted) = self.adopt(subject, grant, label, opening).await?
        {
            return Ok(Err(adopted));
        }
        let version = self.new_version()?;
        let context = self.context(&grant.grant_id, subject, &version);
        let data_key = self.envelope.data_key(context).await?;
        Ok(Ok(Ready { present, version, label, data_key }))
    }

    /// Points the grant at the tokens of a caller that put them and stopped. `None` when there are
    /// none that took the place of those the grant points at.
    async fn adopt(
        &self,
        subject: &Subject,
        grant: &Grant,
        label: Label,
        opening: &mut Opening<'_>,
    ) -> Result<Option<Refresh>, Failure> {
        let Some(found) = self.secrets.find_labelled(&grant.grant_id, label).await? else {
            return Ok(None);
        };
        let payload = match self.open_version(subject, grant, &found, opening).await {
            Ok(payload) => payload,
            Err(failure) if failure.is_transient() => return Err(failure),
            Err(failure) => {
                tracing::error!(grant = %grant.grant_id, code = failure.code(), "not adopted");
                return Ok(None);
            }
        };
        if payload.replaces.as_ref() != Some(grant.tokens_version()) {
            return Ok(None);
        }
        self.point_at(subject, grant, &found.id, payload, opening).await.map(Some)
    }

    /// Saves what the vendor answered, and only then hands the access token out.
    async fn save_refreshed(
        &self,
        subject: &Subject,
        grant: &Grant,
        ready: Ready,
        tokens: TokenSet,
        opening: &mut Opening<'_>,
    ) -> Result<Refresh, Failure> {
        let Ready { version, label, data_key, .. } = ready;
        let payload = Payload { tokens, replaces: Some(grant.tokens_version().clone()) };
        let sealed = data_key.seal(&payload.write()?)?;
        let mut backoff = Backoff::new(&*self.entropy);
        while let Err(error) = self.secrets.put(&grant.grant_id, &version, label, &sealed).await {
            if error == SecretsError::Unavailable && backoff.pause().await {
                continue;
            }
            // Erased meanwhile, perhaps: then that is the answer.
            self.usable_grant(subject).await?;
            return Err(error.into());
        }
        self.point_at(subject, grant, &version, payload, opening).await
    }

    /// Moves the grant's pointer to `version`, whose payload is given: the commit. On failure the
    /// lease is left to run out, so that the next caller looks for what was not committed.
    async fn point_at(
        &self,
        subject: &Subject,
        read: &Grant,
        version: &SecretVersion,
        payload: Payload,
        opening: &mut Opening<'_>,
    ) -> Result<Refresh, Failure> {
        let mut backoff = Backoff::new(&*self.entropy);
        let mut grant = read.clone();
        loop {
            let renewed = self.renewed(&grant, version, payload.tokens.expires_at)?;
            let lines = opening.lines();
            let moved = self.store.move_grant_and_note(&renewed, grant.version, None, lines).await;
            match moved {
                Ok(()) => {
                    self.written(opening);
                    return Ok(self.hand_out(&renewed, payload));
                }
                Err(error @ (StoreError::Unavailable(_) | StoreError::Conflict)) => {
                    if !backoff.pause().await {
                        return Err(error.into());
                    }
                }
                Err(error) => return Err(error.into()),
            }
            let now = self.find_again(subject, &mut backoff).await?;
            match now {
                Some(now) if now.grant_id != read.grant_id => return Ok(Refresh::Moved),
                // Our own write, whose answer was lost.
                Some(now) if now.secret_version == *version => {
                    return Ok(self.hand_out(&now, payload));
                }
                None => return Err(Failure::Absent { what: "grant" }),
                Some(now) if now.state == GrantState::Erased => {
                    return Err(Failure::Absent { what: "grant" });
                }
                // Somebody saved other tokens: those count, ours come too late.
                Some(now) if now.tokens_version() != read.tokens_version() => {
                    return Ok(Refresh::Moved);
                }
                // The tokens are still those that we exchanged: somebody was refused because we
                // had been served, or has sealed them anew.
                Some(now) => grant = now,
            }
        }
    }

    async fn find_again(
        &self,
        subject: &Subject,
        backoff: &mut Backoff<'_>,
    ) -> Result<Option<Grant>, Failure> {
        loop {
            match self.store.find_grant(subject).await {
                Err(StoreError::Unavailable(_)) if backoff.pause().await => {}
                found => return Ok(found?),
            }
        }
    }

    /// The access token of tokens that are saved. Too old ones, which were adopted, are refreshed
    /// in another round.
    fn hand_out(&self, grant: &Grant, payload: Payload) -> Refresh {
        self.remember(grant, &payload);
        let left = self.clock.now().until(payload.tokens.expires_at);
        if left.is_zero() { Refresh::Moved } else { Refresh::Done(payload.tokens.access) }
    }

    /// The vendor refused the refresh token: because the grant has ended, or because somebody else
    /// used the token meanwhile.
    async fn refused(
        &self,
        subject: &Subject,
        grant: &Grant,
        holder: &LeaseHolder,
        (label, reason): (Label, SignInReason),
        opening: &mut Opening<'_>,
    ) -> Result<Refresh, Failure> {
        let now = self.usable_grant(subject).await?;
        if now.secret_version != grant.secret_version {
            return Ok(Refresh::Moved);
        }
        let somebody_elses = now.lease_holder.as_ref().is_some_and(|now| now != holder);
        if somebody_elses && now.lease_until.is_some_and(|until| until > self.clock.now()) {
            return Ok(Refresh::Busy);
        }
        if let Some(adopted) = self.adopt(subject, &now, label, opening).await? {
            return Ok(adopted);
        }
        match self.store.mark_grant_needs_sign_in(&now, reason, self.clock.now()).await {
            Ok(()) => {
                self.cache.forget(&now.grant_id);
                tracing::warn!(grant = %now.grant_id, ?reason, "grant needs sign-in");
                Err(Failure::SignInNeeded { provider: subject.provider(), reason })
            }
            Err(StoreError::Conflict) => Ok(Refresh::Moved),
            Err(error) => Err(error.into()),
        }
    }

    /// The vendor gave no answer that counts: the present access token does while it lasts.
    fn make_do(
        &self,
        grant: &Grant,
        present: Payload,
        error: &IssuerError,
    ) -> Result<Refresh, Failure> {
        let failure = match error {
            IssuerError::Unavailable { retry_after } => {
                Failure::Retry { what: "token_endpoint_unavailable", after: *retry_after }
            }
            IssuerError::Misconfigured { .. } | IssuerError::Refused(_) => {
                Failure::Fault { what: "token_endpoint_misconfigured" }
            }
        };
        tracing::warn!(grant = %grant.grant_id, %error, "not refreshed");
        let left = self.clock.now().until(present.tokens.expires_at);
        if left > USABLE_MARGIN {
            return Ok(Refresh::Done(present.tokens.access));
        }
        Err(failure)
    }

    /// Gives the lease up; if that fails, it runs out by itself.
    pub(crate) async fn release(&self, subject: &Subject, holder: &LeaseHolder) {
        if let Err(error) = self.store.release_lease(subject, holder).await {
            tracing::warn!(%error, "lease not released");
        }
    }
}
