use tandem_domain::{Failure, IssuerError, Provider, SignInReason};
use tandem_microsoft::TokenError;

use super::*;

fn choices() -> PickSite<'static> {
    PickSite {
        state: "a-state",
        csrf: "a-token",
        sites: vec![
            SiteChoice { id: "id-1", name: "<script>alert(1)</script>", host: "a.atlassian.net" },
            SiteChoice { id: "id-2", name: "Tom & \"Ada\"", host: "b.atlassian.net" },
        ],
    }
}

fn connected(appearance: &str) -> Connected<'_> {
    Connected {
        appearance,
        site_host: Some("a.atlassian.net"),
        account_id: "712020:1",
        tenant_id: "the-tenant",
        object_id: "the-object",
        csrf: "a-token",
    }
}

fn problem() -> ProblemPage<'static> {
    ProblemPage { title: "A title", advice: "Advice" }
}

#[test]
fn every_page_stands_alone() {
    for page in [
        choices().render().unwrap(),
        connected("auto").render().unwrap(),
        Disconnected.render().unwrap(),
        problem().render().unwrap(),
    ] {
        assert!(page.starts_with("<!doctype html>\n<html lang=\"en\""), "{page}");
        assert!(page.contains("name=\"viewport\"") && page.contains("prefers-color-scheme: dark"));
        assert_eq!(page.matches("<h1").count(), 1, "{page}");
        for foreign in ["<script", "src=", "@import", "url(", "<link", "style=\""] {
            assert!(!page.contains(foreign), "{foreign} in {page}");
        }
    }
}

#[test]
fn a_name_is_shown_and_not_run() {
    let page = choices().render().unwrap();
    assert!(page.contains("&#60;script&#62;alert(1)") || page.contains("&lt;script&gt;alert(1)"));
    assert!(page.contains("Tom &#38; ") || page.contains("Tom &amp; "), "{page}");
    assert!(page.contains("value=\"id-2\"") && page.contains("value=\"a-state\""), "{page}");
}

#[test]
fn the_connected_page_names_both_sides_and_follows_the_appearance() {
    let page = connected("dark").render().unwrap();
    for shown in ["712020:1", "the-tenant", "the-object", "a.atlassian.net", "data-look=\"dark\""] {
        assert!(page.contains(shown), "{shown} in {page}");
    }
    assert!(page.contains("action=\"/disconnect\"") && page.contains("value=\"a-token\""));
}

#[test]
fn each_failure_has_its_status_and_repeats_nobodys_words() {
    use IssuerError::{Misconfigured, Refused, Unavailable};
    let seconds = std::time::Duration::from_secs;
    let vendor = |failure| Problem::of_vendor(Provider::Atlassian, &failure);
    let issuer = |error| Problem::of_issuer(Provider::Microsoft, &error);
    for (problem, status, code, after) in [
        (issuer(Refused(SignInReason::Expired)), 400, "sign_in_refused", None),
        (
            issuer(Unavailable { retry_after: Some(seconds(7)) }),
            503,
            "vendor_unavailable",
            Some("7"),
        ),
        (issuer(Misconfigured { code: "invalid_client".into() }), 502, "vendor_unexpected", None),
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
        (vendor(Failure::Fault { what: "jira_unexpected_answer" }), 502, "vendor_unexpected", None),
        (Problem::of_id_token(TokenError::Nonce), 400, "token_nonce", None),
        (Problem::of_id_token(TokenError::KeysUnavailable), 503, "vendor_unavailable", Some("1")),
        (Failure::Fault { what: "vault_broken" }.into(), 500, "vault_broken", None),
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
