//! The inventory: every entity and attribute that can lie in the table, from their declarations.

use serde::Serialize;

use crate::{
    account_link, bot_conversation, channel_subscription, chat_link,
    entity::{Attribute, COMMON, Entity, ErasedWith},
    issue_message, message_link,
};

mod elsewhere;
mod page;

pub use elsewhere::{ELSEWHERE, Elsewhere};
pub use page::markdown;

/// One entity of the inventory.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Declaration {
    /// The entity's name, as in the item's `entity`.
    pub entity: &'static str,
    /// What an item of it is.
    pub what: &'static str,
    /// How long its items are kept.
    pub kept: &'static str,
    /// With what its items are erased.
    pub erased_with: &'static [ErasedWith],
    /// Its own attributes.
    pub attributes: &'static [Attribute],
}

pub(crate) const fn declare<T: Entity>() -> Declaration {
    Declaration {
        entity: T::NAME,
        what: T::WHAT,
        kept: T::KEPT,
        erased_with: T::ERASED_WITH,
        attributes: T::ATTRIBUTES,
    }
}

/// Every entity there is.
pub const INVENTORY: &[Declaration] = &[
    declare::<crate::Installation>(),
    declare::<crate::Site>(),
    declare::<crate::WebhookSeen>(),
    declare::<crate::Tally>(),
    declare::<crate::AccountLink>(),
    account_link::MIRROR,
    declare::<crate::Grant>(),
    declare::<crate::LedgerEntry>(),
    declare::<crate::ChatLink>(),
    chat_link::MIRROR,
    declare::<crate::ChatSubscription>(),
    declare::<crate::MessageLink>(),
    message_link::MIRROR,
    declare::<crate::PersonalConversation>(),
    declare::<crate::BotConversation>(),
    bot_conversation::OF_TEAM,
    declare::<crate::ChannelSubscription>(),
    channel_subscription::MIRROR,
    declare::<crate::IssueThread>(),
    channel_subscription::THREAD_MIRROR,
    declare::<crate::IssueMessage>(),
    issue_message::MIRROR,
    declare::<crate::Watcher>(),
    declare::<crate::ScopeSettings>(),
    declare::<crate::SettingChange>(),
    declare::<crate::Claim>(),
    declare::<crate::SignIn>(),
    declare::<crate::Session>(),
    declare::<crate::Erasure>(),
    declare::<crate::Receipt>(),
    declare::<crate::ReportedAccount>(),
    declare::<crate::Reporting>(),
    declare::<crate::SiteWebhook>(),
];

/// The declaration of an entity, by its name.
pub fn find_declaration(entity: &str) -> Option<&'static Declaration> {
    INVENTORY.iter().find(|declared| declared.entity == entity)
}

/// The attributes an item of `entity` may have: its own and the table's. `None` for an entity that
/// is not in the inventory.
pub fn attributes_of(entity: &str) -> Option<Vec<&'static str>> {
    let declaration = find_declaration(entity)?;
    Some(declaration.attributes.iter().chain(COMMON).map(|attribute| attribute.name).collect())
}
