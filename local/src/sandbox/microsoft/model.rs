//! What the simulated tenants hold: users, chats, messages, subscriptions.
//!
//! Times are milliseconds since 1970. Texts a person wrote are here on purpose: this is Teams'
//! side, not the connector's.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A user to add to a tenant's directory.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// The tenant (GUID); it is created where it does not exist.
    pub tenant_id: String,
    /// The user's object id (GUID); a random one where absent.
    pub object_id: Option<String>,
    /// The name people see.
    pub display_name: String,
}

/// A user of a simulated tenant.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// The tenant (GUID).
    pub tenant_id: String,
    /// The object id (GUID), unique within the tenant.
    pub object_id: String,
    /// The name people see.
    pub display_name: String,
    /// The sign-in name.
    pub user_principal_name: String,
    /// Why the user cannot get tokens at present, if so.
    #[serde(default)]
    pub block: Option<SignInBlock>,
    /// Refresh tokens issued before this moment are refused (AADSTS50173).
    #[serde(default)]
    pub sign_ins_revoked_at: Option<i64>,
}

/// Why Entra refuses to issue tokens for a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SignInBlock {
    /// The user has to consent again (AADSTS65001); cleared by an interactive sign-in.
    ConsentRequired,
    /// The user has to pass multifactor authentication (AADSTS50076); cleared the same way.
    MultifactorRequired,
    /// The account is disabled (AADSTS50057), also for interactive sign-ins.
    Disabled,
}

/// The kind of a chat, `chatType` in Graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ChatType {
    /// Between two people; there is one for each pair.
    OneOnOne,
    /// Between any number of people.
    Group,
}

/// A chat without its messages.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Chat {
    /// `19:<32 hex>@thread.v2` or `19:<guid>_<guid>@unq.gbl.spaces`.
    pub id: String,
    /// The tenant that owns it.
    pub tenant_id: String,
    /// One-on-one or group.
    pub chat_type: ChatType,
    /// The title of a group chat.
    pub topic: Option<String>,
    /// When it was made.
    pub created_at: i64,
    /// When its title or members changed last.
    pub updated_at: i64,
    /// Who is in it.
    pub members: Vec<Member>,
}

impl Chat {
    /// Whether the user is a member.
    pub fn has(&self, object_id: &str) -> bool {
        self.members.iter().any(|member| member.object_id == object_id)
    }
}

/// A member of a chat.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Member {
    /// The user's object id.
    pub object_id: String,
    /// `owner` or `guest`.
    pub roles: Vec<String>,
    /// Since when the member sees messages; `None` for all of them.
    pub history_from: Option<i64>,
}

/// Who wrote a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Sender {
    /// The user's object id.
    pub object_id: String,
    /// The user's tenant.
    pub tenant_id: String,
    /// The user's name at the time.
    pub display_name: String,
}

/// What a person or an app puts into a message.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Content {
    /// `text` or `html`.
    pub content_type: String,
    /// The body.
    pub content: String,
    /// Attachments, as Graph takes them.
    pub attachments: Vec<Value>,
    /// Mentions, as Graph takes them.
    pub mentions: Vec<Value>,
    /// `normal`, `high` or `urgent`.
    pub importance: String,
    /// The subject, if any.
    pub subject: Option<String>,
    /// The summary for notifications, if any.
    pub summary: Option<String>,
}

/// A message of a chat.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// Milliseconds since 1970 as digits; unique in the whole sandbox.
    pub id: String,
    /// The chat.
    pub chat_id: String,
    /// `None` for messages of the system, such as "added to the chat".
    pub from: Option<Sender>,
    /// The app that wrote it, as Graph shows it, where no person did.
    #[serde(default)]
    pub application: Option<Value>,
    /// What it says. Kept after a deletion so that it can be undone; Graph then shows nothing.
    pub content: Content,
    /// When it was posted.
    pub created_at: i64,
    /// When anything of it changed last; its etag.
    pub modified_at: i64,
    /// When it was edited last.
    pub edited_at: Option<i64>,
    /// When it was deleted.
    pub deleted_at: Option<i64>,
    /// What happened, for a message of the system.
    pub event_detail: Option<Value>,
}

/// A subscription to the messages of a chat or of all chats.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Subscription {
    /// GUID.
    pub id: String,
    /// The tenant it was made in.
    pub tenant_id: String,
    /// Who made it: a user's object id, or the app's id.
    pub creator_id: String,
    /// What is watched, as it was asked for.
    pub resource: String,
    /// Of `created`, `updated`, `deleted`, with commas.
    pub change_type: String,
    /// Where notifications go.
    pub notification_url: String,
    /// Where lifecycle notifications go.
    pub lifecycle_notification_url: Option<String>,
    /// A secret that comes back in each notification.
    pub client_state: Option<String>,
    /// When it ends.
    pub expires_at: i64,
    /// `v1_2` unless asked for otherwise.
    pub latest_supported_tls_version: String,
    /// How often it was renewed or reauthorized.
    pub renewals: u32,
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription")
            .field("id", &self.id)
            .field("resource", &self.resource)
            .field("change_type", &self.change_type)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}
