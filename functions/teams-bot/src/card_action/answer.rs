//! Answers to a button: a card that takes the place of the one it is on, a sentence beside it, or
//! an error.
//!
//! <https://learn.microsoft.com/adaptive-cards/authoring-cards/universal-action-model#response-format>

use serde_json::{Value, json};
use tandem_domain::Failure;
use tandem_microsoft::cards::{CONTENT_TYPE, Card, texts as card_texts, verb};
use tandem_runtime::card_data::CardRefused;

use super::{Pressed, subject, texts};
use crate::{stopped::Stopped, turn::Turn};

/// Why a button did nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The card is not one to act on.
    Card(CardRefused),
    /// The card has no such button.
    Unknown,
    /// What was asked was not done.
    Stopped(Stopped),
}

impl<T: Into<Stopped>> From<T> for Refusal {
    fn from(stopped: T) -> Self {
        Self::Stopped(stopped.into())
    }
}

/// A card in the place of the one that was pressed, and under it what was done.
pub(super) fn card(card: Card, done: Option<&'static str>) -> Value {
    let mut content = card.into_json();
    if let (Some(text), Some(body)) = (done, content["body"].as_array_mut()) {
        body.push(json!({
            "type": "TextBlock", "text": text, "wrap": true, "isSubtle": true, "spacing": "small",
        }));
    }
    json!({"statusCode": 200, "type": CONTENT_TYPE, "value": content})
}

/// A sentence; the card stays as it is.
pub(super) fn sentence(text: &str) -> Value {
    json!({
        "statusCode": 200,
        "type": "application/vnd.microsoft.activity.message",
        "value": text,
    })
}

fn error(status: u16, code: &str, message: &str) -> Value {
    json!({
        "statusCode": status,
        "type": "application/vnd.microsoft.error",
        "value": {"code": code, "message": message},
    })
}

fn bad_request(message: &str) -> Value {
    error(400, "BadRequest", message)
}

/// What is answered where nothing was done.
pub(super) fn refused(turn: &Turn<'_>, pressed: &Pressed<'_>, refusal: &Refusal) -> Value {
    let stopped = match refusal {
        Refusal::Card(refused) => {
            tracing::warn!(target: "tandem", function = crate::NAME, code = %refused, "card refused");
            return bad_request(match refused {
                CardRefused::Malformed => texts::NOT_OURS,
                CardRefused::Foreign => texts::FOREIGN,
                CardRefused::Expired => texts::EXPIRED,
            });
        }
        Refusal::Unknown => return error(400, "NotSupported", texts::UNKNOWN),
        Refusal::Stopped(stopped) => stopped,
    };
    stopped.log("card_action");
    match stopped.sentence() {
        // After an error Teams goes on showing everybody's card, and nobody asked to see it.
        Some(text) if pressed.automatic => bad_request(text),
        None if pressed.automatic => bad_request(card_texts::SIGN_IN_AGAIN_TEXT),
        Some(text) if is_ours(stopped) => error(500, "InternalServerError", text),
        Some(text) => sentence(text),
        None => sign_in(turn, pressed, stopped),
    }
}

/// Whether it is not the person's doing, nor a passing trouble.
fn is_ours(stopped: &Stopped) -> bool {
    matches!(stopped, Stopped::Failed(failure) if !failure.is_transient())
}

/// A card to sign in with, in the place of the person's own; behind it a button that brings the
/// card of the issue back. Teams has a way of its own for this (401, `loginRequest`), which needs
/// an OAuth connection of the Bot Framework.
fn sign_in(turn: &Turn<'_>, pressed: &Pressed<'_>, stopped: &Stopped) -> Value {
    let mut answer = card(stopped.card(turn.app), None);
    if let Ok(subject) = subject(turn, pressed) {
        let data = subject.sign(&turn.app.signing, turn.shown_in(), turn.app.clock.now());
        let back = json!({
            "type": "Action.Execute",
            "title": card_texts::REFRESH,
            "verb": verb::REFRESH,
            "data": data,
        });
        if let Some(actions) = answer["value"]["actions"].as_array_mut() {
            actions.push(back);
        }
    }
    answer
}

/// Something that is missing or not what it should be in what a button carries.
pub(super) fn malformed() -> Refusal {
    Refusal::Card(CardRefused::Malformed)
}

/// A fault of ours.
pub(super) fn fault(what: &'static str) -> Stopped {
    Stopped::Failed(Failure::Fault { what })
}

#[cfg(test)]
mod tests {
    use tandem_microsoft::cards::notice;

    use super::*;

    #[test]
    fn a_card_says_what_was_done() {
        let answer = card(notice("A title", "Some text", &[]), Some(texts::COMMENTED));
        assert_eq!(answer["statusCode"], 200);
        assert_eq!(answer["type"], "application/vnd.microsoft.card.adaptive");
        let body = answer["value"]["body"].as_array().unwrap();
        assert_eq!(body.last().unwrap()["text"], "Comment added.");
        let plain = card(notice("A title", "Some text", &[]), None);
        assert_eq!(plain["value"]["body"].as_array().unwrap().len(), body.len() - 1);
    }

    #[test]
    fn what_was_not_done_is_an_error_or_a_sentence() {
        assert_eq!(
            bad_request("No."),
            json!({
                "statusCode": 400,
                "type": "application/vnd.microsoft.error",
                "value": {"code": "BadRequest", "message": "No."},
            })
        );
        assert_eq!(sentence("Later.")["value"], "Later.");
        assert!(is_ours(&fault("x")));
        let retry = Failure::Retry { what: "jira_throttled", after: None };
        for passing in [Stopped::NotThere, Stopped::Cannot("no"), Stopped::Failed(retry)] {
            assert!(!is_ours(&passing), "{passing:?}");
        }
    }
}
