//! A group chat is linked with issues, and unlinked.

use serde_json::json;

use super::{HIDDEN, KEY, Room, SECOND, SECURED};
use crate::support::{HOST, TENANT, people::ISSUE};

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_is_linked_shown_in_the_issue_and_listened_to() {
    let room = Room::open().await;
    let ada = &room.world.ada;
    let shown = room.told(ada, &room.group(), "link test-1").await;
    assert!(shown.contains("Linked") && shown.contains("The lamp in the hall flickers"), "{shown}");
    assert!(shown.contains("Lamps") && shown.contains("https://tests.atlassian.net/browse/TEST-1"));
    assert_eq!(room.linked().await, [ISSUE]);
    assert_eq!(room.listening(), 1);
    let global = format!("tandem-chat={TENANT}&{}", room.chat);
    let links = room.remote_links(ISSUE).await;
    assert!(links.iter().any(|link| link["globalId"] == global.as_str()), "{links:?}");
    let item = &room.world.stack.items_of("chat_link").await;
    let item = item.iter().find(|it| it["chat_id"]["S"] == room.chat.as_str()).unwrap();
    assert_eq!(item["created_by"]["S"], ada.account.as_str());
    assert_eq!(item["creator_object_id"]["S"], ada.object.as_str());

    let again = room.told(&room.world.ben, &room.group(), "LINK TEST-1").await;
    assert!(again.contains("Already linked"), "{again}");
    assert_eq!((room.linked().await.len(), room.listening()), (1, 1));
    assert_eq!(room.remote_links(ISSUE).await.len(), links.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn comments_of_the_linked_issue_reach_the_chat() {
    let room = Room::open().await;
    let ada = &room.world.ada;
    room.told(ada, &room.group(), &format!("link https://{HOST}/browse/{KEY}")).await;
    room.world.comment(ada, "Bring a ladder").await;
    room.world.stack.settled().await;
    let told = room.world.messages_in(&room.chat);
    assert!(told.iter().any(|it| it.content.content.contains("Bring a ladder")), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_see_an_issue_learns_nothing_of_it() {
    let mut room = Room::open().await;
    let none = room.told(&room.world.ben, &room.group(), "link TEST-99").await;
    for key in [HIDDEN, SECURED] {
        let refused = room.told(&room.world.ben, &room.group(), &format!("link {key}")).await;
        assert_eq!(refused, none, "{key}");
    }
    let secured = room.told(&room.world.ada, &room.group(), &format!("link {SECURED}")).await;
    assert!(secured.contains("security level"), "{secured}");
    assert!(room.linked().await.is_empty());
    room.world.set(json!({"secured_issues": "allowed"})).await;
    let linked = room.told(&room.world.ada, &room.group(), &format!("link {SECURED}")).await;
    assert!(linked.contains("Linked"), "{linked}");
    room.world.set(json!({"allowed_tenants": ["1f4420a8-5d5e-48f8-a99b-8caac1c3fa91"]})).await;
    let refused = room.told(&room.world.ada, &room.group(), &format!("link {KEY}")).await;
    assert!(refused.contains("does not allow"), "{refused}");
    assert_eq!(room.linked().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_linked_is_named_clearly() {
    let room = Room::open().await;
    let (ada, cleo) = (&room.world.ada, &room.world.cleo);
    room.world
        .in_teams(
            ada,
            json!({
                "action": "add_member", "chatId": room.chat, "userId": cleo.object,
            }),
        )
        .await;
    for (who, place, text, answer) in [
        (ada, room.personal(), "link TEST-1", "group chat or in a channel"),
        (ada, room.group(), "link", "Write it like this: link"),
        (ada, room.group(), "link the lamp", "Write it like this: link"),
        (ada, room.group(), "link https://elsewhere.atlassian.net/browse/TEST-1", "that Jira site"),
        (cleo, room.group(), "link TEST-1", "Connect your accounts"),
        (
            cleo,
            room.group(),
            "link https://tests.atlassian.net/browse/TEST-1",
            "Connect your accounts",
        ),
    ] {
        let told = room.told(who, &place, text).await;
        assert!(told.contains(answer), "{text}: {told}");
    }
    assert!(room.linked().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_only_link_ends_without_a_key_and_with_it_the_listening() {
    let room = Room::open().await;
    let (ada, ben) = (&room.world.ada, &room.world.ben);
    let before = room.remote_links(ISSUE).await.len();
    room.told(ada, &room.group(), &format!("link {KEY}")).await;
    let ended = room.told(ben, &room.group(), "unlink").await;
    assert!(ended.contains("Unlinked"), "{ended}");
    assert!(room.linked().await.is_empty());
    assert_eq!(room.listening(), 0);
    assert_eq!(room.remote_links(ISSUE).await.len(), before);
    let again = room.told(ben, &room.group(), "unlink").await;
    assert!(again.contains("linked with no issue"), "{again}");
    let personal = room.told(ben, &room.personal(), "unlink").await;
    assert!(personal.contains("not linked with any"), "{personal}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_links_one_is_to_be_named() {
    let mut room = Room::open().await;
    room.world.set(json!({"secured_issues": "allowed"})).await;
    let (ada, ben) = (&room.world.ada, &room.world.ben);
    for key in [KEY, SECURED, SECOND] {
        room.told(ada, &room.group(), &format!("link {key}")).await;
    }
    let asked = room.told(ben, &room.group(), "unlink").await;
    assert!(asked.contains(KEY) && asked.contains(SECOND), "{asked}");
    assert!(!asked.contains(SECURED), "Ben may not see it: {asked}");
    let hidden = room.told(ben, &room.group(), &format!("unlink {SECURED}")).await;
    assert!(hidden.contains("does not exist in Jira, or you may not"), "{hidden}");
    room.told(ben, &room.group(), &format!("unlink {KEY}")).await;
    room.told(ben, &room.group(), &format!("unlink {SECOND}")).await;
    assert_eq!((room.linked().await.len(), room.listening()), (1, 1));
    let elsewhere = room.told(ben, &room.group(), &format!("unlink {KEY}")).await;
    assert!(elsewhere.contains("not linked here"), "{elsewhere}");
    let not_his = room.told(ben, &room.group(), "unlink").await;
    assert!(not_his.contains("Only somebody who may see the issue"), "{not_his}");
    let hers = room.told(ada, &room.group(), "unlink").await;
    assert!(hers.contains("Unlinked"), "{hers}");
    assert_eq!((room.linked().await.len(), room.listening()), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_comes_twice_is_carried_out_once() {
    let room = Room::open().await;
    let ada = &room.world.ada;
    let twice = |text: &str, id: &str| json!({"message": text, "raw": {"id": id}});
    let first = room.does(ada, &room.group(), twice("link TEST-1", "1700000000001")).await;
    first.says("Linked");
    room.told(ada, &room.group(), "unlink").await;
    let second = room.does(ada, &room.group(), twice("link TEST-1", "1700000000001")).await;
    assert_eq!((second.status, second.posts.len()), (200, 0));
    assert!(room.linked().await.is_empty());
    // What only tells something is told again.
    for _ in 0..2 {
        let told = room.does(ada, &room.group(), twice("help", "1700000000002")).await;
        told.says("What Tandem can do");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_to_the_bot_and_what_it_answers_stay_out_of_the_issue() {
    let room = Room::open().await;
    let ada = &room.world.ada;
    room.told(ada, &room.group(), "link TEST-1").await;
    room.told(ada, &room.group(), "help").await;
    room.world
        .in_teams(ada, json!({"action": "send", "html": "A ladder it is", "chatId": room.chat}))
        .await;
    room.world.stack.settled().await;
    let comments: Vec<String> =
        room.world.comments().iter().map(crate::support::talk::words).collect();
    assert_eq!(comments, ["A ladder it is"]);
}
