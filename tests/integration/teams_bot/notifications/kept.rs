//! What people are not told, since they may not see it or the site keeps it inside Jira.

use serde_json::json;
use tandem_local::sandbox::jira::NewIssue;

use super::{
    super::scene::{Scene, level, mentioning},
    assert_told,
};

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_may_not_see_they_are_not_told() {
    let mut scene = Scene::open().await;
    scene.set(json!({"secured_issues": "allowed", "restricted_comments": "allowed"})).await;
    scene.install(&scene.ben).await;
    let hidden = scene.issue(NewIssue {
        assignee: Some(scene.ben.account.clone()),
        security: Some(level(&[&scene.ada])),
        ..NewIssue::default()
    });
    let mention = mentioning(&scene.ben, "You should not see this, ");
    for deed in [
        json!({"action": "comment", "adf": mention, "issue": hidden}),
        json!({"action": "comment", "text": "Nor this", "issue": hidden}),
        json!({"action": "transition", "to": "Done", "issue": hidden}),
        json!({
            "action": "comment", "adf": mention,
            "visibility": {"type": "role", "value": "Administrators"},
        }),
    ] {
        scene.done_in_jira(&scene.ada, deed.clone()).await;
        assert!(scene.told(&scene.ben).is_empty(), "{deed}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_secured_issue_only_the_key_is_told_unless_the_site_allows_more() {
    let mut scene = Scene::open().await;
    scene.install(&scene.ben).await;
    let secured = scene.issue(NewIssue {
        summary: "The safe".to_owned(),
        security: Some(level(&[&scene.ada, &scene.ben])),
        ..NewIssue::default()
    });
    let mention = mentioning(&scene.ben, "The number is 1234, ");
    let deed = json!({"action": "comment", "adf": mention, "issue": secured});
    scene.done_in_jira(&scene.ada, deed.clone()).await;
    assert_told(&scene, &["You are mentioned in"]);
    let told = scene.told(&scene.ben).remove(0);
    assert!(told.contains("TEST-2"), "{told}");
    assert!(!told.contains("safe") && !told.contains("1234") && !told.contains("Ada"), "{told}");
    scene.set(json!({"secured_issues": "allowed"})).await;
    scene.done_in_jira(&scene.ada, deed).await;
    let told = scene.told(&scene.ben).remove(1);
    assert!(told.contains("The safe") && told.contains("1234"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_restricted_comment_nothing_is_quoted_unless_the_site_allows_it() {
    let mut scene = Scene::open().await;
    scene.install(&scene.ada).await;
    let role = json!({"type": "role", "value": "Administrators"});
    // Cleo writes for administrators only what they alone see: she is one of them for that.
    scene.stack.jira.add_member(crate::support::CLOUD, &scene.cleo.account, true);
    let mention = mentioning(&scene.ada, "Between us, ");
    let deed = json!({"action": "comment", "adf": mention, "visibility": role});
    scene.done_in_jira(&scene.cleo, deed.clone()).await;
    let told = scene.told(&scene.ada);
    assert_eq!(told.len(), 1);
    assert!(told[0].contains("TEST-1") && told[0].contains("The lamp in the hall"), "{told:?}");
    assert!(!told[0].contains("Between us") && !told[0].contains("Cleo"), "{told:?}");
    scene.set(json!({"restricted_comments": "allowed"})).await;
    scene.done_in_jira(&scene.cleo, deed).await;
    let told = scene.told(&scene.ada).remove(1);
    assert!(told.contains("Between us") && told.contains("Cleo Marsh"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_of_a_tenant_that_is_not_allowed_are_told_nothing() {
    let mut scene = Scene::open().await;
    scene.install(&scene.ben).await;
    scene.set(json!({"allowed_tenants": ["99999999-4c4d-47e7-b98a-7b9b9de02b80"]})).await;
    let mention = mentioning(&scene.ben, "Hello, ");
    scene.done_in_jira(&scene.ada, json!({"action": "comment", "adf": mention})).await;
    assert!(scene.told(&scene.ben).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_shown_on_a_locked_telephone_is_the_key() {
    let scene = Scene::open().await;
    scene.install(&scene.ben).await;
    let mention = mentioning(&scene.ben, "Secretly, ");
    scene.done_in_jira(&scene.ada, json!({"action": "comment", "adf": mention})).await;
    let post = scene.posts(&scene.personal(&scene.ben)).remove(1);
    assert_eq!(post.activity["summary"], "You are mentioned in TEST-1");
    assert_eq!(post.activity["channelData"]["notification"]["alert"], true);
    assert!(post.activity["text"].as_str().unwrap().contains("Secretly"));
}
