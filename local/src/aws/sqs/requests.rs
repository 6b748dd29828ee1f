//! What the calls to SQS say.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::super::wire::Fault;
use super::invalid_value;

/// The longest visibility timeout, in seconds.
pub(super) const VISIBILITY_LIMIT: i64 = 43_200;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct QueueRequest {
    pub(super) queue_url: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CreateQueueRequest {
    pub(super) queue_name: String,
    #[serde(default)]
    pub(super) attributes: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetQueueUrlRequest {
    pub(super) queue_name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetQueueAttributesRequest {
    pub(super) queue_url: String,
    #[serde(default)]
    pub(super) attribute_names: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SetQueueAttributesRequest {
    pub(super) queue_url: String,
    pub(super) attributes: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SendMessageRequest {
    pub(super) queue_url: String,
    #[serde(flatten)]
    pub(super) message: NewMessage,
}

/// A message as its sender gives it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct NewMessage {
    pub(super) message_body: String,
    pub(super) message_group_id: Option<String>,
    pub(super) message_deduplication_id: Option<String>,
    delay_seconds: Option<i64>,
    #[serde(default)]
    message_attributes: serde_json::Map<String, serde_json::Value>,
}

impl NewMessage {
    /// Refuses what a FIFO queue does not take, and what is not emulated.
    pub(super) fn check(&self) -> Result<(), Fault> {
        if self.delay_seconds.is_some_and(|delay| delay != 0) {
            return Err(invalid_value(
                "DelaySeconds is invalid. Reason: the request includes a parameter that is not \
                 valid for this queue type.",
            ));
        }
        if !self.message_attributes.is_empty() {
            return Err(invalid_value("the local stack does not emulate message attributes"));
        }
        Ok(())
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SendMessageBatchRequest {
    pub(super) queue_url: String,
    #[serde(default)]
    pub(super) entries: Vec<SendMessageBatchEntry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SendMessageBatchEntry {
    pub(super) id: String,
    #[serde(flatten)]
    pub(super) message: NewMessage,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ReceiveMessageRequest {
    pub(super) queue_url: String,
    pub(super) max_number_of_messages: Option<usize>,
    pub(super) visibility_timeout: Option<i64>,
    pub(super) wait_time_seconds: Option<i64>,
    #[serde(default)]
    attribute_names: Vec<String>,
    #[serde(default)]
    message_system_attribute_names: Vec<String>,
}

impl ReceiveMessageRequest {
    /// Refuses numbers out of their range.
    pub(super) fn check(&self) -> Result<(), Fault> {
        if !self.max_number_of_messages.is_none_or(|count| (1..=10).contains(&count)) {
            return Err(invalid_value("MaxNumberOfMessages must be between 1 and 10"));
        }
        if !self.wait_time_seconds.is_none_or(|wait| (0..=20).contains(&wait)) {
            return Err(invalid_value("WaitTimeSeconds must be between 0 and 20"));
        }
        self.visibility_timeout.map_or(Ok(()), check_visibility)
    }

    /// The names of the attributes wanted, by their newer and older parameter.
    pub(super) fn attributes(&self) -> Vec<&str> {
        let names = self.message_system_attribute_names.iter().chain(&self.attribute_names);
        names.map(String::as_str).collect()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DeleteMessageRequest {
    pub(super) queue_url: String,
    pub(super) receipt_handle: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DeleteMessageBatchRequest {
    pub(super) queue_url: String,
    #[serde(default)]
    pub(super) entries: Vec<DeleteMessageBatchEntry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DeleteMessageBatchEntry {
    pub(super) id: String,
    pub(super) receipt_handle: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ChangeMessageVisibilityRequest {
    pub(super) queue_url: String,
    pub(super) receipt_handle: String,
    pub(super) visibility_timeout: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct StartMessageMoveTaskRequest {
    pub(super) source_arn: String,
    pub(super) destination_arn: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListMessageMoveTasksRequest {
    pub(super) source_arn: String,
    pub(super) max_results: Option<usize>,
}

/// Refuses a visibility timeout (seconds) out of its range.
pub(super) fn check_visibility(seconds: i64) -> Result<(), Fault> {
    if (0..=VISIBILITY_LIMIT).contains(&seconds) {
        return Ok(());
    }
    Err(invalid_value(format!("VisibilityTimeout must be between 0 and {VISIBILITY_LIMIT}")))
}
