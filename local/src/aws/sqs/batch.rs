//! What the batch operations have in common: limits, and an answer entry by entry.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::super::wire::Fault;
use super::fault;

/// The most entries of a batch.
const ENTRY_LIMIT: usize = 10;
/// The most bytes of all bodies of a batch.
const SIZE_LIMIT: usize = 1_048_576;

/// Refuses a batch that is empty, too long, or whose entries' ids are malformed or repeated.
pub(super) fn check<'id>(ids: impl Iterator<Item = &'id str>) -> Result<(), Fault> {
    let ids: Vec<&str> = ids.collect();
    if ids.is_empty() {
        return Err(fault(
            "EmptyBatchRequest",
            "AWS.SimpleQueueService.EmptyBatchRequest",
            "There should be at least one entry in the request.",
        ));
    }
    if ids.len() > ENTRY_LIMIT {
        return Err(fault(
            "TooManyEntriesInBatchRequest",
            "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
            format!("Maximum number of entries per request are {ENTRY_LIMIT}."),
        ));
    }
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if !ids.iter().all(|id| (1..=80).contains(&id.len()) && id.bytes().all(allowed)) {
        return Err(fault(
            "InvalidBatchEntryId",
            "AWS.SimpleQueueService.InvalidBatchEntryId",
            "An entry's id has 1 to 80 letters, digits, hyphens and underscores.",
        ));
    }
    if ids.iter().collect::<HashSet<_>>().len() < ids.len() {
        return Err(fault(
            "BatchEntryIdsNotDistinct",
            "AWS.SimpleQueueService.BatchEntryIdsNotDistinct",
            "Two entries have the same id.",
        ));
    }
    Ok(())
}

/// Refuses bodies that together are too long.
pub(super) fn check_size(total: usize) -> Result<(), Fault> {
    if total <= SIZE_LIMIT {
        return Ok(());
    }
    Err(fault(
        "BatchRequestTooLong",
        "AWS.SimpleQueueService.BatchRequestTooLong",
        format!("Batch requests cannot be longer than {SIZE_LIMIT} bytes."),
    ))
}

/// `Successful` and `Failed` from what became of each entry.
pub(super) fn answer<'id>(
    entries: impl Iterator<Item = (&'id str, Result<Value, Fault>)>,
) -> Value {
    let (mut successful, mut failed) = (Vec::new(), Vec::new());
    for (id, outcome) in entries {
        match outcome {
            Ok(mut entry) => {
                entry["Id"] = json!(id);
                successful.push(entry);
            }
            Err(fault) => failed.push(json!({
                "Id": id,
                "SenderFault": true,
                "Code": fault.code(),
                "Message": fault.message(),
            })),
        }
    }
    json!({ "Successful": successful, "Failed": failed })
}
