//! One symmetric key: its states and its generations of material.
//! <https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html>

use aws_lc_rs::rand;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::super::wire::{ACCOUNT, Blob, Fault, REGION, days, epoch_seconds, random_uuid};
use super::ciphertext::{self, Ciphertext, Context};

/// The one algorithm of symmetric keys.
pub(super) const ALGORITHM: &str = "SYMMETRIC_DEFAULT";

/// How often a key can be rotated on demand.
const ROTATION_LIMIT: usize = 25;

/// Where a key is in its life.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum State {
    /// Can be used.
    Enabled,
    /// Can be enabled again.
    Disabled,
    /// Is destroyed at `at` (milliseconds) unless that is cancelled.
    PendingDeletion {
        /// Milliseconds since 1970.
        at: i64,
    },
}

/// A key with its material, of which the last generation seals and every one opens.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Key {
    id: String,
    description: String,
    created: i64,
    state: State,
    generations: Vec<Blob>,
}

impl Key {
    /// A new, enabled key.
    pub(super) fn new(description: &str, now: i64) -> Result<Self, Fault> {
        Ok(Self {
            id: random_uuid()?,
            description: description.to_owned(),
            created: now,
            state: State::Enabled,
            generations: vec![material()?],
        })
    }

    /// The key's UUID.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// The key's ARN, which is what most answers call `KeyId`.
    pub(super) fn arn(&self) -> String {
        format!("arn:aws:kms:{REGION}:{ACCOUNT}:key/{}", self.id)
    }

    /// The state's name.
    pub(super) fn state(&self) -> &'static str {
        match self.state {
            State::Enabled => "Enabled",
            State::Disabled => "Disabled",
            State::PendingDeletion { .. } => "PendingDeletion",
        }
    }

    /// Whether the time of its deletion has come.
    pub(super) fn is_gone(&self, now: i64) -> bool {
        matches!(self.state, State::PendingDeletion { at } if at <= now)
    }

    /// `KeyMetadata` as DescribeKey shows it.
    pub(super) fn metadata(&self) -> Value {
        let mut metadata = json!({
            "AWSAccountId": ACCOUNT,
            "KeyId": self.id,
            "Arn": self.arn(),
            "CreationDate": epoch_seconds(self.created),
            "Enabled": self.state == State::Enabled,
            "Description": self.description,
            "KeyUsage": "ENCRYPT_DECRYPT",
            "KeyState": self.state(),
            "Origin": "AWS_KMS",
            "KeyManager": "CUSTOMER",
            "KeySpec": ALGORITHM,
            "CustomerMasterKeySpec": ALGORITHM,
            "EncryptionAlgorithms": [ALGORITHM],
            "MultiRegion": false,
        });
        if let State::PendingDeletion { at } = self.state {
            metadata["DeletionDate"] = epoch_seconds(at);
        }
        metadata
    }

    /// Enables or disables the key.
    pub(super) fn enable(&mut self, enabled: bool) -> Result<(), Fault> {
        self.refuse_pending_deletion()?;
        self.state = if enabled { State::Enabled } else { State::Disabled };
        Ok(())
    }

    /// Marks the key for deletion in 7 to 30 days; answers when that will be (milliseconds).
    pub(super) fn schedule_deletion(&mut self, window: i64, now: i64) -> Result<i64, Fault> {
        if !(7..=30).contains(&window) {
            let message = "PendingWindowInDays must be between 7 and 30";
            return Err(Fault::new("ValidationException", message));
        }
        self.refuse_pending_deletion()?;
        let at = now + days(window);
        self.state = State::PendingDeletion { at };
        Ok(at)
    }

    /// Takes the mark away; the key is then disabled.
    pub(super) fn cancel_deletion(&mut self) -> Result<(), Fault> {
        match self.state {
            State::PendingDeletion { .. } => {
                self.state = State::Disabled;
                Ok(())
            }
            State::Enabled | State::Disabled => Err(Fault::new(
                "KMSInvalidStateException",
                format!("{} is not pending deletion.", self.arn()),
            )),
        }
    }

    /// Adds a generation of material, which seals from now on.
    pub(super) fn rotate(&mut self) -> Result<(), Fault> {
        self.require_enabled()?;
        if self.generations.len() > ROTATION_LIMIT {
            let message = "The key was rotated on demand as often as it can be.";
            return Err(Fault::new("LimitExceededException", message));
        }
        self.generations.push(material()?);
        Ok(())
    }

    /// Seals under the latest generation.
    pub(super) fn seal(&self, plaintext: &[u8], context: &Context) -> Result<Blob, Fault> {
        self.require_enabled()?;
        let newest = self.generations.len().saturating_sub(1);
        let material = self.generations.get(newest).ok_or_else(ciphertext::invalid)?;
        let generation = u32::try_from(newest).map_err(|_| ciphertext::invalid())?;
        ciphertext::seal(&self.id, generation, &material.0, plaintext, context)
    }

    /// Opens with the generation that sealed.
    pub(super) fn open(
        &self,
        ciphertext: &Ciphertext<'_>,
        context: &Context,
    ) -> Result<Vec<u8>, Fault> {
        self.require_enabled()?;
        let material = usize::try_from(ciphertext.generation)
            .ok()
            .and_then(|generation| self.generations.get(generation))
            .ok_or_else(ciphertext::invalid)?;
        ciphertext.open(&material.0, context)
    }

    fn require_enabled(&self) -> Result<(), Fault> {
        self.refuse_pending_deletion()?;
        match self.state {
            State::Disabled => {
                Err(Fault::new("DisabledException", format!("{} is disabled.", self.arn())))
            }
            State::Enabled | State::PendingDeletion { .. } => Ok(()),
        }
    }

    fn refuse_pending_deletion(&self) -> Result<(), Fault> {
        match self.state {
            State::PendingDeletion { .. } => Err(Fault::new(
                "KMSInvalidStateException",
                format!("{} is pending deletion.", self.arn()),
            )),
            State::Enabled | State::Disabled => Ok(()),
        }
    }
}

fn material() -> Result<Blob, Fault> {
    let mut bytes = vec![0; 32];
    rand::fill(&mut bytes)?;
    Ok(Blob(bytes))
}
