//! Values that must not be seen: they print nothing, are wiped when dropped, and each look inside
//! says why.

use std::fmt;

use serde::{Deserialize, Deserializer};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::Timestamp;

/// A secret text: never printed, wiped on drop.
#[derive(Clone, Default, Zeroize, ZeroizeOnDrop)]
pub struct Secret(String);

impl Secret {
    /// Takes the text into custody.
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// Shows the text. `_why` is for the reader of the code: what it is shown to.
    pub fn expose(&self, _why: &'static str) -> &str {
        &self.0
    }

    /// Whether there is nothing inside.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether both hold the same text: for comparing what is ours with what is ours, not in
    /// constant time.
    pub fn is_same(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self)
    }
}

macro_rules! secret {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Secret);

        impl $name {
            /// Takes the text into custody.
            pub fn new(text: String) -> Self {
                Self(Secret::new(text))
            }

            /// Shows the text. `why` is for the reader of the code: what it is shown to.
            pub fn expose(&self, why: &'static str) -> &str {
                self.0.expose(why)
            }
        }
    };
}

secret!(
    /// A vendor's access token: calls its API as the person who granted it.
    AccessToken
);
secret!(
    /// A vendor's refresh token: exchanged for the next access token.
    RefreshToken
);
secret!(
    /// A one-time code of an OAuth redirect.
    AuthorizationCode
);

/// What a token endpoint answers: an access token, its end, and the token that gets the next one.
#[derive(Clone, Debug)]
pub struct TokenSet {
    /// The token that calls the API.
    pub access: AccessToken,
    /// The token for the next exchange.
    pub refresh: RefreshToken,
    /// When the access token ends.
    pub expires_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_never_prints() {
        let tokens = TokenSet {
            access: AccessToken::new("open-sesame-1".into()),
            refresh: RefreshToken::new("open-sesame-2".into()),
            expires_at: Timestamp::from_secs(1),
        };
        let printed = format!("{tokens:?} {:#?}", Secret::new("open-sesame-3".into()));
        assert!(!printed.contains("sesame"), "{printed}");
        assert_eq!(tokens.access.expose("the test compares it"), "open-sesame-1");
    }
}
