//! Installations: the Jira sites that Tandem serves, found by id and by host.

use serde::{Deserialize, Serialize};
use tandem_domain::{CloudId, SiteHost, Timestamp};

use crate::{
    Store, StoreError,
    entity::{Attribute, Entity, ErasedWith, Whose, attribute},
    keys::{self, Key},
    table::If,
};

/// A Jira site that Tandem serves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Installation {
    /// The site.
    pub cloud_id: CloudId,
    /// The host it answers on now.
    pub site_host: SiteHost,
    /// When it was installed.
    pub created_at: Timestamp,
}

impl Entity for Installation {
    const NAME: &'static str = "installation";
    const WHAT: &'static str = "A Jira site that Tandem serves";
    const KEPT: &'static str = "until the site is erased";
    const ERASED_WITH: &'static [ErasedWith] = &[ErasedWith::Site];
    const ATTRIBUTES: &'static [Attribute] = &[
        attribute("cloud_id", Whose::Site, "the Jira site", "says which sites are served"),
        attribute("site_host", Whose::Site, "the site's host", "makes links, matches webhooks"),
        attribute("created_at", Whose::Tandem, "when it was installed", "shown to the operator"),
    ];

    fn key(&self) -> Key {
        keys::installation(&self.cloud_id)
    }
    fn tenant(&self) -> Option<String> {
        Some(keys::site(&self.cloud_id))
    }
}

/// A site found by its host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// The host.
    pub site_host: SiteHost,
    /// The site.
    pub cloud_id: CloudId,
}

impl Entity for Site {
    const NAME: &'static str = "site";
    const WHAT: &'static str = "The site that a host belongs to";
    const KEPT: &'static str = "until the site is erased or renamed";
    const ERASED_WITH: &'static [ErasedWith] = &[ErasedWith::Site];
    const ATTRIBUTES: &'static [Attribute] = &[
        attribute("site_host", Whose::Site, "the site's host", "finds the site of a link"),
        attribute("cloud_id", Whose::Site, "the Jira site", "finds the site of a link"),
    ];

    fn key(&self) -> Key {
        keys::site_host(&self.site_host)
    }
    fn tenant(&self) -> Option<String> {
        Some(keys::site(&self.cloud_id))
    }
}

impl Store {
    /// The installation of a site.
    pub async fn find_installation(
        &self,
        cloud: &CloudId,
    ) -> Result<Option<Installation>, StoreError> {
        self.find(keys::installation(cloud)).await
    }

    /// The site that answers on a host.
    pub async fn find_site_by_host(&self, host: &SiteHost) -> Result<Option<Site>, StoreError> {
        self.find(keys::site_host(host)).await
    }

    /// Writes an installation, found from its id and its host. When the site answered on another
    /// host before, that one no longer leads to it. A conflict when somebody else wrote meanwhile.
    pub async fn put_installation(&self, installation: &Installation) -> Result<(), StoreError> {
        let Installation { cloud_id, site_host, .. } = installation;
        let before = self.find_installation(cloud_id).await?;
        let seen = match &before {
            None => If::Absent,
            Some(before) => If::Still(vec![("site_host", before.site_host.to_string())]),
        };
        let site = Site { site_host: site_host.clone(), cloud_id: cloud_id.clone() };
        let mut writes =
            vec![self.put_in(installation.clone(), &seen)?, self.put_in(site, &If::Anything)?];
        if let Some(before) = before.filter(|before| before.site_host != *site_host) {
            // Another site may have taken the old host over.
            let led_here = self
                .find_site_by_host(&before.site_host)
                .await?
                .is_some_and(|site| site.cloud_id == *cloud_id);
            if led_here {
                let ours = If::AbsentOrStill(vec![("cloud_id", cloud_id.to_string())]);
                writes.push(self.delete_in(&keys::site_host(&before.site_host), &ours)?);
            }
        }
        self.transact(writes).await
    }
}
