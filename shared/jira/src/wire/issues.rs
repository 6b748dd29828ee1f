//! Issues, what a search finds, and transitions.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use tandem_domain::{
    IssueId, IssueKey, IssueTypeId, PriorityId, ProjectId, StatusCategory, Timestamp, TransitionId,
    document::Prose,
};

use super::{WireNamed, WireUser};
use crate::client::{Created, Issue, Transition};

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
    status: Option<WireStatus>,
    assignee: Option<WireUser>,
    reporter: Option<WireUser>,
    priority: Option<WireNamed>,
    issuetype: Option<WireNamed>,
    project: Option<WireProjectField>,
    security: Option<Value>,
    labels: Option<Vec<String>>,
    updated: Option<String>,
}

#[derive(Deserialize)]
struct WireProjectField {
    id: String,
    key: Option<String>,
    name: Option<String>,
}

/// `StatusDetails`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireStatus {
    name: Option<String>,
    status_category: Option<WireCategory>,
}

#[derive(Deserialize)]
struct WireCategory {
    key: Option<String>,
}

impl WireStatus {
    fn category(&self) -> Option<StatusCategory> {
        StatusCategory::of_key(self.status_category.as_ref()?.key.as_deref()?)
    }
}

impl WireIssue {
    pub(crate) fn into_issue(self) -> Option<Issue> {
        let fields = self.fields;
        let project = fields.project?;
        let prose = |text: Option<String>| text.as_deref().map(Prose::new);
        let labels = fields.labels.unwrap_or_default();
        Some(Issue {
            id: IssueId::parse(&self.id).ok()?,
            key: IssueKey::parse(&self.key).ok()?,
            project_id: ProjectId::parse(&project.id).ok()?,
            project_key: prose(project.key),
            project_name: prose(project.name),
            issue_type_id: fields.issuetype.as_ref().and_then(|it| it.parse_id(IssueTypeId::parse)),
            issue_type: fields.issuetype.as_ref().and_then(WireNamed::prose),
            summary: Prose::new(&fields.summary.unwrap_or_default()),
            status_category: fields.status.as_ref().and_then(WireStatus::category),
            status: prose(fields.status.and_then(|status| status.name)),
            assignee: fields.assignee.and_then(WireUser::into_user),
            reporter: fields.reporter.and_then(WireUser::into_user),
            priority_id: fields.priority.as_ref().and_then(|it| it.parse_id(PriorityId::parse)),
            priority: fields.priority.as_ref().and_then(WireNamed::prose),
            labels: labels.iter().map(|label| Prose::new(label)).collect(),
            updated: fields.updated.as_deref().and_then(Timestamp::parse),
            has_security_level: fields.security.is_some(),
        })
    }
}

/// `SearchAndReconcileResults`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WireIssues {
    pub(crate) issues: Vec<WireIssue>,
    pub(crate) next_page_token: Option<String>,
}

/// `CreatedIssue`.
#[derive(Deserialize)]
pub(crate) struct WireCreated {
    id: String,
    key: String,
}

impl WireCreated {
    pub(crate) fn into_created(self) -> Option<Created> {
        let (id, key) = (IssueId::parse(&self.id).ok()?, IssueKey::parse(&self.key).ok()?);
        Some(Created { id, key })
    }
}

/// `Transitions`.
#[derive(Deserialize)]
pub(crate) struct WireTransitions {
    #[serde(default)]
    pub(crate) transitions: Vec<WireTransition>,
}

/// `IssueTransition`.
#[derive(Deserialize)]
pub(crate) struct WireTransition {
    id: Option<String>,
    name: Option<String>,
    to: Option<WireStatus>,
    #[serde(default)]
    fields: BTreeMap<String, WireDemand>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireDemand {
    #[serde(default)]
    required: bool,
    #[serde(default)]
    has_default_value: bool,
}

impl WireTransition {
    pub(crate) fn into_transition(self) -> Option<Transition> {
        let to = self.to?;
        Some(Transition {
            id: TransitionId::parse(&self.id?).ok()?,
            name: Prose::new(&self.name?),
            to_category: to.category(),
            to: Prose::new(&to.name?),
            has_required_fields: self
                .fields
                .values()
                .any(|field| field.required && !field.has_default_value),
        })
    }
}
