//! Linking a Jira account with a Microsoft account: the whole way through a browser, every way it
//! can go wrong, and its end.

mod disconnect;
mod pairs;
mod refused;
mod sites;

use std::time::Duration;

use serde_json::json;
use tandem_domain::{AccountId, Clock, SignInReason, Subject, Timestamp};

use crate::{
    sign_in::{
        People, back_from_atlassian, back_from_microsoft, parameter, post_form, to, to_microsoft,
    },
    support::{Answer, Browser, CLOUD, HOST, TENANT},
};

const SESSION: &str = "__Host-tandem";
const FRAMED: &str = "__Host-tandem-framed";
const SIGN_IN: &str = "__Host-tandem-signin";

/// Disconnects as a script does, with this CSRF token.
async fn disconnect(browser: &mut Browser, csrf: Option<&str>) -> Answer {
    browser
        .send("POST", "/disconnect", |request| match csrf {
            Some(csrf) => request.header("x-csrf-token", csrf),
            None => request,
        })
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_to_both_sides_links_the_accounts() {
    let people = People::start().await;
    let mut browser = people.stack.browser();
    let back = back_from_atlassian(&mut browser, people.account(0)).await;
    assert_eq!(people.count("sign_in").await, 1);
    let at = to(&browser.get(&back).await);
    assert_eq!(parameter(&at, "code_challenge_method"), "S256");
    assert_ne!(parameter(&at, "state"), parameter(&back, "state"));
    assert_eq!(people.kept().await, [0, 0, 1, 1, 0], "one grant, no link yet");

    let back = back_from_microsoft(&mut browser, &at, people.object(0)).await;
    let linked = browser.get(&back).await;
    assert_eq!((linked.status, to(&linked).as_str()), (303, "/connected"));
    assert_eq!(people.kept().await, [1, 1, 2, 2, 1]);
    assert_eq!(browser.cookies.get(SIGN_IN), None);
    let link = people.link(0).await.unwrap();
    assert_eq!(link.object_id.as_str(), people.object(0));

    let page = browser.get("/connected").await;
    assert!(page.body.contains(people.account(0)) && page.body.contains(people.object(0)));
    let session = browser.get("/session").await.json();
    assert_eq!(
        session,
        json!({
            "cloudId": CLOUD, "siteHost": HOST, "accountId": people.account(0),
            "tenantId": TENANT, "objectId": people.object(0),
            "csrfToken": session["csrfToken"], "expiresAt": session["expiresAt"],
        })
    );
    assert!(session["csrfToken"].as_str().unwrap().len() >= 43);
    let ends = Timestamp::parse(session["expiresAt"].as_str().unwrap()).unwrap();
    let left = people.stack.clock.now().until(ends);
    assert!(left > Duration::from_mins(479) && left <= Duration::from_hours(8), "{left:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn cookies_are_for_this_host_and_no_script() {
    let people = People::start().await;
    let begun = people.stack.request("GET", "/connect").send().await.unwrap();
    let mut browser = people.stack.browser();
    let at = to_microsoft(&mut browser, people.account(0)).await;
    let back = back_from_microsoft(&mut browser, &at, people.object(0)).await;
    let (_, back) = back.split_once("/connect/").unwrap();
    let cookie = format!("{SIGN_IN}={}", browser.cookies[SIGN_IN]);
    let linked = people.stack.request("GET", &format!("/connect/{back}"));
    let linked = linked.header("cookie", cookie).send().await.unwrap();
    let (all_day, own) = (8 * 3600, "SameSite=Lax");
    for (answer, name, lasts, from) in [
        (&begun, SIGN_IN, 600, own),
        (&linked, SESSION, all_day, own),
        (&linked, FRAMED, all_day, "SameSite=None"),
    ] {
        let cookies = answer.headers().get_all("set-cookie");
        let cookie = cookies
            .iter()
            .map(|line| line.to_str().unwrap())
            .find(|line| line.strip_prefix(name).is_some_and(|rest| rest.starts_with('=')));
        let cookie = cookie.unwrap_or_else(|| panic!("no {name}: {answer:?}"));
        let lasts = format!("Max-Age={lasts}");
        for attribute in ["HttpOnly", "Secure", from, "Path=/", &lasts] {
            assert!(cookie.split("; ").any(|part| part == attribute), "{attribute}: {cookie}");
        }
        assert!(!cookie.contains("Domain"), "{cookie}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_the_browser_holds_is_stored_as_a_hash() {
    let people = People::start().await;
    let mut browser = people.stack.browser();
    let back = back_from_atlassian(&mut browser, people.account(0)).await;
    let mut stored = people.items().await.concat();
    let mut held = vec![parameter(&back, "state"), parameter(&back, "code")];
    held.push(browser.cookies[SIGN_IN].clone());
    let at = to(&browser.get(&back).await);
    stored += &people.items().await.concat();
    held.extend(["state", "nonce", "code_challenge"].map(|name| parameter(&at, name)));
    let back = back_from_microsoft(&mut browser, &at, people.object(0)).await;
    browser.get(&back).await;
    stored += &people.items().await.concat();
    held.extend([parameter(&back, "code"), browser.cookies[SESSION].clone()]);
    held.push(browser.csrf().await);
    for secret in held {
        assert!(!stored.contains(&secret), "{secret} is in the table");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_lasts_eight_hours() {
    let people = People::start().await;
    let mut browser = people.signed_in(0, 0).await;
    for (passes, status) in [(8 * 3600 - 60, 200), (61, 401)] {
        people.stack.clock.advance(Duration::from_secs(passes));
        assert_eq!(browser.get("/session").await.status, status);
        assert_eq!(browser.get("/my/data").await.status, status);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_signed_in_without_a_session() {
    let people = People::start().await;
    let mut browser = people.stack.browser();
    assert_eq!(browser.get("/session").await.json()["code"], "not_signed_in");
    let page = browser.get("/my/data").await;
    assert_eq!(page.status, 401);
    assert!(page.body.contains("href=\"/connect\""), "{page:?}");
    // This page is for people who are not connected, too.
    let page = browser.get("/connected").await;
    assert_eq!(page.status, 200);
    for said in ["href=\"/connect\"", "read:jira-work", "Chat.ReadWrite", "href=\"/inventory\""] {
        assert!(page.body.contains(said), "{said} in {page:?}");
    }
    assert_eq!(disconnect(&mut browser, Some("anything")).await.status, 401);
    assert_eq!(post_form(&mut browser, "/disconnect", &[("csrf", "x")]).await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cookie_for_frames_opens_embedded_pages_and_nothing_else() {
    let people = People::start().await;
    let mut browser = people.signed_in(0, 0).await;
    assert_eq!(browser.cookies[FRAMED], browser.cookies[SESSION]);
    browser.cookies.remove(SESSION);
    for path in ["/session", "/me/data", "/me/ledger", "/my/data", "/my/ledger"] {
        assert_eq!(browser.get(path).await.status, 401, "{path}");
    }
    assert!(!browser.get("/connected").await.body.contains(people.account(0)));
    let csrf = [("csrf", "anything"), ("confirmed", "yes")];
    for path in ["/disconnect", "/my/erasure"] {
        assert_eq!(post_form(&mut browser, path, &csrf).await.status, 401, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_the_accounts_says_how_each_sign_in_stands() {
    let people = People::start().await;
    let mut browser = people.signed_in(0, 0).await;
    let page = browser.get("/connected").await;
    assert_eq!(page.body.matches("Active; last renewed").count(), 2, "{}", page.body);
    assert!(page.body.contains("Does not reach you"), "{}", page.body);
    let store = &people.stack.app.store;
    let subject = Subject::Atlassian(AccountId::parse(people.account(0)).unwrap());
    let grant = store.find_grant(&subject).await.unwrap().unwrap();
    let now = Timestamp::parse("2026-11-27T11:30:00Z").unwrap();
    store.mark_grant_needs_sign_in(&grant, SignInReason::Expired, now).await.unwrap();
    let page = browser.get("/connected").await;
    assert_eq!(page.body.matches("Active; last renewed").count(), 1, "{}", page.body);
    for said in ["it was unused for too long", "2026-11-27 11:30 UTC"] {
        assert!(page.body.contains(said), "{said} in {}", page.body);
    }
    // Signing in again mends it.
    assert_eq!(browser.sign_in(people.account(0), people.object(0)).await.status, 200);
    let page = browser.get("/connected").await;
    assert_eq!(page.body.matches("Active; last renewed").count(), 2, "{}", page.body);
}
