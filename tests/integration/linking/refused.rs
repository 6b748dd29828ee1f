//! Sign-ins that do not go through: a clear page, and nothing written.

use std::time::Duration;

use http::{Method, StatusCode};
use serde_json::{Value, json};
use tandem_domain::{
    AccountId, Clock, CloudId, Secret, Timestamp,
    settings::{SettingName, SettingValue, SettingValues},
};
use tandem_local::sandbox::gate::{Fault, Strike};
use tandem_microsoft::TokenError;
use tandem_store::{ScopeSettings, SettingsScope};

use super::SIGN_IN;
use crate::{
    sign_in::{
        People, back_from_atlassian, back_from_microsoft, parameter, replaced, to, to_microsoft,
        with,
    },
    support::{Answer, Browser, CLOUD, TENANT},
};

/// Another tenant than that of the people.
const OTHER: &str = "0c60ce18-654d-441a-badf-14404098f38e";

/// A page that says what to do.
fn assert_clear(page: &Answer, status: u16, name: &str) {
    assert_eq!(page.status, status, "{name}: {page:?}");
    assert!(page.body.starts_with("<!doctype html>"), "{name}: {page:?}");
    assert!(page.body.contains("href=\"/connect\""), "{name}: {page:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_works_once_for_ten_minutes_in_its_own_browser() {
    for case in ["missing", "empty", "invented", "replayed", "overdue", "no cookie", "foreign"] {
        for side in ["atlassian", "microsoft"] {
            let people = People::start().await;
            let name = format!("{case}, back from {side}");
            let (mut browser, mut other) = (people.stack.browser(), people.stack.browser());
            let mut back = back_from_atlassian(&mut browser, people.account(0)).await;
            if side == "microsoft" {
                let at = to(&browser.get(&back).await);
                back = back_from_microsoft(&mut browser, &at, people.object(0)).await;
            }
            let mut returning = &mut browser;
            match case {
                "missing" => back = replaced(&back, "state", None),
                "empty" => back = replaced(&back, "state", Some("")),
                "invented" => back = replaced(&back, "state", Some(&"A".repeat(43))),
                "replayed" => assert_eq!(returning.get(&back).await.status, 303, "{name}"),
                "overdue" => people.stack.clock.advance(Duration::from_mins(11)),
                "foreign" => {
                    other.get("/connect").await;
                    returning = &mut other;
                }
                _ => returning = &mut other,
            }
            let before = people.items().await;
            let page = returning.get(&back).await;
            assert_clear(&page, 400, &name);
            let after = people.items().await;
            assert!(after.iter().all(|item| before.contains(item)), "{name} wrote something");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_browser_does_not_use_the_state_up() {
    let people = People::start().await;
    let (mut browser, mut other) = (people.stack.browser(), people.stack.browser());
    other.get("/connect").await;
    let back = back_from_atlassian(&mut browser, people.account(0)).await;
    assert_eq!(other.get(&back).await.status, 400);
    assert_eq!(browser.get(&back).await.status, 303);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_is_good_for_its_own_step_only() {
    let people = People::start().await;
    let mut browser = people.stack.browser();
    let first = back_from_atlassian(&mut browser, people.account(0)).await;
    let at_second = first.replace("/connect/atlassian/callback", "/connect/microsoft/callback");
    assert_clear(&browser.get(&at_second).await, 400, "Atlassian's at Microsoft's");
    let at = to(&browser.get(&first).await);
    let second = back_from_microsoft(&mut browser, &at, people.object(0)).await;
    let at_first = second.replace("/connect/microsoft/callback", "/connect/atlassian/callback");
    assert_clear(&browser.get(&at_first).await, 400, "Microsoft's at Atlassian's");
    assert_eq!(people.kept().await, [0, 0, 1, 1, 0]);
    assert_eq!(browser.get(&second).await.status, 303, "both were left for their own step");
}

#[tokio::test(flavor = "multi_thread")]
async fn saying_no_on_either_side_links_nothing() {
    let people = People::start().await;
    let mut browser = people.stack.browser();
    let at = to(&browser.get("/connect").await);
    let no = [("login_as", people.account(0)), ("decision", "deny")];
    let back = to(&browser.get(&with(&at, &no)).await);
    assert_clear(&browser.get(&back).await, 403, "at Atlassian");
    assert_eq!(people.kept().await, [0; 5]);

    let at = to_microsoft(&mut browser, people.account(0)).await;
    let back = back_from_microsoft(&mut browser, &at, "deny").await;
    let page = browser.get(&back).await;
    assert_clear(&page, 403, "at Microsoft");
    assert!(!page.body.contains("AADSTS"), "{page:?}");
    assert_eq!(people.kept().await, [0, 0, 1, 1, 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn permissions_left_out_at_atlassian_are_asked_for_again() {
    for left_out in ["read:jira-work", "write:jira-work", "read:jira-user", "offline_access"] {
        let people = People::start().await;
        let mut browser = people.stack.browser();
        let at = to(&browser.get("/connect").await);
        let asked = parameter(&at, "scope");
        let fewer: Vec<&str> = asked.split(' ').filter(|scope| *scope != left_out).collect();
        let at = replaced(&at, "scope", Some(&fewer.join(" ")));
        let at = with(&at, &[("login_as", people.account(0))]);
        let back = to(&browser.get(&at).await);
        assert_clear(&browser.get(&back).await, 403, left_out);
        assert_eq!(people.kept().await, [0; 5], "{left_out}");
    }
}

/// Back from Microsoft, where the request was changed on the way there.
async fn tampered(people: &People, name: &str, value: &str) -> (Browser, String) {
    let mut browser = people.stack.browser();
    let at = replaced(&to_microsoft(&mut browser, people.account(0)).await, name, Some(value));
    let back = back_from_microsoft(&mut browser, &at, people.object(0)).await;
    (browser, back)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_of_another_request_is_refused() {
    let people = People::start().await;
    for (name, value) in [("nonce", "another"), ("code_challenge", &"A".repeat(43))] {
        let (mut browser, back) = tampered(&people, name, value).await;
        assert_clear(&browser.get(&back).await, 400, name);
        assert_eq!(people.kept().await, [0, 0, 1, 1, 0], "{name}");
    }
    // A code that somebody else's sign-in got, with our own state.
    let (mut browser, mut theirs) = (people.stack.browser(), people.stack.browser());
    let at = to_microsoft(&mut theirs, people.account(1)).await;
    let their_back = back_from_microsoft(&mut theirs, &at, people.object(1)).await;
    let at = to_microsoft(&mut browser, people.account(0)).await;
    let back = back_from_microsoft(&mut browser, &at, people.object(0)).await;
    let injected = replaced(&back, "code", Some(&parameter(&their_back, "code")));
    assert_clear(&browser.get(&injected).await, 400, "an injected code");
    assert_eq!(people.count("account_link").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_id_token_of_this_sign_in_is_believed() {
    let people = People::start().await;
    let app = &people.stack.app;
    let issuer = |tenant: &str| format!("{}/sandbox/entra/{tenant}/v2.0", people.stack.url());
    let nonce = Secret::new("the-nonce".to_owned());
    let now = people.stack.clock.now().as_secs();
    let good = json!({
        "iss": issuer(TENANT), "aud": app.config.microsoft_client_id, "tid": TENANT,
        "oid": people.object(0), "nonce": "the-nonce",
        "exp": now + 3600, "nbf": now, "iat": now,
    });
    for (claim, value, refused) in [
        ("nonce", json!("the-nonce"), None),
        ("nonce", json!("another"), Some(TokenError::Nonce)),
        ("nonce", Value::Null, Some(TokenError::Malformed)),
        ("aud", json!("another-app"), Some(TokenError::Audience)),
        ("iss", json!(issuer(OTHER)), Some(TokenError::Issuer)),
        ("tid", json!(OTHER), Some(TokenError::Issuer)),
        ("exp", json!(now - 1000), Some(TokenError::Expired)),
        ("nbf", json!(now + 1000), Some(TokenError::NotYetValid)),
        ("oid", json!("grace"), Some(TokenError::Malformed)),
    ] {
        let mut claims = good.clone();
        claims[claim] = value;
        let token = Secret::new(people.stack.microsoft.sign_id_token(&claims));
        let read = app.entra.verify(&token, &app.entra_keys, &nonce).await;
        assert_eq!(read.err(), refused, "{claim}");
    }
    let sign = |claims: &Value| people.stack.microsoft.sign_id_token(claims);
    let (good, another) = (sign(&good), sign(&json!({"any": "thing"})));
    let (claims, _) = good.rsplit_once('.').unwrap();
    let (_, signature) = another.rsplit_once('.').unwrap();
    let forged = Secret::new(format!("{claims}.{signature}"));
    let read = app.entra.verify(&forged, &app.entra_keys, &nonce).await;
    assert_eq!(read.err(), Some(TokenError::Signature));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_the_site_does_not_allow_is_not_linked() {
    let people = People::start().await;
    let scope = SettingsScope::Instance(CloudId::parse(CLOUD).unwrap());
    let name = SettingName::AllowedTenants;
    for (version, allowed, kept) in
        [(1, vec![OTHER], [0, 0, 1, 1, 0]), (2, vec![OTHER, TENANT], [1, 1, 2, 2, 1])]
    {
        let mut values = SettingValues::default();
        values.set(name, SettingValue::parse(name, &json!(allowed)).unwrap());
        let by = AccountId::parse(people.account(0)).unwrap();
        let settings = ScopeSettings::of(&scope, version, values, by, Timestamp::from_secs(1));
        people.stack.app.store.put_settings(&settings, version - 1).await.unwrap();

        let mut browser = people.stack.browser();
        let at = to_microsoft(&mut browser, people.account(0)).await;
        let back = back_from_microsoft(&mut browser, &at, people.object(0)).await;
        let page = browser.get(&back).await;
        if kept[0] == 0 {
            assert_clear(&page, 403, "another tenant only");
        }
        assert_eq!(people.kept().await, kept, "{allowed:?}");
    }
}

/// Opens one of our addresses with the sign-in's cookie: status, `Retry-After`, and the answer.
async fn open(browser: &mut Browser, people: &People, url: &str) -> (Option<String>, Answer) {
    let (_, path) = url.split_once("/connect/").unwrap();
    let request = people.stack.request("GET", &format!("/connect/{path}"));
    let cookie = format!("{SIGN_IN}={}", browser.cookies[SIGN_IN]);
    let answer = request.header("cookie", cookie).send().await.unwrap();
    let header = |name| answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
    let (after, location) = (header("retry-after"), header("location"));
    let status = answer.status().as_u16();
    (after, Answer { status, location, etag: None, body: answer.text().await.unwrap() })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vendor_that_fails_is_a_page_of_our_own() {
    for (method, path, answers, retry_after, status) in [
        (Method::POST, "/atlassian/login/oauth/token", 503, Some(17), 503),
        (Method::POST, "/atlassian/login/oauth/token", 429, Some(17), 503),
        (Method::POST, "/atlassian/login/oauth/token", 401, None, 502),
        (Method::GET, "/atlassian/api/oauth/token/accessible-resources", 429, Some(17), 503),
        (Method::GET, "/atlassian/api/oauth/token/accessible-resources", 418, None, 502),
        (Method::GET, "/myself", 500, None, 503),
        (Method::POST, "/oauth2/v2.0/token", 503, Some(17), 503),
        (Method::POST, "/oauth2/v2.0/token", 401, None, 502),
        (Method::GET, "/discovery/v2.0/keys", 500, None, 503),
    ] {
        let people = People::start().await;
        people.stack.gate.fail(Fault {
            method,
            path: String::new(),
            path_end: path.to_owned(),
            strike: Strike::Before,
            status: StatusCode::from_u16(answers).unwrap(),
            retry_after,
            times: 1,
        });
        let name = format!("{path} answers {answers}");
        let mut browser = people.stack.browser();
        let back = back_from_atlassian(&mut browser, people.account(0)).await;
        let (mut after, mut page) = open(&mut browser, &people, &back).await;
        if page.status == 303 {
            let back = back_from_microsoft(&mut browser, &to(&page), people.object(0)).await;
            (after, page) = open(&mut browser, &people, &back).await;
        }
        assert_clear(&page, status, &name);
        let expected = retry_after.map(|secs| secs.to_string());
        assert!(expected.is_none() || after == expected, "{name}: {after:?}");
        let written = (people.count("account_link").await, people.count("session").await);
        assert_eq!(written, (0, 0), "{name}");
    }
}
