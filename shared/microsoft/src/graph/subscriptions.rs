//! Subscriptions to the messages of a chat.
//!
//! <https://learn.microsoft.com/graph/api/resources/subscription>

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};
use tandem_domain::{ChatId, Failure, Secret, SubscriptionId, Timestamp};
use url::Url;

use super::{
    client::{Graph, read, segment},
    wire::time,
};

/// What failures call a subscription.
const WHAT: &str = "subscription";

/// The longest a subscription to chat messages may live: 4,320 minutes, three days.
pub const MAX_SUBSCRIPTION: Duration = Duration::from_hours(72);

/// What to be told of, and where.
#[derive(Clone)]
pub struct SubscriptionRequest<'a> {
    /// The chat whose messages are watched: created, updated and deleted ones, without content.
    pub chat: &'a ChatId,
    /// Where notifications go; HTTPS.
    pub notification_url: &'a Url,
    /// Where lifecycle notifications go; Graph wants it for whatever lives longer than an hour.
    pub lifecycle_url: &'a Url,
    /// When it ends; at most [`MAX_SUBSCRIPTION`] from now.
    pub expiration: Timestamp,
    /// Sent back with each notification; at most 128 characters.
    pub client_state: &'a Secret,
}

impl fmt::Debug for SubscriptionRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("SubscriptionRequest");
        shown.field("chat", self.chat).field("expiration", &self.expiration);
        shown.finish_non_exhaustive()
    }
}

impl Graph<'_> {
    /// Subscribes; tells the subscription's id and its end. Graph calls both addresses for
    /// validation before it answers.
    pub async fn create_subscription(
        &self,
        request: &SubscriptionRequest<'_>,
    ) -> Result<(SubscriptionId, Timestamp), Failure> {
        let body = WireNewSubscription {
            change_type: "created,updated,deleted",
            notification_url: request.notification_url.as_str(),
            lifecycle_notification_url: request.lifecycle_url.as_str(),
            resource: format!("/chats/{}/messages", request.chat),
            expiration_date_time: request.expiration.to_rfc3339(),
            client_state: request.client_state.expose("kept by Graph for this subscription"),
            include_resource_data: false,
        };
        let made: WireSubscription = self.post("subscriptions", &body, WHAT).await?;
        Ok((made.id, made.expiration_date_time))
    }

    /// Moves a subscription's end; tells the end that Graph granted. This also reauthorizes it.
    pub async fn renew_subscription(
        &self,
        id: &SubscriptionId,
        expiration: Timestamp,
    ) -> Result<Timestamp, Failure> {
        let body = WireRenewal { expiration_date_time: expiration.to_rfc3339() };
        let answer = self.patch(&path(id), &body, WHAT).await?;
        Ok(read::<WireSubscription>(&answer, WHAT)?.expiration_date_time)
    }

    /// Answers a `reauthorizationRequired`.
    /// <https://learn.microsoft.com/graph/api/subscription-reauthorize>
    pub async fn reauthorize(&self, id: &SubscriptionId) -> Result<(), Failure> {
        self.act(&format!("{}/microsoft.graph.reauthorize", path(id)), WHAT).await
    }

    /// Ends a subscription.
    pub async fn delete_subscription(&self, id: &SubscriptionId) -> Result<(), Failure> {
        self.delete(&path(id), WHAT).await
    }
}

fn path(id: &SubscriptionId) -> String {
    format!("subscriptions/{}", segment(id.as_str()))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireNewSubscription<'a> {
    change_type: &'static str,
    notification_url: &'a str,
    lifecycle_notification_url: &'a str,
    resource: String,
    expiration_date_time: String,
    client_state: &'a str,
    include_resource_data: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireRenewal {
    expiration_date_time: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireSubscription {
    id: SubscriptionId,
    #[serde(deserialize_with = "time")]
    expiration_date_time: Timestamp,
}
