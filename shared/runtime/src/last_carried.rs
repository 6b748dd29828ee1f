//! What this process carried last between an issue and a chat, and what it saw when it looked far
//! back, so that what lies right before the next one need not be looked up.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tandem_domain::{AccountId, ChatId, CloudId, CommentId, IssueId, MessageId, Timestamp};

/// Of how many pairs the last one is remembered at most; beyond it all are forgotten and looked up
/// again.
const REMEMBERED: usize = 10_000;
/// Of how many pairs a look far back is remembered at most, each of up to a thousand ids: those at
/// which much is written at once.
const LOOKED: usize = 64;

/// An issue and a chat.
pub type Pair = (CloudId, IssueId, ChatId);

/// A comment or a message, as far as order goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written<I> {
    /// Which one.
    pub id: I,
    /// When it was written.
    pub created: Timestamp,
    /// Who wrote it at Jira, where that is to be known.
    pub author: Option<AccountId>,
    /// Whether it is to be carried, by what it says itself.
    pub crosses: bool,
}

impl<I: AsRef<str>> Written<I> {
    /// What the order goes by: the time of writing, and the number where that is the same.
    pub fn order(&self) -> (Timestamp, usize, &str) {
        let id = self.id.as_ref();
        (self.created, id.len(), id)
    }
}

/// What was seen, the newest first.
pub type Look<I> = Arc<[Written<I>]>;

/// One side of all pairs.
#[derive(Debug)]
pub struct OneSide<I> {
    last: Mutex<HashMap<Pair, I>>,
    looked: Mutex<HashMap<Pair, Look<I>>>,
}

/// The last comment and the last message of each pair that are known to stand on both sides.
#[derive(Debug, Default)]
pub struct LastCarried {
    /// On the issues.
    pub comments: OneSide<CommentId>,
    /// In the chats.
    pub messages: OneSide<MessageId>,
}

impl<I> Default for OneSide<I> {
    fn default() -> Self {
        Self { last: Mutex::default(), looked: Mutex::default() }
    }
}

impl<I: Clone + PartialEq> OneSide<I> {
    /// The last one that was carried.
    pub fn last(&self, pair: &Pair) -> Option<I> {
        held(&self.last).get(pair).cloned()
    }

    /// One stands on both sides, and so does all before it.
    pub fn note(&self, pair: Pair, last: I) {
        keep(&self.last, pair, last, REMEMBERED);
    }

    /// What was seen in the last look far back, if this one was among it: what was written before it
    /// was, too.
    pub fn seen_with(&self, pair: &Pair, id: &I) -> Option<Look<I>> {
        let looked = held(&self.looked).get(pair).cloned()?;
        looked.iter().any(|seen| seen.id == *id).then_some(looked)
    }

    /// Notes what was seen in a look far back.
    pub fn note_look(&self, pair: Pair, look: Look<I>) {
        keep(&self.looked, pair, look, LOOKED);
    }
}

fn held<T>(kept: &Mutex<HashMap<Pair, T>>) -> MutexGuard<'_, HashMap<Pair, T>> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

fn keep<T>(kept: &Mutex<HashMap<Pair, T>>, pair: Pair, value: T, most: usize) {
    let mut kept = held(kept);
    if kept.len() >= most && !kept.contains_key(&pair) {
        kept.clear();
    }
    kept.insert(pair, value);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(number: usize) -> Pair {
        let cloud = CloudId::parse("11223344-a1b2-4b33-8444-def123456789").unwrap();
        let chat = ChatId::parse("19:0123456789abcdef0123456789abcdef@thread.v2").unwrap();
        (cloud, IssueId::parse(&number.to_string()).unwrap(), chat)
    }

    fn comment(number: usize) -> CommentId {
        CommentId::parse(&number.to_string()).unwrap()
    }

    #[test]
    fn the_last_of_each_pair_is_remembered_until_there_are_too_many() {
        let carried = LastCarried::default();
        let last = &carried.comments;
        last.note(pair(1), comment(5));
        last.note(pair(1), comment(6));
        assert_eq!(last.last(&pair(1)), Some(comment(6)));
        assert_eq!(last.last(&pair(2)), None);
        assert_eq!(carried.messages.last(&pair(1)), None);
        for number in 2..=REMEMBERED {
            last.note(pair(number), comment(7));
        }
        last.note(pair(2), comment(8));
        assert_eq!(last.last(&pair(1)), Some(comment(6)));
        last.note(pair(REMEMBERED + 1), comment(7));
        assert_eq!(last.last(&pair(1)), None);
    }

    #[test]
    fn a_look_is_of_use_to_those_who_were_seen_in_it() {
        let carried = LastCarried::default();
        let written = |number| {
            let created = Timestamp::from_secs(1_800_000_000);
            Written { id: comment(number), created, author: None, crosses: true }
        };
        let look: Look<CommentId> = [written(7), written(6)].into();
        carried.comments.note_look(pair(1), Arc::clone(&look));
        assert_eq!(carried.comments.seen_with(&pair(1), &comment(6)), Some(look));
        assert_eq!(carried.comments.seen_with(&pair(1), &comment(8)), None);
        assert_eq!(carried.comments.seen_with(&pair(2), &comment(6)), None);
    }
}
