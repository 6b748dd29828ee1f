//! Moving issues from status to status.

use serde_json::json;
use tandem_domain::{Failure, StatusCategory, TransitionId, document::Prose};

use super::{Call, IssueRef, Site, parsed};
use crate::wire::{WireTransition, WireTransitions};

/// What a refusal names.
const TARGET: &str = "jira_transition";

/// A transition that an issue can take now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transition {
    /// Its number.
    pub id: TransitionId,
    /// Its name.
    pub name: Prose,
    /// The name of the status it leads to.
    pub to: Prose,
    /// How far along that status is.
    pub to_category: Option<StatusCategory>,
    /// Whether its screen demands a field that has no default, so that it cannot be taken with a
    /// button alone.
    pub has_required_fields: bool,
}

/// <https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/>
impl Site<'_> {
    /// The transitions that the issue's status and the permissions of the token's owner allow now.
    /// None at all where the person may not move issues.
    pub async fn list_transitions(
        &self,
        issue: impl Into<IssueRef<'_>>,
    ) -> Result<Vec<Transition>, Failure> {
        let query = [("expand", "transitions.fields")];
        let url = self.url(&["issue", issue.into().as_str(), "transitions"], &query);
        let found: WireTransitions = parsed(&self.send(Call::get(url, TARGET)).await?)?;
        Ok(found.transitions.into_iter().filter_map(WireTransition::into_transition).collect())
    }

    /// Takes a transition. One that the issue cannot take any more, or that demands fields, is
    /// [`Failure::Forbidden`].
    pub async fn transition(
        &self,
        issue: impl Into<IssueRef<'_>>,
        transition: &TransitionId,
    ) -> Result<(), Failure> {
        let url = self.url(&["issue", issue.into().as_str(), "transitions"], &[]);
        let body = json!({"transition": {"id": transition}});
        self.send(Call::post(url, TARGET, &body)).await.map(drop)
    }
}
