//! Webhooks: what is sent when something changes, to whom, and what became of it.

mod payload;
mod sender;
mod sign;

pub(crate) use payload::{
    ChangeItem, comment_payload, created_payload, deleted_payload, project_deleted_payload,
    updated_payload, user_deleted_payload,
};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{actor::Actor, answer::Refusal, jql, random};

/// The events that the REST API registers webhooks for.
pub(crate) const EVENTS: &[&str] = &[
    "jira:issue_created",
    "jira:issue_updated",
    "jira:issue_deleted",
    "comment_created",
    "comment_updated",
    "comment_deleted",
    "issue_property_set",
    "issue_property_deleted",
];

/// How many webhooks the log remembers.
const LOG_LENGTH: usize = 1000;

/// Webhooks on their way, and a record of those there were.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Outbox {
    pub(crate) waiting: Vec<Outgoing>,
    pub(crate) log: Vec<WebhookLogEntry>,
}

/// A webhook on its way.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Outgoing {
    pub(crate) identifier: String,
    pub(crate) cloud_id: String,
    pub(crate) url: String,
    pub(crate) signed: Signed,
    pub(crate) body: String,
    pub(crate) attempts: u32,
}

/// How a webhook proves where it comes from.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(crate) enum Signed {
    /// The administrator's webhook: `X-Hub-Signature` by the site's secret.
    Site,
    /// One that the app registered: a bearer token by the client secret.
    App,
    /// A Forge event: a bearer token by Forge's key.
    Forge,
}

/// What became of one webhook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WebhookLogEntry {
    /// `X-Atlassian-Webhook-Identifier`; the same at each attempt.
    pub identifier: String,
    /// The site.
    pub cloud_id: String,
    /// `webhookEvent` of the payload.
    pub event: String,
    /// The HTTP status of the last attempt; `None` before the first and where none came.
    pub status: Option<u16>,
    /// How often it was sent.
    pub attempts: u32,
    /// Whether it is still on its way.
    pub state: DeliveryState,
}

/// How far a webhook is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DeliveryState {
    /// Waiting for its first or next attempt.
    Waiting,
    /// Answered with 200 or 204.
    Delivered,
    /// Answered with something that is not tried again.
    Refused,
    /// Failed at every attempt.
    GivenUp,
}

/// Something that happened to an issue.
pub(crate) struct Event<'a> {
    pub(crate) name: &'a str,
    pub(crate) issue_id: &'a str,
    /// The ids of the fields that changed, if that is what happened.
    pub(crate) changed: &'a [&'a str],
    pub(crate) payload: Value,
}

impl Actor<'_> {
    /// Puts the webhooks of an event on their way: the administrator's, and those registered by
    /// the app that match.
    pub(crate) fn emit(&mut self, event: &Event<'_>) -> Result<(), Refusal> {
        let registered = self.matching(event)?;
        self.emit_by_site(event.name, &event.payload);
        for (url, ids) in registered {
            let mut payload = event.payload.clone();
            payload["matchedWebhookIds"] = json!(ids);
            self.enqueue(event.name, &url, Signed::App, payload.to_string());
        }
        Ok(())
    }

    /// Puts the administrator's webhook on its way. Apps cannot register for the events of projects
    /// and users.
    pub(crate) fn emit_by_site(&mut self, event: &str, payload: &Value) {
        let by_site = format!("{}/jira/{}/webhooks", self.options.webhook_base, self.cloud_id);
        self.enqueue(event, &by_site, Signed::Site, payload.to_string());
    }

    /// The registered webhooks that want the event, by their address.
    fn matching(&self, event: &Event<'_>) -> Result<Vec<(String, Vec<u64>)>, Refusal> {
        let site = self.site()?;
        let issue = site.issues.get(event.issue_id).ok_or_else(Refusal::no_issue)?;
        let mut found: Vec<(String, Vec<u64>)> = Vec::new();
        for hook in &site.webhooks {
            let fields_match = event.name != "jira:issue_updated"
                || hook.field_ids.is_empty()
                || hook.field_ids.iter().any(|id| event.changed.contains(&id.as_str()));
            let wants = hook.expires > self.now
                && hook.events.iter().any(|name| name == event.name)
                && fields_match
                && site.may_see_issue(issue, &hook.owner)
                && jql::parse(&hook.jql_filter)
                    .is_ok_and(|filter| filter.query.matches(site, issue, &hook.owner));
            if !wants {
                continue;
            }
            match found.iter_mut().find(|(url, _)| *url == hook.url) {
                Some((_, ids)) => ids.push(hook.id),
                None => found.push((hook.url.clone(), vec![hook.id])),
            }
        }
        Ok(found)
    }

    fn enqueue(&mut self, event: &str, address: &str, signed: Signed, body: String) {
        let account: String =
            url::form_urlencoded::byte_serialize(self.account.as_bytes()).collect();
        let joint = if address.contains('?') { '&' } else { '?' };
        let url = format!("{address}{joint}triggeredByUser={account}");
        self.enqueue_at(event, url, signed, body);
    }

    /// Puts something on its way to exactly this address.
    pub(crate) fn enqueue_at(&mut self, event: &str, url: String, signed: Signed, body: String) {
        let identifier = random::webhook_identifier();
        let cloud_id = self.cloud_id.to_owned();
        let outbox = &mut self.cloud.outbox;
        let surplus = (outbox.log.len() + 1).saturating_sub(LOG_LENGTH);
        outbox.log.drain(..surplus);
        outbox.log.push(WebhookLogEntry {
            identifier: identifier.clone(),
            cloud_id: cloud_id.clone(),
            event: event.to_owned(),
            status: None,
            attempts: 0,
            state: DeliveryState::Waiting,
        });
        outbox.waiting.push(Outgoing { identifier, cloud_id, url, signed, body, attempts: 0 });
    }
}
