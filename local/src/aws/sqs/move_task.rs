//! Moving messages out of a dead-letter queue.
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html>

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::super::wire::{Fault, random_uuid};
use super::account::Account;
use super::message::Message;
use super::{fault, invalid_value};

/// A move, which here is over when its call is answered.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct MoveTask {
    source_arn: String,
    destination_arn: Option<String>,
    moved: usize,
    started: i64,
}

impl MoveTask {
    /// An entry of ListMessageMoveTasks.
    pub(super) fn listed(&self) -> Value {
        let mut listed = json!({
            "Status": "COMPLETED",
            "SourceArn": self.source_arn,
            "ApproximateNumberOfMessagesMoved": self.moved,
            "ApproximateNumberOfMessagesToMove": self.moved,
            "StartedTimestamp": self.started,
        });
        if let Some(arn) = &self.destination_arn {
            listed["DestinationArn"] = json!(arn);
        }
        listed
    }
}

impl Account {
    /// Moves the waiting messages of a dead-letter queue to `destination`, or each back to where it
    /// came from. There they are new: new id, new time, not yet received. Answers the task's handle.
    pub(super) fn move_messages(
        &mut self,
        source: &str,
        destination: Option<&str>,
        now: i64,
    ) -> Result<String, Fault> {
        let sources = self.sources_of(source);
        if sources.is_empty() {
            return Err(invalid_value("SourceArn must be the ARN of a dead-letter queue."));
        }
        if destination.is_some_and(|arn| self.by_arn(arn).is_none()) {
            return Err(no_such_resource());
        }
        let queue = self.by_arn_mut(source).ok_or_else(no_such_resource)?;
        let (waiting, staying) =
            std::mem::take(&mut queue.messages).into_iter().partition(|message: &Message| {
                let has_way = destination.is_some() || message.dead_letter_source.is_some();
                message.is_visible(now) && has_way
            });
        queue.messages = staying;
        let moved = self.put_back(waiting, destination, now)?;
        self.move_tasks.push(MoveTask {
            source_arn: source.to_owned(),
            destination_arn: destination.map(str::to_owned),
            moved,
            started: now,
        });
        random_uuid()
    }

    /// The moves out of a queue, newest first.
    pub(super) fn move_tasks(
        &self,
        source: &str,
    ) -> Result<impl Iterator<Item = &MoveTask>, Fault> {
        self.by_arn(source).ok_or_else(no_such_resource)?;
        Ok(self.move_tasks.iter().rev().filter(move |task| task.source_arn == source))
    }

    fn put_back(
        &mut self,
        messages: Vec<Message>,
        destination: Option<&str>,
        now: i64,
    ) -> Result<usize, Fault> {
        let count = messages.len();
        for message in messages {
            let origin = message.dead_letter_source.clone();
            let sequence = self.next_sequence();
            let arn = destination.map(str::to_owned).or(origin).ok_or_else(no_such_resource)?;
            let queue = self.by_arn_mut(&arn).ok_or_else(no_such_resource)?;
            queue.messages.push(Message {
                id: random_uuid()?,
                sequence,
                sent: now,
                visible: now,
                receive_count: 0,
                first_received: None,
                receipt: None,
                dead_letter_source: None,
                ..message
            });
        }
        Ok(count)
    }
}

fn no_such_resource() -> Fault {
    fault(
        "ResourceNotFoundException",
        "ResourceNotFoundException",
        "One or more specified resources don't exist.",
    )
}
