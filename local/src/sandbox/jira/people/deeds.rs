//! The things a person can do.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::sandbox::jira::{
    actor::{Actor, IssueDraft, IssueEdit, NewComment},
    adf,
    answer::Refusal,
    catalogue::{self, Transition},
    model::VisibilityType,
};

/// One deed of one person. Which of the fields it takes depends on the action.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Deed {
    /// The account id of who does it.
    #[serde(rename = "as")]
    pub(super) actor: String,
    pub(super) cloud_id: String,
    action: Action,
    /// An issue's id or key.
    #[serde(default)]
    issue: String,
    /// A comment's id.
    #[serde(default)]
    comment: String,
    /// A comment's or description's text; paragraphs are parted by an empty line.
    text: Option<String>,
    /// The same as an Atlassian document.
    adf: Option<Value>,
    visibility: Option<Restriction>,
    jsd_public: Option<bool>,
    /// A transition's id, or the name of a status.
    to: Option<String>,
    /// The assignee, absent to assign to nobody; or the user to delete.
    account_id: Option<String>,
    /// A priority's id or name.
    priority: Option<String>,
    /// A project's id or key.
    project: Option<String>,
    summary: Option<String>,
    /// An issue type's id or name.
    issue_type: Option<String>,
    /// Who may see the issue; absent to let everybody in the project see it again.
    members: Option<Vec<String>>,
    /// The name of the security level.
    name: Option<String>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Action {
    Comment,
    EditComment,
    DeleteComment,
    View,
    Watch,
    Unwatch,
    Transition,
    Assign,
    SetPriority,
    SetSummary,
    CreateIssue,
    DeleteIssue,
    DeleteProject,
    DeleteUser,
    UninstallApp,
    SetSecurity,
    /// The person closes their own account.
    CloseAccount,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Restriction {
    #[serde(rename = "type")]
    kind: VisibilityType,
    value: String,
    /// Accepted, as an answer's `visibility` can be sent back; the name decides.
    #[allow(dead_code, reason = "read so that it is not refused")]
    identifier: Option<String>,
}

impl Deed {
    /// Does it, and says what came of it.
    pub(super) fn perform(self, actor: &mut Actor<'_>) -> Result<Value, Refusal> {
        let issue = self.issue.clone();
        match self.action {
            Action::Comment => {
                let id = actor.add_comment(&issue, self.comment()?)?;
                return Ok(json!({"id": id}));
            }
            Action::CreateIssue => {
                let (id, key) = actor.create_issue(self.draft()?)?;
                return Ok(json!({"id": id, "key": key}));
            }
            Action::EditComment => {
                let comment = self.comment.clone();
                actor.edit_comment(&issue, &comment, self.comment()?)?;
            }
            Action::DeleteComment => actor.delete_comment(&issue, &self.comment)?,
            Action::View => actor.view_issue(&issue)?,
            Action::Watch => actor.watch(&issue, actor.account, true)?,
            Action::Unwatch => actor.watch(&issue, actor.account, false)?,
            Action::Transition => {
                let transition = self.transition(actor)?;
                let resolution = transition.resolves.then_some(catalogue::RESOLUTIONS[0].id);
                actor.transition(&issue, transition.id, resolution)?;
            }
            Action::Assign => {
                let assignee = Some(self.account_id);
                actor.edit_issue(&issue, IssueEdit { assignee, ..IssueEdit::default() })?;
            }
            Action::SetPriority => {
                let priority = Some(self.priority()?.ok_or_else(|| missing("priority"))?);
                actor.edit_issue(&issue, IssueEdit { priority, ..IssueEdit::default() })?;
            }
            Action::SetSummary => {
                let summary = Some(self.summary.ok_or_else(|| missing("summary"))?);
                actor.edit_issue(&issue, IssueEdit { summary, ..IssueEdit::default() })?;
            }
            Action::DeleteIssue => actor.delete_issue(&issue)?,
            Action::DeleteProject => {
                actor.delete_project(&self.project.ok_or_else(|| missing("project"))?)?;
            }
            Action::DeleteUser => {
                actor.delete_user(&self.account_id.ok_or_else(|| missing("accountId"))?)?;
            }
            Action::UninstallApp => actor.uninstall_app()?,
            Action::CloseAccount => actor.close_account()?,
            Action::SetSecurity => {
                let name = self.name.unwrap_or_else(|| "Restricted".to_owned());
                actor.set_security(&issue, self.members.map(|members| (name, members)))?;
            }
        }
        Ok(json!({}))
    }

    fn document(&self) -> Option<Value> {
        self.adf.clone().or_else(|| self.text.as_deref().map(adf::from_text))
    }

    fn comment(self) -> Result<NewComment, Refusal> {
        let body = self.document().ok_or_else(|| missing("text"))?;
        let properties = match self.jsd_public {
            Some(public) => {
                vec![("sd.public.comment".to_owned(), json!({"internal": !public}))]
            }
            None => Vec::new(),
        };
        let visibility = self.visibility.map(|it| (it.kind, it.value));
        let new = NewComment { body, visibility, properties };
        new.check()?;
        Ok(new)
    }

    fn draft(self) -> Result<IssueDraft, Refusal> {
        let description = Some(self.document());
        let priority = self.priority()?;
        let summary = self.summary.filter(|text| !text.trim().is_empty());
        let wanted = self.issue_type.as_deref().unwrap_or(catalogue::DEFAULT_ISSUE_TYPE);
        let issue_type = catalogue::named(catalogue::ISSUE_TYPES, wanted)
            .ok_or_else(|| Refusal::field("issueType", "The issue type selected is invalid."))?;
        Ok(IssueDraft {
            project: self.project.ok_or_else(|| missing("project"))?,
            issue_type: issue_type.id.to_owned(),
            edit: IssueEdit {
                summary: Some(summary.ok_or_else(|| missing("summary"))?),
                description,
                priority,
                assignee: Some(self.account_id),
                ..IssueEdit::default()
            },
            reporter: None,
            choices: BTreeMap::new(),
            properties: Vec::new(),
        })
    }

    fn priority(&self) -> Result<Option<String>, Refusal> {
        let Some(wanted) = self.priority.as_deref() else { return Ok(None) };
        let found = catalogue::named(catalogue::PRIORITIES, wanted)
            .ok_or_else(|| Refusal::field("priority", "The priority selected is invalid."))?;
        Ok(Some(found.id.to_owned()))
    }

    fn transition(&self, actor: &Actor<'_>) -> Result<&'static Transition, Refusal> {
        let wanted = self.to.as_deref().ok_or_else(|| missing("to"))?;
        actor
            .transitions(actor.issue(&self.issue)?)?
            .find(|it| {
                [it.name, catalogue::status(it.to).name]
                    .iter()
                    .any(|name| name.eq_ignore_ascii_case(wanted))
                    || it.id == wanted
            })
            .ok_or_else(|| Refusal::field("to", "There is no such transition."))
    }
}

fn missing(field: &str) -> Refusal {
    Refusal::field(field, &format!("'{field}' is required."))
}
