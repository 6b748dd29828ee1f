//! What Tandem talks about: identifiers, events, settings, secrets, decisions. No I/O, no AWS.

mod bot;
mod client_secret;
pub mod delivery;
mod direction;
pub mod document;
mod entropy;
mod failure;
mod follow;
mod grant;
mod id;
mod secret;
pub mod settings;
mod sighting;
mod spread;
mod time;

pub use bot::{
    ActivityId, BotUserId, ConversationId, ConversationKind, FollowId, ServiceUrl, TeamId,
};
pub use client_secret::{ClientSecrets, with_client_secret};
pub use delivery::{
    Audience, ChangedField, Delivery, DeliveryKind, QueueMessage, Removal, Removed, Telling, Told,
};
pub use direction::Direction;
pub use entropy::Entropy;
pub use failure::Failure;
pub use follow::{FollowFilter, Followed, IssueEvent, LabelHash, StatusCategory};
pub use grant::{
    BoxFuture, GrantState, IssuerError, Provider, Purpose, SignInReason, Subject, TokenIssuer,
};
pub use id::*;
pub use secret::{AccessToken, AuthorizationCode, RefreshToken, Secret, TokenSet};
pub use sighting::{Sighting, Sightings, Vendor};
pub use spread::share_of;
pub use time::{Clock, ManualClock, SystemClock, Timestamp};
