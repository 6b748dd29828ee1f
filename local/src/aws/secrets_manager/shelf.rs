//! All secrets of the account.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::super::wire::Fault;
use super::not_found;
use super::secret::Secret;

/// The secrets by name.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) struct Shelf {
    secrets: BTreeMap<String, Secret>,
}

impl Shelf {
    /// Throws away the secrets whose recovery window has passed.
    pub(super) fn throw_away(&mut self, now: i64) {
        self.secrets.retain(|_, secret| is_there(secret, now));
    }

    /// The secrets in the order of their names.
    pub(super) fn iter(&self, now: i64) -> impl Iterator<Item = &Secret> {
        self.secrets.values().filter(move |secret| is_there(secret, now))
    }

    /// The secret of this name.
    pub(super) fn get(&self, name: &str) -> Option<&Secret> {
        self.secrets.get(name)
    }

    /// Adds a new secret.
    pub(super) fn add(&mut self, secret: Secret) {
        self.secrets.insert(secret.name().to_owned(), secret);
    }

    /// Takes a secret out, by name or ARN.
    pub(super) fn remove(&mut self, id: &str) -> Option<Secret> {
        let name = self.name_of(id)?;
        self.secrets.remove(&name)
    }

    /// The secret with this name or ARN, deleted or not.
    pub(super) fn find(&self, id: &str, now: i64) -> Result<&Secret, Fault> {
        self.iter(now).find(|secret| secret.is_named(id)).ok_or_else(missing)
    }

    /// The same, refused when the secret is marked for deletion.
    pub(super) fn find_live(&self, id: &str, now: i64) -> Result<&Secret, Fault> {
        let secret = self.find(id, now)?;
        secret.require_live()?;
        Ok(secret)
    }

    /// The secret with this name or ARN, to change it.
    pub(super) fn find_mut(&mut self, id: &str) -> Result<&mut Secret, Fault> {
        let name = self.name_of(id).ok_or_else(missing)?;
        self.secrets.get_mut(&name).ok_or_else(missing)
    }

    /// The same, refused when the secret is marked for deletion.
    pub(super) fn find_live_mut(&mut self, id: &str) -> Result<&mut Secret, Fault> {
        let secret = self.find_mut(id)?;
        secret.require_live()?;
        Ok(secret)
    }

    fn name_of(&self, id: &str) -> Option<String> {
        let mut named = self.secrets.values().filter(|secret| secret.is_named(id));
        named.next().map(|secret| secret.name().to_owned())
    }
}

fn is_there(secret: &Secret, now: i64) -> bool {
    secret.deleted().is_none_or(|deletion| deletion.gone > now)
}

fn missing() -> Fault {
    not_found("Secrets Manager can't find the specified secret.")
}
