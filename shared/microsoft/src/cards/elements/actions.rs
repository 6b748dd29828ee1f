//! What a card's buttons do.

use serde::Serialize;
use serde_json::{Value, json};
use url::Url;

use super::{super::text::Plain, Element};
use crate::cards::ActionData;

/// A button.
#[derive(Serialize)]
#[serde(tag = "type")]
pub(in crate::cards) enum Action<'a> {
    /// Opens a page.
    #[serde(rename = "Action.OpenUrl")]
    OpenUrl { title: Plain, url: &'a str },
    /// Asks the bot, which may answer with another card in the place of this one.
    /// <https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/universal-actions-for-adaptive-cards/work-with-universal-actions-for-adaptive-cards>
    #[serde(rename = "Action.Execute")]
    Execute {
        title: Plain,
        verb: &'static str,
        data: &'a ActionData,
        #[serde(skip_serializing_if = "Option::is_none")]
        style: Option<ActionStyle>,
        #[serde(skip_serializing_if = "Option::is_none")]
        mode: Option<ActionMode>,
    },
    /// Submits a dialog, or what Teams does itself with `msteams` in its data.
    #[serde(rename = "Action.Submit")]
    Submit {
        title: Plain,
        data: Value,
        #[serde(skip_serializing_if = "Option::is_none")]
        style: Option<ActionStyle>,
    },
    /// Unfolds a card within the card.
    #[serde(rename = "Action.ShowCard")]
    ShowCard { title: Plain, card: InnerCard<'a> },
}

/// How much a button stands out.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::cards) enum ActionStyle {
    Positive,
    Destructive,
}

/// Where a button is.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::cards) enum ActionMode {
    /// Behind the dots: Teams shows six others at most.
    Secondary,
}

/// A card within a card. It is of the outer card's version.
#[derive(Serialize)]
#[serde(tag = "type", rename = "AdaptiveCard")]
pub(in crate::cards) struct InnerCard<'a> {
    pub(in crate::cards) body: Vec<Element<'a>>,
    pub(in crate::cards) actions: Vec<Action<'a>>,
}

/// What Teams asks the bot by itself when the card comes into view of one of these users.
#[derive(Serialize)]
pub(in crate::cards) struct Refresh<'a> {
    action: Action<'a>,
    #[serde(rename = "userIds")]
    user_ids: &'a [String],
}

/// The most users a card is refreshed for.
/// <https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/universal-actions-for-adaptive-cards/work-with-universal-actions-for-adaptive-cards#user-ids-in-refresh>
const MAX_REFRESHED: usize = 60;

impl<'a> Refresh<'a> {
    /// For these users and no others; for nobody there is no refresh.
    pub(in crate::cards) fn new(action: Action<'a>, users: &'a [String]) -> Option<Self> {
        let user_ids = &users[..users.len().min(MAX_REFRESHED)];
        (!user_ids.is_empty()).then_some(Self { action, user_ids })
    }
}

impl<'a> Action<'a> {
    /// Opens a page, if it is one of the web.
    pub(in crate::cards) fn open_url(title: Plain, url: &'a Url) -> Option<Self> {
        let web = matches!(url.scheme(), "https" | "http");
        web.then_some(Self::OpenUrl { title, url: url.as_str() })
    }

    /// Asks the bot.
    pub(in crate::cards) fn execute(
        title: &'static str,
        verb: &'static str,
        data: &'a ActionData,
    ) -> Self {
        Self::Execute { title: Plain::ours(title), verb, data, style: None, mode: None }
    }

    /// Submits a dialog.
    pub(in crate::cards) fn submit(title: &'static str, data: &ActionData) -> Self {
        Self::Submit { title: Plain::ours(title), data: Value::Object(data.clone()), style: None }
    }

    /// Opens a page in the window that Teams has for signing in, which tells the bot by
    /// `signin/verifyState` how it ended.
    /// <https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-actions>
    pub(in crate::cards) fn sign_in(title: &'static str, url: &Url) -> Self {
        let data = json!({"msteams": {"type": "signin", "value": url.as_str()}});
        Self::Submit { title: Plain::ours(title), data, style: None }
    }

    /// Unfolds elements and buttons.
    pub(in crate::cards) fn show_card(
        title: &'static str,
        body: Vec<Element<'a>>,
        actions: Vec<Action<'a>>,
    ) -> Self {
        Self::ShowCard { title: Plain::ours(title), card: InnerCard { body, actions } }
    }

    /// The button in a style.
    pub(in crate::cards) fn styled(mut self, wanted: ActionStyle) -> Self {
        if let Self::Execute { style, .. } | Self::Submit { style, .. } = &mut self {
            *style = Some(wanted);
        }
        self
    }

    /// The button behind the dots.
    pub(in crate::cards) fn secondary(mut self) -> Self {
        if let Self::Execute { mode, .. } = &mut self {
            *mode = Some(ActionMode::Secondary);
        }
        self
    }
}
