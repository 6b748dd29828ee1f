//! Notifications of Microsoft Graph at the door: the handshake, who is believed, what is handed
//! over, and what becomes of a subscription.

mod lifecycle;
mod missed;

use serde_json::{Value, json};
use tandem_domain::{ChatId, TenantId};

use crate::support::{
    CLOUD, Front, TENANT, World,
    people::{ISSUE, PROJECT},
    world,
};

const CHANGES: &str = "/teams/notifications";
const LIFECYCLE: &str = "/teams/lifecycle";
/// A tenant in which nobody has a chat.
const OTHER_TENANT: &str = "1f4420a8-5d5e-48f8-a99b-8caac1c3fa91";
/// A chat that is linked with nothing.
const OTHER_CHAT: &str = "19:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@thread.v2";
/// A word of what people wrote.
const CANARY: &str = "xylophone";

/// A world and its front.
struct Door {
    world: World,
    front: Front,
}

impl Door {
    async fn open() -> Self {
        let world = world().await;
        let front = Front::of(&world.stack).await;
        Self { world, front }
    }

    /// What Tandem gave Graph when it subscribed to the chat.
    fn state(&self, tenant: &str, chat: &str) -> String {
        let (tenant, chat) = (TenantId::parse(tenant).unwrap(), ChatId::parse(chat).unwrap());
        let state = self.front.app.signing.client_state(&tenant, &chat);
        state.expose("the test plays Graph").to_owned()
    }

    /// A change of a message of the chat, as Graph tells it.
    fn change(&self, change: &str, message: &str) -> Value {
        json!({
            "subscriptionId": "88aa8b2e-0000-4000-8000-0123456789ab",
            "changeType": change,
            "tenantId": TENANT,
            "clientState": self.state(TENANT, &self.world.chat),
            "resource": format!("chats('{}')/messages('{message}')", self.world.chat),
            "resourceData": {"id": message, "@odata.type": CANARY, "@odata.id": CANARY},
        })
    }

    /// The same with one field changed, or left out for `null`.
    fn but(&self, message: &str, field: &str, value: Value) -> Value {
        let mut item = self.change("created", message);
        if value.is_null() {
            item.as_object_mut().unwrap().remove(field);
        } else {
            item[field] = value;
        }
        item
    }

    async fn send(&self, path: &str, items: &[Value]) -> u16 {
        Front::answer(self.front.post(path).json(&json!({"value": items}))).await.0
    }

    /// The messages that deliveries on the queue are about.
    fn told(&self) -> Vec<String> {
        let told = self.front.deliveries().into_iter();
        told.map(|delivery| delivery["message_id"].as_str().unwrap().to_owned()).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_handshake_gives_the_token_back_as_plain_text() {
    let door = Door::open().await;
    door.world.stack.gate.forget();
    let longest = "t".repeat(4096);
    for path in [CHANGES, LIFECYCLE] {
        for (query, token) in [
            ("validationToken=abc", "abc"),
            (
                "validationToken=Validation%3A+Testing+client+application+reachability%20for",
                "Validation: Testing client application reachability for",
            ),
            ("chat=19%3Aa&validationToken=1%2B1%3D2%26more", "1+1=2&more"),
            ("validationToken=%C5%BC%C3%B3%C5%82w", "żółw"),
            ("validationToken=%3Cscript%3Ealert(1)%3C%2Fscript%3E", "<script>alert(1)</script>"),
            (&format!("validationToken={longest}"), &longest),
        ] {
            let request = door.front.post(&format!("{path}?{query}"));
            let answer = request.header("content-type", "text/plain").send().await.unwrap();
            assert_eq!(answer.status(), 200, "{path} {query}");
            let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
            assert_eq!(header("content-type"), "text/plain; charset=utf-8");
            assert_eq!(header("x-content-type-options"), "nosniff");
            assert!(header("content-security-policy").starts_with("default-src 'none'"));
            assert_eq!(answer.text().await.unwrap(), token, "{path} {query}");
        }
        for query in ["validationToken=", &format!("validationToken={longest}t")] {
            let (status, _) = Front::answer(door.front.post(&format!("{path}?{query}"))).await;
            assert_eq!(status, 400, "{path} {}", query.len());
        }
    }
    let none: Vec<String> = Vec::new();
    assert_eq!((door.front.table.calls(), door.front.queue.calls()), (none.clone(), none));
    assert_eq!(door.world.stack.gate.recorded().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_item_is_dropped_and_keeps_no_good_one_back() {
    let door = Door::open().await;
    let chat = door.world.chat.clone();
    let resource = |chat: &str| json!(format!("chats('{chat}')/messages('1')"));
    let state = |tenant: &str, chat: &str| json!(door.state(tenant, chat));
    let mut of_other_tenant = door.but("1", "tenantId", json!(OTHER_TENANT));
    of_other_tenant["clientState"] = state(OTHER_TENANT, &chat);
    let mut of_other_chat = door.but("1", "resource", resource(OTHER_CHAT));
    of_other_chat["clientState"] = state(TENANT, OTHER_CHAT);
    let bad = [
        ("no state", door.but("1", "clientState", Value::Null)),
        ("an empty state", door.but("1", "clientState", json!(""))),
        ("a wrong state", door.but("1", "clientState", json!("guess"))),
        ("a state one character short", {
            let ours = door.state(TENANT, &chat);
            door.but("1", "clientState", json!(ours[..ours.len() - 1]))
        }),
        ("another chat's state", door.but("1", "clientState", state(TENANT, OTHER_CHAT))),
        ("another tenant's state", door.but("1", "clientState", state(OTHER_TENANT, &chat))),
        ("a state that is no text", door.but("1", "clientState", json!(1))),
        ("our state for another chat", door.but("1", "resource", resource(OTHER_CHAT))),
        ("our state for another tenant", door.but("1", "tenantId", json!(OTHER_TENANT))),
        ("another tenant's chat", of_other_tenant),
        ("a chat linked with nothing", of_other_chat),
        ("encrypted", door.but("1", "encryptedContent", json!({"data": CANARY, "dataKey": "a"}))),
        ("another resource", door.but("1", "resource", json!("users('a')/messages('1')"))),
        ("a channel", door.but("1", "resource", json!("teams('a')/channels('b')/messages('1')"))),
        ("no tenant", door.but("1", "tenantId", Value::Null)),
        ("no subscription", door.but("1", "subscriptionId", json!(CANARY))),
        ("another change", door.but("1", "changeType", json!("viewed"))),
        ("a lifecycle event", door.but("1", "lifecycleEvent", json!("reauthorizationRequired"))),
        ("no object", json!(CANARY)),
        ("nothing", Value::Null),
    ];
    for (why, item) in &bad {
        assert_eq!(door.send(CHANGES, std::slice::from_ref(item)).await, 202, "{why}");
        assert_eq!(door.front.queued().len(), 0, "{why}");
    }
    let mut mixed = vec![door.change("created", "1790000000001")];
    mixed.extend(bad.into_iter().map(|(_, item)| item));
    mixed.push(door.change("Created", "1790000000002"));
    assert_eq!(door.send(CHANGES, &mixed).await, 202);
    assert_eq!(door.told(), ["1790000000001", "1790000000002"]);
    let kept = format!("{:?} {:?}", door.front.queued(), door.world.stack.items().await);
    assert!(!kept.contains(CANARY));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_believed_costs_no_table_access() {
    let door = Door::open().await;
    let unbelieved = [
        door.but("1", "clientState", Value::Null),
        door.but("1", "clientState", json!("guess")),
        door.but("1", "encryptedContent", json!({})),
        json!({}),
    ];
    assert_eq!(door.send(CHANGES, &unbelieved).await, 202);
    assert_eq!(door.send(LIFECYCLE, &unbelieved).await, 202);
    assert_eq!(door.send(CHANGES, &[]).await, 202);
    let none: Vec<String> = Vec::new();
    assert_eq!((door.front.table.calls(), door.front.queue.calls()), (none.clone(), none));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_change_is_handed_over_as_identifiers_before_any_vendor_is_called() {
    let door = Door::open().await;
    let (chat, ada) = (door.world.chat.clone(), door.world.ada.object.clone());
    door.world.stack.gate.forget();
    let items: Vec<Value> = [("created", "11"), ("updated", "12"), ("deleted", "13")]
        .into_iter()
        .map(|(change, message)| door.change(change, message))
        .collect();
    assert_eq!(door.send(CHANGES, &items).await, 202);
    let table = door.front.table.calls();
    assert!(
        table.iter().all(|call| matches!(call.as_str(), "Query" | "BatchGetItem")),
        "{table:?}"
    );
    let queued = door.front.queued();
    assert_eq!(queued.len(), 3);
    for (message, (event, id)) in queued.iter().zip([
        ("message_created", "11"),
        ("message_updated", "12"),
        ("message_deleted", "13"),
    ]) {
        assert!(!message.body.contains(CANARY), "{}", message.body);
        let delivery: Value = serde_json::from_str(&message.body).unwrap();
        let expected = json!({
            "version": 1, "claim": message.dedup, "accepted_at": delivery["accepted_at"],
            "cloud_id": CLOUD, "issue_id": ISSUE, "project_id": PROJECT,
            "tenant_id": TENANT, "chat_id": chat,
            "event": event, "message_id": id, "subscriber": ada,
        });
        assert_eq!(delivery, expected);
        assert_eq!(message.group, queued[0].group, "one order within the issue");
    }
    // Told again, an edit or a deletion may be news; that it was written is not.
    assert_eq!(door.send(CHANGES, &[items[0].clone()]).await, 202);
    assert_eq!(door.front.queued().len(), 3);
    assert_eq!(door.world.stack.gate.recorded().len(), 0, "no vendor was called");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_told_again_under_its_id_is_handed_over_once() {
    let door = Door::open().await;
    let edit = |id: &str| {
        let mut item = door.change("updated", "12");
        item["id"] = json!(id);
        item
    };
    for (id, expected) in [("first", 1), ("first", 1), ("second", 2), ("first", 2)] {
        assert_eq!(door.send(CHANGES, &[edit(id)]).await, 202);
        assert_eq!(door.front.queued().len(), expected, "{id}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_notification_is_400() {
    let door = Door::open().await;
    let too_many = json!({"value": vec![json!({}); 1001]}).to_string();
    for path in [CHANGES, LIFECYCLE] {
        for body in [
            "",
            CANARY,
            "[]",
            "{}",
            r#"{"value": "x"}"#,
            r#"{"value": {}}"#,
            r#"{"value": [}"#,
            &too_many,
        ] {
            let request = door.front.post(path).header("content-type", "application/json");
            let (status, answer) = Front::answer(request.body(body.to_owned())).await;
            assert_eq!(
                (status, &answer["code"]),
                (400, &json!("notification_malformed")),
                "{path} {body}"
            );
            assert!(!answer.to_string().contains(CANARY));
        }
    }
    let none: Vec<String> = Vec::new();
    assert_eq!((door.front.table.calls(), door.front.queue.calls()), (none.clone(), none));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_handed_over_is_not_acknowledged() {
    let door = Door::open().await;
    let item = door.change("created", "1790000000001");
    for broken in [&door.front.queue, &door.front.table] {
        broken.out_of_order(true);
        assert_eq!(door.send(CHANGES, std::slice::from_ref(&item)).await, 503);
        assert_eq!(door.front.queued().len(), 0);
        broken.out_of_order(false);
    }
    // Graph comes again, and again.
    for _ in 0..2 {
        assert_eq!(door.send(CHANGES, std::slice::from_ref(&item)).await, 202);
        assert_eq!(door.told(), ["1790000000001"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_told_many_times_becomes_one_comment() {
    let world = world().await;
    let message = world.write(&world.ben, "<p>I will bring the ladder.</p>").await;
    world.stack.settled().await;
    assert_eq!(world.comments().len(), 1);
    let told = world.stack.microsoft.notification_log();
    let told = told.iter().find(|it| it.payload.to_string().contains(&message)).unwrap();
    for minutes in [0, 6, 240] {
        world.stack.clock.advance(std::time::Duration::from_mins(minutes));
        let (status, _) = world.stack.send("POST", CHANGES, &told.payload).await;
        assert_eq!(status, 202);
        world.stack.settled().await;
        assert_eq!(world.comments().len(), 1, "{minutes} minutes later");
    }
}
