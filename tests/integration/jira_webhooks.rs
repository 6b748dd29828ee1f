//! Jira's webhooks at the door: who is believed, what it costs, what is handed over.

mod handed_over;
mod proof;
mod remembered;
mod secrets;

use reqwest::RequestBuilder;
use serde_json::{Value, json};
use tandem_domain::{
    AccountId, ChatId, Clock, CloudId, IssueId, ObjectId, ProjectId, SiteHost, TenantId,
};
use tandem_store::{ChatKind, ChatLink, LinkState};

use crate::support::{
    CLOUD, Front, HOST, TENANT, TestStack, WEBHOOK_SECRET, people::PROJECT, webhook::signature,
};

/// An issue with a chat.
const LINKED: &str = "10001";
/// An issue without one.
const UNLINKED: &str = "10002";
/// The chat of [`LINKED`].
const CHAT: &str = "19:91571ee8ad174aefaccd2e4605d87a24@thread.v2";
/// Who writes and changes in Jira.
const AUTHOR: &str = "712020:6a1f2c3d-0000-4000-8000-0123456789ab";
/// Another site that is served.
const OTHER_CLOUD: &str = "22334455-b2c3-4c44-9555-ef1234567890";
/// Its host.
const OTHER_HOST: &str = "others.atlassian.net";
/// The secret of its webhooks.
const OTHER_SECRET: &str = "another site's secret";
/// A word of what people wrote: it is in every text of every payload.
const CANARY: &str = "xylophone";

/// A stack that serves two sites and knows one chat, and its front.
struct Door {
    stack: TestStack,
    front: Front,
}

impl Door {
    /// The first webhook that a process sees of a site is noted: this one has seen it.
    async fn open() -> Self {
        let door = Self::at_first().await;
        let sprint = issue_event("sprint_started", LINKED, &[]);
        assert_eq!(door.signed(&sprint).send().await.unwrap().status().as_u16(), 200);
        assert_eq!(door.front.table.calls(), ["PutItem"]);
        door
    }

    /// A process that has seen no webhook yet.
    async fn at_first() -> Self {
        let stack = TestStack::start().await;
        let (cloud, host) = (CloudId::parse(OTHER_CLOUD), SiteHost::parse(OTHER_HOST));
        stack.install(cloud.unwrap(), host.unwrap(), OTHER_SECRET).await.unwrap();
        let front = Front::of(&stack).await;
        let door = Self { stack, front };
        door.link(CLOUD, LINKED, CHAT).await;
        door
    }

    /// Links an issue with a chat, as starting one does.
    async fn link(&self, cloud: &str, issue: &str, chat: &str) {
        let link = ChatLink {
            cloud_id: CloudId::parse(cloud).unwrap(),
            issue_id: IssueId::parse(issue).unwrap(),
            project_id: ProjectId::parse(PROJECT).unwrap(),
            tenant_id: TenantId::parse(TENANT).unwrap(),
            chat_id: ChatId::parse(chat).unwrap(),
            chat_kind: ChatKind::Group,
            created_by: AccountId::parse(AUTHOR).unwrap(),
            creator_object_id: ObjectId::parse("8b081ef6-4792-4def-b2c9-c363a1bf41d5").unwrap(),
            state: LinkState::Active,
            created_at: self.stack.clock.now(),
        };
        self.stack.app.store.put_chat_link(&link).await.unwrap();
    }

    /// A webhook to the site, without any proof.
    fn bare(&self, cloud: &str, body: impl AsRef<[u8]>) -> RequestBuilder {
        self.front
            .post(&format!("/jira/{cloud}/webhooks"))
            .header("content-type", "application/json; charset=UTF-8")
            .body(body.as_ref().to_vec())
    }

    /// A webhook of the site, signed with its secret.
    fn signed(&self, body: &Value) -> RequestBuilder {
        let body = body.to_string();
        self.bare(CLOUD, &body)
            .header("x-hub-signature", signature(WEBHOOK_SECRET, body.as_bytes()))
    }

    /// Nothing was asked of the table, nothing was handed over, no vendor was called.
    fn untouched(&self, why: &str) {
        let none: Vec<String> = Vec::new();
        assert_eq!(self.front.table.calls(), none, "{why}");
        assert_eq!(self.front.queue.calls(), none, "{why}");
        assert_eq!(self.stack.gate.recorded().len(), 0, "{why}");
    }
}

fn user() -> Value {
    json!({"accountId": AUTHOR, "displayName": format!("{CANARY} Person"), "active": true})
}

fn issue(host: &str, id: &str) -> Value {
    json!({
        "id": id,
        "key": format!("TEST-{id}"),
        "self": format!("https://{host}/rest/api/2/issue/{id}"),
        "fields": {
            "summary": format!("{CANARY} in the summary"),
            "description": format!("{CANARY} in the description"),
            "project": {"id": PROJECT, "key": "TEST", "name": format!("{CANARY} project")},
            "status": {"id": "1", "name": format!("{CANARY} status")},
        },
    })
}

/// A `comment_...` event on an issue of the site at `host`.
fn comment_event(event: &str, host: &str, of: &str) -> Value {
    json!({
        "timestamp": 1_790_000_000_000_i64,
        "webhookEvent": event,
        "comment": {
            "self": format!("https://{host}/rest/api/2/issue/{of}/comment/10100"),
            "id": "10100",
            "author": user(),
            "updateAuthor": user(),
            "body": format!("{CANARY} in the comment"),
            "created": "2026-09-21T10:00:00.000+0000",
            "updated": "2026-09-21T10:00:00.000+0000",
            "jsdPublic": true,
        },
        "issue": issue(host, of),
    })
}

/// A new comment on an issue of the site.
fn comment(of: &str) -> Value {
    comment_event("comment_created", HOST, of)
}

/// A `jira:issue_...` event on an issue of the site, with changes of these fields.
fn issue_event(event: &str, of: &str, fields: &[&str]) -> Value {
    let change = |field: &&str| {
        json!({"field": field, "fieldId": field, "fieldtype": "jira",
            "fromString": format!("{CANARY} before"), "toString": format!("{CANARY} after")})
    };
    json!({
        "timestamp": 1_790_000_000_000_i64,
        "webhookEvent": event,
        "issue_event_type_name": "issue_generic",
        "user": user(),
        "issue": issue(HOST, of),
        "changelog": {"id": "1", "items": fields.iter().map(change).collect::<Vec<_>>()},
    })
}
