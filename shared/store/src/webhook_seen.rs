//! When a site's webhooks were last seen: that Jira reaches us, and that the secret holds.

use serde::{Deserialize, Serialize};
use tandem_domain::{CloudId, Timestamp};

use crate::{
    Store, StoreError,
    entity::{Attribute, Entity, ErasedWith, Whose, attribute},
    keys::{self, Key},
    table::If,
};

/// That a webhook of a site came whose proof held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookSeen {
    /// The site.
    pub cloud_id: CloudId,
    /// When; to a few minutes, since not every webhook is written down.
    pub seen_at: Timestamp,
}

impl Entity for WebhookSeen {
    const NAME: &'static str = "webhook_seen";
    const WHAT: &'static str = "When a site's webhooks last arrived";
    const KEPT: &'static str = "until the site is erased";
    const ERASED_WITH: &'static [ErasedWith] = &[ErasedWith::Site];
    const ATTRIBUTES: &'static [Attribute] = &[
        attribute("cloud_id", Whose::Site, "the Jira site", "whether its webhooks arrive"),
        attribute("seen_at", Whose::Tandem, "when one was last seen", "whether they arrive"),
    ];

    fn key(&self) -> Key {
        keys::webhook_seen(&self.cloud_id)
    }
    fn tenant(&self) -> Option<String> {
        Some(keys::site(&self.cloud_id))
    }
}

impl Store {
    /// Notes that a webhook of the site came.
    pub async fn put_webhook_seen(&self, seen: &WebhookSeen) -> Result<(), StoreError> {
        self.put(seen.clone(), If::Anything).await
    }

    /// When a webhook of the site was last seen.
    pub async fn find_webhook_seen(
        &self,
        cloud: &CloudId,
    ) -> Result<Option<WebhookSeen>, StoreError> {
        self.find(keys::webhook_seen(cloud)).await
    }
}
