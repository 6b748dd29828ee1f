//! An issue that is gone.

use serde_json::json;

use super::{CHANNEL, issue_deleted, kept_up, left, receipt, webhook};
use crate::support::{
    World,
    people::{ISSUE, PROJECT},
    talk::html,
    world,
};

/// An issue of the same project that Jira does not have.
const GONE: &str = "10777";
/// One that it has.
const OTHER: &str = "10888";

async fn deleted(world: &World) {
    world.in_jira(&world.ada, json!({"action": "delete_issue"})).await;
    world.stack.settled().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_hangs_on_it_goes_when_the_chat_was_told() {
    let world = world().await;
    let stack = &world.stack;
    world.comment(&world.ben, "It flickers still").await;
    world.write(&world.ben, "Which lamp?").await;
    stack.settled().await;
    world.thread(CHANNEL, ISSUE, Some(PROJECT)).await;
    world.origin(&world.ben, ISSUE, None).await;
    deleted(&world).await;
    assert!(world.messages().iter().any(|it| html(it).contains("was deleted in Jira")));
    assert_eq!(stack.items_of("chat_link").await[0]["state"]["S"], "issue_deleted", "told first");
    assert_eq!(stack.items_of("message_link").await.len(), 2, "then erased");
    kept_up(stack).await;
    assert_eq!(left(stack, &format!("\"{ISSUE}\"")).await, Vec::<String>::new());
    assert_eq!(left(stack, &world.chat).await, Vec::<String>::new());
    let receipt = receipt(stack).await;
    assert_eq!(receipt["scope"]["S"], "issue");
    assert!(receipt["finished_at"]["N"].is_string(), "{receipt}");
    for (entity, count) in [("chat_link", "1"), ("message_link", "2"), ("issue_message", "1")] {
        assert_eq!(receipt["counts"]["M"][entity]["N"], count, "{entity}: {receipt}");
    }
    assert_eq!(stack.items_of("account_link").await.len(), 2, "people stay");
}

#[tokio::test(flavor = "multi_thread")]
async fn late_events_of_it_change_nothing_and_are_no_error() {
    let world = world().await;
    let stack = &world.stack;
    let comment = world.comment(&world.ben, "It flickers still").await;
    stack.settled().await;
    let said = world.messages().len();
    deleted(&world).await;
    let mut late = issue_deleted(ISSUE, PROJECT);
    late["webhookEvent"] = json!("comment_updated");
    late["comment"] = json!({
        "id": comment, "self": "https://tests.atlassian.net/rest/api/2/issue/10001/comment/1",
        "author": {"accountId": world.ben.account}, "body": "Late",
    });
    webhook(stack, "late", &late).await;
    kept_up(stack).await;
    let before = left(stack, &world.chat).await;
    for (identifier, event) in [("later", &late), ("again", &issue_deleted(ISSUE, PROJECT))] {
        let answer = webhook(stack, identifier, event).await;
        assert_eq!(answer["outcome"], "ignored", "{answer}");
    }
    // Somebody writes in the chat that was of the issue.
    world.write(&world.ben, "Which lamp was it?").await;
    stack.settled().await;
    kept_up(stack).await;
    assert_eq!(left(stack, &world.chat).await, before);
    assert_eq!(world.messages().len(), said + 2, "that it is gone, and what Ben wrote");
    assert!(stack.aws.queues().iter().all(|queue| queue.waiting + queue.in_flight == 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_issue_of_the_chat_needs_stays() {
    let world = world().await;
    let stack = &world.stack;
    world.stack.jira.add_issue(
        crate::support::CLOUD,
        tandem_local::sandbox::jira::NewIssue {
            id: Some(OTHER.to_owned()),
            project: PROJECT.to_owned(),
            summary: "The lamp in the cellar".to_owned(),
            reporter: world.ada.account.clone(),
            ..Default::default()
        },
    );
    world.link_too(&world.ben, OTHER, PROJECT).await;
    world.write(&world.ben, "Both of them flicker").await;
    stack.settled().await;
    assert_eq!(stack.items_of("message_link").await.len(), 2, "one for each issue");
    deleted(&world).await;
    kept_up(stack).await;
    assert_eq!(left(stack, &format!("\"{ISSUE}\"")).await, Vec::<String>::new());
    for entity in ["chat_link", "message_link"] {
        let items = stack.items_of(entity).await;
        assert_eq!(items.len(), 1, "{entity}: {items:?}");
        assert_eq!(items[0]["issue_id"]["S"], OTHER);
    }
    assert_eq!(stack.microsoft.subscriptions().len(), 1, "the chat is listened to");
    assert_eq!(stack.items_of("chat_subscription").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_only_a_thread_or_a_message_knows_goes_too() {
    let world = world().await;
    let stack = &world.stack;
    world.follow(&world.ben, CHANNEL, PROJECT).await;
    world.thread(CHANNEL, GONE, None).await;
    world.origin(&world.ben, "10778", None).await;
    for issue in [GONE, "10778"] {
        let answer = webhook(stack, issue, &issue_deleted(issue, PROJECT)).await;
        assert_eq!(answer["outcome"], "queued", "{answer}");
    }
    kept_up(stack).await;
    for issue in [GONE, "10778"] {
        assert_eq!(left(stack, &format!("\"{issue}\"")).await, Vec::<String>::new());
    }
    assert_eq!(stack.items_of("channel_subscription").await.len(), 1);
    assert_eq!(stack.items_of("chat_link").await.len(), 1, "another issue's");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_anybody_concerned_still_sees_stays() {
    let world = world().await;
    let stack = &world.stack;
    // Ben may no longer see it; Ada, who started the chat, does.
    world.origin(&world.ben, ISSUE, Some(PROJECT)).await;
    let deed = json!({"action": "set_security", "members": [world.ada.account]});
    world.in_jira(&world.ada, deed).await;
    stack.settled().await;
    webhook(stack, "forged", &issue_deleted(ISSUE, PROJECT)).await;
    kept_up(stack).await;
    assert_eq!(stack.items_of("chat_link").await[0]["state"]["S"], "active");
    assert_eq!(stack.items_of("issue_message").await.len(), 1);
    assert!(stack.items_of("receipt").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nobody_can_be_asked_it_stays_and_where_nobody_is_left_it_goes() {
    for (is_linked, stays) in [(true, 1), (false, 0)] {
        let mut world = world().await;
        if is_linked {
            world.stack.jira.revoke_grants(&world.ada.account);
            world.stack.clock.advance(std::time::Duration::from_hours(2));
        } else {
            let answer = world.browser.change("POST", "/disconnect", &json!({})).await;
            assert!(answer.status < 400, "{}", answer.body);
        }
        let answer = webhook(&world.stack, "gone", &issue_deleted(GONE, PROJECT)).await;
        assert_eq!(answer["reason"], "no_linked_chat");
        world.origin(&world.ada, GONE, Some(PROJECT)).await;
        let answer = webhook(&world.stack, "said", &issue_deleted(GONE, PROJECT)).await;
        assert_eq!(answer["outcome"], "queued");
        kept_up(&world.stack).await;
        assert_eq!(world.stack.items_of("issue_message").await.len(), stays, "{is_linked}");
    }
}
