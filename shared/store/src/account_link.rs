//! Account links: one person's Jira account and Microsoft account, found from either side.

use serde::{Deserialize, Serialize};
use tandem_domain::{AccountId, CloudId, ObjectId, Subject, TenantId, Timestamp};

use crate::{
    Store, StoreError,
    entity::{Attribute, Entity, ErasedWith, Whose, attribute},
    keys::{self, Key},
    table::{Held, If},
};

/// A Jira user on a site and the Microsoft user who is the same person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountLink {
    /// The Jira site.
    pub cloud_id: CloudId,
    /// The Jira user.
    pub account_id: AccountId,
    /// The Microsoft tenant.
    pub tenant_id: TenantId,
    /// The Microsoft user.
    pub object_id: ObjectId,
    /// When the two were first linked.
    pub created_at: Timestamp,
    /// When the person last signed in to both.
    pub signed_in_at: Timestamp,
}

impl AccountLink {
    /// Whether it is about the same two accounts as `other`, on the same site.
    fn pairs_the_same(&self, other: &Self) -> bool {
        self.account_id == other.account_id
            && self.tenant_id == other.tenant_id
            && self.object_id == other.object_id
    }
}

/// How often a pairing is tried again when somebody else changed one of the two accounts meanwhile.
const PUT_ATTEMPTS: u32 = 4;

const ATTRIBUTES: &[Attribute] = &[
    attribute("cloud_id", Whose::Site, "the Jira site", "user mapping"),
    attribute("account_id", Whose::Person, "the Jira user", "user mapping"),
    attribute("tenant_id", Whose::Tenant, "the Microsoft tenant", "user mapping"),
    attribute("object_id", Whose::Person, "the Microsoft user", "user mapping"),
    attribute("created_at", Whose::Tandem, "when the accounts were linked", "shown to the person"),
    attribute("signed_in_at", Whose::Tandem, "the last sign-in to both", "shown to the person"),
];

impl Entity for AccountLink {
    const NAME: &'static str = "account_link";
    const WHAT: &'static str = "A person's Jira account and Microsoft account";
    const KEPT: &'static str = "until the person disconnects or is erased";
    const ERASED_WITH: &'static [ErasedWith] = &[
        ErasedWith::JiraUser,
        ErasedWith::MicrosoftUser,
        ErasedWith::Site,
        ErasedWith::Tenant,
        ErasedWith::Disconnecting,
    ];
    const ATTRIBUTES: &'static [Attribute] = ATTRIBUTES;

    fn key(&self) -> Key {
        keys::link_by_account(&self.cloud_id, &self.account_id)
    }
    fn owner(&self) -> Option<String> {
        Some(keys::jira_user(&self.cloud_id, &self.account_id))
    }
    fn tenant(&self) -> Option<String> {
        Some(keys::site(&self.cloud_id))
    }
}

/// The same link as it lies on the Microsoft side.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
struct Mirror(AccountLink);

impl Entity for Mirror {
    const NAME: &'static str = "account_link_by_microsoft_user";
    const WHAT: &'static str = "The same link, found from the Microsoft account";
    const KEPT: &'static str = AccountLink::KEPT;
    const ERASED_WITH: &'static [ErasedWith] = AccountLink::ERASED_WITH;
    const ATTRIBUTES: &'static [Attribute] = ATTRIBUTES;

    fn key(&self) -> Key {
        keys::link_by_object(&self.0.tenant_id, &self.0.object_id, &self.0.cloud_id)
    }
    fn owner(&self) -> Option<String> {
        Some(keys::microsoft_user(&self.0.tenant_id, &self.0.object_id))
    }
    fn tenant(&self) -> Option<String> {
        Some(keys::tenant(&self.0.tenant_id))
    }
}

pub(crate) const MIRROR: crate::inventory::Declaration = crate::inventory::declare::<Mirror>();

impl Store {
    /// The link of a Jira user.
    pub async fn find_link_by_account(
        &self,
        cloud: &CloudId,
        account: &AccountId,
    ) -> Result<Option<AccountLink>, StoreError> {
        self.find(keys::link_by_account(cloud, account)).await
    }

    /// The links of up to 100 Jira users of a site, in one round trip; unlinked ones are left out.
    pub async fn list_links_by_accounts(
        &self,
        cloud: &CloudId,
        accounts: &[AccountId],
    ) -> Result<Vec<AccountLink>, StoreError> {
        if accounts.is_empty() {
            return Ok(Vec::new());
        }
        let keys: Vec<Key> =
            accounts.iter().map(|account| keys::link_by_account(cloud, account)).collect();
        self.batch(&keys).await?.into_iter().map(crate::table::read).collect()
    }

    /// Of up to 100 people at either vendor, those who are linked on a site, each with their account
    /// there, in one round trip.
    pub async fn list_accounts_by_subjects(
        &self,
        cloud: &CloudId,
        subjects: &[Subject],
    ) -> Result<Vec<(Subject, AccountId)>, StoreError> {
        if subjects.is_empty() {
            return Ok(Vec::new());
        }
        let key = |subject: &Subject| match subject {
            Subject::Atlassian(account) => keys::link_by_account(cloud, account),
            Subject::Microsoft(tenant, object) => keys::link_by_object(tenant, object, cloud),
        };
        let keys: Vec<Key> = subjects.iter().map(key).collect();
        let mut linked = Vec::new();
        for item in self.batch(&keys).await? {
            let found = crate::table::key_of(&item)?;
            let subject = subjects.iter().zip(&keys).find(|(_, key)| **key == found);
            let Some((subject, _)) = subject else { continue };
            let account_id = match subject {
                Subject::Atlassian(account) => account.clone(),
                Subject::Microsoft(..) => crate::table::read::<Mirror>(item)?.0.account_id,
            };
            linked.push((subject.clone(), account_id));
        }
        Ok(linked)
    }

    /// The link of a Microsoft user on one Jira site.
    pub async fn find_link_by_object(
        &self,
        tenant: &TenantId,
        object: &ObjectId,
        cloud: &CloudId,
    ) -> Result<Option<AccountLink>, StoreError> {
        let found = self.find::<Mirror>(keys::link_by_object(tenant, object, cloud)).await?;
        Ok(found.map(|mirror| mirror.0))
    }

    /// The links of a Microsoft user, one for each Jira site.
    pub async fn list_links_by_object(
        &self,
        tenant: &TenantId,
        object: &ObjectId,
    ) -> Result<Vec<AccountLink>, StoreError> {
        let found = self.list::<Mirror>(keys::microsoft_user(tenant, object), keys::LINKS).await?;
        Ok(found.into_iter().map(|mirror| mirror.0).collect())
    }

    /// Writes a link so that it is found from either side, in one transaction, and takes away any
    /// other link that the two accounts had on this site. Returns the links that ended. Of two who
    /// pair the same account at once, the later one replaces the earlier whole.
    pub async fn put_link(&self, link: &AccountLink) -> Result<Vec<AccountLink>, StoreError> {
        let mut attempt = 0;
        loop {
            match self.try_put_link(link).await {
                Err(StoreError::Conflict | StoreError::Unavailable(_))
                    if attempt < PUT_ATTEMPTS =>
                {
                    attempt += 1;
                }
                done => return done,
            }
        }
    }

    async fn try_put_link(&self, link: &AccountLink) -> Result<Vec<AccountLink>, StoreError> {
        let of_account = self.find_link_by_account(&link.cloud_id, &link.account_id).await?;
        let of_object =
            self.find_link_by_object(&link.tenant_id, &link.object_id, &link.cloud_id).await?;
        let mut link = link.clone();
        let mut writes = Vec::new();
        let mut ended = Vec::new();
        for before in of_account.iter().chain(&of_object) {
            if before.pairs_the_same(&link) {
                link.created_at = before.created_at;
                continue;
            }
            // Of the other link, only the half that the new one does not overwrite.
            let half = if before.account_id == link.account_id {
                Mirror(before.clone()).key()
            } else {
                before.key()
            };
            writes.push(self.delete_in(&half, &If::Anything)?);
            ended.push(before.clone());
        }
        writes.push(self.report_in(&link.cloud_id, &link.account_id, link.signed_in_at)?);
        writes.push(self.put_in(link.clone(), &as_read(of_account.as_ref()))?);
        writes.push(self.put_in(Mirror(link), &as_read(of_object.as_ref()))?);
        self.transact(writes).await?;
        Ok(ended)
    }

    /// Takes a link away from both sides, if it is there. A conflict when one of the two accounts
    /// is linked otherwise by now.
    pub async fn delete_link(&self, link: &AccountLink) -> Result<(), StoreError> {
        let same = If::AbsentOrStill(pair(link));
        let writes = vec![
            self.delete_in(&link.key(), &same)?,
            self.delete_in(&Mirror(link.clone()).key(), &same)?,
        ];
        self.transact(writes).await
    }
}

/// That what lies there is what was read.
fn as_read(read: Option<&AccountLink>) -> If {
    read.map_or(If::Absent, |read| If::Still(pair(read)))
}

/// What either half of a link holds.
fn pair(link: &AccountLink) -> Held {
    vec![
        ("account_id", link.account_id.to_string()),
        ("tenant_id", link.tenant_id.to_string()),
        ("object_id", link.object_id.to_string()),
    ]
}
