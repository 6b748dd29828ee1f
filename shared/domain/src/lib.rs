//! What Tandem talks about: identifiers, events, settings, secrets, decisions. No I/O, no AWS.

mod client_secret;
pub mod delivery;
pub mod document;
mod entropy;
mod failure;
mod grant;
mod id;
mod secret;
pub mod settings;
mod time;

pub use client_secret::{ClientSecrets, with_client_secret};
pub use delivery::{ChangedField, Delivery, DeliveryKind};
pub use entropy::Entropy;
pub use failure::Failure;
pub use grant::{
    BoxFuture, GrantState, IssuerError, Provider, Purpose, SignInReason, Subject, TokenIssuer,
};
pub use id::*;
pub use secret::{AccessToken, AuthorizationCode, RefreshToken, Secret, TokenSet};
pub use time::{Clock, ManualClock, SystemClock, Timestamp};
