//! A vendor refused a token that should have lasted: whether the work is tried again.

use tandem_domain::{Failure, FailureCode, Provider};
use tandem_runtime::conversations::{FRESH, Renewal};

/// How far it came with a token, as a claim notes it.
struct Codes {
    /// There is a new token, or there soon may be.
    renewed: &'static str,
    /// The new one was refused, too. It is renewed once more when it is older.
    refused: &'static str,
    /// That was done.
    renewed_again: &'static str,
}

const ATLASSIAN: Codes = Codes {
    renewed: "jira_token_renewed",
    refused: "jira_token_refused",
    renewed_again: "jira_token_renewed_again",
};
const MICROSOFT: Codes = Codes {
    renewed: "graph_token_renewed",
    refused: "graph_token_refused",
    renewed_again: "graph_token_renewed_again",
};

impl Codes {
    fn of(provider: Provider) -> &'static Self {
        match provider {
            Provider::Atlassian => &ATLASSIAN,
            Provider::Microsoft => &MICROSOFT,
        }
    }
}

/// What the next attempt waits for after a refusal of `provider`'s; `None` where a new sign-in alone
/// can help. `before` is what the last attempt failed with, as its claim notes it.
pub(crate) fn again(
    before: Option<&FailureCode>,
    provider: Provider,
    renewal: Renewal,
) -> Option<Failure> {
    let codes = Codes::of(provider);
    let before = before.and_then(|code| code.as_str().strip_prefix("retry:")).unwrap_or_default();
    let (what, after) = if renewal == Renewal::Ended || before == codes.renewed_again {
        return None;
    } else if before == codes.refused {
        (codes.renewed_again, None)
    } else if before == codes.renewed && renewal == Renewal::Fresh {
        (codes.refused, Some(FRESH))
    } else {
        (codes.renewed, None)
    };
    Some(Failure::Retry { what, after })
}

/// Whether a failure, or what the last attempt failed with, is a refusal of `provider`'s.
pub(crate) fn is_again(code: Option<&FailureCode>, provider: Provider) -> bool {
    let what = code.and_then(|code| code.as_str().strip_prefix("retry:"));
    let Codes { renewed, refused, renewed_again } = Codes::of(provider);
    what.is_some_and(|what| [renewed, refused, renewed_again].contains(&&what))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is waited for, attempt after attempt, while a grant stands so.
    fn attempts(standing: &[Renewal]) -> Vec<&'static str> {
        let mut before = None;
        let mut waited = Vec::new();
        for renewal in standing {
            let Some(failure) = again(before.as_ref(), Provider::Microsoft, *renewal) else {
                waited.push("no more");
                break;
            };
            waited.push(failure.what());
            before = failure.noted();
        }
        waited
    }

    #[test]
    fn a_refused_token_is_renewed_twice_with_a_pause_between() {
        use Renewal::{Ended, Fresh, Renewed};
        let Codes { renewed, refused, renewed_again } = MICROSOFT;
        for (standing, waited) in [
            (&[Ended][..], &["no more"][..]),
            (&[Renewed, Ended], &[renewed, "no more"]),
            // Somebody else renewed it just before.
            (&[Fresh, Fresh, Renewed, Fresh], &[renewed, refused, renewed_again, "no more"]),
            (&[Renewed, Fresh, Renewed, Fresh], &[renewed, refused, renewed_again, "no more"]),
            (&[Renewed, Renewed], &[renewed, renewed]),
        ] {
            assert_eq!(attempts(standing), waited, "{standing:?}");
        }
    }

    #[test]
    fn any_other_failure_in_between_begins_it_anew() {
        let throttled = Failure::Retry { what: "graph_throttled", after: None };
        let at_jira = Failure::Retry { what: ATLASSIAN.renewed_again, after: None };
        for before in [throttled.noted(), at_jira.noted()] {
            assert!(!is_again(before.as_ref(), Provider::Microsoft));
            let next = again(before.as_ref(), Provider::Microsoft, Renewal::Fresh).unwrap();
            assert_eq!(next.what(), MICROSOFT.renewed);
        }
        assert!(is_again(at_jira.noted().as_ref(), Provider::Atlassian));
    }
}
