//! What a card asks for.

use std::borrow::Cow;

use serde::Serialize;

use super::super::text::Plain;

/// A field to fill in.
#[derive(Serialize)]
#[serde(tag = "type")]
pub(in crate::cards) enum Input<'a> {
    #[serde(rename = "Input.Text")]
    Text(InputText<'a>),
    #[serde(rename = "Input.Number")]
    Number(InputNumber<'a>),
    #[serde(rename = "Input.Date")]
    Date(InputDate<'a>),
    #[serde(rename = "Input.ChoiceSet")]
    ChoiceSet(InputChoiceSet<'a>),
}

/// What every field has.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::cards) struct InputBase<'a> {
    pub(in crate::cards) id: &'a str,
    pub(in crate::cards) label: Plain,
    /// Whether the client itself insists on a value.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    is_required: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<Plain>,
}

impl<'a> InputBase<'a> {
    /// A field that may stay empty.
    pub(in crate::cards) fn optional(id: &'a str, label: Plain) -> Self {
        Self { id, label, is_required: false, error_message: None }
    }

    /// A field that must not stay empty, and what the client says where it is.
    pub(in crate::cards) fn required(id: &'a str, label: Plain, missing: &'static str) -> Self {
        Self { id, label, is_required: true, error_message: Some(Plain::ours(missing)) }
    }
}

/// Text.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::cards) struct InputText<'a> {
    #[serde(flatten)]
    pub(in crate::cards) base: InputBase<'a>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(in crate::cards) is_multiline: bool,
    /// In units of UTF-16.
    pub(in crate::cards) max_length: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::cards) placeholder: Option<&'static str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(in crate::cards) value: Cow<'a, str>,
}

/// A number.
#[derive(Serialize)]
pub(in crate::cards) struct InputNumber<'a> {
    #[serde(flatten)]
    pub(in crate::cards) base: InputBase<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::cards) value: Option<f64>,
}

/// A day.
#[derive(Serialize)]
pub(in crate::cards) struct InputDate<'a> {
    #[serde(flatten)]
    pub(in crate::cards) base: InputBase<'a>,
    /// As `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::cards) value: Option<&'a str>,
}

/// One or several of a list.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::cards) struct InputChoiceSet<'a> {
    #[serde(flatten)]
    pub(in crate::cards) base: InputBase<'a>,
    pub(in crate::cards) style: ChoiceStyle,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(in crate::cards) is_multi_select: bool,
    pub(in crate::cards) placeholder: &'static str,
    pub(in crate::cards) choices: Vec<InputChoice<'a>>,
    #[serde(rename = "choices.data", skip_serializing_if = "Option::is_none")]
    pub(in crate::cards) query: Option<Query<'a>>,
    /// The values that are chosen, with commas between them.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(in crate::cards) value: String,
}

/// How a list shows. Both looks show the titles of choices as they are; the expanded one would
/// read Markdown in them.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::cards) enum ChoiceStyle {
    /// To unfold.
    Compact,
    /// To unfold, and to narrow by typing.
    Filtered,
}

/// One of a list.
#[derive(Serialize)]
pub(in crate::cards) struct InputChoice<'a> {
    pub(in crate::cards) title: Plain,
    pub(in crate::cards) value: &'a str,
}

/// What the bot is asked while somebody types.
#[derive(Serialize)]
#[serde(tag = "type", rename = "Data.Query")]
pub(in crate::cards) struct Query<'a> {
    pub(in crate::cards) dataset: &'a str,
    /// `auto`: what the card's other inputs hold comes along, such as the chosen project. Clients
    /// that do not know it pass it over.
    #[serde(rename = "associatedInputs")]
    pub(in crate::cards) associated_inputs: &'static str,
}

impl<'a> Query<'a> {
    pub(in crate::cards) fn new(dataset: &'a str) -> Self {
        Self { dataset, associated_inputs: "auto" }
    }
}
