//! What this process read a moment ago and several events of a project or a person share. It spares
//! reads, and decides nothing that counts: whoever goes by it hands over to somebody who reads again.
//!
//! A "no" (nobody follows, nobody watches, not linked) counts for [`NO_FOR`], so that what another
//! process wrote is told of from then on. A "yes" only leads to a second look, and counts for
//! [`YES_FOR`]. What this process writes itself it forgets at once.

use std::{sync::Arc, time::Duration};

use tandem_domain::{
    AccountId, ChatId, Clock, CloudId, IssueId, ObjectId, ProjectId, SiteHost, TenantId,
    settings::EffectiveSettings,
};

use crate::{
    ChannelSubscription, ChatLink, Store, StoreError,
    keys::{self, FOLLOWS, Key, USERS},
};

mod memory;

pub(crate) use memory::{Memory, Remembered};

/// How long a "no" counts.
pub const NO_FOR: Duration = Duration::from_secs(10);
/// How long a "yes" counts: as long as a site's webhook secrets are believed.
pub const YES_FOR: Duration = Duration::from_mins(1);
/// How long what was read is of use as a guess that is verified: as long as a token is kept.
const GUESSED_FOR: Duration = Duration::from_mins(10);
/// Longer lists are read each time.
const LONGEST: usize = 100;

/// The table, seen through what was read a moment ago.
#[derive(Clone, Copy)]
pub struct Recent<'a> {
    store: &'a Store,
    clock: &'a dyn Clock,
}

impl Store {
    /// The table, seen through what this process read a moment ago by `clock`.
    pub fn recent<'a>(&'a self, clock: &'a dyn Clock) -> Recent<'a> {
        Recent { store: self, clock }
    }
}

impl Recent<'_> {
    fn find(&self, key: &Key, within: Duration) -> Option<Remembered> {
        self.store.memory.find(key, self.clock.now(), within)
    }

    /// Reads, and keeps what was read.
    async fn read<T>(
        &self,
        read: impl Future<Output = Result<T, StoreError>>,
        kept: impl FnOnce(&T) -> Vec<(Key, Remembered)>,
    ) -> Result<T, StoreError> {
        // As of when it began: what is written meanwhile may have been missed.
        let (at, seen) = (self.clock.now(), self.store.memory.forgotten());
        let found = read.await?;
        self.store.memory.keep(kept(&found), at, seen);
        Ok(found)
    }

    /// The channels that are told of a project, at most [`NO_FOR`] old.
    pub async fn channels_by_project(
        &self,
        cloud: &CloudId,
        project: &ProjectId,
    ) -> Result<Arc<[ChannelSubscription]>, StoreError> {
        let key = Key { pk: keys::project(cloud, project), sk: FOLLOWS.to_owned() };
        if let Some(Remembered::Channels(known)) = self.find(&key, NO_FOR) {
            return Ok(known);
        }
        let read = async { Ok(self.store.list_channels_by_project(cloud, project).await?.into()) };
        self.read(read, |found: &Arc<[ChannelSubscription]>| {
            let kept = Remembered::Channels(Arc::clone(found));
            Vec::from_iter((found.len() <= LONGEST).then_some((key, kept)))
        })
        .await
    }

    /// Whether anybody on a site wants to be told of what they watch, at most [`NO_FOR`] old.
    pub async fn has_watchers(&self, cloud: &CloudId) -> Result<bool, StoreError> {
        let key = Key { pk: keys::watchers(cloud), sk: USERS.to_owned() };
        if let Some(Remembered::Watched(known)) = self.find(&key, NO_FOR) {
            return Ok(known);
        }
        let read = self.store.has_watchers(cloud);
        self.read(read, |found| vec![(key, Remembered::Watched(*found))]).await
    }

    /// Which of up to 100 Jira users are linked, at most [`NO_FOR`] old: one round trip for those of
    /// whom it is not known.
    pub async fn linked(
        &self,
        cloud: &CloudId,
        accounts: &[AccountId],
    ) -> Result<Vec<AccountId>, StoreError> {
        let (mut linked, mut asked) = (Vec::new(), Vec::new());
        for account in accounts {
            match self.find(&keys::link_by_account(cloud, account), NO_FOR) {
                Some(Remembered::Link(Some(_))) => linked.push(account.clone()),
                Some(Remembered::Link(None)) => {}
                _ => asked.push(account.clone()),
            }
        }
        let read = self.store.list_links_by_accounts(cloud, &asked);
        let found = self.read(read, |found| {
            let object = |account: &AccountId| {
                let link = found.iter().find(|link| link.account_id == *account)?;
                Some((link.tenant_id.clone(), link.object_id.clone()))
            };
            let kept = |account| {
                (keys::link_by_account(cloud, account), Remembered::Link(object(account)))
            };
            asked.iter().map(kept).collect()
        });
        linked.extend(found.await?.into_iter().map(|link| link.account_id));
        Ok(linked)
    }

    /// Whether a site's installation answered to this test a moment ago ([`YES_FOR`]), or answers to
    /// it now; `None` where the site is not served.
    pub async fn installation_is(
        &self,
        cloud: &CloudId,
        test: impl Fn(&SiteHost) -> bool,
    ) -> Result<Option<bool>, StoreError> {
        let key = keys::installation(cloud);
        if let Some(Remembered::Host(known)) = self.find(&key, YES_FOR)
            && test(&known)
        {
            return Ok(Some(true));
        }
        let found = self.read(self.store.find_installation(cloud), |found| {
            let host = found.as_ref().map(|found| found.site_host.clone());
            Vec::from_iter(host.map(|host| (key, Remembered::Host(host))))
        });
        Ok(found.await?.map(|found| test(&found.site_host)))
    }

    /// What the settings of a site and a project lead to by `decide`: by those of a moment ago
    /// ([`YES_FOR`]) only where that is a yes without reserve, by those of now otherwise.
    pub async fn settings_lead_to<T>(
        &self,
        cloud: &CloudId,
        project: &ProjectId,
        decide: impl Fn(&EffectiveSettings) -> Decided<T>,
    ) -> Result<Option<T>, StoreError> {
        let key = keys::project_settings(cloud, project);
        if let Some(Remembered::Settings(known)) = self.find(&key, YES_FOR)
            && let Decided::Wholly(done) = decide(&known)
        {
            return Ok(Some(done));
        }
        let read = self.store.get_effective_settings(cloud, Some(project), None);
        let now =
            self.read(read, |found| vec![(key, Remembered::Settings(Arc::new(found.clone())))]);
        Ok(match decide(&now.await?) {
            Decided::Wholly(done) | Decided::Partly(done) => Some(done),
            Decided::No => None,
        })
    }

    /// Who may be going to act in a chat for a Jira user: they themselves where they were linked, the
    /// chat's creator otherwise. A guess, to be verified by what is read now.
    pub fn actor_in_chat(
        &self,
        (cloud, account): (&CloudId, &AccountId),
        (issue, tenant, chat): (&IssueId, &TenantId, &ChatId),
    ) -> Option<(AccountId, ObjectId)> {
        match self.find(&keys::link_by_account(cloud, account), GUESSED_FOR)? {
            Remembered::Link(Some((of, object))) if of == *tenant => {
                Some((account.clone(), object))
            }
            Remembered::Link(_) => {
                let key = keys::chat_by_issue(cloud, issue, tenant, chat);
                match self.find(&key, GUESSED_FOR)? {
                    Remembered::Creator(account, object) => Some((account, object)),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// Keeps who is linked with whom, and who created a chat, for [`Recent::actor_in_chat`].
    pub(crate) async fn read_around<T>(
        &self,
        read: impl Future<Output = Result<T, StoreError>>,
        who: impl FnOnce(&T) -> Vec<(Key, Remembered)>,
    ) -> Result<T, StoreError> {
        self.read(read, who).await
    }
}

/// What settings lead to.
pub enum Decided<T> {
    /// This, and they keep nothing of it back.
    Wholly(T),
    /// This, and they keep something back.
    Partly(T),
    /// Nothing.
    No,
}

/// The creator of a chat, as it is remembered.
pub(crate) fn creator(link: &ChatLink) -> (Key, Remembered) {
    let key = keys::chat_by_issue(&link.cloud_id, &link.issue_id, &link.tenant_id, &link.chat_id);
    (key, Remembered::Creator(link.created_by.clone(), link.creator_object_id.clone()))
}
