//! People with an Atlassian account.

use tandem_domain::{AccountId, Failure, IssueId, ProjectId, document::Prose};

use super::{Call, IssueRef, Site, parsed, refusal};
use crate::wire::WireUser;

/// The longest name of a time zone taken over, in bytes.
const LONGEST_TIME_ZONE: usize = 64;

/// Somebody with an Atlassian account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The account.
    pub account_id: AccountId,
    /// The name they chose to be shown.
    pub display_name: Prose,
}

/// Where somebody is to be assigned an issue.
#[derive(Clone, Copy, Debug)]
pub enum AssignableIn<'a> {
    /// In a project: a new issue.
    Project(&'a ProjectId),
    /// An issue there is.
    Issue(&'a IssueId),
}

impl<'a> From<&'a ProjectId> for AssignableIn<'a> {
    fn from(id: &'a ProjectId) -> Self {
        Self::Project(id)
    }
}

impl<'a> From<&'a IssueId> for AssignableIn<'a> {
    fn from(id: &'a IssueId) -> Self {
        Self::Issue(id)
    }
}

/// <https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-users/>
impl Site<'_> {
    /// The account of the token's owner.
    pub async fn myself(&self) -> Result<AccountId, Failure> {
        let user = self.read_myself().await?;
        user.into_user().map(|user| user.account_id).ok_or(refusal::UNEXPECTED)
    }

    /// The time zone that the token's owner set in their profile, or else the site's, by its name
    /// in the IANA database, such as `Europe/Berlin`; `None` where none is told.
    /// <https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-myself/>
    pub async fn my_time_zone(&self) -> Result<Option<String>, Failure> {
        let zone = self.read_myself().await?.time_zone;
        let spelled = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'_' | b'-' | b'+');
        Ok(zone.filter(|zone| {
            (1..=LONGEST_TIME_ZONE).contains(&zone.len()) && zone.bytes().all(spelled)
        }))
    }

    /// Somebody's account, for the name to show.
    pub async fn get_user(&self, account_id: &AccountId) -> Result<User, Failure> {
        let url = self.url(&["user"], &[("accountId", account_id.as_str())]);
        let user: WireUser = parsed(&self.send(Call::get(url, "jira_user")).await?)?;
        user.into_user().ok_or(refusal::UNEXPECTED)
    }

    /// Whether somebody is an active user of the site; [`Failure::Absent`] where it knows no such
    /// user, [`Failure::Forbidden`] where the token's owner may not browse users.
    pub async fn is_active_user(&self, account_id: &AccountId) -> Result<bool, Failure> {
        let url = self.url(&["user"], &[("accountId", account_id.as_str())]);
        let user: WireUser = parsed(&self.send(Call::get(url, "jira_user")).await?)?;
        user.active.ok_or(refusal::UNEXPECTED)
    }

    /// Some of those who can be assigned an issue and whose name begins with `query`; whoever, if
    /// that is empty. At most `max`, and often fewer: Jira looks through a page of all users.
    /// <https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-user-search/>
    pub async fn list_assignable(
        &self,
        place: impl Into<AssignableIn<'_>>,
        query: &str,
        max: u16,
    ) -> Result<Vec<User>, Failure> {
        let max = max.to_string();
        let place = match place.into() {
            AssignableIn::Project(id) => ("project", id.as_str()),
            AssignableIn::Issue(id) => ("issueId", id.as_str()),
        };
        let query = [place, ("query", query), ("maxResults", &max)];
        let url = self.url(&["user", "assignable", "search"], &query);
        let users: Vec<WireUser> = parsed(&self.send(Call::get(url, "jira_assignable")).await?)?;
        Ok(users.into_iter().filter_map(WireUser::into_user).collect())
    }

    /// Assigns an issue to somebody, or to nobody. Refused where the token's owner may not assign
    /// it, and where the assignee may not be assigned it.
    /// <https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/>
    pub async fn assign(
        &self,
        issue: impl Into<IssueRef<'_>>,
        assignee: Option<&AccountId>,
    ) -> Result<(), Failure> {
        let url = self.url(&["issue", issue.into().as_str(), "assignee"], &[]);
        let body = serde_json::json!({"accountId": assignee});
        self.send(Call::put(url, "jira_assignee", &body)).await.map(drop)
    }

    async fn read_myself(&self) -> Result<WireUser, Failure> {
        parsed(&self.send(Call::get(self.url(&["myself"], &[]), "jira_myself")).await?)
    }
}
