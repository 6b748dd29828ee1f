//! What is told of dead letters: identifiers, times and codes.

use serde::Serialize;
use tandem_domain::{Audience, DeliveryKind, QueueMessage, Removed, Timestamp};
use tandem_store::Claim;

use super::queue::{Letter, Policy};
use crate::{
    explain::{Advice, Finding, advice_of},
    output::{ago, columns},
};

/// When there is none.
pub(super) const NONE: &str = "There are no dead letters.";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ListAnswer {
    pub(super) dead_letters: Vec<ListedAnswer>,
    /// How many more there are that cannot be seen now.
    pub(super) behind: u64,
}

impl ListAnswer {
    pub(super) fn text(&self, now: Timestamp) -> String {
        let head = ["id", "event", "way", "site", "issue", "accepted", "failed with"];
        let mut rows = vec![head.map(str::to_owned)];
        rows.extend(self.dead_letters.iter().map(|listed| listed.row(now)));
        let mut text = match self.dead_letters.len() {
            0 if self.behind == 0 => NONE.to_owned(),
            _ => columns(&rows),
        };
        if self.behind > 0 {
            let behind = self.behind;
            let line = format!(
                "\n\nAbout {behind} more lie behind these (of one issue the first ten are seen), or \
                 are being looked at by somebody else."
            );
            text.push_str(&line);
        }
        text
    }
}

/// A dead letter.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ListedAnswer {
    #[serde(flatten)]
    what: WhatAnswer,
    died_at: Option<String>,
    /// When SQS forgets it.
    kept_until: Option<String>,
    attempts: Option<u32>,
    /// What the last attempt failed of, where it said so.
    failed_with: Option<String>,
    #[serde(skip)]
    accepted: Option<Timestamp>,
}

impl ListedAnswer {
    pub(super) fn of(letter: &Letter, claim: Option<&Claim>, policy: &Policy) -> Self {
        let failed_with = claim.and_then(|claim| claim.failed_with.as_ref());
        let kept_until = letter.died_at.zip(policy.kept_for).map(|(at, span)| at.plus(span));
        Self {
            what: WhatAnswer::of(letter),
            died_at: letter.died_at.map(Timestamp::to_rfc3339),
            kept_until: kept_until.map(Timestamp::to_rfc3339),
            attempts: policy.attempts,
            failed_with: failed_with.map(ToString::to_string),
            accepted: letter.message.as_ref().map(QueueMessage::accepted_at),
        }
    }

    fn row(&self, now: Timestamp) -> [String; 7] {
        let what = &self.what;
        let or_dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
        [
            what.id.clone(),
            what.event.to_owned(),
            what.direction.to_owned(),
            or_dash(&what.cloud_id),
            or_dash(&what.issue_id),
            self.accepted.map_or_else(|| "-".to_owned(), |at| ago(at, now)),
            or_dash(&self.failed_with),
        ]
    }
}

/// What a dead letter is.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WhatAnswer {
    id: String,
    event: &'static str,
    direction: &'static str,
    cloud_id: Option<String>,
    issue_id: Option<String>,
    accepted_at: Option<String>,
    /// What the log names the piece of work by.
    claim: Option<String>,
}

impl WhatAnswer {
    fn of(letter: &Letter) -> Self {
        let message = letter.message.as_ref();
        let (event, direction) = message.map_or(("unreadable", "unknown"), event_and_direction);
        Self {
            id: letter.id.clone(),
            event,
            direction,
            cloud_id: message.map(|message| message.cloud_id().to_string()),
            issue_id: message.and_then(issue_id),
            accepted_at: message.map(|message| message.accepted_at().to_rfc3339()),
            claim: message.map(|message| message.claim().to_string()),
        }
    }
}

fn event_and_direction(message: &QueueMessage) -> (&'static str, &'static str) {
    match message {
        QueueMessage::Delivery(of) => match &of.kind {
            DeliveryKind::CommentCreated { .. }
            | DeliveryKind::CommentUpdated { .. }
            | DeliveryKind::CommentDeleted { .. }
            | DeliveryKind::IssueUpdated { .. }
            | DeliveryKind::IssueDeleted => (of.kind.name(), "jira_to_teams"),
            DeliveryKind::MessageCreated { .. }
            | DeliveryKind::MessageUpdated { .. }
            | DeliveryKind::MessageDeleted { .. } => (of.kind.name(), "teams_to_jira"),
        },
        QueueMessage::Telling(of) => match of.audience {
            Audience::Channel { .. } => (of.what.name(), "bot_to_channel"),
            Audience::Person { .. } => (of.what.name(), "bot_to_person"),
            Audience::Others { .. } => (of.what.name(), "bot_to_others"),
        },
        QueueMessage::Removal(of) => (of.what.name(), "looked_up_in_jira"),
    }
}

fn issue_id(message: &QueueMessage) -> Option<String> {
    match message {
        QueueMessage::Delivery(of) => Some(of.issue_id.to_string()),
        QueueMessage::Telling(of) => Some(of.issue_id.to_string()),
        QueueMessage::Removal(of) => match &of.what {
            Removed::Issue { issue_id } => Some(issue_id.to_string()),
            Removed::Project { .. } | Removed::User { .. } => None,
        },
    }
}

/// A dead letter with what was found about it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ExplainedAnswer {
    #[serde(flatten)]
    what: WhatAnswer,
    findings: Vec<FindingAnswer>,
    advice: Advice,
    /// The same in words.
    todo: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FindingAnswer {
    code: &'static str,
    says: String,
}

impl ExplainedAnswer {
    pub(super) fn of(letter: &Letter, findings: &[Finding], sign_in: &str) -> Self {
        let advice = advice_of(findings);
        let answer = |of: &Finding| FindingAnswer { code: of.code(), says: of.says() };
        Self {
            what: WhatAnswer::of(letter),
            findings: findings.iter().map(answer).collect(),
            advice,
            todo: advice.says(sign_in),
        }
    }

    pub(super) fn text(&self) -> String {
        let what = &self.what;
        let mut lines = vec![format!("{}  {}  {}", what.id, what.event, what.direction)];
        if let (Some(cloud), Some(claim)) = (&what.cloud_id, &what.claim) {
            let issue = what.issue_id.as_deref().unwrap_or("-");
            lines.push(format!("  site {cloud}, issue {issue}"));
            lines.push(format!("  in the log: claim {claim}"));
        }
        lines.extend(self.findings.iter().map(|of| format!("  - {}", of.says)));
        lines.push(format!("  Do: {}", self.todo));
        lines.join("\n")
    }
}
