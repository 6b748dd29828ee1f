//! The sandbox over HTTP, on loopback.

mod bot;
mod chats;
mod connector;
mod messages;
mod people;
mod sign_in;
mod single_sign_on;
mod subscriptions;

use std::{collections::VecDeque, path::PathBuf, time::Duration};

use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::IntoResponse,
    routing::post,
};
use serde_json::{Value, json};
use tandem_domain::{ManualClock, Timestamp};

use super::*;

const TENANT: &str = "2432b57b-0abd-43db-aa7b-16eadd115d34";
const ROBIN: &str = "8c0a1a67-50ce-4114-bb6c-da9c5dbcf6ca";
const ALEX: &str = "82fe7758-5bb3-4f0d-a43f-e555fd399c6f";
const SAM: &str = "3626a173-f2bc-4883-bcf7-01514c3bfb82";
const CLIENT: &str = "2d4d11a2-f814-46a7-890a-274a72a7309e";
const SECRET: &str = "a secret of the app";
const BOT: &str = "f5d48856-5b42-41a0-8c3a-c5f944b679b0";
const BOT_SECRET: &str = "a secret of the bot";
const REDIRECT: &str = "http://127.0.0.1:3000/connect/microsoft/callback";
const NOW: i64 = 1_616_991_463_150;

/// A sandbox that is served, with a tenant of three.
struct World {
    sandbox: MicrosoftSandbox,
    clock: Arc<ManualClock>,
    base: String,
    http: reqwest::Client,
}

impl World {
    async fn new() -> Self {
        Self::with_file(None).await
    }

    async fn with_file(data_file: Option<PathBuf>) -> Self {
        Self::with(data_file, String::new()).await
    }

    async fn with(data_file: Option<PathBuf>, bot_endpoint: String) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}/sandbox", listener.local_addr().unwrap());
        let clock = Arc::new(ManualClock::at(Timestamp::from_millis(NOW)));
        let options = MicrosoftOptions {
            entra_base: format!("{base}/entra"),
            graph_base: format!("{base}/graph/v1.0"),
            connector_base: format!("{base}/connector"),
            bot_client_id: BOT.to_owned(),
            bot_client_secret: BOT_SECRET.to_owned(),
            bot_endpoint,
            client_id: CLIENT.to_owned(),
            client_secret: SECRET.to_owned(),
            redirect_uris: vec![REDIRECT.to_owned()],
            retry_delay: Duration::from_millis(5),
            data_file,
            clock: clock.clone(),
            sky: Sky::default(),
        };
        let sandbox = MicrosoftSandbox::new(options).unwrap();
        for (id, name) in [(ROBIN, "Robin Kline"), (ALEX, "Alex <b>Wilber</b>"), (SAM, "Sam")] {
            sandbox.add_user(NewUser {
                tenant_id: TENANT.to_owned(),
                object_id: Some(id.to_owned()),
                display_name: name.to_owned(),
            });
        }
        let router = axum::Router::new().nest("/sandbox", sandbox.router());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Self { sandbox, clock, base, http }
    }

    /// An access token of a user with all permissions on chats.
    fn token(&self, object_id: &str) -> String {
        let scopes = ["User.Read", "Chat.Create", "Chat.ReadWrite", "ChatMessage.Send"];
        self.sandbox.issue_tokens(TENANT, object_id, &scopes).0
    }

    /// Calls Graph; the answer's body is `null` where there is none.
    async fn graph(&self, token: &str, method: &str, path: &str, body: Option<Value>) -> Answer {
        let url = if path.starts_with("http") {
            path.to_owned()
        } else {
            format!("{}/graph/v1.0{path}", self.base)
        };
        let mut request = self.http.request(method.parse().unwrap(), url).bearer_auth(token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        Answer::read(request).await
    }

    async fn get(&self, token: &str, path: &str) -> Answer {
        self.graph(token, "GET", path, None).await
    }

    async fn post(&self, token: &str, path: &str, body: Value) -> Answer {
        self.graph(token, "POST", path, Some(body)).await
    }

    /// A group chat made by the first of `members`.
    async fn group(&self, members: &[&str]) -> String {
        let body = json!({ "chatType": "group", "members": members_of(members) });
        let made = self.post(&self.token(members[0]), "/chats", body).await;
        assert_eq!(made.status, 201, "{:?}", made.body);
        made.body["id"].as_str().unwrap().to_owned()
    }

    /// Posts HTML and returns the message's id.
    async fn say(&self, who: &str, chat: &str, html: &str) -> String {
        let body = json!({ "body": { "contentType": "html", "content": html } });
        let said = self.post(&self.token(who), &format!("/chats/{chat}/messages"), body).await;
        assert_eq!(said.status, 201, "{:?}", said.body);
        said.body["id"].as_str().unwrap().to_owned()
    }
}

struct Answer {
    status: u16,
    headers: reqwest::header::HeaderMap,
    body: Value,
}

impl Answer {
    async fn read(request: reqwest::RequestBuilder) -> Self {
        let answer = request.send().await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let text = answer.text().await.unwrap();
        Self { status, headers, body: serde_json::from_str(&text).unwrap_or(Value::Null) }
    }

    /// Status and error code.
    fn error(&self) -> (u16, &str) {
        (self.status, self.body["error"]["code"].as_str().unwrap_or("-"))
    }
}

fn members_of(ids: &[&str]) -> Vec<Value> {
    ids.iter()
        .map(|id| {
            json!({
                "@odata.type": "#microsoft.graph.aadUserConversationMember",
                "roles": ["owner"],
                "user@odata.bind": format!("https://graph.microsoft.com/v1.0/users('{id}')"),
            })
        })
        .collect()
}

/// An endpoint for notifications: answers handshakes, keeps what it gets, and answers with the
/// statuses it was told to, then 202.
#[derive(Clone, Default)]
struct Listener {
    got: Arc<Mutex<Vec<Value>>>,
    statuses: Arc<Mutex<VecDeque<u16>>>,
    /// What it answers to a handshake instead of the token.
    wrong_token: Option<&'static str>,
}

impl Listener {
    async fn serve(&self) -> String {
        async fn receive(
            State(this): State<Listener>,
            Query(query): Query<Vec<(String, String)>>,
            body: String,
        ) -> axum::response::Response {
            if let Some((_, token)) = query.into_iter().find(|(name, _)| name == "validationToken")
            {
                return this.wrong_token.map_or(token, str::to_owned).into_response();
            }
            let status = this.statuses.lock().unwrap().pop_front().unwrap_or(202);
            if status < 300 {
                this.got.lock().unwrap().push(serde_json::from_str(&body).unwrap());
            }
            StatusCode::from_u16(status).unwrap().into_response()
        }
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/hook?tenant=1", listener.local_addr().unwrap());
        let router = axum::Router::new().route("/hook", post(receive)).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        address
    }

    /// Each notification item received so far.
    fn items(&self) -> Vec<Value> {
        let got = self.got.lock().unwrap();
        got.iter().flat_map(|body| body["value"].as_array().unwrap().clone()).collect()
    }
}

/// A JSON fixture of the Graph documentation; `None`, with a word, where it is not there.
fn fixture(path: &str) -> Option<Value> {
    let shared = std::env::var("TANDEM_SHARED")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared").to_owned());
    let folder = "fixtures/graph/microsoft-graph-docs/_extracted";
    let file = format!("{shared}/{folder}/{path}");
    if let Ok(bytes) = std::fs::read(&file) {
        return Some(serde_json::from_slice(&bytes).unwrap());
    }
    eprintln!("skipped: {path} is not there");
    None
}

/// Every property of `expected` is in `actual`, at every depth of objects.
fn assert_has_properties_of(actual: &Value, expected: &Value, at: &str) {
    let Value::Object(expected) = expected else { return };
    for (name, value) in expected {
        let found = actual.get(name);
        assert!(found.is_some(), "{at}.{name} is missing");
        assert_has_properties_of(&actual[name], value, &format!("{at}.{name}"));
    }
}
