//! Making, moving and deleting issues, and what hangs on them.

use serde_json::Value;

use super::{Actor, IssueDraft, IssueEdit};
use crate::sandbox::jira::{
    answer::Refusal,
    catalogue::{self, Transition},
    model::{Issue, SecurityLevel},
    permission::Holder,
    webhooks::{Event, created_payload, deleted_payload},
};

impl Actor<'_> {
    /// Makes an issue and gives its id and key.
    pub(crate) fn create_issue(&mut self, draft: IssueDraft) -> Result<(String, String), Refusal> {
        let project = self
            .project(&draft.project)
            .map_err(|_| Refusal::field("project", "valid project is required"))?;
        if !self.site()?.may_work(project, self.account) {
            return Err(Refusal::forbidden(
                "You do not have permission to create issues in this project.",
            ));
        }
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
            resolution: None,
            choices: draft.choices,
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

    /// The transitions that the user can take on the issue now; none without the permission.
    pub(crate) fn transitions(
        &self,
        issue: &Issue,
    ) -> Result<impl Iterator<Item = &'static Transition>, Refusal> {
        let workflow = self.project_of(issue)?.workflow;
        let (may, status) = (self.holds(Holder::Worker, issue)?, issue.status.clone());
        let all = catalogue::transitions(workflow).iter();
        Ok(all.filter(move |transition| may && transition.leaves(&status)))
    }

    /// Takes a transition, named by its id; one that resolves the issue needs the resolution's id.
    pub(crate) fn transition(
        &mut self,
        issue: &str,
        transition: &str,
        resolution: Option<&str>,
    ) -> Result<(), Refusal> {
        let found = self.issue(issue)?;
        let taken = self.transitions(found)?.find(|found| found.id == transition).ok_or_else(|| {
            Refusal::bad_request(
                "It seems that you have tried to perform a workflow operation that is not valid \
                 for the current state of this issue.",
            )
        })?;
        let resolution = match resolution {
            None if !taken.resolves => None,
            Some(_) if !taken.resolves => {
                return Err(Refusal::field(
                    "resolution",
                    "Field 'resolution' cannot be set. It is not on the appropriate screen, or \
                     unknown.",
                ));
            }
            None => return Err(Refusal::field("resolution", "Resolution is required.")),
            Some(wanted) => Some(
                catalogue::named(catalogue::RESOLUTIONS, wanted)
                    .ok_or_else(|| Refusal::field("resolution", "The resolution is invalid."))?
                    .id
                    .to_owned(),
            ),
        };
        let edit = IssueEdit {
            status: Some(taken.to.to_owned()),
            resolution: Some(resolution),
            ..IssueEdit::default()
        };
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
