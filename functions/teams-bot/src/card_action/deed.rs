//! What the buttons of an issue's card do in Jira.

use std::time::Duration;

use serde_json::Value;
use tandem_domain::{
    AccountId, Failure, IssueId, Timestamp, TransitionId,
    document::{Document, Prose},
};
use tandem_jira::{adf, client::Site};
use tandem_microsoft::cards::{input, texts as card_texts, verb};

use super::{
    answer::{Refusal, malformed},
    texts,
};
use crate::{stopped::Stopped, turn::Me};

/// The longest text Jira takes for a comment, in characters.
const LONGEST_COMMENT: usize = 32_767;
/// How many of the latest comments are looked through for what an earlier attempt wrote.
const LOOK_BACK: u16 = 20;
/// How much earlier than the press a comment may seem to be, for clocks that differ.
const CLOCKS_DIFFER: Duration = Duration::from_mins(2);

/// Something to do with an issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    /// Make the person the assignee.
    AssignToMe,
    /// Take a transition.
    Move(TransitionId),
    /// Write a comment.
    Comment(Prose),
    /// Let the person watch it.
    Watch,
}

impl Deed {
    /// By the button's verb, with what was typed and chosen.
    pub(super) fn parse(pressed: &str, data: &Value) -> Result<Self, Refusal> {
        let typed = |id: &str| data[id].as_str().unwrap_or_default().trim();
        Ok(match pressed {
            verb::ASSIGN_TO_ME => Self::AssignToMe,
            verb::WATCH => Self::Watch,
            verb::TRANSITION => match typed(input::TRANSITION) {
                "" => return Err(Stopped::Cannot(card_texts::TRANSITION_MISSING).into()),
                id => Self::Move(TransitionId::parse(id).map_err(|_| malformed())?),
            },
            verb::COMMENT => match typed(input::COMMENT) {
                "" => return Err(Stopped::Cannot(card_texts::COMMENT_MISSING).into()),
                text if text.chars().count() > LONGEST_COMMENT => {
                    return Err(Stopped::Cannot(texts::COMMENT_TOO_LONG).into());
                }
                text => Self::Comment(Prose::new(text)),
            },
            _ => return Err(Refusal::Unknown),
        })
    }

    /// What is said when it is done.
    pub(super) fn done(&self) -> &'static str {
        match self {
            Self::AssignToMe => texts::ASSIGNED,
            Self::Move(_) => texts::MOVED,
            Self::Comment(_) => texts::COMMENTED,
            Self::Watch => texts::WATCHED,
        }
    }

    /// Whether the card of the issue shows it.
    pub(super) fn changes_card(&self) -> bool {
        matches!(self, Self::AssignToMe | Self::Move(_))
    }

    /// Does it as the person. `again`: since when an earlier attempt may have done it already.
    pub(super) async fn carry_out(
        &self,
        site: &Site<'_>,
        issue: &IssueId,
        me: &Me,
        again: Option<Timestamp>,
    ) -> Result<(), Stopped> {
        let account = &me.link.account_id;
        match self {
            Self::AssignToMe => Ok(site.assign(issue, Some(account)).await?),
            Self::Watch => Ok(site.watch(issue, account).await?),
            Self::Move(transition) => take(site, issue, transition, again.is_some()).await,
            Self::Comment(text) => {
                let document = Document::from_plain_text(text.as_str());
                if let Some(since) = again
                    && is_written(site, issue, account, &document, since).await?
                {
                    return Ok(());
                }
                // A comment of the person's like any other: it is not marked as ours.
                site.add_comment(issue, &adf::write(&document), &[]).await?;
                Ok(())
            }
        }
    }
}

/// Takes a transition, where Jira still offers it to the person. After an earlier attempt one that
/// is not offered any more was taken then.
async fn take(
    site: &Site<'_>,
    issue: &IssueId,
    wanted: &TransitionId,
    again: bool,
) -> Result<(), Stopped> {
    let offered = site.list_transitions(issue).await?;
    match offered.iter().find(|transition| transition.id == *wanted) {
        None if again => Ok(()),
        None => Err(Stopped::Cannot(texts::NO_SUCH_TRANSITION)),
        Some(transition) if transition.has_required_fields => {
            Err(Stopped::Cannot(texts::TRANSITION_ASKS))
        }
        Some(_) => match site.transition(issue, wanted).await {
            // A condition or validator of the workflow that the list does not tell.
            Err(Failure::Forbidden { .. }) => Err(Stopped::Cannot(texts::TRANSITION_ASKS)),
            outcome => Ok(outcome?),
        },
    }
}

/// Whether the person wrote this comment since then.
async fn is_written(
    site: &Site<'_>,
    issue: &IssueId,
    account: &AccountId,
    document: &Document,
    since: Timestamp,
) -> Result<bool, Failure> {
    let comments = site.list_comments(issue, LOOK_BACK).await?;
    Ok(comments.iter().any(|comment| {
        comment.author.as_ref().is_some_and(|author| author.account_id == *account)
            && comment.created.plus(CLOCKS_DIFFER) >= since
            && adf::parse(&comment.body)
                .is_ok_and(|written| written.plain_text() == document.plain_text())
    }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tandem_runtime::card_data::CardRefused;

    use super::*;

    #[test]
    fn a_button_and_what_was_typed_make_a_deed() {
        let cannot = |text| Err(Refusal::Stopped(Stopped::Cannot(text)));
        let long = "x".repeat(LONGEST_COMMENT + 1);
        for (verb, data, expected) in [
            ("assignToMe", json!({}), Ok(Deed::AssignToMe)),
            ("watch", json!({"comment": "typed, not sent"}), Ok(Deed::Watch)),
            (
                "transition",
                json!({"transition": "31"}),
                Ok(Deed::Move(TransitionId::parse("31").unwrap())),
            ),
            ("transition", json!({}), cannot("Choose a status.")),
            (
                "transition",
                json!({"transition": "31/../x"}),
                Err(Refusal::Card(CardRefused::Malformed)),
            ),
            ("comment", json!({"comment": " Fine. "}), Ok(Deed::Comment(Prose::new("Fine.")))),
            ("comment", json!({"comment": " \n "}), cannot("Write a comment.")),
            ("comment", json!({"comment": 7}), cannot("Write a comment.")),
            ("comment", json!({"comment": long}), cannot(texts::COMMENT_TOO_LONG)),
            ("unsubscribe", json!({}), Err(Refusal::Unknown)),
            ("", json!({}), Err(Refusal::Unknown)),
        ] {
            assert_eq!(Deed::parse(verb, &data), expected, "{verb}");
        }
    }

    #[test]
    fn a_comment_is_not_printed() {
        let deed = Deed::parse("comment", &json!({"comment": "between us"})).unwrap();
        assert!(!format!("{deed:?}").contains("between"));
    }
}
