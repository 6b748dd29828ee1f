//! Cards about one issue.

use serde_json::{Value, json};
use url::Url;

use super::{
    ActionData, CONTENT_TYPE, Card, Choice,
    elements::{
        Action, ActionStyle, AdaptiveCard, ChoiceStyle, Color, Column, Element, Fact, Input,
        InputBase, InputChoiceSet, InputText, Refresh, TextBlock,
    },
    forms::{self, MAX_COMMENT},
    input,
    size::fitted,
    text::{Markdown, Plain},
    texts, verb,
};

/// Jira's longest summary.
pub(super) const MAX_SUMMARY: usize = 255;
/// The longest name shown: of a status, a person, a project.
const MAX_NAME: usize = 80;
/// The content type of a thumbnail card.
const THUMBNAIL: &str = "application/vnd.microsoft.card.thumbnail";

/// What a card shows of an issue.
#[derive(Clone, Copy)]
pub struct IssueView<'a> {
    /// Its key.
    pub key: &'a str,
    /// Its page in Jira.
    pub url: &'a Url,
    /// Its summary.
    pub summary: &'a str,
    /// The name of its type.
    pub issue_type: Option<&'a str>,
    /// The name of its status.
    pub status: Option<&'a str>,
    /// The key of its status's category: `new`, `indeterminate` or `done`.
    pub status_category: Option<&'a str>,
    /// The name of its priority.
    pub priority: Option<&'a str>,
    /// The name of its assignee; `None` if nobody is.
    pub assignee: Option<&'a str>,
    /// The name of its project.
    pub project: Option<&'a str>,
}

/// What can be done with an issue from its card. The default is nothing; opening it in Jira is
/// always possible.
#[allow(clippy::struct_excessive_bools)] // Each is a button of its own, there or not.
#[derive(Clone, Default)]
pub struct IssueActions<'a> {
    /// What each of them carries.
    pub data: ActionData,
    /// Offer [`verb::ASSIGN_TO_ME`].
    pub assign_to_me: bool,
    /// Offer [`verb::COMMENT`].
    pub comment: bool,
    /// Offer [`verb::TRANSITION`] with these, by their ids; nothing is offered without any.
    pub transitions: Vec<Choice<'a>>,
    /// Offer [`verb::WATCH`].
    pub watch: bool,
    /// Offer [`verb::REFRESH`].
    pub refresh: bool,
    /// For whom Teams refreshes the card by itself, `29:` ids or such of Entra, 60 at most.
    pub refresh_for: Vec<String>,
}

/// The card of an issue.
pub fn issue(view: &IssueView<'_>, actions: &IssueActions<'_>) -> Card {
    fitted(|transitions| {
        let mut card = AdaptiveCard::new(body(view), buttons(view, actions, transitions));
        let again = Action::execute(texts::REFRESH, verb::REFRESH, &actions.data);
        card.refresh = Refresh::new(again, &actions.refresh_for);
        Card::new(&card)
    })
}

/// The card that tells a chat which issue it was linked to; `chat` is the chat's name.
pub fn linked(view: &IssueView<'_>, chat: Option<&str>) -> Card {
    let how = match chat.filter(|name| !name.trim().is_empty()) {
        Some(name) => Markdown::ours(texts::LINKED_CHAT).and(&Markdown::theirs(name, MAX_NAME)),
        None => Markdown::ours(texts::LINKED_THIS_CHAT),
    };
    let mut shown = vec![TextBlock::heading(Markdown::ours(texts::LINKED)).into()];
    shown.extend(body(view));
    shown.push(TextBlock::subtle(how).into());
    Card::new(&AdaptiveCard::new(shown, open(view).into_iter().collect()))
}

/// The thumbnail card of an issue, for a list of results. Teams reads HTML in its text and
/// nothing in its title.
/// <https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-reference#thumbnail-card>
pub fn preview(view: &IssueView<'_>) -> Value {
    let named = [view.status, view.issue_type, Some(view.assignee.unwrap_or(texts::UNASSIGNED))];
    let text = named.into_iter().flatten().map(|name| Plain::theirs(name, MAX_NAME).html());
    let title = Plain::theirs(view.key, MAX_NAME);
    let title = match view.summary.trim() {
        "" => title,
        summary => title.and(": ").and(Plain::theirs(summary, MAX_SUMMARY).as_str()),
    };
    json!({
        "contentType": THUMBNAIL,
        "content": {"title": title, "text": text.collect::<Vec<_>>().join(" · ")},
    })
}

/// A result of a message extension: the card that is inserted, and what the list shows of it.
pub fn attachment_with_preview(card: &Card, preview: &Value) -> Value {
    json!({"contentType": CONTENT_TYPE, "content": card.content, "preview": preview})
}

fn body<'a>(view: &IssueView<'_>) -> Vec<Element<'a>> {
    let mut kind = Markdown::theirs(view.key, MAX_NAME);
    if let Some(name) = view.issue_type {
        kind = kind.and(&Markdown::ours(" · ")).and(&Markdown::theirs(name, MAX_NAME));
    }
    let mut top = vec![Column::stretch(vec![TextBlock::subtle(kind).into()])];
    if let Some(name) = view.status {
        let status = TextBlock::new(Markdown::theirs(name, MAX_NAME)).colored(color(view));
        top.push(Column::auto(vec![status.into()]));
    }
    let title = if view.summary.trim().is_empty() { view.key } else { view.summary };
    vec![
        Element::columns(top),
        TextBlock::heading(Markdown::theirs(title, MAX_SUMMARY)).into(),
        Element::facts(facts(view)),
    ]
}

fn facts(view: &IssueView<'_>) -> Vec<Fact> {
    let named = [
        (texts::PROJECT, view.project),
        (texts::PRIORITY, view.priority),
        (texts::ASSIGNEE, Some(view.assignee.unwrap_or(texts::UNASSIGNED))),
    ];
    let fact = |(title, value): (&'static str, Option<&str>)| {
        let value = Markdown::theirs(value?, MAX_NAME);
        Some(Fact { title: Markdown::ours(title), value })
    };
    named.into_iter().filter_map(fact).collect()
}

fn color(view: &IssueView<'_>) -> Color {
    match view.status_category {
        Some("done") => Color::Good,
        Some("indeterminate") => Color::Accent,
        _ => Color::Default,
    }
}

fn open<'a>(view: &IssueView<'a>) -> Option<Action<'a>> {
    Action::open_url(Plain::ours(texts::OPEN_IN_JIRA), view.url)
}

fn buttons<'a>(
    view: &IssueView<'a>,
    actions: &'a IssueActions<'_>,
    transitions: usize,
) -> Vec<Action<'a>> {
    let data = &actions.data;
    let moves = &actions.transitions[..actions.transitions.len().min(transitions)];
    let offered = [
        actions
            .assign_to_me
            .then(|| Action::execute(texts::ASSIGN_TO_ME, verb::ASSIGN_TO_ME, data)),
        actions.comment.then(|| comment(data)),
        (!moves.is_empty()).then(|| transition(data, moves)),
        open(view),
        actions.watch.then(|| Action::execute(texts::WATCH, verb::WATCH, data).secondary()),
        actions.refresh.then(|| Action::execute(texts::REFRESH, verb::REFRESH, data).secondary()),
    ];
    offered.into_iter().flatten().collect()
}

fn comment(data: &ActionData) -> Action<'_> {
    let label = Plain::ours(texts::COMMENT_LABEL);
    let field = InputText {
        base: InputBase::required(input::COMMENT, label, texts::COMMENT_MISSING),
        is_multiline: true,
        max_length: MAX_COMMENT,
        placeholder: None,
        value: "".into(),
    };
    let send = Action::execute(texts::COMMENT_SEND, verb::COMMENT, data);
    let send = send.styled(ActionStyle::Positive);
    Action::show_card(texts::COMMENT, vec![Input::Text(field).into()], vec![send])
}

fn transition<'a>(data: &'a ActionData, moves: &[Choice<'a>]) -> Action<'a> {
    let label = Plain::ours(texts::TRANSITION_LABEL);
    let list = InputChoiceSet {
        base: InputBase::required(input::TRANSITION, label, texts::TRANSITION_MISSING),
        style: ChoiceStyle::Compact,
        is_multi_select: false,
        placeholder: texts::CHOOSE,
        choices: moves.iter().map(forms::choice).collect(),
        query: None,
        value: String::new(),
    };
    let send = Action::execute(texts::TRANSITION_SEND, verb::TRANSITION, data);
    let send = send.styled(ActionStyle::Positive);
    Action::show_card(texts::TRANSITION, vec![Input::ChoiceSet(list).into()], vec![send])
}
