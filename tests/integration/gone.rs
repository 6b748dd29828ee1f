//! What goes when something is gone at Jira: an issue, a project, a user. It is looked up before it
//! is believed, and what hangs on it is erased with a receipt.

mod issue;
mod project;
mod site;
mod user;

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};
use tandem_domain::{
    AccountId, ActivityId, CloudId, ConversationId, FollowFilter, IssueEvent, IssueId, MessageId,
    ObjectId, ProjectId, ServiceUrl, TenantId,
};
use tandem_runtime::labels::new_follow_id;
use tandem_store::{ChannelSubscription, ChatLink, IssueMessage, IssueThread, LinkState};

use crate::support::{CLOUD, HOST, Person, TENANT, TestStack, WEBHOOK_SECRET, World};

const CHANNEL: &str = "19:news@thread.tacv2";

fn cloud() -> CloudId {
    CloudId::parse(CLOUD).unwrap()
}

fn tenant() -> TenantId {
    TenantId::parse(TENANT).unwrap()
}

fn account(who: &Person) -> AccountId {
    AccountId::parse(&who.account).unwrap()
}

fn object(who: &Person) -> ObjectId {
    ObjectId::parse(&who.object).unwrap()
}

fn channel(id: &str) -> ConversationId {
    ConversationId::parse(id).unwrap()
}

fn served() -> ServiceUrl {
    ServiceUrl::parse("https://smba.trafficmanager.net/emea/").unwrap()
}

/// Upkeep runs on its schedule until what was begun is done.
async fn kept_up(stack: &TestStack) {
    for _ in 0..5 {
        stack.clock.advance(Duration::from_mins(5));
        let event = serde_json::from_value(json!({})).unwrap();
        tandem_local::caller::upkeep(Arc::clone(&stack.app), event).await.unwrap();
    }
    assert!(stack.items_of("erasure").await.is_empty(), "it is done");
}

/// The items of these entities that name an id.
async fn left(stack: &TestStack, id: &str) -> Vec<String> {
    let items = stack.items().await.into_iter();
    items
        // What was worked on is remembered for a week, by hashes.
        .filter(|item| item["entity"]["S"] != "claim")
        .map(|item| item.to_string())
        .filter(|item| item.contains(id))
        .collect()
}

/// The one receipt there is.
async fn receipt(stack: &TestStack) -> Value {
    let receipts = stack.items_of("receipt").await;
    assert_eq!(receipts.len(), 1, "{receipts:?}");
    receipts.into_iter().next().unwrap()
}

/// Sends a webhook signed as Jira signs, and waits for what comes of it.
async fn webhook(stack: &TestStack, identifier: &str, body: &Value) -> Value {
    let body = body.to_string();
    let (status, answer) = stack.webhook(CLOUD, WEBHOOK_SECRET, identifier, body.as_bytes()).await;
    assert_eq!(status, 200, "{answer}");
    stack.settled().await;
    answer
}

fn issue_deleted(issue: &str, project: &str) -> Value {
    json!({
        "timestamp": 1_790_000_000_000_i64,
        "webhookEvent": "jira:issue_deleted",
        "issue": {
            "id": issue, "key": "TEST-7",
            "self": format!("https://{HOST}/rest/api/2/issue/{issue}"),
            "fields": {"project": {"id": project, "key": "TEST"}},
        },
    })
}

impl World {
    /// Somebody's channel is told of new issues of a project: not of what goes, for the bot is not
    /// in it.
    async fn follow(&self, who: &Person, id: &str, project: &str) {
        let item = ChannelSubscription {
            filter: FollowFilter { events: vec![IssueEvent::Created], ..FollowFilter::default() },
            follow_id: new_follow_id(self.stack.app.entropy.as_ref()).unwrap(),
            cloud_id: cloud(),
            project_id: ProjectId::parse(project).unwrap(),
            tenant_id: tenant(),
            channel_id: channel(id),
            service_url: served(),
            subscribed_by: account(who),
            subscriber: object(who),
            state: LinkState::Active,
            created_at: self.stack.app.clock.now(),
        };
        self.stack.app.store.put_channel_subscription(&item).await.unwrap();
    }

    /// A thread of an issue in a channel.
    async fn thread(&self, id: &str, issue: &str, project: Option<&str>) {
        let thread = IssueThread {
            cloud_id: cloud(),
            issue_id: IssueId::parse(issue).unwrap(),
            tenant_id: tenant(),
            channel_id: channel(id),
            project_id: project.map(|id| ProjectId::parse(id).unwrap()),
            root_id: ActivityId::parse("1700000000000").unwrap(),
            last_id: None,
            last_changes: Vec::new(),
            last_at: self.stack.app.clock.now(),
        };
        self.stack.app.store.put_issue_thread(&thread).await.unwrap();
    }

    /// The message an issue was created from.
    async fn origin(&self, who: &Person, issue: &str, project: Option<&str>) {
        let origin = IssueMessage {
            cloud_id: cloud(),
            issue_id: IssueId::parse(issue).unwrap(),
            project_id: project.map(|id| ProjectId::parse(id).unwrap()),
            tenant_id: tenant(),
            conversation_id: channel(CHANNEL),
            message_id: MessageId::parse("1700000000001").unwrap(),
            created_by: account(who),
            creator_object_id: object(who),
            created_at: self.stack.app.clock.now(),
        };
        self.stack.app.store.put_issue_message(&origin).await.unwrap();
    }

    /// The world's chat, linked with another issue of another project as well.
    async fn link_too(&self, who: &Person, issue: &str, project: &str) {
        let store = &self.stack.app.store;
        let chat = tandem_domain::ChatId::parse(&self.chat).unwrap();
        let link = store.list_issues_by_chat(&tenant(), &chat).await.unwrap().remove(0);
        let link = ChatLink {
            issue_id: IssueId::parse(issue).unwrap(),
            project_id: ProjectId::parse(project).unwrap(),
            created_by: account(who),
            creator_object_id: object(who),
            ..link
        };
        store.put_chat_link(&link).await.unwrap();
    }
}
