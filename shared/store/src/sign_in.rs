//! Sign-ins under way: the one-time state between a redirect to a vendor and its return.

use serde::{Deserialize, Serialize};
use tandem_domain::{AccountId, CloudId, Timestamp, TokenHash};

use crate::{
    Store, StoreError,
    entity::{Attribute, Entity, ErasedWith, Whose, attribute},
    keys::{self, Key},
    table::If,
};

/// Which step of signing in a state stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignInStage {
    /// The browser is at Atlassian.
    Atlassian,
    /// The person picks one of their Jira sites.
    PickSite,
    /// The browser is at Microsoft.
    Microsoft,
}

/// A sign-in under way. Found by the hash of a state that only the browser has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignIn {
    /// The hash of the state parameter.
    pub state_hash: TokenHash,
    /// The hash of the cookie that binds it to the browser.
    pub browser_hash: TokenHash,
    /// The step.
    pub stage: SignInStage,
    /// Who signed in at Atlassian.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub account_id: Option<AccountId>,
    /// The sites to pick from; one once it is picked.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub cloud_ids: Vec<CloudId>,
    /// When it ends.
    pub ends_at: Timestamp,
}

impl Entity for SignIn {
    const NAME: &'static str = "sign_in";
    const WHAT: &'static str = "A sign-in under way";
    const KEPT: &'static str = "10 minutes, or until it is used";
    const ERASED_WITH: &'static [ErasedWith] = &[ErasedWith::Time];
    const ATTRIBUTES: &'static [Attribute] = &[
        attribute("state_hash", Whose::Tandem, "the hash of a random state", "one-time use"),
        attribute("browser_hash", Whose::Tandem, "the hash of a random cookie", "one browser"),
        attribute("stage", Whose::Tandem, "the step", "the order of steps"),
        attribute("account_id", Whose::Person, "the Jira user signing in", "links the accounts"),
        attribute("cloud_ids", Whose::Site, "the sites to pick from", "links the accounts"),
        attribute("ends_at", Whose::Tandem, "its end", "expires in ten minutes"),
    ];

    fn key(&self) -> Key {
        keys::sign_in(&self.state_hash)
    }
    fn expires_at(&self) -> Option<Timestamp> {
        Some(self.ends_at)
    }
}

impl Store {
    /// Writes a new sign-in.
    pub async fn create_sign_in(&self, sign_in: &SignIn) -> Result<(), StoreError> {
        self.put(sign_in.clone(), If::Absent).await
    }

    /// A sign-in, left in place.
    pub async fn find_sign_in(&self, state: &TokenHash) -> Result<Option<SignIn>, StoreError> {
        self.find(keys::sign_in(state)).await
    }

    /// Takes a sign-in out of the table: of two who ask, one gets it. Neither gets one that has
    /// ended, is at another stage or belongs to another browser, and such a one stays.
    pub async fn use_sign_in(
        &self,
        state: &TokenHash,
        browser: &TokenHash,
        step: SignInStage,
        now: Timestamp,
    ) -> Result<Option<SignIn>, StoreError> {
        let Some(found) = self.find_sign_in(state).await? else { return Ok(None) };
        if found.ends_at <= now || found.stage != step || found.browser_hash != *browser {
            return Ok(None);
        }
        let taken = self
            .client
            .delete_item()
            .table_name(&self.table)
            .set_key(Some(found.key().attributes()))
            .condition_expression("attribute_exists(pk)")
            .send()
            .await;
        match taken.map_err(StoreError::from) {
            Ok(_) => Ok(Some(found)),
            Err(StoreError::Conflict) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
