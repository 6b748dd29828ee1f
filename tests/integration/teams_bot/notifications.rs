//! What people are told of what concerns them.

mod kept;
mod quiet;

use serde_json::{Value, json};
use tandem_local::sandbox::jira::NewIssue;
use tandem_runtime::metrics::{Dimension, Metric};

use super::scene::{Scene, mentioning};
use crate::support::{metrics::sum_by, people::ISSUE};

/// Asserts that Ben was told these, each by a part of it.
#[track_caller]
fn assert_told(scene: &Scene, parts: &[&str]) {
    let told = scene.told(&scene.ben);
    let fits =
        told.len() == parts.len() && told.iter().zip(parts).all(|(it, part)| it.contains(part));
    assert!(fits, "{told:#?} is not {parts:?}");
}

/// What concerns Ben: which setting it goes by, what Ada does, and how Ben is told.
fn concerns(scene: &Scene) -> Vec<(&'static str, Value, &'static str)> {
    let ben = &scene.ben.account;
    let of_ben = scene.issue(NewIssue { reporter: ben.clone(), ..NewIssue::default() });
    let for_ben = scene.issue(NewIssue { assignee: Some(ben.clone()), ..NewIssue::default() });
    let mention = mentioning(&scene.ben, "Have a look, ");
    vec![
        (
            "notify_mentioned",
            json!({"action": "comment", "adf": mention}),
            "You are mentioned in <a",
        ),
        (
            "notify_mentioned",
            json!({
                "action": "create_issue", "project": "TEST", "summary": "For somebody",
                "adf": mention,
            }),
            "You are mentioned in <a",
        ),
        ("notify_assigned", json!({"action": "assign", "accountId": ben}), "Assigned to you: <a"),
        (
            "notify_assigned",
            json!({
                "action": "create_issue", "project": "TEST", "summary": "For somebody",
                "accountId": ben,
            }),
            "Assigned to you: <a",
        ),
        (
            "notify_commented",
            json!({"action": "comment", "text": "Please", "issue": of_ben}),
            "There is a comment on <a",
        ),
        (
            "notify_commented",
            json!({"action": "comment", "text": "Please", "issue": for_ben}),
            "There is a comment on <a",
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn each_concern_is_told_unless_its_setting_is_off() {
    let scene = Scene::open().await;
    scene.install(&scene.ben).await;
    for (setting, deed, sentence) in concerns(&scene) {
        let before = scene.told(&scene.ben).len();
        scene.done_in_jira(&scene.ada, deed.clone()).await;
        let told = scene.told(&scene.ben);
        assert_eq!(told.len(), before + 1, "{deed}");
        let last = told.last().unwrap();
        assert!(last.contains(sentence), "{sentence:?} is not in {last}");
        scene.done_in_jira(&scene.ada, json!({"action": "assign"})).await;

        scene.set_of(&scene.ben, json!({setting: "off"})).await;
        scene.done_in_jira(&scene.ada, deed.clone()).await;
        assert_eq!(scene.told(&scene.ben).len(), before + 1, "{setting} is off: {deed}");
        scene.done_in_jira(&scene.ada, json!({"action": "assign"})).await;
        scene.set_of(&scene.ben, json!({})).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_watches_is_told_where_they_want_it() {
    let scene = Scene::open().await;
    scene.install(&scene.ben).await;
    scene.in_jira(&scene.ben, json!({"action": "watch"})).await;
    let change = json!({"action": "transition", "to": "In Progress"});
    scene.done_in_jira(&scene.ada, change).await;
    assert_told(&scene, &[]);
    scene.set_of(&scene.ben, json!({"notify_watched": "on"})).await;
    scene.done_in_jira(&scene.ada, json!({"action": "transition", "to": "Done"})).await;
    let changed = "An issue you watch has changed: <a";
    assert_told(&scene, &[changed]);
    assert!(scene.told(&scene.ben)[0].contains("Status: <strong>Done</strong>"));
    scene.comment(&scene.ada, "It is mended").await;
    let commented = "There is a comment on an issue you watch: <a";
    assert_told(&scene, &[changed, commented]);
    assert!(scene.told(&scene.ben)[1].contains("It is mended"));

    scene.in_jira(&scene.ben, json!({"action": "unwatch"})).await;
    scene.comment(&scene.ada, "Nobody listens").await;
    scene.in_jira(&scene.ben, json!({"action": "watch"})).await;
    scene.set_of(&scene.ben, json!({"notify_watched": "off"})).await;
    scene.comment(&scene.ada, "Still nobody").await;
    assert_told(&scene, &[changed, commented]);
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_issue_is_commented_is_looked_up_as_somebody_whom_the_comment_concerns() {
    let scene = Scene::open().await;
    scene.install(&scene.ben).await;
    let dana = scene.stack.person("Dana Lind", false, false).await;
    let of_ben = |assignee: Option<&str>, security| {
        scene.issue(NewIssue {
            reporter: scene.ben.account.clone(),
            assignee: assignee.map(str::to_owned),
            security,
            ..NewIssue::default()
        })
    };
    let few = super::scene::level(&[&scene.cleo]);
    let [open, hidden] = [of_ben(None, None), of_ben(None, Some(few))];
    let assigned = of_ben(Some(&scene.cleo.account), None);
    let deed = |issue: &str| json!({"action": "comment", "text": "Any news?", "issue": issue});
    // (who comments, on what, how much Ben was told by then)
    for (who, issue, told) in [
        (&scene.cleo, &open, 1),
        // He reported it, and cannot see it any more.
        (&scene.cleo, &hidden, 1),
        // Its author is not linked: its assignee is.
        (&dana, &assigned, 2),
        // Nobody linked is concerned: as nobody else is anything read.
        (&dana, &open, 2),
    ] {
        scene.done_in_jira(who, deed(issue)).await;
        assert_eq!(scene.told(&scene.ben).len(), told, "{issue}");
    }
    let channel = scene.channel("News").await;
    scene.follow(&scene.ada, &channel, tandem_domain::FollowFilter::default()).await;
    scene.done_in_jira(&dana, deed(&open)).await;
    assert_eq!(scene.told(&scene.ben).len(), 3, "as the subscriber");
    // The author's sign-in has ended.
    scene.stack.jira.revoke_grants(&scene.cleo.account);
    scene.stack.clock.advance(std::time::Duration::from_hours(2));
    scene.done_in_jira(&scene.cleo, deed(&open)).await;
    assert_eq!(scene.told(&scene.ben).len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_told_of_what_they_did() {
    let scene = Scene::open().await;
    scene.install(&scene.ben).await;
    scene.set_of(&scene.ben, json!({"notify_watched": "on"})).await;
    scene.in_jira(&scene.ben, json!({"action": "watch"})).await;
    let me = &scene.ben.account;
    let of_me = scene.issue(NewIssue { reporter: me.clone(), ..NewIssue::default() });
    for deed in [
        json!({"action": "assign", "accountId": me}),
        json!({"action": "transition", "to": "Done"}),
        json!({"action": "comment", "text": "A note to myself"}),
        json!({"action": "comment", "adf": mentioning(&scene.ben, "Myself, ")}),
        json!({"action": "comment", "text": "On my own issue", "issue": of_me}),
        json!({
            "action": "create_issue", "project": "TEST", "summary": "Mine", "accountId": me,
            "adf": mentioning(&scene.ben, "I, "),
        }),
    ] {
        scene.done_in_jira(&scene.ben, deed.clone()).await;
        assert!(scene.told(&scene.ben).is_empty(), "{deed}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn several_reasons_are_one_message() {
    let scene = Scene::open().await;
    scene.install(&scene.ben).await;
    scene.set_of(&scene.ben, json!({"notify_watched": "on"})).await;
    scene.in_jira(&scene.ben, json!({"action": "watch"})).await;
    let assign = json!({"action": "assign", "accountId": scene.ben.account});
    scene.done_in_jira(&scene.ada, assign).await;
    assert_told(&scene, &["Assigned to you"]);
    let mention = mentioning(&scene.ben, "You are everything here, ");
    scene.done_in_jira(&scene.ada, json!({"action": "comment", "adf": mention})).await;
    assert_told(&scene, &["Assigned to you", "You are mentioned"]);
    // What one setting keeps quiet, another reason tells.
    scene.set_of(&scene.ben, json!({"notify_watched": "on", "notify_mentioned": "off"})).await;
    scene.done_in_jira(&scene.ada, json!({"action": "comment", "adf": mention})).await;
    assert_told(&scene, &["Assigned", "mentioned", "There is a comment on <a"]);
    let off = json!({
        "notify_watched": "on", "notify_mentioned": "off", "notify_commented": "off",
    });
    scene.set_of(&scene.ben, off).await;
    scene.done_in_jira(&scene.ada, json!({"action": "comment", "adf": mention})).await;
    assert_told(
        &scene,
        &["Assigned", "mentioned", "comment on <a", "comment on an issue you watch"],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn each_of_several_people_is_told() {
    let scene = Scene::open().await;
    for who in [&scene.ben, &scene.cleo] {
        scene.install(who).await;
        scene.set_of(who, json!({"notify_watched": "on"})).await;
        scene.in_jira(who, json!({"action": "watch"})).await;
    }
    let mention = mentioning(&scene.ben, "Look, ");
    scene.done_in_jira(&scene.ada, json!({"action": "comment", "adf": mention})).await;
    assert_told(&scene, &["You are mentioned"]);
    let [cleo] = scene.told(&scene.cleo).try_into().unwrap();
    assert!(cleo.contains("an issue you watch"), "{cleo}");
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_without_the_bot_is_told_nothing_now_or_later() {
    let scene = Scene::open().await;
    let assign = json!({"action": "assign", "accountId": scene.ben.account});
    scene.done_in_jira(&scene.ada, assign).await;
    let queue = scene.stack.get("/local/queue").await;
    assert!(queue["dead"].as_array().unwrap().is_empty());
    scene.install(&scene.ben).await;
    scene.stack.settled().await;
    assert!(scene.told(&scene.ben).is_empty());
    let mention = mentioning(&scene.ben, "Now, ");
    scene.done_in_jira(&scene.ada, json!({"action": "comment", "adf": mention})).await;
    assert_told(&scene, &["You are mentioned"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bot_that_was_removed_or_blocked_meanwhile_forgets_the_conversation() {
    use tandem_local::sandbox::microsoft::Installation;
    let scene = Scene::open().await;
    for ending in [Installation::Removed, Installation::Blocked] {
        scene.install(&scene.ben).await;
        assert_eq!(scene.stack.items_of("personal_conversation").await.len(), 1);
        let before = scene.posts(&scene.personal(&scene.ben)).len();
        scene.stack.microsoft.set_installation(&scene.personal(&scene.ben), ending);
        let deed = json!({"action": "comment", "adf": mentioning(&scene.ben, "Hello?")});
        scene.done_in_jira(&scene.ada, deed).await;
        assert_eq!(scene.posts(&scene.personal(&scene.ben)).len(), before);
        assert!(scene.stack.items_of("personal_conversation").await.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_telling_that_was_throttled_comes_later_and_once() {
    let scene = Scene::open().await;
    scene.install(&scene.ben).await;
    scene.fail("POST", "/activities", 429, 2);
    let deed = json!({"action": "comment", "adf": mentioning(&scene.ben, "In due time, ")});
    scene.in_jira(&scene.ada, deed).await;
    scene.stack.settled_in_time().await;
    assert_told(&scene, &["In due time"]);
    let throttled = sum_by(&scene.stack.metrics(), Metric::VendorThrottles, Dimension::Vendor);
    assert_eq!(throttled.into_iter().collect::<Vec<_>>(), [("connector".to_owned(), 2.0)]);
    assert_eq!(scene.told(&scene.ben)[0].matches(ISSUE).count(), 0, "a key, not a number");
}
