//! One FIFO queue.
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-understanding-logic.html>

use std::collections::{BTreeMap, HashSet};

use aws_lc_rs::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};

use super::super::wire::{ACCOUNT, Fault, REGION, hex, random_uuid};
use super::attributes::Attributes;
use super::message::{Message, message_of};
use super::requests::{NewMessage, check_visibility};
use super::{fault, invalid_value};

/// How long a deduplication id is remembered, in milliseconds.
const DEDUPLICATION_INTERVAL: i64 = 5 * 60 * 1000;

/// So many more are remembered than need be before the old ones are looked for.
const SOME: usize = 100;

/// A message that was accepted, remembered for deduplication.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Accepted {
    pub(super) message_id: String,
    pub(super) sequence: u64,
    at: i64,
}

/// A queue: its messages in their order, and what it accepted lately.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Queue {
    pub(super) name: String,
    pub(super) attributes: Attributes,
    pub(super) messages: Vec<Message>,
    created: i64,
    modified: i64,
    accepted: BTreeMap<String, Accepted>,
    /// With how many more of those the old ones are looked for again.
    #[serde(skip)]
    forget_beyond: usize,
}

impl Queue {
    pub(super) fn new(name: &str, attributes: Attributes, now: i64) -> Self {
        Self {
            name: name.to_owned(),
            attributes,
            messages: Vec::new(),
            created: now,
            modified: now,
            accepted: BTreeMap::new(),
            forget_beyond: 0,
        }
    }

    pub(super) fn arn(&self) -> String {
        format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{}", self.name)
    }

    /// Sets attributes.
    pub(super) fn set_attributes(&mut self, given: Attributes, now: i64) {
        self.attributes.extend(given);
        self.modified = now;
    }

    /// Everything that GetQueueAttributes can show.
    pub(super) fn describe(&self, now: i64) -> BTreeMap<String, String> {
        let in_flight = self.in_flight(now);
        let visible = self.messages.iter().filter(|message| message.is_visible(now)).count();
        let mut shown = self.attributes.all();
        let mut show = |name: &str, value: String| shown.insert(name.to_owned(), value);
        show("QueueArn", self.arn());
        show("CreatedTimestamp", self.created.div_euclid(1000).to_string());
        show("LastModifiedTimestamp", self.modified.div_euclid(1000).to_string());
        show("ApproximateNumberOfMessages", visible.to_string());
        show("ApproximateNumberOfMessagesNotVisible", in_flight.to_string());
        let delayed = self.messages.len() - visible - in_flight;
        show("ApproximateNumberOfMessagesDelayed", delayed.to_string());
        shown
    }

    /// How many messages are with a receiver.
    pub(super) fn in_flight(&self, now: i64) -> usize {
        self.messages.iter().filter(|message| message.is_in_flight(now)).count()
    }

    /// Accepts a message, or answers for the one that was accepted under the same deduplication id
    /// within five minutes. `sequence` is the number for a new message.
    pub(super) fn send(
        &mut self,
        new: &NewMessage,
        sequence: u64,
        now: i64,
    ) -> Result<Accepted, Fault> {
        new.check()?;
        self.check_body(&new.message_body)?;
        let group = group_of(new)?;
        let dedup = self.deduplication_id_of(new)?;
        let key = self.deduplication_key(&group, &dedup);
        if let Some(accepted) = self.accepted.get(&key).filter(|accepted| accepted.counts(now)) {
            return Ok(accepted.clone());
        }
        let accepted = Accepted { message_id: random_uuid()?, sequence, at: now };
        self.messages.push(Message {
            id: accepted.message_id.clone(),
            group,
            dedup,
            body: new.message_body.clone(),
            sequence,
            sent: now,
            visible: now + self.attributes.delay_seconds() * 1000,
            receive_count: 0,
            first_received: None,
            receipt: None,
            dead_letter_source: None,
        });
        self.accepted.insert(key, accepted.clone());
        Ok(accepted)
    }

    /// The places of the messages that can be received, in order: none of a group of which one is
    /// in flight, and none behind one that is held back.
    pub(super) fn deliverable(&self, now: i64) -> Vec<usize> {
        let in_flight = self.messages.iter().filter(|message| message.is_in_flight(now));
        let mut blocked: HashSet<&str> = in_flight.map(|message| message.group.as_str()).collect();
        let mut places = Vec::new();
        for (place, message) in self.messages.iter().enumerate() {
            if !message.is_visible(now) {
                blocked.insert(&message.group);
            } else if !blocked.contains(message.group.as_str()) {
                places.push(place);
            }
        }
        places
    }

    /// Receives up to `limit` messages, for `visibility` seconds or as long as the queue says.
    pub(super) fn receive(
        &mut self,
        limit: usize,
        visibility: Option<i64>,
        now: i64,
    ) -> Result<Vec<Message>, Fault> {
        let visibility = visibility.unwrap_or_else(|| self.attributes.visibility_seconds());
        let mut received = Vec::new();
        for place in self.deliverable(now).into_iter().take(limit) {
            if let Some(message) = self.messages.get_mut(place) {
                message.take(visibility, now)?;
                received.push(message.clone());
            }
        }
        Ok(received)
    }

    /// Deletes a received message; one that is not there any more is no error.
    pub(super) fn delete(&mut self, handle: &str, now: i64) -> Result<(), Fault> {
        let id = message_of(handle)?;
        if let Some(place) = self.messages.iter().position(|message| message.id == id) {
            if let Some(message) = self.messages.get(place) {
                message.check_receipt(handle, now)?;
            }
            self.messages.remove(place);
        }
        Ok(())
    }

    /// Gives a receiver `seconds` from now; none makes the message visible at once.
    pub(super) fn change_visibility(
        &mut self,
        handle: &str,
        seconds: i64,
        now: i64,
    ) -> Result<(), Fault> {
        check_visibility(seconds)?;
        let id = message_of(handle)?;
        let message = self.messages.iter_mut().find(|message| message.id == id);
        let message = message.filter(|message| message.is_in_flight(now)).ok_or_else(|| {
            fault(
                "MessageNotInflight",
                "AWS.SimpleQueueService.MessageNotInflight",
                "The specified message isn't in flight.",
            )
        })?;
        message.check_receipt(handle, now)?;
        message.visible = now + seconds * 1000;
        Ok(())
    }

    /// Whether time has nothing to do here: no message too old, none received too often.
    pub(super) fn is_settled(&self, now: i64) -> bool {
        let (limit, oldest) = (self.receive_limit(), self.oldest(now));
        !self
            .messages
            .iter()
            .any(|message| message.sent <= oldest || is_undeliverable(message, limit, now))
    }

    /// Forgets what is too old; takes out the messages that were received too often.
    pub(super) fn settle(&mut self, now: i64) -> Vec<Message> {
        if self.accepted.len() > self.forget_beyond {
            self.accepted.retain(|_, accepted| accepted.counts(now));
            self.forget_beyond = self.accepted.len() * 2 + SOME;
        }
        if self.is_settled(now) {
            return Vec::new();
        }
        let (limit, oldest) = (self.receive_limit(), self.oldest(now));
        self.messages.retain(|message| message.sent > oldest);
        self.messages.extract_if(.., |message| is_undeliverable(message, limit, now)).collect()
    }

    fn receive_limit(&self) -> Option<u32> {
        self.attributes.redrive_policy().map(|policy| policy.max_receive_count)
    }

    /// What was sent then or before is kept no longer.
    fn oldest(&self, now: i64) -> i64 {
        now - self.attributes.retention_seconds() * 1000
    }

    fn check_body(&self, body: &str) -> Result<(), Fault> {
        let limit = self.attributes.message_limit();
        if body.is_empty() || body.len() > limit {
            return Err(invalid_value(format!("A message must have 1 to {limit} bytes.")));
        }
        let allowed = |character: char| matches!(character, '\t' | '\n' | '\r' | ' '..='\u{FFFD}' | '\u{10000}'..);
        if body.chars().all(allowed) {
            return Ok(());
        }
        Err(fault(
            "InvalidMessageContents",
            "InvalidMessageContents",
            "The message contains characters outside the allowed set.",
        ))
    }

    fn deduplication_id_of(&self, new: &NewMessage) -> Result<String, Fault> {
        match &new.message_deduplication_id {
            Some(id) => checked_id("MessageDeduplicationId", id),
            None if self.attributes.content_based_deduplication() => {
                Ok(hex(digest(&SHA256, new.message_body.as_bytes()).as_ref()))
            }
            None => Err(invalid_value(
                "The queue should either have ContentBasedDeduplication enabled or \
                 MessageDeduplicationId provided explicitly",
            )),
        }
    }

    fn deduplication_key(&self, group: &str, dedup: &str) -> String {
        // Neither id can contain a space.
        if self.attributes.deduplicates_by_group() {
            format!("{group} {dedup}")
        } else {
            dedup.to_owned()
        }
    }
}

impl Accepted {
    fn counts(&self, now: i64) -> bool {
        self.at + DEDUPLICATION_INTERVAL > now
    }
}

fn is_undeliverable(message: &Message, limit: Option<u32>, now: i64) -> bool {
    message.is_visible(now) && limit.is_some_and(|limit| message.receive_count >= limit)
}

fn group_of(new: &NewMessage) -> Result<String, Fault> {
    match &new.message_group_id {
        Some(group) => checked_id("MessageGroupId", group),
        None => Err(fault(
            "MissingParameter",
            "MissingParameter",
            "The request must contain the parameter MessageGroupId.",
        )),
    }
}

/// Refuses a group or deduplication id outside of what AWS allows.
fn checked_id(parameter: &str, id: &str) -> Result<String, Fault> {
    if (1..=128).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(id.to_owned());
    }
    Err(invalid_value(format!(
        "{parameter} can only include alphanumeric and punctuation characters. 1 to 128 in length."
    )))
}
