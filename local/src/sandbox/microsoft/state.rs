//! Everything the sandbox remembers, in one value that can be written to a file.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::connector::BotState;
use super::model::{Chat, Message, Subscription, User};
use super::notifications::Notification;

/// The whole state. It holds tokens and the signing key, so it does not print.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct State {
    /// The key of id tokens: base64 of PKCS #8.
    pub(super) signing_key: String,
    /// The tenants' ids.
    pub(super) tenants: BTreeSet<String>,
    /// The directory of all tenants, in the order of arrival.
    pub(super) users: Vec<User>,
    /// Authorization codes by their value, used ones too.
    pub(super) codes: BTreeMap<String, CodeRecord>,
    /// Access tokens by their value.
    pub(super) access_tokens: BTreeMap<String, AccessRecord>,
    /// Refresh tokens by their value.
    pub(super) refresh_tokens: BTreeMap<String, RefreshRecord>,
    /// Chats by id.
    pub(super) chats: BTreeMap<String, Chat>,
    /// Messages by chat id, oldest first.
    pub(super) messages: BTreeMap<String, Vec<Message>>,
    /// Subscriptions by id.
    pub(super) subscriptions: BTreeMap<String, Subscription>,
    /// Notifications, waiting and done, oldest first.
    pub(super) notifications: Vec<Notification>,
    /// The last time stamp given to a message, so that none is given twice.
    pub(super) last_stamp: i64,
    /// The bot, and the teams it can be in.
    pub(super) bot: BotState,
}

/// What an authorization code stands for.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct CodeRecord {
    pub(super) tenant_id: String,
    pub(super) object_id: String,
    pub(super) redirect_uri: String,
    pub(super) scopes: Vec<String>,
    pub(super) nonce: Option<String>,
    pub(super) code_challenge: String,
    pub(super) expires_at: i64,
    pub(super) used: bool,
}

/// What an access token stands for.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct AccessRecord {
    pub(super) tenant_id: String,
    /// The user's object id; `None` for a token of the app itself.
    pub(super) object_id: Option<String>,
    /// The app, for a token of the app itself.
    #[serde(default)]
    pub(super) app_id: String,
    pub(super) audience: Audience,
    pub(super) scopes: Vec<String>,
    pub(super) expires_at: i64,
}

/// The service an access token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Audience {
    /// Microsoft Graph.
    Graph,
    /// The Bot Connector.
    BotFramework,
}

/// What a refresh token stands for.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct RefreshRecord {
    pub(super) tenant_id: String,
    pub(super) object_id: String,
    pub(super) scopes: Vec<String>,
    pub(super) issued_at: i64,
    pub(super) expires_at: i64,
}

impl State {
    /// The user of a tenant by object id or sign-in name.
    pub(super) fn user(&self, tenant_id: &str, id: &str) -> Option<&User> {
        self.users.iter().find(|user| {
            user.tenant_id == tenant_id
                && (user.object_id == id || user.user_principal_name.eq_ignore_ascii_case(id))
        })
    }

    /// The same, to change.
    pub(super) fn user_mut(&mut self, tenant_id: &str, object_id: &str) -> Option<&mut User> {
        self.users
            .iter_mut()
            .find(|user| user.tenant_id == tenant_id && user.object_id == object_id)
    }

    /// A time stamp for a message: `now`, or just after the last one given.
    pub(super) fn next_stamp(&mut self, now: i64) -> i64 {
        self.last_stamp = now.max(self.last_stamp + 1);
        self.last_stamp
    }

    /// Forgets what has expired: subscriptions, access tokens and old codes.
    pub(super) fn forget_expired(&mut self, now: i64) {
        const DAY: i64 = 24 * 60 * 60 * 1000;
        self.subscriptions.retain(|_, subscription| subscription.expires_at > now);
        self.access_tokens.retain(|_, token| token.expires_at + DAY > now);
        self.codes.retain(|_, code| code.expires_at + DAY > now);
    }
}
