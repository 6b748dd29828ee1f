//! What a project demands of its issues, as fields of the form and back.

use serde_json::{Map, Value};
use tandem_domain::document::Prose;
use tandem_jira::client::{CreateField, FieldErrors, FieldKind};
use tandem_microsoft::cards::{self, Choice, ChoiceList, FormField, dataset, input};

use super::{message::Room, message_draft::Draft, texts};

/// Something to choose, with the name it is shown under.
#[derive(Clone, Debug)]
pub(super) struct Named {
    pub(super) id: String,
    pub(super) name: Prose,
}

impl Named {
    pub(super) fn new(id: &str, name: &str) -> Self {
        Self { id: id.to_owned(), name: Prose::new(name) }
    }
}

/// The list of these, with what is chosen.
pub(super) fn list<'a>(
    named: &'a [Named],
    chosen: &'a str,
    dataset: Option<&'a str>,
) -> ChoiceList<'a> {
    let choice = |it: &'a Named| Choice { value: &it.id, title: it.name.as_str() };
    let chosen = named.iter().map(|it| it.id.as_str()).filter(|id| *id == chosen).collect();
    ChoiceList { choices: named.iter().map(choice).collect(), chosen, dataset }
}

/// What the form has anyway.
const OWN: [&str; 3] = [input::SUMMARY, input::DESCRIPTION, input::ASSIGNEE];

/// The fields that the form has only because the project demands them.
pub(super) fn further(fields: &[CreateField]) -> impl Iterator<Item = &CreateField> {
    fields.iter().filter(|field| field.is_demanded() && !OWN.contains(&field.field_id.as_str()))
}

/// Those of them that a form cannot ask for.
pub(super) fn not_askable(fields: &[CreateField]) -> Vec<&CreateField> {
    further(fields).filter(|field| !is_askable(&field.kind)).collect()
}

fn is_askable(kind: &FieldKind) -> bool {
    match kind {
        // Cards ask for a day, not for a moment.
        FieldKind::Unsupported | FieldKind::DateTime => false,
        FieldKind::Choice { options, .. } => !options.is_empty(),
        _ => true,
    }
}

/// How much room the form of these fields has for a message.
pub(super) fn room(fields: &[CreateField]) -> Room {
    let long = further(fields).any(|field| field.kind == FieldKind::LongText);
    if long { Room::Narrow } else { Room::Wide }
}

/// Whether the screen has a field of this id.
pub(super) fn has(fields: &[CreateField], id: &str) -> bool {
    fields.iter().any(|field| field.field_id.as_str() == id)
}

/// The field of a form, with what was typed into it; `None` where it cannot be asked for.
pub(super) fn form_field<'a>(
    field: &'a CreateField,
    draft: &'a Draft,
    people: &'a [Named],
) -> Option<FormField<'a>> {
    let id = field.field_id.as_str();
    let typed = draft.typed(id);
    let kind = match &field.kind {
        _ if !is_askable(&field.kind) => return None,
        FieldKind::LongText => cards::FieldKind::LongText(typed),
        FieldKind::Number => cards::FieldKind::Number(typed),
        FieldKind::Date => cards::FieldKind::Date(typed),
        FieldKind::User => cards::FieldKind::Choice(list(people, typed, Some(dataset::PEOPLE))),
        FieldKind::Choice { options, multiple } => {
            let chosen = typed.split(',').filter(|id| !id.is_empty());
            let choice = |it: &'a tandem_jira::client::ChoiceOption| Choice {
                value: it.id.as_str(),
                title: it.name.as_str(),
            };
            let choices: Vec<_> = options.iter().map(choice).collect();
            let known = |id: &&str| choices.iter().any(|choice| choice.value == *id);
            let chosen = chosen.filter(known).collect();
            let list = ChoiceList { choices, chosen, dataset: None };
            if *multiple { cards::FieldKind::Choices(list) } else { cards::FieldKind::Choice(list) }
        }
        FieldKind::Text | FieldKind::Labels | FieldKind::DateTime | FieldKind::Unsupported => {
            cards::FieldKind::Text(typed)
        }
    };
    Some(FormField { id, label: field.name.as_str(), required: true, kind })
}

/// What was typed as the values of a new issue's fields; what is wrong with it is noted. The
/// description, which holds the message, is not among them.
pub(super) fn values(
    fields: &[CreateField],
    draft: &Draft,
    wrong: &mut FieldErrors,
) -> Map<String, Value> {
    let mut values = Map::new();
    let asked = |field: &&CreateField| match field.field_id.as_str() {
        input::DESCRIPTION => false,
        input::SUMMARY | input::ASSIGNEE => true,
        _ => field.is_demanded() && is_askable(&field.kind),
    };
    for field in fields.iter().filter(asked) {
        let id = field.field_id.to_string();
        let typed = draft.typed(&id).trim();
        match field.kind.value(typed) {
            Some(value) => drop(values.insert(id, value)),
            None if !typed.is_empty() => note(wrong, &id, texts::NOT_VALID),
            None if field.is_demanded() => note(wrong, &id, texts::MISSING),
            None => {}
        }
    }
    values
}

/// Notes what is wrong with a field.
pub(super) fn note(wrong: &mut FieldErrors, id: &str, text: &'static str) {
    wrong.fields.insert(id.to_owned(), Prose::new(text));
}

/// One thing that is wrong with a form as a whole.
pub(super) fn fault(text: &str) -> FieldErrors {
    FieldErrors { messages: vec![Prose::new(text)], ..FieldErrors::default() }
}

/// Whether nothing is wrong.
pub(super) fn is_fine(wrong: &FieldErrors) -> bool {
    wrong.messages.is_empty() && wrong.fields.is_empty()
}

/// The same for a card.
pub(super) fn shown(wrong: &FieldErrors) -> cards::FieldErrors<'_> {
    cards::FieldErrors { messages: &wrong.messages, fields: Some(&wrong.fields) }
}

#[cfg(test)]
mod tests;
