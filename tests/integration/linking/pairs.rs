//! Signing in again: with the same accounts, and with others.

use std::time::Duration;

use super::SESSION;
use crate::sign_in::People;

#[tokio::test(flavor = "multi_thread")]
async fn the_same_accounts_again_renew_the_grants_and_make_no_second_link() {
    let people = People::start().await;
    let mut browser = people.signed_in(0, 0).await;
    let (link, cookie) = (people.link(0).await.unwrap(), browser.cookies[SESSION].clone());
    let secrets = people.stack.aws.secrets();
    people.stack.clock.advance(Duration::from_mins(5));
    let page = browser.sign_in(people.account(0), people.object(0)).await;
    assert_eq!(page.status, 200, "{page:?}");
    assert_eq!(people.kept().await, [1, 1, 2, 2, 1], "the browser's old session is gone, too");
    assert_ne!(browser.cookies[SESSION], cookie);
    let again = people.link(0).await.unwrap();
    assert_eq!(again.created_at, link.created_at);
    assert!(again.signed_in_at > link.signed_in_at);
    for (before, after) in secrets.iter().zip(people.stack.aws.secrets()) {
        let grant = before.name.contains("/grant/");
        assert_eq!(before.name, after.name);
        assert_eq!(before.versions != after.versions, grant, "{after:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_person_may_be_signed_in_in_two_browsers() {
    let people = People::start().await;
    let (mut first, mut second) = (people.signed_in(0, 0).await, people.signed_in(0, 0).await);
    assert_eq!(first.get("/session").await.status, 200);
    assert_eq!(second.get("/session").await.status, 200);
    assert_eq!(people.kept().await, [1, 1, 2, 2, 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_account_on_either_side_takes_the_place_of_the_first() {
    for (jira, microsoft) in [(0, 1), (1, 0)] {
        let people = People::start().await;
        let mut before = people.signed_in(0, 0).await;
        let mut after = people.signed_in(jira, microsoft).await;
        assert_eq!(people.kept().await, [1, 1, 2, 2, 1], "the left-over grant is erased");
        assert_eq!(before.get("/session").await.status, 401);
        let session = after.get("/session").await.json();
        assert_eq!(session["accountId"], people.account(jira));
        assert_eq!(session["objectId"], people.object(microsoft));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_pair_ends_both_links_it_breaks() {
    let people = People::start().await;
    let (mut first, mut second) = (people.signed_in(0, 0).await, people.signed_in(1, 1).await);
    assert_eq!(people.kept().await, [2, 2, 4, 4, 2]);
    let mut crossed = people.signed_in(0, 1).await;
    assert_eq!(people.kept().await, [1, 1, 2, 2, 1]);
    for (browser, status) in [(&mut first, 401), (&mut second, 401), (&mut crossed, 200)] {
        assert_eq!(browser.get("/session").await.status, status);
    }
}
