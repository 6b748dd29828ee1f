//! KMS: symmetric keys, data keys and aliases.
//! <https://docs.aws.amazon.com/kms/latest/APIReference/API_Operations.html>

mod ciphertext;
mod key;
mod key_ring;
mod requests;
#[cfg(test)]
mod tests;

use std::io;
use std::path::Path;
use std::sync::Arc;

use aws_lc_rs::rand;
use serde_json::{Value, json};
use tandem_domain::Clock;

use super::durable::Durable;
use super::wire::{Blob, Emulation, Fault, epoch_seconds, parse, unknown_operation};
use ciphertext::{Ciphertext, Context};
use key::{ALGORITHM, Key};
use key_ring::KeyRing;
use requests::{
    AliasRequest, CreateKeyRequest, DecryptRequest, EncryptRequest, GenerateDataKeyRequest,
    KeyRequest, ReEncryptRequest, ScheduleKeyDeletionRequest,
};

/// The longest plaintext that Encrypt takes, in bytes.
const PLAINTEXT_LIMIT: usize = 4096;

/// The emulation of KMS.
pub(super) struct Kms {
    ring: Durable<KeyRing>,
    clock: Arc<dyn Clock>,
}

impl Emulation for Kms {
    const TARGET: &'static str = "TrentService";
    const CONTENT_TYPE: &'static str = "application/x-amz-json-1.1";

    async fn call(&self, operation: &str, body: &[u8]) -> Result<Value, Fault> {
        match operation {
            "CreateKey" => self.create_key(&parse(body)?),
            "DescribeKey" => self.describe_key(&parse(body)?),
            "EnableKey" => self.change_key(&parse(body)?, |key| key.enable(true)),
            "DisableKey" => self.change_key(&parse(body)?, |key| key.enable(false)),
            "ScheduleKeyDeletion" => self.schedule_key_deletion(&parse(body)?),
            "CancelKeyDeletion" => self.cancel_key_deletion(&parse(body)?),
            "RotateKeyOnDemand" => self.rotate_key_on_demand(&parse(body)?),
            "CreateAlias" => self.create_alias(&parse(body)?),
            "UpdateAlias" => self.update_alias(&parse(body)?),
            "GenerateDataKey" => self.generate_data_key(&parse(body)?),
            "Encrypt" => self.encrypt(&parse(body)?),
            "Decrypt" => self.decrypt(&parse(body)?),
            "ReEncrypt" => self.re_encrypt(&parse(body)?),
            _ => Err(unknown_operation(operation)),
        }
    }
}

impl Kms {
    /// Opens the keys, in `data_dir` or in memory.
    pub(super) fn open(data_dir: Option<&Path>, clock: Arc<dyn Clock>) -> io::Result<Self> {
        Ok(Self { ring: Durable::open(data_dir, "kms.json")?, clock })
    }

    fn now(&self) -> i64 {
        self.clock.now().as_millis()
    }

    fn create_key(&self, request: &CreateKeyRequest) -> Result<Value, Fault> {
        request.check()?;
        let key = Key::new(&request.description, self.now())?;
        let metadata = key.metadata();
        self.ring.change(|ring| {
            ring.bury(self.now());
            ring.add(key);
            Ok(json!({ "KeyMetadata": metadata }))
        })
    }

    fn describe_key(&self, request: &KeyRequest) -> Result<Value, Fault> {
        self.ring.read(|ring| {
            let key = ring.find(&request.key_id, self.now())?;
            Ok(json!({ "KeyMetadata": key.metadata() }))
        })
    }

    fn change_key(
        &self,
        request: &KeyRequest,
        change: impl FnOnce(&mut Key) -> Result<(), Fault>,
    ) -> Result<Value, Fault> {
        self.ring.change(|ring| {
            ring.bury(self.now());
            change(ring.find_mut(&request.key_id)?)?;
            Ok(json!({}))
        })
    }

    fn schedule_key_deletion(&self, request: &ScheduleKeyDeletionRequest) -> Result<Value, Fault> {
        let window = request.pending_window_in_days.unwrap_or(30);
        self.ring.change(|ring| {
            ring.bury(self.now());
            let key = ring.find_mut(&request.key_id)?;
            let deletion = key.schedule_deletion(window, self.now())?;
            Ok(json!({
                "KeyId": key.arn(),
                "KeyState": key.state(),
                "DeletionDate": epoch_seconds(deletion),
                "PendingWindowInDays": window,
            }))
        })
    }

    fn cancel_key_deletion(&self, request: &KeyRequest) -> Result<Value, Fault> {
        self.ring.change(|ring| {
            ring.bury(self.now());
            let key = ring.find_mut(&request.key_id)?;
            key.cancel_deletion()?;
            Ok(json!({ "KeyId": key.arn() }))
        })
    }

    fn rotate_key_on_demand(&self, request: &KeyRequest) -> Result<Value, Fault> {
        self.ring.change(|ring| {
            ring.bury(self.now());
            let key = ring.find_mut(&request.key_id)?;
            key.rotate()?;
            Ok(json!({ "KeyId": key.id() }))
        })
    }

    fn create_alias(&self, request: &AliasRequest) -> Result<Value, Fault> {
        self.ring.change(|ring| {
            ring.bury(self.now());
            ring.create_alias(&request.alias_name, &request.target_key_id)?;
            Ok(json!({}))
        })
    }

    fn update_alias(&self, request: &AliasRequest) -> Result<Value, Fault> {
        self.ring.change(|ring| {
            ring.bury(self.now());
            ring.update_alias(&request.alias_name, &request.target_key_id)?;
            Ok(json!({}))
        })
    }

    fn generate_data_key(&self, request: &GenerateDataKeyRequest) -> Result<Value, Fault> {
        let mut plaintext = Blob(vec![0; request.length()?]);
        rand::fill(&mut plaintext.0)?;
        self.ring.read(|ring| {
            let key = ring.find(&request.key_id, self.now())?;
            let sealed = key.seal(&plaintext.0, &request.encryption_context)?;
            Ok(json!({
                "KeyId": key.arn(),
                "CiphertextBlob": sealed,
                "Plaintext": plaintext,
            }))
        })
    }

    fn encrypt(&self, request: &EncryptRequest) -> Result<Value, Fault> {
        if request.plaintext.0.is_empty() || request.plaintext.0.len() > PLAINTEXT_LIMIT {
            return Err(Fault::new(
                "ValidationException",
                format!("Plaintext must have 1 to {PLAINTEXT_LIMIT} bytes"),
            ));
        }
        self.ring.read(|ring| {
            let key = ring.find(&request.key_id, self.now())?;
            let sealed = key.seal(&request.plaintext.0, &request.encryption_context)?;
            Ok(json!({
                "KeyId": key.arn(),
                "CiphertextBlob": sealed,
                "EncryptionAlgorithm": ALGORITHM,
            }))
        })
    }

    fn decrypt(&self, request: &DecryptRequest) -> Result<Value, Fault> {
        self.ring.read(|ring| {
            let expected = request.key_id.as_deref();
            let context = &request.encryption_context;
            let (key, plaintext) =
                open(ring, &request.ciphertext_blob, expected, context, self.now())?;
            Ok(json!({
                "KeyId": key.arn(),
                "Plaintext": plaintext,
                "EncryptionAlgorithm": ALGORITHM,
            }))
        })
    }

    fn re_encrypt(&self, request: &ReEncryptRequest) -> Result<Value, Fault> {
        self.ring.read(|ring| {
            let expected = request.source_key_id.as_deref();
            let context = &request.source_encryption_context;
            let (source, plaintext) =
                open(ring, &request.ciphertext_blob, expected, context, self.now())?;
            let destination = ring.find(&request.destination_key_id, self.now())?;
            let sealed = destination.seal(&plaintext.0, &request.destination_encryption_context)?;
            Ok(json!({
                "CiphertextBlob": sealed,
                "SourceKeyId": source.arn(),
                "KeyId": destination.arn(),
                "SourceEncryptionAlgorithm": ALGORITHM,
                "DestinationEncryptionAlgorithm": ALGORITHM,
            }))
        })
    }
}

/// Opens a ciphertext, with the key it names itself; `expected` is the key the caller insists on.
fn open<'ring>(
    ring: &'ring KeyRing,
    blob: &Blob,
    expected: Option<&str>,
    context: &Context,
    now: i64,
) -> Result<(&'ring Key, Blob), Fault> {
    let expected = expected.map(|name| ring.find(name, now)).transpose()?;
    let ciphertext = Ciphertext::read(&blob.0)?;
    let key = ring.of_ciphertext(&ciphertext.key_id, now)?;
    if expected.is_some_and(|expected| expected.id() != key.id()) {
        return Err(Fault::new(
            "IncorrectKeyException",
            "The key ID in the request does not identify a key that can perform this operation.",
        ));
    }
    Ok((key, Blob(key.open(&ciphertext, context)?)))
}
