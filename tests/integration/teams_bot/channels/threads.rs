//! One thread for each issue, and changes that are folded into one post.

use std::time::Duration;

use serde_json::{Value, json};
use tandem_domain::{FollowFilter, IssueId};
use tandem_store::IssueThread;

use super::{
    super::scene::{Scene, cloud, is_card, place, tenant, words},
    assert_told, told,
};
use crate::support::{TENANT, people::ISSUE};

async fn following() -> (Scene, String) {
    let scene = Scene::open().await;
    let channel = scene.channel("News").await;
    scene.follow(&scene.ada, &channel, FollowFilter::default()).await;
    (scene, channel)
}

async fn thread(scene: &Scene, channel: &str) -> IssueThread {
    let issue = IssueId::parse(ISSUE).unwrap();
    let store = &scene.stack.app.store;
    let found = store.find_issue_thread(&cloud(), &issue, &tenant(), &place(channel)).await;
    found.unwrap().unwrap()
}

/// Somebody changes the issue, within ten seconds of the post before, however slow the machine.
async fn change_at_once(scene: &Scene, channel: &str, deed: Value) {
    let mut last = thread(scene, channel).await;
    last.last_at = scene.now().plus(Duration::from_mins(5));
    scene.stack.app.store.put_issue_thread(&last).await.unwrap();
    scene.done_in_jira(&scene.ben, deed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_issue_has_one_thread_that_begins_with_its_card() {
    let (scene, channel) = following().await;
    let made = json!({"action": "create_issue", "project": "TEST", "summary": "A second one"});
    let second = scene.done_in_jira(&scene.ben, made).await["id"].clone();
    for text in ["one", "two"] {
        for issue in [json!(ISSUE), second.clone()] {
            let deed = json!({"action": "comment", "text": text, "issue": issue});
            scene.done_in_jira(&scene.ben, deed).await;
        }
    }
    let posts = scene.posts(&channel);
    let cards: Vec<_> = posts.iter().filter(|post| is_card(post)).collect();
    assert_eq!((posts.len(), cards.len()), (6, 2));
    for card in cards {
        assert_eq!(card.conversation, format!("{channel};messageid={}", card.id));
        let thread: Vec<String> = posts
            .iter()
            .filter(|post| post.conversation == card.conversation && !is_card(post))
            .map(words)
            .collect();
        assert_eq!(thread.len(), 2, "{thread:?}");
        assert!(thread[0].contains("one") && thread[1].contains("two"), "{thread:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_card_at_the_top_is_kept_up_to_date() {
    let (scene, channel) = following().await;
    scene.comment(&scene.ben, "Looking at it").await;
    assert!(words(&scene.posts(&channel)[0]).contains("To Do"));
    scene.done_in_jira(&scene.ben, json!({"action": "transition", "to": "Done"})).await;
    let card = &scene.posts(&channel)[0];
    assert!(card.updated && words(card).contains("Done") && !words(card).contains("To Do"));
    let buttons = card.activity.to_string();
    for verb in ["assignToMe", "comment", "watch", "refresh"] {
        assert!(buttons.contains(&format!("\"verb\":\"{verb}\"")), "{verb} is not in {buttons}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changes_within_ten_seconds_is_folded_into_one_post() {
    let (scene, channel) = following().await;
    let begin = json!({"action": "transition", "to": "In Progress"});
    scene.done_in_jira(&scene.ben, begin).await;
    assert_told(&scene, &channel, &["card", "Ben Okoye"]);
    let raise = json!({"action": "set_priority", "priority": "High"});
    change_at_once(&scene, &channel, raise).await;
    let again = json!({"action": "transition", "to": "Done"});
    change_at_once(&scene, &channel, again).await;
    assert_told(&scene, &channel, &["card", "Status: <strong>Done</strong>"]);
    let folded = &scene.posts(&channel)[1];
    assert!(folded.updated && words(folded).contains("Priority: <strong>High</strong>"));

    scene.stack.clock.advance(Duration::from_mins(6));
    let assign = json!({"action": "assign", "accountId": scene.ben.account});
    scene.done_in_jira(&scene.ben, assign).await;
    assert_told(&scene, &channel, &["card", "Done", "Assignee: <strong>Ben Okoye</strong>"]);
    assert!(!told(&scene, &channel)[2].contains("Status"), "only what is new");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comment_between_two_changes_stays_between_them() {
    let (scene, channel) = following().await;
    scene.done_in_jira(&scene.ben, json!({"action": "transition", "to": "In Progress"})).await;
    change_at_once(&scene, &channel, json!({"action": "comment", "text": "Almost there"})).await;
    change_at_once(&scene, &channel, json!({"action": "transition", "to": "Done"})).await;
    assert_told(&scene, &channel, &["card", "In Progress", "Almost there", "Done"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_that_somebody_took_away_is_not_folded_into() {
    let (scene, channel) = following().await;
    scene.done_in_jira(&scene.ben, json!({"action": "transition", "to": "In Progress"})).await;
    let gone = scene.posts(&channel)[1].id.clone();
    scene.fail("PUT", &gone, 404, 1);
    change_at_once(&scene, &channel, json!({"action": "set_priority", "priority": "Low"})).await;
    assert_told(&scene, &channel, &["card", "In Progress", "Priority: <strong>Low</strong>"]);
    assert_eq!(scene.following(&channel).await.len(), 1, "the channel is still there");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thread_that_is_gone_begins_again() {
    let (scene, channel) = following().await;
    scene.comment(&scene.ben, "The first").await;
    let root = thread(&scene, &channel).await.root_id;
    scene.fail("PUT", root.as_str(), 404, 1);
    scene.fail("POST", "/activities", 404, 1);
    scene.comment(&scene.ben, "The second").await;
    assert_told(&scene, &channel, &["card", "The first", "card", "The second"]);
    let posts = scene.posts(&channel);
    assert_eq!(posts[3].conversation, posts[2].conversation);
    assert_ne!(posts[2].conversation, posts[0].conversation);
    assert_ne!(thread(&scene, &channel).await.root_id, root);
    assert_eq!(scene.following(&channel).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_chat_is_told_without_threads() {
    let scene = Scene::open().await;
    let deed = json!({
        "action": "create_chat", "members": [scene.ben.object, scene.cleo.object],
        "topic": "Lamps", "as": scene.ada.object, "tenantId": TENANT,
    });
    let chat = scene.stack.in_teams(deed).await["chatId"].as_str().unwrap().to_owned();
    let at = json!({"kind": "groupChat", "chatId": chat});
    scene.bot(&scene.ada, &at, json!({"install": "add"})).await;
    scene.follow(&scene.ada, &chat, FollowFilter::default()).await;
    scene.done_in_jira(&scene.ben, json!({"action": "transition", "to": "Done"})).await;
    scene.comment(&scene.ben, "There it is").await;
    assert_told(&scene, &chat, &["card", "Status", "There it is"]);
    assert!(scene.posts(&chat).iter().all(|post| post.conversation == chat));
}
