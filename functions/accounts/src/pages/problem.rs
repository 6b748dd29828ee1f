//! What can go wrong on the way through a sign-in, as a page that says what to do. No text of a
//! vendor or of the request is ever shown.

use std::time::Duration;

use askama::Template;
use http::{HeaderValue, StatusCode, header};
use tandem_domain::{Failure, IssuerError, Provider};
use tandem_microsoft::TokenError;
use tandem_runtime::{
    ApiError,
    http::{Answer, Code, html},
};
use tandem_store::StoreError;

use super::ProblemPage;

/// Why a page shows something else than what was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) status: StatusCode,
    /// For the log line.
    pub(crate) code: &'static str,
    title: String,
    advice: String,
    /// Seconds.
    retry_after: Option<u64>,
}

/// The vendor's name as people know it.
fn name(provider: Provider) -> &'static str {
    match provider {
        Provider::Atlassian => "Atlassian",
        Provider::Microsoft => "Microsoft",
    }
}

impl Problem {
    fn new(
        status: StatusCode,
        code: &'static str,
        title: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        let (title, advice) = (title.into(), advice.into());
        Self { status, code, title, advice, retry_after: None }
    }

    /// The state is missing, unknown, used, overdue or of another browser.
    pub(crate) fn not_this_sign_in() -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "sign_in_state",
            "This sign-in cannot go on",
            "It was begun more than ten minutes ago or in another browser, or it has been used \
             already. Nothing was changed.",
        )
    }

    /// The form did not come from our page.
    pub(crate) fn csrf() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "csrf",
            "This form did not come from our page",
            "Nothing was changed. Open the page again and send the form from there.",
        )
    }

    /// Nobody is signed in.
    pub(crate) fn not_signed_in() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "not_signed_in",
            "You are not signed in",
            "A session ends after eight hours, and when you disconnect your accounts.",
        )
    }

    /// The person said no.
    pub(crate) fn declined(provider: Provider) -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "declined",
            format!("You did not let Tandem in at {}", name(provider)),
            "Your accounts are linked only when you agree on both sides. Nothing was linked.",
        )
    }

    /// The vendor's answer is not a sign-in.
    pub(crate) fn refused(provider: Provider) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "sign_in_refused",
            format!("{} did not complete the sign-in", name(provider)),
            "Nothing was linked. Begin again; if it happens repeatedly, tell whoever runs Tandem \
             for you.",
        )
    }

    /// Part of what Tandem asks for was not granted.
    pub(crate) fn consent_incomplete(provider: Provider) -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "consent_incomplete",
            format!("Some permissions at {} are missing", name(provider)),
            "Tandem works as you and needs each permission it asks for. Begin again and leave all \
             of them ticked.",
        )
    }

    /// The vendor does not answer.
    pub(crate) fn unavailable(provider: Provider, after: Option<Duration>) -> Self {
        Self {
            retry_after: Some(after.map_or(1, |after| after.as_secs().max(1))),
            ..Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "vendor_unavailable",
                format!("{} does not answer right now", name(provider)),
                "Nothing was linked. Wait a minute, then begin again.",
            )
        }
    }

    /// The vendor answers something we do not understand, or does not know our app.
    fn unexpected(provider: Provider) -> Self {
        Self::new(
            StatusCode::BAD_GATEWAY,
            "vendor_unexpected",
            format!("{} gave an unexpected answer", name(provider)),
            "Nothing was linked. Tell whoever runs Tandem for you.",
        )
    }

    /// None of the person's sites is served.
    pub(crate) fn no_site() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "no_site",
            "Tandem is not set up for your Jira site",
            "Ask an administrator of your Jira site to have Tandem set up for it, then begin \
             again. If you belong to several sites, choose the right one on Atlassian’s page.",
        )
    }

    /// The picked site was not offered.
    pub(crate) fn unknown_site() -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "unknown_site",
            "That site was not offered",
            "Nothing was linked. Begin again and pick one of the sites on the page.",
        )
    }

    /// The site's administrators do not let accounts of this tenant be linked.
    pub(crate) fn tenant_not_allowed() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "tenant_not_allowed",
            "Accounts of this Microsoft organisation cannot be linked here",
            "The administrators of the Jira site choose which Microsoft organisations may be \
             linked. Begin again with an account of one of those, or ask an administrator to \
             allow yours.",
        )
    }

    /// 500; `code` goes to the log only.
    pub(crate) fn fault(code: &'static str) -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            code,
            "Something went wrong on our side",
            "Begin again; if it happens repeatedly, tell whoever runs Tandem for you.",
        )
    }

    /// The token endpoint gave no tokens for a code.
    pub(crate) fn of_issuer(provider: Provider, error: &IssuerError) -> Self {
        match error {
            IssuerError::Refused(_) => Self::refused(provider),
            IssuerError::Unavailable { retry_after } => Self::unavailable(provider, *retry_after),
            IssuerError::Misconfigured { code } if code == "no_refresh_token" => {
                Self::consent_incomplete(provider)
            }
            IssuerError::Misconfigured { .. } => Self::unexpected(provider),
        }
    }

    /// The id token is not believed.
    pub(crate) fn of_id_token(error: TokenError) -> Self {
        match error {
            TokenError::KeysUnavailable => Self::unavailable(Provider::Microsoft, None),
            error => Self { code: error.code(), ..Self::refused(Provider::Microsoft) },
        }
    }

    /// A call to the vendor's API failed.
    pub(crate) fn of_vendor(provider: Provider, failure: &Failure) -> Self {
        match failure {
            Failure::Retry { after, .. } => Self::unavailable(provider, *after),
            Failure::SignInNeeded { .. } => Self::refused(provider),
            Failure::Forbidden { .. } | Failure::Absent { .. } => {
                Self::consent_incomplete(provider)
            }
            Failure::Fault { .. } => Self::unexpected(provider),
        }
    }

    /// The page.
    pub(crate) fn into_answer(self) -> Answer {
        let page = ProblemPage { title: &self.title, advice: &self.advice };
        let text = page.render().map_err(|_| ApiError::internal("page"))?;
        let mut response = html(self.status, text)?;
        if let Some(secs) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(secs));
        }
        response.extensions_mut().insert(Code(self.code));
        Ok(response)
    }
}

impl From<ApiError> for Problem {
    /// An error of our own parts: said in general words.
    fn from(error: ApiError) -> Self {
        match error.status {
            StatusCode::SERVICE_UNAVAILABLE => Self {
                retry_after: error.retry_after,
                ..Self::new(
                    error.status,
                    error.code,
                    "Not possible right now",
                    "Nothing was lost. Wait a minute, then begin again.",
                )
            },
            _ => Self::fault(error.code),
        }
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        ApiError::from(failure).into()
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        ApiError::from(error).into()
    }
}
