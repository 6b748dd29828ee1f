//! Microsoft's side: sign-in with Entra, chats in Microsoft Graph, and what Microsoft sends to
//! Tandem (change notifications, bot activities).
//!
//! The crate talks to the vendor and knows nothing of where links and tokens are kept: a caller
//! hands it an opened token. What people wrote passes through in types that do not print it.

pub mod activity;
pub mod cards;
pub mod connector;
pub mod entra;
pub mod graph;
pub mod html;
mod http;
mod jwt;
#[cfg(test)]
mod mutated;
pub mod notifications;
#[cfg(test)]
mod testing;

pub use tandem_tokens::TokenError;
