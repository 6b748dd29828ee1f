//! What can go wrong on the way through a sign-in, as a page that says what to do. No text of a
//! vendor or of the request is ever shown.

use std::time::Duration;

use http::StatusCode;
use tandem_domain::{Failure, IssuerError, Provider};
use tandem_microsoft::TokenError;
use tandem_pages::{Problem, texts::SignIn};

const TEXTS: SignIn = SignIn::EN;

/// A text about a vendor, by the name that people know.
fn about(provider: Provider, text: &str) -> String {
    let name = match provider {
        Provider::Atlassian => TEXTS.atlassian,
        Provider::Microsoft => TEXTS.microsoft,
    };
    text.replace("{vendor}", name)
}

/// The state is missing, unknown, used, overdue or of another browser.
pub(crate) fn not_this_sign_in() -> Problem {
    let (title, advice) = (TEXTS.not_this, TEXTS.not_this_advice);
    Problem::new(StatusCode::BAD_REQUEST, "sign_in_state", title, advice)
}

/// The person said no.
pub(crate) fn declined(provider: Provider) -> Problem {
    let title = about(provider, TEXTS.declined);
    Problem::new(StatusCode::FORBIDDEN, "declined", title, TEXTS.declined_advice)
}

/// The vendor's answer is not a sign-in.
pub(crate) fn refused(provider: Provider) -> Problem {
    let title = about(provider, TEXTS.refused);
    Problem::new(StatusCode::BAD_REQUEST, "sign_in_refused", title, TEXTS.refused_advice)
}

/// Part of what Tandem asks for was not granted.
pub(crate) fn consent_incomplete(provider: Provider) -> Problem {
    let title = about(provider, TEXTS.consent_incomplete);
    let advice = TEXTS.consent_incomplete_advice;
    Problem::new(StatusCode::FORBIDDEN, "consent_incomplete", title, advice)
}

/// The vendor does not answer.
pub(crate) fn unavailable(provider: Provider, after: Option<Duration>) -> Problem {
    let title = about(provider, TEXTS.unavailable);
    let (status, advice) = (StatusCode::SERVICE_UNAVAILABLE, TEXTS.unavailable_advice);
    Problem {
        retry_after: Some(after.map_or(1, |after| after.as_secs().max(1))),
        ..Problem::new(status, "vendor_unavailable", title, advice)
    }
}

/// The vendor answers something we do not understand, or does not know our app.
fn unexpected(provider: Provider) -> Problem {
    let title = about(provider, TEXTS.unexpected);
    Problem::new(StatusCode::BAD_GATEWAY, "vendor_unexpected", title, TEXTS.unexpected_advice)
}

/// None of the person's sites is served.
pub(crate) fn no_site() -> Problem {
    Problem::new(StatusCode::FORBIDDEN, "no_site", TEXTS.no_site, TEXTS.no_site_advice)
}

/// The picked site was not offered.
pub(crate) fn unknown_site() -> Problem {
    let (title, advice) = (TEXTS.unknown_site, TEXTS.unknown_site_advice);
    Problem::new(StatusCode::BAD_REQUEST, "unknown_site", title, advice)
}

/// The site's administrators do not let accounts of this tenant be linked.
pub(crate) fn tenant_not_allowed() -> Problem {
    let (title, advice) = (TEXTS.tenant_not_allowed, TEXTS.tenant_not_allowed_advice);
    Problem::new(StatusCode::FORBIDDEN, "tenant_not_allowed", title, advice)
}

/// The token endpoint gave no tokens for a code.
pub(crate) fn of_issuer(provider: Provider, error: &IssuerError) -> Problem {
    match error {
        IssuerError::Refused(_) => refused(provider),
        IssuerError::Unavailable { retry_after } => unavailable(provider, *retry_after),
        IssuerError::Misconfigured { code } if code == "no_refresh_token" => {
            consent_incomplete(provider)
        }
        IssuerError::Misconfigured { .. } => unexpected(provider),
    }
}

/// The id token is not believed.
pub(crate) fn of_id_token(error: TokenError) -> Problem {
    match error {
        TokenError::KeysUnavailable => unavailable(Provider::Microsoft, None),
        error => Problem { code: error.code(), ..refused(Provider::Microsoft) },
    }
}

/// A call to the vendor's API failed.
pub(crate) fn of_vendor(provider: Provider, failure: &Failure) -> Problem {
    match failure {
        Failure::Retry { after, .. } => unavailable(provider, *after),
        Failure::SignInNeeded { .. } => refused(provider),
        Failure::Forbidden { .. } | Failure::Absent { .. } => consent_incomplete(provider),
        Failure::Fault { .. } => unexpected(provider),
    }
}

#[cfg(test)]
mod tests {
    use tandem_domain::SignInReason;

    use super::*;

    #[test]
    fn each_failure_has_its_status_and_repeats_nobodys_words() {
        use IssuerError::{Misconfigured, Refused, Unavailable};
        let seconds = std::time::Duration::from_secs;
        let vendor = |failure| of_vendor(Provider::Atlassian, &failure);
        let issuer = |error| of_issuer(Provider::Microsoft, &error);
        for (problem, status, code, after) in [
            (issuer(Refused(SignInReason::Expired)), 400, "sign_in_refused", None),
            (
                issuer(Unavailable { retry_after: Some(seconds(7)) }),
                503,
                "vendor_unavailable",
                Some("7"),
            ),
            (
                issuer(Misconfigured { code: "invalid_client".into() }),
                502,
                "vendor_unexpected",
                None,
            ),
            (
                issuer(Misconfigured { code: "no_refresh_token".into() }),
                403,
                "consent_incomplete",
                None,
            ),
            (
                vendor(Failure::Retry { what: "jira_throttled", after: None }),
                503,
                "vendor_unavailable",
                Some("1"),
            ),
            (vendor(Failure::Forbidden { what: "jira_myself" }), 403, "consent_incomplete", None),
            (
                vendor(Failure::Fault { what: "jira_unexpected_answer" }),
                502,
                "vendor_unexpected",
                None,
            ),
            (of_id_token(TokenError::Nonce), 400, "token_nonce", None),
            (of_id_token(TokenError::KeysUnavailable), 503, "vendor_unavailable", Some("1")),
            (Problem::from(Failure::Fault { what: "vault_broken" }), 500, "vault_broken", None),
            (
                Failure::Retry { what: "table_unavailable", after: None }.into(),
                503,
                "table_unavailable",
                Some("1"),
            ),
        ] {
            assert_eq!((problem.status.as_u16(), problem.code), (status, code), "{problem:?}");
            let answer = problem.into_answer().unwrap();
            let header = answer.headers().get("retry-after").map(|value| value.to_str().unwrap());
            assert_eq!((answer.status().as_u16(), header), (status, after), "{code}");
            let body: &[u8] = answer.body();
            let page = String::from_utf8(body.to_vec()).unwrap();
            assert!(page.contains("href=\"/connect\"") && !page.contains(code), "{page}");
        }
    }
}
