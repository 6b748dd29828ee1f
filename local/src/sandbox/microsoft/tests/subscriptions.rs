//! Subscriptions and notifications.

use super::*;

const MINUTE: i64 = 60_000;

fn in_minutes(minutes: i64) -> String {
    datetime::rfc3339(NOW + minutes * MINUTE)
}

fn request(url: &str, chat: &str) -> Value {
    json!({
        "changeType": "created,updated,deleted",
        "notificationUrl": url,
        "lifecycleNotificationUrl": url,
        "resource": format!("/chats/{chat}/messages"),
        "expirationDateTime": in_minutes(4320),
        "clientState": "between us",
    })
}

async fn subscribe(world: &World, who: &str, body: Value) -> String {
    let made = world.post(&world.token(who), "/subscriptions", body).await;
    assert_eq!(made.status, 201, "{:?}", made.body);
    made.body["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn changes_of_a_chat_are_told_as_the_documentation_shows() {
    let (world, listener) = (World::new().await, Listener::default());
    let url = listener.serve().await;
    let chat = world.group(&[ROBIN, ALEX]).await;
    let id = subscribe(&world, ROBIN, request(&url, &chat)).await;
    let message = world.say(ALEX, &chat, "hello").await;
    let path = format!("/chats/{chat}/messages/{message}");
    let body = json!({ "body": { "content": "hi" } });
    let alex = world.token(ALEX);
    assert_eq!(world.graph(&alex, "PATCH", &path, Some(body)).await.status, 204);
    let delete = format!("/users/{ALEX}{path}/softDelete");
    assert_eq!(world.graph(&alex, "POST", &delete, None).await.status, 204);
    world.sandbox.settled().await;

    let items = listener.items();
    let kinds: Vec<&Value> = items.iter().map(|item| &item["changeType"]).collect();
    assert_eq!(kinds, ["created", "updated", "deleted"]);
    let resource = format!("chats('{chat}')/messages('{message}')");
    assert_eq!(
        items[0],
        json!({
            "subscriptionId": id,
            "changeType": "created",
            "tenantId": TENANT,
            "clientState": "between us",
            "subscriptionExpirationDateTime": in_minutes(4320),
            "resource": resource,
            "resourceData": {
                "id": message,
                "@odata.type": "#Microsoft.Graph.chatMessage",
                "@odata.id": resource,
            },
        })
    );
    let log = world.sandbox.notification_log();
    assert!(log.iter().all(|it| it.outcome == Outcome::Delivered && it.attempts == [Some(202)]));
    assert!(!format!("{log:?} {:?}", world.sandbox.subscriptions()).contains("between us"));
}

#[tokio::test]
async fn only_what_was_asked_for_is_told_and_only_to_members() {
    let (world, listener) = (World::new().await, Listener::default());
    let url = listener.serve().await;
    let chat = world.group(&[ROBIN, ALEX]).await;
    let other = world.group(&[ALEX, SAM]).await;
    let mut deletions = request(&url, &chat);
    deletions["changeType"] = json!("deleted");
    subscribe(&world, ROBIN, deletions).await;
    let mut all_mine = request(&url, &chat);
    all_mine["resource"] = json!("/me/chats/getAllMessages");
    subscribe(&world, SAM, all_mine).await;

    world.say(ROBIN, &chat, "not told").await;
    let told = world.say(ALEX, &other, "told to Sam").await;
    world.sandbox.settled().await;
    let items = listener.items();
    assert_eq!(items.len(), 1);
    assert_eq!(items[0]["resourceData"]["id"], told);
}

#[tokio::test]
async fn a_notification_is_sent_until_it_is_taken() {
    let (world, listener) = (World::new().await, Listener::default());
    listener.statuses.lock().unwrap().extend([503, 404, 429]);
    let url = listener.serve().await;
    let chat = world.group(&[ROBIN, ALEX]).await;
    subscribe(&world, ROBIN, request(&url, &chat)).await;
    world.say(ALEX, &chat, "hello").await;
    world.sandbox.settled().await;
    assert_eq!(listener.items().len(), 1);
    let log = world.sandbox.notification_log();
    assert_eq!(log[0].attempts, [Some(503), Some(404), Some(429), Some(202)]);

    listener.statuses.lock().unwrap().extend([500; 40]);
    world.say(ALEX, &chat, "lost").await;
    world.sandbox.settled().await;
    assert_eq!(world.sandbox.notification_log()[1].outcome, Outcome::GivenUp);
}

#[tokio::test]
async fn a_subscription_has_to_be_sound() {
    let (world, listener) = (World::new().await, Listener::default());
    let url = listener.serve().await;
    let chat = world.group(&[ROBIN, ALEX]).await;
    let set = |name: &str, value: Value| {
        let mut body = request(&url, &chat);
        body[name] = value;
        body
    };
    for (name, value, expected) in [
        ("changeType", json!("created,read"), (400, "BadRequest")),
        ("changeType", Value::Null, (400, "BadRequest")),
        ("notificationUrl", json!("http://example.test/hook"), (400, "BadRequest")),
        ("notificationUrl", json!("hook"), (400, "BadRequest")),
        ("clientState", json!("x".repeat(129)), (400, "BadRequest")),
        ("expirationDateTime", json!("soon"), (400, "BadRequest")),
        ("expirationDateTime", json!(in_minutes(0)), (400, "ExtensionError")),
        ("expirationDateTime", json!(in_minutes(4321)), (400, "ExtensionError")),
        ("lifecycleNotificationUrl", Value::Null, (400, "ValidationError")),
        ("resource", json!("/me/events"), (400, "ExtensionError")),
        ("resource", json!("/chats/getAllMessages"), (403, "Forbidden")),
        ("resource", json!("/chats/19:x@thread.v2/messages"), (404, "NotFound")),
        ("includeResourceData", json!(true), (400, "BadRequest")),
        ("latestSupportedTlsVersion", json!("v9"), (400, "BadRequest")),
        ("url", json!("x"), (400, "BadRequest")),
    ] {
        let body = set(name, value.clone());
        let answer = world.post(&world.token(ROBIN), "/subscriptions", body).await;
        assert_eq!(answer.error(), expected, "{name} {value}");
    }
    let outsider = world.post(&world.token(SAM), "/subscriptions", request(&url, &chat)).await;
    assert_eq!(outsider.error(), (403, "Forbidden"));
    assert!(world.sandbox.subscriptions().is_empty());

    let mut short = set("expirationDateTime", json!(in_minutes(5)));
    short.as_object_mut().unwrap().remove("lifecycleNotificationUrl");
    let made = world.post(&world.token(ROBIN), "/subscriptions", short).await;
    assert_eq!(made.body["expirationDateTime"], in_minutes(45));
    if let Some(expected) =
        fixture("api-reference/v1.0/api/subscription-post-subscriptions.md/L0163-Response.json")
    {
        let mut expected = expected;
        expected.as_object_mut().unwrap().remove("notificationContentType");
        assert_has_properties_of(&made.body, &expected, "subscription");
    }
}

#[tokio::test]
async fn both_addresses_have_to_pass_the_handshake() {
    let world = World::new().await;
    let good = Listener::default().serve().await;
    let bad = Listener { wrong_token: Some("hello"), ..Listener::default() }.serve().await;
    let chat = world.group(&[ROBIN, ALEX]).await;
    for (notification, lifecycle) in
        [(&bad, &good), (&good, &bad), (&good, &"http://127.0.0.1:9/none".to_owned())]
    {
        let mut body = request(notification, &chat);
        body["lifecycleNotificationUrl"] = json!(lifecycle);
        let answer = world.post(&world.token(ROBIN), "/subscriptions", body).await;
        assert_eq!(answer.error(), (400, "ValidationError"));
    }
    assert!(world.sandbox.subscriptions().is_empty());
}

#[tokio::test]
async fn a_subscription_is_renewed_ended_or_expires() {
    let (world, listener) = (World::new().await, Listener::default());
    let url = listener.serve().await;
    let chat = world.group(&[ROBIN, ALEX]).await;
    let id = subscribe(&world, ROBIN, request(&url, &chat)).await;
    let path = format!("/subscriptions/{id}");
    let (robin, alex) = (world.token(ROBIN), world.token(ALEX));
    assert_eq!(world.get(&alex, &path).await.status, 404);
    assert_eq!(world.get(&alex, "/subscriptions").await.body["value"], json!([]));
    assert_eq!(world.get(&robin, "/subscriptions").await.body["value"][0]["id"], id);

    let later = json!({ "expirationDateTime": in_minutes(100) });
    let renewed = world.graph(&robin, "PATCH", &path, Some(later)).await;
    assert_eq!(
        (renewed.status, &renewed.body["expirationDateTime"]),
        (200, &json!(in_minutes(100)))
    );
    let too_late = json!({ "expirationDateTime": in_minutes(4321) });
    assert_eq!(world.graph(&robin, "PATCH", &path, Some(too_late)).await.status, 400);
    let again = format!("{path}/reauthorize");
    assert_eq!(world.graph(&robin, "POST", &again, None).await.status, 204);
    assert_eq!(world.sandbox.subscriptions()[0].renewals, 2);

    world.clock.advance(Duration::from_mins(100));
    assert!(world.sandbox.subscriptions().is_empty());
    assert_eq!(world.get(&world.token(ROBIN), &path).await.status, 404);

    let mut body = request(&url, &chat);
    body["expirationDateTime"] = json!(in_minutes(1000));
    let id = subscribe(&world, ROBIN, body).await;
    let path = format!("/subscriptions/{id}");
    let robin = world.token(ROBIN);
    assert_eq!(world.graph(&robin, "DELETE", &path, None).await.status, 204);
    assert_eq!(world.graph(&robin, "DELETE", &path, None).await.status, 404);
}

#[tokio::test]
async fn the_lifecycle_of_a_subscription_is_told() {
    let (world, listener, lifecycle) =
        (World::new().await, Listener::default(), Listener::default());
    let chat = world.group(&[ROBIN, ALEX]).await;
    let mut body = request(&listener.serve().await, &chat);
    body["lifecycleNotificationUrl"] = json!(lifecycle.serve().await);
    let id = subscribe(&world, ROBIN, body).await;
    world.sandbox.send_lifecycle(&id, LifecycleEvent::ReauthorizationRequired);
    world.sandbox.send_lifecycle(&id, LifecycleEvent::SubscriptionRemoved);
    world.sandbox.settled().await;
    let items = lifecycle.items();
    assert_eq!(items[0]["lifecycleEvent"], "reauthorizationRequired");
    assert_eq!(items[1]["lifecycleEvent"], "subscriptionRemoved");
    let examples = "concepts/webhooks-lifecycle.md";
    if let Some(expected) =
        fixture(&format!("{examples}/L0184-reauthorizationRequired-notification-example.json"))
    {
        assert_has_properties_of(&items[0], &expected["value"][0], "item");
    }
    assert!(listener.items().is_empty());
    assert!(world.sandbox.subscriptions().is_empty());
}

#[tokio::test]
async fn the_app_itself_may_watch_all_chats() {
    let (world, listener) = (World::new().await, Listener::default());
    let chat = world.group(&[ROBIN, ALEX]).await;
    let mut body = request(&listener.serve().await, &chat);
    body["resource"] = json!("/chats/getAllMessages");
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", CLIENT),
        ("client_secret", SECRET),
        ("scope", "https://graph.microsoft.com/.default"),
    ];
    let url = format!("{}/entra/{TENANT}/oauth2/v2.0/token", world.base);
    let token = Answer::read(world.http.post(url).form(&form)).await.body;
    let token = token["access_token"].as_str().unwrap();
    assert_eq!(world.post(token, "/subscriptions", body).await.status, 201);
    world.say(ROBIN, &chat, "hello").await;
    world.sandbox.settled().await;
    assert_eq!(listener.items().len(), 1);
    assert_eq!(world.get(token, &format!("/chats/{chat}/messages")).await.status, 403);
}
