//! Issues.

use tandem_domain::{Failure, IssueId, IssueKey, ProjectId, document::Prose};

use super::{Call, IssueRef, Site, User, parsed, refusal};
use crate::wire::WireIssue;

/// The fields that are read of an issue; all others stay where they are.
const FIELDS: &str = "summary,status,assignee,priority,project,security";

/// An issue, as far as Tandem shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// Its number.
    pub id: IssueId,
    /// Its key.
    pub key: IssueKey,
    /// The number of its project.
    pub project_id: ProjectId,
    /// Its title.
    pub summary: Prose,
    /// The name of its status, where the person may see it.
    pub status: Option<Prose>,
    /// Who it is assigned to.
    pub assignee: Option<User>,
    /// The name of its priority, where it has one.
    pub priority: Option<Prose>,
    /// Whether a security level keeps it from some who see the project.
    pub has_security_level: bool,
}

impl Site<'_> {
    /// The issue, if the token's owner may see it; [`Failure::Absent`] otherwise.
    /// <https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/>
    pub async fn get_issue(&self, issue: impl Into<IssueRef<'_>>) -> Result<Issue, Failure> {
        let issue = issue.into();
        let url = self.url(&["issue", issue.as_str()], &[("fields", FIELDS)]);
        let issue: WireIssue = parsed(&self.send(Call::get(url, "jira_issue")).await?)?;
        issue.into_issue().ok_or(refusal::UNEXPECTED)
    }
}
