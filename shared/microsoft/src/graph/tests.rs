use std::time::Duration;

use serde_json::{Value, json};
use tandem_domain::{
    AccessToken, ChatId, Failure, MessageId, ObjectId, Provider, Secret, SignInReason,
    SubscriptionId, Timestamp,
};
use url::Url;

use super::*;
use crate::testing::{Arrived, FakeVendor, fixture};

const GROUP: &str = "19:1c5b01696d2e4a179c292bc9cf04e63b@thread.v2";
const CHAT_PATH: &str = "/v1.0/chats/19%3A1c5b01696d2e4a179c292bc9cf04e63b%40thread.v2";
const ANN: &str = "8c0a1a67-50ce-4114-bb6c-da9c5dbcf6ca";
const BOB: &str = "82fe7758-5bb3-4f0d-a43f-e555fd399c6f";
const SUBSCRIPTION: &str = "7f105c7d-2dc5-4530-97cd-4e7ae6534c07";
const DOCS: &str = "graph/microsoft-graph-docs/_extracted/api-reference/v1.0/api";

struct Setup {
    vendor: FakeVendor,
    client: GraphClient,
    token: AccessToken,
}

impl Setup {
    async fn new() -> Self {
        let vendor = FakeVendor::start().await;
        let client = GraphClient::new(reqwest::Client::new(), vendor.url("/v1.0/"));
        Self { vendor, client, token: AccessToken::new("the-token".into()) }
    }

    fn graph(&self) -> Graph<'_> {
        self.client.as_user(&self.token)
    }

    /// The only request so far.
    fn request(&self) -> Arrived {
        let mut requests = self.vendor.requests();
        assert_eq!(requests.len(), 1);
        requests.remove(0)
    }
}

fn chat() -> ChatId {
    ChatId::parse(GROUP).unwrap()
}

fn person(id: &str) -> ObjectId {
    ObjectId::parse(id).unwrap()
}

fn message_id() -> MessageId {
    MessageId::parse("1616964509832").unwrap()
}

fn message(id: &str, created: &str) -> Value {
    json!({
        "id": id, "createdDateTime": created, "lastEditedDateTime": null, "deletedDateTime": null,
        "messageType": "message", "from": {"user": {"id": ANN, "displayName": "Ann"}},
        "body": {"contentType": "html", "content": "<p>canary</p>"}, "mentions": [],
    })
}

#[tokio::test]
async fn only_the_callers_id_is_asked_for() {
    let setup = Setup::new().await;
    setup.vendor.answer("GET", "/v1.0/me", 200, json!({"id": ANN}));
    assert_eq!(setup.graph().me().await, Ok(person(ANN)));
    let request = setup.request();
    assert_eq!(request.target, "/v1.0/me?$select=id");
    assert_eq!(request.header("authorization"), "Bearer the-token");
    assert!(request.header("user-agent").starts_with("tandem/"));
}

#[tokio::test]
async fn a_group_has_a_topic_and_a_one_to_one_chat_has_none() {
    for (one_on_one, kind, topic) in
        [(false, "group", json!("DEMO-1")), (true, "oneOnOne", Value::Null)]
    {
        let setup = Setup::new().await;
        setup.vendor.answer("POST", "/v1.0/chats", 201, json!({"id": GROUP, "chatType": kind}));
        let members = [person(ANN), person(BOB)];
        let made = setup.graph().create_chat(&members, Some("DEMO-1"), one_on_one).await;
        assert_eq!(made, Ok(chat()));
        let sent = setup.request().json();
        assert_eq!((&sent["chatType"], &sent["topic"]), (&json!(kind), &topic));
        assert_eq!(
            sent["members"][1],
            json!({
                "@odata.type": "#microsoft.graph.aadUserConversationMember",
                "roles": ["owner"],
                "user@odata.bind": format!("{}v1.0/users('{BOB}')", setup.vendor.url("/")),
            })
        );
    }
}

#[tokio::test]
async fn a_chat_is_read_with_its_members() {
    let Some(body) = fixture(&format!("{DOCS}/chat-get.md/L0183-Response.json")) else { return };
    let setup = Setup::new().await;
    setup.vendor.answer("GET", CHAT_PATH, 200, serde_json::from_slice(&body).unwrap());
    let chat = setup.graph().get_chat(&chat()).await.unwrap();
    assert_eq!(setup.request().target, format!("{CHAT_PATH}?$expand=members"));
    assert_eq!(chat.topic.as_ref().unwrap().as_str(), "test group 1");
    assert_eq!(Some(chat.created), Timestamp::parse("2021-04-06T19:49:52.431Z"));
    assert!(chat.members.len() > 4);
    assert!(!format!("{chat:?}").contains("test group"));
}

#[tokio::test]
async fn chats_are_looked_through_page_by_page_but_only_at_graphs_own_address() {
    let setup = Setup::new().await;
    let listed = |id: &str, made: &str| {
        json!({
            "id": format!("19:{id}@thread.v2"), "createdDateTime": made, "topic": null,
            "members": [{"userId": ANN}, {"userId": null}],
        })
    };
    let next = format!("{}v1.0/chats?$skiptoken=x", setup.vendor.url("/"));
    setup.vendor.answer("GET", "/v1.0/chats", 200, json!({
        "value": [
            listed("aaaaaaaa", "2026-01-01T00:00:00Z"), listed("bbbbbbbb", "2026-01-02T00:00:00Z"),
            {"id": "48:notes", "createdDateTime": "2026-01-02T00:00:00Z"},
            listed("cccccccc", "2025-12-31T00:00:00Z"),
        ],
        "@odata.nextLink": next,
    }));
    let since = Timestamp::parse("2026-01-01T00:00:00Z").unwrap();
    let chats = setup.graph().list_chats(since).await.unwrap();
    let ids: Vec<_> = chats.iter().map(|chat| chat.id.as_str().to_owned()).collect();
    assert_eq!(
        (ids[0].as_str(), ids.last().unwrap().as_str()),
        ("19:bbbbbbbb@thread.v2", "19:aaaaaaaa@thread.v2")
    );
    assert_eq!(chats[0].members, [person(ANN)]);
    let targets: Vec<_> = setup.vendor.requests().into_iter().map(|r| r.target).collect();
    assert_eq!(targets[..2], ["/v1.0/chats?$expand=members&$top=50", "/v1.0/chats?$skiptoken=x"]);
    assert_eq!(targets.len(), 5);

    let elsewhere = json!({"value": [], "@odata.nextLink": "https://attacker.example/v1.0/chats"});
    setup.vendor.answer("GET", "/v1.0/chats", 200, elsewhere);
    assert_eq!(setup.graph().list_chats(since).await.unwrap().len(), 0);
    assert_eq!(setup.vendor.requests().len(), 6);
}

#[tokio::test]
async fn messages_are_listed_newest_first_and_an_odd_one_hides_no_other() {
    let setup = Setup::new().await;
    setup.vendor.answer(
        "GET",
        &format!("{CHAT_PATH}/messages"),
        200,
        json!({"value": [
            message("1", "2026-01-01T00:00:00Z"),
            {"id": "2", "createdDateTime": "2021-03-1706:47:05.123Z"},
            message("3", "2026-01-01T00:00:02Z"),
        ]}),
    );
    for (asked, top) in [(5, 5), (0, 1), (200, 50)] {
        let messages = setup.graph().list_messages(&chat(), asked).await.unwrap();
        let ids: Vec<_> = messages.iter().map(|message| message.id.as_str()).collect();
        assert_eq!(ids, ["3", "1"]);
        let target = setup.vendor.requests().pop().unwrap().target;
        let query = format!("$top={top}&$orderby=createdDateTime%20desc");
        assert_eq!(target, format!("{CHAT_PATH}/messages?{query}"));
    }
}

#[tokio::test]
async fn a_message_is_read_whole_and_prints_none_of_its_words() {
    let setup = Setup::new().await;
    let mut sent = message("1616964509832", "2026-01-01T00:00:00Z");
    sent["lastEditedDateTime"] = "2026-01-01T00:05:00Z".into();
    sent["lastModifiedDateTime"] = "2026-01-01T00:09:00Z".into();
    sent["mentions"] = json!([
        {"id": 0, "mentionText": "canary", "mentioned": {"user": {"id": BOB, "displayName": "canary"}}},
        {"id": 1, "mentionText": "canary", "mentioned": {"application": {"id": "28:B0T-1"}, "user": null}},
    ]);
    setup.vendor.answer("GET", &format!("{CHAT_PATH}/messages/1616964509832"), 200, sent);
    let read = setup.graph().get_message(&chat(), &message_id()).await.unwrap();
    assert_eq!(read.version(), Timestamp::parse("2026-01-01T00:05:00Z").unwrap());
    assert_eq!(read.author.as_ref().unwrap().id, person(ANN));
    assert_eq!((read.kind, read.format), (MessageKind::Message, BodyFormat::Html));
    assert_eq!(read.content.as_str(), "<p>canary</p>");
    assert_eq!(read.mentions, [(0, Some(person(BOB))), (1, None)]);
    assert!(read.is_to_bot("b0t-1") && !read.is_to_bot("another"));
    let printed = format!("{read:?}");
    assert!(!printed.contains("canary") && !printed.contains("Ann"), "{printed}");
}

#[tokio::test]
async fn a_reaction_is_not_a_new_version() {
    let setup = Setup::new().await;
    let mut sent = message("1616964509832", "2026-01-01T00:00:00Z");
    let path = format!("{CHAT_PATH}/messages/1616964509832");
    setup.vendor.answer("GET", &path, 200, sent.clone());
    let before = setup.graph().get_message(&chat(), &message_id()).await.unwrap();
    sent["lastModifiedDateTime"] = "2026-01-01T00:09:00Z".into();
    sent["etag"] = "1767225600001".into();
    sent["reactions"] = json!([{"reactionType": "like"}]);
    setup.vendor.answer("GET", &path, 200, sent);
    let after = setup.graph().get_message(&chat(), &message_id()).await.unwrap();
    assert_eq!(before.version(), after.version());
}

#[tokio::test]
async fn messages_of_bots_and_of_teams_have_no_author() {
    let setup = Setup::new().await;
    let path = format!("{CHAT_PATH}/messages/1616964509832");
    for (change, kind) in [
        (json!({"from": null, "messageType": "systemEventMessage"}), MessageKind::System),
        (json!({"from": null, "messageType": "unknownFutureValue"}), MessageKind::System),
        (json!({"from": {"application": {"id": "x"}, "user": null}}), MessageKind::Message),
        (json!({"from": {"user": {"id": null}}, "body": null}), MessageKind::Message),
        (json!({"from": {}, "body": {"content": null}, "mentions": null}), MessageKind::Message),
    ] {
        let mut sent = message("1616964509832", "2026-01-01T00:00:00Z");
        for (name, value) in change.as_object().unwrap() {
            sent[name] = value.clone();
        }
        setup.vendor.answer("GET", &path, 200, sent);
        let read = setup.graph().get_message(&chat(), &message_id()).await.unwrap();
        assert_eq!((read.kind, read.author), (kind, None), "{change}");
    }
}

#[tokio::test]
async fn a_message_is_written_edited_and_taken_back() {
    let setup = Setup::new().await;
    let messages = format!("{CHAT_PATH}/messages");
    let one = format!("{messages}/1616964509832");
    setup.vendor.answer("POST", &messages, 201, message("1616964509832", "2026-01-01T00:00:00Z"));
    setup.vendor.answer("PATCH", &one, 204, Value::Null);
    setup.vendor.answer("POST", &format!("{one}/microsoft.graph.softDelete"), 204, Value::Null);
    let graph = setup.graph();
    assert_eq!(graph.send_message(&chat(), "<p>a</p>").await.unwrap().id, message_id());
    graph.update_message(&chat(), &message_id(), "<p>b</p>").await.unwrap();
    graph.soft_delete_message(&person(ANN), &chat(), &message_id()).await.unwrap();

    let requests = setup.vendor.requests();
    for (request, html) in requests.iter().zip(["<p>a</p>", "<p>b</p>"]) {
        assert_eq!(request.json(), json!({"body": {"contentType": "html", "content": html}}));
    }
    assert_eq!(requests.len(), 3);
    assert!(requests[2].body.is_empty());
}

#[tokio::test]
async fn taking_back_finds_the_action_at_either_address() {
    let documented = format!(
        "/v1.0/users/{ANN}{}/messages/1616964509832/softDelete",
        CHAT_PATH.trim_start_matches("/v1.0")
    );
    let contract = format!("{CHAT_PATH}/messages/1616964509832/microsoft.graph.softDelete");
    for (first, second, done) in [
        (404, 204, Ok(())),
        (400, 204, Ok(())),
        (405, 204, Ok(())),
        (404, 404, Err(Failure::Absent { what: "chat_message" })),
        (403, 204, Err(Failure::Forbidden { what: "chat_message" })),
    ] {
        let setup = Setup::new().await;
        setup.vendor.answer("POST", &contract, first, json!({"error": {"code": "x"}}));
        setup.vendor.answer("POST", &documented, second, Value::Null);
        let taken = setup.graph().soft_delete_message(&person(ANN), &chat(), &message_id()).await;
        assert_eq!(taken, done, "{first} {second}");
    }
}

#[tokio::test]
async fn a_subscription_is_made_renewed_reauthorized_and_ended() {
    let setup = Setup::new().await;
    let Some(made) =
        fixture(&format!("{DOCS}/subscription-post-subscriptions.md/L0163-Response.json"))
    else {
        return;
    };
    let made: Value = serde_json::from_slice(&made).unwrap();
    let one = format!("/v1.0/subscriptions/{SUBSCRIPTION}");
    setup.vendor.answer("POST", "/v1.0/subscriptions", 201, made.clone());
    setup.vendor.answer("PATCH", &one, 200, made);
    setup.vendor.answer("POST", &format!("{one}/microsoft.graph.reauthorize"), 204, Value::Null);
    setup.vendor.answer("DELETE", &one, 204, Value::Null);

    let graph = setup.graph();
    let end = Timestamp::parse("2026-01-03T00:00:00Z").unwrap();
    let notification_url = Url::parse("https://tandem.example/teams/notifications").unwrap();
    let lifecycle_url = Url::parse("https://tandem.example/teams/lifecycle").unwrap();
    let request = SubscriptionRequest {
        chat: &chat(),
        notification_url: &notification_url,
        lifecycle_url: &lifecycle_url,
        expiration: end,
        client_state: &Secret::new("state".into()),
    };
    assert!(!format!("{request:?}").contains("state\""));
    let granted = Timestamp::parse("2016-11-20T18:23:45.935Z").unwrap();
    let id = SubscriptionId::parse(SUBSCRIPTION).unwrap();
    assert_eq!(graph.create_subscription(&request).await, Ok((id.clone(), granted)));
    assert_eq!(graph.renew_subscription(&id, end).await, Ok(granted));
    assert_eq!(graph.reauthorize(&id).await, Ok(()));
    assert_eq!(graph.delete_subscription(&id).await, Ok(()));

    let requests = setup.vendor.requests();
    assert_eq!(
        requests[0].json(),
        json!({
            "changeType": "created,updated,deleted",
            "notificationUrl": "https://tandem.example/teams/notifications",
            "lifecycleNotificationUrl": "https://tandem.example/teams/lifecycle",
            "resource": format!("/chats/{GROUP}/messages"),
            "expirationDateTime": "2026-01-03T00:00:00Z",
            "clientState": "state",
            "includeResourceData": false,
        })
    );
    assert_eq!(requests[1].json(), json!({"expirationDateTime": "2026-01-03T00:00:00Z"}));
}

#[tokio::test]
async fn each_refusal_has_its_class_and_none_repeats_what_graph_said() {
    let setup = Setup::new().await;
    let after = Some(Duration::from_secs(7));
    let sign_in = |reason| Failure::SignInNeeded { provider: Provider::Microsoft, reason };
    let what = "chat_message";
    let said = |code: &str, message: &str| json!({"error": {"code": code, "message": message, "innerError": {"date": "x"}}});
    let throttled = fixture(
        "graph/microsoft-graph-docs/_extracted/concepts/throttling.md/L0036-Sample-response.json",
    )
    .map_or(json!({}), |body| serde_json::from_slice(&body).unwrap());
    for (status, body, meaning) in [
        (429, throttled, Failure::Retry { what: "graph_throttled", after }),
        (503, json!({}), Failure::Retry { what: "graph_unavailable", after }),
        (500, json!("canary"), Failure::Retry { what: "graph_unavailable", after }),
        (507, json!({}), Failure::Retry { what: "graph_unavailable", after }),
        (401, said("InvalidAuthenticationToken", "canary"), sign_in(SignInReason::Revoked)),
        (403, said("Forbidden", "canary"), Failure::Forbidden { what }),
        (
            403,
            said("Forbidden", "Missing scope permissions on the request. canary"),
            sign_in(SignInReason::ConsentMissing),
        ),
        (403, said("InsufficientScopes", "canary"), sign_in(SignInReason::ConsentMissing)),
        (403, json!(null), Failure::Forbidden { what }),
        (404, said("NotFound", "canary"), Failure::Absent { what }),
        (410, json!({}), Failure::Absent { what }),
        (400, said("BadRequest", "canary"), Failure::Fault { what }),
        (409, said("Conflict", "canary"), Failure::Fault { what }),
        (200, json!({"id": "canary"}), Failure::Fault { what }),
    ] {
        let path = format!("{CHAT_PATH}/messages/1616964509832");
        setup.vendor.answer_after("GET", &path, status, Some(7), body.clone());
        let refused = setup.graph().get_message(&chat(), &message_id()).await.unwrap_err();
        assert_eq!(refused, meaning, "{status} {body}");
        assert!(!format!("{refused} {refused:?}").contains("canary"));
    }
    let nowhere = Url::parse("http://127.0.0.1:1/v1.0").unwrap();
    let client = GraphClient::new(reqwest::Client::new(), nowhere);
    let unreachable = client.as_user(&setup.token).me().await.unwrap_err();
    assert_eq!(unreachable, Failure::Retry { what: "graph_unreachable", after: None });
}

#[tokio::test]
async fn every_documented_message_answer_is_read() {
    let setup = Setup::new().await;
    let path = format!("{CHAT_PATH}/messages/1616964509832");
    for name in [
        "chatmessage-get.md/L0115-Response.json",
        "chatmessage-get.md/L0197-Response.json",
        "chatmessage-get.md/L0283-Response.json",
        "chat-post-messages.md/L0105-Response.json",
        "chatmessage-post.md/L0234-Response.json",
        "chatmessage-post.md/L0356-Response.json",
        "chatmessage-post.md/L0469-Response.json",
        "chatmessage-post.md/L0583-Response.json",
    ] {
        let Some(body) = fixture(&format!("{DOCS}/{name}")) else { return };
        setup.vendor.answer("GET", &path, 200, serde_json::from_slice(&body).unwrap());
        let read = setup.graph().get_message(&chat(), &message_id()).await;
        assert!(read.unwrap().author.is_some(), "{name}");
    }
}
