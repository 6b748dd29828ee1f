//! A message of Teams is added to an issue, as a comment of the person who does so.

use std::time::Duration;

use serde_json::{Value, json};
use tandem_local::sandbox::{
    gate::Strike,
    jira::{Comment, NewIssue, SecurityLevel},
};

use super::create_issue::{Teams, above, fault, form, input, said};
use crate::support::{
    CLOUD, HOST, TENANT, World,
    people::{ISSUE, PROJECT},
    talk::words,
    world,
};

/// After this an attempt that came to nothing is taken over.
const LEASE_OVER: Duration = Duration::from_secs(11);
const HTML: &str = "<p>The ladder is in the <i>cellar</i></p>";
const WORDS: &str = "The ladder is in the cellar";
/// What the comment says when nothing was changed.
const QUOTED: &str =
    "Cleo Marsh wrote in Teams:\nThe ladder is in the cellar\nOpen the message in Teams";
/// An issue that no chat is linked with.
const OTHER: &str = "10077";

impl World {
    fn add_other(&self, security: Option<SecurityLevel>) {
        self.stack.jira.add_issue(
            CLOUD,
            NewIssue {
                id: Some(OTHER.to_owned()),
                project: PROJECT.to_owned(),
                summary: "Find the ladder".to_owned(),
                reporter: self.ada.account.clone(),
                security,
                ..NewIssue::default()
            },
        );
    }

    fn on_other(&self) -> Vec<Comment> {
        self.stack.jira.comments(CLOUD, OTHER)
    }
}

/// The heading of the card that was answered with, and where its button leads.
fn told(answer: &Value) -> (String, String) {
    let card = form(answer);
    let title = card["body"][0]["text"].as_str().unwrap().to_owned();
    (title, card["actions"][0]["url"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_becomes_a_comment_that_quotes_its_author() {
    let world = world().await;
    world.add_other(None);
    let ben = Teams::in_channel(&world, &world.ben);
    for (typed, at) in [
        ("TEST-2".to_owned(), 0),
        (" test-2 ".to_owned(), 1),
        (format!("https://{HOST}/browse/TEST-2"), 2),
    ] {
        let opened = ben.open("addComment", HTML, &world.cleo).await;
        assert_eq!(input(form(&opened), "comment")["value"], WORDS);
        let added = ben.submit(json!({"issueKey": typed})).await;
        let comments = world.on_other();
        assert_eq!(comments.len(), at + 1, "{typed}");
        assert_eq!(words(&comments[at]), QUOTED);
        assert_eq!(comments[at].author, world.ben.account);
        let page = format!("https://{HOST}/browse/TEST-2?focusedCommentId={}", comments[at].id);
        assert_eq!(told(&added), ("Added to TEST-2".to_owned(), page));
        let link = &opened["activity"]["value"]["messagePayload"]["linkToMessage"];
        assert!(comments[at].body.to_string().contains(link.as_str().unwrap()));
    }
    world.stack.settled().await;
    let traces = world.stack.traces().await;
    assert_eq!(traces.find(["ladder", "cellar"]), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_issues_of_the_chat_come_first_then_those_seen_last() {
    let world = world().await;
    world.add_other(None);
    let ben = Teams::in_chat(&world, &world.ben);
    let view = json!({
        "as": world.ben.account, "cloudId": CLOUD, "issue": OTHER, "action": "view",
    });
    world.stack.in_jira(view).await;
    let opened = ben.open("addComment", HTML, &world.cleo).await;
    let issues = input(form(&opened), "issue");
    let titles: Vec<&str> = issues["choices"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["title"].as_str().unwrap())
        .collect();
    assert_eq!(titles, ["TEST-1: The lamp in the hall flickers", "TEST-2: Find the ladder"]);
    assert_eq!(issues["value"], ISSUE);
    let typed = json!({"issue": OTHER, "comment": format!("For you:\n{WORDS}")});
    assert_eq!(told(&ben.submit(typed).await).0, "Added to TEST-2");
    assert_eq!(words(&world.on_other()[0]), format!("For you:\n{QUOTED}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_its_chat_brought_there_is_not_added_again() {
    let world = world().await;
    let ben = Teams::in_chat(&world, &world.ben);
    let message = world.write(&world.ada, HTML).await;
    world.stack.settled().await;
    let carried = world.comments();
    assert_eq!(carried.len(), 1);
    let action = json!({"commandId": "addComment", "messageId": message});
    ben.act(json!({"messageAction": action})).await;
    let there = ben.submit(json!({"issueKey": "TEST-1"})).await;
    let page = format!("https://{HOST}/browse/TEST-1?focusedCommentId={}", carried[0].id);
    assert_eq!(told(&there), ("Already in TEST-1".to_owned(), page));
    assert_eq!(world.comments().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_was_added_does_not_come_back_to_its_chat() {
    let mut world = world().await;
    world.set(json!({"comment_sync": "jira_to_teams"})).await;
    let message = world.write(&world.ada, HTML).await;
    world.stack.settled().await;
    assert!(world.comments().is_empty());
    let ben = Teams::in_chat(&world, &world.ben);
    let action = json!({"commandId": "addComment", "messageId": message});
    ben.act(json!({"messageAction": action})).await;
    assert_eq!(told(&ben.submit(json!({})).await).0, "Added to TEST-1");
    world.stack.settled().await;
    assert_eq!(world.comments().len(), 1);
    assert_eq!(world.messages().len(), 1, "{:?}", world.messages());
    // From here on it is known to be there.
    let action = json!({"commandId": "addComment", "messageId": message});
    ben.act(json!({"messageAction": action})).await;
    assert_eq!(told(&ben.submit(json!({})).await).0, "Already in TEST-1");
    assert_eq!(world.comments().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issue_that_cannot_be_commented_is_said_beside_the_field() {
    let world = world().await;
    let level = SecurityLevel {
        id: "1".to_owned(),
        name: "Inner circle".to_owned(),
        members: [world.ada.account.clone()].into(),
    };
    world.add_other(Some(level));
    let ben = Teams::in_channel(&world, &world.ben);
    let mut opened = ben.open("addComment", HTML, &world.cleo).await;
    for (typed, why) in [
        ("TEST-2", "no such issue"),
        ("TEST-99", "no such issue"),
        ("the ladder", "neither a key"),
        ("https://elsewhere.atlassian.net/browse/TEST-1", "not one of your Jira site"),
        ("", "Choose an issue"),
    ] {
        opened = ben.submit(json!({"issueKey": typed, "comment": "My words"})).await;
        let shown = form(&opened);
        assert!(fault(shown, "issueKey").contains(why), "{typed}: {}", fault(shown, "issueKey"));
        assert_eq!(input(shown, "comment")["value"], "My words");
    }
    assert!(!opened.to_string().contains("Find the ladder"));
    let empty = ben.submit(json!({"issueKey": "TEST-1", "comment": "  "})).await;
    assert!(fault(form(&empty), "comment").contains("must be filled in"));
    assert!(world.on_other().is_empty() && world.comments().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comment_whose_answer_is_lost_is_not_written_again() {
    let world = world().await;
    world.add_other(None);
    let ben = Teams::in_channel(&world, &world.ben);
    ben.open("addComment", HTML, &world.cleo).await;
    world.fail("POST", "", "/comment", Strike::After, 502, 1);
    let lost = ben.submit(json!({"issueKey": "TEST-2"})).await;
    assert!(above(form(&lost)).contains("nothing will be there twice"));
    assert_eq!(input(form(&lost), "issueKey")["value"], "TEST-2");
    assert_eq!(world.on_other().len(), 1, "Jira wrote it");
    let busy = ben.submit(json!({})).await;
    assert!(above(form(&busy)).contains("being done already"));
    world.stack.clock.advance(LEASE_OVER);
    let found = ben.submit(json!({})).await;
    assert_eq!(told(&found).0, "Added to TEST-2");
    let again = ben.repeat(&found).await;
    assert_eq!(told(&again).0, "Already in TEST-2");
    assert_eq!(world.on_other().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_that_the_site_does_not_allow_is_told_so() {
    let mut world = world().await;
    let ben = world.ben.clone();
    let other = "7d1c5e0a-52b4-4b8e-9d0e-3f6a1c2b4d50";
    assert_ne!(other, TENANT);
    world.set(json!({"allowed_tenants": [other]})).await;
    let refused = Teams::in_chat(&world, &ben).open("addComment", HTML, &world.cleo).await;
    assert!(said(&refused).contains("does not allow accounts"), "{refused}");
}
