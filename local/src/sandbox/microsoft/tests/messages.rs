//! Messages: posted, listed, edited, deleted.

use super::*;

fn html(content: &str) -> Value {
    json!({ "body": { "contentType": "html", "content": content } })
}

#[tokio::test]
async fn a_message_has_the_shape_of_the_documentation() {
    let world = World::new().await;
    let chat = world.group(&[ROBIN, ALEX]).await;
    let path = format!("/chats/{}/messages", chat.replace(':', "%3A").replace('@', "%40"));
    let folder = "api-reference/v1.0/api/chat-post-messages.md";
    let body = fixture(&format!("{folder}/L0066-HTTP-tab-http.json"))
        .unwrap_or_else(|| json!({ "body": { "content": "Hello world" } }));
    let posted = world.post(&world.token(ROBIN), &path, body).await;
    assert_eq!(posted.status, 201, "{:?}", posted.body);
    assert_eq!(posted.body["id"], NOW.to_string());
    assert_eq!(posted.body["createdDateTime"], "2021-03-29T04:17:43.15Z");
    assert_eq!(posted.body["from"]["user"]["id"], ROBIN);
    assert_eq!(posted.body["body"], json!({ "contentType": "text", "content": "Hello world" }));
    if let Some(expected) = fixture(&format!("{folder}/L0105-Response.json")) {
        assert_has_properties_of(&posted.body, &expected, "message");
    }
    let read = world.get(&world.token(ALEX), &format!("{path}/{NOW}")).await;
    assert_eq!(read.body, posted.body);
}

#[tokio::test]
async fn html_is_cleaned_and_links_stay() {
    let world = World::new().await;
    let chat = world.group(&[ROBIN, ALEX]).await;
    let link = "<a href=\"https://a.test/browse/K-1?focusedId=1#c\" itemid=\"t\">K-1</a>";
    let id = world.say(ROBIN, &chat, &format!("<p>{link}<script>x</script></p>")).await;
    let read = world.get(&world.token(ALEX), &format!("/chats/{chat}/messages/{id}")).await;
    assert_eq!(read.body["body"]["content"], format!("<p>{link}</p>"));
}

#[tokio::test]
async fn a_message_that_breaks_the_contract_is_refused() {
    let world = World::new().await;
    let chat = world.group(&[ROBIN, ALEX]).await;
    let path = format!("/chats/{chat}/messages");
    let token = world.token(ROBIN);
    let mention = |id: Value| json!({ "id": id, "mentionText": "Alex", "mentioned": { "user": { "id": ALEX } } });
    let with = |content: &str, name: &str, value: Value| {
        let mut body = html(content);
        body[name] = value;
        body
    };
    for (what, body) in [
        ("no body", json!({})),
        ("body of text", json!({ "body": "x" })),
        ("empty", html("")),
        ("markdown", json!({ "body": { "contentType": "markdown", "content": "x" } })),
        ("somebody else's", with("x", "from", json!({ "user": { "id": ALEX } }))),
        ("unknown importance", with("x", "importance", json!("utmost"))),
        ("mention without marker", with("x", "mentions", json!([mention(json!(0))]))),
        ("marker without mention", html("<at id=\"0\">Alex</at>")),
        (
            "mention of a text id",
            with("<at id=\"0\">A</at>", "mentions", json!([mention(json!("0"))])),
        ),
        ("missing attachment", html("<attachment id=\"1\"></attachment>")),
        ("attachment of no type", with("x", "attachments", json!([{ "id": "1" }]))),
    ] {
        let answer = world.post(&token, &path, body).await;
        assert_eq!(answer.error(), (400, "BadRequest"), "{what}");
    }
    let largest = world.post(&token, &path, html(&"x".repeat(28 * 1024))).await;
    assert_eq!(largest.status, 201);
    let larger = world.post(&token, &path, html(&"x".repeat(28 * 1024 + 1))).await;
    assert_eq!(larger.error(), (413, "RequestEntityTooLarge"));
    let good = with("<at id=\"0\">A</at>", "mentions", json!([mention(json!(0))]));
    assert_eq!(world.post(&token, &path, good).await.status, 201);
    assert_eq!(world.sandbox.messages(&chat).len(), 2);
}

#[tokio::test]
async fn the_newest_come_first_page_by_page() {
    let world = World::new().await;
    let chat = world.group(&[ROBIN, ALEX]).await;
    let token = world.token(ROBIN);
    let mut ids = Vec::new();
    for number in 0..5 {
        ids.push(world.say(ROBIN, &chat, &number.to_string()).await);
    }
    let path = format!("/chats/{chat}/messages");
    let (mut listed, mut next) = (Vec::new(), Some(format!("{path}?$top=2")));
    while let Some(page) = next {
        let page = world.get(&token, &page).await.body;
        let items = page["value"].as_array().unwrap();
        listed.extend(items.iter().map(|it| it["id"].as_str().unwrap().to_owned()));
        next = page["@odata.nextLink"].as_str().map(str::to_owned);
    }
    ids.reverse();
    assert_eq!(listed, ids);

    world.clock.advance(Duration::from_mins(1));
    let oldest = format!("{path}/{}", ids[4]);
    assert_eq!(world.graph(&token, "PATCH", &oldest, Some(html("new"))).await.status, 204);
    for (query, first, count) in [
        ("", &ids[4], 5),
        ("?$orderby=createdDateTime desc", &ids[0], 5),
        (
            "?$orderby=lastModifiedDateTime desc&$filter=lastModifiedDateTime gt 2021-03-29T04:18:00Z",
            &ids[4],
            1,
        ),
        (
            "?$orderby=createdDateTime desc&$filter=createdDateTime lt 2021-03-29T04:17:43.152Z",
            &ids[3],
            2,
        ),
        ("?$filter=lastModifiedDateTime gt 2021-03-29T04:18:00Z", &ids[4], 5),
    ] {
        let body = world.get(&token, &format!("{path}{query}")).await.body;
        assert_eq!(
            (&body["value"][0]["id"], &body["@odata.count"]),
            (&json!(first), &json!(count)),
            "{query}"
        );
    }
    for query in ["$orderby=createdDateTime asc", "$select=id", "$filter=from eq 'x'"] {
        assert_eq!(world.get(&token, &format!("{path}?{query}")).await.status, 400, "{query}");
    }
}

#[tokio::test]
async fn only_the_author_edits_and_deletes() {
    let world = World::new().await;
    let chat = world.group(&[ROBIN, ALEX]).await;
    let id = world.say(ROBIN, &chat, "<p>one</p>").await;
    let (robin, alex) = (world.token(ROBIN), world.token(ALEX));
    let path = format!("/chats/{chat}/messages/{id}");
    let delete = |who: &str| format!("/users/{who}{path}/softDelete");
    world.clock.advance(Duration::from_mins(1));
    assert_eq!(world.graph(&alex, "PATCH", &path, Some(html("no"))).await.status, 403);
    assert_eq!(world.graph(&robin, "PATCH", &path, Some(html("<p>two</p>"))).await.status, 204);
    let edited = world.get(&alex, &path).await.body;
    assert_eq!(edited["body"]["content"], "<p>two</p>");
    assert!(edited["lastEditedDateTime"].as_str().unwrap().starts_with("2021-03-29T04:18:43.15"));
    assert_ne!(edited["etag"], json!(id));

    assert_eq!(world.graph(&alex, "POST", &delete(ALEX), None).await.status, 403);
    assert_eq!(world.graph(&robin, "POST", &delete(ALEX), None).await.status, 403);
    assert_eq!(world.graph(&robin, "POST", &delete(ROBIN), None).await.status, 204);
    assert_eq!(world.graph(&robin, "POST", &delete(ROBIN), None).await.status, 204);
    let deleted = world.get(&alex, &path).await.body;
    assert!(deleted["deletedDateTime"].is_string());
    assert_eq!(deleted["body"]["content"], "");
    assert_eq!(world.graph(&robin, "PATCH", &path, Some(html("x"))).await.status, 404);

    let undo = format!("{path}/microsoft.graph.undoSoftDelete");
    assert_eq!(world.graph(&robin, "POST", &undo, None).await.status, 204);
    assert_eq!(world.get(&alex, &path).await.body["body"]["content"], "<p>two</p>");
    assert_eq!(world.get(&alex, &format!("/chats/{chat}/messages/1")).await.status, 404);
}
