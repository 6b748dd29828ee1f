//! What can go wrong at the table.

use aws_sdk_dynamodb::{
    config::http::HttpResponse,
    error::{ProvideErrorMetadata, SdkError},
    operation::{
        delete_item::DeleteItemError, put_item::PutItemError,
        transact_write_items::TransactWriteItemsError, update_item::UpdateItemError,
    },
};
use tandem_domain::Failure;

/// What can go wrong at the table. Says nothing of what the items hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// A condition did not hold: somebody else wrote first.
    #[error("the item changed meanwhile")]
    Conflict,
    /// The table is throttled or out of reach.
    #[error("the table is unavailable ({0})")]
    Unavailable(String),
    /// An item that this version cannot read.
    #[error("an item of {0} cannot be read")]
    Unreadable(&'static str),
    /// A cursor that leads nowhere in what was asked for: it was given out for something else, or
    /// made up.
    #[error("the cursor is of something else")]
    ForeignCursor,
    /// DynamoDB refused the call.
    #[error("the table refused the call ({0})")]
    Refused(String),
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict => Self::Retry { what: "table_conflict", after: None },
            StoreError::Unavailable(_) => Self::Retry { what: "table_unavailable", after: None },
            StoreError::Unreadable(_) => Self::Fault { what: "table_item_unreadable" },
            StoreError::ForeignCursor => Self::Fault { what: "table_cursor" },
            StoreError::Refused(_) => Self::Fault { what: "table_refused" },
        }
    }
}

/// What [`StoreError::Unavailable`] says when another transaction had hold of an item.
pub(crate) const CONTENDED: &str = "TransactionConflict";

/// Whether an operation's error says that its condition did not hold.
pub(crate) trait Conditional {
    fn condition_failed(&self) -> bool {
        false
    }

    /// Whether another transaction had hold of an item.
    fn contended(&self) -> bool {
        false
    }
}

impl Conditional for PutItemError {
    fn condition_failed(&self) -> bool {
        self.is_conditional_check_failed_exception()
    }
}
impl Conditional for UpdateItemError {
    fn condition_failed(&self) -> bool {
        self.is_conditional_check_failed_exception()
    }
}
impl Conditional for DeleteItemError {
    fn condition_failed(&self) -> bool {
        self.is_conditional_check_failed_exception()
    }
}
impl Conditional for TransactWriteItemsError {
    fn condition_failed(&self) -> bool {
        cancelled_for(self, "ConditionalCheckFailed")
    }
    fn contended(&self) -> bool {
        cancelled_for(self, "TransactionConflict")
    }
}

fn cancelled_for(error: &TransactWriteItemsError, code: &str) -> bool {
    match error {
        TransactWriteItemsError::TransactionCanceledException(cancelled) => {
            cancelled.cancellation_reasons().iter().any(|reason| reason.code() == Some(code))
        }
        _ => false,
    }
}
impl Conditional for aws_sdk_dynamodb::operation::get_item::GetItemError {}
impl Conditional for aws_sdk_dynamodb::operation::query::QueryError {}
impl Conditional for aws_sdk_dynamodb::operation::batch_get_item::BatchGetItemError {}

impl<E: Conditional + ProvideErrorMetadata> From<SdkError<E, HttpResponse>> for StoreError {
    fn from(error: SdkError<E, HttpResponse>) -> Self {
        let Some(service) = error.as_service_error() else {
            return Self::Unavailable("no_answer".to_owned());
        };
        if service.condition_failed() {
            return Self::Conflict;
        }
        if service.contended() {
            return Self::Unavailable(CONTENDED.to_owned());
        }
        let code = service.code().unwrap_or("unknown").to_owned();
        if error.raw_response().is_some_and(|answer| answer.status().is_server_error()) {
            return Self::Unavailable(code);
        }
        match code.as_str() {
            "ProvisionedThroughputExceededException"
            | "ThrottlingException"
            | "RequestLimitExceeded"
            | "InternalServerError"
            | "ServiceUnavailable"
            | "TransactionCanceledException"
            | "TransactionConflictException"
            | "TransactionInProgressException" => Self::Unavailable(code),
            _ => Self::Refused(code),
        }
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::types::{CancellationReason, error::TransactionCanceledException};

    use super::*;

    #[test]
    fn a_transaction_says_why_it_was_cancelled() {
        for (codes, failed, contended) in [
            (&["None", "ConditionalCheckFailed"][..], true, false),
            (&["TransactionConflict", "None"], false, true),
            (&["ThrottlingError"], false, false),
            (&[], false, false),
        ] {
            let reasons =
                codes.iter().map(|code| CancellationReason::builder().code(*code).build());
            let cancelled = TransactionCanceledException::builder()
                .set_cancellation_reasons(Some(reasons.collect()))
                .build();
            let error = TransactWriteItemsError::TransactionCanceledException(cancelled);
            assert_eq!((error.condition_failed(), error.contended()), (failed, contended));
        }
    }
}
