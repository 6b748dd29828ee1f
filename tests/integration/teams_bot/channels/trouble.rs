//! Subscribers who must sign in again, and channels that the bot cannot write to any more.

use std::time::Duration;

use serde_json::json;
use tandem_domain::FollowFilter;
use tandem_local::sandbox::microsoft::Installation;
use tandem_store::LinkState;

use super::{super::scene::Scene, assert_told, told};

#[tokio::test(flavor = "multi_thread")]
async fn a_subscriber_who_must_sign_in_is_told_once_and_the_subscription_rests_until_then() {
    let scene = Scene::open().await;
    let channel = scene.channel("News").await;
    scene.follow(&scene.cleo, &channel, FollowFilter::default()).await;
    scene.install(&scene.cleo).await;
    scene.stack.jira.revoke_grants(&scene.cleo.account);
    // Past the end of the access token that is at hand.
    scene.stack.clock.advance(Duration::from_hours(2));
    for text in ["one", "two", "three"] {
        scene.comment(&scene.ben, text).await;
    }
    assert!(told(&scene, &channel).is_empty());
    assert_eq!(scene.following(&channel).await[0].state, LinkState::NeedsSignIn);
    let [asked] = scene.told(&scene.cleo).try_into().unwrap();
    assert!(asked.contains("Sign in"), "{asked}");

    scene.cleo.browser(&scene.stack).await;
    scene.comment(&scene.ben, "four").await;
    assert_told(&scene, &channel, &["card", "four"]);
    assert_eq!(scene.following(&channel).await[0].state, LinkState::Active);
    assert_eq!(scene.told(&scene.cleo).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_subscriber_speaks_for_one_who_must_sign_in() {
    let scene = Scene::open().await;
    let channel = scene.channel("News").await;
    for who in [&scene.cleo, &scene.ada] {
        scene.follow(who, &channel, FollowFilter::default()).await;
    }
    scene.stack.jira.revoke_grants(&scene.cleo.account);
    scene.stack.clock.advance(Duration::from_hours(2));
    scene.comment(&scene.ben, "Somebody can see this").await;
    assert_told(&scene, &channel, &["card", "Somebody"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_that_the_bot_may_not_write_to_is_forgotten_with_all_it_owned() {
    let scene = Scene::open().await;
    let channel = scene.channel("News").await;
    scene.follow(&scene.ada, &channel, FollowFilter::default()).await;
    scene.follow(&scene.ben, &channel, FollowFilter::default()).await;
    scene.comment(&scene.ben, "Here we are").await;
    assert_eq!(scene.stack.items_of("issue_thread").await.len(), 1);
    scene.stack.microsoft.set_installation(&scene.team.id, Installation::Removed);
    scene.comment(&scene.ben, "Hello?").await;
    assert_eq!(told(&scene, &channel).len(), 2);
    for entity in [
        "channel_subscription",
        "channel_subscription_by_channel",
        "issue_thread",
        "issue_thread_by_channel",
    ] {
        assert!(scene.stack.items_of(entity).await.is_empty(), "{entity}");
    }
    let known = scene.stack.items_of("bot_conversation").await;
    assert!(!known.iter().any(|it| it["conversation_id"]["S"] == channel.as_str()));
    assert!(scene.stack.get("/local/queue").await["dead"].as_array().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_of_one_post_ends_nothing() {
    let scene = Scene::open().await;
    let channel = scene.channel("News").await;
    scene.follow(&scene.ada, &channel, FollowFilter::default()).await;
    for status in [413, 403] {
        scene.fail("POST", "/v3/conversations", status, 1);
        scene.comment(&scene.ben, "Refused").await;
        assert!(told(&scene, &channel).is_empty());
        assert_eq!(scene.following(&channel).await.len(), 1, "{status}");
    }
    scene.comment(&scene.ben, "Taken").await;
    assert_told(&scene, &channel, &["card", "Taken"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_unsubscribed_meanwhile_is_not_told() {
    let scene = Scene::open().await;
    let channel = scene.channel("News").await;
    let item = scene.follow(&scene.ada, &channel, FollowFilter::default()).await;
    scene.fail("POST", "/v3/conversations", 503, 1);
    scene.in_jira(&scene.ben, json!({"action": "comment", "text": "Too late"})).await;
    let tried = || scene.stack.gate.recorded().iter().any(|call| call.status == 503);
    while !tried() || scene.stack.under_way() > 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    scene.stack.app.store.delete_channel_subscription(&item).await.unwrap();
    scene.stack.settled_in_time().await;
    assert!(told(&scene, &channel).is_empty());
    assert!(scene.following(&channel).await.is_empty());
}
