//! What this process carried last between an issue and a chat, so that what lies right before the next
//! one need not be looked up.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use tandem_domain::{ChatId, CloudId, CommentId, IssueId, MessageId};

/// Of how many pairs it is remembered at most; beyond it all are forgotten and looked up again.
const REMEMBERED: usize = 10_000;

/// An issue and a chat.
pub type Pair = (CloudId, IssueId, ChatId);

/// The last comment and the last message of each pair that are known to stand on both sides.
#[derive(Debug, Default)]
pub struct LastCarried {
    comments: Mutex<HashMap<Pair, CommentId>>,
    messages: Mutex<HashMap<Pair, MessageId>>,
}

impl LastCarried {
    /// The last comment.
    pub fn comment(&self, pair: &Pair) -> Option<CommentId> {
        self.comments.lock().unwrap_or_else(PoisonError::into_inner).get(pair).cloned()
    }

    /// The last message.
    pub fn message(&self, pair: &Pair) -> Option<MessageId> {
        self.messages.lock().unwrap_or_else(PoisonError::into_inner).get(pair).cloned()
    }

    /// A comment stands on both sides, and so does all before it.
    pub fn note_comment(&self, pair: Pair, comment: CommentId) {
        keep(&self.comments, pair, comment);
    }

    /// A message stands on both sides, and so does all before it.
    pub fn note_message(&self, pair: Pair, message: MessageId) {
        keep(&self.messages, pair, message);
    }
}

fn keep<T>(kept: &Mutex<HashMap<Pair, T>>, pair: Pair, last: T) {
    let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
    if kept.len() >= REMEMBERED {
        kept.clear();
    }
    kept.insert(pair, last);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(number: usize) -> Pair {
        let cloud = CloudId::parse("11223344-a1b2-4b33-8444-def123456789").unwrap();
        let chat = ChatId::parse("19:0123456789abcdef0123456789abcdef@thread.v2").unwrap();
        (cloud, IssueId::parse(&number.to_string()).unwrap(), chat)
    }

    #[test]
    fn the_last_of_each_pair_is_remembered_until_there_are_too_many() {
        let last = LastCarried::default();
        let comment = |number: usize| CommentId::parse(&number.to_string()).unwrap();
        last.note_comment(pair(1), comment(5));
        last.note_comment(pair(1), comment(6));
        assert_eq!(last.comment(&pair(1)), Some(comment(6)));
        assert_eq!(last.comment(&pair(2)), None);
        assert_eq!(last.message(&pair(1)), None);
        for number in 2..=REMEMBERED {
            last.note_comment(pair(number), comment(7));
        }
        assert_eq!(last.comment(&pair(1)), Some(comment(6)));
        last.note_comment(pair(REMEMBERED + 1), comment(7));
        assert_eq!(last.comment(&pair(1)), None);
    }
}
