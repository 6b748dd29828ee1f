//! Microsoft Graph v1.0, called as a person: chats, messages, subscriptions.

mod chats;
mod client;
mod messages;
mod subscriptions;
mod wire;

pub use chats::Chat;
pub use client::{Graph, GraphClient};
pub use messages::{
    BodyFormat, ChangedMessages, ChatMessage, MAX_MESSAGES, MessageAuthor, MessageKind, PageAddress,
};
pub use subscriptions::{MAX_SUBSCRIPTION, SubscriptionRequest};

#[cfg(test)]
mod tests;
