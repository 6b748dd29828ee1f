//! What the local page shows of the queues.

use serde::Serialize;

/// A queue and everything in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct QueueListing {
    /// The queue's name.
    pub name: String,
    /// The queues whose undeliverable messages come here.
    pub dead_letters_of: Vec<String>,
    /// How many messages wait to be received (delayed ones too).
    pub waiting: usize,
    /// How many are with a receiver.
    pub in_flight: usize,
    /// The messages, in their order.
    pub messages: Vec<MessageListing>,
}

/// One message, whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MessageListing {
    /// The message's id.
    pub id: String,
    /// Its message group.
    pub group: String,
    /// Its deduplication id.
    pub dedup: String,
    /// Its body.
    pub body: String,
    /// How often it was received.
    pub receive_count: u32,
    /// Where it is.
    pub state: MessageState,
}

/// Where a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageState {
    /// Can be received, as soon as its group lets it.
    Waiting,
    /// With a receiver.
    InFlight,
    /// Held back by the queue's delay.
    Delayed,
}
