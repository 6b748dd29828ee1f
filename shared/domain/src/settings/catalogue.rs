//! The catalogue: every setting with its scopes, values, default and meaning.

use serde::{Deserialize, Serialize};

/// Where a setting can be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// The whole Jira site; needs the permission ADMINISTER.
    Instance,
    /// One project; needs ADMINISTER_PROJECTS on it.
    Project,
    /// One person.
    User,
}

/// A setting's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SettingName {
    /// How Tandem's pages look.
    Appearance,
    /// Which way comments and messages cross.
    CommentSync,
    /// Whether restricted and internal comments cross.
    RestrictedComments,
    /// Whether anything of issues with a security level crosses.
    SecuredIssues,
    /// The Microsoft tenants people may link accounts of.
    AllowedTenants,
    /// Which changes of an issue its chats are told.
    IssueUpdates,
    /// Whether the person is told when they are mentioned.
    NotifyMentioned,
    /// Whether the person is told when an issue is assigned to them.
    NotifyAssigned,
    /// Whether the person is told of comments on issues they report or are assigned.
    NotifyCommented,
    /// Whether the person is told of changes and comments of issues they watch.
    NotifyWatched,
    /// When the person is not to be told anything.
    QuietHours,
    /// The project in which the person last created an issue from Teams.
    LastProject,
    /// The type of that issue.
    LastIssueType,
}

/// What values a setting takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "type", content = "of")]
pub enum Values {
    /// One of these.
    Choice(&'static [&'static str]),
    /// Any set of these.
    Choices(&'static [&'static str]),
    /// A list of Microsoft tenant ids.
    TenantIds,
    /// Whole hours of the day, from one to another, such as `22-07`; `off` for none.
    Hours,
    /// A project's number, or `none`.
    ProjectId,
    /// An issue type's number, or `none`.
    IssueTypeId,
}

/// One entry of the catalogue.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Definition {
    /// The name.
    pub name: SettingName,
    /// Where it can be set.
    pub scopes: &'static [Scope],
    /// What it can be set to.
    pub values: Values,
    /// What holds while nothing is set.
    pub default: &'static [&'static str],
    /// What it means, in a sentence.
    pub meaning: &'static str,
}

/// At most this many tenants in a list.
pub const MAX_TENANTS: usize = 100;

/// Every setting there is.
pub const CATALOGUE: &[Definition] = &[
    Definition {
        name: SettingName::Appearance,
        scopes: &[Scope::Instance, Scope::User],
        values: Values::Choice(&["auto", "light", "dark"]),
        default: &["auto"],
        meaning: "How Tandem's pages look; auto follows the device.",
    },
    Definition {
        name: SettingName::CommentSync,
        scopes: &[Scope::Instance, Scope::Project],
        values: Values::Choice(&["off", "jira_to_teams", "both"]),
        default: &["both"],
        meaning: "Whether comments reach the chats of an issue, and chat messages its comments.",
    },
    Definition {
        name: SettingName::RestrictedComments,
        scopes: &[Scope::Instance],
        values: Values::Choice(&["never", "allowed"]),
        default: &["never"],
        meaning: "Whether comments restricted to a role or group, and internal comments, cross.",
    },
    Definition {
        name: SettingName::SecuredIssues,
        scopes: &[Scope::Instance],
        values: Values::Choice(&["never", "allowed"]),
        default: &["never"],
        meaning: "Whether anything of an issue with a security level crosses.",
    },
    Definition {
        name: SettingName::AllowedTenants,
        scopes: &[Scope::Instance],
        values: Values::TenantIds,
        default: &[],
        meaning: "The Microsoft tenants whose accounts may be linked; an empty list allows all.",
    },
    Definition {
        name: SettingName::IssueUpdates,
        scopes: &[Scope::Instance, Scope::Project],
        values: Values::Choices(&["status", "assignee", "priority"]),
        default: &["status", "assignee", "priority"],
        meaning: "Which changes of an issue are told in its chats.",
    },
    notification(SettingName::NotifyMentioned, "Whether Teams tells me when I am mentioned."),
    notification(
        SettingName::NotifyAssigned,
        "Whether Teams tells me when an issue is assigned to me.",
    ),
    notification(
        SettingName::NotifyCommented,
        "Whether Teams tells me of comments on issues that I report or am assigned.",
    ),
    Definition {
        name: SettingName::NotifyWatched,
        // Only somebody's own: whoever wants it is listed with the site.
        scopes: &[Scope::User],
        values: Values::Choice(&["on", "off"]),
        default: &["off"],
        meaning: "Whether Teams tells me of changes and comments of issues that I watch.",
    },
    Definition {
        name: SettingName::QuietHours,
        scopes: &[Scope::User],
        values: Values::Hours,
        default: &["off"],
        meaning: "The hours in which Teams tells me nothing, in the time zone of my Jira profile; \
                  what happens then is told when they end.",
    },
    Definition {
        name: SettingName::LastProject,
        scopes: &[Scope::User],
        values: Values::ProjectId,
        default: &["none"],
        meaning: "The project that the form for a new issue begins with.",
    },
    Definition {
        name: SettingName::LastIssueType,
        scopes: &[Scope::User],
        values: Values::IssueTypeId,
        default: &["none"],
        meaning: "The issue type that the form for a new issue begins with.",
    },
];

const fn notification(name: SettingName, meaning: &'static str) -> Definition {
    Definition {
        name,
        scopes: &[Scope::Instance, Scope::User],
        values: Values::Choice(&["on", "off"]),
        default: &["on"],
        meaning,
    }
}

impl SettingName {
    /// The catalogue's entry for it.
    pub fn definition(self) -> &'static Definition {
        // The catalogue lists the names in their order; a test holds it to that.
        &CATALOGUE[self as usize]
    }

    /// The name as it is stored and spoken of over HTTP.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Appearance => "appearance",
            Self::CommentSync => "comment_sync",
            Self::RestrictedComments => "restricted_comments",
            Self::SecuredIssues => "secured_issues",
            Self::AllowedTenants => "allowed_tenants",
            Self::IssueUpdates => "issue_updates",
            Self::NotifyMentioned => "notify_mentioned",
            Self::NotifyAssigned => "notify_assigned",
            Self::NotifyCommented => "notify_commented",
            Self::NotifyWatched => "notify_watched",
            Self::QuietHours => "quiet_hours",
            Self::LastProject => "last_project",
            Self::LastIssueType => "last_issue_type",
        }
    }

    /// The setting of that name.
    pub fn parse(text: &str) -> Option<Self> {
        CATALOGUE.iter().map(|definition| definition.name).find(|name| name.as_str() == text)
    }
}
