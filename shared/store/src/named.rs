//! People who are named in what belongs to somebody else: who changed a setting of the site or of a
//! project, and whose issues a channel wants to be told of. No index leads from them there, so the
//! site's settings and subscriptions are looked through; seldom, and never for an event.

use tandem_domain::{AccountId, CloudId};

use crate::{
    ChannelSubscription, ScopeSettings, Store, StoreError,
    keys::{self, FOLLOWS, Index, Key},
    table::{key_of, read},
};

/// Something that may name people.
enum Naming {
    Settings(Box<ScopeSettings>),
    Follow(Box<ChannelSubscription>),
}

impl Naming {
    fn names(&self, account: &AccountId) -> bool {
        match self {
            Self::Settings(settings) => settings.changed_by.as_ref() == Some(account),
            Self::Follow(follow) => follow.filter.assignees.contains(account),
        }
    }
}

impl Store {
    /// Whether a person is named in the settings of a site and its projects, or in what its channels
    /// want to be told of.
    pub(crate) async fn is_named_on_site(
        &self,
        cloud: &CloudId,
        account: &AccountId,
    ) -> Result<bool, StoreError> {
        Ok(!self.list_naming(cloud, account).await?.is_empty())
    }

    /// Takes a person out of what channels want to be told of. A subscription to the issues of nobody
    /// else ends: without a name it would be told of everybody's. Answers how many there were.
    pub async fn forget_assignee(
        &self,
        cloud: &CloudId,
        account: &AccountId,
    ) -> Result<usize, StoreError> {
        let mut forgotten = 0;
        for naming in self.list_naming(cloud, account).await? {
            let Naming::Follow(mut follow) = naming else { continue };
            forgotten += 1;
            follow.filter.assignees.retain(|assignee| assignee != account);
            if follow.filter.assignees.is_empty() {
                self.delete_channel_subscription(&follow).await?;
            } else {
                self.change_channel_subscription(&follow).await?;
            }
        }
        Ok(forgotten)
    }

    async fn list_naming(
        &self,
        cloud: &CloudId,
        account: &AccountId,
    ) -> Result<Vec<Naming>, StoreError> {
        let mut naming = Vec::new();
        for prefix in [keys::instance_settings(cloud).pk, keys::projects_of(cloud)] {
            let mut from = None;
            loop {
                let (keys, next) = self
                    .indexed_page(Index::ByTenant, &keys::site(cloud), Some(&prefix), from)
                    .await?;
                let keys: Vec<Key> = keys.into_iter().filter(may_name).collect();
                if !keys.is_empty() {
                    for item in self.batch(&keys).await? {
                        let found = if key_of(&item)?.sk.starts_with(FOLLOWS) {
                            Naming::Follow(Box::new(read(item)?))
                        } else {
                            Naming::Settings(Box::new(read(item)?))
                        };
                        naming.extend(Some(found).filter(|found| found.names(account)));
                    }
                }
                from = next;
                if from.is_none() {
                    break;
                }
            }
        }
        Ok(naming)
    }
}

fn may_name(key: &Key) -> bool {
    key.sk == "SETTINGS" || key.sk.starts_with(FOLLOWS)
}
