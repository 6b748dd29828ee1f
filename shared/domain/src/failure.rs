//! The class of a failure decides what happens to the work: come back, give up, or mend the code.

use std::time::Duration;

use crate::{FailureCode, Provider, SignInReason};

/// Why a piece of work was not done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Not now: try again, no sooner than `after` where the vendor said when.
    #[error("try again ({what})")]
    Retry {
        /// What stood in the way, such as `jira_throttled`; ours, never a vendor's text.
        what: &'static str,
        /// The vendor's `Retry-After`.
        after: Option<Duration>,
    },
    /// The person's grant is of no use until they sign in again.
    #[error("{provider:?} sign-in needed: {reason:?}")]
    SignInNeeded {
        /// At which vendor.
        provider: Provider,
        /// Why.
        reason: SignInReason,
    },
    /// The vendor does not let this person do it.
    #[error("refused ({what})")]
    Forbidden {
        /// What was refused.
        what: &'static str,
    },
    /// The object is gone, or never was there for this person.
    #[error("absent ({what})")]
    Absent {
        /// What is absent.
        what: &'static str,
    },
    /// Neither the vendor nor we do what we should: an operator's or a developer's matter.
    #[error("fault ({what})")]
    Fault {
        /// Where.
        what: &'static str,
    },
}

impl Failure {
    /// Whether doing the same again later can help.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Retry { .. })
    }

    /// A short code for logs and metrics.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Retry { .. } => "retry",
            Self::SignInNeeded { .. } => "sign_in_needed",
            Self::Forbidden { .. } => "forbidden",
            Self::Absent { .. } => "absent",
            Self::Fault { .. } => "fault",
        }
    }

    /// What it was of: ours, never a vendor's text.
    pub fn what(&self) -> &'static str {
        match self {
            Self::SignInNeeded { provider: Provider::Atlassian, .. } => "atlassian",
            Self::SignInNeeded { provider: Provider::Microsoft, .. } => "microsoft",
            Self::Retry { what, .. }
            | Self::Forbidden { what }
            | Self::Absent { what }
            | Self::Fault { what } => what,
        }
    }

    /// The two together, as a claim keeps them.
    pub fn noted(&self) -> Option<FailureCode> {
        FailureCode::parse(&format!("{}:{}", self.code(), self.what())).ok()
    }
}
