//! Why a command was not done, in words for who typed it.

use aws_sdk_sqs::error::{ProvideErrorMetadata, SdkError};
use tandem_store::StoreError;

/// Why a command was not done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpsError {
    /// A name of the deployment is not known.
    #[error("{0} is not set; docs/OPERATIONS.md, tandem-ops, says how, or give --local")]
    NotSet(&'static str),
    /// The local stack does not answer as one.
    #[error("no local stack answers at {0}")]
    NoLocalStack(String),
    /// SQS refused or was out of reach.
    #[error("{operation}: {code}: {message}")]
    Sqs {
        /// The action that IAM knows it by.
        operation: &'static str,
        /// SQS's word for it.
        code: String,
        /// SQS's explanation; it names principals, actions and resources.
        message: String,
    },
    /// The table refused or was out of reach.
    #[error("the table: {0}")]
    Table(#[from] StoreError),
    /// The function `upkeep` did not do what it was told.
    #[error("upkeep: {0}")]
    Upkeep(String),
    /// The answer could not be written.
    #[error("the answer cannot be written: {0}")]
    Output(#[from] std::io::Error),
    /// A question was not answered as it must be for something that cannot be undone.
    #[error("not confirmed; nothing was done")]
    NotConfirmed,
    /// What was asked for is not there.
    #[error("{0}")]
    NotFound(String),
    /// A part of what was asked for was done.
    #[error("{0}")]
    Partly(String),
}

impl OpsError {
    /// What came of a call to SQS.
    pub(crate) fn sqs<E: ProvideErrorMetadata>(
        operation: &'static str,
    ) -> impl Fn(SdkError<E>) -> Self {
        move |error| {
            let told = error.as_service_error().map(ProvideErrorMetadata::meta);
            let code = told.and_then(|meta| meta.code()).unwrap_or("NotReached").to_owned();
            let said = told.and_then(|meta| meta.message());
            let message = said.unwrap_or("no answer, or no credentials").to_owned();
            Self::Sqs { operation, code, message }
        }
    }
}
