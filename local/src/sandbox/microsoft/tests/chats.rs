//! Users, chats and members.

use super::*;

#[tokio::test]
async fn a_chat_is_made_as_the_documentation_shows() {
    let world = World::new().await;
    let folder = "api-reference/v1.0/api/chat-post.md";
    let token = world.token(ROBIN);
    for (request, response, id) in [
        ("L0068-HTTP-tab-http.json", "L0116-Response.json", "@unq.gbl.spaces"),
        ("L0141-HTTP-tab-http.json", "L0195-Response.json", "@thread.v2"),
    ] {
        let Some(body) = fixture(&format!("{folder}/{request}")) else { return };
        let Some(expected) = fixture(&format!("{folder}/{response}")) else { return };
        // The first example's people are not those of its answer.
        let body = body
            .to_string()
            .replace("8b081ef6-4792-4def-b2c9-c363a1bf41d5", ROBIN)
            .replace("82af01c5-f7cc-4a2e-a728-3a5df21afd9d", ALEX);
        let made = world.post(&token, "/chats", serde_json::from_str(&body).unwrap()).await;
        assert_eq!(made.status, 201, "{:?}", made.body);
        assert_has_properties_of(&made.body, &expected, "chat");
        assert_eq!(made.body["topic"], expected["topic"]);
        assert!(made.body["id"].as_str().unwrap().ends_with(id));
    }
}

#[tokio::test]
async fn two_people_have_one_chat_and_a_group_is_always_new() {
    let world = World::new().await;
    let pair = |ids: &[&str]| json!({ "chatType": "oneOnOne", "members": members_of(ids) });
    let first = world.post(&world.token(ROBIN), "/chats", pair(&[ROBIN, ALEX])).await;
    let again = world.post(&world.token(ALEX), "/chats", pair(&[ALEX, ROBIN])).await;
    assert_eq!(first.body["id"], format!("19:{ALEX}_{ROBIN}@unq.gbl.spaces"));
    assert_eq!((first.status, again.status), (201, 201));
    assert_eq!(first.body["id"], again.body["id"]);
    assert_ne!(world.group(&[ROBIN, ALEX]).await, world.group(&[ROBIN, ALEX]).await);
    assert_eq!(world.sandbox.chats().len(), 3);
}

#[tokio::test]
async fn what_the_contract_does_not_allow_is_refused() {
    let world = World::new().await;
    let token = world.token(ROBIN);
    let group = |members: Value| json!({ "chatType": "group", "members": members });
    let both = || json!(members_of(&[ROBIN, ALEX]));
    let mut untyped = both();
    untyped[0].as_object_mut().unwrap().remove("@odata.type");
    let mut no_role = both();
    no_role[1]["roles"] = json!([]);
    for (what, body) in [
        ("no type", json!({ "members": both() })),
        ("a meeting", json!({ "chatType": "meeting", "members": both() })),
        ("no members", json!({ "chatType": "group" })),
        (
            "three in two",
            json!({ "chatType": "oneOnOne", "members": members_of(&[ROBIN, ALEX, SAM]) }),
        ),
        ("a topic for two", json!({ "chatType": "oneOnOne", "topic": "t", "members": both() })),
        ("a colon", json!({ "chatType": "group", "topic": "A-1: b", "members": both() })),
        (
            "a long topic",
            json!({ "chatType": "group", "topic": "x".repeat(251), "members": both() }),
        ),
        ("unknown property", json!({ "chatType": "group", "title": "t", "members": both() })),
        ("without the caller", group(json!(members_of(&[ALEX, SAM])))),
        ("twice the same", group(json!(members_of(&[ROBIN, ALEX, ALEX])))),
        ("alone", group(json!(members_of(&[ROBIN])))),
        ("a stranger", group(json!(members_of(&[ROBIN, "11111111-2222-4333-8444-555555555555"])))),
        ("untyped", group(untyped)),
        ("without a role", group(no_role)),
    ] {
        let answer = world.post(&token, "/chats", body).await;
        assert_eq!(answer.error(), (400, "BadRequest"), "{what}");
        let inner = &answer.body["error"]["innerError"];
        assert!(
            inner["request-id"].is_string() && inner["date"] == "2021-03-29T04:17:43",
            "{what}"
        );
    }
    assert!(world.sandbox.chats().is_empty());
    let request = world.http.post(format!("{}/graph/v1.0/chats", world.base)).bearer_auth(&token);
    let broken = request.header("content-type", "application/json").body("{");
    assert_eq!(Answer::read(broken).await.error(), (400, "BadRequest"));
}

#[tokio::test]
async fn tokens_and_permissions_are_checked_first() {
    let world = World::new().await;
    let chat = world.group(&[ROBIN, ALEX]).await;
    let path = format!("/chats/{chat}/messages");
    let url = format!("{}/graph/v1.0{path}", world.base);
    let none = Answer::read(world.http.get(url)).await;
    assert_eq!(none.error(), (401, "InvalidAuthenticationToken"));
    assert!(none.headers.contains_key("www-authenticate"));
    assert_eq!(world.get("made up", &path).await.error(), (401, "InvalidAuthenticationToken"));

    let (reader, _) = world.sandbox.issue_tokens(TENANT, ROBIN, &["Chat.Read"]);
    assert_eq!(world.get(&reader, &path).await.status, 200);
    let text = json!({ "body": { "content": "x" } });
    let refused = world.post(&reader, &path, text).await;
    assert_eq!(refused.error(), (403, "Forbidden"));
    let message = refused.body["error"]["message"].as_str().unwrap();
    assert!(message.contains("ChatMessage.Send") && message.ends_with("'Chat.Read'"));
    assert_eq!(world.post(&reader, "/chats", json!({})).await.error(), (403, "Forbidden"));
    assert_eq!(world.get(&reader, "/me").await.error(), (403, "Forbidden"));

    let outsider = world.token(SAM);
    assert_eq!(world.get(&outsider, &path).await.error(), (403, "Forbidden"));
    assert_eq!(world.get(&outsider, "/chats/19:x@thread.v2").await.error(), (404, "NotFound"));
    let elsewhere = world.sandbox.add_user(NewUser {
        tenant_id: "another".to_owned(),
        object_id: None,
        display_name: "Else".to_owned(),
    });
    let (foreign, _) = world.sandbox.issue_tokens("another", &elsewhere, &["Chat.ReadWrite"]);
    assert_eq!(world.get(&foreign, &path).await.error(), (404, "NotFound"));

    world.clock.advance(Duration::from_hours(1));
    assert_eq!(world.get(&reader, &path).await.error(), (401, "InvalidAuthenticationToken"));
    let fresh = world.token(ROBIN);
    world.sandbox.expire_access_tokens(TENANT, ROBIN);
    assert_eq!(world.get(&fresh, &path).await.error(), (401, "InvalidAuthenticationToken"));
}

#[tokio::test]
async fn chats_are_listed_with_their_members() {
    let world = World::new().await;
    let first = world.group(&[ROBIN, ALEX]).await;
    world.clock.advance(Duration::from_secs(1));
    let second = world.group(&[ROBIN, ALEX, SAM]).await;
    let token = world.token(ROBIN);
    let listed = world.get(&token, "/me/chats?$expand=members").await;
    let chats = listed.body["value"].as_array().unwrap();
    assert_eq!((&chats[0]["id"], &chats[1]["id"]), (&json!(second), &json!(first)));
    assert_eq!(chats[0]["members"].as_array().unwrap().len(), 3);
    assert_eq!(world.get(&world.token(SAM), "/chats").await.body["@odata.count"], 1);

    let page = world.get(&token, "/chats?$top=1").await;
    let next = page.body["@odata.nextLink"].as_str().unwrap();
    assert!(next.contains("$top=1&$skiptoken="));
    let last = world.get(&token, next).await;
    assert_eq!(last.body["value"][0]["id"], first);
    assert!(last.body.get("@odata.nextLink").is_none());

    for query in ["$top=51", "$top=x", "$filter=topic eq 'x'", "$expand=apps", "$skiptoken=x"] {
        assert_eq!(world.get(&token, &format!("/chats?{query}")).await.status, 400, "{query}");
    }
    let own = world.get(&token, &format!("/users/{ROBIN}/chats")).await;
    assert_eq!(own.status, 200);
    assert_eq!(world.get(&token, &format!("/users/{ALEX}/chats")).await.status, 403);
}

#[tokio::test]
async fn members_come_and_go() {
    let world = World::new().await;
    let chat = world.group(&[ROBIN, ALEX]).await;
    let token = world.token(ROBIN);
    world.say(ROBIN, &chat, "<p>before</p>").await;
    world.clock.advance(Duration::from_secs(1));
    let path = format!("/chats/{chat}/members");
    let mut sam = members_of(&[SAM]).remove(0);
    sam["visibleHistoryStartDateTime"] = json!("2021-03-29T04:17:44Z");
    let added = world.post(&token, &path, sam.clone()).await;
    assert_eq!(added.status, 201);
    let location = added.headers["location"].to_str().unwrap().to_owned();
    assert_eq!(world.post(&token, &path, sam).await.status, 201);

    let listed = world.get(&token, &path).await;
    if let Some(expected) =
        fixture("api-reference/v1.0/api/conversationmember-list.md/L0100-Response.json")
    {
        assert_has_properties_of(&listed.body["value"][2], &expected["value"][0], "member");
    }
    assert_eq!(listed.body["value"][2]["userId"], SAM);
    let seen = world.get(&world.token(SAM), &format!("/chats/{chat}/messages")).await;
    let seen = seen.body["value"].as_array().unwrap().clone();
    assert_eq!(seen.len(), 1, "only the event, not what was said before");
    assert_eq!(seen[0]["messageType"], "unknownFutureValue");
    assert_eq!(seen[0]["eventDetail"]["members"][0]["id"], SAM);
    let url = format!("{}/graph/v1.0/chats/{chat}/messages", world.base);
    let evolved = world.http.get(url).bearer_auth(world.token(SAM));
    let evolved = Answer::read(evolved.header("prefer", "include-unknown-enum-members")).await;
    assert_eq!(evolved.body["value"][0]["messageType"], "systemEventMessage");
    assert_eq!(seen[0]["from"], Value::Null);

    assert_eq!(world.graph(&token, "DELETE", &location, None).await.status, 204);
    assert_eq!(world.graph(&token, "DELETE", &location, None).await.status, 404);
    assert_eq!(world.get(&world.token(SAM), &path).await.status, 403);
}

#[tokio::test]
async fn people_are_found_in_their_tenant() {
    let world = World::new().await;
    let token = world.token(ROBIN);
    let me = world.get(&token, "/me?$select=id,displayName").await.body;
    assert_eq!((&me["id"], &me["displayName"]), (&json!(ROBIN), &json!("Robin Kline")));
    assert!(me.get("mail").is_none());
    assert_eq!(world.get(&token, &format!("/users/{ALEX}")).await.status, 403);
    let (all, _) = world.sandbox.issue_tokens(TENANT, ROBIN, &["User.ReadBasic.All"]);
    assert_eq!(world.get(&all, &format!("/users/{ALEX}")).await.body["id"], ALEX);
    assert_eq!(world.get(&all, "/users/sam@2432b57b.onmicrosoft.example").await.body["id"], SAM);
    assert_eq!(world.get(&all, "/users/nobody").await.status, 404);
    assert_eq!(world.get(&all, "/planner").await.error(), (400, "BadRequest"));
    assert_eq!(world.graph(&all, "DELETE", "/me", None).await.status, 405);
}
