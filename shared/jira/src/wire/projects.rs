//! Projects and issue types.

use serde::Deserialize;
use tandem_domain::{IssueTypeId, ProjectId, document::Prose};

use crate::client::{IssueType, Project, ProjectDetails};

/// `PageBeanProject`.
#[derive(Deserialize)]
pub(crate) struct WireProjects {
    #[serde(default)]
    pub(crate) values: Vec<WireProject>,
}

/// `Project`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WireProject {
    id: String,
    key: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    issue_types: Vec<WireIssueType>,
}

impl WireProject {
    pub(crate) fn into_project(self) -> Option<Project> {
        self.into_details().map(|details| details.project)
    }

    pub(crate) fn into_details(self) -> Option<ProjectDetails> {
        let project = Project {
            id: ProjectId::parse(&self.id).ok()?,
            key: Prose::new(&self.key),
            name: Prose::new(&self.name),
        };
        let issue_types = self.issue_types.into_iter().filter_map(WireIssueType::into_type);
        Some(ProjectDetails { project, issue_types: issue_types.collect() })
    }
}

/// `IssueTypeDetails`, `IssueTypeIssueCreateMetadata`.
#[derive(Deserialize)]
pub(crate) struct WireIssueType {
    id: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    subtask: bool,
}

impl WireIssueType {
    pub(crate) fn into_type(self) -> Option<IssueType> {
        Some(IssueType {
            id: IssueTypeId::parse(&self.id).ok()?,
            name: Prose::new(&self.name),
            subtask: self.subtask,
        })
    }
}
