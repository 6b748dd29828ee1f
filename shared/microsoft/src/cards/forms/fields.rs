//! The fields of a form.

use std::collections::BTreeMap;

use tandem_domain::document::Prose;

use super::{
    super::{
        elements::{
            ChoiceStyle, Element, Input, InputBase, InputChoiceSet, InputDate, InputNumber,
            InputText, Query, TextBlock,
        },
        text::{Markdown, Plain, typed},
        texts,
    },
    InputChoice, Room,
};

/// The longest title of a choice or label of a field.
const MAX_LABEL: usize = 100;
/// The longest description of a fault.
pub(super) const MAX_FAULT: usize = 300;
/// The most faults shown above a form.
pub(super) const MAX_FAULTS: usize = 5;

/// One of a list.
#[derive(Clone, Copy)]
pub struct Choice<'a> {
    /// What comes back, an id.
    pub value: &'a str,
    /// What is shown.
    pub title: &'a str,
}

/// What there is to choose from, and what is chosen.
#[derive(Clone, Default)]
pub struct ChoiceList<'a> {
    /// The choices. Where they are too many for a card, those that are chosen and the first of the
    /// others are shown.
    pub choices: Vec<Choice<'a>>,
    /// The values chosen. Each should be one of the choices, also where it was found by
    /// typeahead, since a client has no other title for it.
    pub chosen: Vec<&'a str>,
    /// The [`dataset`](crate::cards::dataset) that typing searches; without one, typing searches
    /// the choices.
    pub dataset: Option<&'a str>,
}

/// A further field that a project demands for its issues.
#[derive(Clone)]
pub struct FormField<'a> {
    /// Jira's id of the field, and the input's.
    pub id: &'a str,
    /// Its name.
    pub label: &'a str,
    /// Whether it must be filled in.
    pub required: bool,
    /// What goes into it, and what is in it.
    pub kind: FieldKind<'a>,
}

/// What goes into a field, and what is in it.
#[derive(Clone)]
pub enum FieldKind<'a> {
    /// A text of one line.
    Text(&'a str),
    /// A text of several lines.
    LongText(&'a str),
    /// A number, as it was typed.
    Number(&'a str),
    /// A day, as `YYYY-MM-DD`.
    Date(&'a str),
    /// One of a list.
    Choice(ChoiceList<'a>),
    /// Several of a list; they come back with commas between them.
    Choices(ChoiceList<'a>),
}

/// What is wrong with a form that was not accepted.
#[derive(Clone, Copy, Default)]
pub struct FieldErrors<'a> {
    /// What is wrong with it as a whole.
    pub messages: &'a [Prose],
    /// What is wrong with a field, by the id of its input. What belongs to a field that the form
    /// does not have is shown above the form.
    pub fields: Option<&'a BTreeMap<String, Prose>>,
}

impl<'a> FieldErrors<'a> {
    /// What is wrong with this field.
    pub(super) fn of(&self, id: &str) -> Option<&'a str> {
        self.fields?.get(id).map(Prose::as_str)
    }

    /// What is wrong with none of these fields.
    pub(super) fn beyond(&self, ids: &[&str]) -> impl Iterator<Item = &'a str> {
        let fields = self.fields.into_iter().flatten();
        let beyond = fields.filter(|(id, _)| !ids.contains(&id.as_str())).map(|(_, text)| text);
        self.messages.iter().chain(beyond).map(Prose::as_str).filter(|text| !text.is_empty())
    }
}

/// How fields are shown.
#[derive(Clone, Copy)]
pub(super) struct Showing<'a> {
    pub(super) room: Room,
    pub(super) errors: FieldErrors<'a>,
    /// The most choices of a list.
    pub(super) choices: usize,
    /// Whether the client itself insists on fields that must be filled in.
    pub(super) insist: bool,
}

impl<'a> Showing<'a> {
    /// The field, and under it what is wrong with it.
    pub(super) fn field(&self, field: &FormField<'a>) -> Vec<Element<'a>> {
        let mut label = named(field.label, field.id);
        if field.required && !self.insist {
            label = label.and(texts::REQUIRED);
        }
        let base = if field.required && self.insist {
            InputBase::required(field.id, label, texts::MISSING)
        } else {
            InputBase::optional(field.id, label)
        };
        let mut shown = vec![self.input(base, &field.kind).into()];
        if let Some(fault) = self.errors.of(field.id) {
            shown.push(TextBlock::error(Markdown::theirs(fault, MAX_FAULT)).into());
        }
        shown
    }

    fn input(&self, base: InputBase<'a>, kind: &FieldKind<'a>) -> Input<'a> {
        let text = |base, value, is_multiline, max_length| InputText {
            base,
            is_multiline,
            max_length,
            placeholder: None,
            value: typed(value, max_length),
        };
        match kind {
            FieldKind::Text(value) => Input::Text(text(base, value, false, self.room.line)),
            FieldKind::LongText(value) => Input::Text(text(base, value, true, self.room.text)),
            FieldKind::Number(value) => {
                let number = value.trim().parse().ok().filter(|number: &f64| number.is_finite());
                Input::Number(InputNumber { base, value: number })
            }
            FieldKind::Date(value) => {
                Input::Date(InputDate { base, value: Some(*value).filter(|text| is_day(text)) })
            }
            FieldKind::Choice(list) => Input::ChoiceSet(self.list(base, list, false)),
            FieldKind::Choices(list) => Input::ChoiceSet(self.list(base, list, true)),
        }
    }

    fn list(&self, base: InputBase<'a>, list: &ChoiceList<'a>, many: bool) -> InputChoiceSet<'a> {
        let is_chosen = |choice: &&Choice<'a>| list.chosen.contains(&choice.value);
        let (chosen, others): (Vec<_>, Vec<_>) = list.choices.iter().partition(is_chosen);
        // In their own order where there is room for all of them.
        let shown: Vec<_> = if list.choices.len() <= self.choices {
            list.choices.iter().map(choice).collect()
        } else {
            chosen.into_iter().chain(others).take(self.choices.max(1)).map(choice).collect()
        };
        let filtered = list.dataset.is_some() || list.choices.len() > 5 && !many;
        InputChoiceSet {
            base,
            style: if filtered { ChoiceStyle::Filtered } else { ChoiceStyle::Compact },
            is_multi_select: many,
            placeholder: if filtered { texts::SEARCH } else { texts::CHOOSE },
            choices: shown,
            query: list.dataset.map(Query::new),
            value: list.chosen.join(","),
        }
    }
}

/// The choice as a card has it.
pub(in crate::cards) fn choice<'a>(choice: &Choice<'a>) -> InputChoice<'a> {
    InputChoice { title: named(choice.title, choice.value), value: choice.value }
}

/// The name as a label; the id where there is no name.
fn named(name: &str, id: &str) -> Plain {
    Plain::theirs(if name.trim().is_empty() { id } else { name }, MAX_LABEL)
}

/// Whether a text has the form of a day.
fn is_day(text: &str) -> bool {
    let digits = |part: &str, count: usize| {
        part.len() == count && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    let parts: Vec<_> = text.split('-').collect();
    matches!(parts[..], [year, month, day] if digits(year, 4) && digits(month, 2) && digits(day, 2))
}
