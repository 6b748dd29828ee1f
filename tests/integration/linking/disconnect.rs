//! Ending a link.

use serde_json::json;
use tandem_domain::{CloudId, SiteHost};

use super::{SESSION, disconnect};
use crate::{
    sign_in::{People, back_from_atlassian, back_from_microsoft, hidden, post_form, to},
    support::WEBHOOK_SECRET,
};

#[tokio::test(flavor = "multi_thread")]
async fn nothing_ends_without_the_csrf_token() {
    let people = People::start().await;
    let mut browser = people.signed_in(0, 0).await;
    let theirs = people.signed_in(1, 1).await.csrf().await;
    let kept = people.kept().await;
    for csrf in [None, Some(""), Some("AAAA"), Some(theirs.as_str())] {
        let refused = disconnect(&mut browser, csrf).await;
        let code = refused.json()["code"].clone();
        assert_eq!((refused.status, code), (403, json!("csrf")), "{csrf:?}");
    }
    for fields in [vec![], vec![("csrf", "AAAA")], vec![("csrf", theirs.as_str())]] {
        let refused = post_form(&mut browser, "/disconnect", &fields).await;
        assert_eq!(refused.status, 403, "{fields:?}");
    }
    assert_eq!(people.kept().await, kept);
}

#[tokio::test(flavor = "multi_thread")]
async fn disconnecting_removes_link_grants_secrets_and_sessions() {
    let people = People::start().await;
    let (mut browser, mut elsewhere) = (people.signed_in(0, 0).await, people.signed_in(0, 0).await);
    let mut somebody_else = people.signed_in(1, 1).await;
    let csrf = browser.csrf().await;
    let ended = disconnect(&mut browser, Some(&csrf)).await;
    assert_eq!((ended.status, ended.json()), (200, json!({"disconnected": true})));
    assert_eq!(browser.cookies.get(SESSION), None);
    assert_eq!(people.kept().await, [1, 1, 2, 2, 1], "the other person's are left");
    let mut stored = people.items().await;
    assert!(!stored.concat().contains(people.object(0)));
    // That the account is to be reported: forgotten where its next report finds nothing else of it.
    stored.retain(|item| !item.contains("\"reported_account\""));
    assert!(!stored.concat().contains(people.account(0)), "{stored:?}");
    assert_eq!(browser.get("/session").await.status, 401);
    assert_eq!(elsewhere.get("/session").await.status, 401);
    assert_eq!(somebody_else.get("/session").await.status, 200);
    assert_eq!(disconnect(&mut browser, Some(&csrf)).await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_own_form_disconnects_without_script() {
    let people = People::start().await;
    let mut browser = people.signed_in(0, 0).await;
    let csrf = hidden(&browser.get("/connected").await, "csrf");
    let page = post_form(&mut browser, "/disconnect", &[("csrf", &csrf)]).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("disconnected") && page.body.contains("href=\"/connect\""));
    assert_eq!(people.kept().await, [0; 5]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_stays_while_a_link_on_another_site_needs_it() {
    const SECOND: &str = "21223344-a1b2-4b33-8444-def123456789";
    let people = People::start().await;
    let mut first = people.signed_in(0, 0).await;
    let (cloud, host) = (CloudId::parse(SECOND), SiteHost::parse("second.atlassian.net"));
    people.stack.install(cloud.unwrap(), host.unwrap(), WEBHOOK_SECRET).await.unwrap();
    people.stack.jira.add_member(SECOND, people.account(0), false);
    let mut second = people.stack.browser();
    let back = back_from_atlassian(&mut second, people.account(0)).await;
    let page = second.get(&back).await;
    let (state, csrf) = (hidden(&page, "state"), hidden(&page, "csrf"));
    let fields = [("state", state.as_str()), ("csrf", &csrf), ("site", SECOND)];
    let at = to(&post_form(&mut second, "/connect/site", &fields).await);
    let back = back_from_microsoft(&mut second, &at, people.object(0)).await;
    second.get(&back).await;
    assert_eq!(people.kept().await, [2, 2, 2, 2, 2]);

    for (browser, kept) in [(&mut first, [1, 1, 2, 2, 1]), (&mut second, [0; 5])] {
        let csrf = browser.csrf().await;
        let ended = disconnect(browser, Some(&csrf)).await;
        assert_eq!(ended.status, 200, "{ended:?}");
        assert_eq!(people.kept().await, kept);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stopped_half_way_is_finished_by_the_same_request() {
    let people = People::start().await;
    let mut browser = people.signed_in(0, 0).await;
    let link = people.link(0).await.unwrap();
    people.stack.app.store.delete_link(&link).await.unwrap();
    let csrf = browser.csrf().await;
    assert_eq!(disconnect(&mut browser, Some(&csrf)).await.status, 200);
    assert_eq!(people.kept().await, [0; 5]);
}
