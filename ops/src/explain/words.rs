//! Everything that is said about a dead letter, and what to do about it: in one place.

use serde::Serialize;
use tandem_domain::{FailureCode, SignInReason, Subject};

use crate::grants::word;

/// Something that was found about a dead letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// Its body is none that this version understands.
    Unreadable,
    /// Nobody claimed it.
    NotClaimed,
    /// What was noted of its attempts is forgotten.
    Forgotten,
    /// It was done.
    Done,
    /// Somebody is at it.
    BeingTried,
    /// The last attempt said what it failed of.
    Failed(FailureCode),
    /// The last attempt ended without a word.
    BrokeOff,
    /// The site is not served.
    SiteNotServed,
    /// Issue and chat are not linked any more.
    NotLinked,
    /// Their link carries nothing any more.
    LinkEnded,
    /// The channel does not follow the project any more.
    NotSubscribed,
    /// Somebody must sign in again.
    NeedsSignIn(Subject, SignInReason),
    /// Somebody is not connected, or not any more.
    NoGrant(Subject),
}

/// What to do. Of several that findings call for, the last in this order counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Advice {
    /// Send it back.
    Replay,
    /// Wait for a vendor or for AWS, then send it back.
    ReplayLater,
    /// Have somebody sign in, then send it back.
    SignInFirst,
    /// Look whether it was done, then send it back or drop it.
    LookFirst,
    /// Mend something of ours, then send it back.
    MendFirst,
    /// Mend a key, then send it back.
    MendKeyFirst,
    /// Leave it alone for a while.
    Wait,
    /// Drop it.
    Drop,
}

impl Advice {
    /// The same in words; `sign_in` is where people sign in.
    pub fn says(self, sign_in: &str) -> String {
        match self {
            Self::Replay => "replay it.",
            Self::ReplayLater => "replay it when all is well with whom the code names.",
            Self::SignInFirst => {
                return format!("have them sign in at {sign_in}, then replay it; before, it is given up.");
            }
            Self::LookFirst => {
                "look in Jira and Teams whether it was done; then drop or replay it. What an attempt \
                 wrote that broke off half-way may be written a second time."
            }
            Self::MendFirst => {
                "find the claim in the log of the function delivery, mend what is the matter, then \
                 replay it."
            }
            Self::MendKeyFirst => "mend the key (docs/OPERATIONS.md, Keys), then replay it.",
            Self::Wait => "leave it alone for two minutes, then have it explained again.",
            Self::Drop => "drop it: replayed, it would come to nothing.",
        }
        .to_owned()
    }
}

/// What to do about all that was found.
pub fn advice_of(findings: &[Finding]) -> Advice {
    findings.iter().map(Finding::advice).max().unwrap_or(Advice::Replay)
}

impl Finding {
    /// A short code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::NotClaimed => "not_claimed",
            Self::Forgotten => "forgotten",
            Self::Done => "done",
            Self::BeingTried => "being_tried",
            Self::Failed(_) => "failed",
            Self::BrokeOff => "broke_off",
            Self::SiteNotServed => "site_not_served",
            Self::NotLinked => "not_linked",
            Self::LinkEnded => "link_ended",
            Self::NotSubscribed => "not_subscribed",
            Self::NeedsSignIn(..) => "needs_sign_in",
            Self::NoGrant(_) => "no_grant",
        }
    }

    /// What it is, in words.
    pub fn says(&self) -> String {
        match self {
            Self::Unreadable => "its form is none that this version understands",
            Self::NotClaimed => "no attempt came as far as claiming it: the table was out of reach",
            Self::Forgotten => "what was noted of its attempts is forgotten: it is over 7 days old",
            Self::Done => "it was done: an attempt came through after all",
            Self::BeingTried => "an attempt holds it now",
            Self::Failed(code) => {
                return format!("the last attempt failed with {code}: {}", meaning(code).1);
            }
            Self::BrokeOff => {
                "the last attempt ended without a word: out of time, out of memory, or a crash"
            }
            Self::SiteNotServed => "the site is not served any more",
            Self::NotLinked => "issue and chat are not linked any more",
            Self::LinkEnded => "the link of issue and chat has ended",
            Self::NotSubscribed => "the channel does not follow the project any more",
            Self::NeedsSignIn(whose, why) => {
                return format!("{} must sign in again ({})", name(whose), word(why));
            }
            Self::NoGrant(whose) => return format!("{} is not connected", name(whose)),
        }
        .to_owned()
    }

    fn advice(&self) -> Advice {
        match self {
            Self::Unreadable | Self::BrokeOff => Advice::MendFirst,
            Self::NotClaimed => Advice::ReplayLater,
            Self::Forgotten => Advice::LookFirst,
            Self::BeingTried => Advice::Wait,
            Self::Done
            | Self::SiteNotServed
            | Self::NotLinked
            | Self::LinkEnded
            | Self::NotSubscribed => Advice::Drop,
            Self::NeedsSignIn(..) | Self::NoGrant(_) => Advice::SignInFirst,
            Self::Failed(code) => meaning(code).2,
        }
    }
}

/// A failure's code by its beginning, what it means, what to do.
type Meaning = (&'static str, &'static str, Advice);

/// What failures mean; the first that fits counts.
const MEANINGS: [Meaning; 14] = [
    ("fault:envelope_key_", "the envelope key cannot be used", Advice::MendKeyFirst),
    ("fault:secrets_key_", "the secrets key cannot be used", Advice::MendKeyFirst),
    ("retry:token_renewed", "a vendor refused a token that was new", Advice::Replay),
    ("retry:claimed_elsewhere", "another attempt held it", Advice::Replay),
    ("retry:grant_busy", "somebody else was renewing the tokens", Advice::Replay),
    ("retry:jira_", "Jira throttles, is down or out of reach", Advice::ReplayLater),
    ("retry:graph_", "Microsoft Graph throttles, is down or out of reach", Advice::ReplayLater),
    ("retry:connector_", "the Bot Connector throttles or is out of reach", Advice::ReplayLater),
    ("retry:bot_token_", "Entra gave the bot no token", Advice::ReplayLater),
    ("retry:entra_", "Entra is down or out of reach", Advice::ReplayLater),
    ("retry:token_endpoint_", "a vendor's sign-in throttles or is down", Advice::ReplayLater),
    ("retry:kms_", "KMS throttles or was out of reach", Advice::ReplayLater),
    ("retry:secrets_", "Secrets Manager throttles or was out of reach", Advice::ReplayLater),
    ("retry:", "something that AWS serves throttles or was out of reach", Advice::ReplayLater),
];

/// What every other failure means.
const FAULT: Meaning = ("", "a fault of ours, or of the configuration", Advice::MendFirst);

fn meaning(code: &FailureCode) -> Meaning {
    let found = MEANINGS.into_iter().find(|(begins, ..)| code.as_str().starts_with(begins));
    found.unwrap_or(FAULT)
}

fn name(whose: &Subject) -> String {
    match whose {
        Subject::Atlassian(account) => format!("the Atlassian account {account}"),
        Subject::Microsoft(tenant, object) => format!("the Microsoft user {object} of {tenant}"),
    }
}
