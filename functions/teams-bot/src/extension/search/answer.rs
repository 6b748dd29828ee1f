//! Answers to what the message extension is asked.
//!
//! <https://learn.microsoft.com/microsoftteams/platform/messaging-extensions/how-to/search-commands/respond-to-search>

use std::{future::Future, time::Duration};

use serde_json::{Value, json};
use tandem_microsoft::cards::texts as card_texts;
use tandem_runtime::App;
use tokio::time::Instant;

use crate::{
    invoke::extension_message,
    stopped::{Stopped, connect_url},
};

/// How long Jira may take, so that the whole answer is there in three seconds. Teams gives up
/// after five.
const WITHIN: Duration = Duration::from_millis(2700);

/// Where Jira did not answer in that time.
pub(crate) const SLOW: &str = "Jira takes too long to answer just now. Please try again.";

/// The time there is for an answer. It ends what is read from Jira, and never the opening of a
/// token: a refresh that is dropped half-way may cost the person their sign-in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline(Instant);

impl Deadline {
    /// From now on.
    pub(crate) fn start() -> Self {
        Self::after(WITHIN)
    }

    fn after(span: Duration) -> Self {
        Self(Instant::now() + span)
    }

    /// What the work comes to, if it does so in time.
    pub(crate) async fn for_reading<T, E: Into<Stopped>>(
        self,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, Stopped> {
        match tokio::time::timeout_at(self.0, work).await {
            Ok(outcome) => outcome.map_err(Into::into),
            Err(_) => Err(Stopped::Cannot(SLOW)),
        }
    }
}

/// A list of results; an empty one shows nothing.
pub(crate) fn results(attachments: &[Value]) -> Value {
    json!({"composeExtension": {
        "type": "result",
        "attachmentLayout": "list",
        "attachments": attachments,
    }})
}

/// Why there are no results: a way to sign in where that helps, and else a sentence.
pub(crate) fn instead(app: &App, stopped: &Stopped) -> Value {
    match (stopped.sentence(), connect_url(app)) {
        (Some(sentence), _) => extension_message(sentence),
        (None, Ok(url)) => {
            let title = match stopped {
                Stopped::NotLinked => card_texts::CONNECT_BUTTON,
                _ => card_texts::SIGN_IN_AGAIN_BUTTON,
            };
            json!({"composeExtension": {
                "type": "auth",
                "suggestedActions": {
                    "actions": [{"type": "openUrl", "value": url.as_str(), "title": title}],
                },
            }})
        }
        (None, Err(failure)) => {
            extension_message(Stopped::Failed(failure).sentence().unwrap_or_default())
        }
    }
}

#[cfg(test)]
mod tests {
    use tandem_domain::Failure;

    use super::*;

    #[tokio::test]
    async fn what_takes_too_long_is_given_up() {
        let never = std::future::pending::<Result<(), Failure>>();
        let outcome = Deadline::after(Duration::ZERO).for_reading(never).await;
        assert_eq!(outcome, Err(Stopped::Cannot(SLOW)));
        assert!(WITHIN < Duration::from_secs(3));
    }

    #[tokio::test]
    async fn what_is_there_already_is_never_too_late() {
        let late = Deadline::after(Duration::ZERO);
        assert_eq!(late.for_reading(async { Ok::<_, Failure>(7) }).await, Ok(7));
        let gone = async { Err::<(), _>(Failure::Absent { what: "jira_issue" }) };
        assert_eq!(late.for_reading(gone).await, Err(Stopped::NotThere));
    }

    #[test]
    fn an_empty_list_is_a_result() {
        assert_eq!(
            results(&[]),
            json!({"composeExtension": {
                "type": "result", "attachmentLayout": "list", "attachments": [],
            }})
        );
    }
}
