//! Tokens out of memory in one round trip: the grant is read afresh while the ledger's line is
//! written. A token leaves only when both came back and the grant still points at it; otherwise the
//! line is taken back, so that an erased grant keeps no ledger.

use tandem_domain::{AccessToken, Failure, Purpose, RequestId, Sighting, Subject};
use tandem_store::LedgerEntry;

use crate::Vault;

/// A token that may be handed out: its grant stands, and its use is written down. What is not wanted
/// after all is given to [`Vault::take_back`].
pub struct Ahead {
    subject: Subject,
    token: AccessToken,
    line: LedgerEntry,
    /// Whether the line was written for it: another use by the same request may have been before.
    is_new: bool,
}

impl Ahead {
    /// Whether it is a token of that subject for that purpose.
    pub fn is_for(&self, subject: &Subject, purpose: Purpose) -> bool {
        self.subject == *subject && self.line.purpose == purpose
    }
}

impl Vault {
    /// Whether there is a token of a subject in memory, as far as is known here.
    pub fn remembers(&self, subject: &Subject) -> bool {
        self.cache.grant_of(subject, self.clock.now()).is_some()
    }

    /// A token ahead of its use: out of memory only, in one round trip. `None` where there is none,
    /// or where something is in the way; then [`Vault::access_token`] says what.
    pub async fn ahead(
        &self,
        subject: &Subject,
        purpose: Purpose,
        request: &RequestId,
    ) -> Option<Ahead> {
        self.remembered_token(subject, purpose, request).await.ok().flatten()
    }

    /// Hands a token out.
    pub fn hand_over(&self, ahead: Ahead) -> AccessToken {
        self.noted_line(&ahead.line);
        ahead.token
    }

    /// Takes back what was written down of a token that nobody wanted.
    pub async fn take_back(&self, ahead: Ahead) {
        if ahead.is_new {
            self.strike(&ahead.line).await;
        }
    }

    /// The token in memory, if the grant still points at it; `None` where another way is to be gone.
    pub(crate) async fn remembered_token(
        &self,
        subject: &Subject,
        purpose: Purpose,
        request: &RequestId,
    ) -> Result<Option<Ahead>, Failure> {
        let now = self.clock.now();
        let Some(grant_id) = self.cache.grant_of(subject, now) else { return Ok(None) };
        let line = LedgerEntry {
            grant_id,
            purpose,
            request_id: request.clone(),
            secrets_request_id: None,
            at: now,
        };
        let writing = async {
            if self.noted.holds(&line) { Ok(false) } else { self.store.add_to_ledger(&line).await }
        };
        let (grant, written) = tokio::join!(self.usable_grant(subject), writing);
        let token = grant.as_ref().ok().and_then(|grant| self.cache.find(grant, now));
        match (token, written) {
            (Some(token), Ok(is_new)) => {
                Ok(Some(Ahead { subject: subject.clone(), token, line, is_new }))
            }
            (token, written) => {
                if written != Ok(false) {
                    self.strike(&line).await;
                }
                grant?;
                if let (Some(_), Err(error)) = (token, written) {
                    return Err(self.not_written(&line, &error));
                }
                Ok(None)
            }
        }
    }

    /// Deletes a line of what was not used. One that cannot be deleted says more than happened, and
    /// ends by itself.
    async fn strike(&self, line: &LedgerEntry) {
        if let Err(error) = self.store.delete_from_ledger(line).await {
            tracing::error!(grant = %line.grant_id, %error, "a line of the ledger stays");
        }
    }

    /// Notes that a line is written, of a token that is now handed out.
    pub(crate) fn noted_line(&self, line: &LedgerEntry) {
        tracing::info!(
            grant = %line.grant_id,
            purpose = line.purpose.as_str(),
            request = %line.request_id,
            "token opened"
        );
        self.sightings.note(Sighting::TokenOpened(line.purpose));
        self.noted.add(line);
    }
}
