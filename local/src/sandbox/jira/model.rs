//! What the simulated Atlassian remembers. Times are milliseconds since 1970.
//!
//! Nothing here derives `Debug`: a site holds its webhook secret and the sign-in state its tokens.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{login::Login, webhooks::Outbox};

/// Everything: sites, users, sign-ins, and webhooks on their way.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Cloud {
    pub(crate) sites: BTreeMap<String, Site>,
    pub(crate) users: BTreeMap<String, User>,
    pub(crate) login: Login,
    pub(crate) outbox: Outbox,
    /// Within what time accounts are to be reported, an ISO 8601 duration; `P7D` unless set.
    #[serde(default)]
    pub(crate) report_cycle: Option<String>,
    last_id: u64,
}

impl Cloud {
    /// The next id of any object of Jira: numbers from 10000 on.
    pub(crate) fn next_id(&mut self) -> String {
        self.last_id = self.last_id.max(9_999) + 1;
        self.last_id.to_string()
    }

    /// Makes sure that ids given from outside are not given again.
    pub(crate) fn reserve_id(&mut self, id: &str) {
        if let Ok(number) = id.parse::<u64>() {
            self.last_id = self.last_id.max(number);
        }
    }
}

/// A Jira Cloud site.
#[derive(Serialize, Deserialize)]
pub(crate) struct Site {
    pub(crate) cloud_id: String,
    pub(crate) host: String,
    /// Signs the admin webhook's bodies; empty means unsigned.
    pub(crate) webhook_secret: String,
    pub(crate) members: BTreeMap<String, Member>,
    pub(crate) groups: BTreeMap<String, Group>,
    pub(crate) projects: BTreeMap<String, Project>,
    pub(crate) issues: BTreeMap<String, Issue>,
    pub(crate) webhooks: Vec<RegisteredWebhook>,
    /// By account: the ids of the issues they looked at, the last one last.
    #[serde(default)]
    pub(crate) viewed: BTreeMap<String, Vec<String>>,
}

impl Site {
    /// The issue with this id or key, whoever asks.
    pub(crate) fn issue(&self, id_or_key: &str) -> Option<&Issue> {
        self.issues.get(id_or_key).or_else(|| {
            self.issues.values().find(|issue| issue.key.eq_ignore_ascii_case(id_or_key))
        })
    }

    /// The project with this id or key, whoever asks.
    pub(crate) fn project(&self, id_or_key: &str) -> Option<&Project> {
        self.projects.get(id_or_key).or_else(|| {
            self.projects.values().find(|project| project.key.eq_ignore_ascii_case(id_or_key))
        })
    }
}

/// What a user is on a site.
#[derive(Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct Member {
    pub(crate) admin: bool,
}

/// A group of a site.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Group {
    pub(crate) id: String,
    pub(crate) members: BTreeSet<String>,
}

/// An Atlassian account.
#[derive(Serialize, Deserialize)]
pub(crate) struct User {
    pub(crate) account_id: String,
    pub(crate) display_name: String,
    pub(crate) email: String,
    pub(crate) account_type: AccountType,
    pub(crate) time_zone: String,
    /// Closed accounts cannot sign in and are reported as closed.
    pub(crate) closed: bool,
    /// When name or address last changed.
    pub(crate) updated: i64,
}

/// What kind of account it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AccountType {
    /// A person with an Atlassian account.
    #[default]
    Atlassian,
    /// An app.
    App,
    /// A customer of a service desk, who sees no internal comment.
    Customer,
}

/// What kind of project it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProjectKind {
    /// Jira Software.
    #[default]
    Software,
    /// Jira Service Management, the one kind with internal comments.
    ServiceDesk,
    /// Jira Work Management.
    Business,
}

/// A project.
#[derive(Serialize, Deserialize)]
pub(crate) struct Project {
    pub(crate) id: String,
    pub(crate) key: String,
    pub(crate) name: String,
    pub(crate) kind: ProjectKind,
    /// Who may browse it; `None`: every member of the site.
    pub(crate) browsers: Option<BTreeSet<String>>,
    pub(crate) admins: BTreeSet<String>,
    /// Roles besides `Administrators`, with their actors.
    pub(crate) roles: BTreeMap<String, BTreeSet<String>>,
    pub(crate) last_issue: u64,
    /// Those who may browse it and nothing else.
    #[serde(default)]
    pub(crate) readers: BTreeSet<String>,
    #[serde(default)]
    pub(crate) workflow: Workflow,
    #[serde(default)]
    pub(crate) choice_fields: Vec<ChoiceField>,
}

/// Which transitions the issues of a project can take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Workflow {
    /// From every status to every one.
    #[default]
    Simple,
    /// Step by step, and the last step asks for a resolution.
    Strict,
}

/// A field of a project's own, with a list to choose one from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChoiceField {
    /// The field's id, such as `customfield_10050`.
    pub id: String,
    /// The field's name.
    pub name: String,
    /// The id of the one issue type that has it.
    pub issue_type: String,
    /// Whether an issue cannot be made without it.
    pub required: bool,
    /// What there is to choose: ids and names.
    pub options: Vec<(String, String)>,
}

/// An issue.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Issue {
    pub(crate) id: String,
    pub(crate) key: String,
    pub(crate) project_id: String,
    /// The issue type's id.
    pub(crate) kind: String,
    pub(crate) status: String,
    pub(crate) priority: String,
    pub(crate) summary: String,
    pub(crate) description: Option<Value>,
    pub(crate) assignee: Option<String>,
    pub(crate) reporter: String,
    pub(crate) creator: String,
    pub(crate) labels: Vec<String>,
    pub(crate) security: Option<SecurityLevel>,
    pub(crate) created: i64,
    pub(crate) updated: i64,
    pub(crate) comments: Vec<Comment>,
    pub(crate) remote_links: Vec<RemoteLink>,
    pub(crate) watchers: BTreeSet<String>,
    pub(crate) properties: BTreeMap<String, Value>,
    /// The id of its resolution.
    #[serde(default)]
    pub(crate) resolution: Option<String>,
    /// What was chosen in the project's own fields: ids of options by ids of fields.
    #[serde(default)]
    pub(crate) choices: BTreeMap<String, String>,
}

impl Issue {
    /// The comment with this id, whoever asks.
    pub(crate) fn comment(&self, id: &str) -> Option<&Comment> {
        self.comments.iter().find(|comment| comment.id == id)
    }
}

/// Who may see an issue at all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecurityLevel {
    /// The level's id.
    pub id: String,
    /// The level's name.
    pub name: String,
    /// The account ids of those who may see the issue; nobody else does, admins included.
    pub members: BTreeSet<String>,
}

/// A comment, as Jira keeps it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Comment {
    /// Its id.
    pub id: String,
    /// The account id of who wrote it.
    pub author: String,
    /// The account id of who changed it last.
    pub update_author: String,
    /// Its text, an Atlassian document.
    pub body: Value,
    /// When it was written, in milliseconds since 1970.
    pub created: i64,
    /// When it was changed last, in milliseconds since 1970.
    pub updated: i64,
    /// The role or group it is restricted to, if it is.
    pub visibility: Option<Visibility>,
    /// Whether it is an internal note of a service desk (`jsdPublic: false`).
    pub internal: bool,
    /// Its entity properties.
    pub properties: BTreeMap<String, Value>,
}

/// A restriction of a comment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visibility {
    /// What the value names.
    #[serde(rename = "type")]
    pub kind: VisibilityType,
    /// The role's or group's name.
    pub value: String,
    /// The role's name or the group's id.
    pub identifier: String,
}

/// What a comment is restricted to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum VisibilityType {
    /// A project role.
    Role,
    /// A group of the site.
    Group,
}

/// A link of an issue to something outside Jira.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct RemoteLink {
    pub(crate) id: u64,
    pub(crate) global_id: Option<String>,
    pub(crate) application: Option<Value>,
    pub(crate) relationship: Option<String>,
    pub(crate) object: Value,
}

/// A webhook that the app registered through REST.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct RegisteredWebhook {
    pub(crate) id: u64,
    pub(crate) owner: String,
    pub(crate) url: String,
    pub(crate) events: Vec<String>,
    pub(crate) jql_filter: String,
    pub(crate) field_ids: Vec<String>,
    pub(crate) property_keys: Vec<String>,
    pub(crate) expires: i64,
}
