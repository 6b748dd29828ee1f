//! Adaptive Cards: what the bot shows, and the forms of its dialogs.
//!
//! Teams takes cards of up to version 1.5 from bots and in dialogs
//! (<https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-reference>);
//! a card here is of that version and holds nothing newer. The one thing beyond the published
//! schema is the typeahead that Teams documents for choices, `choices.data`
//! (<https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/dynamic-search>).
//!
//! Whatever a caller hands in may have been written by anybody. It is shown as text: it cannot
//! become markup, a link, a mention or a card's text function, see [`escape`].

mod elements;
mod forms;
mod issue;
mod notices;
mod oauth;
mod size;
mod subscriptions;
mod text;
pub mod texts;

#[cfg(test)]
mod tests;

use std::fmt;

use serde_json::{Map, Value, json};

pub use forms::{
    Choice, ChoiceList, CommentForm, CreateIssueForm, FieldErrors, FieldKind, FormField,
    comment_form, create_issue_form,
};
pub use issue::{IssueActions, IssueView, attachment_with_preview, issue, linked, preview};
pub use notices::{
    SettingView, SignInWhy, help, notice, settings, sign_in, sign_in_in_teams, status,
};
pub use oauth::{OAUTH_CARD, TokenResource, sign_in_by_itself};
pub use size::MAX_BYTES;
pub use subscriptions::{SubscriptionView, subscriptions};
pub use text::escape;

/// What an action carries back: ids and their signature, nothing a person wrote. Teams adds the
/// card's inputs beside these fields, so none may be called like one of [`input`]'s ids.
pub type ActionData = Map<String, Value>;

/// The verbs of the cards' actions, `value.action.verb` of an `adaptiveCard/action`.
pub mod verb {
    /// Make the person who presses it the assignee.
    pub const ASSIGN_TO_ME: &str = "assignToMe";
    /// Comment with the text in [`super::input::COMMENT`].
    pub const COMMENT: &str = "comment";
    /// Take the transition in [`super::input::TRANSITION`].
    pub const TRANSITION: &str = "transition";
    /// Watch the issue.
    pub const WATCH: &str = "watch";
    /// Show the card anew.
    pub const REFRESH: &str = "refresh";
    /// End a channel subscription.
    pub const UNSUBSCRIBE: &str = "unsubscribe";
}

/// The ids of the cards' inputs: the names under which their values come back. Those of the form
/// for a new issue are Jira's ids of the fields, and so are the ids of its further fields.
pub mod input {
    /// The text of a comment.
    pub const COMMENT: &str = "comment";
    /// The id of a transition.
    pub const TRANSITION: &str = "transition";
    /// The project of a new issue.
    pub const PROJECT: &str = "project";
    /// The type of a new issue.
    pub const ISSUE_TYPE: &str = "issuetype";
    /// The summary of a new issue.
    pub const SUMMARY: &str = "summary";
    /// The description of a new issue.
    pub const DESCRIPTION: &str = "description";
    /// Who a new issue is assigned to.
    pub const ASSIGNEE: &str = "assignee";
    /// The issue to comment, chosen from a list.
    pub const ISSUE: &str = "issue";
    /// The issue to comment, its key typed.
    pub const ISSUE_KEY: &str = "issueKey";
}

/// What a typeahead asks for, `value.dataset` of an `application/search`.
pub mod dataset {
    /// Projects to create issues in.
    pub const PROJECTS: &str = "projects";
    /// People to assign an issue to.
    pub const PEOPLE: &str = "people";
    /// Issues to comment.
    pub const ISSUES: &str = "issues";
}

/// The content type of an Adaptive Card.
pub const CONTENT_TYPE: &str = "application/vnd.microsoft.card.adaptive";

/// A finished card. `{:?}` shows its size and nothing of its content.
#[derive(Clone)]
pub struct Card {
    content: Value,
}

impl Card {
    /// Serialising the elements cannot fail: their maps have text for keys.
    fn new(card: &elements::AdaptiveCard<'_>) -> Self {
        Self { content: serde_json::to_value(card).unwrap_or_default() }
    }

    /// The card itself: the value of a dialog's `card`, or of the answer to an action.
    pub fn into_json(self) -> Value {
        self.content
    }

    /// The card as an activity's attachment.
    pub fn attachment(&self) -> Value {
        json!({"contentType": CONTENT_TYPE, "content": self.content})
    }

    /// How long it is, in bytes of JSON.
    pub fn bytes(&self) -> usize {
        self.content.to_string().len()
    }
}

impl fmt::Debug for Card {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Card({} bytes)", self.bytes())
    }
}
