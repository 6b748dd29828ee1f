//! What keeps the bot from doing what it was asked, in words for the person.

use tandem_domain::Failure;
use tandem_microsoft::cards::{self, Card, SignInWhy};
use tandem_runtime::App;
use tandem_store::StoreError;
use url::Url;

/// Why something was not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stopped {
    /// Not caused by a person of the tenant.
    NotAPerson,
    /// The person has not linked their accounts.
    NotLinked,
    /// Only a new sign-in helps.
    SignInNeeded,
    /// The Jira site does not allow the person's tenant.
    TenantNotAllowed,
    /// What they named does not exist, or they may not see or change it: which, is not told.
    NotThere,
    /// What they asked for cannot be done, and why: a sentence of ours.
    Cannot(&'static str),
    /// Anything else.
    Failed(Failure),
}

impl From<Failure> for Stopped {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::SignInNeeded { .. } => Self::SignInNeeded,
            Failure::Absent { what: "grant" } => Self::NotLinked,
            Failure::Absent { .. } | Failure::Forbidden { .. } => Self::NotThere,
            failure => Self::Failed(failure),
        }
    }
}

impl From<StoreError> for Stopped {
    fn from(error: StoreError) -> Self {
        Self::from(Failure::from(error))
    }
}

impl Stopped {
    /// A sentence for the person; `None` where a sign-in is what helps.
    pub(crate) fn sentence(&self) -> Option<&'static str> {
        Some(match self {
            Self::NotLinked | Self::SignInNeeded => return None,
            Self::NotAPerson => "I only answer people of this organisation.",
            Self::TenantNotAllowed => {
                "An administrator of the Jira site does not allow accounts of this organisation."
            }
            Self::NotThere => "That does not exist in Jira, or you may not see or change it.",
            Self::Cannot(sentence) => sentence,
            Self::Failed(Failure::Retry { .. }) => {
                "Jira or Teams is not answering just now. Please try again in a moment."
            }
            Self::Failed(_) => "Something went wrong on our side. The operators can see it.",
        })
    }

    /// A short word for logs.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::NotAPerson => "not_a_person",
            Self::NotLinked => "not_linked",
            Self::SignInNeeded => "sign_in_needed",
            Self::TenantNotAllowed => "tenant_not_allowed",
            Self::NotThere => "not_there",
            Self::Cannot(_) => "cannot",
            Self::Failed(failure) => failure.code(),
        }
    }

    /// The card that says so.
    pub(crate) fn card(&self, app: &App) -> Card {
        let why = match self {
            Self::NotLinked => SignInWhy::Connect,
            Self::SignInNeeded => SignInWhy::Again,
            other => return cards::notice("", other.sentence().unwrap_or_default(), &[]),
        };
        match connect_url(app) {
            Ok(url) => cards::sign_in(&url, why),
            Err(failure) => Self::Failed(failure).card(app),
        }
    }

    /// Writes what is not the person's doing into the log.
    pub(crate) fn log(&self, what: &'static str) {
        match self {
            Self::Failed(failure) if !failure.is_transient() => {
                tracing::error!(target: "tandem", function = crate::NAME, what, code = self.code(), %failure, "not done");
            }
            Self::Failed(failure) => {
                tracing::warn!(target: "tandem", function = crate::NAME, what, code = self.code(), %failure, "not done");
            }
            _ => {
                tracing::info!(target: "tandem", function = crate::NAME, what, code = self.code(), "not done");
            }
        }
    }
}

/// Where people sign in with both sides.
pub(crate) fn connect_url(app: &App) -> Result<Url, Failure> {
    Url::parse(&app.config.public("/connect")).map_err(|_| Failure::Fault { what: "public_url" })
}
