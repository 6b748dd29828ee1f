//! Jira comments and changes into the chat.

use std::time::{Duration, Instant};

use serde_json::json;
use tandem_local::sandbox::gate::Strike;

use crate::support::{
    CLOUD,
    people::ISSUE,
    talk::{from, html},
    world,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_comment_arrives_under_its_authors_name_with_its_form_and_all_text_escaped() {
    let world = world().await;
    let adf = json!({"type": "doc", "version": 1, "content": [
        {"type": "paragraph", "content": [
            {"type": "text", "text": "See "},
            {"type": "text", "text": "the plan", "marks": [{"type": "strong"}]},
            {"type": "text", "text": " & <script>alert(1)</script> "},
            {"type": "text", "text": "here", "marks": [{"type": "link", "attrs": {"href": "https://example.com/a?b=1&c=2"}}]},
            {"type": "mention", "attrs": {"id": world.cleo.account, "text": "@Cleo Marsh"}}]},
        {"type": "bulletList", "content": [{"type": "listItem", "content": [
            {"type": "paragraph", "content": [{"type": "text", "text": "first"}]}]}]},
        {"type": "codeBlock", "attrs": {"language": "rust"}, "content": [{"type": "text", "text": "a < b"}]},
        {"type": "blockquote", "content": [{"type": "paragraph", "content": [{"type": "text", "text": "quoted"}]}]},
    ]});
    world.comment_with(&world.ben, json!({"adf": adf})).await;
    world.stack.settled().await;
    let message = world.message();
    assert_eq!(from(&message), world.ben.object);
    let html = html(&message);
    for part in [
        "<strong>the plan</strong>",
        "&lt;script&gt;",
        "&amp;",
        "https://example.com/a?b=1&amp;c=2",
        "@Cleo Marsh",
        "<li>",
        "first",
        "a &lt; b",
        "<blockquote>",
        "quoted",
        "Comment on TEST-1",
    ] {
        assert!(html.contains(part), "{part} is not in {html}");
    }
    assert!(!html.contains("<script"), "{html}");
    assert!(!html.contains("commented in Jira"), "its author needs no introduction: {html}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comment_of_somebody_unlinked_arrives_through_the_chats_creator_and_says_whose_it_is() {
    let world = world().await;
    world.comment(&world.cleo, "Is anybody on this?").await;
    world.stack.settled().await;
    let message = world.message();
    assert_eq!(from(&message), world.ada.object);
    assert!(html(&message).contains("<strong>Cleo Marsh</strong> commented in Jira:"));
    assert!(html(&message).contains("Is anybody on this?"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_edits_the_same_message_and_a_deletion_deletes_it() {
    let world = world().await;
    for who in [&world.ben, &world.cleo] {
        let comment = world.comment(who, "The first wording").await;
        world.stack.settled().await;
        let before = world.message();
        world
            .in_jira(
                who,
                json!({"action": "edit_comment", "comment": comment, "text": "The second wording"}),
            )
            .await;
        world.stack.settled().await;
        let after = world.message();
        assert_eq!(after.id, before.id);
        assert!(html(&after).contains("The second wording"), "{}", html(&after));
        assert!(!html(&after).contains("first"));
        world.in_jira(who, json!({"action": "delete_comment", "comment": comment})).await;
        world.stack.settled().await;
        assert!(world.messages().is_empty());
    }
    assert!(world.comments().is_empty(), "nothing came back as a comment");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_restricted_stays_inside_jira_unless_the_site_allows_it() {
    let mut world = world().await;
    let role = json!({"type": "role", "value": "Administrators", "identifier": "Administrators"});
    let restricted = json!({"text": "For admins only", "visibility": role});
    world.comment_with(&world.ada, restricted.clone()).await;
    world.stack.settled().await;
    assert!(world.messages().is_empty(), "restricted by default");

    let open = world.comment(&world.ada, "For everybody").await;
    world.stack.settled().await;
    assert_eq!(world.messages().len(), 1);
    world.in_jira(&world.ada, json!({"action": "edit_comment", "comment": open, "text": "No longer", "visibility": role})).await;
    world.stack.settled().await;
    assert!(world.messages().is_empty(), "the copy goes when the comment becomes restricted");

    world.set(json!({"restricted_comments": "allowed"})).await;
    world.comment_with(&world.ada, restricted).await;
    world.stack.settled().await;
    assert!(html(&world.message()).contains("For admins only"));
}

#[tokio::test(flavor = "multi_thread")]
async fn issues_with_a_security_level_stay_inside_jira_unless_the_site_allows_it() {
    let mut world = world().await;
    let members = json!([world.ada.account, world.ben.account]);
    world.in_jira(&world.ada, json!({"action": "set_security", "members": members})).await;
    world.comment(&world.ben, "About the secret").await;
    world.in_jira(&world.ada, json!({"action": "transition", "to": "Done"})).await;
    world.write(&world.ben, "A chat message").await;
    world.stack.settled().await;
    assert_eq!(world.messages().len(), 1, "only what was written in the chat");
    assert_eq!(world.comments().len(), 1, "and it stayed there");

    world.set(json!({"secured_issues": "allowed"})).await;
    world.comment(&world.ben, "No longer a secret").await;
    world.stack.settled().await;
    assert!(world.messages().iter().any(|m| html(m).contains("No longer a secret")));
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_of_the_issue_are_told_once_as_whoever_made_them() {
    let mut world = world().await;
    let deeds = [
        (json!({"action": "transition", "to": "Done"}), "Status: <strong>Done</strong>"),
        (
            json!({"action": "assign", "accountId": world.ben.account}),
            "Assignee: <strong>Ben Okoye</strong>",
        ),
        (json!({"action": "assign"}), "Assignee: <strong>nobody</strong>"),
        (json!({"action": "set_priority", "priority": "High"}), "Priority: <strong>High</strong>"),
    ];
    for (count, (deed, told)) in deeds.iter().enumerate() {
        world.in_jira(&world.ben, deed.clone()).await;
        world.stack.settled().await;
        let messages = world.messages();
        assert_eq!(messages.len(), count + 1, "{deed}");
        let last = messages.last().unwrap();
        assert!(html(last).contains(told), "{told} is not in {}", html(last));
        assert_eq!(from(last), world.ben.object);
    }
    world.in_jira(&world.cleo, json!({"action": "transition", "to": "To Do"})).await;
    world.stack.settled().await;
    let last = world.messages().pop().unwrap();
    assert!(
        html(&last).contains("Cleo Marsh</strong> changed in Jira: Status:"),
        "{}",
        html(&last)
    );

    world.set(json!({"issue_updates": ["priority"]})).await;
    let before = world.messages().len();
    world.in_jira(&world.ben, json!({"action": "transition", "to": "Done"})).await;
    world.in_jira(&world.ben, json!({"action": "set_summary", "summary": "Another name"})).await;
    world.stack.settled().await;
    assert_eq!(world.messages().len(), before, "only what the setting names is told");
    assert!(world.comments().is_empty(), "what was told did not come back as comments");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_issue_is_told_and_ends_the_link_and_the_subscription() {
    let world = world().await;
    assert_eq!(world.stack.microsoft.subscriptions().len(), 1);
    world.in_jira(&world.ada, json!({"action": "delete_issue"})).await;
    world.stack.settled().await;
    assert!(html(&world.message()).contains("was deleted in Jira"));
    assert_eq!(world.stack.items_of("chat_link").await[0]["state"]["S"], "issue_deleted");
    assert!(world.stack.microsoft.subscriptions().is_empty());
    assert!(world.stack.items_of("chat_subscription").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_crosses_where_the_setting_says_off() {
    let mut world = world().await;
    world.set(json!({"comment_sync": "off"})).await;
    world.comment(&world.ben, "Quiet, please").await;
    world.stack.settled().await;
    assert!(world.messages().is_empty());
    world.set(json!({"allowed_tenants": ["99999999-4c4d-47e7-b98a-7b9b9de02b80"]})).await;
    world.comment(&world.ben, "Quiet again").await;
    world.stack.settled().await;
    assert!(world.messages().is_empty(), "the chat's tenant is no longer allowed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_throttled_post_comes_back_after_the_time_the_vendor_asked_for() {
    let world = world().await;
    world.fail("POST", "/graph/v1.0/chats/", "/messages", Strike::Before, 429, 1);
    world.comment(&world.ben, "In due time").await;
    let began = std::time::Instant::now();
    while world.stack.gate.recorded().iter().all(|call| call.status != 429) {
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert!(began.elapsed() < Duration::from_secs(20), "the throttled call was never made");
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(world.messages().is_empty(), "not before Retry-After");
    world.stack.clock.advance(Duration::from_secs(8));
    world.stack.settled().await;
    assert!(html(&world.message()).contains("In due time"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_whose_answer_was_lost_is_found_again_and_not_made_twice() {
    let world = world().await;
    world.fail("POST", "/graph/v1.0/chats/", "/messages", Strike::After, 502, 1);
    world.comment(&world.ben, "Only once").await;
    world.stack.settled().await;
    assert!(html(&world.message()).contains("Only once"));
    assert_eq!(world.stack.items_of("message_link").await.len(), 1);
    assert_eq!(world.comments().len(), 1);

    world.fail("POST", "/graph/v1.0/chats/", "/messages", Strike::After, 502, 1);
    world.in_jira(&world.ben, json!({"action": "set_priority", "priority": "High"})).await;
    world.stack.settled().await;
    assert_eq!(world.messages().len(), 2, "the change was told once too");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_author_who_left_the_chat_speaks_through_its_creator() {
    let world = world().await;
    world
        .in_teams(&world.ada, json!({"action": "remove_member", "userId": world.ben.object}))
        .await;
    world.comment(&world.ben, "Still here in Jira").await;
    world.stack.settled().await;
    let message = world.message();
    assert_eq!(from(&message), world.ada.object);
    assert!(html(&message).contains("<strong>Ben Okoye</strong> commented in Jira:"));
}

#[tokio::test(flavor = "multi_thread")]
async fn comments_arrive_in_the_order_they_were_written() {
    let world = world().await;
    for number in 0..8 {
        world.comment(&world.ben, &format!("number {number}")).await;
    }
    world.stack.settled().await;
    let told: Vec<String> =
        world.messages().iter().map(|message| html(message).to_owned()).collect();
    assert_eq!(told.len(), 8);
    for (number, html) in told.iter().enumerate() {
        assert!(html.contains(&format!("number {number}")), "{told:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_never_succeeds_ends_in_the_dead_letter_queue_and_can_be_replayed() {
    let world = world().await;
    world.fail("POST", "/graph/v1.0/chats/", "/messages", Strike::Before, 500, 16);
    world.comment(&world.ben, "A hard way").await;
    let dead = || async { world.stack.get("/local/queue").await["dead"].as_array().unwrap().len() };
    // Patient with a busy machine: the clock moves only while nothing is being tried.
    let deadline = Instant::now() + Duration::from_mins(3);
    while dead().await == 0 && Instant::now() < deadline {
        if world.stack.under_way() == 0 {
            world.stack.clock.advance(Duration::from_mins(10));
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    assert_eq!(dead().await, 1);
    world.stack.gate.mend();
    assert!(world.messages().is_empty());
    let queue = world.stack.get("/local/queue").await;
    let body = queue["dead"][0]["body"].as_str().unwrap();
    assert!(body.contains("comment_created") && body.contains(ISSUE) && body.contains(CLOUD));
    assert!(!body.contains("hard way"));

    let arn = |name: &str| format!("arn:aws:sqs:us-east-1:000000000000:{name}");
    world
        .stack
        .clients
        .sqs
        .start_message_move_task()
        .source_arn(arn("tandem-deliveries-dead.fifo"))
        .send()
        .await
        .unwrap();
    world.stack.settled().await;
    assert!(html(&world.message()).contains("A hard way"), "replayed without a stored payload");
}
