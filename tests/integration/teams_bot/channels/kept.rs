//! What stays inside Jira.

use serde_json::json;
use tandem_domain::FollowFilter;
use tandem_local::sandbox::jira::{NewIssue, NewProject, ProjectKind};

use super::{
    super::scene::{Scene, level},
    told,
};
use crate::support::CLOUD;

/// Two channels that Ada subscribed: one that names what is kept inside, one that does not.
async fn two(scene: &Scene, named: FollowFilter) -> [String; 2] {
    let [naming, plain] = [scene.channel("Naming").await, scene.channel("Plain").await];
    scene.follow(&scene.ada, &naming, named).await;
    scene.follow(&scene.ada, &plain, FollowFilter::default()).await;
    [naming, plain]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secured_issue_is_told_only_where_the_subscription_and_the_site_say_so() {
    let mut scene = Scene::open().await;
    let [naming, plain] =
        two(&scene, FollowFilter { secured: true, ..FollowFilter::default() }).await;
    let secured = scene.issue(NewIssue {
        summary: "The safe".to_owned(),
        security: Some(level(&[&scene.ada, &scene.ben])),
        ..NewIssue::default()
    });
    let deed = json!({"action": "comment", "text": "The number is 1234", "issue": secured});
    scene.done_in_jira(&scene.ben, deed.clone()).await;
    assert!(told(&scene, &naming).is_empty() && told(&scene, &plain).is_empty());
    scene.set(json!({"secured_issues": "allowed"})).await;
    scene.done_in_jira(&scene.ben, deed).await;
    assert_eq!(told(&scene, &naming).len(), 2, "card and comment");
    assert!(told(&scene, &plain).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restricted_comment_is_told_only_where_the_subscription_and_the_site_say_so() {
    let mut scene = Scene::open().await;
    let [naming, plain] =
        two(&scene, FollowFilter { restricted: true, ..FollowFilter::default() }).await;
    let role = json!({"type": "role", "value": "Administrators"});
    let deed = json!({"action": "comment", "text": "For admins only", "visibility": role});
    scene.done_in_jira(&scene.ada, deed.clone()).await;
    assert!(told(&scene, &naming).is_empty() && told(&scene, &plain).is_empty());
    scene.set(json!({"restricted_comments": "allowed"})).await;
    scene.done_in_jira(&scene.ada, deed).await;
    assert_eq!(told(&scene, &naming).len(), 2, "card and comment");
    assert!(told(&scene, &plain).is_empty());
    scene.comment(&scene.ada, "For everybody").await;
    assert_eq!((told(&scene, &naming).len(), told(&scene, &plain).len()), (3, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_internal_comment_is_a_restricted_one() {
    let mut scene = Scene::open().await;
    scene.stack.jira.add_project(
        CLOUD,
        NewProject {
            id: Some("30000".to_owned()),
            key: "DESK".to_owned(),
            name: "Service".to_owned(),
            kind: ProjectKind::ServiceDesk,
            ..NewProject::default()
        },
    );
    let mut channels = Vec::new();
    for restricted in [true, false] {
        let channel = scene.channel(&format!("{restricted}")).await;
        let filter = FollowFilter { restricted, ..FollowFilter::default() };
        let mut item = scene.follow(&scene.ada, &channel, filter).await;
        let store = &scene.stack.app.store;
        store.delete_channel_subscription(&item).await.unwrap();
        item.project_id = tandem_domain::ProjectId::parse("30000").unwrap();
        store.put_channel_subscription(&item).await.unwrap();
        channels.push(channel);
    }
    let made = json!({"action": "create_issue", "project": "DESK", "summary": "A request"});
    let issue = scene.done_in_jira(&scene.ben, made).await["id"].clone();
    let note =
        json!({"action": "comment", "text": "Between us", "jsdPublic": false, "issue": issue});
    scene.done_in_jira(&scene.ben, note.clone()).await;
    assert_eq!(channels.iter().map(|it| told(&scene, it).len()).collect::<Vec<_>>(), [1, 1]);
    scene.set(json!({"restricted_comments": "allowed"})).await;
    scene.done_in_jira(&scene.ben, note).await;
    assert_eq!(channels.iter().map(|it| told(&scene, it).len()).collect::<Vec<_>>(), [2, 1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_subscriber_may_not_read_is_not_told() {
    let mut scene = Scene::open().await;
    scene.set(json!({"secured_issues": "allowed", "restricted_comments": "allowed"})).await;
    let all = FollowFilter { secured: true, restricted: true, ..FollowFilter::default() };
    let [of_ada, of_cleo] = [scene.channel("Ada's").await, scene.channel("Cleo's").await];
    scene.follow(&scene.ada, &of_ada, all.clone()).await;
    scene.follow(&scene.cleo, &of_cleo, all).await;
    let secured = scene.issue(NewIssue {
        security: Some(level(&[&scene.ada, &scene.ben])),
        ..NewIssue::default()
    });
    let deed = json!({"action": "comment", "text": "Not for Cleo", "issue": secured});
    scene.done_in_jira(&scene.ben, deed).await;
    let role = json!({"type": "role", "value": "Administrators"});
    let deed = json!({"action": "comment", "text": "Nor this", "visibility": role});
    scene.done_in_jira(&scene.ada, deed).await;
    assert_eq!(told(&scene, &of_ada).len(), 4);
    assert!(told(&scene, &of_cleo).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_that_the_site_does_not_allow_is_told_nothing() {
    let mut scene = Scene::open().await;
    let channel = scene.channel("News").await;
    scene.follow(&scene.ada, &channel, FollowFilter::default()).await;
    scene.set(json!({"allowed_tenants": ["99999999-4c4d-47e7-b98a-7b9b9de02b80"]})).await;
    scene.comment(&scene.ben, "Anybody there?").await;
    assert!(told(&scene, &channel).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_word_of_it_stays_behind() {
    let mut scene = Scene::open().await;
    scene.set(json!({"secured_issues": "allowed", "restricted_comments": "allowed"})).await;
    let channel = scene.channel("Quokka Islands").await;
    let all = FollowFilter { secured: true, restricted: true, ..FollowFilter::default() };
    scene.follow(&scene.ada, &channel, all).await;
    scene.install(&scene.ben).await;
    let made = json!({
        "action": "create_issue", "project": "TEST", "summary": "Zebrafinch",
        "text": "Marmoset", "accountId": scene.ben.account,
    });
    let issue = scene.done_in_jira(&scene.ada, made).await["id"].clone();
    let deed = json!({"action": "comment", "text": "Kookaburra", "issue": issue});
    scene.done_in_jira(&scene.ada, deed).await;
    assert_eq!(told(&scene, &channel).len(), 2);
    assert_eq!(scene.told(&scene.ben).len(), 2);
    // A post that comes to nothing says as little.
    scene.fail("POST", "/activities", 500, 8);
    let deed = json!({"action": "comment", "text": "Pangolin", "issue": issue});
    scene.in_jira(&scene.ada, deed).await;
    scene.stack.settled_in_time().await;
    let found = scene.stack.traces().await.find([
        "Zebrafinch",
        "Marmoset",
        "Kookaburra",
        "Pangolin",
        "Ben Okoye",
        "Ada Berg",
        "Quokka",
    ]);
    assert!(found.is_empty(), "{found:#?}");
}
