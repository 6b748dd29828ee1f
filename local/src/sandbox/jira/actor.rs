//! Somebody doing something on a site, through REST or at Jira's own screens: the same rules and
//! the same webhooks either way.

mod comments;
mod drafts;
mod fields;
mod issues;
mod links;
mod removals;
mod watchers;

pub(crate) use comments::NewComment;
pub(crate) use drafts::{IssueDraft, field_list};
pub(crate) use fields::IssueEdit;
pub(crate) use links::LinkDraft;

use serde_json::{Value, json};

use super::{
    JiraOptions,
    answer::Refusal,
    model::{Cloud, Issue, Project, RegisteredWebhook, Site},
    permission::Holder,
    wire::View,
};

/// A user at work on a site.
pub(crate) struct Actor<'a> {
    pub(crate) cloud: &'a mut Cloud,
    pub(crate) cloud_id: &'a str,
    pub(crate) account: &'a str,
    /// The present time, in milliseconds since 1970.
    pub(crate) now: i64,
    pub(crate) options: &'a JiraOptions,
}

impl Actor<'_> {
    /// The site.
    pub(crate) fn site(&self) -> Result<&Site, Refusal> {
        self.cloud
            .sites
            .get(self.cloud_id)
            .filter(|site| site.members.contains_key(self.account))
            .ok_or_else(|| Refusal::not_found("The site does not exist or you have no access."))
    }

    /// The site, to be changed.
    fn site_mut(&mut self) -> Result<&mut Site, Refusal> {
        self.cloud
            .sites
            .get_mut(self.cloud_id)
            .ok_or_else(|| Refusal::not_found("The site does not exist."))
    }

    /// Closes the user's account: no sign-in, no token, and `closed` in personal data reports.
    pub(crate) fn close_account(&mut self) -> Result<(), Refusal> {
        self.site()?;
        let (account, now) = (self.account.to_owned(), self.now);
        let user = self.cloud.users.get_mut(&account);
        let user = user.ok_or_else(|| Refusal::not_found("There is no such account."))?;
        (user.closed, user.updated) = (true, now);
        Ok(())
    }

    /// The site as the REST API shows it.
    pub(crate) fn view(&self) -> Result<View<'_>, Refusal> {
        Ok(View::gateway(self.site()?, &self.cloud.users, &self.options.api_base))
    }

    /// The site as webhooks show it.
    fn webhook_view(&self) -> Result<View<'_>, Refusal> {
        Ok(View::webhook(self.site()?, &self.cloud.users))
    }

    /// The webhooks that the app registered on the site.
    pub(crate) fn registered_mut(&mut self) -> Result<&mut Vec<RegisteredWebhook>, Refusal> {
        Ok(&mut self.site_mut()?.webhooks)
    }

    /// An issue the user may see.
    pub(crate) fn issue(&self, id_or_key: &str) -> Result<&Issue, Refusal> {
        let site = self.site()?;
        site.issue(id_or_key)
            .filter(|issue| site.may_see_issue(issue, self.account))
            .ok_or_else(Refusal::no_issue)
    }

    /// An issue that was looked up before, to be changed; its time of change is set.
    fn issue_mut(&mut self, id: &str) -> Result<&mut Issue, Refusal> {
        let now = self.now;
        let issue = self.site_mut()?.issues.get_mut(id).ok_or_else(Refusal::no_issue)?;
        issue.updated = now;
        Ok(issue)
    }

    /// A project the user may browse.
    pub(crate) fn project(&self, id_or_key: &str) -> Result<&Project, Refusal> {
        let site = self.site()?;
        site.project(id_or_key).filter(|project| site.may_browse(project, self.account)).ok_or_else(
            || Refusal::not_found(&format!("No project could be found with key '{id_or_key}'.")),
        )
    }

    /// The project of an issue.
    pub(crate) fn project_of(&self, issue: &Issue) -> Result<&Project, Refusal> {
        self.site()?.projects.get(&issue.project_id).ok_or_else(Refusal::no_issue)
    }

    /// Whether the user holds a permission on an issue's project.
    fn holds(&self, holder: Holder, issue: &Issue) -> Result<bool, Refusal> {
        Ok(self.site()?.has(holder, Some(self.project_of(issue)?), self.account))
    }

    /// A user who can be assigned issues of the project.
    fn assignable(&self, project_id: &str, account: &str) -> Result<String, Refusal> {
        let site = self.site()?;
        let open = self.cloud.users.get(account).is_some_and(|user| !user.closed);
        let works =
            site.projects.get(project_id).is_some_and(|project| site.may_work(project, account));
        if open && works {
            Ok(account.to_owned())
        } else {
            Err(Refusal::field("assignee", "The user does not exist or cannot be assigned issues."))
        }
    }

    /// The issue in the answer's shape, with the fields chosen.
    pub(crate) fn show_issue(
        &self,
        issue: &Issue,
        wanted: Option<&[String]>,
    ) -> Result<Value, Refusal> {
        let view = self.view()?;
        let mut fields = view.issue_fields(issue);
        fields["watches"]["isWatching"] = json!(issue.watchers.contains(self.account));
        // It is much to make, and mostly nobody asks for it.
        if wanted.is_none_or(|wanted| is_chosen("comment", wanted)) {
            fields.insert("comment".to_owned(), self.comment_field(issue, &view)?);
        }
        if let Some(wanted) = wanted {
            fields.retain(|name, _| is_chosen(name, wanted));
        }
        Ok(view.issue(issue, &fields))
    }
}

/// Whether `wanted` names a field: by its name, by `*all` or `*navigable`; `-name` leaves one out.
fn is_chosen(name: &str, wanted: &[String]) -> bool {
    let excluded = wanted.iter().any(|want| want.strip_prefix('-') == Some(name));
    let everything = wanted.is_empty()
        || wanted.iter().any(|want| want.starts_with('*'))
        || wanted.iter().all(|want| want.starts_with('-'));
    (everything || wanted.iter().any(|want| want == name)) && !excluded
}
