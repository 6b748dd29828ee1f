//! What Jira's REST API answers, as far as it is read. These types live for the moment of parsing
//! and cannot be printed; each turns into a type of ours, or into nothing when it does not fit.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use tandem_domain::{
    AccountId, CloudId, CommentId, InvalidId, SiteHost, Timestamp, document::Prose,
};
use url::Url;

use crate::client::{AccessibleSite, Comment, User, Watchers};

mod create_meta;
mod issues;
mod projects;

pub(crate) use create_meta::{
    CreateMetaPage, WireCreateField, WireCreateFields, WireCreateTypes, WireErrors,
};
pub(crate) use issues::{WireCreated, WireIssue, WireIssues, WireTransition, WireTransitions};
pub(crate) use projects::{WireIssueType, WireProject, WireProjects};

/// `User`, `UserDetails`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WireUser {
    account_id: Option<String>,
    display_name: Option<String>,
    pub(crate) time_zone: Option<String>,
    pub(crate) active: Option<bool>,
}

impl WireUser {
    /// `None` where no account stands behind it: somebody anonymous, or a lost record.
    pub(crate) fn into_user(self) -> Option<User> {
        let account_id = AccountId::parse(&self.account_id?).ok()?;
        let display_name = Prose::new(&self.display_name.unwrap_or_default());
        Some(User { account_id, display_name })
    }
}

/// An entry of accessible-resources.
#[derive(Deserialize)]
pub(crate) struct WireSite {
    id: String,
    url: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    scopes: Vec<String>,
}

impl WireSite {
    /// `None` for a site of another product, or one without a usable id or address.
    pub(crate) fn into_site(self) -> Option<AccessibleSite> {
        if !self.scopes.iter().any(|scope| scope.contains("jira")) {
            return None;
        }
        Some(AccessibleSite {
            id: CloudId::parse(&self.id).ok()?,
            host: SiteHost::parse(Url::parse(&self.url).ok()?.host_str()?).ok()?,
            scopes: self.scopes,
            name: Prose::new(&self.name),
        })
    }
}

/// `Permissions`.
#[derive(Deserialize)]
pub(crate) struct WirePermissions {
    permissions: BTreeMap<String, WirePermission>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WirePermission {
    #[serde(default)]
    have_permission: bool,
}

impl WirePermissions {
    /// Whether the permission of this key is there and held.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.permissions.get(key).is_some_and(|permission| permission.have_permission)
    }
}

/// Anything with an id and a name: `Priority`, `StatusDetails`, `IssueTypeDetails`.
#[derive(Deserialize)]
pub(crate) struct WireNamed {
    id: Option<String>,
    name: Option<String>,
}

impl WireNamed {
    /// The id, where it is one.
    pub(crate) fn parse_id<T>(&self, parse: fn(&str) -> Result<T, InvalidId>) -> Option<T> {
        parse(self.id.as_deref()?).ok()
    }

    /// The name, where there is one.
    pub(crate) fn prose(&self) -> Option<Prose> {
        self.name.as_deref().map(Prose::new)
    }
}

/// `Watchers`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WireWatchers {
    #[serde(default)]
    is_watching: bool,
    #[serde(default)]
    watchers: Vec<WireUser>,
}

impl WireWatchers {
    pub(crate) fn into_watchers(self) -> Watchers {
        let users = self.watchers.into_iter().filter_map(WireUser::into_user);
        Watchers {
            is_watching: self.is_watching,
            accounts: users.map(|user| user.account_id).collect(),
        }
    }
}

/// `PageOfComments`.
#[derive(Deserialize)]
pub(crate) struct WireComments {
    pub(crate) comments: Vec<WireComment>,
}

/// `Comment`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WireComment {
    id: String,
    author: Option<WireUser>,
    update_author: Option<WireUser>,
    #[serde(default)]
    body: Value,
    created: String,
    updated: String,
    visibility: Option<Value>,
    jsd_public: Option<bool>,
}

impl WireComment {
    pub(crate) fn into_comment(self) -> Option<Comment> {
        Some(Comment {
            id: CommentId::parse(&self.id).ok()?,
            author: self.author.and_then(WireUser::into_user),
            update_author: self.update_author.and_then(WireUser::into_user),
            body: self.body,
            created: Timestamp::parse(&self.created)?,
            updated: Timestamp::parse(&self.updated)?,
            restricted: self.visibility.is_some(),
            internal: self.jsd_public == Some(false),
        })
    }
}

/// `EntityProperty`.
#[derive(Deserialize)]
pub(crate) struct WireProperty {
    pub(crate) value: Value,
}

/// `RemoteIssueLinkIdentifies`.
#[derive(Deserialize)]
pub(crate) struct WireRemoteLink {
    pub(crate) id: u64,
}
