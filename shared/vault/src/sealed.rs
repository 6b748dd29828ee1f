//! The envelope's form: what lies in a secret, byte by byte.
//!
//! ```text
//! form 1 | key id: length 2, bytes | wrapped data key: length 2, bytes | nonce 12 | ciphertext, tag 16
//! ```
//!
//! Lengths are big-endian. Everything before the ciphertext is authenticated with it, together
//! with the encryption context.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use zeroize::Zeroizing;

use crate::{EncryptionContext, EnvelopeError};

/// The form that this code writes and reads.
const FORM: u8 = 1;
/// The length of the GCM tag at the end, in bytes.
const TAG: usize = 16;

/// A sealed value together with what is needed to open it, but for the key in KMS.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedToken {
    /// Which KMS key wrapped the data key.
    pub(crate) key_id: String,
    /// The data key under that KMS key.
    pub(crate) wrapped_key: Vec<u8>,
    nonce: [u8; NONCE_LEN],
    ciphertext: Vec<u8>,
}

impl SealedToken {
    /// Seals `plaintext` under a data key that is used for nothing else. AES-256-GCM.
    pub(crate) fn seal(
        key_id: String,
        wrapped_key: Vec<u8>,
        data_key: &[u8],
        nonce: [u8; NONCE_LEN],
        context: &EncryptionContext,
        plaintext: &[u8],
    ) -> Result<Self, EnvelopeError> {
        let mut sealed = Self { key_id, wrapped_key, nonce, ciphertext: Vec::new() };
        let aad = Aad::from(sealed.authenticated(context)?);
        // Room for the tag, so that the plaintext is not left behind by a reallocation.
        let mut buffer = Zeroizing::new(Vec::with_capacity(plaintext.len() + TAG));
        buffer.extend_from_slice(plaintext);
        cipher(data_key)?
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut *buffer)
            .map_err(|_| EnvelopeError::Refused)?;
        sealed.ciphertext = std::mem::take(&mut *buffer);
        Ok(sealed)
    }

    /// Opens it with the unwrapped data key.
    pub(crate) fn open(
        &self,
        data_key: &[u8],
        context: &EncryptionContext,
    ) -> Result<Zeroizing<Vec<u8>>, EnvelopeError> {
        let aad = Aad::from(self.authenticated(context)?);
        let mut buffer = Zeroizing::new(self.ciphertext.clone());
        let length = cipher(data_key)?
            .open_in_place(Nonce::assume_unique_for_key(self.nonce), aad, &mut buffer)
            .map_err(|_| EnvelopeError::Refused)?
            .len();
        buffer.truncate(length);
        Ok(buffer)
    }

    /// Reads an envelope; nothing of it is trusted before it opens.
    pub fn parse(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        let mut rest = Reader(bytes);
        if rest.take(1)? != [FORM] {
            return Err(EnvelopeError::Refused);
        }
        let key_id = std::str::from_utf8(rest.part()?).map_err(|_| EnvelopeError::Refused)?;
        let wrapped_key = rest.part()?.to_vec();
        let nonce = rest.take(NONCE_LEN)?.try_into().map_err(|_| EnvelopeError::Refused)?;
        let Reader(ciphertext) = rest;
        if ciphertext.len() < TAG {
            return Err(EnvelopeError::Refused);
        }
        Ok(Self { key_id: key_id.to_owned(), wrapped_key, nonce, ciphertext: ciphertext.to_vec() })
    }

    /// The bytes that lie in the secret.
    pub fn to_bytes(&self) -> Result<Vec<u8>, EnvelopeError> {
        let mut bytes = self.header()?;
        bytes.extend_from_slice(&self.ciphertext);
        Ok(bytes)
    }

    /// Which KMS key it was sealed under.
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    fn header(&self) -> Result<Vec<u8>, EnvelopeError> {
        let mut bytes = vec![FORM];
        for part in [self.key_id.as_bytes(), &self.wrapped_key] {
            let length = u16::try_from(part.len()).map_err(|_| EnvelopeError::Refused)?;
            bytes.extend_from_slice(&length.to_be_bytes());
            bytes.extend_from_slice(part);
        }
        bytes.extend_from_slice(&self.nonce);
        Ok(bytes)
    }

    /// What is authenticated beside the ciphertext.
    fn authenticated(&self, context: &EncryptionContext) -> Result<Vec<u8>, EnvelopeError> {
        let mut bytes = self.header()?;
        bytes.extend_from_slice(&context.canonical());
        Ok(bytes)
    }
}

fn cipher(data_key: &[u8]) -> Result<LessSafeKey, EnvelopeError> {
    let key = UnboundKey::new(&AES_256_GCM, data_key).map_err(|_| EnvelopeError::Refused)?;
    Ok(LessSafeKey::new(key))
}

/// The bytes that are still to be read.
struct Reader<'bytes>(&'bytes [u8]);

impl<'bytes> Reader<'bytes> {
    fn take(&mut self, count: usize) -> Result<&'bytes [u8], EnvelopeError> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(EnvelopeError::Refused)?;
        self.0 = rest;
        Ok(taken)
    }

    fn part(&mut self) -> Result<&'bytes [u8], EnvelopeError> {
        let length = self.take(2)?.try_into().map_err(|_| EnvelopeError::Refused)?;
        self.take(usize::from(u16::from_be_bytes(length)))
    }
}

#[cfg(test)]
mod tests;
