//! The issue that a command names, read as the person who named it.

use tandem_domain::{AccessToken, IssueId, Purpose};
use tandem_jira::client::{Issue, IssueRef, Site};

use super::{parse::IssueTarget, texts};
use crate::{
    stopped::Stopped,
    turn::{Me, Turn},
};

/// A person on a Jira site, with what it takes to ask Jira as them.
pub(super) struct InJira<'a> {
    turn: &'a Turn<'a>,
    /// The person there.
    pub(super) me: Me,
    token: AccessToken,
}

impl<'a> InJira<'a> {
    /// `me` in Jira.
    pub(super) async fn of(turn: &'a Turn<'a>, me: Me, purpose: Purpose) -> Result<Self, Stopped> {
        let token = turn.jira_token(&me, purpose).await?;
        Ok(Self { turn, me, token })
    }

    /// The person on the site of an issue as they named it: that of its address, or the one they
    /// signed in to last.
    pub(super) async fn of_target(
        turn: &'a Turn<'a>,
        target: &IssueTarget,
        purpose: Purpose,
    ) -> Result<Self, Stopped> {
        let Some(host) = &target.host else {
            return Self::of(turn, turn.me().await?, purpose).await;
        };
        if turn.links().await?.is_empty() {
            return Err(Stopped::NotLinked);
        }
        let site = turn.app.store.find_site_by_host(host).await?;
        let site = site.ok_or(Stopped::Cannot(texts::OTHER_SITE))?;
        let me = turn.me_on(&site.cloud_id).await.map_err(|stopped| match stopped {
            Stopped::NotLinked => Stopped::Cannot(texts::OTHER_SITE),
            other => other,
        })?;
        Self::of(turn, me, purpose).await
    }

    /// The site as the person.
    pub(super) fn site(&self) -> Site<'_> {
        self.turn.site(&self.me, &self.token)
    }

    /// An issue, when the person may see it.
    pub(super) async fn issue(&self, issue: impl Into<IssueRef<'_>>) -> Result<Issue, Stopped> {
        Ok(self.site().get_issue(issue).await?)
    }

    /// Whether the person may see an issue.
    pub(super) async fn sees(&self, issue: &IssueId) -> Result<bool, Stopped> {
        match self.issue(issue).await {
            Ok(_) => Ok(true),
            Err(Stopped::NotThere) => Ok(false),
            Err(stopped) => Err(stopped),
        }
    }

    /// Refuses what the settings of the issue's site and project keep inside Jira.
    pub(super) async fn check_allowed(&self, issue: &Issue) -> Result<(), Stopped> {
        let link = &self.me.link;
        let settings = self
            .turn
            .app
            .store
            .get_effective_settings(&link.cloud_id, Some(&issue.project_id), Some(&link.account_id))
            .await?;
        if issue.has_security_level && !settings.secured_issues_allowed() {
            return Err(Stopped::Cannot(texts::SECURED));
        }
        if !settings.tenant_allowed(&link.tenant_id) {
            return Err(Stopped::TenantNotAllowed);
        }
        Ok(())
    }
}
