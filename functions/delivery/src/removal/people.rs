//! As whom it is looked up whether something is gone: whoever it concerns, and of a user somebody
//! else on the site.

use tandem_domain::{AccountId, Failure, ProjectId};
use tandem_store::{
    KeptOfIssue, Part, SettingsScope, What,
    keys::{self, Index},
};

use super::Looking;

/// As how many people something is looked up at most.
const MOST: usize = 10;
/// How many pages of an index are read to find them.
const PAGES: usize = 10;

impl Looking<'_> {
    /// Who started the issue's chats, who subscribed its channels, who created it.
    pub(super) async fn concerned_by_issue(
        &self,
        kept: &KeptOfIssue,
    ) -> Result<Vec<AccountId>, Failure> {
        let mut people: Vec<AccountId> =
            kept.chats.iter().map(|link| link.created_by.clone()).collect();
        people.extend(kept.origin.iter().map(|origin| origin.created_by.clone()));
        for thread in kept.threads.iter().take(MOST) {
            let (tenant, channel) = (&thread.tenant_id, &thread.channel_id);
            let told = self.app.store.list_projects_by_channel(tenant, channel).await?;
            let told = told.into_iter().filter(|item| item.cloud_id == *self.cloud);
            people.extend(told.map(|item| item.subscribed_by));
        }
        Ok(each_once(people))
    }

    /// Who subscribed channels to the project, changed its settings last, or started a chat about an
    /// issue of it. `None` where there is nothing of the project.
    pub(super) async fn concerned_by_project(
        &self,
        project: &ProjectId,
    ) -> Result<Option<Vec<AccountId>>, Failure> {
        let store = &self.app.store;
        let told = store.list_channels_by_project(self.cloud, project).await?;
        let scope = SettingsScope::Project(self.cloud.clone(), project.clone());
        let settings = store.find_settings(&scope).await?;
        let mut is_known = !told.is_empty() || settings.is_some();
        let mut people: Vec<AccountId> = told.into_iter().map(|item| item.subscribed_by).collect();
        people.extend(settings.and_then(|settings| settings.changed_by));
        let part = Part::issues(self.cloud);
        let mut after = None;
        loop {
            let (found, next) = store.list_part(&part, after.as_ref()).await?;
            for item in found {
                let (of, by) = match item.what {
                    What::ChatLink(link) => (Some(link.project_id), Some(link.created_by)),
                    What::IssueMessage(origin) => (origin.project_id, Some(origin.created_by)),
                    What::IssueThread(thread) => (thread.project_id, None),
                    _ => continue,
                };
                // One that names no project may be of this one; that is found out when it is erased.
                is_known |= of.as_ref().is_none_or(|of| of == project);
                people.extend(by.filter(|_| of.as_ref() == Some(project)));
            }
            after = next;
            if after.is_none() || (is_known && people.len() >= MOST) {
                break;
            }
        }
        Ok(is_known.then(|| each_once(people)))
    }

    /// Whether there is anything of a Jira user.
    pub(super) async fn is_anything_kept_of(&self, account: &AccountId) -> Result<bool, Failure> {
        let value = keys::jira_user(self.cloud, account);
        let part = Part::Indexed { index: Index::ByOwner, value, prefix: None };
        let (found, _) = self.app.store.list_part(&part, None).await?;
        Ok(!found.is_empty())
    }

    /// Others who are linked on the site.
    pub(super) async fn others_on_site(&self, gone: &AccountId) -> Result<Vec<AccountId>, Failure> {
        let part = Part::people(self.cloud);
        let (mut others, mut after) = (Vec::new(), None);
        for _ in 0..PAGES {
            let (found, next) = self.app.store.list_part(&part, after.as_ref()).await?;
            others.extend(found.into_iter().filter_map(|item| match item.what {
                What::AccountLink(link) if link.account_id != *gone => Some(link.account_id),
                _ => None,
            }));
            after = next;
            if after.is_none() || others.len() >= MOST {
                break;
            }
        }
        Ok(each_once(others))
    }
}

fn each_once(mut people: Vec<AccountId>) -> Vec<AccountId> {
    people.sort_unstable();
    people.dedup();
    people.truncate(MOST);
    people
}
