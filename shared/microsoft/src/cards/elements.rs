//! The parts that cards are made of: of each, the properties that Tandem uses.
//!
//! <https://adaptivecards.io/explorer/>

mod actions;
mod inputs;

use serde::Serialize;

pub(super) use actions::{Action, ActionStyle, Refresh};
pub(super) use inputs::{
    ChoiceStyle, Input, InputBase, InputChoice, InputChoiceSet, InputDate, InputNumber, InputText,
    Query,
};

use super::{text::Markdown, texts};

/// A whole card.
#[derive(Serialize)]
#[serde(tag = "type")]
pub(super) struct AdaptiveCard<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    lang: &'static str,
    #[serde(rename = "fallbackText")]
    fallback_text: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) refresh: Option<Refresh<'a>>,
    body: Vec<Element<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    actions: Vec<Action<'a>>,
}

impl<'a> AdaptiveCard<'a> {
    pub(super) fn new(body: Vec<Element<'a>>, actions: Vec<Action<'a>>) -> Self {
        Self {
            schema: "http://adaptivecards.io/schemas/adaptive-card.json",
            version: "1.5",
            lang: "en",
            fallback_text: texts::FALLBACK,
            refresh: None,
            body,
            actions,
        }
    }
}

/// One element of a body.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Element<'a> {
    Layout(Layout<'a>),
    Input(Input<'a>),
}

/// An element to look at.
#[derive(Serialize)]
#[serde(tag = "type")]
pub(super) enum Layout<'a> {
    TextBlock(TextBlock),
    FactSet { facts: Vec<Fact> },
    ColumnSet { columns: Vec<Column<'a>> },
    Container(Container<'a>),
    ActionSet { actions: Vec<Action<'a>> },
}

/// Text in one look. It always wraps.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TextBlock {
    text: Markdown,
    wrap: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    style: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    weight: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    color: Option<Color>,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_subtle: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    spacing: Option<&'static str>,
}

/// What a text's colour means.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Color {
    Default,
    Accent,
    Good,
    Attention,
}

impl TextBlock {
    /// Running text.
    pub(super) fn new(text: Markdown) -> Self {
        Self {
            text,
            wrap: true,
            style: None,
            size: None,
            weight: None,
            color: None,
            is_subtle: None,
            spacing: None,
        }
    }

    /// A heading, also to a screen reader.
    pub(super) fn heading(text: Markdown) -> Self {
        let (style, size, weight) = (Some("heading"), Some("medium"), Some("bolder"));
        Self { style, size, weight, ..Self::new(text) }
    }

    /// Text of lesser importance.
    pub(super) fn subtle(text: Markdown) -> Self {
        Self { is_subtle: Some(true), spacing: Some("none"), ..Self::new(text) }
    }

    /// What is wrong, directly under what it is about.
    pub(super) fn error(text: Markdown) -> Self {
        Self { spacing: Some("none"), ..Self::new(text).colored(Color::Attention) }
    }

    /// The text in a colour, and bold, so that colour alone says nothing.
    pub(super) fn colored(self, color: Color) -> Self {
        Self { color: Some(color), weight: Some("bolder"), ..self }
    }
}

/// A name and a value in a table of such.
#[derive(Serialize)]
pub(super) struct Fact {
    pub(super) title: Markdown,
    pub(super) value: Markdown,
}

/// A column.
#[derive(Serialize)]
#[serde(tag = "type")]
pub(super) struct Column<'a> {
    width: &'static str,
    items: Vec<Element<'a>>,
}

impl<'a> Column<'a> {
    /// As wide as there is room.
    pub(super) fn stretch(items: Vec<Element<'a>>) -> Self {
        Self { width: "stretch", items }
    }

    /// As wide as what is in it.
    pub(super) fn auto(items: Vec<Element<'a>>) -> Self {
        Self { width: "auto", items }
    }
}

/// Elements that belong together.
#[derive(Serialize)]
pub(super) struct Container<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    style: Option<&'static str>,
    separator: bool,
    items: Vec<Element<'a>>,
}

impl<'a> Container<'a> {
    /// Set off by a line.
    pub(super) fn separated(items: Vec<Element<'a>>) -> Self {
        Self { style: None, separator: true, items }
    }

    /// On the colour of a fault.
    pub(super) fn attention(items: Vec<Element<'a>>) -> Self {
        Self { style: Some("attention"), separator: false, items }
    }
}

impl From<TextBlock> for Element<'_> {
    fn from(text: TextBlock) -> Self {
        Self::Layout(Layout::TextBlock(text))
    }
}

impl<'a> From<Container<'a>> for Element<'a> {
    fn from(container: Container<'a>) -> Self {
        Self::Layout(Layout::Container(container))
    }
}

impl<'a> From<Input<'a>> for Element<'a> {
    fn from(input: Input<'a>) -> Self {
        Self::Input(input)
    }
}

impl<'a> Element<'a> {
    /// Facts, one under the other.
    pub(super) fn facts(facts: Vec<Fact>) -> Self {
        Self::Layout(Layout::FactSet { facts })
    }

    /// Columns, side by side.
    pub(super) fn columns(columns: Vec<Column<'a>>) -> Self {
        Self::Layout(Layout::ColumnSet { columns })
    }

    /// Buttons within the body.
    pub(super) fn actions(actions: Vec<Action<'a>>) -> Self {
        Self::Layout(Layout::ActionSet { actions })
    }
}
