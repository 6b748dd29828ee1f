//! Which issues a channel is told of.

use serde_json::json;
use tandem_domain::{FollowFilter, IssueTypeId, PriorityId, StatusCategory};
use tandem_local::sandbox::jira::NewIssue;
use tandem_runtime::labels::label_hash;

use super::{
    super::scene::{Scene, account},
    told,
};

#[tokio::test(flavor = "multi_thread")]
async fn each_list_of_a_filter_keeps_out_what_it_does_not_name() {
    let scene = Scene::open().await;
    let nothing = FollowFilter::default;
    let filters = [
        FollowFilter { issue_types: vec![IssueTypeId::parse("10003").unwrap()], ..nothing() },
        FollowFilter { status_categories: vec![StatusCategory::New], ..nothing() },
        FollowFilter { priorities: vec![PriorityId::parse("1").unwrap()], ..nothing() },
        FollowFilter { assignees: vec![account(&scene.ben)], ..nothing() },
        FollowFilter {
            issue_types: vec![IssueTypeId::parse("10003").unwrap()],
            assignees: vec![account(&scene.ada)],
            ..nothing()
        },
    ];
    let mut channels = Vec::new();
    for (number, filter) in filters.into_iter().enumerate() {
        let channel = scene.channel(&format!("Filter {number}")).await;
        scene.follow(&scene.ada, &channel, filter).await;
        channels.push(channel);
    }
    for label in ["Urgent", "urgency"] {
        let channel = scene.channel(label).await;
        let filter = |follow: &_| FollowFilter {
            labels: vec![label_hash(follow, label).unwrap()],
            ..nothing()
        };
        scene.follow_with(&scene.ada, &channel, filter).await;
        channels.push(channel);
    }
    // Of each channel: whether it is told of the one issue, and of the other.
    let expected = [
        (true, false),
        (false, true),
        (true, false),
        (true, false),
        (false, false),
        (true, false),
        (false, false),
    ];
    let bug = scene.issue(NewIssue {
        issue_type: Some("Bug".to_owned()),
        priority: Some("Highest".to_owned()),
        assignee: Some(scene.ben.account.clone()),
        labels: vec!["urgent".to_owned(), "hall".to_owned()],
        ..NewIssue::default()
    });
    let other = scene.issue(NewIssue::default());
    scene
        .done_in_jira(&scene.ben, json!({"action": "transition", "to": "Done", "issue": bug}))
        .await;
    for (index, issue) in [bug, other].iter().enumerate() {
        let before: Vec<usize> = channels.iter().map(|it| told(&scene, it).len()).collect();
        let deed = json!({"action": "comment", "text": "What now?", "issue": issue});
        scene.done_in_jira(&scene.ben, deed).await;
        for (number, channel) in channels.iter().enumerate() {
            let heard = told(&scene, channel).len() > before[number];
            let wanted = if index == 0 { expected[number].0 } else { expected[number].1 };
            assert_eq!(heard, wanted, "channel {number}, issue {index}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_projects_issues_are_not_told() {
    let scene = Scene::open().await;
    let channel = scene.channel("News").await;
    scene.follow(&scene.ada, &channel, FollowFilter::default()).await;
    scene.stack.jira.add_project(
        crate::support::CLOUD,
        tandem_local::sandbox::jira::NewProject {
            id: Some("30000".to_owned()),
            key: "ELSE".to_owned(),
            name: "Elsewhere".to_owned(),
            ..Default::default()
        },
    );
    let made = json!({"action": "create_issue", "project": "ELSE", "summary": "Not here"});
    scene.done_in_jira(&scene.ben, made).await;
    assert!(told(&scene, &channel).is_empty());
}
