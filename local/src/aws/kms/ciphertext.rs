//! What a ciphertext blob looks like, and how it is sealed.
//!
//! Layout: version (1 byte), key id (36 bytes of text), key generation (4 bytes, big-endian),
//! nonce (12 bytes), AES-256-GCM ciphertext with its tag. The associated data is everything before
//! the nonce followed by the encryption context in canonical form.

use std::collections::BTreeMap;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::rand;

use super::super::wire::{Blob, Fault};

/// The encryption context: opaque names and values that both sides must give alike. Its order of
/// iteration is that of the names, so the order in which a caller wrote them does not matter.
pub(super) type Context = BTreeMap<String, String>;

const VERSION: u8 = 1;
const KEY_ID_LEN: usize = 36;
const HEADER_LEN: usize = 1 + KEY_ID_LEN + 4;

/// A blob taken apart.
pub(super) struct Ciphertext<'blob> {
    /// The key that sealed it.
    pub(super) key_id: String,
    /// Which of the key's generations of material sealed it, from 0.
    pub(super) generation: u32,
    header: &'blob [u8],
    nonce: [u8; NONCE_LEN],
    sealed: &'blob [u8],
}

impl<'blob> Ciphertext<'blob> {
    /// Takes a blob apart.
    ///
    /// # Errors
    /// `InvalidCiphertextException` for anything that this emulation did not write.
    pub(super) fn read(blob: &'blob [u8]) -> Result<Self, Fault> {
        let (header, rest) = blob.split_at_checked(HEADER_LEN).ok_or_else(invalid)?;
        let (nonce, sealed) = rest.split_first_chunk::<NONCE_LEN>().ok_or_else(invalid)?;
        let (version, rest) = header.split_first().ok_or_else(invalid)?;
        let (key_id, generation) = rest.split_last_chunk::<4>().ok_or_else(invalid)?;
        if *version != VERSION {
            return Err(invalid());
        }
        Ok(Self {
            key_id: String::from_utf8(key_id.to_vec()).map_err(|_| invalid())?,
            generation: u32::from_be_bytes(*generation),
            header,
            nonce: *nonce,
            sealed,
        })
    }

    /// Opens the blob with the material of its generation.
    ///
    /// # Errors
    /// `InvalidCiphertextException` when a byte of the blob or the context is not what was sealed.
    pub(super) fn open(&self, material: &[u8], context: &Context) -> Result<Vec<u8>, Fault> {
        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, material)?);
        let nonce = Nonce::assume_unique_for_key(self.nonce);
        let aad = Aad::from(associated_data(self.header, context));
        let mut buffer = self.sealed.to_vec();
        let length = key.open_in_place(nonce, aad, &mut buffer).map_err(|_| invalid())?.len();
        buffer.truncate(length);
        Ok(buffer)
    }
}

/// Seals `plaintext` under one generation of a key.
pub(super) fn seal(
    key_id: &str,
    generation: u32,
    material: &[u8],
    plaintext: &[u8],
    context: &Context,
) -> Result<Blob, Fault> {
    let mut blob = Vec::with_capacity(HEADER_LEN + NONCE_LEN + plaintext.len() + 16);
    blob.push(VERSION);
    blob.extend_from_slice(key_id.as_bytes());
    blob.extend_from_slice(&generation.to_be_bytes());
    let aad = Aad::from(associated_data(&blob, context));
    let mut nonce = [0_u8; NONCE_LEN];
    rand::fill(&mut nonce)?;
    blob.extend_from_slice(&nonce);
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, material)?);
    let mut buffer = plaintext.to_vec();
    key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut buffer)?;
    blob.append(&mut buffer);
    Ok(Blob(blob))
}

/// The exception for whatever cannot be opened; it does not say why.
pub(super) fn invalid() -> Fault {
    Fault::new("InvalidCiphertextException", "The ciphertext is not valid.")
}

/// Header and context, each text preceded by its length, so that no two contexts look alike.
fn associated_data(header: &[u8], context: &Context) -> Vec<u8> {
    let mut data = header.to_vec();
    for text in context.iter().flat_map(|(name, value)| [name, value]) {
        data.extend_from_slice(&(text.len() as u64).to_be_bytes());
        data.extend_from_slice(text.as_bytes());
    }
    data
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context(pairs: &[(&str, &str)]) -> Context {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn contexts_that_differ_only_in_where_a_name_ends_are_different() {
        let cases = [
            (context(&[("ab", "c")]), context(&[("a", "bc")])),
            (context(&[("a", "b"), ("c", "d")]), context(&[("a", "bcd")])),
            (context(&[]), context(&[("", "")])),
        ];
        for (one, other) in cases {
            assert_ne!(associated_data(b"h", &one), associated_data(b"h", &other));
        }
    }

    #[test]
    fn every_changed_byte_and_every_cut_is_noticed() {
        let id = "0".repeat(KEY_ID_LEN);
        let material = [7; 32];
        let context = context(&[("grant", "1")]);
        let blob = seal(&id, 0, &material, b"plain", &context).ok().unwrap().0;
        let opens = |blob: &[u8]| {
            Ciphertext::read(blob).and_then(|read| read.open(&material, &context)).is_ok()
        };
        assert!(opens(&blob));
        for at in 0..blob.len() {
            let mut changed = blob.clone();
            changed[at] ^= 1;
            assert!(!opens(&changed), "byte {at}");
            assert!(!opens(&blob[..at]), "cut at {at}");
        }
    }
}
