//! Who watches an issue, and who looked at it.

use super::Actor;
use crate::sandbox::jira::{answer::Refusal, permission::Holder};

/// How many issues somebody's history remembers.
const HISTORY: usize = 50;

impl Actor<'_> {
    /// Adds or removes a watcher. Oneself, whoever sees the issue may.
    pub(crate) fn watch(
        &mut self,
        issue: &str,
        account: &str,
        watching: bool,
    ) -> Result<(), Refusal> {
        let found = self.issue(issue)?;
        let id = found.id.clone();
        if account != self.account && !self.holds(Holder::Worker, found)? {
            return Err(Refusal::forbidden("You do not have permission to manage the watchers."));
        }
        let open = self.cloud.users.get(account).is_some_and(|user| !user.closed);
        if !open || !self.site()?.may_see_issue(found, account) {
            return Err(Refusal::not_found("The user does not exist."));
        }
        let watchers = &mut self.issue_mut(&id)?.watchers;
        if watching {
            watchers.insert(account.to_owned());
        } else {
            watchers.remove(account);
        }
        Ok(())
    }

    /// Remembers that the user looked at an issue.
    pub(crate) fn view_issue(&mut self, issue: &str) -> Result<(), Refusal> {
        let id = self.issue(issue)?.id.clone();
        let account = self.account.to_owned();
        let viewed = self.site_mut()?.viewed.entry(account).or_default();
        viewed.retain(|seen| *seen != id);
        viewed.push(id);
        let surplus = viewed.len().saturating_sub(HISTORY);
        viewed.drain(..surplus);
        Ok(())
    }
}
