//! What a channel wants to be told of, as somebody writes it:
//! `bug,task created,commented status:done priority:high assignee:me label:urgent secured`.
//!
//! What has white space in it stands in quotation marks: `"new feature" assignee:"Ada Berg"`.

use tandem_domain::{IssueEvent, StatusCategory};

use super::text::trimmed;

/// A filter as it was written. What is left empty admits everything.
#[cfg_attr(test, derive(Debug))]
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct FilterWords {
    /// Names of issue types.
    pub(crate) types: Vec<String>,
    /// Kinds of event.
    pub(crate) events: Vec<IssueEvent>,
    /// Where the status stands.
    pub(crate) statuses: Vec<StatusCategory>,
    /// Names of priorities.
    pub(crate) priorities: Vec<String>,
    /// Names of people; `me` is who writes.
    pub(crate) assignees: Vec<String>,
    /// Labels.
    pub(crate) labels: Vec<String>,
    /// Issues with a security level as well.
    pub(crate) secured: bool,
    /// Restricted comments as well.
    pub(crate) restricted: bool,
    /// What means nothing.
    pub(crate) unknown: Vec<String>,
}

/// What a line is made of.
enum Piece {
    Word(String),
    Comma,
    Colon,
}

/// Reads the words of a filter.
pub(super) fn parse(words: &str) -> FilterWords {
    let mut found = FilterWords::default();
    let mut pieces = pieces(words).into_iter().peekable();
    let mut field: Option<String> = None;
    let mut listing = false;
    while let Some(piece) = pieces.next() {
        let Piece::Word(word) = piece else {
            // `bug, task`: the list goes on.
            listing |= matches!(piece, Piece::Comma);
            continue;
        };
        if pieces.next_if(|next| matches!(next, Piece::Colon)).is_some() {
            field = Some(word.to_lowercase());
            listing = true;
            continue;
        }
        if !std::mem::take(&mut listing) {
            field = None;
        }
        match &field {
            None => found.bare(&word),
            Some(field) => found.of_field(field, word),
        }
    }
    found
}

impl FilterWords {
    /// A word without a field: an event, a permission to tell more, or an issue type.
    fn bare(&mut self, word: &str) {
        let lower = trimmed(word).to_lowercase();
        if let Some(event) = IssueEvent::parse(&lower) {
            return self.events.push(event);
        }
        match lower.as_str() {
            "" => {}
            "secured" => self.secured = true,
            "restricted" => self.restricted = true,
            _ => self.types.push(trimmed(word).to_owned()),
        }
    }

    fn of_field(&mut self, field: &str, word: String) {
        match field {
            "type" | "types" => self.types.push(word),
            "priority" | "priorities" => self.priorities.push(word),
            "assignee" | "assignees" => self.assignees.push(word),
            "label" | "labels" => self.labels.push(word),
            "event" | "events" => match IssueEvent::parse(&word.to_lowercase()) {
                Some(event) => self.events.push(event),
                None => self.unknown.push(word),
            },
            "status" => match status(&word) {
                Some(category) => self.statuses.push(category),
                None => self.unknown.push(word),
            },
            field => self.unknown.push(format!("{field}:{word}")),
        }
    }
}

/// Where a status stands, by Jira's keys and by the words Jira shows for them.
fn status(word: &str) -> Option<StatusCategory> {
    let word: String = word.chars().filter(|c| c.is_alphanumeric()).collect();
    match word.to_lowercase().as_str() {
        "new" | "todo" => Some(StatusCategory::New),
        "indeterminate" | "inprogress" | "progress" => Some(StatusCategory::Indeterminate),
        "done" => Some(StatusCategory::Done),
        _ => None,
    }
}

/// Splits a line into words, commas and colons. What stands in quotation marks is one word; the
/// first colon of a word ends its field, any further one belongs to it.
fn pieces(line: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut word = String::new();
    let (mut quoted, mut colon_seen) = (false, false);
    let end = |word: &mut String, pieces: &mut Vec<Piece>| {
        let ended = std::mem::take(word);
        if !ended.trim().is_empty() {
            pieces.push(Piece::Word(ended.trim().to_owned()));
        }
    };
    for c in line.chars() {
        match c {
            '"' => {
                quoted = !quoted;
                if !quoted {
                    end(&mut word, &mut pieces);
                }
            }
            _ if quoted => word.push(c),
            _ if c.is_whitespace() => {
                end(&mut word, &mut pieces);
                colon_seen = false;
            }
            ',' | ';' => {
                end(&mut word, &mut pieces);
                pieces.push(Piece::Comma);
                colon_seen = false;
            }
            ':' if !colon_seen => {
                end(&mut word, &mut pieces);
                pieces.push(Piece::Colon);
                colon_seen = true;
            }
            c => word.push(c),
        }
    }
    end(&mut word, &mut pieces);
    pieces
}
