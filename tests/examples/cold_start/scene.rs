//! The local stack, and in it what the events of tests/events are about.

use std::{collections::BTreeMap, path::Path, sync::Mutex, time::Duration};

use aws_lc_rs::hmac;
use reqwest::{Method, header::HeaderMap};
use serde_json::{Value, json};
use tandem_local::{Stack, StackOptions, demo};

/// As local/src/demo.rs has it.
const WEBHOOK_SECRET: &str = "the demonstration's webhook secret";

/// A stack in which people share an issue and its chat.
pub struct Scene {
    stack: Stack,
    client: reqwest::Client,
    me: Value,
    values: BTreeMap<&'static str, String>,
    /// What makes each event one of its own.
    made: Mutex<u64>,
}

impl Scene {
    pub async fn new() -> Self {
        let stack =
            Stack::start(StackOptions { port: 0, ..StackOptions::default() }).await.unwrap();
        demo::seed(&stack).await.unwrap();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let (me, values, made) = (Value::Null, BTreeMap::new(), Mutex::new(0));
        let mut scene = Self { stack, client, me, values, made };
        scene.fill().await;
        scene
    }

    /// The environment of a function's binary.
    pub fn environment(&self) -> BTreeMap<&'static str, String> {
        self.stack.local().environment()
    }

    async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let mut headers = HeaderMap::new();
        if let Some(cookie) = self.me["session"]["cookie"].as_str() {
            headers.insert("cookie", cookie.parse().unwrap());
            let token = self.me["session"]["csrfToken"].as_str().unwrap();
            headers.insert("x-csrf-token", token.parse().unwrap());
        }
        let request = self.client.request(method, self.stack.url() + path).headers(headers);
        let request = match &body {
            Some(body) => request.json(body),
            None => request,
        };
        let answer = request.send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.json().await.unwrap_or_default()
    }

    async fn get(&self, path: &str) -> Value {
        self.call(Method::GET, path, None).await
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        self.call(Method::POST, path, Some(body)).await
    }

    async fn fill(&mut self) {
        let site = self.get("/sandbox/people/jira/state").await["sites"][0].clone();
        let wanted = json!({"cloudId": site["cloudId"], "admin": true, "linked": true});
        let other = self.post("/local/users", wanted.clone()).await;
        self.me = self.post("/local/users", wanted).await;
        let issue = &site["issues"][0];
        let members = json!({"members": [other["accountId"]]});
        let chats = format!("/issues/{}/chats", text(&issue["id"]));
        let chat = self.post(&chats, members).await["chatId"].clone();
        let (me, tenant) = (self.me["objectId"].clone(), self.me["tenantId"].clone());
        let said = json!({"as": me, "tenantId": tenant, "chatId": chat, "action": "send", "text": "Said in Teams"});
        let message = self.post("/sandbox/people/teams/act", said).await;
        for deed in [("install", "add"), ("message", "help")] {
            let deed = BTreeMap::from([deed]);
            let asked =
                json!({"as": me, "tenantId": tenant, "where": {"kind": "personal"}, "do": deed});
            self.post("/sandbox/people/teams/bot", asked).await;
        }
        let (notified, activity) = self.told().await;
        let body: Value = serde_json::from_str(&text(&activity["body"])).unwrap();
        self.values = BTreeMap::from([
            ("cloudId", text(&site["cloudId"])),
            ("siteHost", text(&site["host"])),
            ("issueId", text(&issue["id"])),
            ("issueKey", text(&issue["key"])),
            ("projectId", text(&issue["projectId"])),
            ("projectKey", text(&site["projects"][0]["key"])),
            ("chatId", text(&chat)),
            ("messageId", text(&message["messageId"])),
            ("accountId", text(&self.me["accountId"])),
            ("objectId", text(&me)),
            ("tenantId", text(&tenant)),
            ("cookie", text(&self.me["session"]["cookie"])),
            ("subscriptionId", text(&notified["subscriptionId"])),
            ("clientState", text(&notified["clientState"])),
            ("botAuthorization", text(&activity["headers"]["authorization"])),
            ("serviceUrl", text(&body["serviceUrl"])),
            ("userId", text(&body["from"]["id"])),
            ("conversationId", text(&body["conversation"]["id"])),
            ("botId", text(&body["recipient"]["id"])),
        ]);
    }

    /// What Graph told of the message, and the Bot Connector of what was said to the bot.
    async fn told(&self) -> (Value, Value) {
        loop {
            let events = self.get("/local/events").await;
            let notified = events["POST /teams/notifications"]["body"].as_str().unwrap_or("{}");
            let notified: Value = serde_json::from_str(notified).unwrap_or_default();
            let (notified, said) = (&notified["value"][0], &events["POST /teams/messages"]);
            if notified["clientState"].is_string() && said.is_object() {
                return (notified.clone(), said.clone());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// The event of that name as nobody has seen it before, when nothing else is under way.
    pub async fn event(&self, name: &str) -> Value {
        let number = {
            let mut made = self.made.lock().unwrap();
            *made += 1;
            *made
        };
        let comment = match name {
            "delivery-comment-created" => self.comment(number).await,
            _ => "10000".to_owned(),
        };
        if name == "teams-bot-help" {
            // The Bot Connector takes only so many messages of a second in one conversation.
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        self.stack.settled().await;
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("events").join(name);
        let mut text = std::fs::read_to_string(path.with_extension("json")).unwrap();
        let own = [
            ("commentId", comment),
            ("webhookIdentifier", format!("5c0f1d1e-7a3b-4c55-9d1f-{number:012x}")),
            ("claim", format!("{number:064x}")),
        ];
        let values = self.values.iter().map(|(name, value)| (*name, value.clone()));
        for (name, value) in values.chain(own) {
            text = text.replace(&format!("{{{{{name}}}}}"), &value);
        }
        let mut event: Value = serde_json::from_str(&text).unwrap();
        if event["headers"]["x-hub-signature"].is_string() {
            let body = event["body"].as_str().unwrap();
            let key = hmac::Key::new(hmac::HMAC_SHA256, WEBHOOK_SECRET.as_bytes());
            let signature = hmac::sign(&key, body.as_bytes());
            let hex: String = signature.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
            event["headers"]["x-hub-signature"] = json!(format!("sha256={hex}"));
        }
        event
    }

    /// A comment that the stack itself does not carry over: its site lets nothing cross meanwhile.
    async fn comment(&self, number: u64) -> String {
        let setting = |value| {
            self.call(Method::PUT, "/settings/instance", Some(json!({"comment_sync": value})))
        };
        setting("off").await;
        let values = &self.values;
        let act = json!({
            "as": values["accountId"], "cloudId": values["cloudId"], "action": "comment",
            "issue": values["issueKey"], "text": format!("Comment {number}"),
        });
        let made = self.post("/sandbox/people/jira/act", act).await;
        self.stack.settled().await;
        setting("both").await;
        text(&made["id"])
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
