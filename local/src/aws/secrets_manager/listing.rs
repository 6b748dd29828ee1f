//! What the local page shows of the secrets.

use serde::Serialize;

/// A secret without its values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SecretListing {
    /// The secret's name.
    pub name: String,
    /// The KMS key that Secrets Manager was told to use.
    pub kms_key: Option<String>,
    /// Its versions, oldest first.
    pub versions: Vec<VersionListing>,
    /// When it was marked for deletion, in milliseconds since 1970.
    pub deleted_at: Option<i64>,
}

/// A version without its value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VersionListing {
    /// The version's id.
    pub id: String,
    /// The labels that stand on it.
    pub stages: Vec<String>,
    /// How long its value is, in bytes.
    pub size: usize,
    /// When it was written, in milliseconds since 1970.
    pub created: i64,
}
