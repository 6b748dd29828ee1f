//! The simplest way to do each step: what is left when nothing is remembered, counted, held against
//! double work, kept secret or kept inside. It is what the figures are held against, and nothing more:
//! it would post twice, for everybody, whatever the settings say.

use aws_lambda_events::sqs::SqsEvent;
use aws_lc_rs::hmac;
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use tandem_domain::{AccountId, CloudId, ObjectId, Purpose, RequestId, Subject, TenantId};
use url::Url;

use crate::{
    events::Event,
    process::Place,
    seen::Seen,
    support::{CLOUD, TENANT, WEBHOOK_SECRET, World, people::ISSUE},
};

/// The tokens of one person, as text.
#[derive(Clone)]
pub struct Tokens {
    jira: String,
    graph: String,
}

impl Tokens {
    /// Ben's.
    pub async fn of(world: &World) -> Self {
        let request = RequestId::parse("measured").unwrap();
        let vault = &world.stack.app.vault;
        let jira = Subject::Atlassian(AccountId::parse(&world.ben.account).unwrap());
        let graph = Subject::Microsoft(
            TenantId::parse(TENANT).unwrap(),
            ObjectId::parse(&world.ben.object).unwrap(),
        );
        let mut texts = Vec::new();
        for subject in [jira, graph] {
            let token = vault.access_token(&subject, Purpose::ShowIssue, &request).await.unwrap();
            texts.push(token.expose("sent by the simplest implementation").to_owned());
        }
        let [jira, graph] = texts.try_into().unwrap();
        Self { jira, graph }
    }
}

/// What it works with: the SDK's clients and reqwest, bare.
pub struct Simplest {
    table: aws_sdk_dynamodb::Client,
    queue: aws_sdk_sqs::Client,
    http: reqwest::Client,
    key: hmac::Key,
    place: Place,
    tokens: Tokens,
    chat: String,
}

impl Simplest {
    pub async fn new(place: &Place, seen: Option<&Seen>, tokens: &Tokens, chat: &str) -> Self {
        let mut table = aws_sdk_dynamodb::config::Builder::from(&place.sdk(0).await);
        let mut queue = aws_sdk_sqs::config::Builder::from(&place.sdk(3).await);
        if let Some(seen) = seen {
            table = table.interceptor(seen.clone());
            queue = queue.interceptor(seen.clone());
        }
        Self {
            table: aws_sdk_dynamodb::Client::from_conf(table.build()),
            queue: aws_sdk_sqs::Client::from_conf(queue.build()),
            http: crate::support::client(),
            key: hmac::Key::new(hmac::HMAC_SHA256, WEBHOOK_SECRET.as_bytes()),
            place: place.clone(),
            tokens: tokens.clone(),
            chat: chat.to_owned(),
        }
    }

    pub async fn handle(&self, event: Event) {
        match event {
            Event::Webhook(event) => self.webhook(&event).await,
            Event::Bot(event) => self.search(&event).await,
            Event::Queue(event) => self.deliver(event).await,
        }
    }

    /// Checks the signature, reads the payload, asks for the chats, hands over if there are any.
    async fn webhook(&self, event: &str) {
        let request = lambda_http::request::from_str(event).unwrap();
        let body: &[u8] = request.body();
        let signed = request.headers()["x-hub-signature"].to_str().unwrap();
        let tag = signed.strip_prefix("sha256=").unwrap();
        let tag: Vec<u8> = (0..tag.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&tag[at..at + 2], 16).unwrap())
            .collect();
        hmac::verify(&self.key, body, &tag).unwrap();
        let payload: Value = serde_json::from_slice(body).unwrap();
        let issue = payload["issue"]["id"].as_str().unwrap();
        let found = self
            .table
            .query()
            .table_name(&self.place.config.table)
            .key_condition_expression("pk = :pk AND begins_with(sk, :sk)")
            .expression_attribute_values(":pk", AttributeValue::S(format!("J#{CLOUD}#I#{issue}")))
            .expression_attribute_values(":sk", AttributeValue::S("CHAT#".to_owned()))
            .send()
            .await
            .unwrap();
        if found.items().is_empty() {
            return;
        }
        let comment = payload["comment"]["id"].as_str().unwrap();
        self.queue
            .send_message()
            .queue_url(&self.place.config.queue_url)
            .message_body(json!({"comment_id": comment}).to_string())
            .message_group_id(issue)
            .message_deduplication_id(format!("simplest-{comment}"))
            .send()
            .await
            .unwrap();
    }

    /// Reads the comment, posts it, notes which message it became.
    async fn deliver(&self, event: SqsEvent) {
        let body = event.records[0].body.as_deref().unwrap();
        let delivery: Value = serde_json::from_str(body).unwrap();
        let comment = delivery["comment_id"].as_str().unwrap();
        let url = self.jira(&format!("issue/{ISSUE}/comment/{comment}"));
        let read = self.http.get(url).bearer_auth(&self.tokens.jira).send().await.unwrap();
        let read: Value = read.json().await.unwrap();
        let text = read["body"]["content"][0]["content"][0]["text"].as_str().unwrap();
        let url = format!("{}/chats/{}/messages", self.place.config.graph, self.chat);
        let message = json!({"body": {"contentType": "html", "content": format!("<p>{text}</p>")}});
        let posted = self.http.post(url).bearer_auth(&self.tokens.graph).json(&message);
        let posted: Value = posted.send().await.unwrap().json().await.unwrap();
        self.table
            .put_item()
            .table_name(&self.place.config.table)
            .item("pk", AttributeValue::S(format!("J#{CLOUD}#C#{comment}")))
            .item("sk", AttributeValue::S("SIMPLEST".to_owned()))
            .item("message", AttributeValue::S(posted["id"].as_str().unwrap().to_owned()))
            .send()
            .await
            .unwrap();
    }

    /// Asks Jira, and makes a list of what it answers.
    async fn search(&self, event: &str) {
        let request = lambda_http::request::from_str(event).unwrap();
        let activity: Value = serde_json::from_slice(request.body()).unwrap();
        let typed = activity["value"]["parameters"][0]["value"].as_str().unwrap();
        let asked = json!({
            "jql": format!("text ~ \"{typed}*\" ORDER BY updated DESC"), "maxResults": 25,
            "fields": ["summary", "status", "issuetype", "priority", "assignee"],
        });
        let call = self.http.post(self.jira("search/jql")).bearer_auth(&self.tokens.jira);
        let found: Value = call.json(&asked).send().await.unwrap().json().await.unwrap();
        let shown: Vec<Value> = found["issues"]
            .as_array()
            .unwrap()
            .iter()
            .map(|issue| json!({"title": issue["key"], "text": issue["fields"]["summary"]}))
            .collect();
        assert!(!shown.is_empty());
        let answer = json!({"composeExtension": {"type": "result", "attachments": shown}});
        assert!(!answer.to_string().is_empty());
    }

    fn jira(&self, path: &str) -> Url {
        let api = self.place.config.atlassian_api.as_str().trim_end_matches('/');
        let cloud = CloudId::parse(CLOUD).unwrap();
        Url::parse(&format!("{api}/ex/jira/{cloud}/rest/api/3/{path}")).unwrap()
    }
}
