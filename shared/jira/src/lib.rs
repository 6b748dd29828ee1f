//! Jira Cloud as Tandem needs it: the REST client, OAuth 2.0 (3LO), webhooks and the Atlassian
//! Document Format. Tokens are handed in; nothing is stored here, and no text a person wrote can
//! be printed from here.

pub mod adf;
pub mod client;
pub mod forge;
pub mod oauth;
pub mod webhook;

mod transport;
mod wire;

#[cfg(test)]
mod fake;

pub use client::{JiraClient, Site};
pub use oauth::{AtlassianOAuth, OAuthConfig};
