use std::time::Duration;

use serde_json::{Value, json};
use tandem_domain::{ManualClock, Secret, Timestamp};

use super::*;
use crate::testing::{FakeVendor, form};

const CHANNEL: &str = "19:6decf54d86d945e4b3924b63a9161a78@thread.tacv2";
const TENANT: &str = "0e3419f7-4c4d-47e7-b98a-7b9b9de02b80";
const TOKEN_PATH: &str = "/0e3419f7-4c4d-47e7-b98a-7b9b9de02b80/oauth2/v2.0/token";
const POSTS: &str =
    "/teams/v3/conversations/19:6decf54d86d945e4b3924b63a9161a78@thread.tacv2/activities";

struct Setup {
    vendor: FakeVendor,
    clock: Arc<ManualClock>,
    connector: Connector,
    service_url: ServiceUrl,
}

impl Setup {
    async fn new() -> Self {
        let vendor = FakeVendor::start().await;
        let clock = Arc::new(ManualClock::at(Timestamp::from_secs(1_700_000_000)));
        let config = ConnectorConfig {
            login_base: vendor.url("/"),
            tenant: TENANT.to_owned(),
            client_id: "the-bot".to_owned(),
            client_secret: Arc::new(Secret::new("bot-secret".to_owned())),
            anonymous: false,
        };
        let token =
            json!({"access_token": "app-token", "expires_in": 3600, "token_type": "Bearer"});
        vendor.answer("POST", TOKEN_PATH, 200, token);
        let connector = Connector::new(reqwest::Client::new(), config, clock.clone());
        let service_url = ServiceUrl::parse(vendor.url("/teams/").as_str()).unwrap();
        Self { vendor, clock, connector, service_url }
    }

    async fn send(&self) -> Result<ActivityId, Failure> {
        let conversation = ConversationId::parse(CHANNEL).unwrap();
        let place = Place { service_url: &self.service_url, conversation: &conversation };
        self.connector.send(place, &json!({"type": "message", "text": "Hello"})).await
    }

    fn asked(&self, path: &str) -> usize {
        self.vendor.requests().iter().filter(|request| request.target == path).count()
    }
}

#[tokio::test]
async fn a_post_carries_the_bots_own_token_which_is_fetched_once_and_again_before_it_ends() {
    let setup = Setup::new().await;
    setup.vendor.answer("POST", POSTS, 201, json!({"id": "1700000000000"}));
    assert_eq!(setup.send().await.unwrap().as_str(), "1700000000000");
    assert!(setup.send().await.is_ok());
    let requests = setup.vendor.requests();
    let fields = form(&requests[0].body);
    assert_eq!(fields["grant_type"], "client_credentials");
    assert_eq!(fields["scope"], "https://api.botframework.com/.default");
    assert_eq!((&*fields["client_id"], &*fields["client_secret"]), ("the-bot", "bot-secret"));
    assert_eq!(requests[1].header("authorization"), "Bearer app-token");
    assert_eq!(setup.asked(TOKEN_PATH), 1);
    setup.clock.advance(Duration::from_mins(56));
    assert!(setup.send().await.is_ok());
    assert_eq!(setup.asked(TOKEN_PATH), 2);
}

#[tokio::test]
async fn each_refusal_means_what_it_says() {
    let blocked = json!({"error": {"code": "Forbidden", "subCode": "MessageWritesBlocked"}});
    let retry = |what| Failure::Retry { what, after: None };
    for (status, body, failure) in [
        (403, blocked, Failure::Forbidden { what: BLOCKED }),
        (403, json!({"subCode": "MessageWritesBlocked"}), Failure::Forbidden { what: BLOCKED }),
        (403, json!({"error": {"code": "Other"}}), Failure::Forbidden { what: "conversation" }),
        (404, json!({}), Failure::Absent { what: "conversation" }),
        (413, json!({}), Failure::Forbidden { what: "activity_too_large" }),
        (429, json!({}), retry("connector_throttled")),
        (412, json!({}), retry("connector_unavailable")),
        (502, json!("bad gateway"), retry("connector_unavailable")),
        (
            400,
            json!({"error": {"code": "BadSyntax"}}),
            Failure::Fault { what: "connector_request" },
        ),
    ] {
        let setup = Setup::new().await;
        setup.vendor.answer("POST", POSTS, status, body);
        assert_eq!(setup.send().await, Err(failure), "{status}");
    }
}

#[tokio::test]
async fn a_token_that_is_refused_is_replaced_once() {
    let setup = Setup::new().await;
    setup.vendor.answer("POST", POSTS, 401, json!({}));
    assert_eq!(setup.send().await, Err(Failure::Fault { what: "bot_credentials" }));
    assert_eq!((setup.asked(TOKEN_PATH), setup.asked(POSTS)), (2, 2));
}

#[tokio::test]
async fn a_thread_begins_with_its_first_activity() {
    let setup = Setup::new().await;
    let path = "/teams/v3/conversations";
    let answer = json!({"id": format!("{CHANNEL};messageid=17"), "activityId": "17"});
    setup.vendor.answer("POST", path, 201, answer);
    let channel = ConversationId::parse(&format!("{CHANNEL};messageid=9")).unwrap();
    let tenant = TenantId::parse(TENANT).unwrap();
    let place = Place { service_url: &setup.service_url, conversation: &channel };
    let activity = json!({"type": "message", "text": "Hello"});
    let thread = setup.connector.start_thread(place, &tenant, &activity).await.unwrap();
    assert_eq!((thread.root.as_str(), thread.conversation.thread()), ("17", Some("17")));
    let asked: Value = setup.vendor.requests()[1].json();
    assert_eq!(asked["channelData"]["channel"]["id"], CHANNEL);
    assert_eq!((&asked["isGroup"], &asked["activity"]), (&json!(true), &activity));
}

#[tokio::test]
async fn a_person_has_one_conversation_with_the_bot() {
    let setup = Setup::new().await;
    setup.vendor.answer("POST", "/teams/v3/conversations", 201, json!({"id": "a:1Vw2"}));
    let tenant = TenantId::parse(TENANT).unwrap();
    let member = BotUserId::parse("29:1aBjVi5").unwrap();
    let opened = setup.connector.open_personal(&setup.service_url, &tenant, &member).await;
    assert_eq!(opened.unwrap().as_str(), "a:1Vw2");
    let asked: Value = setup.vendor.requests()[1].json();
    assert_eq!(asked["members"], json!([{"id": "29:1aBjVi5"}]));
    assert_eq!((&asked["isGroup"], &asked["tenantId"]), (&json!(false), &json!(TENANT)));
}

#[tokio::test]
async fn a_test_client_on_the_machine_is_called_without_a_token() {
    let setup = Setup::new().await;
    setup.vendor.answer("POST", POSTS, 201, json!({"id": "1"}));
    let config = ConnectorConfig { anonymous: true, ..setup.connector.config.clone() };
    let connector = Connector::new(reqwest::Client::new(), config, setup.clock.clone());
    let conversation = ConversationId::parse(CHANNEL).unwrap();
    let place = Place { service_url: &setup.service_url, conversation: &conversation };
    assert!(connector.send(place, &json!({"type": "message"})).await.is_ok());
    assert_eq!(setup.asked(TOKEN_PATH), 0);
    assert_eq!(setup.vendor.requests()[0].header("authorization"), "");
}
