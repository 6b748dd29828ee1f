//! Receipts: that something was erased, and how much of each kind; never of whom.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tandem_domain::{ReceiptId, Timestamp};

use crate::{
    Store, StoreError,
    entity::{Attribute, Entity, Whose, attribute},
    keys::{self, Key},
};

/// How long a receipt is kept: thirteen months, so that it is still there at a yearly review of
/// what was asked for and done.
const KEPT_FOR: std::time::Duration = std::time::Duration::from_hours(400 * 24);

/// What was erased whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErasedScope {
    /// One person, on both sides.
    User,
    /// One Jira site.
    Instance,
    /// One Microsoft tenant.
    Tenant,
    /// One project of a Jira site.
    Project,
    /// One issue.
    Issue,
}

/// That something was erased. Whoever knows its id may read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Its random id, which only who asked for the erasure is told.
    pub receipt_id: ReceiptId,
    /// What was erased.
    pub scope: ErasedScope,
    /// When the erasure was asked for.
    pub started_at: Timestamp,
    /// When nothing was left. `None` while it is under way.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub finished_at: Option<Timestamp>,
    /// How many items of each entity were deleted; what is found from two sides counts once.
    pub counts: BTreeMap<String, u64>,
}

impl Entity for Receipt {
    const NAME: &'static str = "receipt";
    const KEPT: &'static str =
        "400 days: until after the next yearly review of what was asked for and done";
    const ATTRIBUTES: &'static [Attribute] = &[
        attribute("receipt_id", Whose::Tandem, "a random id", "shown to who asked"),
        attribute("scope", Whose::Tandem, "what kind of thing", "shown to who asked"),
        attribute("started_at", Whose::Tandem, "when it was asked for", "shown to who asked"),
        attribute("finished_at", Whose::Tandem, "when nothing was left", "shown to who asked"),
        attribute("counts", Whose::Tandem, "how many items of each kind", "shown to who asked"),
    ];

    fn key(&self) -> Key {
        keys::receipt(&self.receipt_id)
    }
    fn expires_at(&self) -> Option<Timestamp> {
        Some(self.started_at.plus(KEPT_FOR))
    }
}

impl Store {
    /// A receipt.
    pub async fn find_receipt(&self, id: &ReceiptId) -> Result<Option<Receipt>, StoreError> {
        self.find(keys::receipt(id)).await
    }
}
