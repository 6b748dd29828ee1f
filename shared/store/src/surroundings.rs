//! Everything that a delivery is decided by, in one round trip.

use tandem_domain::{
    AccountId, ChatId, Clock, CloudId, CommentId, IssueId, MessageId, ProjectId, TenantId,
    settings::EffectiveSettings,
};

use crate::{
    AccountLink, ChatLink, Installation, MessageLink, Store, StoreError,
    keys::{self, Key},
    message_link, recent,
    setting::effective,
    table::{Item, key_of, read},
};

/// What a delivery names.
#[derive(Clone, Copy, Debug)]
pub struct Named<'a> {
    /// The Jira site.
    pub cloud: &'a CloudId,
    /// The issue.
    pub issue: &'a IssueId,
    /// Its project, where told.
    pub project: Option<&'a ProjectId>,
    /// The Microsoft tenant.
    pub tenant: &'a TenantId,
    /// The chat.
    pub chat: &'a ChatId,
    /// The comment it is about.
    pub comment: Option<&'a CommentId>,
    /// The message it is about.
    pub message: Option<&'a MessageId>,
    /// Who did it at Jira, where told.
    pub account: Option<&'a AccountId>,
}

/// What lies around a delivery.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// The link between the issue and the chat.
    pub chat: Option<ChatLink>,
    /// The settings that hold in the project; none where the project is not told.
    pub settings: Option<EffectiveSettings>,
    /// The pair that the comment or the message belongs to.
    pub pair: Option<MessageLink>,
    /// The link of who did it.
    pub account: Option<AccountLink>,
    /// The site's installation.
    pub installation: Option<Installation>,
}

/// The keys of what is named.
struct Keys {
    chat: Key,
    pair: Option<Key>,
    account: Option<Key>,
    installation: Key,
    settings: Vec<Key>,
}

impl Named<'_> {
    fn keys(&self) -> Keys {
        let Self { cloud, issue, tenant, chat, .. } = *self;
        let by_comment =
            self.comment.map(|comment| keys::message_by_comment(cloud, comment, tenant, chat));
        let by_message = self
            .message
            .map(|message| keys::comment_by_message(tenant, chat, message, cloud, issue));
        let of_project =
            |project| vec![keys::instance_settings(cloud), keys::project_settings(cloud, project)];
        Keys {
            chat: keys::chat_by_issue(cloud, issue, tenant, chat),
            pair: by_comment.or(by_message),
            account: self.account.map(|account| keys::link_by_account(cloud, account)),
            installation: keys::installation(cloud),
            settings: self.project.map(of_project).unwrap_or_default(),
        }
    }
}

impl Store {
    /// What lies around a delivery, read consistently. Who is linked with whom is remembered as a
    /// guess for the next one.
    pub async fn get_surroundings(
        &self,
        named: &Named<'_>,
        clock: &dyn Clock,
    ) -> Result<Surroundings, StoreError> {
        let keys = named.keys();
        let wanted: Vec<Key> = [Some(&keys.chat), keys.pair.as_ref(), keys.account.as_ref()]
            .into_iter()
            .flatten()
            .chain([&keys.installation])
            .chain(&keys.settings)
            .cloned()
            .collect();
        let read = async { keys.sort(self.batch(&wanted).await?) };
        self.recent(clock)
            .read_around(read, |found| {
                let link = found.account.as_ref();
                let link = link.map(|link| (link.tenant_id.clone(), link.object_id.clone()));
                let account = keys.account.clone();
                let account = account.map(|key| (key, recent::Remembered::Link(link)));
                account.into_iter().chain(found.chat.as_ref().map(recent::creator)).collect()
            })
            .await
    }
}

impl Keys {
    /// Which item is what.
    fn sort(&self, items: Vec<Item>) -> Result<Surroundings, StoreError> {
        let (mut found, mut set) = (Surroundings::default(), Vec::new());
        for item in items {
            let key = key_of(&item)?;
            if key == self.chat {
                found.chat = Some(read(item)?);
            } else if Some(&key) == self.pair.as_ref() {
                found.pair = Some(message_link::read_either(item)?);
            } else if Some(&key) == self.account.as_ref() {
                found.account = Some(read(item)?);
            } else if key == self.installation {
                found.installation = Some(read(item)?);
            } else {
                set.push(item);
            }
        }
        if !self.settings.is_empty() {
            found.settings = Some(effective(set)?);
        }
        Ok(found)
    }
}
