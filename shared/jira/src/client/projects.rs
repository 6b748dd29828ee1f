//! Projects and their issue types.

use tandem_domain::{Failure, IssueTypeId, ProjectId, document::Prose};

use super::{Call, Site, parsed, refusal};
use crate::wire::{WireProject, WireProjects};

/// The most that Jira gives of a list of projects.
const LONGEST_PAGE: u16 = 100;

/// The longest id or key of a project, in bytes.
const LONGEST_NAME: usize = 64;

/// A project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// Its number.
    pub id: ProjectId,
    /// Its key, such as `DEMO`.
    pub key: Prose,
    /// Its name.
    pub name: Prose,
}

/// A project with its issue types.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectDetails {
    /// The project.
    pub project: Project,
    /// The types that its issues can have.
    pub issue_types: Vec<IssueType>,
}

/// A type of issues.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssueType {
    /// Its number.
    pub id: IssueTypeId,
    /// Its name.
    pub name: Prose,
    /// Whether its issues are parts of another one, which has to be named.
    pub subtask: bool,
}

/// <https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-projects/>
impl Site<'_> {
    /// The projects in which the token's owner may create issues, by name: those whose key or name
    /// holds `query`, or all if it is empty. At most `max`, and never more than 100.
    pub async fn list_projects(&self, query: &str, max: u16) -> Result<Vec<Project>, Failure> {
        self.list_projects_to("create", query, max).await
    }

    /// The same with the projects that the token's owner may browse.
    pub async fn list_visible_projects(
        &self,
        query: &str,
        max: u16,
    ) -> Result<Vec<Project>, Failure> {
        self.list_projects_to("browse", query, max).await
    }

    async fn list_projects_to(
        &self,
        action: &str,
        query: &str,
        max: u16,
    ) -> Result<Vec<Project>, Failure> {
        let max = max.min(LONGEST_PAGE).to_string();
        let mut parameters = vec![("action", action), ("orderBy", "name"), ("maxResults", &max)];
        if !query.is_empty() {
            parameters.push(("query", query));
        }
        let call = Call::get(self.url(&["project", "search"], &parameters), "jira_projects");
        let found: WireProjects = match self.send(call).await {
            Ok(answer) => parsed(&answer)?,
            // The contract has 404 for "none found".
            Err(Failure::Absent { .. }) => return Ok(Vec::new()),
            Err(failure) => return Err(failure),
        };
        Ok(found.values.into_iter().filter_map(WireProject::into_project).collect())
    }

    /// The project of this number or key, if the token's owner may see it; [`Failure::Absent`]
    /// otherwise, as for anything that is neither a number nor a key.
    pub async fn get_project(&self, id_or_key: &str) -> Result<ProjectDetails, Failure> {
        const TARGET: &str = "jira_project";
        let spelled = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
        if !(1..=LONGEST_NAME).contains(&id_or_key.len()) || !id_or_key.bytes().all(spelled) {
            return Err(Failure::Absent { what: TARGET });
        }
        let call = Call::get(self.url(&["project", id_or_key], &[]), TARGET);
        let found: WireProject = parsed(&self.send(call).await?)?;
        found.into_details().ok_or(refusal::UNEXPECTED)
    }
}
