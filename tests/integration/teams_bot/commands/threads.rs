//! A channel's thread is linked with an issue, and unlinked.

use super::{HIDDEN, KEY, Room, SECURED};
use crate::support::people::ISSUE;

#[tokio::test(flavor = "multi_thread")]
async fn a_thread_becomes_the_one_of_an_issue() {
    let room = Room::open().await;
    let (ada, ben) = (&room.world.ada, &room.world.ben);
    let began = room.say(ada, &room.channel(), "help").await;
    let root = began.activity["id"].as_str().unwrap().to_owned();
    let linked = room.say(ada, &room.thread(&root), &format!("link {KEY}")).await;
    linked.says("This thread is for TEST-1");
    linked.says("do not become comments");
    linked.says("subscribe TEST");
    assert_eq!(linked.posts[0].conversation, format!("{};messageid={root}", room.team.id));
    let threads = room.world.stack.items_of("issue_thread").await;
    assert_eq!(threads.len(), 1);
    assert_eq!(threads[0]["root_id"]["S"], root.as_str());
    assert_eq!(threads[0]["issue_id"]["S"], ISSUE);
    assert_eq!(threads[0]["channel_id"]["S"], room.team.id.as_str());
    let again = room.told(ben, &room.thread(&root), &format!("link {KEY}")).await;
    assert!(again.contains("This thread already is for TEST-1"), "{again}");

    // Elsewhere in the channel it moves there: to what was written, where that begins a thread.
    let moved = room.say(ben, &room.channel(), &format!("link {KEY}")).await;
    moved.says("This thread is for TEST-1");
    let threads = room.world.stack.items_of("issue_thread").await;
    assert_eq!(threads.len(), 1);
    assert_eq!(threads[0]["root_id"]["S"], moved.activity["id"]);
    assert_eq!(room.count("chat_link").await, 1, "the world's own");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_that_follows_the_project_is_not_told_how_to() {
    let room = Room::open().await;
    let ada = &room.world.ada;
    room.told(ada, &room.channel(), "subscribe TEST").await;
    let linked = room.told(ada, &room.channel(), &format!("link {KEY}")).await;
    assert!(linked.contains("This thread is for") && !linked.contains("subscribe"), "{linked}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thread_is_given_back_by_who_may_see_the_issue() {
    let room = Room::open().await;
    let (ada, ben, cleo) = (&room.world.ada, &room.world.ben, &room.world.cleo);
    let linked = room.say(ada, &room.channel(), &format!("link {HIDDEN}")).await;
    linked.says("This thread is for HIDE-1");
    let root = linked.activity["id"].as_str().unwrap().to_owned();
    for (who, place, text, answer) in [
        (ben, room.thread(&root), "unlink", "Only somebody who may see the issue"),
        (ben, room.thread(&root), "unlink HIDE-1", "you may not see"),
        (cleo, room.thread(&root), "unlink", "Connect your accounts"),
        (cleo, room.channel(), "unlink", "Connect your accounts"),
        (ada, room.channel(), "unlink", "is for no issue"),
        (ada, room.channel(), "unlink TEST-1", "not linked here"),
    ] {
        let told = room.told(who, &place, text).await;
        assert!(told.contains(answer), "{text}: {told}");
        assert_eq!(room.count("issue_thread").await, 1, "{text}");
    }
    let ended = room.told(ada, &room.thread(&root), "unlink").await;
    assert!(ended.contains("Unlinked"), "{ended}");
    assert_eq!(room.count("issue_thread").await, 0);
    room.told(ada, &room.channel(), &format!("link {HIDDEN}")).await;
    room.told(ada, &room.channel(), "unlink hide-1").await;
    assert_eq!(room.count("issue_thread").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secured_issue_gets_no_thread() {
    let room = Room::open().await;
    let refused = room.told(&room.world.ada, &room.channel(), &format!("link {SECURED}")).await;
    assert!(refused.contains("security level"), "{refused}");
    assert_eq!(room.count("issue_thread").await, 0);
}
