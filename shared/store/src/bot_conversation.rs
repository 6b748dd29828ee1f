//! Where the bot is: with which people, in which chats and channels, and where these are served.

use serde::{Deserialize, Serialize};
use tandem_domain::{
    ConversationId, ConversationKind, ObjectId, ServiceUrl, TeamId, TenantId, Timestamp,
};

use crate::{
    Store, StoreError,
    entity::{Attribute, Entity, ErasedWith, Whose, attribute},
    keys::{self, Key},
    table::If,
};

/// The conversation of the bot and one person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonalConversation {
    /// The Microsoft tenant.
    pub tenant_id: TenantId,
    /// The person.
    pub object_id: ObjectId,
    /// The conversation.
    pub conversation_id: ConversationId,
    /// Where it is served.
    pub service_url: ServiceUrl,
    /// When this was last told by Teams.
    pub seen_at: Timestamp,
}

impl Entity for PersonalConversation {
    const NAME: &'static str = "personal_conversation";
    const WHAT: &'static str = "Where the bot reaches a person";
    const KEPT: &'static str = "until the person removes the app or is erased";
    const ERASED_WITH: &'static [ErasedWith] =
        &[ErasedWith::MicrosoftUser, ErasedWith::Tenant, ErasedWith::Conversation];
    const ATTRIBUTES: &'static [Attribute] = &[
        attribute("tenant_id", Whose::Tenant, "the Microsoft tenant", "notifying the person"),
        attribute("object_id", Whose::Person, "the Microsoft user", "notifying the person"),
        attribute("conversation_id", Whose::Tenant, "their chat with the bot", "notifying them"),
        attribute("service_url", Whose::Tandem, "the Connector's address", "notifying them"),
        attribute("seen_at", Whose::Tandem, "when Teams last told it", "keeps it up to date"),
    ];

    fn key(&self) -> Key {
        keys::personal_conversation(&self.tenant_id, &self.object_id)
    }
    fn owner(&self) -> Option<String> {
        Some(keys::microsoft_user(&self.tenant_id, &self.object_id))
    }
    fn tenant(&self) -> Option<String> {
        Some(keys::tenant(&self.tenant_id))
    }
}

/// A group chat or channel that the bot is in; of a team, its General channel stands for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BotConversation {
    /// The Microsoft tenant.
    pub tenant_id: TenantId,
    /// The conversation, without a thread.
    pub conversation_id: ConversationId,
    /// A group chat or a channel.
    pub kind: ConversationKind,
    /// The team, where it is one's channel.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub team_id: Option<TeamId>,
    /// Where it is served.
    pub service_url: ServiceUrl,
    /// When this was last told by Teams.
    pub seen_at: Timestamp,
}

impl Entity for BotConversation {
    const NAME: &'static str = "bot_conversation";
    const WHAT: &'static str = "A group chat or channel that the bot is in";
    const KEPT: &'static str = "until the app is removed there, or the channel is deleted";
    const ERASED_WITH: &'static [ErasedWith] = &[ErasedWith::Tenant, ErasedWith::Conversation];
    const ATTRIBUTES: &'static [Attribute] = &[
        attribute("tenant_id", Whose::Tenant, "the Microsoft tenant", "posting there"),
        attribute("conversation_id", Whose::Tenant, "the chat or channel", "posting there"),
        attribute("kind", Whose::Tandem, "group chat or channel", "how to post there"),
        attribute("team_id", Whose::Tenant, "the channel's team", "ends with the team"),
        attribute("service_url", Whose::Tandem, "the Connector's address", "posting there"),
        attribute("seen_at", Whose::Tandem, "when Teams last told it", "keeps it up to date"),
    ];

    fn key(&self) -> Key {
        keys::bot_conversation(&self.tenant_id, &self.conversation_id)
    }
    fn tenant(&self) -> Option<String> {
        Some(keys::tenant(&self.tenant_id))
    }
}

/// The same, found from its team.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
struct OfTeam(BotConversation);

impl Entity for OfTeam {
    const NAME: &'static str = "bot_conversation_by_team";
    const WHAT: &'static str = "The same channel, found from its team";
    const KEPT: &'static str = BotConversation::KEPT;
    const ERASED_WITH: &'static [ErasedWith] = BotConversation::ERASED_WITH;
    const ATTRIBUTES: &'static [Attribute] = BotConversation::ATTRIBUTES;

    fn key(&self) -> Key {
        let BotConversation { tenant_id, conversation_id, team_id, .. } = &self.0;
        let team = team_id.as_ref().map_or("", TeamId::as_str);
        keys::conversation_of_team(tenant_id, team, conversation_id)
    }
    fn tenant(&self) -> Option<String> {
        Some(keys::tenant(&self.0.tenant_id))
    }
}

pub(crate) const OF_TEAM: crate::inventory::Declaration = crate::inventory::declare::<OfTeam>();

impl Store {
    /// The conversation of the bot and a person.
    pub async fn find_personal_conversation(
        &self,
        tenant: &TenantId,
        object: &ObjectId,
    ) -> Result<Option<PersonalConversation>, StoreError> {
        self.find(keys::personal_conversation(tenant, object)).await
    }

    /// Writes the conversation of the bot and a person.
    pub async fn put_personal_conversation(
        &self,
        conversation: &PersonalConversation,
    ) -> Result<(), StoreError> {
        self.put(conversation.clone(), If::Anything).await
    }

    /// Writes the conversation of the bot and a person where none is known. `false`, and nothing
    /// is written, where one is.
    pub async fn add_personal_conversation(
        &self,
        conversation: &PersonalConversation,
    ) -> Result<bool, StoreError> {
        match self.put(conversation.clone(), If::Absent).await {
            Ok(()) => Ok(true),
            Err(StoreError::Conflict) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Takes the conversation of the bot and a person away.
    pub async fn delete_personal_conversation(
        &self,
        tenant: &TenantId,
        object: &ObjectId,
    ) -> Result<(), StoreError> {
        self.delete(keys::personal_conversation(tenant, object)).await
    }

    /// A group chat or channel that the bot is in.
    pub async fn find_bot_conversation(
        &self,
        tenant: &TenantId,
        conversation: &ConversationId,
    ) -> Result<Option<BotConversation>, StoreError> {
        self.find(keys::bot_conversation(tenant, conversation)).await
    }

    /// The channels of a team in which the bot was seen.
    pub async fn list_conversations_by_team(
        &self,
        tenant: &TenantId,
        team: &TeamId,
    ) -> Result<Vec<BotConversation>, StoreError> {
        let found =
            self.list::<OfTeam>(keys::team(tenant, team.as_str()), keys::CONVERSATIONS).await?;
        Ok(found.into_iter().map(|of_team| of_team.0).collect())
    }

    /// Writes a group chat or channel that the bot is in.
    pub async fn put_bot_conversation(&self, item: &BotConversation) -> Result<(), StoreError> {
        let mut writes = vec![self.put_in(item.clone(), &If::Anything)?];
        if item.team_id.is_some() {
            writes.push(self.put_in(OfTeam(item.clone()), &If::Anything)?);
        }
        self.transact(writes).await
    }

    /// Takes a group chat or channel away.
    pub async fn delete_bot_conversation(&self, item: &BotConversation) -> Result<(), StoreError> {
        let mut writes = vec![self.delete_in(&item.key(), &If::Anything)?];
        if item.team_id.is_some() {
            writes.push(self.delete_in(&OfTeam(item.clone()).key(), &If::Anything)?);
        }
        self.transact(writes).await
    }
}
