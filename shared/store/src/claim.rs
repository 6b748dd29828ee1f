//! Claims: who is doing a piece of work now, and whether it was done, so that nothing is done twice.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};
use tandem_domain::{ChatId, ClaimId, CloudId, FailureCode, LeaseHolder, MessageId, Timestamp};

use crate::{
    Store, StoreError,
    entity::{Attribute, Entity, ErasedWith, Whose, attribute},
    keys::{self, Key},
};

/// How long a claim is remembered: longer than any vendor repeats an event (Jira about an hour,
/// Graph four hours) and than a person repeats a request.
pub const KEPT_FOR: Duration = Duration::from_hours(7 * 24);

/// How far the work is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClaimState {
    /// Begun; whoever holds it may have written at a vendor already.
    Begun,
    /// Done.
    Done,
}

/// A claim of a piece of work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// The Jira site.
    pub cloud_id: CloudId,
    /// What is claimed.
    pub claim_id: ClaimId,
    /// How far it is.
    pub state: ClaimState,
    /// Who holds it.
    pub lease_holder: LeaseHolder,
    /// Until when nobody else may take it up.
    pub lease_until: Timestamp,
    /// When it was first taken up.
    pub created_at: Timestamp,
    /// When it is forgotten.
    pub forget_at: Timestamp,
    /// The chat that came of it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub chat_id: Option<ChatId>,
    /// The message that came of it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub message_id: Option<MessageId>,
    /// What the last attempt failed of, where it ended by saying so.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub failed_with: Option<FailureCode>,
}

impl Entity for Claim {
    const NAME: &'static str = "claim";
    const WHAT: &'static str = "A piece of work that is done once";
    const KEPT: &'static str = "7 days";
    const ERASED_WITH: &'static [ErasedWith] = &[ErasedWith::Site, ErasedWith::Time];
    const ATTRIBUTES: &'static [Attribute] = &[
        attribute("cloud_id", Whose::Site, "the Jira site", "nothing is done twice"),
        attribute("claim_id", Whose::Tandem, "a hash of an event's id", "nothing is done twice"),
        attribute("state", Whose::Tandem, "begun or done", "nothing is done twice"),
        attribute("lease_holder", Whose::Tandem, "a random id", "one worker at a time"),
        attribute("lease_until", Whose::Tandem, "the lease's end", "one worker at a time"),
        attribute("created_at", Whose::Tandem, "when work began", "finds what a crash left"),
        attribute("forget_at", Whose::Tandem, "when it is forgotten", "kept no longer than needed"),
        attribute("chat_id", Whose::Tenant, "the chat made", "a repeated request gets it again"),
        attribute("message_id", Whose::Tenant, "the message posted", "stops echoes"),
        attribute("failed_with", Whose::Tandem, "a failure's code", "explains a dead letter"),
    ];

    fn key(&self) -> Key {
        keys::claim(&self.cloud_id, &self.claim_id)
    }
    fn tenant(&self) -> Option<String> {
        Some(keys::site(&self.cloud_id))
    }
    fn expires_at(&self) -> Option<Timestamp> {
        Some(self.forget_at)
    }
}

/// What became of an attempt to claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claimed {
    /// It is ours, and nobody had it before.
    First(Claim),
    /// It is ours; somebody began and did not finish: look before writing at a vendor again.
    Resumed(Claim),
    /// Somebody else is at it until then.
    Busy(Timestamp),
    /// It was done.
    Done(Claim),
}

impl Store {
    /// Claims a piece of work until `lease` has passed.
    pub async fn claim(
        &self,
        cloud: &CloudId,
        id: &ClaimId,
        holder: &LeaseHolder,
        now: Timestamp,
        lease: Duration,
    ) -> Result<Claimed, StoreError> {
        let fresh = Claim {
            cloud_id: cloud.clone(),
            claim_id: id.clone(),
            state: ClaimState::Begun,
            lease_holder: holder.clone(),
            lease_until: now.plus(lease),
            created_at: now,
            forget_at: now.plus(KEPT_FOR),
            chat_id: None,
            message_id: None,
            failed_with: None,
        };
        match self.put(fresh.clone(), crate::table::If::Absent).await {
            Ok(()) => return Ok(Claimed::First(fresh)),
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error),
        }
        let Some(found) = self.find_claim(cloud, id).await? else {
            return Err(StoreError::Conflict);
        };
        if found.forget_at <= now {
            return self.take_over(&found, fresh, now).await.map(first_again);
        }
        match found.state {
            ClaimState::Done => Ok(Claimed::Done(found)),
            ClaimState::Begun if found.lease_until > now => Ok(Claimed::Busy(found.lease_until)),
            ClaimState::Begun => {
                let ours = Claim {
                    created_at: found.created_at,
                    chat_id: found.chat_id.clone(),
                    message_id: found.message_id.clone(),
                    failed_with: found.failed_with.clone(),
                    ..fresh
                };
                self.take_over(&found, ours, now).await
            }
        }
    }

    /// Replaces a claim that nobody has touched since it was read.
    async fn take_over(
        &self,
        found: &Claim,
        ours: Claim,
        now: Timestamp,
    ) -> Result<Claimed, StoreError> {
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(crate::table::write(ours.clone())?))
            .condition_expression("lease_holder = :before AND lease_until = :until")
            .expression_attribute_values(
                ":before",
                AttributeValue::S(found.lease_holder.to_string()),
            )
            .expression_attribute_values(
                ":until",
                AttributeValue::N(found.lease_until.as_millis().to_string()),
            )
            .send()
            .await;
        match put.map_err(StoreError::from) {
            Ok(_) => Ok(Claimed::Resumed(ours)),
            Err(StoreError::Conflict) => Ok(Claimed::Busy(now.plus(Duration::from_secs(5)))),
            Err(error) => Err(error),
        }
    }

    /// The claim of a piece of work.
    pub async fn find_claim(
        &self,
        cloud: &CloudId,
        id: &ClaimId,
    ) -> Result<Option<Claim>, StoreError> {
        self.find(keys::claim(cloud, id)).await
    }

    /// Writes how far a claim is; a conflict when somebody else has taken it over.
    pub async fn put_claim(&self, claim: &Claim) -> Result<(), StoreError> {
        let ours = vec![("lease_holder", claim.lease_holder.to_string())];
        self.put(claim.clone(), crate::table::If::Still(ours)).await
    }

    /// Gives a claim back: nothing was written at any vendor, and the next attempt starts afresh.
    /// Nothing happens when somebody else has taken it over.
    pub async fn release_claim(&self, claim: &Claim) -> Result<(), StoreError> {
        let deleted = self
            .client
            .delete_item()
            .table_name(&self.table)
            .set_key(Some(claim.key().attributes()))
            .condition_expression("lease_holder = :ours")
            .expression_attribute_values(":ours", AttributeValue::S(claim.lease_holder.to_string()))
            .send()
            .await;
        match deleted.map_err(StoreError::from) {
            Ok(_) | Err(StoreError::Conflict) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// A claim that was due to be forgotten is as good as new.
fn first_again(claimed: Claimed) -> Claimed {
    match claimed {
        Claimed::Resumed(claim) => Claimed::First(claim),
        other => other,
    }
}
