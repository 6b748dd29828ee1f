//! Replying in a chat from the issue, as oneself.

use std::time::Duration;

use serde_json::json;
use tandem_local::sandbox::gate::Strike;

use super::{HIDDEN_ISSUE, ISSUE, NO_ISSUE, SECOND_ISSUE, SECURED_ISSUE, answer, error, refusal};
use crate::support::{
    talk::{from, html, words},
    world,
};

const SENDING: &str = "/graph/v1.0/chats/";

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_stands_in_the_chat_under_the_persons_own_name() {
    let world = world().await;
    let ben = world.hands_of(&world.ben).await;
    let text = "Tomorrow, <b>not</b> today.\n\nI & Ada \"agree\"";
    let (status, sent) = answer(ben.reply(ISSUE, &world.chat, text)).await;
    assert_eq!(status, 201, "{sent}");
    let message = world.message();
    assert_eq!(
        (json!(message.id), from(&message)),
        (sent["messageId"].clone(), &*world.ben.object)
    );
    let shown = html(&message);
    assert!(shown.contains("&lt;b&gt;not&lt;/b&gt;") && !shown.contains("<b>"), "{shown}");
    // It is Ben's own message: it reaches the issue as his comment, and does not come back.
    world.stack.settled().await;
    let comments = world.comments();
    assert_eq!((comments.len(), &comments[0].author), (1, &world.ben.account));
    assert!(words(&comments[0]).contains("<b>not</b> today."), "{:?}", comments[0]);
    assert_eq!(world.messages().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_posts_once() {
    let world = world().await;
    let ben = world.hands_of(&world.ben).await;
    let reply = |key: &str, text: &str| {
        answer(ben.reply(ISSUE, &world.chat, text).header("idempotency-key", key))
    };
    let (status, first) = reply("one", "Yes.").await;
    assert_eq!(status, 201);
    for minutes in [0, 6] {
        world.stack.clock.advance(Duration::from_mins(minutes));
        assert_eq!(reply("one", "Yes.").await, (200, first.clone()));
    }
    assert_eq!(world.messages().len(), 1);
    assert_eq!(reply("two", "Yes.").await.0, 201);
    for _ in 0..2 {
        assert_eq!(answer(ben.reply(ISSUE, &world.chat, "Yes.")).await.0, 201);
    }
    assert_eq!(world.messages().len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_whose_outcome_is_unknown_is_not_posted_again() {
    let world = world().await;
    let ben = world.hands_of(&world.ben).await;
    let reply = || refusal(ben.reply(ISSUE, &world.chat, "Yes.").header("idempotency-key", "k"));
    world.fail("POST", SENDING, "/messages", Strike::After, 502, 1);
    assert_eq!(reply().await.0, 503);
    assert_eq!(reply().await, error(409, "request_in_progress"));
    world.stack.clock.advance(Duration::from_secs(31));
    assert_eq!(reply().await, error(409, "outcome_unknown"));
    assert_eq!(world.messages().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_that_was_put_off_is_posted_by_the_repetition() {
    let world = world().await;
    let ben = world.hands_of(&world.ben).await;
    let reply = || ben.reply(ISSUE, &world.chat, "Yes.").header("idempotency-key", "k").send();
    world.fail("POST", SENDING, "/messages", Strike::Before, 429, 1);
    let put_off = reply().await.unwrap();
    assert_eq!(
        (put_off.status().as_u16(), &put_off.headers()["retry-after"]),
        (503, &"7".parse().unwrap())
    );
    assert_eq!(reply().await.unwrap().status(), 201);
    assert_eq!(world.messages().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_members_reply_and_only_in_chats_of_the_issue() {
    let mut world = world().await;
    world.more_issues();
    world.set(json!({"secured_issues": "allowed"})).await;
    let (secured, hidden) = {
        let ada = world.hands_of(&world.ada).await;
        let (_, secured) = answer(ada.start(SECURED_ISSUE, &[&world.ben.account])).await;
        let (_, hidden) = answer(ada.start(HIDDEN_ISSUE, &[&world.ben.account])).await;
        let chat = |made: serde_json::Value| made["chatId"].as_str().unwrap().to_owned();
        (chat(secured), chat(hidden))
    };
    world.set(json!({"secured_issues": "never"})).await;
    let dan_rowe = world.linked("Dan Rowe").await;
    let (ben, dan) = (world.hands_of(&world.ben).await, world.hands_of(&dan_rowe).await);
    let nowhere = "19:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@thread.v2";
    for (why, hands, issue, chat, expected) in [
        ("not in the chat", &dan, ISSUE, world.chat.as_str(), error(403, "not_a_member")),
        ("a chat of another issue", &ben, SECOND_ISSUE, &world.chat, error(404, "not_found")),
        ("another issue's chat", &ben, ISSUE, &hidden, error(404, "not_found")),
        ("no chat at all", &ben, ISSUE, nowhere, error(404, "not_found")),
        ("an issue that is hidden", &ben, HIDDEN_ISSUE, &hidden, error(404, "not_found")),
        ("an issue that is not there", &ben, NO_ISSUE, &world.chat, error(404, "not_found")),
        ("an issue that stays in Jira", &ben, SECURED_ISSUE, &secured, error(403, "secured_issue")),
        ("what is no chat", &ben, ISSUE, "chat", error(400, "invalid_field")),
        ("what is no issue", &ben, "TEST-1", &world.chat, error(400, "invalid_field")),
    ] {
        assert_eq!(refusal(hands.reply(issue, chat, "Hello?")).await, expected, "{why}");
    }
    let (_, refused) = answer(ben.reply(ISSUE, "chat", "Hello?")).await;
    assert_eq!(refused["detail"], "chatId is not a valid chat id");
    for chat in world.chats() {
        assert_eq!(world.messages_in(&chat.id).len(), 0, "{chat:?}");
    }
    // A refusal is final: the key may be used again once the person is let in.
    let refused = dan.reply(ISSUE, &world.chat, "Hello?").header("idempotency-key", "k");
    assert_eq!(refusal(refused).await, error(403, "not_a_member"));
    let joined = json!({"action": "add_member", "userId": dan_rowe.object});
    world.in_teams(&world.ada, joined).await;
    let again = dan.reply(ISSUE, &world.chat, "Hello?").header("idempotency-key", "k");
    assert_eq!(answer(again).await.0, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_reply_is_refused_before_anybody_is_asked() {
    let world = world().await;
    let ben = world.hands_of(&world.ben).await;
    world.stack.gate.forget();
    for text in [String::new(), " \n\t ".to_owned(), "x".repeat(20_001)] {
        let refused = refusal(ben.reply(ISSUE, &world.chat, &text)).await;
        assert_eq!(refused, error(400, "invalid_text"), "{}", text.len());
    }
    let chat: String = url::form_urlencoded::byte_serialize(world.chat.as_bytes()).collect();
    let path = format!("/issues/{ISSUE}/chats/{chat}/messages");
    for body in [json!({}), json!({"text": 1}), json!({"text": "x", "as": "somebody"}), json!("x")]
    {
        assert_eq!(refusal(ben.change(&path, &body)).await, error(400, "invalid_json"), "{body}");
    }
    let body = json!({"text": "Hello?"});
    assert_eq!(refusal(ben.unguarded(&path, &body)).await, error(403, "csrf"));
    let nobody = world.stack.request("POST", &path).json(&body);
    assert_eq!(refusal(nobody).await, error(401, "not_signed_in"));
    assert_eq!(world.stack.gate.recorded().len(), 0, "no vendor was asked");
    let longest = "x".repeat(20_000);
    assert_eq!(answer(ben.reply(ISSUE, &world.chat, &longest)).await.0, 201);
    assert_eq!(world.messages().len(), 1);
}
