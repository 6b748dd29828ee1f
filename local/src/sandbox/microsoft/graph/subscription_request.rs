//! The body of `POST /subscriptions`, checked.
//! <https://learn.microsoft.com/graph/api/resources/subscription>

use serde_json::{Map, Value};
use url::{Host, Url};

use super::{Caller, GraphError, query};
use crate::sandbox::microsoft::{MicrosoftSandbox, datetime, notifications::Watched, state::State};

const MINUTE: i64 = 60 * 1000;

/// A shorter subscription is made this long.
const SHORTEST: i64 = 45 * MINUTE;

/// A longer subscription needs a lifecycle URL.
const LONGEST_WITHOUT_LIFECYCLE: i64 = 60 * MINUTE;

/// Teams messages cannot be watched for longer: 4,320 minutes.
const LONGEST: i64 = 4320 * MINUTE;

const CREATE: [&str; 2] = ["Chat.Read", "Chat.ReadWrite"];
const CREATE_FOR_ALL: [&str; 2] = ["Chat.Read.All", "Chat.ReadWrite.All"];

const KNOWN: [&str; 11] = [
    "changeType",
    "notificationUrl",
    "lifecycleNotificationUrl",
    "resource",
    "expirationDateTime",
    "clientState",
    "latestSupportedTlsVersion",
    "includeResourceData",
    "encryptionCertificate",
    "encryptionCertificateId",
    "notificationQueryOptions",
];

/// A subscription as asked for.
pub(super) struct SubscriptionRequest {
    pub(super) change_type: String,
    pub(super) notification_url: String,
    pub(super) lifecycle_notification_url: Option<String>,
    pub(super) resource: String,
    pub(super) expires_at: i64,
    pub(super) client_state: Option<String>,
    pub(super) latest_supported_tls_version: String,
}

impl SubscriptionRequest {
    pub(super) fn parse(object: &Map<String, Value>, now: i64) -> Result<Self, GraphError> {
        query::only_known(object, &KNOWN)?;
        if object
            .get("includeResourceData")
            .is_some_and(|it| !matches!(it, Value::Bool(false) | Value::Null))
        {
            let text = "The sandbox sends notifications without resource data only.";
            return Err(GraphError::bad_request(text));
        }
        let need = |name: &str| {
            query::text(object, name)?.filter(|text| !text.is_empty()).ok_or_else(|| {
                GraphError::bad_request(format!("The property '{name}' is required."))
            })
        };
        let request = Self {
            change_type: change_type(need("changeType")?)?,
            notification_url: endpoint("notificationUrl", need("notificationUrl")?)?,
            lifecycle_notification_url: query::text(object, "lifecycleNotificationUrl")?
                .map(|url| endpoint("lifecycleNotificationUrl", url))
                .transpose()?,
            resource: need("resource")?.to_owned(),
            expires_at: expiration(need("expirationDateTime")?, now)?,
            client_state: query::text(object, "clientState")?.map(str::to_owned),
            latest_supported_tls_version: query::text(object, "latestSupportedTlsVersion")?
                .unwrap_or("v1_2")
                .to_owned(),
        };
        request.check(now)?;
        Ok(request)
    }

    fn check(&self, now: i64) -> Result<(), GraphError> {
        if self.client_state.as_ref().is_some_and(|text| text.chars().count() > 128) {
            return Err(GraphError::bad_request("'clientState' is longer than 128 characters."));
        }
        let tls = self.latest_supported_tls_version.as_str();
        if !matches!(tls, "v1_0" | "v1_1" | "v1_2" | "v1_3") {
            return Err(GraphError::bad_request("'latestSupportedTlsVersion' is not known."));
        }
        let lasting = self.expires_at - now;
        if lasting > LONGEST_WITHOUT_LIFECYCLE && self.lifecycle_notification_url.is_none() {
            let text = "lifecycleNotificationUrl is a required property for subscription creation \
                        on this resource when the expirationDateTime value is set to greater than \
                        1 hour.";
            return Err(GraphError::validation(text));
        }
        Ok(())
    }

    /// Checks that the caller may watch what it asks for: a chat it is in, its own chats, or, for
    /// the app itself, all chats of the tenant.
    pub(super) fn authorize(
        &self,
        sandbox: &MicrosoftSandbox,
        state: &State,
        caller: &Caller,
    ) -> Result<(), GraphError> {
        match Watched::parse(&self.resource) {
            None => {
                let text = format!("Resource '{}' is not supported here.", self.resource);
                Err(GraphError::extension(text))
            }
            Some(Watched::AllChats) => caller.application(&CREATE_FOR_ALL),
            Some(Watched::Chat(chat)) => {
                state.chat_of(caller.delegated(&CREATE)?, &chat)?;
                Ok(())
            }
            Some(Watched::ChatsOfUser(user)) => {
                caller.delegated(&CREATE)?;
                if user == "me" || user == caller.id(sandbox) {
                    return Ok(());
                }
                Err(GraphError::forbidden("The chats of another user cannot be watched."))
            }
        }
    }
}

fn change_type(text: &str) -> Result<String, GraphError> {
    if text.split(',').all(|it| matches!(it.trim(), "created" | "updated" | "deleted")) {
        return Ok(text.to_owned());
    }
    Err(GraphError::bad_request(format!("'{text}' is not a valid changeType.")))
}

/// Notification URLs are HTTPS; on this machine HTTP will do.
fn endpoint(name: &str, text: &str) -> Result<String, GraphError> {
    let url = Url::parse(text).ok().filter(|url| {
        let loopback = match url.host() {
            Some(Host::Domain(domain)) => domain == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        url.scheme() == "https" || (url.scheme() == "http" && loopback)
    });
    match url {
        Some(_) => Ok(text.to_owned()),
        None => Err(GraphError::bad_request(format!("'{name}' has to be an HTTPS URL."))),
    }
}

/// The end of a subscription from `text`: in the future, at most 4,320 minutes away, at least 45.
pub(super) fn expiration(text: &str, now: i64) -> Result<i64, GraphError> {
    let at = datetime::parse(text)
        .ok_or_else(|| GraphError::bad_request("'expirationDateTime' is not a date and time."))?;
    if at <= now {
        let text = "Subscription expiration has to be in the future.";
        return Err(GraphError::extension(text));
    }
    if at > now + LONGEST {
        let text = "Subscription expiration can only be 4320 minutes in the future.";
        return Err(GraphError::extension(text));
    }
    Ok(at.max(now + SHORTEST))
}
