//! What people do in Teams itself, and what survives the end of the process.

use super::*;

impl World {
    async fn act(&self, who: &str, action: &str, more: Value) -> Answer {
        let mut body = json!({ "as": who, "tenantId": TENANT, "action": action });
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        let url = format!("{}/people/teams/act", self.base);
        Answer::read(self.http.post(url).json(&body)).await
    }

    async fn everything(&self) -> Value {
        let url = format!("{}/people/teams/state", self.base);
        Answer::read(self.http.get(url)).await.body
    }
}

#[tokio::test]
async fn people_talk_and_everybody_sees_it() {
    let (world, listener) = (World::new().await, Listener::default());
    let made = world.act(ROBIN, "create_chat", json!({ "members": [ALEX], "topic": "Plan" })).await;
    assert_eq!(made.status, 200, "{:?}", made.body);
    let chat = made.body["chatId"].as_str().unwrap().to_owned();
    let body = json!({
        "changeType": "created,updated,deleted",
        "notificationUrl": listener.serve().await,
        "resource": format!("/chats/{chat}/messages"),
        "expirationDateTime": datetime::rfc3339(NOW + 3_600_000),
    });
    assert_eq!(world.post(&world.token(ROBIN), "/subscriptions", body).await.status, 201);

    let sent = world.act(ALEX, "send", json!({ "chatId": chat, "html": "<p>hi</p>" })).await;
    let message = sent.body["messageId"].as_str().unwrap().to_owned();
    let target = |more: Value| {
        let mut target = json!({ "chatId": chat, "messageId": message });
        target.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        target
    };
    let edit = target(json!({ "text": "hello" }));
    assert_eq!(world.act(ROBIN, "edit", edit.clone()).await.status, 403);
    assert_eq!(world.act(ALEX, "edit", edit).await.status, 200);
    assert_eq!(world.act(ALEX, "delete", target(json!({}))).await.status, 200);
    let sam = json!({ "chatId": chat, "userId": SAM });
    assert_eq!(world.act(ROBIN, "add_member", sam.clone()).await.status, 200);
    assert_eq!(world.act(ROBIN, "remove_member", sam).await.status, 200);
    world.sandbox.settled().await;
    let items = listener.items();
    let kinds: Vec<&str> = items.iter().map(|it| it["changeType"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["created", "updated", "deleted", "created", "created"]);

    let state = world.everything().await;
    assert_eq!(state["users"].as_array().unwrap().len(), 3);
    assert_eq!(state["tenants"], json!([TENANT]));
    let shown = &state["chats"][0];
    assert_eq!((&shown["topic"], &shown["members"][1]["userId"]), (&json!("Plan"), &json!(ALEX)));
    assert_eq!(shown["messages"][0]["body"]["contentType"], "text");
    assert_eq!(shown["messages"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn what_a_person_cannot_do_is_refused() {
    let world = World::new().await;
    let chat = world.group(&[ROBIN, ALEX]).await;
    for (who, action, more, status) in [
        (SAM, "send", json!({ "chatId": chat, "text": "x" }), 403),
        ("nobody", "send", json!({ "chatId": chat, "text": "x" }), 404),
        (ROBIN, "send", json!({ "chatId": "19:x@thread.v2", "text": "x" }), 404),
        (ROBIN, "send", json!({ "chatId": chat }), 400),
        (ROBIN, "send", json!({ "text": "x" }), 400),
        (ROBIN, "edit", json!({ "chatId": chat, "text": "x" }), 400),
        (ROBIN, "create_chat", json!({ "members": ["nobody"] }), 404),
        (ROBIN, "create_chat", json!({ "members": [ALEX, SAM], "chatType": "oneOnOne" }), 400),
        (ROBIN, "sing", json!({}), 422),
    ] {
        let answer = world.act(who, action, more.clone()).await;
        assert_eq!(answer.status, status, "{who} {action} {more}");
    }
}

#[tokio::test]
async fn the_demonstration_has_the_same_people_each_time() {
    let world = World::new().await;
    let demo = world.sandbox.seed_demo();
    let again = world.sandbox.seed_demo();
    assert_eq!((demo.tenant_id, demo.users), (again.tenant_id, again.users));
    assert_eq!(world.sandbox.users().len(), 6);
    let pair = json!({ "as": demo.users[0].0, "tenantId": demo.tenant_id, "action": "create_chat",
        "members": [demo.users[1].0] });
    let url = format!("{}/people/teams/act", world.base);
    let made = Answer::read(world.http.post(url).json(&pair)).await;
    assert!(made.body["chatId"].as_str().unwrap().ends_with("@unq.gbl.spaces"));
}

#[tokio::test]
async fn the_data_file_brings_everything_back() {
    let folder = std::env::temp_dir().join(format!("tandem-microsoft-{}", random::guid()));
    let file = folder.join("microsoft.json");
    let listener = Listener::default();
    listener.statuses.lock().unwrap().extend([503; 3]);
    let world = World::with_file(Some(file.clone())).await;
    let chat = world.group(&[ROBIN, ALEX]).await;
    let id = world.say(ROBIN, &chat, "kept").await;
    let token = world.token(ROBIN);
    let key = world.sandbox.0.key.jwk("i");
    let body = json!({
        "changeType": "created",
        "notificationUrl": listener.serve().await,
        "resource": format!("/chats/{chat}/messages"),
        "expirationDateTime": datetime::rfc3339(NOW + 3_600_000),
    });
    assert_eq!(world.post(&token, "/subscriptions", body).await.status, 201);
    // A notification that is never delivered by the first process.
    world.sandbox.locked().announce(&chat, &id, notifications::ChangeType::Created);
    persist::save(&file, &world.sandbox.locked()).unwrap();

    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let next = World::with_file(Some(file.clone())).await;
    assert_eq!(next.sandbox.0.key.jwk("i"), key);
    let read = next.get(&token, &format!("/chats/{chat}/messages/{id}")).await;
    assert_eq!(read.body["body"]["content"], "kept");
    next.sandbox.settled().await;
    assert_eq!(listener.items().len(), 1);

    std::fs::write(&file, "{").unwrap();
    let options = MicrosoftOptions {
        entra_base: String::new(),
        graph_base: String::new(),
        connector_base: String::new(),
        bot_client_id: String::new(),
        bot_client_secret: String::new(),
        bot_endpoint: String::new(),
        client_id: String::new(),
        client_secret: String::new(),
        redirect_uris: Vec::new(),
        retry_delay: Duration::ZERO,
        data_file: Some(file),
        clock: world.clock.clone(),
        sky: Sky::default(),
    };
    assert!(MicrosoftSandbox::new(options).is_err());
    std::fs::remove_dir_all(&folder).unwrap();
}
