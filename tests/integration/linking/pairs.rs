//! Signing in again: with the same accounts, and with others.

use std::time::Duration;

use tandem_domain::Clock;

use crate::sign_in::People;

#[tokio::test(flavor = "multi_thread")]
async fn the_same_accounts_again_renew_the_grants_and_make_no_second_link() {
    let people = People::start().await;
    let began = people.stack.clock.now();
    let mut browser = people.signed_in(0, 0).await;
    let first = browser.cookies.get(super::SESSION).unwrap();
    people.stack.clock.advance(Duration::from_mins(5));
    let page = browser.sign_in(people.account(0), people.object(0)).await;
    assert_eq!(page.status, 200, "{page:?}");
    assert_eq!(people.kept().await, [1, 1, 2, 2, 1], "the browser's old session is gone, too");
    assert_ne!(browser.cookies.get(super::SESSION).unwrap(), first);
    let store = &people.stack.app.store;
    let link = store.find_link_by_account(&cloud(), &people.account_id(0)).await;
    let link = link.unwrap().unwrap();
    assert_eq!((link.created_at, link.signed_in_at), (began, people.stack.clock.now()));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_person_may_be_signed_in_in_two_browsers() {
    let people = People::start().await;
    let (first, second) = (people.signed_in(0, 0).await, people.signed_in(0, 0).await);
    assert_eq!(first.get("/session").await.status, 200);
    assert_eq!(second.get("/session").await.status, 200);
    assert_eq!(people.kept().await, [1, 1, 2, 2, 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_microsoft_account_takes_the_place_of_the_first() {
    let people = People::start().await;
    let mut before = people.signed_in(0, 0).await;
    let mut after = people.signed_in(0, 1).await;
    assert_eq!(people.kept().await, [1, 1, 2, 2, 1], "the first one's grant is erased");
    assert_eq!(before.get("/session").await.status, 401);
    let session = after.get("/session").await.json();
    assert_eq!(session["objectId"], people.object(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_jira_account_takes_the_place_of_the_first() {
    let people = People::start().await;
    let mut before = people.signed_in(0, 0).await;
    let mut after = people.signed_in(1, 0).await;
    assert_eq!(people.kept().await, [1, 1, 2, 2, 1]);
    assert_eq!(before.get("/session").await.status, 401);
    assert_eq!(after.get("/session").await.json()["accountId"], people.account(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_pair_ends_both_links_it_breaks() {
    let people = People::start().await;
    let (first, second) = (people.signed_in(0, 0).await, people.signed_in(1, 1).await);
    assert_eq!(people.kept().await, [2, 2, 4, 4, 2]);
    let mut crossed = people.signed_in(0, 1).await;
    assert_eq!(people.kept().await, [1, 1, 2, 2, 1]);
    for (browser, status) in [(&first, 401), (&second, 401), (&crossed, 200)] {
        assert_eq!(browser.get("/session").await.status, status);
    }
}
