//! The Bot Connector: what Tandem's bot says in Teams, and to whom.
//!
//! <https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference>

mod token;
mod wire;

#[cfg(test)]
mod tests;

use std::{fmt, sync::Arc};

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tandem_domain::{
    ActivityId, BotUserId, ClientSecrets, Clock, ConversationId, Failure, ObjectId, ServiceUrl,
    Sightings, TenantId, Vendor,
};
use url::Url;

use crate::http::{note_throttling, polite, retry_after};

use self::{
    token::AppTokens,
    wire::{Reason, WireConversation, WireCreated, WireMember},
};

/// The bot as it is registered with Azure: single-tenant, as new bots are.
#[derive(Clone, Debug)]
pub struct ConnectorConfig {
    /// Where Entra is: `https://login.microsoftonline.com`.
    pub login_base: Url,
    /// The tenant the bot is registered in, or `botframework.com` for a bot of several tenants.
    pub tenant: String,
    /// The bot's id ("Microsoft App ID").
    pub client_id: String,
    /// Where the bot's secret is taken from.
    pub client_secret: Arc<dyn ClientSecrets>,
    /// Calls carry no token: for a test client on the same machine, never in a deployment.
    pub anonymous: bool,
}

/// A client of the Bot Connector; made once, shared.
pub struct Connector {
    http: reqwest::Client,
    config: ConnectorConfig,
    tokens: AppTokens,
    sightings: Sightings,
}

/// A member of a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// As the bot knows them.
    pub id: BotUserId,
    /// As Entra knows them; absent for bots.
    pub object_id: Option<ObjectId>,
}

/// A thread that was started in a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thread {
    /// The thread, to answer in.
    pub conversation: ConversationId,
    /// Its first activity.
    pub root: ActivityId,
}

/// A conversation, and where it is served.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// Where the Connector is that serves it.
    pub service_url: &'a ServiceUrl,
    /// The conversation.
    pub conversation: &'a ConversationId,
}

/// What the bot is refused where it was removed, blocked or muted.
pub const BLOCKED: &str = "bot_blocked";

impl Connector {
    /// A client for one bot.
    pub fn new(http: reqwest::Client, config: ConnectorConfig, clock: Arc<dyn Clock>) -> Self {
        let sightings = Sightings::default();
        Self { http, config, tokens: AppTokens::new(clock), sightings }
    }

    /// The same, noting in `sightings` what is worth counting.
    #[must_use]
    pub fn noting(self, sightings: Sightings) -> Self {
        Self { tokens: self.tokens.noting(sightings.clone()), sightings, ..self }
    }

    /// Posts an activity; in a channel's thread where the conversation names one.
    ///
    /// # Errors
    /// `Forbidden` with [`BLOCKED`] where the bot may not write any more, `Absent` where the
    /// conversation is gone, `Retry` when throttled or out of reach.
    pub async fn send(&self, to: Place<'_>, activity: &Value) -> Result<ActivityId, Failure> {
        let url = address(to.service_url, &[to.conversation.as_str(), "activities"])?;
        self.created(Method::POST, url, activity).await
    }

    /// Posts an activity as the answer to another.
    ///
    /// # Errors
    /// As [`Connector::send`].
    pub async fn reply(
        &self,
        to: Place<'_>,
        answered: &ActivityId,
        activity: &Value,
    ) -> Result<ActivityId, Failure> {
        let path = [to.conversation.as_str(), "activities", answered.as_str()];
        self.created(Method::POST, address(to.service_url, &path)?, activity).await
    }

    /// Replaces an activity of the bot's.
    ///
    /// # Errors
    /// As [`Connector::send`].
    pub async fn update(
        &self,
        to: Place<'_>,
        id: &ActivityId,
        activity: &Value,
    ) -> Result<(), Failure> {
        let path = [to.conversation.as_str(), "activities", id.as_str()];
        self.call(Method::PUT, address(to.service_url, &path)?, Some(activity)).await.map(drop)
    }

    /// Deletes an activity of the bot's.
    ///
    /// # Errors
    /// As [`Connector::send`].
    pub async fn delete(&self, to: Place<'_>, id: &ActivityId) -> Result<(), Failure> {
        let path = [to.conversation.as_str(), "activities", id.as_str()];
        self.call(Method::DELETE, address(to.service_url, &path)?, None).await.map(drop)
    }

    /// The conversation of the bot and one person, made where there is none; the same each time.
    ///
    /// # Errors
    /// As [`Connector::send`].
    pub async fn open_personal(
        &self,
        service_url: &ServiceUrl,
        tenant: &TenantId,
        member: &BotUserId,
    ) -> Result<ConversationId, Failure> {
        let body = json!({
            "isGroup": false,
            "bot": {"id": format!("28:{}", self.config.client_id)},
            "members": [{"id": member.as_str()}],
            "tenantId": tenant.as_str(),
            "channelData": {"tenant": {"id": tenant.as_str()}},
        });
        let url = address(service_url, &[])?;
        let answer = self.call(Method::POST, url, Some(&body)).await?;
        Ok(parsed::<WireConversation>(&answer)?.id)
    }

    /// Starts a thread in a channel with its first activity.
    ///
    /// # Errors
    /// As [`Connector::send`].
    pub async fn start_thread(
        &self,
        channel: Place<'_>,
        tenant: &TenantId,
        activity: &Value,
    ) -> Result<Thread, Failure> {
        let body = json!({
            "isGroup": true,
            "bot": {"id": format!("28:{}", self.config.client_id)},
            "channelData": {
                "channel": {"id": channel.conversation.channel().as_str()},
                "tenant": {"id": tenant.as_str()},
            },
            "activity": activity,
            "tenantId": tenant.as_str(),
        });
        let url = address(channel.service_url, &[])?;
        let answer = self.call(Method::POST, url, Some(&body)).await?;
        let made: WireConversation = parsed(&answer)?;
        let root = made
            .activity_id
            .or_else(|| made.id.thread().and_then(|root| ActivityId::parse(root).ok()))
            .ok_or(UNEXPECTED)?;
        Ok(Thread { conversation: made.id, root })
    }

    /// A member of a conversation, by the bot's id of them or by their object id.
    ///
    /// # Errors
    /// `Absent` where they are no member; else as [`Connector::send`].
    pub async fn member(&self, of: Place<'_>, id: &str) -> Result<Member, Failure> {
        let path = [of.conversation.as_str(), "members", id];
        let answer = self.call(Method::GET, address(of.service_url, &path)?, None).await?;
        parsed::<WireMember>(&answer)?.into_member().ok_or(UNEXPECTED)
    }

    async fn created(
        &self,
        method: Method,
        url: Url,
        activity: &Value,
    ) -> Result<ActivityId, Failure> {
        let answer = self.call(method, url, Some(activity)).await?;
        Ok(parsed::<WireCreated>(&answer)?.id)
    }

    /// Makes a call; a token that is refused is replaced once.
    async fn call(
        &self,
        method: Method,
        url: Url,
        body: Option<&Value>,
    ) -> Result<Vec<u8>, Failure> {
        for attempt in 0..2 {
            let mut request = polite(self.http.request(method.clone(), url.clone()));
            if !self.config.anonymous {
                let token = self.tokens.get(&self.http, &self.config, attempt > 0).await?;
                request = request.bearer_auth(token.expose("sent to the Bot Connector"));
            }
            if let Some(body) = body {
                request = request.json(body);
            }
            let unreachable = |_| Failure::Retry { what: "connector_unreachable", after: None };
            let answer = request.send().await.map_err(unreachable)?;
            let (status, after) = (answer.status(), retry_after(answer.headers()));
            note_throttling(status, Vendor::Connector, &self.sightings);
            let body = answer.bytes().await.map_err(unreachable)?;
            if status.is_success() {
                return Ok(body.to_vec());
            }
            if status != StatusCode::UNAUTHORIZED || attempt > 0 {
                return Err(refusal(status, after, &Reason::of(&body)));
            }
        }
        Err(UNEXPECTED)
    }
}

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connector").field("config", &self.config).finish_non_exhaustive()
    }
}

const UNEXPECTED: Failure = Failure::Fault { what: "connector_answer" };

/// What an answer other than 2xx means. Retried as Microsoft asks: 412, 429, 502 and 504.
/// <https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit>
fn refusal(status: StatusCode, after: Option<std::time::Duration>, reason: &Reason) -> Failure {
    match status {
        StatusCode::TOO_MANY_REQUESTS => Failure::Retry { what: "connector_throttled", after },
        StatusCode::PRECONDITION_FAILED | StatusCode::REQUEST_TIMEOUT => {
            Failure::Retry { what: "connector_unavailable", after }
        }
        _ if status.is_server_error() => Failure::Retry { what: "connector_unavailable", after },
        StatusCode::UNAUTHORIZED => Failure::Fault { what: "bot_credentials" },
        StatusCode::FORBIDDEN if reason.tells_of_a_block() => Failure::Forbidden { what: BLOCKED },
        StatusCode::FORBIDDEN => Failure::Forbidden { what: "conversation" },
        StatusCode::NOT_FOUND | StatusCode::GONE => Failure::Absent { what: "conversation" },
        StatusCode::PAYLOAD_TOO_LARGE => Failure::Forbidden { what: "activity_too_large" },
        _ => Failure::Fault { what: "connector_request" },
    }
}

/// `{serviceUrl}/v3/conversations/...`, each segment encoded.
fn address(service_url: &ServiceUrl, segments: &[&str]) -> Result<Url, Failure> {
    let mut url = service_url.as_url().clone();
    url.path_segments_mut()
        .map_err(|()| Failure::Fault { what: "service_url" })?
        .pop_if_empty()
        .extend(["v3", "conversations"])
        .extend(segments);
    Ok(url)
}

fn parsed<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<T, Failure> {
    serde_json::from_slice(body).map_err(|_| UNEXPECTED)
}
