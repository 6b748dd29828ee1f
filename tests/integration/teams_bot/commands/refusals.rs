//! Words that are no command, and vendors that do not answer.

use serde_json::json;
use tandem_local::sandbox::{gate::Strike, microsoft::Installation};

use super::{KEY, Room};

#[tokio::test(flavor = "multi_thread")]
async fn anything_else_gets_help_with_the_nearest_command() {
    let room = Room::open().await;
    let ben = &room.world.ben;
    for place in [room.personal(), room.group(), room.channel()] {
        for (text, answer, near) in [
            ("help", "What Tandem can do", false),
            ("  HELP! ", "What Tandem can do", false),
            ("subcribe TEST", "Did you mean subscribe?", true),
            ("what now", "What Tandem can do", false),
        ] {
            let told = room.told(ben, &place, text).await;
            assert!(told.contains(answer), "{text}: {told}");
            assert_eq!(told.contains("Did you mean"), near, "{text}: {told}");
        }
    }
    // A mention and nothing else.
    let text = json!({"text": "<at>Tandem</at>&nbsp;\n"});
    let told = room.does(ben, &room.channel(), json!({"message": "x", "raw": text})).await;
    told.says("What Tandem can do");
    assert!(!told.one().contains("Did you mean"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_done_now_is_said_and_nothing_is_left_half_done() {
    let room = Room::open().await;
    let (ada, world) = (&room.world.ada, &room.world);
    for (method, path, end, text) in [
        ("GET", "/atlassian/api/ex/jira/", KEY, "link TEST-1"),
        ("GET", "/graph/v1.0/chats", "", "link TEST-1"),
        ("GET", "/atlassian/api/ex/jira/", "/project/TEST", "subscribe TEST"),
        ("GET", "/atlassian/api/ex/jira/", "/mypermissions", "subscribe TEST"),
    ] {
        world.fail(method, path, end, Strike::Before, 503, 5);
        let told = room.told(ada, &room.group(), text).await;
        assert!(told.contains("not answering just now"), "{path}: {told}");
        world.stack.gate.mend();
    }
    assert!(room.linked().await.is_empty());
    assert_eq!(room.count("channel_subscription").await, 0);
    room.told(ada, &room.group(), "link TEST-1").await;
    world.fail("DELETE", "/graph/v1.0/subscriptions", "", Strike::Before, 503, 5);
    let told = room.told(ada, &room.group(), "unlink").await;
    assert!(told.contains("not answering just now"), "{told}");
    assert_eq!((room.linked().await.len(), room.listening()), (1, 1));
    world.stack.gate.mend();
    assert!(room.told(ada, &room.group(), "unlink").await.contains("Unlinked"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_holds_although_the_issue_cannot_show_it_yet() {
    let room = Room::open().await;
    let (ada, world) = (&room.world.ada, &room.world);
    let before = room.remote_links(crate::support::people::ISSUE).await.len();
    world.fail("POST", "/atlassian/api/ex/jira/", "/remotelink", Strike::Before, 503, 1);
    world.fail("POST", "/graph/v1.0/subscriptions", "", Strike::Before, 503, 1);
    assert!(room.told(ada, &room.group(), "link TEST-1").await.contains("Linked"));
    assert_eq!((room.linked().await.len(), room.listening()), (1, 0));
    world.stack.gate.mend();
    world.stack.clock.advance(std::time::Duration::from_mins(6));
    assert!(room.told(ada, &room.group(), "link TEST-1").await.contains("Already linked"));
    assert_eq!(room.listening(), 1);
    assert_eq!(room.remote_links(crate::support::people::ISSUE).await.len(), before + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_did_not_get_out_is_given_when_the_message_comes_again() {
    let room = Room::open().await;
    let (ada, world) = (&room.world.ada, &room.world);
    let twice = json!({"message": "link TEST-1", "raw": {"id": "1700000000001"}});
    world.fail("POST", "/connector/v3/conversations/", "", Strike::Before, 502, 5);
    let lost = room.does(ada, &room.group(), twice.clone()).await;
    assert_eq!((lost.status, lost.posts.len()), (503, 0));
    world.stack.gate.mend();
    room.does(ada, &room.group(), twice.clone()).await.says("Already linked");
    assert_eq!(room.does(ada, &room.group(), twice).await.posts.len(), 0);

    for text in ["subscribe TEST bug", "subscribe TEST task"] {
        room.told(ada, &room.channel(), text).await;
    }
    let twice = json!({"message": "unsubscribe 1", "raw": {
        "id": "1700000000002",
        "conversation": {"id": format!("{};messageid=1700000000002", room.team.id)},
    }});
    world.fail("POST", "/connector/v3/conversations/", "", Strike::Before, 502, 5);
    assert_eq!(room.does(ada, &room.channel(), twice.clone()).await.status, 503);
    world.stack.gate.mend();
    room.does(ada, &room.channel(), twice).await.says("1 · TEST: Testing");
    assert_eq!(room.count("channel_subscription").await, 1, "not the next one too");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_bot_may_not_write_it_does_not_try_again() {
    let room = Room::open().await;
    let (ada, teams) = (&room.world.ada, &room.world.stack.microsoft);
    let ended = json!({"message": "link TEST-1", "raw": {"id": "1700000000001"}});
    room.does(ada, &room.group(), json!({"message": "help"})).await.says("What Tandem can do");
    for installation in [Installation::Blocked, Installation::Removed] {
        teams.set_installation(&room.chat, installation);
        let raw = json!({"invoke": null, "raw": {
            "type": "message", "text": "help", "id": "1700000000009",
        }});
        let reply = room.does(ada, &room.group(), raw).await;
        assert_eq!((reply.status, reply.posts.len()), (200, 0));
    }
    teams.set_installation(&room.chat, Installation::Installed);
    room.does(ada, &room.group(), ended).await.says("Linked");
}
