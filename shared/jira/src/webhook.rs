//! Jira's webhooks: who sent them, and what they tell.
//! <https://developer.atlassian.com/cloud/jira/platform/webhooks/>

pub mod bearer;
pub mod payload;
pub mod signature;

pub use payload::{CommentEvent, Event, EventKind, PayloadError, SiteRef};

/// The header that carries the signature of an admin webhook with a secret.
pub const SIGNATURE_HEADER: &str = "x-hub-signature";

/// The header that is unique for an event and the same on every retry of it.
pub const IDENTIFIER_HEADER: &str = "x-atlassian-webhook-identifier";

#[cfg(test)]
mod mutated;
