//! Watchers: the people of a site who want to be told of what they watch. An event does not name
//! them, so they are looked up by site.

use serde::{Deserialize, Serialize};
use tandem_domain::{AccountId, CloudId};

use crate::{
    Store, StoreError,
    entity::{Attribute, Entity, ErasedWith, Whose, attribute},
    keys::{self, Key},
    table::If,
};

/// Somebody who wants to be told of the issues they watch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watcher {
    /// The Jira site.
    pub cloud_id: CloudId,
    /// The person.
    pub account_id: AccountId,
}

impl Entity for Watcher {
    const NAME: &'static str = "watcher";
    const WHAT: &'static str = "Somebody who wants to be told of what they watch";
    const KEPT: &'static str = "until the person turns it off or is erased";
    const ERASED_WITH: &'static [ErasedWith] = &[ErasedWith::JiraUser, ErasedWith::Site];
    const ATTRIBUTES: &'static [Attribute] = &[
        attribute("cloud_id", Whose::Site, "the Jira site", "telling what they watch"),
        attribute("account_id", Whose::Person, "the Jira user", "telling what they watch"),
    ];

    fn key(&self) -> Key {
        keys::watcher(&self.cloud_id, &self.account_id)
    }
    fn owner(&self) -> Option<String> {
        Some(keys::jira_user(&self.cloud_id, &self.account_id))
    }
    fn tenant(&self) -> Option<String> {
        Some(keys::site(&self.cloud_id))
    }
}

impl Store {
    /// Everybody on a site who wants to be told of what they watch.
    pub async fn list_watchers(&self, cloud: &CloudId) -> Result<Vec<Watcher>, StoreError> {
        self.list(keys::watchers(cloud), keys::USERS).await
    }

    /// Whether there is anybody.
    pub async fn has_watchers(&self, cloud: &CloudId) -> Result<bool, StoreError> {
        self.has_any(keys::watchers(cloud), keys::USERS).await
    }

    /// Notes that somebody wants to be told of what they watch.
    pub async fn put_watcher(&self, watcher: &Watcher) -> Result<(), StoreError> {
        self.put(watcher.clone(), If::Anything).await
    }

    /// Notes that they do not.
    pub async fn delete_watcher(&self, watcher: &Watcher) -> Result<(), StoreError> {
        self.delete(watcher.key()).await
    }
}
