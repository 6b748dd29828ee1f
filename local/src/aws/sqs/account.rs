//! All queues of the account, and what passes between them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::super::wire::Fault;
use super::attributes::Attributes;
use super::listing::QueueListing;
use super::message::{md5, sequence_number};
use super::move_task::MoveTask;
use super::queue::Queue;
use super::requests::NewMessage;
use super::{fault, invalid_value};

/// The queues by name.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) struct Account {
    pub(super) queues: BTreeMap<String, Queue>,
    /// Newest last.
    pub(super) move_tasks: Vec<MoveTask>,
    last_sequence: u64,
}

impl Account {
    /// Makes a queue; one of the same name that has the attributes asked for is good, too.
    pub(super) fn create(
        &mut self,
        name: &str,
        attributes: Attributes,
        now: i64,
    ) -> Result<(), Fault> {
        check_name(name)?;
        attributes.check()?;
        self.check_dead_letter_queue(&attributes)?;
        if !attributes.0.contains_key("FifoQueue") {
            return Err(invalid_value("a queue whose name ends in .fifo needs FifoQueue = true"));
        }
        match self.queues.get(name) {
            None => {
                self.queues.insert(name.to_owned(), Queue::new(name, attributes, now));
                Ok(())
            }
            Some(queue) if queue.attributes.satisfy(&attributes) => Ok(()),
            Some(_) => Err(fault(
                "QueueNameExists",
                "QueueAlreadyExists",
                "A queue already exists with the same name and a different value for an attribute.",
            )),
        }
    }

    /// Changes attributes of a queue.
    pub(super) fn set_attributes(
        &mut self,
        url: &str,
        given: Attributes,
        now: i64,
    ) -> Result<(), Fault> {
        given.check()?;
        self.check_dead_letter_queue(&given)?;
        self.queue_mut(url)?.set_attributes(given, now);
        Ok(())
    }

    /// The queue of a URL (of which only the name at its end counts) or of a name.
    pub(super) fn queue(&self, url: &str) -> Result<&Queue, Fault> {
        self.queues.get(name_in(url, '/')).ok_or_else(no_such_queue)
    }

    /// The same, to change it.
    pub(super) fn queue_mut(&mut self, url: &str) -> Result<&mut Queue, Fault> {
        self.queues.get_mut(name_in(url, '/')).ok_or_else(no_such_queue)
    }

    /// The queue of an ARN.
    pub(super) fn by_arn(&self, arn: &str) -> Option<&Queue> {
        self.queues.get(name_in(arn, ':'))
    }

    /// The same, to change it.
    pub(super) fn by_arn_mut(&mut self, arn: &str) -> Option<&mut Queue> {
        self.queues.get_mut(name_in(arn, ':'))
    }

    /// The names of the queues whose undeliverable messages go to the queue of this ARN.
    pub(super) fn sources_of(&self, arn: &str) -> Vec<String> {
        let feeds = |queue: &&Queue| {
            queue.attributes.redrive_policy().is_some_and(|policy| policy.target_arn == arn)
        };
        self.queues.values().filter(feeds).map(|queue| queue.name.clone()).collect()
    }

    /// The number of the next message.
    pub(super) fn next_sequence(&mut self) -> u64 {
        self.last_sequence += 1;
        self.last_sequence
    }

    /// Sends a message; the answer of SendMessage, and of an entry of a batch.
    pub(super) fn send(&mut self, url: &str, new: &NewMessage, now: i64) -> Result<Value, Fault> {
        let sequence = self.next_sequence();
        let accepted = self.queue_mut(url)?.send(new, sequence, now)?;
        Ok(json!({
            "MessageId": accepted.message_id,
            "MD5OfMessageBody": md5(&new.message_body),
            "SequenceNumber": sequence_number(accepted.sequence),
        }))
    }

    /// Whether time has nothing to do.
    pub(super) fn is_settled(&self, now: i64) -> bool {
        self.queues.values().all(|queue| queue.is_settled(now))
    }

    /// Does what time does: expires messages, and moves those received too often to their
    /// dead-letter queue, behind what is there.
    pub(super) fn settle(&mut self, now: i64) {
        let names: Vec<String> = self.queues.keys().cloned().collect();
        for name in names {
            let Some(queue) = self.queues.get_mut(&name) else { continue };
            let undeliverable = queue.settle(now);
            let arn = queue.arn();
            let Some(policy) = queue.attributes.redrive_policy() else { continue };
            for mut message in undeliverable {
                message.sequence = self.next_sequence();
                message.receipt = None;
                message.visible = now;
                message.dead_letter_source = Some(arn.clone());
                if let Some(target) = self.by_arn_mut(&policy.target_arn) {
                    target.messages.push(message);
                }
            }
        }
    }

    /// Every queue, for the local page.
    pub(super) fn listing(&self, now: i64) -> Vec<QueueListing> {
        let listed = |queue: &Queue| {
            let in_flight = queue.in_flight(now);
            QueueListing {
                name: queue.name.clone(),
                dead_letters_of: self.sources_of(&queue.arn()),
                waiting: queue.messages.len() - in_flight,
                in_flight,
                messages: queue.messages.iter().map(|message| message.listing(now)).collect(),
            }
        };
        self.queues.values().map(listed).collect()
    }

    /// How many messages there are, those of dead-letter queues apart.
    pub(super) fn left(&self) -> usize {
        let work = self.queues.values().filter(|queue| self.sources_of(&queue.arn()).is_empty());
        work.map(|queue| queue.messages.len()).sum()
    }

    fn check_dead_letter_queue(&self, attributes: &Attributes) -> Result<(), Fault> {
        match attributes.redrive_policy() {
            Some(policy) if self.by_arn(&policy.target_arn).is_none() => {
                Err(invalid_value("RedrivePolicy: the dead-letter target does not exist."))
            }
            _ => Ok(()),
        }
    }
}

fn name_in(address: &str, separator: char) -> &str {
    address.rsplit_once(separator).map_or(address, |(_, name)| name)
}

fn check_name(name: &str) -> Result<(), Fault> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    match name.strip_suffix(".fifo") {
        Some(stem) if (1..=75).contains(&stem.len()) && stem.bytes().all(allowed) => Ok(()),
        Some(_) => Err(invalid_value(
            "a queue's name has 1 to 80 letters, digits, hyphens and underscores",
        )),
        None => Err(invalid_value("the local stack has FIFO queues only (name.fifo)")),
    }
}

fn no_such_queue() -> Fault {
    fault(
        "QueueDoesNotExist",
        "AWS.SimpleQueueService.NonExistentQueue",
        "The specified queue does not exist.",
    )
}
