//! The projects a conversation follows.

use super::{
    ActionData, Card,
    elements::{Action, ActionStyle, AdaptiveCard, Column, Container, Element, TextBlock},
    notices::{MAX_LINE, heading, paragraph},
    size::fitted,
    text::Markdown,
    texts, verb,
};

/// What a card shows of a channel subscription.
#[derive(Clone)]
pub struct SubscriptionView<'a> {
    /// The project's key or name.
    pub project: &'a str,
    /// What of the project is told, in words.
    pub filters: &'a str,
    /// What [`verb::UNSUBSCRIBE`] carries; `None` for whom may not end it.
    pub unsubscribe: Option<ActionData>,
}

/// The subscriptions of a conversation, each with a button to end it.
pub fn subscriptions(list: &[SubscriptionView<'_>]) -> Card {
    fitted(|most| {
        let mut body = vec![heading(texts::SUBSCRIPTIONS)];
        body.extend(list.iter().take(most).map(subscription));
        if list.is_empty() {
            body.push(paragraph(Markdown::ours(texts::NO_SUBSCRIPTIONS)));
        } else if list.len() > most {
            body.push(paragraph(Markdown::ours(texts::MORE_SUBSCRIPTIONS)));
        }
        Card::new(&AdaptiveCard::new(body, Vec::new()))
    })
}

fn subscription<'a>(view: &'a SubscriptionView<'_>) -> Element<'a> {
    let mut told = vec![paragraph(Markdown::theirs(view.project, MAX_LINE))];
    if !view.filters.trim().is_empty() {
        told.push(TextBlock::subtle(Markdown::theirs(view.filters, MAX_LINE)).into());
    }
    let mut columns = vec![Column::stretch(told)];
    if let Some(data) = &view.unsubscribe {
        let end = Action::execute(texts::UNSUBSCRIBE, verb::UNSUBSCRIBE, data);
        let end = Element::actions(vec![end.styled(ActionStyle::Destructive)]);
        columns.push(Column::auto(vec![end]));
    }
    Container::separated(vec![Element::columns(columns)]).into()
}
