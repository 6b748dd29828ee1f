//! Sealing and opening with KMS: a fresh data key for every envelope.

use std::sync::Arc;

use aws_sdk_kms::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
    primitives::Blob,
    types::DataKeySpec,
};
use tandem_domain::Entropy;
use zeroize::Zeroizing;

use crate::{EncryptionContext, EnvelopeError, SealedToken};

/// The KMS keys that envelopes are sealed under.
pub(crate) struct Envelope {
    kms: Client,
    key: String,
    older_keys: Vec<String>,
    entropy: Arc<dyn Entropy>,
}

/// A data key for one envelope: asked for before it is needed, so that nothing but arithmetic
/// stands between a vendor's answer and its sealed form.
pub(crate) struct DataKey {
    key_id: String,
    wrapped: Vec<u8>,
    plain: Zeroizing<Vec<u8>>,
    nonce: [u8; 12],
    context: EncryptionContext,
}

impl Envelope {
    /// Seals under `key`; opens what was sealed under `key` or any of `older_keys`.
    pub(crate) fn new(
        kms: Client,
        key: String,
        older_keys: Vec<String>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        Self { kms, key, older_keys, entropy }
    }

    /// A fresh data key, bound to `context`.
    /// <https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKey.html>
    pub(crate) async fn data_key(
        &self,
        context: EncryptionContext,
    ) -> Result<DataKey, EnvelopeError> {
        let answer = self
            .kms
            .generate_data_key()
            .key_id(&self.key)
            .key_spec(DataKeySpec::Aes256)
            .set_encryption_context(Some(context.to_map()))
            .send()
            .await
            .map_err(|error| class_of(&error))?;
        let plain = answer.plaintext.map(|plain| Zeroizing::new(plain.into_inner()));
        let wrapped = answer.ciphertext_blob.map(Blob::into_inner);
        let (Some(plain), Some(wrapped)) = (plain, wrapped) else {
            return Err(EnvelopeError::Unavailable);
        };
        let mut nonce = [0; 12];
        self.entropy.fill(&mut nonce);
        Ok(DataKey { key_id: self.key.clone(), wrapped, plain, nonce, context })
    }

    /// Opens an envelope that was sealed for `context`.
    /// <https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html>
    pub(crate) async fn open(
        &self,
        bytes: &[u8],
        context: &EncryptionContext,
    ) -> Result<Zeroizing<Vec<u8>>, EnvelopeError> {
        let sealed = SealedToken::parse(bytes)?;
        // The name from the configuration goes to KMS, not the envelope's: that is not yet trusted.
        let key = std::iter::once(&self.key)
            .chain(&self.older_keys)
            .find(|key| same_key(key, &sealed.key_id))
            .ok_or(EnvelopeError::UnknownKey)?;
        let answer = self
            .kms
            .decrypt()
            .key_id(key)
            .ciphertext_blob(Blob::new(sealed.wrapped_key.clone()))
            .set_encryption_context(Some(context.to_map()))
            .send()
            .await
            .map_err(|error| class_of(&error))?;
        let plain = answer.plaintext.ok_or(EnvelopeError::Unavailable)?;
        sealed.open(&Zeroizing::new(plain.into_inner()), context)
    }
}

impl DataKey {
    /// Seals `plaintext`, and is used up by it.
    pub(crate) fn seal(self, plaintext: &[u8]) -> Result<Vec<u8>, EnvelopeError> {
        let Self { key_id, wrapped, plain, nonce, context } = self;
        SealedToken::seal(key_id, wrapped, &plain, nonce, &context, plaintext)?.to_bytes()
    }
}

/// Whether two names, each an id or an ARN, mean the same key.
fn same_key(one: &str, other: &str) -> bool {
    let bare = |name: &str| name.rsplit('/').next().map(str::to_owned);
    bare(one) == bare(other)
}

/// What a KMS error means for an envelope. KMS's message is not passed on.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html>
fn class_of<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> EnvelopeError {
    let Some(service) = error.as_service_error() else { return EnvelopeError::Unavailable };
    let class = class_of_code(service.code().unwrap_or_default());
    if class == EnvelopeError::KeyUnusable {
        tracing::error!(code = service.code(), "the envelope's KMS key cannot be used");
    }
    class
}

fn class_of_code(code: &str) -> EnvelopeError {
    match code {
        "InvalidCiphertextException" | "IncorrectKeyException" => EnvelopeError::Refused,
        "DisabledException"
        | "KMSInvalidStateException"
        | "NotFoundException"
        | "InvalidKeyUsageException"
        | "InvalidGrantTokenException"
        | "InvalidArnException"
        | "ValidationException"
        | "AccessDeniedException" => EnvelopeError::KeyUnusable,
        _ => EnvelopeError::Unavailable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_known_by_id_and_by_arn() {
        let id = "1234abcd-12ab-34cd-56ef-1234567890ab";
        let arn = format!("arn:aws:kms:us-east-1:111122223333:key/{id}");
        assert!(same_key(id, &arn) && same_key(&arn, id) && same_key(id, id));
        assert!(!same_key(id, "1234abcd-12ab-34cd-56ef-1234567890ac"));
        assert!(!same_key(id, ""));
    }

    #[test]
    fn key_trouble_tampering_and_throttling_are_told_apart() {
        for (code, class) in [
            ("InvalidCiphertextException", EnvelopeError::Refused),
            ("IncorrectKeyException", EnvelopeError::Refused),
            ("DisabledException", EnvelopeError::KeyUnusable),
            ("KMSInvalidStateException", EnvelopeError::KeyUnusable),
            ("NotFoundException", EnvelopeError::KeyUnusable),
            ("AccessDeniedException", EnvelopeError::KeyUnusable),
            ("ThrottlingException", EnvelopeError::Unavailable),
            ("LimitExceededException", EnvelopeError::Unavailable),
            ("KMSInternalException", EnvelopeError::Unavailable),
            ("DependencyTimeoutException", EnvelopeError::Unavailable),
            ("KeyUnavailableException", EnvelopeError::Unavailable),
            ("", EnvelopeError::Unavailable),
        ] {
            assert_eq!(class_of_code(code), class, "{code}");
        }
    }
}
