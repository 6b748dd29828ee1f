//! Grants: which secret version holds a person's tokens, and who is refreshing them now.

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};
use tandem_domain::{
    AccountId, GrantId, GrantState, LeaseHolder, ObjectId, Provider, SecretVersion, SignInReason,
    Subject, TenantId, Timestamp,
};

use crate::{
    Store, StoreError,
    entity::{Attribute, Due, Entity, ErasedWith, Whose, attribute},
    keys::{self, Key},
    table::If,
};

mod list;
mod seal;

pub use list::GrantCursor;
pub use seal::Seal;

/// The kind under which grants are due for a refresh that keeps them alive.
pub(crate) const DUE: &str = "GRANT";
/// The kind under which those lie of which only a new sign-in is due.
pub(crate) const SIGN_IN: &str = "SIGN_IN";

/// A person's grant at one vendor. The tokens lie in the secret store; this says which version of
/// the secret counts. Whoever changes it names the version it was read at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Its opaque id: the secret's name and the encryption context are made of it.
    pub grant_id: GrantId,
    /// The vendor.
    pub provider: Provider,
    /// Whose it is at Atlassian.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub account_id: Option<AccountId>,
    /// Whose tenant it is at Microsoft.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub tenant_id: Option<TenantId>,
    /// Whose it is at Microsoft.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub object_id: Option<ObjectId>,
    /// What it is good for.
    #[serde(flatten)]
    pub state: GrantState,
    /// Grows with each change: the fence against those who read an older one.
    pub version: u64,
    /// The version of the secret that counts.
    pub secret_version: SecretVersion,
    /// When the access token in it ends.
    pub access_expires_at: Timestamp,
    /// Who is refreshing it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub lease_holder: Option<LeaseHolder>,
    /// Until when.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub lease_until: Option<Timestamp>,
    /// When the person first granted it.
    pub created_at: Timestamp,
    /// When its tokens were last renewed.
    pub renewed_at: Timestamp,
    /// When upkeep should refresh it so that it does not end for idleness.
    pub refresh_at: Timestamp,
    /// The version that was first to hold these tokens, where `secret_version` only seals them anew.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub copied_from: Option<SecretVersion>,
    /// At which version its owner was last told that a sign-in is needed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub told_version: Option<u64>,
    /// Since when a sign-in is needed, while one is.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ended_at: Option<Timestamp>,
    /// Under which keys its tokens are sealed. `None` in items from before this was noted.
    #[serde(flatten, skip_serializing_if = "Option::is_none", default)]
    pub seal: Option<Seal>,
}

impl Grant {
    /// The version that was first to hold these tokens: it changes when they do.
    pub fn tokens_version(&self) -> &SecretVersion {
        self.copied_from.as_ref().unwrap_or(&self.secret_version)
    }

    /// Whose it is. `None` where the item lacks it.
    pub fn subject(&self) -> Option<Subject> {
        match self.provider {
            Provider::Atlassian => self.account_id.clone().map(Subject::Atlassian),
            Provider::Microsoft => {
                Some(Subject::Microsoft(self.tenant_id.clone()?, self.object_id.clone()?))
            }
        }
    }

    /// The identifiers of `subject`, as a grant's attributes.
    pub fn owner_of(subject: &Subject) -> (Option<AccountId>, Option<TenantId>, Option<ObjectId>) {
        match subject {
            Subject::Atlassian(account) => (Some(account.clone()), None, None),
            Subject::Microsoft(tenant, object) => {
                (None, Some(tenant.clone()), Some(object.clone()))
            }
        }
    }
}

impl Entity for Grant {
    const NAME: &'static str = "grant";
    const WHAT: &'static str =
        "That a person let Tandem act for them at one vendor; the tokens lie elsewhere";
    const KEPT: &'static str = "until the person disconnects or is erased";
    const ERASED_WITH: &'static [ErasedWith] = &[
        ErasedWith::JiraUser,
        ErasedWith::MicrosoftUser,
        ErasedWith::Site,
        ErasedWith::Tenant,
        ErasedWith::Disconnecting,
    ];
    const ATTRIBUTES: &'static [Attribute] = &[
        attribute("grant_id", Whose::Tandem, "an opaque random id", "names the secret"),
        attribute("provider", Whose::Tandem, "atlassian or microsoft", "which vendor to ask"),
        attribute("account_id", Whose::Person, "the Atlassian account", "whose tokens they are"),
        attribute("tenant_id", Whose::Tenant, "the Microsoft tenant", "whose tokens they are"),
        attribute("object_id", Whose::Person, "the Microsoft user", "whose tokens they are"),
        attribute("state", Whose::Tandem, "active, needs sign-in or erased", "whether it works"),
        attribute("why", Whose::Tandem, "why a sign-in is needed", "told to the person"),
        attribute("version", Whose::Tandem, "a counter of changes", "keeps refreshes apart"),
        attribute("secret_version", Whose::Tandem, "the secret's version", "finds the tokens"),
        attribute("access_expires_at", Whose::Tandem, "the access token's end", "when to refresh"),
        attribute("lease_holder", Whose::Tandem, "a random id", "one refresher at a time"),
        attribute("lease_until", Whose::Tandem, "the lease's end", "one refresher at a time"),
        attribute("created_at", Whose::Tandem, "the first sign-in", "shown to the person"),
        attribute("renewed_at", Whose::Tandem, "the last refresh", "shown to the person"),
        attribute("refresh_at", Whose::Tandem, "the next upkeep", "grants end when left idle"),
        attribute("copied_from", Whose::Tandem, "a secret's version", "keeps refreshes apart"),
        attribute("told_version", Whose::Tandem, "a counter", "tells its owner once"),
        attribute("ended_at", Whose::Tandem, "since when that is", "shown to the person"),
        attribute("envelope_key", Whose::Tandem, "a KMS key's id", "which key seals the tokens"),
        attribute("secrets_key", Whose::Tandem, "a KMS key's id", "which key seals the secret"),
    ];

    fn key(&self) -> Key {
        match self.subject() {
            Some(subject) => keys::grant(&subject),
            // Without an owner nothing leads to it but its id.
            None => Key { pk: keys::grant_by_id(&self.grant_id), sk: "GRANT".to_owned() },
        }
    }
    fn owner(&self) -> Option<String> {
        Some(keys::microsoft_user(self.tenant_id.as_ref()?, self.object_id.as_ref()?))
    }
    fn tenant(&self) -> Option<String> {
        self.tenant_id.as_ref().map(keys::tenant)
    }
    fn due(&self) -> Option<Due> {
        match self.state {
            GrantState::Active => Some(Due { kind: DUE, at: self.refresh_at }),
            GrantState::NeedsSignIn(_) => {
                Some(Due { kind: SIGN_IN, at: self.ended_at.unwrap_or(self.renewed_at) })
            }
            GrantState::Erased => None,
        }
    }
    fn due_under(&self) -> Option<String> {
        self.seal.as_ref().filter(|_| self.state == GrantState::Active).map(Seal::part)
    }
}

impl Store {
    /// The grant of a subject.
    pub async fn find_grant(&self, subject: &Subject) -> Result<Option<Grant>, StoreError> {
        self.find(keys::grant(subject)).await
    }

    /// Writes the first grant of a subject; a conflict when there is one.
    pub async fn create_grant(&self, grant: &Grant) -> Result<(), StoreError> {
        self.put(grant.clone(), If::Absent).await
    }

    /// Replaces a grant that still stands at `from_version` (the grant's own `version` is the new
    /// one); a conflict when it has moved on. A lease that `grant` does not carry is given up.
    pub async fn move_grant(&self, grant: &Grant, from_version: u64) -> Result<(), StoreError> {
        self.client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(crate::table::write(grant.clone())?))
            .condition_expression("version = :from")
            .expression_attribute_values(":from", AttributeValue::N(from_version.to_string()))
            .send()
            .await?;
        Ok(())
    }

    /// Takes the lease to refresh a grant that still stands at `version`, when nobody holds it at
    /// `now`; a conflict otherwise. The lease ends by itself at `until`. Taking it again changes
    /// nothing but its end.
    pub async fn take_lease(
        &self,
        subject: &Subject,
        version: u64,
        holder: &LeaseHolder,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        self.client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(keys::grant(subject).attributes()))
            .update_expression("SET lease_holder = :holder, lease_until = :until")
            .condition_expression(
                "version = :version AND (attribute_not_exists(lease_until) \
                 OR lease_until < :now OR lease_holder = :holder)",
            )
            .expression_attribute_values(":holder", AttributeValue::S(holder.to_string()))
            .expression_attribute_values(":until", number(until))
            .expression_attribute_values(":version", AttributeValue::N(version.to_string()))
            .expression_attribute_values(":now", number(now))
            .send()
            .await?;
        Ok(())
    }

    /// Gives a lease up without a change; nothing happens when it is no longer the holder's.
    pub async fn release_lease(
        &self,
        subject: &Subject,
        holder: &LeaseHolder,
    ) -> Result<(), StoreError> {
        let released = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(keys::grant(subject).attributes()))
            .update_expression("REMOVE lease_holder, lease_until")
            .condition_expression("lease_holder = :holder")
            .expression_attribute_values(":holder", AttributeValue::S(holder.to_string()))
            .send()
            .await;
        match released.map_err(StoreError::from) {
            Ok(_) | Err(StoreError::Conflict) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Says that only a new sign-in mends the grant, when it still stands at `grant.version`.
    pub async fn mark_grant_needs_sign_in(
        &self,
        grant: &Grant,
        reason: SignInReason,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let changed = Grant {
            ended_at: Some(now),
            state: GrantState::NeedsSignIn(reason),
            version: grant.version + 1,
            lease_holder: None,
            lease_until: None,
            ..grant.clone()
        };
        self.move_grant(&changed, grant.version).await
    }

    /// Notes that the owner of a grant that needs a sign-in is being told so. `false` when they were
    /// told of this very change of state already, or when the grant has moved on.
    pub async fn claim_telling(&self, grant: &Grant) -> Result<bool, StoreError> {
        let Some(subject) = grant.subject() else { return Ok(false) };
        let noted = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(keys::grant(&subject).attributes()))
            .update_expression("SET told_version = :version")
            .condition_expression(
                "version = :version \
                 AND (attribute_not_exists(told_version) OR told_version < :version)",
            )
            .expression_attribute_values(":version", AttributeValue::N(grant.version.to_string()))
            .send()
            .await;
        match noted.map_err(StoreError::from) {
            Ok(_) => Ok(true),
            Err(StoreError::Conflict) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Takes back that the owner of a grant was told: they could not be reached.
    pub async fn release_telling(&self, grant: &Grant) -> Result<(), StoreError> {
        let Some(subject) = grant.subject() else { return Ok(()) };
        let released = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(keys::grant(&subject).attributes()))
            .update_expression("REMOVE told_version")
            .condition_expression("version = :version AND told_version = :version")
            .expression_attribute_values(":version", AttributeValue::N(grant.version.to_string()))
            .send()
            .await;
        match released.map_err(StoreError::from) {
            Ok(_) | Err(StoreError::Conflict) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Puts the refresh of a grant off that failed. Nothing happens when the grant has moved on, or is
    /// not due for any.
    pub async fn put_off_grant(&self, grant: &Grant, until: Timestamp) -> Result<(), StoreError> {
        let put_off = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(grant.key().attributes()))
            .update_expression("SET refresh_at = :until, due_at = :until")
            .condition_expression("version = :version AND attribute_exists(due_at)")
            .expression_attribute_values(":until", number(until))
            .expression_attribute_values(":version", AttributeValue::N(grant.version.to_string()))
            .send()
            .await;
        match put_off.map_err(StoreError::from) {
            Ok(_) | Err(StoreError::Conflict) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Takes a grant's item away, if it is still that grant's: a new sign-in may have made another.
    pub async fn delete_grant(
        &self,
        subject: &Subject,
        grant_id: &GrantId,
    ) -> Result<(), StoreError> {
        let deleted = self
            .client
            .delete_item()
            .table_name(&self.table)
            .set_key(Some(keys::grant(subject).attributes()))
            .condition_expression("grant_id = :grant")
            .expression_attribute_values(":grant", AttributeValue::S(grant_id.to_string()))
            .send()
            .await;
        match deleted.map_err(StoreError::from) {
            Ok(_) | Err(StoreError::Conflict) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

fn due_of(seal: Option<&Seal>) -> String {
    match seal {
        None => keys::due(DUE),
        Some(seal) => keys::due_under(DUE, &seal.part()),
    }
}

fn number(at: Timestamp) -> AttributeValue {
    AttributeValue::N(at.as_millis().to_string())
}
