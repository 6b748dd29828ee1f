//! Making, moving and deleting issues, and what hangs on them.

use serde_json::{Value, json};

use super::{Actor, IssueEdit, fields::account};
use crate::sandbox::jira::{
    answer::Refusal,
    body::{Fields, properties},
    catalogue,
    model::{Issue, SecurityLevel},
    permission::Holder,
    webhooks::{Event, created_payload, deleted_payload},
};

/// What a new issue is to be.
pub(crate) struct IssueDraft {
    pub(crate) project: String,
    pub(crate) issue_type: String,
    pub(crate) edit: IssueEdit,
    pub(crate) reporter: Option<String>,
    pub(crate) properties: Vec<(String, Value)>,
}

impl IssueDraft {
    /// Reads the request body of the create operation.
    pub(crate) fn parse(body: &Value) -> Result<Self, Refusal> {
        let envelope = Fields::of(body, &["fields", "update", "properties", "historyMetadata"])?;
        no_update(envelope)?;
        let missing = json!({});
        let fields = field_list(
            envelope.get("fields").unwrap_or(&missing),
            &["project", "issuetype", "reporter"],
        )?;
        let wanted = |name: &str, keys: &[&str], reason: &str| {
            let value = fields.get(name).ok_or_else(|| Refusal::field(name, reason))?;
            let choice = Fields::of(value, keys)?;
            for key in keys {
                if let Some(text) = choice.text(key)? {
                    return Ok(text.to_owned());
                }
            }
            Err(Refusal::field(name, reason))
        };
        let project = wanted("project", &["id", "key"], "valid project is required")?;
        let issue_type = wanted("issuetype", &["id", "name"], "Specify an issue type")?;
        let found = catalogue::named(catalogue::ISSUE_TYPES, &issue_type)
            .ok_or_else(|| Refusal::field("issuetype", "The issue type selected is invalid."))?;
        let edit = IssueEdit::parse(fields)?;
        if edit.summary.is_none() {
            return Err(Refusal::field("summary", "You must specify a summary of the issue."));
        }
        Ok(Self {
            project,
            issue_type: found.id.to_owned(),
            edit,
            reporter: fields.get("reporter").map(account).transpose()?,
            properties: properties(envelope.list("properties")?)?,
        })
    }
}

/// The `fields` of a request: the editable ones and `more`; any other is refused as Jira does.
pub(crate) fn field_list<'a>(value: &'a Value, more: &[&str]) -> Result<Fields<'a>, Refusal> {
    let known: Vec<&str> = IssueEdit::EDITABLE.iter().chain(more).copied().collect();
    let unknown = value
        .as_object()
        .and_then(|fields| fields.keys().find(|name| !known.contains(&name.as_str())));
    if let Some(name) = unknown {
        return Err(Refusal::field(
            name,
            &format!(
                "Field '{name}' cannot be set. It is not on the appropriate screen, or unknown."
            ),
        ));
    }
    Fields::of(value, &known)
}

/// Refuses the `update` form of an edit, which this simulation does not have.
fn no_update(envelope: Fields<'_>) -> Result<(), Refusal> {
    match envelope.get("update").and_then(Value::as_object) {
        Some(update) if !update.is_empty() => {
            Err(Refusal::field("update", "Only 'fields' can be set on this simulated site."))
        }
        _ => Ok(()),
    }
}

impl Actor<'_> {
    /// Makes an issue and gives its id and key.
    pub(crate) fn create_issue(&mut self, draft: IssueDraft) -> Result<(String, String), Refusal> {
        let project = self
            .project(&draft.project)
            .map_err(|_| Refusal::field("project", "valid project is required"))?;
        let (project_id, project_key) = (project.id.clone(), project.key.clone());
        let reporter = match draft.reporter {
            Some(account) => self
                .assignable(&project_id, &account)
                .map_err(|_| Refusal::field("reporter", "The reporter specified is not a user."))?,
            None => self.account.to_owned(),
        };
        let assignee = draft.edit.assignee.flatten();
        if let Some(account) = &assignee {
            self.assignable(&project_id, account)?;
        }
        let number = self.next_issue_number(&project_id)?;
        let (id, key) = (self.cloud.next_id(), format!("{project_key}-{number}"));
        let issue = Issue {
            id: id.clone(),
            key: key.clone(),
            project_id,
            kind: draft.issue_type,
            status: catalogue::FIRST_STATUS.to_owned(),
            priority: draft.edit.priority.unwrap_or(catalogue::DEFAULT_PRIORITY.to_owned()),
            summary: draft.edit.summary.unwrap_or_default(),
            description: draft.edit.description.flatten(),
            assignee,
            reporter,
            creator: self.account.to_owned(),
            labels: draft.edit.labels.unwrap_or_default(),
            security: None,
            created: self.now,
            updated: self.now,
            comments: Vec::new(),
            remote_links: Vec::new(),
            watchers: [self.account.to_owned()].into(),
            properties: draft.properties.into_iter().collect(),
        };
        self.site_mut()?.issues.insert(id.clone(), issue);
        self.tell_of_creation(&id)?;
        Ok((id, key))
    }

    fn next_issue_number(&mut self, project_id: &str) -> Result<u64, Refusal> {
        let project =
            self.site_mut()?.projects.get_mut(project_id).ok_or_else(Refusal::no_issue)?;
        project.last_issue += 1;
        Ok(project.last_issue)
    }

    fn tell_of_creation(&mut self, issue: &str) -> Result<(), Refusal> {
        let change_id = self.cloud.next_id();
        let view = self.webhook_view()?;
        let shown = view.site.issues.get(issue).ok_or_else(Refusal::no_issue)?;
        let payload = created_payload(&view, self.now, self.account, shown, &change_id);
        self.emit(&Event { name: "jira:issue_created", issue_id: issue, changed: &[], payload })
    }

    /// Deletes an issue.
    pub(crate) fn delete_issue(&mut self, issue: &str) -> Result<(), Refusal> {
        let found = self.issue(issue)?;
        let id = found.id.clone();
        if !self.holds(Holder::ProjectAdmin, found)? {
            return Err(Refusal::forbidden("You do not have permission to delete this issue."));
        }
        let payload = deleted_payload(&self.webhook_view()?, self.now, self.account, found);
        self.emit(&Event { name: "jira:issue_deleted", issue_id: &id, changed: &[], payload })?;
        self.site_mut()?.issues.remove(&id);
        Ok(())
    }

    /// Takes a transition, named by its id.
    pub(crate) fn transition(&mut self, issue: &str, transition: &str) -> Result<(), Refusal> {
        self.issue(issue)?;
        let taken =
            catalogue::TRANSITIONS.iter().find(|found| found.id == transition).ok_or_else(
                || Refusal::bad_request("It seems that you have tried to perform a workflow operation that is not valid for the current state of this issue."),
            )?;
        let edit = IssueEdit { status: Some(taken.to.to_owned()), ..IssueEdit::default() };
        self.edit_issue(issue, edit)
    }

    /// Lets only `members` see the issue, or with `None` everybody in the project again.
    pub(crate) fn set_security(
        &mut self,
        issue: &str,
        level: Option<(String, Vec<String>)>,
    ) -> Result<(), Refusal> {
        let found = self.issue(issue)?;
        let id = found.id.clone();
        if !self.holds(Holder::ProjectAdmin, found)? {
            return Err(Refusal::forbidden("You do not have permission to set the security."));
        }
        let security = level.map(|(name, members)| SecurityLevel {
            id: self.cloud.next_id(),
            name,
            members: members.into_iter().collect(),
        });
        self.issue_mut(&id)?.security = security;
        Ok(())
    }

    /// Adds or removes a watcher.
    pub(crate) fn watch(
        &mut self,
        issue: &str,
        account: &str,
        watching: bool,
    ) -> Result<(), Refusal> {
        let found = self.issue(issue)?;
        let (id, project_id) = (found.id.clone(), found.project_id.clone());
        self.assignable(&project_id, account)
            .map_err(|_| Refusal::not_found("The user does not exist."))?;
        let watchers = &mut self.issue_mut(&id)?.watchers;
        if watching {
            watchers.insert(account.to_owned());
        } else {
            watchers.remove(account);
        }
        Ok(())
    }

    /// Sets a property of an issue; says whether it is new.
    pub(crate) fn set_issue_property(
        &mut self,
        issue: &str,
        key: &str,
        value: Value,
    ) -> Result<bool, Refusal> {
        let id = self.issue(issue)?.id.clone();
        Ok(self.issue_mut(&id)?.properties.insert(key.to_owned(), value).is_none())
    }

    /// Deletes a property of an issue; says whether there was one.
    pub(crate) fn delete_issue_property(
        &mut self,
        issue: &str,
        key: &str,
    ) -> Result<bool, Refusal> {
        let id = self.issue(issue)?.id.clone();
        Ok(self.issue_mut(&id)?.properties.remove(key).is_some())
    }
}
