//! What the calls to KMS say.

use serde::Deserialize;

use super::super::wire::{Blob, Fault};
use super::ciphertext::Context;
use super::key::ALGORITHM;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct KeyRequest {
    pub(super) key_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CreateKeyRequest {
    #[serde(default)]
    pub(super) description: String,
    key_spec: Option<String>,
    key_usage: Option<String>,
}

impl CreateKeyRequest {
    /// Refuses every kind of key but the symmetric one.
    pub(super) fn check(&self) -> Result<(), Fault> {
        let symmetric = self.key_spec.as_deref().is_none_or(|spec| spec == ALGORITHM);
        let encrypts = self.key_usage.as_deref().is_none_or(|usage| usage == "ENCRYPT_DECRYPT");
        if symmetric && encrypts {
            return Ok(());
        }
        let message = "the local stack has symmetric encryption keys only";
        Err(Fault::new("UnsupportedOperationException", message))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ScheduleKeyDeletionRequest {
    pub(super) key_id: String,
    pub(super) pending_window_in_days: Option<i64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct AliasRequest {
    pub(super) alias_name: String,
    pub(super) target_key_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GenerateDataKeyRequest {
    pub(super) key_id: String,
    #[serde(default)]
    pub(super) encryption_context: Context,
    key_spec: Option<String>,
    number_of_bytes: Option<usize>,
}

impl GenerateDataKeyRequest {
    /// How many bytes are wanted; exactly one of the two ways of saying so must be used.
    pub(super) fn length(&self) -> Result<usize, Fault> {
        match (self.key_spec.as_deref(), self.number_of_bytes) {
            (Some("AES_256"), None) => Ok(32),
            (Some("AES_128"), None) => Ok(16),
            (None, Some(length @ 1..=1024)) => Ok(length),
            _ => Err(Fault::new(
                "ValidationException",
                "give either KeySpec (AES_256, AES_128) or NumberOfBytes (1 to 1024)",
            )),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct EncryptRequest {
    pub(super) key_id: String,
    pub(super) plaintext: Blob,
    #[serde(default)]
    pub(super) encryption_context: Context,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DecryptRequest {
    pub(super) ciphertext_blob: Blob,
    pub(super) key_id: Option<String>,
    #[serde(default)]
    pub(super) encryption_context: Context,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ReEncryptRequest {
    pub(super) ciphertext_blob: Blob,
    pub(super) source_key_id: Option<String>,
    #[serde(default)]
    pub(super) source_encryption_context: Context,
    pub(super) destination_key_id: String,
    #[serde(default)]
    pub(super) destination_encryption_context: Context,
}
