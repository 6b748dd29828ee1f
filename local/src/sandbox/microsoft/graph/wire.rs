//! Graph's JSON for what the sandbox holds.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::sandbox::microsoft::{
    MicrosoftSandbox, User, datetime,
    model::{Chat, ChatType, Member, Message, Subscription},
    state::State,
};

/// When a member who sees all of a chat began to see it.
const FROM_THE_BEGINNING: &str = "0001-01-01T00:00:00Z";

/// `value` with `@odata.context`, as a single entity carries it.
pub(super) fn entity(sandbox: &MicrosoftSandbox, context: &str, mut value: Value) -> Value {
    value["@odata.context"] = json!(context_url(sandbox, &format!("{context}/$entity")));
    value
}

/// A collection with `@odata.context`.
pub(super) fn collection(sandbox: &MicrosoftSandbox, context: &str, items: &[Value]) -> Value {
    json!({
        "@odata.context": context_url(sandbox, context),
        "@odata.count": items.len(),
        "value": items,
    })
}

fn context_url(sandbox: &MicrosoftSandbox, context: &str) -> String {
    format!("{}/$metadata#{context}", sandbox.0.options.graph_base)
}

/// `chats('19%3A...')/messages`: where things of a chat are, in contexts.
pub(super) fn chat_context(chat_id: &str, what: &str) -> String {
    format!("chats('{}')/{what}", percent_encoded(chat_id))
}

fn percent_encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

pub(super) fn user(user: &User) -> Value {
    json!({
        "id": user.object_id,
        "displayName": user.display_name,
        "userPrincipalName": user.user_principal_name,
        "mail": user.user_principal_name,
        "businessPhones": [], "givenName": null, "surname": null, "jobTitle": null,
        "mobilePhone": null, "officeLocation": null, "preferredLanguage": null,
    })
}

pub(in crate::sandbox::microsoft) fn chat(chat: &Chat) -> Value {
    json!({
        "id": chat.id,
        "topic": chat.topic,
        "createdDateTime": datetime::rfc3339(chat.created_at),
        "lastUpdatedDateTime": datetime::rfc3339(chat.updated_at),
        "chatType": match chat.chat_type {
            ChatType::OneOnOne => "oneOnOne",
            ChatType::Group => "group",
        },
        "webUrl": format!(
            "https://teams.microsoft.com/l/chat/{}/0?tenantId={}",
            percent_encoded(&chat.id), chat.tenant_id
        ),
        "tenantId": chat.tenant_id,
        "onlineMeetingInfo": null,
    })
}

/// The id of a membership: opaque to clients.
pub(super) fn membership_id(chat: &Chat, object_id: &str) -> String {
    STANDARD.encode(format!("0##{}##{}##{object_id}", chat.tenant_id, chat.id))
}

pub(in crate::sandbox::microsoft) fn member(state: &State, chat: &Chat, member: &Member) -> Value {
    let user = state.user(&chat.tenant_id, &member.object_id);
    json!({
        "@odata.type": "#microsoft.graph.aadUserConversationMember",
        "id": membership_id(chat, &member.object_id),
        "roles": member.roles,
        "displayName": user.map(|user| &user.display_name),
        "visibleHistoryStartDateTime": member
            .history_from
            .map_or_else(|| FROM_THE_BEGINNING.to_owned(), datetime::rfc3339),
        "userId": member.object_id,
        "email": user.map(|user| &user.user_principal_name),
        "tenantId": chat.tenant_id,
    })
}

/// A `chatMessage`. A deleted one has lost what it said. Clients that did not ask for values
/// younger than the enumeration (`evolved`) get `unknownFutureValue` for a message of the system:
/// <https://learn.microsoft.com/graph/best-practices-concept#handling-future-members-in-evolvable-enumerations>
pub(in crate::sandbox::microsoft) fn message(message: &Message, evolved: bool) -> Value {
    let message_type = match (&message.event_detail, evolved) {
        (None, _) => "message",
        (Some(_), true) => "systemEventMessage",
        (Some(_), false) => "unknownFutureValue",
    };
    let content = &message.content;
    let gone = message.deleted_at.is_some();
    let shown = |items: &[Value]| if gone { json!([]) } else { json!(items) };
    let mut value = json!({
        "id": message.id,
        "replyToId": null,
        "etag": message.modified_at.to_string(),
        "messageType": message_type,
        "createdDateTime": datetime::rfc3339(message.created_at),
        "lastModifiedDateTime": datetime::rfc3339(message.modified_at),
        "lastEditedDateTime": message.edited_at.map(datetime::rfc3339),
        "deletedDateTime": message.deleted_at.map(datetime::rfc3339),
        "subject": content.subject.as_ref().filter(|_| !gone),
        "summary": content.summary.as_ref().filter(|_| !gone),
        "chatId": message.chat_id,
        "importance": content.importance,
        "locale": "en-us",
        "webUrl": null,
        "channelIdentity": null,
        "policyViolation": null,
        "eventDetail": message.event_detail,
        "from": null,
        "body": {
            "contentType": content.content_type,
            "content": if gone { "" } else { content.content.as_str() },
        },
        "attachments": shown(&content.attachments),
        "mentions": shown(&content.mentions),
        "reactions": [],
    });
    if let Some(from) = &message.from {
        value["from"] = json!({ "application": null, "device": null, "conversation": null, "user": {
            "@odata.type": "#microsoft.graph.teamworkUserIdentity",
            "id": from.object_id,
            "displayName": from.display_name,
            "userIdentityType": "aadUser",
            "tenantId": from.tenant_id,
        } });
    }
    if let Some(application) = &message.application {
        value["from"] = json!({
            "application": application, "device": null, "conversation": null, "user": null,
        });
    }
    value
}

pub(super) fn subscription(sandbox: &MicrosoftSandbox, subscription: &Subscription) -> Value {
    json!({
        "id": subscription.id,
        "resource": subscription.resource,
        "applicationId": sandbox.0.options.client_id,
        "changeType": subscription.change_type,
        "clientState": subscription.client_state,
        "notificationUrl": subscription.notification_url,
        "notificationQueryOptions": null,
        "lifecycleNotificationUrl": subscription.lifecycle_notification_url,
        "expirationDateTime": datetime::rfc3339(subscription.expires_at),
        "creatorId": subscription.creator_id,
        "includeResourceData": null,
        "latestSupportedTlsVersion": subscription.latest_supported_tls_version,
        "encryptionCertificate": null,
        "encryptionCertificateId": null,
        "notificationUrlAppId": null,
    })
}
