//! What a site's administrator takes away: projects for good, and users.

use crate::sandbox::jira::{
    actor::Actor,
    answer::Refusal,
    webhooks::{project_deleted_payload, user_deleted_payload},
};

impl Actor<'_> {
    /// Deletes a project for good, with its issues, of which Jira tells nothing more.
    pub(crate) fn delete_project(&mut self, project: &str) -> Result<(), Refusal> {
        self.administers()?;
        let found = self.project(project)?;
        let id = found.id.clone();
        let payload = project_deleted_payload(&self.webhook_view()?, self.now, found);
        let site = self.site_mut()?;
        site.projects.remove(&id);
        site.issues.retain(|_, issue| issue.project_id != id);
        self.emit_by_site("project_deleted", &payload);
        Ok(())
    }

    /// Takes a user's account away from the site.
    pub(crate) fn delete_user(&mut self, account: &str) -> Result<(), Refusal> {
        self.administers()?;
        if !self.site()?.members.contains_key(account) {
            return Err(Refusal::not_found("The user does not exist."));
        }
        let payload = user_deleted_payload(&self.webhook_view()?, self.now, account);
        self.site_mut()?.members.remove(account);
        self.emit_by_site("user_deleted", &payload);
        Ok(())
    }

    /// Whether the user administers the site.
    pub(crate) fn administers(&self) -> Result<(), Refusal> {
        let member = self.site()?.members.get(self.account);
        if member.is_some_and(|member| member.admin) {
            return Ok(());
        }
        Err(Refusal::forbidden("You are not an administrator of the site."))
    }
}
