//! Ending a link.

use http::Method;
use serde_json::json;

use crate::sign_in::People;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_ends_without_the_csrf_token() {
    let people = People::start().await;
    let mut browser = people.signed_in(0, 0).await;
    let mut other = people.signed_in(1, 1).await;
    let theirs = other.csrf().await;
    let kept = people.kept().await;
    for (name, headers) in [
        ("missing", vec![]),
        ("empty", vec![("x-csrf-token", "")]),
        ("wrong", vec![("x-csrf-token", "AAAA")]),
        ("another session's", vec![("x-csrf-token", theirs.as_str())]),
    ] {
        let refused = browser.call(Method::POST, "/disconnect", &headers, None).await;
        assert_eq!(
            (refused.status, refused.json()["code"].clone()),
            (403, json!("csrf")),
            "{name}"
        );
    }
    for fields in [vec![], vec![("csrf", "AAAA")], vec![("csrf", theirs.as_str())]] {
        assert_eq!(post_form(&mut browser, "/disconnect", &fields).await.status, 403, "{fields:?}");
    }
    assert_eq!(people.kept().await, kept);
}

#[tokio::test(flavor = "multi_thread")]
async fn disconnecting_removes_link_grants_secrets_and_sessions() {
    let people = People::start().await;
    let (browser, elsewhere) = (people.signed_in(0, 0).await, people.signed_in(0, 0).await);
    let mut somebody_else = people.signed_in(1, 1).await;
    let csrf = browser.csrf().await;
    let token = [("x-csrf-token", csrf.as_str())];
    let ended = browser.call(Method::POST, "/disconnect", &token, None).await;
    assert_eq!((ended.status, ended.json()), (200, json!({"disconnected": true})));
    assert_eq!(browser.cookies.get(super::SESSION), None);
    assert_eq!(people.kept().await, [1, 1, 2, 2, 1], "the other person's are left");
    let stored = people.items().await.concat();
    assert!(!stored.contains(people.object(0)) && !stored.contains(people.account(0)));
    for (one, status) in [(&browser, 401), (&elsewhere, 401), (&somebody_else, 200)] {
        assert_eq!(one.get("/session").await.status, status);
    }
    let again = browser.call(Method::POST, "/disconnect", &token, None).await;
    assert_eq!(again.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_own_form_disconnects_without_script() {
    let people = People::start().await;
    let mut browser = people.signed_in(0, 0).await;
    let csrf = browser.get("/connected").hidden(&await, "csrf");
    let page = post_form(&mut browser, "/disconnect", &[("csrf", &csrf)]).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("disconnected") && page.body.contains("href=\"/connect\""));
    assert_eq!(people.kept().await, [0; 5]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_stays_while_a_link_on_another_site_needs_it() {
    let people = People::start().await;
    let mut on_first = people.signed_in(0, 0).await;
    let second = "11223344-a1b2-4b33-8444-def123456789";
    people.install(second, "second.atlassian.net").await;
    people.stack.jira.add_member(second, people.account(0), false);
    let mut on_second = people.stack.browser();
    let back = back_from_atlassian(&mut on_second, people.account(0)).await;
    let page = on_second.get(&back).await;
    let (state, csrf) = (hidden(&page, "state"), hidden(&page, "csrf"));
    let fields = [("state", state.as_str()), ("csrf", &csrf), ("site", second)];
    let at = post_form(&mut on_second, "/connect/site", &fields).await.location();
    let back = back_from_microsoft(&mut on_second, &at, people.object(0)).await;
    on_second.get(&back).await;
    assert_eq!(people.kept().await, [2, 2, 2, 2, 2]);

    for (browser, kept) in [(&on_first, [1, 1, 2, 2, 1]), (&on_second, [0; 5])] {
        let csrf = browser.csrf().await;
        let token = [("x-csrf-token", csrf.as_str())];
        let ended = browser.call(Method::POST, "/disconnect", &token, None).await;
        assert_eq!(ended.status, 200, "{ended:?}");
        assert_eq!(people.kept().await, kept);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stopped_half_way_is_finished_by_the_same_request() {
    let people = People::start().await;
    let mut browser = people.signed_in(0, 0).await;
    let store = &people.stack.app.store;
    let link = store.find_link_by_account(&cloud(), &people.account_id(0)).await;
    store.delete_link(&link.unwrap().unwrap()).await.unwrap();
    let csrf = browser.csrf().await;
    let token = [("x-csrf-token", csrf.as_str())];
    let ended = browser.call(Method::POST, "/disconnect", &token, None).await;
    assert_eq!(ended.status, 200, "{ended:?}");
    assert_eq!(people.kept().await, [0; 5]);
}
