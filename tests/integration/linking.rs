//! Linking a Jira account with a Microsoft account: the whole way through a browser, every way it
//! can go wrong, and its end.

mod disconnect;
mod pairs;
mod refused;
mod sites;

use http::Method;
use serde_json::json;
use tandem_domain::Clock;

use crate::{browser::parameter, people::People};

const SESSION: &str = "__Host-tandem";
const SIGN_IN: &str = "__Host-tandem-signin";

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_to_both_sides_links_the_accounts() {
    let people = People::start().await;
    let mut browser = people.stack.browser();

    let begun = browser.get("/connect").await;
    assert_eq!(begun.status, 303);
    let cookie = begun.header("set-cookie").unwrap();
    assert!(cookie.starts_with(&format!("{SIGN_IN}=")), "{cookie}");
    for attribute in ["HttpOnly", "Secure", "SameSite=Lax", "Path=/", "Max-Age=600"] {
        assert!(cookie.contains(attribute), "{attribute} in {cookie}");
    }
    assert_eq!(people.count("sign_in").await, 1);

    let back = back_from_atlassian(&mut browser, people.account(0)).await;
    let at_microsoft = to(&browser.get(&back).await);
    assert_eq!(parameter(&at_microsoft, "code_challenge_method"), "S256");
    assert_ne!(parameter(&at_microsoft, "state"), parameter(&back, "state"));
    assert_eq!(people.kept().await, [0, 0, 1, 1, 0], "one grant, no link yet");

    let back = back_from_microsoft(&mut browser, &at_microsoft, people.object(0)).await;
    let linked = browser.get(&back).await;
    assert_eq!((linked.status, linked.location().as_str()), (303, "/connected"));
    assert_eq!(people.kept().await, [1, 1, 2, 2, 1]);
    assert_eq!(browser.cookies.get(SIGN_IN), None);

    let page = browser.get("/connected").await;
    assert!(page.body.contains(people.account(0)) && page.body.contains(people.object(0)));
    let link = people
        .stack
        .app
        .store
        .find_link_by_account(&cloud(), &people.account_id(0))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(link.object_id.as_str(), people.object(0));
    let session = browser.get("/session").await.json();
    let lasts = std::time::Duration::from_hours(8);
    assert_eq!(
        session,
        json!({
            "cloudId": CLOUD, "siteHost": "tests.atlassian.net",
            "accountId": people.account(0), "tenantId": TENANT,
            "objectId": people.object(0), "csrfToken": session["csrfToken"],
            "expiresAt": people.stack.clock.now().plus(lasts).to_rfc3339(),
        })
    );
    assert!(session["csrfToken"].as_str().unwrap().len() >= 43);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_the_browser_holds_is_stored_as_a_hash() {
    let people = People::start().await;
    let mut browser = people.stack.browser();
    let back = back_from_atlassian(&mut browser, people.account(0)).await;
    let mut held = vec![parameter(&back, "state"), parameter(&back, "code")];
    held.push(browser.cookies.get(SIGN_IN).unwrap());
    let stored = people.items().await.concat();
    let at = to(&browser.get(&back).await);
    held.extend(["state", "nonce", "code_challenge"].map(|name| parameter(&at, name)));
    let stored = stored + &people.items().await.concat();
    let back = back_from_microsoft(&mut browser, &at, people.object(0)).await;
    browser.get(&back).await;
    held.push(parameter(&back, "code"));
    held.push(browser.cookies.get(SESSION).unwrap());
    held.push(browser.csrf().await);
    let stored = stored + &people.items().await.concat();
    for secret in held {
        assert!(!stored.contains(&secret), "{secret} is in the table");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_lasts_eight_hours() {
    let people = People::start().await;
    let mut browser = people.signed_in(0, 0).await;
    for (passes, status) in [(8 * 3600 - 1, 200), (1, 401)] {
        people.stack.clock.advance(std::time::Duration::from_secs(passes));
        assert_eq!(browser.get("/session").await.status, status);
        assert_eq!(browser.get("/connected").await.status, status);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_signed_in_without_a_session() {
    let people = People::start().await;
    let mut browser = people.stack.browser();
    assert_eq!(browser.get("/session").await.json()["code"], "not_signed_in");
    let page = browser.get("/connected").await;
    assert_eq!(page.status, 401);
    assert!(page.body.contains("href=\"/connect\""), "{page:?}");
    let token = [("x-csrf-token", "anything")];
    assert_eq!(browser.call(Method::POST, "/disconnect", &token, None).await.status, 401);
}
