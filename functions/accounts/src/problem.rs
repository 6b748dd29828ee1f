//! What can go wrong on the way through a sign-in, as a page that says what to do. No text of a
//! vendor or of the request is ever shown.

use std::time::Duration;

use http::StatusCode;
use tandem_domain::{Failure, IssuerError, Provider};
use tandem_microsoft::TokenError;
use tandem_pages::Problem;

/// The vendor's name as people know it.
fn name(provider: Provider) -> &'static str {
    match provider {
        Provider::Atlassian => "Atlassian",
        Provider::Microsoft => "Microsoft",
    }
}

/// The state is missing, unknown, used, overdue or of another browser.
pub(crate) fn not_this_sign_in() -> Problem {
    Problem::new(
        StatusCode::BAD_REQUEST,
        "sign_in_state",
        "This sign-in cannot go on",
        "It was begun more than ten minutes ago or in another browser, or it has been used \
         already. Nothing was changed.",
    )
}

/// The person said no.
pub(crate) fn declined(provider: Provider) -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "declined",
        format!("You did not let Tandem in at {}", name(provider)),
        "Your accounts are linked only when you agree on both sides. Nothing was linked.",
    )
}

/// The vendor's answer is not a sign-in.
pub(crate) fn refused(provider: Provider) -> Problem {
    Problem::new(
        StatusCode::BAD_REQUEST,
        "sign_in_refused",
        format!("{} did not complete the sign-in", name(provider)),
        "Nothing was linked. Begin again; if it happens repeatedly, tell whoever runs Tandem \
         for you.",
    )
}

/// Part of what Tandem asks for was not granted.
pub(crate) fn consent_incomplete(provider: Provider) -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "consent_incomplete",
        format!("Some permissions at {} are missing", name(provider)),
        "Tandem works as you and needs each permission it asks for. Begin again and leave all \
         of them ticked.",
    )
}

/// The vendor does not answer.
pub(crate) fn unavailable(provider: Provider, after: Option<Duration>) -> Problem {
    Problem {
        retry_after: Some(after.map_or(1, |after| after.as_secs().max(1))),
        ..Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "vendor_unavailable",
            format!("{} does not answer right now", name(provider)),
            "Nothing was linked. Wait a minute, then begin again.",
        )
    }
}

/// The vendor answers something we do not understand, or does not know our app.
fn unexpected(provider: Provider) -> Problem {
    Problem::new(
        StatusCode::BAD_GATEWAY,
        "vendor_unexpected",
        format!("{} gave an unexpected answer", name(provider)),
        "Nothing was linked. Tell whoever runs Tandem for you.",
    )
}

/// None of the person's sites is served.
pub(crate) fn no_site() -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "no_site",
        "Tandem is not set up for your Jira site",
        "Ask an administrator of your Jira site to have Tandem set up for it, then begin \
         again. If you belong to several sites, choose the right one on Atlassian’s page.",
    )
}

/// The picked site was not offered.
pub(crate) fn unknown_site() -> Problem {
    Problem::new(
        StatusCode::BAD_REQUEST,
        "unknown_site",
        "That site was not offered",
        "Nothing was linked. Begin again and pick one of the sites on the page.",
    )
}

/// The site's administrators do not let accounts of this tenant be linked.
pub(crate) fn tenant_not_allowed() -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "tenant_not_allowed",
        "Accounts of this Microsoft organisation cannot be linked here",
        "The administrators of the Jira site choose which Microsoft organisations may be \
         linked. Begin again with an account of one of those, or ask an administrator to \
         allow yours.",
    )
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
