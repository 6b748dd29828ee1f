//! What an erasure reaches, and where in the table that lies.

use serde::{Deserialize, Serialize};
use tandem_domain::{AccountId, CloudId, IssueId, ObjectId, ProjectId, TenantId};

use crate::{
    ChatLink,
    keys::{self, Index},
    receipt::ErasedScope,
};

/// A Jira user on a site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JiraUser {
    /// The site.
    pub cloud_id: CloudId,
    /// The user.
    pub account_id: AccountId,
}

/// A Microsoft user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MicrosoftUser {
    /// The tenant.
    pub tenant_id: TenantId,
    /// The user.
    pub object_id: ObjectId,
}

/// What an erasure reaches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// One person: their accounts on both sides. The first of each is the one who asked.
    User(Vec<JiraUser>, Vec<MicrosoftUser>),
    /// A Jira site.
    Instance(CloudId),
    /// A Microsoft tenant.
    Tenant(TenantId),
    /// A project of a site.
    Project(CloudId, ProjectId),
    /// An issue of a site.
    Issue(CloudId, IssueId),
}

/// What a pass of an erasure does, one after the other: what needs tokens, then the tokens, then
/// the items.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Ends subscriptions at Microsoft Graph.
    Notifications,
    /// Erases grants with their secrets.
    Secrets,
    /// Deletes items.
    Items,
}

/// A part of the table to look through, page by page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// One partition.
    Partition(String),
    /// What lies in an index under a value, in partitions whose keys begin like this.
    Indexed {
        /// The index.
        index: Index,
        /// The value.
        value: String,
        /// How the partition keys begin; any, without it.
        prefix: Option<String>,
    },
}

impl Part {
    fn of_site(cloud: &CloudId, prefix: Option<String>) -> Self {
        Self::Indexed { index: Index::ByTenant, value: keys::site(cloud), prefix }
    }

    fn of_tenant(tenant: &TenantId, prefix: Option<String>) -> Self {
        Self::Indexed { index: Index::ByTenant, value: keys::tenant(tenant), prefix }
    }

    fn of_owner(value: String, prefix: Option<String>) -> Self {
        Self::Indexed { index: Index::ByOwner, value, prefix }
    }

    /// The people of a site who are linked, among what else lies in their partitions.
    pub fn people(cloud: &CloudId) -> Self {
        Self::of_site(cloud, Some(keys::people_of_site(cloud)))
    }

    /// What there is of the issues of a site.
    pub fn issues(cloud: &CloudId) -> Self {
        Self::of_site(cloud, Some(keys::issues_of(cloud)))
    }
}

impl Reach {
    /// What the receipt says of it.
    pub fn scope(&self) -> ErasedScope {
        match self {
            Self::User(..) => ErasedScope::User,
            Self::Instance(_) => ErasedScope::Instance,
            Self::Tenant(_) => ErasedScope::Tenant,
            Self::Project(..) => ErasedScope::Project,
            Self::Issue(..) => ErasedScope::Issue,
        }
    }

    /// Every partition of an index under which everything of a person, site or tenant is found;
    /// nothing of a project or an issue, which have none.
    pub fn indexed(&self) -> Vec<(Index, String)> {
        let mut indexed = Vec::new();
        for part in self.parts(Step::Items) {
            if let Part::Indexed { index, value, prefix: None } = part {
                indexed.push((index, value));
            }
        }
        indexed
    }

    /// Where a step of an erasure finds what it is about. Of all there is, the first two steps read
    /// no more than the kinds they need: most items are links of comments and messages.
    pub fn parts(&self, step: Step) -> Vec<Part> {
        match self {
            Self::User(jira, microsoft) => {
                let of_jira = jira.iter().map(|user| {
                    let owner = keys::jira_user(&user.cloud_id, &user.account_id);
                    (owner, keys::issues_of(&user.cloud_id))
                });
                let of_microsoft = microsoft.iter().map(|user| {
                    let owner = keys::microsoft_user(&user.tenant_id, &user.object_id);
                    (owner, keys::chats_of(&user.tenant_id))
                });
                let owners = of_jira.chain(of_microsoft);
                match step {
                    Step::Notifications => {
                        owners.map(|(owner, chats)| Part::of_owner(owner, Some(chats))).collect()
                    }
                    // Their grants are known by their accounts.
                    Step::Secrets => Vec::new(),
                    Step::Items => owners.map(|(owner, _)| Part::of_owner(owner, None)).collect(),
                }
            }
            Self::Instance(cloud) => vec![match step {
                Step::Notifications => Part::issues(cloud),
                Step::Secrets => Part::people(cloud),
                Step::Items => Part::of_site(cloud, None),
            }],
            Self::Tenant(tenant) => vec![match step {
                Step::Notifications => Part::of_tenant(tenant, Some(keys::chats_of(tenant))),
                Step::Secrets => Part::of_tenant(tenant, Some(keys::people_of_tenant(tenant))),
                Step::Items => Part::of_tenant(tenant, None),
            }],
            // A project's own partition is read last: its channels say of whose issues a thread is.
            Self::Project(cloud, project) => match step {
                Step::Notifications | Step::Secrets => Vec::new(),
                Step::Items => {
                    vec![Part::issues(cloud), Part::Partition(keys::project(cloud, project))]
                }
            },
            Self::Issue(cloud, issue) => match step {
                Step::Notifications | Step::Secrets => Vec::new(),
                Step::Items => vec![Part::Partition(keys::issue(cloud, issue))],
            },
        }
    }

    /// Whether a Jira user of a site is within.
    pub fn has_account(&self, cloud: &CloudId, account: &AccountId) -> bool {
        match self {
            Self::User(jira, _) => {
                jira.iter().any(|user| user.cloud_id == *cloud && user.account_id == *account)
            }
            Self::Instance(of) => of == cloud,
            Self::Tenant(_) | Self::Project(..) | Self::Issue(..) => false,
        }
    }

    /// Whether a Microsoft user is within.
    pub fn has_object(&self, tenant: &TenantId, object: &ObjectId) -> bool {
        match self {
            Self::User(_, microsoft) => {
                microsoft.iter().any(|user| user.tenant_id == *tenant && user.object_id == *object)
            }
            Self::Tenant(of) => of == tenant,
            Self::Instance(_) | Self::Project(..) | Self::Issue(..) => false,
        }
    }

    /// Whether a link of an issue and a chat is within.
    pub fn has_chat_link(&self, link: &ChatLink) -> bool {
        match self {
            Self::Project(cloud, project) => *cloud == link.cloud_id && *project == link.project_id,
            Self::Issue(cloud, issue) => *cloud == link.cloud_id && *issue == link.issue_id,
            Self::User(..) | Self::Instance(_) | Self::Tenant(_) => {
                self.has_account(&link.cloud_id, &link.created_by)
                    || self.has_object(&link.tenant_id, &link.creator_object_id)
            }
        }
    }
}
