//! What Jira's REST API answers, as far as it is read. These types live for the moment of parsing
//! and cannot be printed; each turns into a type of ours, or into nothing when it does not fit.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use tandem_domain::{
    AccountId, CloudId, CommentId, IssueId, IssueKey, ProjectId, SiteHost, Timestamp,
    document::Prose,
};
use url::Url;

use crate::client::{AccessibleSite, Comment, Issue, User};

/// `User`, `UserDetails`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WireUser {
    account_id: Option<String>,
    display_name: Option<String>,
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

/// `IssueBean`.
#[derive(Deserialize)]
pub(crate) struct WireIssue {
    id: String,
    key: String,
    fields: WireFields,
}

#[derive(Deserialize)]
struct WireFields {
    summary: Option<String>,
    status: Option<WireNamed>,
    assignee: Option<WireUser>,
    priority: Option<WireNamed>,
    project: Option<WireProject>,
    security: Option<Value>,
}

#[derive(Deserialize)]
struct WireNamed {
    name: Option<String>,
}

#[derive(Deserialize)]
struct WireProject {
    id: String,
}

impl WireIssue {
    pub(crate) fn into_issue(self) -> Option<Issue> {
        let fields = self.fields;
        let name = |named: Option<WireNamed>| named?.name.as_deref().map(Prose::new);
        Some(Issue {
            id: IssueId::parse(&self.id).ok()?,
            key: IssueKey::parse(&self.key).ok()?,
            project_id: ProjectId::parse(&fields.project?.id).ok()?,
            summary: Prose::new(&fields.summary.unwrap_or_default()),
            status: name(fields.status),
            assignee: fields.assignee.and_then(WireUser::into_user),
            priority: name(fields.priority),
            has_security_level: fields.security.is_some(),
        })
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
