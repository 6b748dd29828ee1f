//! Site webhooks: what the app registered for itself on a Jira site, and as whom.

use serde::{Deserialize, Serialize};
use tandem_domain::{AccountId, CloudId, Timestamp};

use crate::{
    Store, StoreError,
    entity::{Attribute, Due, Entity, ErasedWith, Whose, attribute},
    keys::{self, Index, Key},
    table::If,
};

/// The kind under which webhooks are due to be looked after.
const DUE: &str = "WEBHOOK";

/// The webhook that was registered on a site: one for everything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteWebhook {
    /// The Jira site.
    pub cloud_id: CloudId,
    /// Jira's id of it; none while it is still to be made.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub webhook_id: Option<u64>,
    /// As whom it was registered: Jira tells what they may see.
    pub registered_by: AccountId,
    /// When it ends unless it is refreshed.
    pub ends_at: Timestamp,
    /// When upkeep looks after it.
    pub renew_at: Timestamp,
    /// How often that failed since it last succeeded.
    pub failures: u32,
}

impl Entity for SiteWebhook {
    const NAME: &'static str = "site_webhook";
    const WHAT: &'static str = "The webhook of a site that Tandem registered itself";
    const KEPT: &'static str = "until it is ended, or the site or who registered it is erased";
    const ERASED_WITH: &'static [ErasedWith] = &[ErasedWith::JiraUser, ErasedWith::Site];
    const ATTRIBUTES: &'static [Attribute] = &[
        attribute("cloud_id", Whose::Site, "the Jira site", "being told of events"),
        attribute("webhook_id", Whose::Site, "Jira's webhook", "refreshing it"),
        attribute("registered_by", Whose::Person, "the Jira user it is of", "refreshing it"),
        attribute("ends_at", Whose::Tandem, "its end", "refreshing it"),
        attribute("renew_at", Whose::Tandem, "when to look after it", "refreshing it"),
        attribute("failures", Whose::Tandem, "a counter", "tries again less and less often"),
    ];

    fn key(&self) -> Key {
        keys::site_webhook(&self.cloud_id)
    }
    fn owner(&self) -> Option<String> {
        Some(keys::jira_user(&self.cloud_id, &self.registered_by))
    }
    fn tenant(&self) -> Option<String> {
        Some(keys::site(&self.cloud_id))
    }
    fn due(&self) -> Option<Due> {
        Some(Due { kind: DUE, at: self.renew_at })
    }
}

impl Store {
    /// The webhook of a site.
    pub async fn find_site_webhook(
        &self,
        cloud: &CloudId,
    ) -> Result<Option<SiteWebhook>, StoreError> {
        self.find(keys::site_webhook(cloud)).await
    }

    /// Writes the webhook of a site, and that whoever it is of is to be reported.
    pub async fn put_site_webhook(
        &self,
        item: &SiteWebhook,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let writes = vec![
            self.put_in(item.clone(), &If::Anything)?,
            self.report_in(&item.cloud_id, &item.registered_by, now)?,
        ];
        self.transact_reported(writes).await
    }

    /// Writes how the webhook of a site stands, unless it was ended, or registered by somebody else,
    /// meanwhile: `false`.
    pub async fn change_site_webhook(&self, item: &SiteWebhook) -> Result<bool, StoreError> {
        let same = If::Still(vec![("registered_by", item.registered_by.to_string())]);
        match self.put(item.clone(), same).await {
            Ok(()) => Ok(true),
            Err(StoreError::Conflict) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Takes the webhook of a site away.
    pub async fn delete_site_webhook(&self, cloud: &CloudId) -> Result<(), StoreError> {
        self.delete(keys::site_webhook(cloud)).await
    }

    /// The webhooks to look after before `now`, at most `limit` (100 at most), the longest due first.
    pub async fn list_due_site_webhooks(
        &self,
        now: Timestamp,
        limit: i32,
    ) -> Result<Vec<SiteWebhook>, StoreError> {
        let before = Some(now.as_millis());
        let keys = self.index(Index::ByDue, keys::due(DUE), before, limit.min(100)).await?;
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        self.batch(&keys).await?.into_iter().map(crate::table::read).collect()
    }
}
