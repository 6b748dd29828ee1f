//! What can go wrong with an envelope.

use tandem_domain::Failure;

/// Why an envelope was not sealed or opened. Says nothing of what is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    /// It is not an envelope, was changed, belongs to somebody else, or was sealed under another
    /// key. Which of these is not told.
    #[error("the envelope does not open")]
    Refused,
    /// It names a key that this deployment does not work with.
    #[error("the envelope names a key that is not configured")]
    UnknownKey,
    /// The key is disabled, about to be deleted, gone, or not ours to use: an operator's matter.
    #[error("the envelope's key cannot be used")]
    KeyUnusable,
    /// KMS is throttled or out of reach.
    #[error("the key service is unavailable")]
    Unavailable,
}

impl From<EnvelopeError> for Failure {
    fn from(error: EnvelopeError) -> Self {
        match error {
            EnvelopeError::Refused => Self::Fault { what: "envelope_refused" },
            EnvelopeError::UnknownKey => Self::Fault { what: "envelope_key_unknown" },
            EnvelopeError::KeyUnusable => Self::Fault { what: "envelope_key_unusable" },
            EnvelopeError::Unavailable => Self::Retry { what: "kms_unavailable", after: None },
        }
    }
}

/// The faults that say that a KMS key is disabled, about to be deleted, gone or not configured: an
/// operator's matter at once.
pub const KEY_TROUBLE: [&str; 3] =
    ["envelope_key_unknown", "envelope_key_unusable", "secrets_key_unusable"];

/// Whether a failure is one of [`KEY_TROUBLE`].
pub fn is_key_trouble(failure: &Failure) -> bool {
    matches!(failure, Failure::Fault { what } if KEY_TROUBLE.contains(what))
}
