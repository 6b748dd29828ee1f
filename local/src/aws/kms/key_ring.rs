//! All keys of the account, and their aliases.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::super::wire::Fault;
use super::ciphertext;
use super::key::Key;

/// The keys by id, and the ids by alias.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) struct KeyRing {
    keys: BTreeMap<String, Key>,
    aliases: BTreeMap<String, String>,
}

impl KeyRing {
    /// Adds a new key.
    pub(super) fn add(&mut self, key: Key) {
        self.keys.insert(key.id().to_owned(), key);
    }

    /// Destroys the keys whose waiting time has passed, and their aliases.
    pub(super) fn bury(&mut self, now: i64) {
        self.keys.retain(|_, key| !key.is_gone(now));
        self.aliases.retain(|_, id| self.keys.contains_key(id));
    }

    /// The key that a caller names by id, ARN, alias or alias ARN.
    pub(super) fn find(&self, name: &str, now: i64) -> Result<&Key, Fault> {
        let found = self.keys.get(self.id_of(name)).filter(|key| !key.is_gone(now));
        found.ok_or_else(|| not_found(name))
    }

    /// The same, to change it; gone keys must have been buried.
    pub(super) fn find_mut(&mut self, name: &str) -> Result<&mut Key, Fault> {
        let id = self.id_of(name).to_owned();
        self.keys.get_mut(&id).ok_or_else(|| not_found(name))
    }

    /// The key that a ciphertext names; one that does not exist makes the ciphertext invalid.
    pub(super) fn of_ciphertext(&self, id: &str, now: i64) -> Result<&Key, Fault> {
        let found = self.keys.get(id).filter(|key| !key.is_gone(now));
        found.ok_or_else(ciphertext::invalid)
    }

    /// Gives a key a name (`alias/...`) that is still free.
    pub(super) fn create_alias(&mut self, alias: &str, target: &str) -> Result<(), Fault> {
        if alias.strip_prefix("alias/").is_none_or(str::is_empty) {
            return Err(Fault::new("ValidationException", "an alias begins with alias/"));
        }
        if self.aliases.contains_key(alias) {
            return Err(Fault::new("AlreadyExistsException", format!("{alias} already exists")));
        }
        let id = self.find_mut(target)?.id().to_owned();
        self.aliases.insert(alias.to_owned(), id);
        Ok(())
    }

    /// Moves a name to another key.
    pub(super) fn update_alias(&mut self, alias: &str, target: &str) -> Result<(), Fault> {
        let id = self.find_mut(target)?.id().to_owned();
        match self.aliases.get_mut(alias) {
            Some(held) => {
                *held = id;
                Ok(())
            }
            None => Err(not_found(alias)),
        }
    }

    fn id_of<'name>(&'name self, name: &'name str) -> &'name str {
        let name = match name.strip_prefix("arn:") {
            Some(arn) => arn.rsplit_once(':').map_or(name, |(_, resource)| resource),
            None => name,
        };
        let name = name.strip_prefix("key/").unwrap_or(name);
        self.aliases.get(name).map_or(name, String::as_str)
    }
}

fn not_found(name: &str) -> Fault {
    Fault::new("NotFoundException", format!("Key '{name}' does not exist"))
}
