//! The items of an issue, or of a project and its issues.

use std::collections::HashMap;

use tandem_domain::{CloudId, Failure, IssueId, ProjectId, Purpose, Subject};
use tandem_store::{
    ChatLink, Found, IssueThread, Part, Reach, What,
    keys::{self, Index},
};

use super::pass::Pass;

impl Pass<'_> {
    /// Deletes a page of what was found of the issue, or of the project's issues.
    pub(super) async fn erase_of_issues(
        &self,
        part: &Part,
        found: Vec<Found>,
    ) -> Result<usize, Failure> {
        let (mut erased, mut going) = (0, Vec::new());
        let mut projects = HashMap::new();
        for item in found {
            // The project's own partition holds nothing of anybody else.
            if let (Reach::Project(cloud, project), Part::Indexed { .. }) = (self.reach, part)
                && self.project_of(cloud, &item, &mut projects).await?.as_ref() != Some(project)
            {
                continue;
            }
            match &item.what {
                What::Erasure | What::Grant(_) => {}
                What::ChatLink(link) => erased += self.erase_chat_link(link, &item).await?,
                _ => going.push(item),
            }
        }
        Ok(erased + self.app.store.erase_all_found(self.erasure, &going).await?)
    }

    /// Deletes the links of the chat's messages with the issue's comments, then that of the chat:
    /// since it leads to them, it stays until a pass found none of them.
    async fn erase_chat_link(&self, link: &ChatLink, item: &Found) -> Result<usize, Failure> {
        if self.has_moved(link).await? {
            return Ok(0);
        }
        self.release_chat(&link.tenant_id, &link.chat_id).await?;
        let messages = self.erase_messages(link).await?;
        if messages > 0 {
            return Ok(messages);
        }
        let erased = self.erase_subscription(&link.tenant_id, &link.chat_id).await?;
        Ok(erased + usize::from(self.app.store.erase_found(self.erasure, item).await?))
    }

    async fn erase_messages(&self, link: &ChatLink) -> Result<usize, Failure> {
        let part = Part::Indexed {
            index: Index::ByTenant,
            value: keys::tenant(&link.tenant_id),
            prefix: Some(keys::messages_of_chat(&link.tenant_id, &link.chat_id)),
        };
        let of_issue = |item: &Found| match &item.what {
            What::MessageLink(of) => of.cloud_id == link.cloud_id && of.issue_id == link.issue_id,
            _ => false,
        };
        let (mut erased, mut after) = (0, None);
        loop {
            let (found, next) = self.app.store.list_part(&part, after.as_ref()).await?;
            let going: Vec<Found> = found.into_iter().filter(of_issue).collect();
            erased += self.app.store.erase_all_found(self.erasure, &going).await?;
            after = next;
            if after.is_none() {
                return Ok(erased);
            }
        }
    }

    /// Whether the issue of a chat was moved to another project before its own was deleted: the
    /// link names the project of when it was made. Looked up as who started the chat; where they
    /// cannot be asked, or do not see it, it counts as deleted with its project.
    async fn has_moved(&self, link: &ChatLink) -> Result<bool, Failure> {
        let Reach::Project(_, project) = self.reach else { return Ok(false) };
        let subject = Subject::Atlassian(link.created_by.clone());
        let vault = &self.app.vault;
        let token = match vault.access_token(&subject, Purpose::CheckDeletion, self.request).await {
            Ok(token) => token,
            Err(failure) if failure.is_transient() => return Err(failure),
            Err(_) => return Ok(false),
        };
        match self.app.jira.site(&link.cloud_id, &token).get_issue(&link.issue_id).await {
            Ok(issue) => {
                if issue.project_id != *project {
                    let moved = ChatLink { project_id: issue.project_id, ..link.clone() };
                    self.app.store.change_chat_link(&moved).await?;
                }
                Ok(true)
            }
            Err(failure) if failure.is_transient() => Err(failure),
            Err(_) => Ok(false),
        }
    }

    /// The project of the issue that an item is of. Items of before projects were noted have that of
    /// what else there is of their issue, or else that of the one project that their channel is
    /// told of.
    async fn project_of(
        &self,
        cloud: &CloudId,
        item: &Found,
        known: &mut HashMap<IssueId, Option<ProjectId>>,
    ) -> Result<Option<ProjectId>, Failure> {
        let (issue, project) = match &item.what {
            What::ChatLink(link) => return Ok(Some(link.project_id.clone())),
            What::IssueThread(of) => (&of.issue_id, &of.project_id),
            What::IssueMessage(of) => (&of.issue_id, &of.project_id),
            _ => return Ok(None),
        };
        if let Some(project) = project {
            return Ok(Some(project.clone()));
        }
        if let Some(project) = known.get(issue) {
            return Ok(project.clone());
        }
        let kept = self.app.store.list_kept_of_issue(cloud, issue).await?;
        let mut project = kept.project_id();
        if project.is_none() {
            for thread in &kept.threads {
                project = project.or(self.only_project_of_channel(thread).await?);
            }
        }
        known.insert(issue.clone(), project.clone());
        Ok(project)
    }

    async fn only_project_of_channel(
        &self,
        thread: &IssueThread,
    ) -> Result<Option<ProjectId>, Failure> {
        let (tenant, channel) = (&thread.tenant_id, &thread.channel_id);
        let told = self.app.store.list_projects_by_channel(tenant, channel).await?;
        let mut projects: Vec<ProjectId> = told
            .into_iter()
            .filter(|item| item.cloud_id == thread.cloud_id)
            .map(|item| item.project_id)
            .collect();
        projects.dedup();
        Ok(if projects.len() == 1 { projects.pop() } else { None })
    }
}
