//! What the partition keys of things of one kind begin with: in an index, one Query finds them.

use tandem_domain::{ChatId, CloudId, ConversationId, TenantId};

/// What the partitions of a site's projects begin with.
pub fn projects_of(cloud: &CloudId) -> String {
    format!("J#{cloud}#P#")
}

/// What the partitions of a site's issues begin with.
pub fn issues_of(cloud: &CloudId) -> String {
    format!("J#{cloud}#I#")
}

/// What the partitions of a site's people begin with.
pub fn people_of_site(cloud: &CloudId) -> String {
    format!("J#{cloud}#U#")
}

/// What the partitions of a Microsoft tenant's people begin with.
pub fn people_of_tenant(tenant: &TenantId) -> String {
    format!("M#{tenant}#U#")
}

/// What the partitions of a Microsoft tenant's chats begin with.
pub fn chats_of(tenant: &TenantId) -> String {
    format!("M#{tenant}#C#")
}

/// What the partitions of a chat's messages begin with.
pub fn messages_of_chat(tenant: &TenantId, of: &ChatId) -> String {
    format!("M#{tenant}#M#{of}#")
}

/// What the partitions of the messages begin with that the bot was shown in a conversation.
pub fn messages_of_conversation(tenant: &TenantId, of: &ConversationId) -> String {
    format!("M#{tenant}#N#{of}#")
}
