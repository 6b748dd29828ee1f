//! Sessions: who a browser belongs to, for eight hours after signing in to both sides.

use serde::{Deserialize, Serialize};
use tandem_domain::{AccountId, CloudId, ObjectId, TenantId, Timestamp, TokenHash};

use crate::{
    Store, StoreError,
    entity::{Attribute, Entity, ErasedWith, Whose, attribute},
    keys::{self, Key},
    table::If,
};

/// A signed-in browser. Found by the hash of a token that only its cookie holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// The hash of the session's token.
    pub token_hash: TokenHash,
    /// The Jira site.
    pub cloud_id: CloudId,
    /// The Jira user.
    pub account_id: AccountId,
    /// The Microsoft tenant.
    pub tenant_id: TenantId,
    /// The Microsoft user.
    pub object_id: ObjectId,
    /// When it ends.
    pub ends_at: Timestamp,
}

impl Entity for Session {
    const NAME: &'static str = "session";
    const WHAT: &'static str = "A browser in which somebody is signed in";
    const KEPT: &'static str = "8 hours, or until signing out";
    const ERASED_WITH: &'static [ErasedWith] = &[
        ErasedWith::JiraUser,
        ErasedWith::MicrosoftUser,
        ErasedWith::Site,
        ErasedWith::Tenant,
        ErasedWith::Disconnecting,
        ErasedWith::Time,
    ];
    const ATTRIBUTES: &'static [Attribute] = &[
        attribute("token_hash", Whose::Tandem, "the hash of a random token", "knows the browser"),
        attribute("cloud_id", Whose::Site, "the Jira site", "who is signed in"),
        attribute("account_id", Whose::Person, "the Jira user", "who is signed in"),
        attribute("tenant_id", Whose::Tenant, "the Microsoft tenant", "who is signed in"),
        attribute("object_id", Whose::Person, "the Microsoft user", "who is signed in"),
        attribute("ends_at", Whose::Tandem, "its end", "expires in eight hours"),
    ];

    fn key(&self) -> Key {
        keys::session(&self.token_hash)
    }
    fn owner(&self) -> Option<String> {
        Some(keys::jira_user(&self.cloud_id, &self.account_id))
    }
    fn tenant(&self) -> Option<String> {
        Some(keys::site(&self.cloud_id))
    }
    fn expires_at(&self) -> Option<Timestamp> {
        Some(self.ends_at)
    }
}

impl Store {
    /// Writes a new session.
    pub async fn create_session(&self, session: &Session) -> Result<(), StoreError> {
        self.put(session.clone(), If::Absent).await
    }

    /// A session that has not ended.
    pub async fn find_session(
        &self,
        token: &TokenHash,
        now: Timestamp,
    ) -> Result<Option<Session>, StoreError> {
        let found: Option<Session> = self.find(keys::session(token)).await?;
        Ok(found.filter(|session| session.ends_at > now))
    }

    /// Ends a session.
    pub async fn delete_session(&self, token: &TokenHash) -> Result<(), StoreError> {
        self.delete(keys::session(token)).await
    }

    /// Ends every session of a Jira user, up to 1,000; returns how many.
    pub async fn delete_sessions_of(
        &self,
        cloud: &CloudId,
        account: &AccountId,
    ) -> Result<usize, StoreError> {
        let owner = keys::jira_user(cloud, account);
        let mut ended = 0;
        for key in self.index(keys::Index::ByOwner, owner, None, 1000).await? {
            if key.sk == "SESSION" {
                self.delete(key).await?;
                ended += 1;
            }
        }
        Ok(ended)
    }
}
