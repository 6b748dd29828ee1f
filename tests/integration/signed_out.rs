//! The creator of a chat, who speaks for everybody that has not linked their accounts, must sign in
//! again.

use tandem_local::sandbox::gate::Strike;

use crate::support::{
    TENANT, World,
    talk::{from, html},
    world,
};

/// What the link of the world's chat says of itself.
async fn state(world: &World) -> String {
    let links = world.stack.items_of("chat_link").await;
    links[0]["state"]["S"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_write_hides_nothing_of_it_and_a_new_sign_in_ends_it() {
    let world = world().await;
    world.stack.jira.revoke_grants(&world.ada.account);
    world.comment(&world.cleo, "Nobody can say this for me").await;
    world.stack.settled_in_time().await;
    assert!(world.messages().is_empty(), "{:?}", world.messages());
    assert_eq!(state(&world).await, "needs_sign_in");

    // Somebody who speaks for themselves goes on, and what could not cross stays visible.
    world.comment(&world.ben, "I can").await;
    world.stack.settled_in_time().await;
    assert!(html(&world.message()).contains("I can"));
    assert_eq!(state(&world).await, "needs_sign_in");

    world.ada.browser(&world.stack).await;
    world.comment(&world.cleo, "And now?").await;
    world.stack.settled_in_time().await;
    let messages = world.messages();
    let last = messages.last().unwrap();
    assert!(html(last).contains("And now?"));
    assert_eq!(from(last), world.ada.object);
    assert_eq!(state(&world).await, "active");
}

/// Somebody's token is refused in the very minute in which they got it.
#[tokio::test(flavor = "multi_thread")]
async fn a_new_token_that_is_refused_at_once_loses_nothing() {
    let world = world().await;
    world.comment(&world.ben, "Both tokens are in memory now").await;
    world.stack.settled_in_time().await;
    world.stack.microsoft.expire_access_tokens(TENANT, &world.ben.object);
    world.stack.jira.expire_access_tokens(&world.ben.account);
    world.comment(&world.ben, "Refused at both ends").await;
    world.stack.settled_in_time().await;
    let last = world.messages().pop().unwrap();
    assert!(html(&last).contains("Refused at both ends"));
    assert_eq!(from(&last), world.ben.object);
    assert_eq!(state(&world).await, "active");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_author_who_withdrew_their_consent_is_spoken_for_from_the_first_comment_on() {
    let world = world().await;
    world.comment(&world.ben, "Both tokens are in memory now").await;
    world.stack.settled_in_time().await;
    world.stack.jira.revoke_grants(&world.ben.account);
    world.comment(&world.ben, "Not as myself").await;
    world.stack.settled_in_time().await;
    let last = world.messages().pop().unwrap();
    assert!(html(&last).contains("Not as myself"));
    assert_eq!(from(&last), world.ada.object);
    assert_eq!(state(&world).await, "active");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_refused_with_every_new_token_must_sign_in_again() {
    let world = world().await;
    world.fail("GET", "/atlassian/api/ex/jira/", "/issue/10001", Strike::Before, 401, 100);
    world.comment(&world.ben, "Refused whatever is done").await;
    world.stack.settled_in_time().await;
    assert!(world.messages().is_empty(), "{:?}", world.messages());
    assert_eq!(state(&world).await, "needs_sign_in");
    let queues = world.stack.aws.queues().into_iter();
    let mut dead_letters = queues.filter(|queue| !queue.dead_letters_of.is_empty());
    assert!(dead_letters.all(|queue| queue.messages.is_empty()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_of_somebody_who_withdrew_their_consent_becomes_its_creators_comment() {
    let world = world().await;
    world.write(&world.ben, "The token is in memory now").await;
    world.stack.settled_in_time().await;
    world.stack.jira.revoke_grants(&world.ben.account);
    world.write(&world.ben, "Not as myself").await;
    world.stack.settled_in_time().await;
    let comments = world.comments();
    let last = comments.last().unwrap();
    assert!(last.body.to_string().contains("Not as myself"), "{comments:?}");
    assert_eq!(last.author, world.ada.account);
    assert_eq!(state(&world).await, "active");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nobody_can_read_the_chat_the_link_says_so() {
    let world = world().await;
    let (tenant, object) = (TENANT, &world.ada.object);
    world.write(&world.ben, "The token is in memory now").await;
    world.stack.settled_in_time().await;
    world.stack.microsoft.revoke_sign_ins(tenant, object);
    world.stack.microsoft.expire_access_tokens(tenant, object);
    world.stack.clock.advance(std::time::Duration::from_mins(2));
    for text in ["First", "Second"] {
        world.write(&world.ben, text).await;
        world.stack.settled_in_time().await;
        assert_eq!(state(&world).await, "needs_sign_in", "{text}");
    }
    assert_eq!(world.comments().len(), 1);
}
