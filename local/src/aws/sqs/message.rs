//! A message in a queue.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::super::wire::{Fault, random_uuid};
use super::listing::{MessageListing, MessageState};
use super::{fault, invalid_value};

/// A message; times are milliseconds since 1970.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Message {
    pub(super) id: String,
    pub(super) group: String,
    pub(super) dedup: String,
    pub(super) body: String,
    pub(super) sequence: u64,
    pub(super) sent: i64,
    pub(super) visible: i64,
    pub(super) receive_count: u32,
    pub(super) first_received: Option<i64>,
    /// The latest receipt handle.
    pub(super) receipt: Option<String>,
    /// The ARN of the queue that it was taken out of as undeliverable.
    pub(super) dead_letter_source: Option<String>,
}

impl Message {
    /// Whether it was received and its visibility timeout has not run out.
    pub(super) fn is_in_flight(&self, now: i64) -> bool {
        self.receipt.is_some() && self.visible > now
    }

    /// Whether it can be received, as far as it alone is concerned.
    pub(super) fn is_visible(&self, now: i64) -> bool {
        self.visible <= now
    }

    /// Takes it in flight for `visibility` seconds, under a new receipt handle.
    pub(super) fn take(&mut self, visibility: i64, now: i64) -> Result<(), Fault> {
        self.receipt = Some(receipt_handle(&self.id)?);
        self.visible = now + visibility * 1000;
        self.receive_count += 1;
        self.first_received.get_or_insert(now);
        Ok(())
    }

    /// Refuses a receipt handle that is not the latest, or whose time has run out: on a FIFO queue
    /// neither deletes a message.
    pub(super) fn check_receipt(&self, handle: &str, now: i64) -> Result<(), Fault> {
        if self.receipt.as_deref() == Some(handle) && self.is_in_flight(now) {
            return Ok(());
        }
        Err(invalid_value(
            "The value for parameter ReceiptHandle is invalid. Reason: The receipt handle has \
             expired.",
        ))
    }

    /// An entry of ReceiveMessage, with the attributes that were asked for.
    pub(super) fn received(&self, wanted: &[&str]) -> Value {
        let attributes: Map<String, Value> = self
            .attributes()
            .into_iter()
            .filter(|(name, _)| wanted.iter().any(|wanted| wanted == name || *wanted == "All"))
            .filter_map(|(name, value)| Some((name.to_owned(), json!(value?))))
            .collect();
        let mut shown = json!({
            "MessageId": self.id,
            "ReceiptHandle": self.receipt,
            "MD5OfBody": md5(&self.body),
            "Body": self.body,
        });
        if !attributes.is_empty() {
            shown["Attributes"] = Value::Object(attributes);
        }
        shown
    }

    /// The same for the local page.
    pub(super) fn listing(&self, now: i64) -> MessageListing {
        let state = match (self.is_in_flight(now), self.is_visible(now)) {
            (true, _) => MessageState::InFlight,
            (false, true) => MessageState::Waiting,
            (false, false) => MessageState::Delayed,
        };
        MessageListing {
            id: self.id.clone(),
            group: self.group.clone(),
            dedup: self.dedup.clone(),
            body: self.body.clone(),
            receive_count: self.receive_count,
            state,
        }
    }

    fn attributes(&self) -> [(&'static str, Option<String>); 8] {
        [
            ("SenderId", Some(super::super::wire::ACCOUNT.to_owned())),
            ("SentTimestamp", Some(self.sent.to_string())),
            ("ApproximateReceiveCount", Some(self.receive_count.to_string())),
            ("ApproximateFirstReceiveTimestamp", self.first_received.map(|at| at.to_string())),
            ("SequenceNumber", Some(sequence_number(self.sequence))),
            ("MessageDeduplicationId", Some(self.dedup.clone())),
            ("MessageGroupId", Some(self.group.clone())),
            ("DeadLetterQueueSourceArn", self.dead_letter_source.clone()),
        ]
    }
}

/// The 20 digits in which a queue numbers its messages.
pub(super) fn sequence_number(sequence: u64) -> String {
    format!("{sequence:020}")
}

/// The checksum of a body that SQS sends along.
pub(super) fn md5(body: &str) -> String {
    format!("{:x}", md5::compute(body))
}

/// The message id in a receipt handle.
pub(super) fn message_of(handle: &str) -> Result<String, Fault> {
    let malformed = || {
        fault("ReceiptHandleIsInvalid", "ReceiptHandleIsInvalid", "The receipt handle is invalid.")
    };
    let decoded = URL_SAFE_NO_PAD.decode(handle).map_err(|_| malformed())?;
    let text = String::from_utf8(decoded).map_err(|_| malformed())?;
    let (id, _) = text.split_once(' ').ok_or_else(malformed)?;
    Ok(id.to_owned())
}

fn receipt_handle(message_id: &str) -> Result<String, Fault> {
    Ok(URL_SAFE_NO_PAD.encode(format!("{message_id} {}", random_uuid()?)))
}
