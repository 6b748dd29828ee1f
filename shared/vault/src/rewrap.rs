//! Sealing tokens anew under the present keys, so that older keys can be given up.
//!
//! The form authenticates the wrapped data key, and the encryption context names the version; so an
//! envelope cannot be re-encrypted in its place (KMS `ReEncrypt`), but is made anew, under a fresh
//! data key, as another version.

use tandem_domain::{Failure, Purpose, RequestId};
use tandem_store::{Grant, GrantCursor, Seal, StoreError};

use crate::{Vault, ledger::Opening, payload::Payload, refresh::Ready, secrets::Label};

/// How many grants one call looks at while they are counted.
const COUNTED_AT_ONCE: i32 = 100;

/// Where a page of [`Vault::rewrap`] ended.
#[derive(Clone, Debug)]
pub struct RewrapCursor {
    /// Which of the older seals; after the last of them, those of which it is not noted.
    seal: usize,
    page: Option<GrantCursor>,
}

/// What a page of [`Vault::rewrap`] came to.
#[derive(Debug, Default)]
pub struct Rewrapped {
    /// Grants that are now under the present keys.
    pub done: u32,
    /// Grants that somebody is refreshing or has changed: the next run looks again.
    pub busy: u32,
    /// Why others are not.
    pub failures: Vec<Failure>,
    /// Where the next page begins; `None` when this was the last.
    pub next: Option<RewrapCursor>,
}

impl Vault {
    /// Seals a page of at most `limit` active grants that are under older keys anew. Whatever is
    /// done leaves the list, so a run that stops is taken up by starting again; the cursor leads
    /// past those that fail.
    ///
    /// # Errors
    /// [`Failure::Retry`] when the list cannot be read, [`Failure::Fault`] when a configured key's
    /// name is none. What fails for one grant is in the answer.
    pub async fn rewrap(
        &self,
        limit: i32,
        from: Option<RewrapCursor>,
        request: &RequestId,
    ) -> Result<Rewrapped, Failure> {
        let present = self.seals.present()?.clone();
        let RewrapCursor { seal, page } = from.unwrap_or(RewrapCursor { seal: 0, page: None });
        let older = self.seals.older();
        let (grants, next) = self.store.list_grants_by_seal(older.get(seal), page, limit).await?;
        let mut rewrapped = Rewrapped {
            next: match next {
                Some(page) => Some(RewrapCursor { seal, page: Some(page) }),
                None => (seal < older.len()).then_some(RewrapCursor { seal: seal + 1, page: None }),
            },
            ..Rewrapped::default()
        };
        for grant in grants.iter().filter(|grant| grant.seal.as_ref() != Some(&present)) {
            let mut opening = Opening::new(Purpose::ChangeKeys, request);
            let outcome = self.rewrap_one(grant, &present, &mut opening).await;
            match self.settle(opening, outcome).await {
                Ok(true) => rewrapped.done += 1,
                Ok(false) => rewrapped.busy += 1,
                // Erased, or ended by its vendor, since it was listed: nothing is left to do.
                Err(Failure::Absent { .. } | Failure::SignInNeeded { .. }) => {}
                Err(failure) => {
                    tracing::warn!(grant = %grant.grant_id, %failure, "not sealed anew");
                    rewrapped.failures.push(failure);
                }
            }
        }
        Ok(rewrapped)
    }

    /// How many active grants are under older keys, or under keys that are not noted. Nobody needs to
    /// know it exactly while they are many: at `most` or a little beyond, it stops counting.
    ///
    /// # Errors
    /// As [`Vault::rewrap`].
    pub async fn count_under_older_keys(&self, most: u32) -> Result<u32, Failure> {
        let present = self.seals.present()?;
        let mut count = 0;
        for seal in self.seals.older().iter().map(Some).chain([None]) {
            let mut page = None;
            while count < most {
                let (grants, next) =
                    self.store.list_grants_by_seal(seal, page, COUNTED_AT_ONCE).await?;
                let older = grants.iter().filter(|grant| grant.seal.as_ref() != Some(present));
                count += u32::try_from(older.count()).unwrap_or(u32::MAX);
                page = next;
                if page.is_none() {
                    break;
                }
            }
        }
        Ok(count)
    }

    /// Whether the grant is under the present keys now.
    async fn rewrap_one(
        &self,
        listed: &Grant,
        present: &Seal,
        opening: &mut Opening<'_>,
    ) -> Result<bool, Failure> {
        let subject = listed.subject().ok_or(Failure::Fault { what: "grant_without_owner" })?;
        let _turn = self.flights.turn(&listed.grant_id).await;
        let grant = self.usable_grant(&subject).await?;
        if grant.seal.as_ref() == Some(present) {
            return Ok(true);
        }
        let Some(holder) = self.lease(&subject, &grant).await? else { return Ok(false) };
        let ready = match self.prepare(&subject, &grant, opening).await {
            Ok(Ok(ready)) => ready,
            // What somebody else had put is adopted first.
            Ok(Err(_)) => return Ok(false),
            Err(failure) => {
                if grant.lease_holder.is_none() {
                    self.release(&subject, &holder).await;
                }
                return Err(failure);
            }
        };
        let label = ready.label.other();
        let sealed_anew = self.seal_anew(&grant, present, ready).await;
        let rewrapped = match sealed_anew {
            Ok(rewrapped) => rewrapped,
            Err(failure) => {
                self.release(&subject, &holder).await;
                return Err(failure);
            }
        };
        // Only while the lease is ours: whoever took it over may have had an answer of the vendor,
        // and what is sealed here is older than that.
        let lines = opening.lines();
        let moved =
            self.store.move_grant_and_note(&rewrapped, grant.version, Some(&holder), lines).await;
        match moved {
            Ok(()) => {
                self.written(opening);
                self.cache.forget(&grant.grant_id);
                self.hand_label_on(label, &grant, &rewrapped).await;
                Ok(true)
            }
            Err(StoreError::Conflict) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Gives the new version the label of the old one. Should it fail, the next refresh sees to it.
    async fn hand_label_on(&self, label: Label, from: &Grant, to: &Grant) {
        let (grant, from) = (&from.grant_id, from.secret_version.as_str());
        let moved = self.secrets.move_label(grant, label, Some(from), &to.secret_version).await;
        if let Err(error) = moved {
            tracing::warn!(%grant, %error, "label not handed on");
        }
    }

    /// Puts the present tokens as another version, and answers the grant that points at it.
    async fn seal_anew(
        &self,
        grant: &Grant,
        present: &Seal,
        ready: Ready,
    ) -> Result<Grant, Failure> {
        let Ready { present: Payload { tokens, .. }, version, data_key, .. } = ready;
        let payload = Payload { tokens, replaces: None };
        let sealed = data_key.seal(&payload.write()?)?;
        let under = grant.seal.as_ref().map(|seal| &seal.secrets_key);
        if under != Some(&present.secrets_key) {
            self.secrets.change_key(&grant.grant_id).await?;
        }
        // Secrets from before there were policies get theirs with their new seal.
        self.secrets.protect(&grant.grant_id).await?;
        self.secrets.put_again(&grant.grant_id, &version, &sealed).await?;
        Ok(Grant {
            version: grant.version + 1,
            secret_version: version,
            lease_holder: None,
            lease_until: None,
            copied_from: Some(grant.tokens_version().clone()),
            seal: Some(present.clone()),
            ..grant.clone()
        })
    }
}
