//! Under which keys a grant's tokens are sealed.

use serde::{Deserialize, Serialize};
use tandem_domain::KmsKeyId;

/// The two KMS keys under which a grant's tokens are sealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seal {
    /// The key that wraps the envelope's data key.
    pub envelope_key: KmsKeyId,
    /// The key under which Secrets Manager encrypts the secret.
    pub secrets_key: KmsKeyId,
}

impl Seal {
    /// As part of a key in the index of what is due.
    pub(super) fn part(&self) -> String {
        format!("{}#{}", self.envelope_key, self.secrets_key)
    }
}
