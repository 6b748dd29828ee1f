//! Issues.

use serde_json::Value;
use tandem_domain::{
    Failure, IssueId, IssueKey, IssueTypeId, PriorityId, ProjectId, StatusCategory, Timestamp,
    document::Prose,
};

use super::{Call, IssueRef, Site, User, parsed, refusal};
use crate::wire::{WireIssue, WireProperty};

/// The fields that are read of an issue; all others stay where they are.
pub(super) const FIELDS: [&str; 10] = [
    "summary",
    "status",
    "assignee",
    "priority",
    "project",
    "security",
    "issuetype",
    "reporter",
    "labels",
    "updated",
];

/// An issue, as far as Tandem shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// Its number.
    pub id: IssueId,
    /// Its key.
    pub key: IssueKey,
    /// The number of its project.
    pub project_id: ProjectId,
    /// The key of its project.
    pub project_key: Option<Prose>,
    /// The name of its project.
    pub project_name: Option<Prose>,
    /// The number of its type.
    pub issue_type_id: Option<IssueTypeId>,
    /// The name of its type.
    pub issue_type: Option<Prose>,
    /// Its title.
    pub summary: Prose,
    /// The name of its status, where the person may see it.
    pub status: Option<Prose>,
    /// How far along its status is.
    pub status_category: Option<StatusCategory>,
    /// Who it is assigned to.
    pub assignee: Option<User>,
    /// Who reported it.
    pub reporter: Option<User>,
    /// The number of its priority, where it has one.
    pub priority_id: Option<PriorityId>,
    /// The name of its priority, where it has one.
    pub priority: Option<Prose>,
    /// Its labels.
    pub labels: Vec<Prose>,
    /// When it was changed last.
    pub updated: Option<Timestamp>,
    /// Whether a security level keeps it from some who see the project.
    pub has_security_level: bool,
}

impl Site<'_> {
    /// The issue, if the token's owner may see it; [`Failure::Absent`] otherwise.
    /// <https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/>
    pub async fn get_issue(&self, issue: impl Into<IssueRef<'_>>) -> Result<Issue, Failure> {
        let issue = issue.into();
        let url = self.url(&["issue", issue.as_str()], &[("fields", &FIELDS.join(","))]);
        let issue: WireIssue = parsed(&self.send(Call::get(url, "jira_issue")).await?)?;
        issue.into_issue().ok_or(refusal::UNEXPECTED)
    }

    /// A property of an issue; `None` where the issue has none of that name, or is gone.
    /// <https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-properties/>
    pub async fn get_issue_property(
        &self,
        issue: &IssueId,
        key: &str,
    ) -> Result<Option<Value>, Failure> {
        let url = self.url(&["issue", issue.as_str(), "properties", key], &[]);
        match self.send(Call::get(url, "jira_issue_property")).await {
            Ok(answer) => parsed(&answer).map(|property: WireProperty| Some(property.value)),
            Err(Failure::Absent { .. }) => Ok(None),
            Err(failure) => Err(failure),
        }
    }
}
