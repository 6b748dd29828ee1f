//! What must hold in the end: what people wrote on one side stands on the other exactly once, in its
//! order, as they last wrote it, and nothing else does.

use std::collections::{BTreeMap, BTreeSet};

use crate::truth::{Comment, Message, Pair, Truth};

/// One way in which it does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fault {
    /// It did not cross, and nothing says why.
    Lost,
    /// It crossed more than once.
    Twice,
    /// What was written later stands before it.
    OutOfOrder,
    /// It does not say what it was last changed to.
    Stale,
    /// It was deleted, and its copy was not.
    Remains,
    /// It crossed and came back.
    Echo,
    /// It must not cross, and did.
    Crossed,
    /// It did not cross, and a dead letter or the link's state says so.
    Refused,
}

/// What was found, with a line about each.
#[derive(Clone, Debug, Default)]
pub(crate) struct Findings {
    /// The faults.
    pub(crate) found: Vec<(Fault, String)>,
    /// How many comments and messages were looked at that stand on both sides.
    pub(crate) crossed: usize,
}

impl Findings {
    /// How many there are of each kind.
    pub(crate) fn counts(&self) -> BTreeMap<Fault, usize> {
        let mut counts = BTreeMap::new();
        for (fault, _) in &self.found {
            *counts.entry(*fault).or_default() += 1;
        }
        counts
    }

    /// Those that are no refusal that can be seen.
    pub(crate) fn broken(&self) -> impl Iterator<Item = &(Fault, String)> {
        self.found.iter().filter(|(fault, _)| *fault != Fault::Refused)
    }
}

/// Looks at everything.
pub(crate) fn judge(truth: &Truth) -> Findings {
    let mut findings = Findings::default();
    for pair in &truth.pairs {
        let dead = truth.dead.contains(&(pair.cloud.clone(), pair.issue.clone()));
        Judge { pair, visible: dead || pair.state != "active", findings: &mut findings }.all();
    }
    findings
}

struct Judge<'a> {
    pair: &'a Pair,
    /// Whether a refusal of something of this pair can be seen.
    visible: bool,
    findings: &'a mut Findings,
}

impl Judge<'_> {
    fn all(&mut self) {
        self.judge_chat();
        self.judge_issue();
        self.strangers();
    }

    fn fault(&mut self, fault: Fault, what: &str) {
        let Pair { issue, chat, state, .. } = self.pair;
        self.findings.found.push((fault, format!("issue {issue} ({state}), chat {chat}: {what}")));
    }

    /// What is missing or stale may be so where a dead letter or a state tells of it.
    fn excused(&mut self, fault: Fault, what: &str) {
        self.fault(if self.visible { Fault::Refused } else { fault }, what);
    }

    /// The same where it may be that nobody but one person could mend it: what stands under their
    /// name is theirs to change. Of somebody who must sign in again Tandem says so.
    fn theirs(&mut self, by: Option<usize>, fault: Fault, what: &str) {
        let signed_out = by.is_some_and(|by| self.pair.signed_out.contains(&by));
        if signed_out {
            self.fault(Fault::Refused, what);
        } else {
            self.excused(fault, what);
        }
    }

    fn judge_chat(&mut self) {
        let pair = self.pair;
        let mut copies: BTreeMap<u64, Vec<&Message>> = BTreeMap::new();
        for message in pair.messages.iter().filter(|message| !message.deleted) {
            if let Some(comment) = message.comment {
                copies.entry(comment).or_default().push(message);
            }
        }
        for comment in pair.comments.iter().filter(|comment| pair.source(comment).is_none()) {
            let copies = copies.remove(&comment.id).unwrap_or_default();
            let what = format!("comment {} ({:?})", comment.id, comment.token);
            match copies[..] {
                [] if comment.restricted => {}
                [_, ..] if comment.restricted => self.fault(Fault::Crossed, &what),
                [] => self.excused(Fault::Lost, &what),
                [copy] if copy.token != comment.token => {
                    let what = format!("{what}: the message says {:?}", copy.token);
                    self.theirs(copy.by, Fault::Stale, &what);
                }
                [_] => self.findings.crossed += 1,
                _ => self.fault(Fault::Twice, &what),
            }
        }
        let known: BTreeSet<u64> = pair.comments.iter().map(|comment| comment.id).collect();
        for (comment, copies) in copies {
            let what = format!("message of comment {comment}");
            if known.contains(&comment) {
                self.fault(Fault::Echo, &what);
            } else {
                self.theirs(copies[0].by, Fault::Remains, &what);
            }
        }
        self.in_order(pair.messages.iter().filter_map(|message| message.comment), "messages");
    }

    fn judge_issue(&mut self) {
        let pair = self.pair;
        let mut copies: BTreeMap<&str, Vec<&Comment>> = BTreeMap::new();
        for comment in &pair.comments {
            if let Some(message) = pair.source(comment) {
                copies.entry(message).or_default().push(comment);
            }
        }
        let people = |message: &&Message| message.by_somebody && !message.marked;
        for message in pair.messages.iter().filter(people) {
            let copies = copies.remove(message.id.as_str()).unwrap_or_default();
            let what = format!("message {} ({:?})", message.id, message.token);
            match copies[..] {
                [] if message.deleted => {}
                [copy, ..] if message.deleted => self.theirs(copy.by, Fault::Remains, &what),
                [] => self.excused(Fault::Lost, &what),
                [copy] if copy.token != message.token => {
                    let what = format!("{what}: the comment says {:?}", copy.token);
                    self.theirs(copy.by, Fault::Stale, &what);
                }
                [_] => self.findings.crossed += 1,
                _ => self.fault(Fault::Twice, &what),
            }
        }
        for (message, _) in copies {
            self.fault(Fault::Echo, &format!("comment of message {message}, which is Tandem's"));
        }
        let messages = pair.comments.iter().filter_map(|comment| pair.source(comment));
        let messages: Vec<u64> = messages.map(|message| message.parse().unwrap()).collect();
        self.in_order(messages.into_iter(), "comments");
    }

    /// Copies stand in the order of what they are copies of.
    fn in_order(&mut self, ids: impl Iterator<Item = u64>, what: &str) {
        let mut highest = 0;
        for id in ids {
            if id < highest {
                self.excused(Fault::OutOfOrder, &format!("{what}: {id} behind {highest}"));
            }
            highest = highest.max(id);
        }
    }

    /// The same text twice among what people wrote themselves would be an echo that lost its mark.
    fn strangers(&mut self) {
        let pair = self.pair;
        let mut seen = BTreeSet::new();
        let own = pair.messages.iter().filter(|message| !message.marked && message.by_somebody);
        for (number, _) in own.filter_map(|message| message.token) {
            if !seen.insert(number) {
                self.fault(Fault::Echo, &format!("text {number} stands in the chat again"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comment(id: u64, token: usize) -> Comment {
        Comment { id, token: Some((token, 0)), restricted: false, by: Some(0), names: None }
    }

    fn copy_of(comment: u64, token: usize) -> Message {
        Message {
            id: (1000 + comment).to_string(),
            token: Some((token, 0)),
            deleted: false,
            marked: true,
            comment: Some(comment),
            by_somebody: true,
            by: Some(0),
        }
    }

    fn message(id: u64, token: usize) -> Message {
        Message { id: id.to_string(), marked: false, comment: None, ..copy_of(1, token) }
    }

    fn comment_of(id: u64, message: u64, token: usize) -> Comment {
        Comment { names: Some(("chat".to_owned(), message.to_string())), ..comment(id, token) }
    }

    fn pair(comments: Vec<Comment>, messages: Vec<Message>) -> Pair {
        Pair {
            cloud: "cloud".to_owned(),
            issue: "issue".to_owned(),
            chat: "chat".to_owned(),
            comments,
            messages,
            state: "active".to_owned(),
            signed_out: BTreeSet::new(),
        }
    }

    fn judged(comments: Vec<Comment>, messages: Vec<Message>) -> Vec<Fault> {
        let truth = Truth { pairs: vec![pair(comments, messages)], ..Truth::default() };
        judge(&truth).found.into_iter().map(|(fault, _)| fault).collect()
    }

    #[test]
    fn what_stands_on_both_sides_once_and_in_order_is_fine() {
        let comments = vec![comment(1, 1), comment(2, 2), comment_of(3, 50, 3)];
        let messages = vec![copy_of(1, 1), message(50, 3), copy_of(2, 2)];
        assert_eq!(judged(comments, messages), []);
    }

    #[test]
    fn each_fault_is_found() {
        let restricted = || Comment { restricted: true, ..comment(1, 1) };
        let edited = || Comment { token: Some((1, 4)), ..comment(1, 1) };
        let deleted = || Message { deleted: true, ..message(50, 3) };
        let (c, m) = (comment, message);
        for (comments, messages, faults) in [
            (vec![c(1, 1)], vec![], vec![Fault::Lost]),
            (vec![c(1, 1)], vec![copy_of(1, 1), copy_of(1, 1)], vec![Fault::Twice]),
            (vec![edited()], vec![copy_of(1, 1)], vec![Fault::Stale]),
            (vec![restricted()], vec![copy_of(1, 1)], vec![Fault::Crossed]),
            (vec![restricted()], vec![], vec![]),
            (vec![], vec![copy_of(1, 1)], vec![Fault::Remains]),
            (vec![c(1, 1), c(2, 2)], vec![copy_of(2, 2), copy_of(1, 1)], vec![Fault::OutOfOrder]),
            (vec![], vec![m(50, 3)], vec![Fault::Lost]),
            (vec![comment_of(1, 50, 3)], vec![deleted()], vec![Fault::Remains]),
            (vec![comment_of(1, 50, 3), comment_of(2, 50, 3)], vec![m(50, 3)], vec![Fault::Twice]),
            (
                vec![comment_of(1, 51, 4), comment_of(2, 50, 3)],
                vec![m(50, 3), m(51, 4)],
                vec![Fault::OutOfOrder],
            ),
            (vec![comment_of(1, 50, 3)], vec![m(50, 3), copy_of(1, 3)], vec![Fault::Echo]),
        ] {
            let found = judged(comments.clone(), messages.clone());
            assert_eq!(found, faults, "{comments:?} {messages:?}");
        }
    }

    #[test]
    fn what_a_state_tells_of_is_a_refusal() {
        let mut truth = Truth::default();
        let state = "needs_sign_in".to_owned();
        truth.pairs.push(Pair { state, ..pair(vec![comment(1, 1)], Vec::new()) });
        let findings = judge(&truth);
        assert_eq!(findings.counts(), BTreeMap::from([(Fault::Refused, 1)]));
        assert_eq!(findings.broken().count(), 0);
    }

    #[test]
    fn a_copy_is_its_writers_and_of_somebody_who_must_sign_in_again_it_is_a_refusal() {
        let edited = || Comment { token: Some((1, 4)), ..comment(1, 1) };
        for (signed_out, fault) in [(0, Fault::Refused), (1, Fault::Stale)] {
            let mut pair = pair(vec![edited()], vec![copy_of(1, 1)]);
            pair.signed_out.insert(signed_out);
            let truth = Truth { pairs: vec![pair], ..Truth::default() };
            assert_eq!(judge(&truth).counts(), BTreeMap::from([(fault, 1)]));
        }
    }
}
