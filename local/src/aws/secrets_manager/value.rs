//! What a version holds.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::super::wire::{Blob, Fault};
use super::invalid_parameter;

/// The longest value, in bytes.
const SIZE_LIMIT: usize = 65_536;

/// A secret's content. It has no `Debug`, so it cannot end up in a log line.
#[derive(Clone, Serialize, Deserialize)]
pub(super) enum SecretValue {
    /// `SecretString`.
    Text(String),
    /// `SecretBinary`.
    Binary(Blob),
}

impl SecretValue {
    /// Its length in bytes.
    pub(super) fn size(&self) -> usize {
        self.bytes().len()
    }

    /// Whether `other` is of the same kind and content.
    pub(super) fn same_as(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
            && verify_slices_are_equal(self.bytes(), other.bytes()).is_ok()
    }

    /// Writes it into the answer of GetSecretValue.
    pub(super) fn write(&self, answer: &mut Value) {
        match self {
            Self::Text(text) => answer["SecretString"] = json!(text),
            Self::Binary(blob) => answer["SecretBinary"] = json!(blob),
        }
    }

    fn bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Binary(blob) => &blob.0,
        }
    }
}

/// The two fields of a request, of which at most one is given.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ValueFields {
    secret_string: Option<String>,
    secret_binary: Option<Blob>,
}

impl ValueFields {
    /// The value, if one was given, of an allowed size.
    pub(super) fn read(self) -> Result<Option<SecretValue>, Fault> {
        let value = match (self.secret_string, self.secret_binary) {
            (None, None) => return Ok(None),
            (Some(text), None) => SecretValue::Text(text),
            (None, Some(blob)) => SecretValue::Binary(blob),
            (Some(_), Some(_)) => {
                return Err(invalid_parameter(
                    "You can't specify both a binary secret value and a string secret value.",
                ));
            }
        };
        if value.size() == 0 || value.size() > SIZE_LIMIT {
            return Err(Fault::new(
                "ValidationException",
                format!("the secret value must have 1 to {SIZE_LIMIT} bytes"),
            ));
        }
        Ok(Some(value))
    }
}
