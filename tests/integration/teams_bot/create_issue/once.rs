//! A form makes one issue, however often it is sent off.

use std::time::Duration;

use serde_json::json;
use tandem_local::sandbox::gate::Strike;

use super::{HTML, SUMMARY, Teams, above, form, input, said};
use crate::support::world;

/// After this an attempt that came to nothing is taken over.
const LEASE_OVER: Duration = Duration::from_secs(11);

#[tokio::test(flavor = "multi_thread")]
async fn a_form_sent_twice_makes_one_issue() {
    let world = world().await;
    let ben = Teams::in_chat(&world, &world.ben);
    ben.open("createIssue", HTML, &world.cleo).await;
    let made = ben.submit(json!({})).await;
    let key = world.one().await["key"].as_str().unwrap().to_owned();
    let again = ben.repeat(&made).await;
    assert_eq!(said(&again), format!("{key} was created from this form already."));
    assert_eq!(world.posts(&json!(world.chat)).len(), 1);
    // The same message once more, from a form of its own, is another issue.
    ben.open("createIssue", HTML, &world.cleo).await;
    ben.submit(json!({})).await;
    assert_eq!(world.made().await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_lost_makes_no_second_issue() {
    let world = world().await;
    let ben = Teams::in_chat(&world, &world.ben);
    ben.open("createIssue", HTML, &world.cleo).await;
    world.fail_create(Strike::After, 502, &json!({}));
    let lost = ben.submit(json!({"issuetype": "10002"})).await;
    let shown = form(&lost);
    assert!(above(shown).contains("nothing will be there twice"), "{}", above(shown));
    assert_eq!(input(shown, "summary")["value"], SUMMARY);
    assert_eq!(input(shown, "issuetype")["value"], "10002");
    assert_eq!(world.made().await.len(), 1, "Jira made it");
    // The first attempt might still be at work.
    let busy = ben.submit(json!({})).await;
    assert!(above(form(&busy)).contains("being done already"), "{busy}");

    world.stack.clock.advance(LEASE_OVER);
    let found = ben.submit(json!({})).await;
    let issue = world.one().await;
    assert_eq!(said(&found), format!("{} was created.", issue["key"].as_str().unwrap()));
    assert_eq!(world.stack.items_of("issue_message").await.len(), 1);
    assert_eq!(world.posts(&json!(world.chat)).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issue_of_another_form_is_not_taken_for_the_one_that_failed() {
    let world = world().await;
    let ben = Teams::in_chat(&world, &world.ben);
    ben.open("createIssue", HTML, &world.cleo).await;
    said(&ben.submit(json!({})).await);
    ben.open("createIssue", HTML, &world.cleo).await;
    world.fail_create(Strike::Before, 502, &json!({}));
    form(&ben.submit(json!({})).await);
    assert_eq!(world.made().await.len(), 1);
    world.stack.clock.advance(LEASE_OVER);
    said(&ben.submit(json!({})).await);
    assert_eq!(world.made().await.len(), 2);
}
