//! Microsoft Entra v2: the sign-in of a person, the renewal of their tokens, and the keys that
//! Microsoft signs with.

pub mod id_token;
mod keys;
mod oauth;
mod refusal;

pub use id_token::{IdTokenError, Identity};
pub use keys::{KeyError, KeySet, PublicKey};
pub(crate) use keys::{is_endorsed_for, signs_for};
pub use oauth::{EntraConfig, EntraOAuth, SignedIn, code_challenge};
pub(crate) use refusal::classify;
