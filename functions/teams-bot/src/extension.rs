//! The message extension: search, unfurling, and the actions on a message.
//!
//! An action opens a form (`composeExtension/fetchTask`) and takes it in
//! (`composeExtension/submitAction`):
//! <https://learn.microsoft.com/microsoftteams/platform/messaging-extensions/how-to/action-commands/create-task-module>

mod comment;
mod comment_issues;
mod comment_work;
mod create;
mod create_answer;
mod create_form;
mod create_screen;
mod create_work;
mod fields;
mod message;
mod message_draft;
pub(crate) mod search;
mod texts;
pub(crate) mod typeahead;
pub(crate) mod unfurl;

use std::time::Duration;

use serde_json::{Value, json};
use tandem_domain::Failure;
use tandem_jira::client::FieldErrors;
use tandem_microsoft::cards::CONTENT_TYPE;
use url::Url;

use crate::{
    stopped::{Stopped, connect_url},
    turn::Turn,
};

/// The command that creates an issue.
const CREATE_ISSUE: &str = "createIssue";
/// The command that adds a message to an issue.
const ADD_COMMENT: &str = "addComment";

/// How long an answer may take; Teams gives up after five seconds.
const LIMIT: Duration = Duration::from_secs(4);

/// Opens the form of a command.
pub(crate) async fn fetch_task(turn: &Turn<'_>) -> Value {
    let command = turn.activity.value.text("/commandId");
    let opened = match command {
        Some(CREATE_ISSUE) => in_time(Box::pin(create::open(turn))).await,
        Some(ADD_COMMENT) => in_time(Box::pin(comment::open(turn))).await,
        _ => Err(Stopped::Cannot(texts::UNKNOWN_COMMAND)),
    };
    opened.unwrap_or_else(|stopped| {
        stopped.log("fetch_task");
        told(turn, &stopped)
    })
}

/// Takes in the form of a command.
pub(crate) async fn submit_action(turn: &Turn<'_>) -> Value {
    match turn.activity.value.text("/commandId") {
        Some(CREATE_ISSUE) => create::submit(turn).await,
        Some(ADD_COMMENT) => comment::submit(turn).await,
        _ => told(turn, &Stopped::Cannot(texts::UNKNOWN_COMMAND)),
    }
}

/// The work, given up when Teams would not wait for it any longer.
async fn in_time(work: impl Future<Output = Result<Value, Stopped>>) -> Result<Value, Stopped> {
    let slow = Stopped::Failed(Failure::Retry { what: "too_slow", after: None });
    tokio::time::timeout(LIMIT, work).await.unwrap_or(Err(slow))
}

/// Why there is no form: a sentence, or the way to the sign-in.
fn told(turn: &Turn<'_>, stopped: &Stopped) -> Value {
    match (stopped.sentence(), connect_url(turn.app)) {
        (Some(sentence), _) => task_message(sentence),
        (None, Ok(url)) => sign_in(&url),
        (None, Err(_)) => task_message(texts::CONNECT_FIRST),
    }
}

/// Asks for a sign-in, in the browser.
fn sign_in(url: &Url) -> Value {
    let open = json!({"type": "openUrl", "value": url, "title": texts::CONNECT});
    json!({"composeExtension": {"type": "auth", "suggestedActions": {"actions": [open]}}})
}

/// A sentence in the dialog.
fn task_message(text: &str) -> Value {
    json!({"task": {"type": "message", "value": text}})
}

/// A card in the dialog.
fn task_card(title: &str, card: &Value) -> Value {
    let attachment = json!({"contentType": CONTENT_TYPE, "content": card});
    json!({"task": {"type": "continue", "value": {
        "title": title, "height": "large", "width": "medium", "card": attachment,
    }}})
}

/// The card with one more button, that opens a page.
fn with_button(mut card: Value, title: &str, url: &Url) -> Value {
    let button = json!({"type": "Action.OpenUrl", "title": title, "url": url});
    match card["actions"].as_array_mut() {
        Some(actions) => actions.push(button),
        None => card["actions"] = json!([button]),
    }
    card
}

/// A form that could not be taken in: shown again with what was typed, why, and the way to the
/// sign-in where that helps.
fn kept(
    turn: &Turn<'_>,
    title: &str,
    stopped: &Stopped,
    card: impl FnOnce(&FieldErrors) -> Value,
) -> Value {
    let (text, signs_in) = match stopped {
        Stopped::NotLinked => (texts::CONNECT_FIRST, true),
        Stopped::SignInNeeded => (texts::SIGN_IN_AGAIN, true),
        Stopped::Failed(Failure::Retry { .. }) => (texts::SEND_AGAIN, false),
        other => (other.sentence().unwrap_or_default(), false),
    };
    let card = card(&fields::fault(text));
    let card = match connect_url(turn.app) {
        Ok(url) if signs_in => with_button(card, texts::CONNECT, &url),
        _ => card,
    };
    task_card(title, &card)
}
