//! Erasing a grant, so that it can be taken up again wherever it stopped.

use tandem_domain::{Failure, GrantState, Subject};
use tandem_store::{Grant, StoreError};

use crate::{Vault, backoff::Backoff};

impl Vault {
    /// Erases a subject's grant: its secret, without a recovery window, and its item. Answers
    /// whether there was one; erasing again changes nothing.
    ///
    /// The item is marked first, which fences out whoever is refreshing, and goes last, so that an
    /// erasure that stopped is found and finished.
    ///
    /// # Errors
    /// [`Failure::Retry`] when a service is out of reach: repeat it then.
    pub async fn erase(&self, subject: &Subject) -> Result<bool, Failure> {
        let mut backoff = Backoff::new(&*self.entropy);
        while let Some(grant) = self.store.find_grant(subject).await? {
            self.cache.forget(&grant.grant_id);
            if self.mark_erased(&grant).await? {
                self.secrets.delete(&grant.grant_id).await?;
                self.store.delete_grant(subject, &grant.grant_id).await?;
                return Ok(true);
            }
            if !backoff.pause().await {
                return Err(Failure::Retry { what: "grant_busy", after: None });
            }
        }
        Ok(false)
    }

    /// `false` when somebody else changed the grant meanwhile.
    async fn mark_erased(&self, grant: &Grant) -> Result<bool, Failure> {
        if grant.state == GrantState::Erased {
            return Ok(true);
        }
        let erased = Grant {
            state: GrantState::Erased,
            version: grant.version + 1,
            lease_holder: None,
            lease_until: None,
            ..grant.clone()
        };
        match self.store.move_grant(&erased, grant.version).await {
            Ok(()) => Ok(true),
            Err(StoreError::Conflict) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}
