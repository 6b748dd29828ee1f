//! The events that are measured, as Lambda hands them to a function.

use std::sync::Arc;

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use serde_json::{Value, json};
use tandem_local::aws::Aws;
use tandem_runtime::{App, http::answer};

use crate::support::{CLOUD, HOST, WEBHOOK_SECRET, people::PROJECT, webhook::signature};

/// The size of a webhook's payload.
pub const PAYLOAD: usize = 10 * 1024;

/// The queue that nobody works off.
pub const QUEUE: &str = "measured.fifo";

/// One event of one function.
pub enum Event {
    Webhook(String),
    Bot(String),
    Queue(SqsEvent),
}

impl Event {
    /// Has the function handle it, as it would on Lambda, the decoding of the event included.
    pub async fn handle(self, app: &Arc<App>) {
        let app = Arc::clone(app);
        match self {
            Self::Webhook(event) => {
                let request = lambda_http::request::from_str(&event).unwrap();
                let (name, handler) = (tandem_jira_events::NAME, tandem_jira_events::handle);
                let answered = answer(app, name, handler, request).await;
                assert_eq!(answered.status().as_u16(), 200);
            }
            Self::Bot(event) => {
                let request = lambda_http::request::from_str(&event).unwrap();
                let (name, handler) = (tandem_teams_bot::NAME, tandem_teams_bot::handle);
                let answered = answer(app, name, handler, request).await;
                assert_eq!(answered.status().as_u16(), 200);
            }
            Self::Queue(event) => {
                let answered = tandem_delivery::handle(app, event).await.unwrap();
                assert!(answered.batch_item_failures.is_empty());
            }
        }
    }
}

/// Jira's webhook of a comment, as large as they are.
pub fn webhook(issue: &str, comment: &str, author: &str) -> Event {
    let body = payload(issue, comment, author);
    let signed = signature(WEBHOOK_SECRET, body.as_bytes());
    let path = format!("/jira/{CLOUD}/webhooks");
    let event = json!({
        "version": "2.0",
        "routeKey": "POST /jira/{cloudId}/webhooks",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {
            "content-type": "application/json; charset=UTF-8",
            "content-length": body.len().to_string(),
            "x-hub-signature": signed,
            "x-atlassian-webhook-identifier": format!("measured-{comment}"),
            "x-atlassian-webhook-retry": "0",
            "x-forwarded-for": "192.0.2.1",
            "x-forwarded-port": "443",
            "x-forwarded-proto": "https",
            "user-agent": "Atlassian Webhook HTTP Client",
            "accept-encoding": "gzip,deflate",
        },
        "pathParameters": {"cloudId": CLOUD},
        "requestContext": {
            "accountId": "000000000000", "apiId": "measured", "domainName": "localhost",
            "domainPrefix": "measured",
            "http": {
                "method": "POST", "path": path, "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1", "userAgent": "Atlassian Webhook HTTP Client",
            },
            "requestId": format!("measured-{comment}"),
            "routeKey": "POST /jira/{cloudId}/webhooks", "stage": "$default",
            "time": "21/Sep/2026:10:00:00 +0000", "timeEpoch": 1_790_000_000_000_i64,
        },
        "body": body,
        "isBase64Encoded": false,
    });
    Event::Webhook(event.to_string())
}

/// What Jira sends of a comment: the comment, and the issue with its fields, filled up with custom
/// fields and text to the size.
fn payload(issue: &str, comment: &str, author: &str) -> String {
    let at = "2026-09-21T10:00:00.000+0000";
    let user = |account: &str| {
        json!({
            "self": format!("https://{HOST}/rest/api/2/user?accountId={account}"),
            "accountId": account, "displayName": "Ben Okoye", "active": true,
            "timeZone": "Europe/Berlin", "accountType": "atlassian",
            "avatarUrls": {
                "48x48": "https://avatar.example.com/initials/BO-3.png",
                "24x24": "https://avatar.example.com/initials/BO-3.png",
                "16x16": "https://avatar.example.com/initials/BO-3.png",
                "32x32": "https://avatar.example.com/initials/BO-3.png",
            },
        })
    };
    let mut body = json!({
        "timestamp": 1_790_000_000_000_i64,
        "webhookEvent": "comment_created",
        "comment": {
            "self": format!("https://{HOST}/rest/api/2/issue/{issue}/comment/{comment}"),
            "id": comment, "author": user(author), "updateAuthor": user(author),
            "body": "The lamp in the hall flickers again, and \u{201e}only\u{201c} in the evening.",
            "created": at, "updated": at, "jsdPublic": true,
        },
        "issue": {
            "id": issue, "key": "TEST-1",
            "self": format!("https://{HOST}/rest/api/2/issue/{issue}"),
            "fields": {
                "summary": "The lamp in the hall flickers",
                "issuetype": {"id": "10002", "name": "Task", "subtask": false, "hierarchyLevel": 0},
                "project": {
                    "self": format!("https://{HOST}/rest/api/2/project/{PROJECT}"),
                    "id": PROJECT, "key": "TEST", "name": "Testing",
                    "projectTypeKey": "software", "simplified": false,
                },
                "assignee": user(author), "reporter": user(author), "creator": user(author),
                "priority": {"id": "3", "name": "Medium"},
                "status": {"id": "3", "name": "In Progress", "statusCategory": {"id": 4, "key": "indeterminate"}},
                "description": "",
            },
        },
    });
    let mut number = 10_000;
    while body.to_string().len() < PAYLOAD * 3 / 5 {
        number += 1;
        body["issue"]["fields"][format!("customfield_{number}")] = match number % 3 {
            0 => Value::Null,
            1 => {
                json!({"id": number.to_string(), "value": "A choice", "self": format!("https://{HOST}/rest/api/2/customFieldOption/{number}")})
            }
            _ => json!(["one", "two", 3.5]),
        };
    }
    let left = PAYLOAD - body.to_string().len();
    let text = "What a person wrote about it, in words. ".repeat(left / 40 + 1);
    body["issue"]["fields"]["description"] = json!(text[..left]);
    body.to_string()
}

/// What lies on the measured queue, each message as a batch of its own.
pub fn queued(aws: &Aws) -> Vec<Event> {
    let queues = aws.queues().into_iter().filter(|queue| queue.name == QUEUE);
    queues.flat_map(|queue| queue.messages).map(|message| batch(&message.body)).collect()
}

fn batch(body: &str) -> Event {
    let mut message = SqsMessage::default();
    message.message_id = Some("measured".to_owned());
    message.receipt_handle = Some("measured".to_owned());
    message.body = Some(body.to_owned());
    let mut event = SqsEvent::default();
    event.records = vec![message];
    Event::Queue(event)
}
