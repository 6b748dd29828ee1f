//! Who may do what on a site.

use super::{
    answer::Refusal,
    model::{
        AccountType, Cloud, Comment, Issue, Project, ProjectKind, Site, Visibility, VisibilityType,
    },
};

/// The role of a project's administrators.
pub(crate) const ADMINISTRATORS: &str = "Administrators";
/// The group of a site's administrators.
pub(crate) const ADMIN_GROUP: &str = "jira-administrators";

/// A permission of Jira's default scheme.
pub(crate) struct Permission {
    pub(crate) id: &'static str,
    pub(crate) key: &'static str,
    pub(crate) name: &'static str,
    pub(crate) description: &'static str,
    pub(crate) holder: Holder,
}

/// Who holds a permission.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holder {
    /// The site's administrators.
    SiteAdmin,
    /// The project's administrators and the site's.
    ProjectAdmin,
    /// Whoever may browse the project.
    Browser,
    /// Whoever may browse the project and is not one of its readers.
    Worker,
    /// Every member of the site.
    Member,
}

impl Holder {
    /// Whether the permission is asked of a project.
    pub(crate) fn is_project(self) -> bool {
        matches!(self, Self::ProjectAdmin | Self::Browser | Self::Worker)
    }
}

macro_rules! permissions {
    ($($id:literal $key:ident $holder:ident $name:literal $description:literal;)+) => {
        /// The permissions this simulation knows.
        pub(crate) const PERMISSIONS: &[Permission] = &[$(Permission {
            id: $id,
            key: stringify!($key),
            name: $name,
            description: $description,
            holder: Holder::$holder,
        }),+];
    };
}

permissions! {
    "0" ADMINISTER SiteAdmin "Administer Jira" "Administer the site.";
    "44" SYSTEM_ADMIN SiteAdmin "System admin" "Administer everything.";
    "27" USER_PICKER Member "Browse users and groups" "Choose users and groups from a list.";
    "23" ADMINISTER_PROJECTS ProjectAdmin "Administer projects" "Administer a project.";
    "10" BROWSE_PROJECTS Browser "Browse projects" "Browse a project and its issues.";
    "11" CREATE_ISSUES Worker "Create issues" "Create issues.";
    "12" EDIT_ISSUES Worker "Edit issues" "Edit issues.";
    "13" ASSIGN_ISSUES Worker "Assign issues" "Assign issues to people.";
    "17" ASSIGNABLE_USER Worker "Assignable user" "Be assigned issues.";
    "21" LINK_ISSUES Worker "Link issues" "Link issues to each other and elsewhere.";
    "46" TRANSITION_ISSUES Worker "Transition issues" "Move issues to another status.";
    "16" DELETE_ISSUES ProjectAdmin "Delete issues" "Delete issues.";
    "26" SET_ISSUE_SECURITY ProjectAdmin "Set issue security" "Choose who may see an issue.";
    "31" VIEW_VOTERS_AND_WATCHERS Browser "View watchers" "See who watches an issue.";
    "32" MANAGE_WATCHERS Worker "Manage watchers" "Choose who watches an issue.";
    "15" ADD_COMMENTS Worker "Add comments" "Comment on issues.";
    "34" EDIT_ALL_COMMENTS ProjectAdmin "Edit all comments" "Edit anyone's comments.";
    "35" EDIT_OWN_COMMENTS Browser "Edit own comments" "Edit one's own comments.";
    "36" DELETE_ALL_COMMENTS ProjectAdmin "Delete all comments" "Delete anyone's comments.";
    "37" DELETE_OWN_COMMENTS Browser "Delete own comments" "Delete one's own comments.";
}

impl Site {
    /// Whether the user administers the site.
    pub(crate) fn is_admin(&self, account: &str) -> bool {
        self.members.get(account).is_some_and(|member| member.admin)
    }

    /// Whether the user administers the project.
    pub(crate) fn administers(&self, project: &Project, account: &str) -> bool {
        self.is_admin(account)
            || (self.members.contains_key(account) && project.admins.contains(account))
    }

    /// Whether the user may browse the project. Administrators always may, as in Jira's default
    /// scheme.
    pub(crate) fn may_browse(&self, project: &Project, account: &str) -> bool {
        self.members.contains_key(account)
            && (project.browsers.as_ref().is_none_or(|browsers| browsers.contains(account))
                || self.administers(project, account))
    }

    /// Whether the user may do in the project what everybody does who is not only to read.
    pub(crate) fn may_work(&self, project: &Project, account: &str) -> bool {
        self.may_browse(project, account)
            && (!project.readers.contains(account) || self.administers(project, account))
    }

    /// Whether the user may see the issue: a security level shuts out whoever it does not name.
    pub(crate) fn may_see_issue(&self, issue: &Issue, account: &str) -> bool {
        self.projects
            .get(&issue.project_id)
            .is_some_and(|project| self.may_browse(project, account))
            && issue.security.as_ref().is_none_or(|level| level.members.contains(account))
    }

    /// Whether the user has a permission, on a project or (without one) on any.
    pub(crate) fn has(&self, holder: Holder, project: Option<&Project>, account: &str) -> bool {
        let on = |project: &Project| match holder {
            Holder::ProjectAdmin => self.administers(project, account),
            Holder::Worker => self.may_work(project, account),
            _ => self.may_browse(project, account),
        };
        match (holder, project) {
            (Holder::SiteAdmin, _) => self.is_admin(account),
            (Holder::Member, _) => self.members.contains_key(account),
            (_, Some(project)) => on(project),
            (_, None) => self.projects.values().any(on),
        }
    }

    /// Whether the user is in the role or group that a comment is restricted to.
    pub(crate) fn is_in(&self, visibility: &Visibility, project: &Project, account: &str) -> bool {
        match visibility.kind {
            VisibilityType::Role if visibility.value == ADMINISTRATORS => {
                self.administers(project, account)
            }
            VisibilityType::Role => {
                project.roles.get(&visibility.value).is_some_and(|role| role.contains(account))
            }
            VisibilityType::Group if visibility.value == ADMIN_GROUP => self.is_admin(account),
            VisibilityType::Group => self
                .groups
                .get(&visibility.value)
                .is_some_and(|group| group.members.contains(account)),
        }
    }

    /// The role or group named, with its identifier filled in; refused where there is none.
    pub(crate) fn find_visibility(
        &self,
        project: &Project,
        kind: VisibilityType,
        name: &str,
    ) -> Result<Visibility, Refusal> {
        let identifier = match kind {
            VisibilityType::Role => (name == ADMINISTRATORS || project.roles.contains_key(name))
                .then(|| name.to_owned()),
            VisibilityType::Group if name == ADMIN_GROUP => Some(ADMIN_GROUP.to_owned()),
            VisibilityType::Group => self.groups.get(name).map(|group| group.id.clone()),
        };
        let identifier = identifier.ok_or_else(|| {
            Refusal::field("commentLevel", "The role or group does not exist in this project.")
        })?;
        Ok(Visibility { kind, value: name.to_owned(), identifier })
    }
}

impl Cloud {
    /// Whether the user, who sees the issue, may see one of its comments.
    pub(crate) fn may_see_comment(
        &self,
        site: &Site,
        project: &Project,
        comment: &Comment,
        account: &str,
    ) -> bool {
        let customer =
            self.users.get(account).is_none_or(|user| user.account_type == AccountType::Customer);
        let internal = comment.internal && project.kind == ProjectKind::ServiceDesk && customer;
        !internal
            && comment
                .visibility
                .as_ref()
                .is_none_or(|visibility| site.is_in(visibility, project, account))
    }
}
