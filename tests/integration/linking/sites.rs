//! Somebody with several Jira sites picks one.

use tandem_domain::{CloudId, SiteHost};
use tandem_local::sandbox::jira::NewUser;

use crate::{
    sign_in::{People, back_from_atlassian, back_from_microsoft, hidden, post_form, to},
    support::{Browser, HOST, WEBHOOK_SECRET},
};

const SECOND: &str = "21223344-a1b2-4b33-8444-def123456789";
const UNSERVED: &str = "22223344-a1b2-4b33-8444-def123456789";

/// The first Jira user is on two served sites and on one that is not served.
async fn several() -> People {
    let people = People::start().await;
    let (cloud, host) = (CloudId::parse(SECOND), SiteHost::parse("second.atlassian.net"));
    people.stack.install(cloud.unwrap(), host.unwrap(), WEBHOOK_SECRET).await.unwrap();
    people.stack.jira.add_site(UNSERVED, "unserved.atlassian.net", "");
    for site in [SECOND, UNSERVED] {
        people.stack.jira.add_member(site, people.account(0), false);
    }
    people
}

/// The page that asks, with its state and its CSRF token.
async fn asked(people: &People, browser: &mut Browser) -> (String, String) {
    let back = back_from_atlassian(browser, people.account(0)).await;
    let page = browser.get(&back).await;
    assert_eq!(page.status, 200, "{page:?}");
    for (host, offered) in
        [(HOST, true), ("second.atlassian.net", true), ("unserved.atlassian.net", false)]
    {
        assert_eq!(page.body.contains(host), offered, "{host} in {page:?}");
    }
    (hidden(&page, "state"), hidden(&page, "csrf"))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_picked_site_is_the_one_that_is_linked() {
    let people = several().await;
    let mut browser = people.stack.browser();
    let (state, csrf) = asked(&people, &mut browser).await;
    let stored = people.items().await.concat();
    assert!(!stored.contains(&state), "the state is in the table");
    let fields = [("state", state.as_str()), ("csrf", &csrf), ("site", SECOND)];
    let at = to(&post_form(&mut browser, "/connect/site", &fields).await);
    let back = back_from_microsoft(&mut browser, &at, people.object(0)).await;
    assert_eq!(to(&browser.get(&back).await), "/connected");
    assert_eq!(browser.get("/session").await.json()["siteHost"], "second.atlassian.net");

    let again = post_form(&mut browser, "/connect/site", &fields).await;
    assert_eq!(again.status, 400, "the answer works once");
    assert_eq!(people.kept().await, [1, 1, 2, 2, 1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_answer_of_that_page_counts() {
    let people = several().await;
    let mut browser = people.stack.browser();
    let (state, csrf) = asked(&people, &mut browser).await;
    let (state, csrf) = (state.as_str(), csrf.as_str());
    let before = people.items().await;
    for (name, fields, status) in [
        ("no CSRF token", vec![("state", state), ("site", SECOND)], 403),
        ("wrong CSRF token", vec![("state", state), ("csrf", "x"), ("site", SECOND)], 403),
        ("no state", vec![("csrf", csrf), ("site", SECOND)], 400),
        ("invented state", vec![("state", "x"), ("csrf", csrf), ("site", SECOND)], 400),
        ("no site", vec![("state", state), ("csrf", csrf)], 400),
        ("not a site", vec![("state", state), ("csrf", csrf), ("site", "second")], 400),
    ] {
        assert_eq!(
            post_form(&mut browser, "/connect/site", &fields).await.status,
            status,
            "{name}"
        );
        assert_eq!(people.items().await, before, "{name}");
    }
    let fields = [("state", state), ("csrf", csrf), ("site", UNSERVED)];
    let mut foreign = people.stack.browser();
    assert_eq!(post_form(&mut foreign, "/connect/site", &fields).await.status, 400, "foreign");
    assert_eq!(people.items().await, before);
    assert_eq!(post_form(&mut browser, "/connect/site", &fields).await.status, 400, "not offered");
    let fields = [("state", state), ("csrf", csrf), ("site", SECOND)];
    assert_eq!(post_form(&mut browser, "/connect/site", &fields).await.status, 400, "used up");
    assert_eq!(people.count("sign_in").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_without_a_served_site_is_told_what_to_do() {
    let people = People::start().await;
    people.stack.jira.add_site(UNSERVED, "unserved.atlassian.net", "");
    let stranger = people
        .stack
        .jira
        .add_user(NewUser { display_name: "Somebody Else".to_owned(), ..Default::default() });
    people.stack.jira.add_member(UNSERVED, &stranger, true);
    let mut browser = people.stack.browser();
    let back = back_from_atlassian(&mut browser, &stranger).await;
    let page = browser.get(&back).await;
    assert_eq!(page.status, 403, "{page:?}");
    assert!(page.body.contains("administrator"), "{page:?}");
    assert_eq!(people.kept().await, [0; 5]);
}
