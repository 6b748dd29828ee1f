//! What is sealed: a token set, and the secret version that it takes the place of.
//!
//! ```text
//! form 1 | expires_at 8 (ms since 1970) | replaces: length 4, bytes | access: the same | refresh
//! ```
//!
//! A form of our own rather than JSON: one allocation of known size, wiped, and no copies of tokens
//! in a serialiser's buffers.

use tandem_domain::{AccessToken, RefreshToken, SecretVersion, Timestamp, TokenSet};
use zeroize::Zeroizing;

use crate::EnvelopeError;

const FORM: u8 = 1;

/// The content of an envelope.
#[derive(Clone, Debug)]
pub(crate) struct Payload {
    /// The tokens.
    pub(crate) tokens: TokenSet,
    /// The version whose refresh token was exchanged for these; `None` after a sign-in.
    pub(crate) replaces: Option<SecretVersion>,
}

impl Payload {
    pub(crate) fn write(&self) -> Result<Zeroizing<Vec<u8>>, EnvelopeError> {
        let replaces = self.replaces.as_ref().map_or("", SecretVersion::as_str);
        let access = self.tokens.access.expose("sealed");
        let refresh = self.tokens.refresh.expose("sealed");
        let length = 1 + 8 + 12 + replaces.len() + access.len() + refresh.len();
        let mut bytes = Zeroizing::new(Vec::with_capacity(length));
        bytes.push(FORM);
        bytes.extend_from_slice(&self.tokens.expires_at.as_millis().to_be_bytes());
        for part in [replaces, access, refresh] {
            let length = u32::try_from(part.len()).map_err(|_| EnvelopeError::Refused)?;
            bytes.extend_from_slice(&length.to_be_bytes());
            bytes.extend_from_slice(part.as_bytes());
        }
        Ok(bytes)
    }

    pub(crate) fn read(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        parse(bytes).ok_or(EnvelopeError::Refused)
    }
}

fn parse(mut bytes: &[u8]) -> Option<Payload> {
    let rest = &mut bytes;
    if take(rest, 1)? != [FORM] {
        return None;
    }
    let expires_at = Timestamp::from_millis(i64::from_be_bytes(take(rest, 8)?.try_into().ok()?));
    let replaces = match text(rest)? {
        "" => None,
        version => Some(SecretVersion::parse(version).ok()?),
    };
    let access = AccessToken::new(text(rest)?.to_owned());
    let refresh = RefreshToken::new(text(rest)?.to_owned());
    let tokens = TokenSet { access, refresh, expires_at };
    rest.is_empty().then_some(Payload { tokens, replaces })
}

fn take<'bytes>(rest: &mut &'bytes [u8], count: usize) -> Option<&'bytes [u8]> {
    let (taken, left) = rest.split_at_checked(count)?;
    *rest = left;
    Some(taken)
}

fn text<'bytes>(rest: &mut &'bytes [u8]) -> Option<&'bytes str> {
    let length = u32::from_be_bytes(take(rest, 4)?.try_into().ok()?);
    std::str::from_utf8(take(rest, usize::try_from(length).ok()?)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payload(replaces: Option<&str>) -> Payload {
        Payload {
            tokens: TokenSet {
                access: AccessToken::new("an-access-token".into()),
                refresh: RefreshToken::new("a-refresh-token".into()),
                expires_at: Timestamp::from_secs(1_800_000_000),
            },
            replaces: replaces.map(|version| SecretVersion::parse(version).unwrap()),
        }
    }

    #[test]
    fn reads_what_it_wrote() {
        for replaces in [None, Some("0123456789abcdef0123456789abcdef")] {
            let bytes = payload(replaces).write().unwrap();
            assert_eq!(bytes.len(), bytes.capacity(), "no reallocation left a copy behind");
            let read = Payload::read(&bytes).unwrap();
            assert_eq!(read.tokens.access.expose("compared"), "an-access-token");
            assert_eq!(read.tokens.refresh.expose("compared"), "a-refresh-token");
            assert_eq!(read.tokens.expires_at, Timestamp::from_secs(1_800_000_000));
            assert_eq!(read.replaces.as_ref().map(SecretVersion::as_str), replaces);
        }
    }

    #[test]
    fn anything_else_is_refused() {
        let bytes = payload(None).write().unwrap();
        for length in 0..bytes.len() {
            assert!(Payload::read(&bytes[..length]).is_err(), "{length} bytes");
        }
        assert!(Payload::read(&[&bytes[..], b"x"].concat()).is_err());
    }
}
