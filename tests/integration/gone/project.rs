//! A project that is gone.

use serde_json::{Value, json};
use tandem_local::sandbox::jira::{NewIssue, NewProject};

use super::{CHANNEL, kept_up, left, receipt, webhook};
use crate::support::{
    CLOUD, HOST, World,
    people::{ISSUE, PROJECT},
    world,
};

/// Another project, and an issue of it.
const OTHER: &str = "20000";
const OTHERS_ISSUE: &str = "20001";

/// A world with something of every kind in two projects.
async fn two_projects() -> World {
    let mut world = world().await;
    world.stack.jira.add_project(
        CLOUD,
        NewProject {
            id: Some(OTHER.to_owned()),
            key: "OTHER".to_owned(),
            name: "Another".to_owned(),
            ..NewProject::default()
        },
    );
    world.stack.jira.add_issue(
        CLOUD,
        NewIssue {
            id: Some(OTHERS_ISSUE.to_owned()),
            project: OTHER.to_owned(),
            summary: "Elsewhere".to_owned(),
            reporter: world.ada.account.clone(),
            ..NewIssue::default()
        },
    );
    for project in [PROJECT, OTHER] {
        let path = format!("/settings/projects/{project}");
        let answer = world.browser.change("PUT", &path, &json!({"comment_sync": "both"})).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
    world.follow(&world.ben, CHANNEL, PROJECT).await;
    world.follow(&world.ben, "19:both@thread.tacv2", PROJECT).await;
    world.follow(&world.ben, "19:both@thread.tacv2", OTHER).await;
    world.comment(&world.ben, "It flickers still").await;
    world.stack.settled().await;
    world
}

fn project_event(event: &str) -> Value {
    json!({
        "timestamp": 1_790_000_000_000_i64,
        "webhookEvent": event,
        "project": {
            "self": format!("https://{HOST}/rest/api/2/project/{PROJECT}"),
            "id": PROJECT.parse::<u64>().unwrap(), "key": "TEST", "name": "Testing",
        },
    })
}

async fn delete(world: &World) {
    let deed = json!({"as": world.ada.account, "cloudId": CLOUD,
        "action": "delete_project", "project": PROJECT});
    world.stack.in_jira(deed).await;
    world.stack.settled().await;
}

async fn of(world: &World, entity: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for item in world.stack.items_of(entity).await {
        let id = if entity == "channel_subscription" || entity == "settings" {
            &item["project_id"]["S"]
        } else {
            &item["issue_id"]["S"]
        };
        found.extend(id.as_str().map(str::to_owned));
    }
    found.sort();
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn its_settings_channels_and_all_of_its_issues_go() {
    let world = two_projects().await;
    world.link_too(&world.ben, OTHERS_ISSUE, OTHER).await;
    world.thread(CHANNEL, ISSUE, Some(PROJECT)).await;
    world.origin(&world.ben, "10500", Some(PROJECT)).await;
    world.origin(&world.ben, OTHERS_ISSUE, Some(OTHER)).await;
    // Of before projects were noted: known by the channel, by the rest of the issue, not at all.
    world.thread(CHANNEL, "10501", None).await;
    world.thread("19:both@thread.tacv2", ISSUE, None).await;
    world.thread("19:both@thread.tacv2", "10502", None).await;
    delete(&world).await;
    kept_up(&world.stack).await;
    assert_eq!(of(&world, "settings").await, [OTHER]);
    assert_eq!(of(&world, "channel_subscription").await, [OTHER]);
    assert_eq!(of(&world, "chat_link").await, [OTHERS_ISSUE]);
    assert_eq!(of(&world, "issue_message").await, [OTHERS_ISSUE]);
    assert_eq!(of(&world, "message_link").await, Vec::<String>::new());
    assert_eq!(of(&world, "issue_thread").await, ["10502"], "nobody knows of which project");
    assert_eq!(left(&world.stack, &format!("\"{PROJECT}\"")).await, Vec::<String>::new());
    assert_eq!(world.stack.items_of("chat_subscription").await.len(), 1, "the other issue's");
    let receipt = receipt(&world.stack).await;
    assert_eq!(receipt["scope"]["S"], "project");
    for (entity, count) in [
        ("settings", "1"),
        ("channel_subscription", "2"),
        ("chat_link", "1"),
        ("issue_thread", "3"),
    ] {
        assert_eq!(receipt["counts"]["M"][entity]["N"], count, "{entity}: {receipt}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_still_there_or_in_the_trash_keeps_everything() {
    let world = two_projects().await;
    for (event, outcome) in [("project_deleted", "queued"), ("project_soft_deleted", "ignored")] {
        let answer = webhook(&world.stack, event, &project_event(event)).await;
        assert_eq!(answer["outcome"], outcome, "{event}: {answer}");
    }
    kept_up(&world.stack).await;
    assert_eq!(of(&world, "settings").await, [PROJECT, OTHER]);
    assert_eq!(of(&world, "chat_link").await, [ISSUE]);
    assert!(world.stack.items_of("receipt").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issue_that_was_moved_elsewhere_before_keeps_its_chat() {
    let world = two_projects().await;
    // The chat was started when the issue was in the project that goes.
    world.link_too(&world.ada, OTHERS_ISSUE, PROJECT).await;
    delete(&world).await;
    kept_up(&world.stack).await;
    let links = world.stack.items_of("chat_link").await;
    assert_eq!(links.len(), 1, "{links:?}");
    assert_eq!(
        (&links[0]["issue_id"]["S"], &links[0]["project_id"]["S"]),
        (&json!(OTHERS_ISSUE), &json!(OTHER)),
        "and is known to be of its present project"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_nobody_here_knows_costs_a_look_at_the_table_only() {
    let world = two_projects().await;
    let mut event = project_event("project_deleted");
    event["project"]["id"] = json!(30_000);
    let asked = world.stack.gate.recorded().len();
    webhook(&world.stack, "unknown", &event).await;
    assert_eq!(world.stack.gate.recorded().len(), asked, "Jira is not asked");
    assert!(world.stack.items_of("erasure").await.is_empty());
}
