//! The chats of an issue, as each viewer may see them.

use serde_json::{Value, json};
use tandem_local::sandbox::gate::Strike;

use super::{
    CLOUD, HIDDEN_ISSUE, ISSUE, NO_ISSUE, OTHER_CLOUD, OTHER_TENANT, SECOND_ISSUE, TENANT, answer,
    error, refusal,
};
use crate::support::world;

const SAID: &str = "xylophone";

#[tokio::test(flavor = "multi_thread")]
async fn a_member_reads_the_last_messages_live() {
    let world = world().await;
    let ben = world.hands_of(&world.ben).await;
    let (status, empty) = ben.list(ISSUE).await;
    let chat = &empty["chats"][0];
    let expected = json!({"chats": [{
        "chatId": world.chat, "tenantId": TENANT, "createdBy": world.ada.account,
        "createdAt": chat["createdAt"], "state": "active", "member": true, "messages": [],
    }]});
    assert_eq!((status, &empty), (200, &expected));
    assert!(chat["createdAt"].as_i64().is_some_and(|at| at > 1_700_000_000_000));

    let first =
        world.write(&world.ada, "<p>Is the <strong>lamp</strong> &lt;still&gt; broken?</p>").await;
    let second = world.write(&world.ben, "<p>It is.</p>").await;
    let deleted = world.write(&world.ben, &format!("<p>{SAID}</p>")).await;
    world.in_teams(&world.ben, json!({"action": "delete", "messageId": deleted})).await;
    let joined = json!({"action": "add_member", "userId": world.cleo.object});
    world.in_teams(&world.ada, joined).await;
    let (_, listed) = ben.list(ISSUE).await;
    let messages = listed["chats"][0]["messages"].as_array().unwrap();
    let shown: Vec<[&str; 3]> = messages
        .iter()
        .map(|it| ["messageId", "authorId", "html"].map(|name| it[name].as_str().unwrap()))
        .collect();
    let ada_said = "<p>Is the <strong>lamp</strong> &lt;still&gt; broken?</p>";
    assert_eq!(
        shown,
        [[&first, &*world.ada.object, ada_said], [&second, &*world.ben.object, "<p>It is.</p>"]],
        "oldest first, without what was deleted and without Teams' own"
    );
    assert_eq!(messages[1]["authorName"], "Ben Okoye");
    assert!(!listed.to_string().contains(SAID));

    world
        .in_teams(&world.ben, json!({"action": "edit", "messageId": second, "html": "<p>No.</p>"}))
        .await;
    let (_, listed) = ben.list(ISSUE).await;
    let edited = &listed["chats"][0]["messages"][1];
    assert_eq!(edited["html"], "<p>No.</p>");
    assert!(edited["editedAt"].as_i64() >= edited["createdAt"].as_i64());
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_could_run_is_in_what_is_shown() {
    let world = world().await;
    let html = format!(
        "<p onclick=\"x()\">{SAID}<script>alert(1)</script><a href=\"javascript:alert(1)\">here</a>\
         <img src=x onerror=alert(1)></p><iframe src=\"https://example.com\"></iframe>"
    );
    world.write(&world.ada, &html).await;
    let (_, listed) = world.hands_of(&world.ben).await.list(ISSUE).await;
    let shown = listed["chats"][0]["messages"][0]["html"].as_str().unwrap().to_owned();
    assert!(shown.contains(SAID), "{shown}");
    for bad in ["onclick", "onerror", "script", "iframe", "<img"] {
        assert!(!shown.contains(bad), "{bad}: {shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_outside_sees_that_a_chat_exists_and_not_what_is_in_it() {
    let world = world().await;
    world.other_site().await;
    world.write(&world.ada, &format!("<p>{SAID}</p>")).await;
    let dan = world.linked("Dan Rowe").await;
    let dora = world.person_of(CLOUD, OTHER_TENANT).await;
    world.stack.gate.forget();
    for (who, person, asks_graph) in
        [("not in the chat", &dan, true), ("of another tenant", &dora, false)]
    {
        let before = world.calls("GET", "/graph");
        let (status, listed) = world.hands_of(person).await.list(ISSUE).await;
        let chats = listed["chats"].as_array().unwrap();
        assert_eq!((status, chats.len()), (200, 1), "{who}");
        assert_eq!((&chats[0]["chatId"], &chats[0]["member"]), (&json!(world.chat), &json!(false)));
        assert_eq!(chats[0].get("messages"), None, "{who}");
        assert!(!listed.to_string().contains(SAID), "{who}");
        assert_eq!(world.calls("GET", "/graph") > before, asks_graph, "{who}");
    }
    // Whoever leaves stops seeing.
    let ben = world.hands_of(&world.ben).await;
    assert!(ben.list(ISSUE).await.1.to_string().contains(SAID));
    let leaves = json!({"action": "remove_member", "userId": world.ben.object});
    world.in_teams(&world.ada, leaves).await;
    let (status, listed) = ben.list(ISSUE).await;
    assert_eq!((status, &listed["chats"][0]["member"]), (200, &json!(false)));
    assert!(!listed.to_string().contains(SAID));
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_who_may_not_see_the_issue_gets_404() {
    let world = world().await;
    world.more_issues();
    let ada = world.hands_of(&world.ada).await;
    let (status, made) = answer(ada.start(HIDDEN_ISSUE, &[&world.ben.account])).await;
    assert_eq!(status, 201);
    // Ben is in the chat, but not let into the project.
    let ben = world.hands_of(&world.ben).await;
    let (status, hidden) = ben.list(HIDDEN_ISSUE).await;
    assert_eq!((status, &hidden["code"]), (404, &json!("not_found")));
    assert_eq!(ben.list(NO_ISSUE).await, (404, hidden), "like one that is not there");
    assert_eq!(ada.list(HIDDEN_ISSUE).await.1["chats"][0]["chatId"], made["chatId"]);
    assert_eq!(ada.list(SECOND_ISSUE).await, (200, json!({"chats": []})));
    let (status, refused) = ada.list("TEST-1").await;
    assert_eq!((status, &refused["detail"]), (400, &json!("issueId is not a valid issue id")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_of_another_site_sees_nothing() {
    let world = world().await;
    world.other_site().await;
    world.write(&world.ada, &format!("<p>{SAID}</p>")).await;
    let dora = world.person_of(OTHER_CLOUD, OTHER_TENANT).await;
    let hands = world.hands_of(&dora).await;
    let nothing: (u16, Value) = hands.list(ISSUE).await;
    assert_eq!((nothing.0, &nothing.1["code"]), (404, &json!("not_found")));
    assert_eq!(refusal(hands.start(ISSUE, &[&world.ben.account])).await, error(404, "not_found"));
    let reply = hands.reply(ISSUE, &world.chat, "Hello?");
    assert_eq!(refusal(reply).await, error(404, "not_found"));
    assert_eq!(world.messages().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn listing_wants_a_session_and_a_vendor_that_answers() {
    let world = world().await;
    let path = format!("/issues/{ISSUE}/chats");
    let nobody = world.stack.request("GET", &path);
    assert_eq!(refusal(nobody).await, error(401, "not_signed_in"));
    let ben = world.hands_of(&world.ben).await;
    world.fail("GET", "/graph/v1.0/chats/", "/messages", Strike::Before, 429, 1);
    let listing = world.stack.request("GET", &path).header("cookie", &ben.cookies);
    let sent = listing.send().await.unwrap();
    assert_eq!(
        (sent.status().as_u16(), &sent.headers()["retry-after"]),
        (503, &"7".parse().unwrap())
    );
    assert_eq!(ben.list(ISSUE).await.0, 200);
}
