//! JSON Web Tokens by which a vendor vouches for what it sends: the keys it publishes, signatures,
//! lifetimes. What the claims must say is the matter of whoever checks a token.

mod jwt;
mod keys;

pub use jwt::{Lifetime, SKEW, TokenError, signed_claims};
pub use keys::{KeyError, KeySet, PublicKey};
