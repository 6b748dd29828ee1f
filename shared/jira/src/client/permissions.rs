//! What a person may do.

use std::collections::BTreeSet;

use tandem_domain::{Failure, IssueId, ProjectId};

use super::{Call, Site, parsed};
use crate::wire::WirePermissions;

/// A permission that Tandem asks about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Permission {
    /// To administer the site.
    Administer,
    /// To administer the project.
    AdministerProjects,
    /// To see the project and its issues.
    BrowseProjects,
    /// To create issues.
    CreateIssues,
    /// To change the fields of issues.
    EditIssues,
    /// To assign issues.
    AssignIssues,
    /// To be assigned issues.
    AssignableUser,
    /// To move issues to another status.
    TransitionIssues,
    /// To comment on issues.
    AddComments,
    /// To see who watches an issue.
    ViewVotersAndWatchers,
    /// To choose who else watches an issue.
    ManageWatchers,
}

impl Permission {
    /// The vendor's key for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Administer => "ADMINISTER",
            Self::AdministerProjects => "ADMINISTER_PROJECTS",
            Self::BrowseProjects => "BROWSE_PROJECTS",
            Self::CreateIssues => "CREATE_ISSUES",
            Self::EditIssues => "EDIT_ISSUES",
            Self::AssignIssues => "ASSIGN_ISSUES",
            Self::AssignableUser => "ASSIGNABLE_USER",
            Self::TransitionIssues => "TRANSITION_ISSUES",
            Self::AddComments => "ADD_COMMENTS",
            Self::ViewVotersAndWatchers => "VIEW_VOTERS_AND_WATCHERS",
            Self::ManageWatchers => "MANAGE_WATCHERS",
        }
    }
}

/// Where a permission is asked about.
#[derive(Clone, Copy, Debug)]
pub enum PermissionContext<'a> {
    /// The site. A project permission counts here when it is held in any project.
    Site,
    /// A project.
    Project(&'a ProjectId),
    /// An issue.
    Issue(&'a IssueId),
}

/// Those of the permissions asked about that the person has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Permissions(BTreeSet<Permission>);

impl Permissions {
    /// Whether the person has it. One that was not asked about counts as not had.
    pub fn has(&self, permission: Permission) -> bool {
        self.0.contains(&permission)
    }
}

impl Site<'_> {
    /// Which of these permissions the token's owner has. A project or issue that is hidden from
    /// them is [`Failure::Absent`].
    /// <https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-permissions/>
    pub async fn permissions(
        &self,
        asked: &[Permission],
        context: PermissionContext<'_>,
    ) -> Result<Permissions, Failure> {
        let keys: Vec<&str> = asked.iter().map(|permission| permission.as_str()).collect();
        let keys = keys.join(",");
        let mut query = vec![("permissions", keys.as_str())];
        match context {
            PermissionContext::Site => {}
            PermissionContext::Project(id) => query.push(("projectId", id.as_str())),
            PermissionContext::Issue(id) => query.push(("issueId", id.as_str())),
        }
        let call = Call::get(self.url(&["mypermissions"], &query), "jira_permissions");
        let answer: WirePermissions = parsed(&self.send(call).await?)?;
        let held = asked.iter().filter(|permission| answer.has(permission.as_str()));
        Ok(Permissions(held.copied().collect()))
    }
}
