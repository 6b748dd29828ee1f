//! Saving the tokens of a sign-in: the first ones of a grant, or new ones.

use tandem_domain::{Failure, GrantId, GrantState, SignInReason, Subject, TokenSet};
use tandem_store::{Grant, StoreError};

use crate::{
    Vault,
    backoff::Backoff,
    payload::Payload,
    secrets::{Label, SecretsError},
};

impl Vault {
    /// Saves the tokens of a sign-in, which win over whatever is stored or being refreshed. Answers
    /// the grant's id: the same as before, unless the grant was erased.
    ///
    /// # Errors
    /// [`Failure::Retry`] when a service is out of reach or others keep changing the grant,
    /// [`Failure::Fault`] when a key cannot be used. Nothing is half saved.
    pub async fn save(&self, subject: &Subject, tokens: &TokenSet) -> Result<GrantId, Failure> {
        let payload = Payload { tokens: tokens.clone(), replaces: None };
        let mut backoff = Backoff::new(&*self.entropy);
        loop {
            let failure = match self.try_save(subject, &payload).await {
                Ok(Some(grant_id)) => return Ok(grant_id),
                Ok(None) => Failure::Retry { what: "grant_busy", after: None },
                Err(failure) => failure,
            };
            if !failure.is_transient() || !backoff.pause().await {
                return Err(failure);
            }
        }
    }

    /// `None` when somebody else changed the grant meanwhile.
    async fn try_save(
        &self,
        subject: &Subject,
        payload: &Payload,
    ) -> Result<Option<GrantId>, Failure> {
        let Some(grant) = self.grant_to_save(subject).await? else { return Ok(None) };
        let Some(label) = self.label_to_save(&grant).await? else { return Ok(None) };
        let version = self.new_version()?;
        let data_key =
            self.envelope.data_key(self.context(&grant.grant_id, subject, &version)).await?;
        let sealed = data_key.seal(&payload.write()?)?;
        match self.secrets.put(&grant.grant_id, &version, label, &sealed).await {
            Ok(()) => {}
            Err(SecretsError::Missing) => return Ok(None),
            Err(error) => return Err(error.into()),
        }
        let renewed = self.renewed(&grant, &version, payload.tokens.expires_at)?;
        match self.store.move_grant(&renewed, grant.version).await {
            Ok(()) => {
                self.remember(&renewed, payload);
                Ok(Some(renewed.grant_id))
            }
            Err(StoreError::Conflict) => self.after_conflict(subject, &renewed).await,
            Err(error) => Err(error.into()),
        }
    }

    /// Our own write may have been the other one, its answer lost. If the grant was erased, the
    /// secret may have been made again after that: it must not stay.
    async fn after_conflict(
        &self,
        subject: &Subject,
        ours: &Grant,
    ) -> Result<Option<GrantId>, Failure> {
        match self.store.find_grant(subject).await? {
            Some(now) if now.grant_id == ours.grant_id && now.state != GrantState::Erased => {
                Ok((now.secret_version == ours.secret_version).then_some(now.grant_id))
            }
            _ => {
                self.secrets.delete(&ours.grant_id).await?;
                Ok(None)
            }
        }
    }

    /// The grant's item, made where there is none: before the secret, so that no secret is ever
    /// without an item that leads to it. `None` when somebody else made it just now.
    async fn grant_to_save(&self, subject: &Subject) -> Result<Option<Grant>, Failure> {
        let written = match self.store.find_grant(subject).await? {
            Some(grant) if grant.state != GrantState::Erased => return Ok(Some(grant)),
            Some(erased) => {
                self.secrets.delete(&erased.grant_id).await?;
                let grant = self.empty_grant(subject, erased.version + 1)?;
                self.store.move_grant(&grant, erased.version).await.map(|()| grant)
            }
            None => {
                let grant = self.empty_grant(subject, 1)?;
                self.store.create_grant(&grant).await.map(|()| grant)
            }
        };
        match written {
            Ok(grant) => Ok(Some(grant)),
            Err(StoreError::Conflict) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// A grant that has no tokens yet. Should the sign-in stop here, another one is what it needs.
    fn empty_grant(&self, subject: &Subject, version: u64) -> Result<Grant, Failure> {
        let (account_id, tenant_id, object_id) = Grant::owner_of(subject);
        let now = self.clock.now();
        Ok(Grant {
            grant_id: self.new_grant_id()?,
            provider: subject.provider(),
            account_id,
            tenant_id,
            object_id,
            state: GrantState::NeedsSignIn(SignInReason::ConsentMissing),
            version,
            secret_version: self.new_version()?,
            access_expires_at: now,
            lease_holder: None,
            lease_until: None,
            created_at: now,
            renewed_at: now,
            refresh_at: now,
            copied_from: None,
            told_version: None,
            ended_at: None,
            seal: Some(self.seals.present()?.clone()),
        })
    }

    /// The label that the new version may take, after the secret was made where there is none and was
    /// given its policy. `None` when somebody erased it meanwhile. A version that needs no more keeping
    /// keeps no label.
    async fn label_to_save(&self, grant: &Grant) -> Result<Option<Label>, Failure> {
        let label = self.label_of_present(grant).await?;
        if label.is_none() {
            self.secrets.create(&grant.grant_id).await?;
        }
        match self.secrets.protect(&grant.grant_id).await {
            Ok(()) => Ok(Some(label.unwrap_or(Label::Even))),
            Err(SecretsError::Missing) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The label beside the one of the version that counts; `None` where there is no such version.
    async fn label_of_present(&self, grant: &Grant) -> Result<Option<Label>, Failure> {
        if grant.state != GrantState::Active {
            return Ok(None);
        }
        match self.secrets.spare_label(&grant.grant_id, &grant.secret_version).await {
            Ok(label) => Ok(Some(label)),
            // The secret was lost: this sign-in mends that.
            Err(SecretsError::Missing) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}
