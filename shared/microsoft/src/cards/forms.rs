//! The forms of the dialogs: a new issue, and a comment on one.
//!
//! A form is shown again with what was typed when it was not accepted, and says beside each field
//! what is wrong with it. So that it can always be shown again whole, its fields share the room
//! that a card has: [`Room`] decides how much each may hold.

mod comment;
mod create_issue;
mod fields;

use super::{
    elements::{Container, Element, InputChoice, TextBlock},
    text::Markdown,
};

pub use comment::{CommentForm, comment_form};
pub use create_issue::{CreateIssueForm, create_issue_form};
pub use fields::{Choice, ChoiceList, FieldErrors, FieldKind, FormField};

pub(super) use fields::choice;

/// The longest comment, in units of UTF-16.
pub(super) const MAX_COMMENT: usize = 6000;

/// How much the fields of a form may hold, in units of UTF-16. One takes three bytes at most.
#[derive(Clone, Copy)]
struct Room {
    /// A text of one line.
    line: usize,
    /// A text of several lines.
    text: usize,
}

impl Room {
    /// What there is for all texts of several lines, and all of one line.
    const ALL: Self = Self { line: 1200, text: 5000 };
    /// What each gets at least and at most.
    const LEAST: Self = Self { line: 50, text: 300 };
    const MOST: Self = Self { line: 255, text: 5000 };

    /// The share of each, of so many lines and texts.
    fn shared(lines: usize, texts: usize) -> Self {
        let share = |all: usize, by: usize, least, most| (all / by.max(1)).clamp(least, most);
        Self {
            line: share(Self::ALL.line, lines, Self::LEAST.line, Self::MOST.line),
            text: share(Self::ALL.text, texts, Self::LEAST.text, Self::MOST.text),
        }
    }
}

/// What is wrong with the form as a whole, to be shown above it.
fn general<'a, 'b>(faults: impl Iterator<Item = &'b str>) -> Option<Element<'a>> {
    let shown: Vec<Element<'_>> = faults
        .take(fields::MAX_FAULTS)
        .map(|fault| TextBlock::error(Markdown::theirs(fault, fields::MAX_FAULT)).into())
        .collect();
    (!shown.is_empty()).then(|| Container::attention(shown).into())
}
