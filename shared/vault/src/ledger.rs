//! The ledger of uses: no token leaves the vault before the line about it is written.
//!
//! What reads a secret collects its line; the pointer's move takes the lines along in its
//! transaction, and what is left is written before the token is handed out.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tandem_domain::{Failure, GrantId, Purpose, RequestId, Timestamp};
use tandem_store::{LedgerEntry, StoreError};

use crate::Vault;

/// Within which time a request that uses a token out of memory again needs no line of its own.
const SAME_REQUEST: Duration = Duration::from_mins(1);
/// How many requests are remembered.
const REMEMBERED: usize = 1_000;

/// What tokens are opened for, and the lines about it that are not yet written.
pub(crate) struct Opening<'a> {
    purpose: Purpose,
    request: &'a RequestId,
    lines: Vec<LedgerEntry>,
}

impl<'a> Opening<'a> {
    pub(crate) fn new(purpose: Purpose, request: &'a RequestId) -> Self {
        Self { purpose, request, lines: Vec::new() }
    }

    /// Notes that a secret was read by the call that Secrets Manager gave this id, or that a token
    /// was taken out of memory (`None`).
    pub(crate) fn note(&mut self, grant: &GrantId, call: Option<RequestId>, at: Timestamp) {
        let (purpose, request_id) = (self.purpose, self.request.clone());
        let grant_id = grant.clone();
        self.lines.push(LedgerEntry {
            grant_id,
            purpose,
            request_id,
            secrets_request_id: call,
            at,
        });
    }

    /// The lines that are not yet written.
    pub(crate) fn lines(&self) -> &[LedgerEntry] {
        &self.lines
    }
}

/// The requests whose use of a grant was written down a moment ago.
#[derive(Default)]
pub(crate) struct Noted(Mutex<HashMap<(GrantId, Purpose, RequestId), Timestamp>>);

impl Noted {
    pub(crate) fn holds(&self, line: &LedgerEntry) -> bool {
        let noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        noted.get(&key_of(line)).is_some_and(|at| line.at < at.plus(SAME_REQUEST))
    }

    pub(crate) fn add(&self, line: &LedgerEntry) {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if noted.len() >= REMEMBERED {
            noted.retain(|_, at| line.at < at.plus(SAME_REQUEST));
        }
        if noted.len() >= REMEMBERED {
            noted.clear();
        }
        noted.insert(key_of(line), line.at);
    }
}

fn key_of(line: &LedgerEntry) -> (GrantId, Purpose, RequestId) {
    (line.grant_id.clone(), line.purpose, line.request_id.clone())
}

impl Vault {
    /// The lines are written with something else: they need not be written again.
    pub(crate) fn written(&self, opening: &mut Opening<'_>) {
        for line in opening.lines.drain(..) {
            self.noted_line(&line);
        }
    }

    /// Writes the lines that are left, and only then lets the outcome out. What cannot be written
    /// down was not opened: try again.
    pub(crate) async fn settle<T>(
        &self,
        mut opening: Opening<'_>,
        outcome: Result<T, Failure>,
    ) -> Result<T, Failure> {
        for line in &opening.lines {
            if line.secrets_request_id.is_none() && self.noted.holds(line) {
                continue;
            }
            if let Err(error) = self.store.add_to_ledger(line).await {
                let refused = self.not_written(line, &error);
                outcome?;
                return Err(refused);
            }
        }
        self.written(&mut opening);
        outcome
    }

    /// What is said where a line cannot be written. The next one reads the secret again, and writes
    /// that down.
    pub(crate) fn not_written(&self, line: &LedgerEntry, error: &StoreError) -> Failure {
        tracing::error!(grant = %line.grant_id, %error, "the ledger cannot be written");
        self.cache.forget(&line.grant_id);
        Failure::Retry { what: "ledger_unavailable", after: None }
    }
}
