//! What a refusal of Entra's token endpoint means for the grant.
//!
//! Codes: <https://learn.microsoft.com/entra/identity-platform/reference-error-codes>.

use std::time::Duration;

use reqwest::StatusCode;
use serde::Deserialize;
use tandem_domain::{IssuerError, SignInReason};

/// The part of an error answer that is read: codes, never the description.
#[derive(Default, Deserialize)]
struct Refusal {
    #[serde(default)]
    error: String,
    #[serde(default)]
    error_codes: Vec<u32>,
    #[serde(default)]
    suberror: Option<String>,
}

/// Reads an answer other than 200.
pub(crate) fn classify(
    status: StatusCode,
    retry_after: Option<Duration>,
    body: &[u8],
) -> IssuerError {
    if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() {
        return IssuerError::Unavailable { retry_after };
    }
    let refusal: Refusal = serde_json::from_slice(body).unwrap_or_default();
    if let Some(reason) = refusal.reason() {
        return IssuerError::Refused(reason);
    }
    match refusal.error.as_str() {
        "temporarily_unavailable" | "server_error" => IssuerError::Unavailable { retry_after },
        code => IssuerError::Misconfigured { code: presentable(code) },
    }
}

/// The same at a refresh: it asks for what the sign-in asked for, so a scope that is refused then is
/// one that the app asks for now and the grant does not hold. At a sign-in it is the app's own list
/// that is wrong.
pub(crate) fn of_refresh(error: IssuerError) -> IssuerError {
    match error {
        IssuerError::Misconfigured { code } if code == "invalid_scope" => {
            IssuerError::Refused(SignInReason::ConsentMissing)
        }
        error => error,
    }
}

impl Refusal {
    /// Why the person has to sign in again; `None` when that would not help.
    fn reason(&self) -> Option<SignInReason> {
        let by_number = self.error_codes.iter().copied().find_map(by_number);
        by_number.or_else(|| by_word(self.suberror.as_deref()?)).or_else(|| by_word(&self.error))
    }
}

fn by_number(code: u32) -> Option<SignInReason> {
    Some(match code {
        // Disabled, or no longer in the directory.
        50057 | 50034 => SignInReason::AccountDisabled,
        // Tokens revoked; password changed or reset.
        50173 | 50133 => SignInReason::Revoked,
        // Multi-factor authentication, device and conditional access policies, expired password.
        50055 | 50072 | 50074 | 50076 | 50078 | 50079 | 50158 | 53000..=53004 => {
            SignInReason::InteractionRequired
        }
        // Not consented to, or consent declined.
        65001 | 65004 => SignInReason::ConsentMissing,
        // Refresh token or code expired, idle, bound to a shorter session, or used before.
        54005 | 70000 | 70008 | 70043 | 700_082 | 700_084 => SignInReason::Expired,
        _ => return None,
    })
}

fn by_word(word: &str) -> Option<SignInReason> {
    Some(match word {
        "interaction_required" | "login_required" | "user_password_expired" => {
            SignInReason::InteractionRequired
        }
        "consent_required" => SignInReason::ConsentMissing,
        "token_expired" => SignInReason::Expired,
        "invalid_grant" => SignInReason::Revoked,
        _ => return None,
    })
}

/// The vendor's error code where it looks like one, so that no text of an answer gets further.
fn presentable(code: &str) -> String {
    let is_code = (1..=64).contains(&code.len())
        && code.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_'));
    if is_code { code.to_owned() } else { "unreadable_answer".to_owned() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::fixture;

    #[test]
    fn each_refusal_has_its_meaning() {
        use SignInReason::{
            AccountDisabled, ConsentMissing, Expired, InteractionRequired, Revoked,
        };
        for (error, codes, suberror, meaning) in [
            ("invalid_grant", vec![70000], None, Expired),
            ("invalid_grant", vec![700_082], None, Expired),
            ("invalid_grant", vec![70008], None, Expired),
            ("invalid_grant", vec![54005], None, Expired),
            ("invalid_grant", vec![50173], None, Revoked),
            ("invalid_grant", vec![], None, Revoked),
            ("invalid_grant", vec![1, 2], Some("bad_token"), Revoked),
            ("invalid_grant", vec![], Some("token_expired"), Expired),
            ("invalid_grant", vec![50076], Some("basic_action"), InteractionRequired),
            ("interaction_required", vec![50079], None, InteractionRequired),
            ("interaction_required", vec![], None, InteractionRequired),
            ("invalid_grant", vec![65001], Some("consent_required"), ConsentMissing),
            ("invalid_grant", vec![50057], None, AccountDisabled),
        ] {
            let body = json!({"error": error, "error_codes": codes, "suberror": suberror});
            let read = classify(StatusCode::BAD_REQUEST, None, body.to_string().as_bytes());
            assert_eq!(read, IssuerError::Refused(meaning), "{body}");
        }
    }

    #[test]
    fn each_code_that_ends_a_grant_has_its_reason() {
        use SignInReason::{
            AccountDisabled, ConsentMissing, Expired, InteractionRequired, Revoked,
        };
        for (reason, codes) in [
            (AccountDisabled, &[50034, 50057][..]),
            (Revoked, &[50133, 50173]),
            (InteractionRequired, &[50055, 50072, 50074, 50076, 50078, 50079, 50158]),
            (InteractionRequired, &[53000, 53001, 53002, 53003, 53004]),
            (ConsentMissing, &[65001, 65004]),
            (Expired, &[54005, 70000, 70008, 70043, 700_082, 700_084]),
        ] {
            for code in codes {
                // The number counts, whatever word is beside it.
                for error in ["invalid_grant", "interaction_required"] {
                    let body = json!({"error": error, "error_codes": [code]});
                    let read = classify(StatusCode::BAD_REQUEST, None, body.to_string().as_bytes());
                    assert_eq!(read, IssuerError::Refused(reason), "{body}");
                }
            }
        }
    }

    #[test]
    fn a_scope_that_is_missing_at_a_refresh_is_the_owners_to_give() {
        let of = |error: &str| {
            let body = json!({"error": error, "error_codes": [70011]}).to_string();
            classify(StatusCode::BAD_REQUEST, None, body.as_bytes())
        };
        let misconfigured = |code: &str| IssuerError::Misconfigured { code: code.to_owned() };
        assert_eq!(of("invalid_scope"), misconfigured("invalid_scope"), "at a sign-in it is ours");
        let missing = IssuerError::Refused(SignInReason::ConsentMissing);
        assert_eq!(of_refresh(of("invalid_scope")), missing);
        assert_eq!(of_refresh(of("invalid_client")), misconfigured("invalid_client"));
        let expired = IssuerError::Refused(SignInReason::Expired);
        assert_eq!(of_refresh(expired.clone()), expired);
    }

    #[test]
    fn what_signing_in_cannot_mend_is_an_operators_matter() {
        for (status, body, code) in [
            (401, r#"{"error":"invalid_client","error_codes":[7000215]}"#, "invalid_client"),
            (400, r#"{"error":"unauthorized_client"}"#, "unauthorized_client"),
            (400, r#"{"error":"It's Grace's fault"}"#, "unreadable_answer"),
            (400, r#"{"error":42}"#, "unreadable_answer"),
            (404, "<html>", "unreadable_answer"),
            (302, "", "unreadable_answer"),
        ] {
            let read = classify(StatusCode::from_u16(status).unwrap(), None, body.as_bytes());
            assert_eq!(read, IssuerError::Misconfigured { code: code.to_owned() }, "{body}");
        }
    }

    #[test]
    fn a_throttled_or_broken_endpoint_is_unavailable() {
        let after = Some(Duration::from_secs(17));
        for (status, body) in [(429, "{}"), (500, "<html>"), (503, r#"{"error":"invalid_grant"}"#)]
        {
            let read = classify(StatusCode::from_u16(status).unwrap(), after, body.as_bytes());
            assert_eq!(read, IssuerError::Unavailable { retry_after: after }, "{status}");
        }
        let read =
            classify(StatusCode::BAD_REQUEST, None, br#"{"error":"temporarily_unavailable"}"#);
        assert_eq!(read, IssuerError::Unavailable { retry_after: None });
    }

    #[test]
    fn the_documented_answers_are_understood() {
        for (name, meaning) in [
            (
                "entra-docs-authcode-token-error-invalid_scope.json",
                IssuerError::Misconfigured { code: "invalid_scope".to_owned() },
            ),
            (
                "entra-docs-obo-error-interaction_required.json",
                IssuerError::Refused(SignInReason::InteractionRequired),
            ),
        ] {
            let Some(body) = fixture(&format!("oauth/token-responses/{name}")) else { return };
            assert_eq!(classify(StatusCode::BAD_REQUEST, None, &body), meaning, "{name}");
        }
    }
}
