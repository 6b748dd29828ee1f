//! Webhooks that the app registers for itself on a site, as somebody who granted it
//! `manage:jira-webhook`.
//! <https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-webhooks/>

use serde::Deserialize;
use serde_json::{Value, json};
use tandem_domain::{Failure, Timestamp};
use url::Url;

use super::{Call, Site, parsed, refusal};

/// What failures call a webhook.
const TARGET: &str = "jira_webhook";

/// What Tandem listens to.
const EVENTS: [&str; 6] = [
    "jira:issue_created",
    "jira:issue_updated",
    "jira:issue_deleted",
    "comment_created",
    "comment_updated",
    "comment_deleted",
];

/// A filter that every issue passes, made of what filters of webhooks may say: `=`, `!=`, `IN` and
/// `NOT IN` over a few fields. A project's key has no dot in it, so no project is meant; and by this
/// word Tandem knows its own webhooks, since Jira does not always tell their address.
const FILTER: &str = "project != \"tandem.every.project\"";

/// A webhook of Tandem's on a site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegisteredWebhook {
    /// Jira's id of it.
    pub id: u64,
    /// When it ends unless it is refreshed, where Jira said so.
    pub ends_at: Option<Timestamp>,
}

impl Site<'_> {
    /// The webhooks that Tandem registered for the token's owner.
    pub async fn list_webhooks(&self) -> Result<Vec<RegisteredWebhook>, Failure> {
        let url = self.url(&["webhook"], &[("maxResults", "100")]);
        let page: WirePage = parsed(&self.send(Call::get(url, TARGET)).await?)?;
        let ours = page.values.into_iter().filter(|hook| hook.jql_filter == FILTER);
        Ok(ours
            .map(|hook| RegisteredWebhook { id: hook.id, ends_at: time(&hook.expiration_date) })
            .collect())
    }

    /// Registers one webhook for everything that Tandem listens to; its id. It ends after 30 days.
    ///
    /// # Errors
    /// [`Failure::Forbidden`] also where Jira says within its answer that it did not: too many, or
    /// another address of the same app.
    pub async fn register_webhook(&self, address: &Url) -> Result<u64, Failure> {
        let body = json!({
            "url": address.as_str(),
            "webhooks": [{"events": EVENTS, "jqlFilter": FILTER}],
        });
        let call = Call::post(self.url(&["webhook"], &[]), TARGET, &body);
        let answer: WireRegistered = parsed(&self.send(call).await?)?;
        let [result] = &answer.webhook_registration_result[..] else {
            return Err(refusal::UNEXPECTED);
        };
        result.created_webhook_id.ok_or(Failure::Forbidden { what: TARGET })
    }

    /// Moves the end of a webhook to 30 days from now; the end that Jira tells.
    pub async fn refresh_webhook(&self, id: u64) -> Result<Timestamp, Failure> {
        let body = json!({"webhookIds": [id]});
        let call = Call::put(self.url(&["webhook", "refresh"], &[]), TARGET, &body);
        let answer: WireRefreshed = parsed(&self.send(call).await?)?;
        time(&answer.expiration_date).ok_or(refusal::UNEXPECTED)
    }

    /// Ends webhooks. Those that are not there are passed over.
    pub async fn delete_webhooks(&self, ids: &[u64]) -> Result<(), Failure> {
        let body = json!({"webhookIds": ids});
        let url = self.url(&["webhook"], &[]);
        let call = Call { method: reqwest::Method::DELETE, url, body: Some(&body), target: TARGET };
        self.send(call).await.map(drop)
    }
}

/// The contract has milliseconds, its examples have text.
fn time(value: &Value) -> Option<Timestamp> {
    match value {
        Value::Number(millis) => millis.as_i64().map(Timestamp::from_millis),
        Value::String(text) => Timestamp::parse(text),
        _ => None,
    }
}

#[derive(Deserialize)]
struct WirePage {
    #[serde(default)]
    values: Vec<WireWebhook>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireWebhook {
    id: u64,
    #[serde(default)]
    jql_filter: String,
    #[serde(default)]
    expiration_date: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireRegistered {
    webhook_registration_result: Vec<WireResult>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireResult {
    created_webhook_id: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireRefreshed {
    expiration_date: Value,
}
