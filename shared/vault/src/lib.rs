//! Custody of people's tokens: sealed, opened for a purpose, refreshed by one caller at a time,
//! erased.
//!
//! A grant's tokens lie in one secret, sealed; the grant's item in the table says which version of
//! the secret counts. Each change is a new version of the secret first and a conditional move of
//! that pointer second, so that whoever stops in between has changed nothing, and whoever comes
//! late changes nothing either.

mod ahead;
mod backoff;
mod cache;
mod context;
mod envelope;
mod erase;
mod error;
mod flight;
mod ledger;
mod payload;
mod policy;
mod refresh;
mod rewrap;
mod sealed;
mod seals;
mod secrets;
mod sign_in;
mod vault;

pub use ahead::Ahead;
pub use context::EncryptionContext;
pub use error::{EnvelopeError, KEY_TROUBLE, is_key_trouble};
pub use rewrap::{RewrapCursor, Rewrapped};
pub use sealed::SealedToken;
pub use secrets::tells_of_key_trouble;
pub use vault::{Issuers, Vault, VaultConfig};
