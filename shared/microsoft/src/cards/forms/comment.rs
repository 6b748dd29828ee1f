//! The form that adds a message to an issue as a comment.

use super::{
    super::{
        ActionData, Card,
        elements::{Action, ActionStyle, AdaptiveCard, Input, InputBase, InputText, TextBlock},
        input,
        size::fitted,
        text::{Markdown, Plain, typed},
        texts,
    },
    MAX_COMMENT, Room,
    fields::{ChoiceList, FieldErrors, FieldKind, FormField, MAX_FAULT, Showing},
    general,
};

/// The longest key, in characters: a project's key has ten, but for some servers more.
const MAX_KEY: usize = 40;

/// A comment as far as it is written.
#[derive(Clone)]
pub struct CommentForm<'a> {
    /// The issues to choose from.
    pub issues: ChoiceList<'a>,
    /// The key that was typed instead.
    pub key: &'a str,
    /// The comment.
    pub comment: &'a str,
    /// What was wrong with it.
    pub errors: FieldErrors<'a>,
    /// What the button carries.
    pub data: ActionData,
}

/// The form for a comment, a dialog's card. Its values come back as [`input::ISSUE`],
/// [`input::ISSUE_KEY`] and [`input::COMMENT`] beside the fields of the button's data.
pub fn comment_form(form: &CommentForm<'_>) -> Card {
    fitted(|choices| {
        let ids = [input::ISSUE, input::ISSUE_KEY, input::COMMENT];
        let room = Room { line: MAX_KEY, text: MAX_COMMENT };
        let showing = Showing { room, errors: form.errors, choices, insist: true };
        let issues = FormField {
            id: input::ISSUE,
            label: texts::ISSUE,
            required: false,
            kind: FieldKind::Choice(form.issues.clone()),
        };
        let comment = FormField {
            id: input::COMMENT,
            label: texts::COMMENT_LABEL,
            required: true,
            kind: FieldKind::LongText(form.comment),
        };
        let mut body: Vec<_> = general(form.errors.beyond(&ids)).into_iter().collect();
        body.extend(showing.field(&issues));
        body.push(key(form.key).into());
        if let Some(fault) = form.errors.of(input::ISSUE_KEY) {
            body.push(TextBlock::error(Markdown::theirs(fault, MAX_FAULT)).into());
        }
        body.extend(showing.field(&comment));
        let send = Action::submit(texts::COMMENT_SEND, &form.data).styled(ActionStyle::Positive);
        Card::new(&AdaptiveCard::new(body, vec![send]))
    })
}

fn key(value: &str) -> Input<'_> {
    Input::Text(InputText {
        base: InputBase::optional(input::ISSUE_KEY, Plain::ours(texts::ISSUE_KEY)),
        is_multiline: false,
        max_length: MAX_KEY,
        placeholder: Some(texts::ISSUE_KEY_EXAMPLE),
        value: typed(value, MAX_KEY),
    })
}
