//! Who watches an issue.

use serde_json::json;
use tandem_domain::{AccountId, Failure};

use super::{Call, IssueRef, Site, parsed};
use crate::wire::WireWatchers;

/// What a refusal names.
const TARGET: &str = "jira_watchers";

/// Who watches an issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watchers {
    /// Whether the token's owner is one of them.
    pub is_watching: bool,
    /// The accounts; empty where the token's owner may not see them.
    pub accounts: Vec<AccountId>,
}

impl Watchers {
    /// Whether this account is known to watch.
    pub fn include(&self, account: &AccountId) -> bool {
        self.accounts.contains(account)
    }
}

/// <https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-watchers/>
impl Site<'_> {
    /// Who watches the issue.
    pub async fn list_watchers(&self, issue: impl Into<IssueRef<'_>>) -> Result<Watchers, Failure> {
        let url = self.url(&["issue", issue.into().as_str(), "watchers"], &[]);
        let found: WireWatchers = parsed(&self.send(Call::get(url, TARGET)).await?)?;
        Ok(found.into_watchers())
    }

    /// Lets somebody watch the issue. Others than themselves need leave to manage watchers.
    pub async fn watch(
        &self,
        issue: impl Into<IssueRef<'_>>,
        account: &AccountId,
    ) -> Result<(), Failure> {
        let url = self.url(&["issue", issue.into().as_str(), "watchers"], &[]);
        self.send(Call::post(url, TARGET, &json!(account))).await.map(drop)
    }

    /// Ends somebody's watching of the issue.
    pub async fn unwatch(
        &self,
        issue: impl Into<IssueRef<'_>>,
        account: &AccountId,
    ) -> Result<(), Failure> {
        let query = [("accountId", account.as_str())];
        let url = self.url(&["issue", issue.into().as_str(), "watchers"], &query);
        self.send(Call::delete(url, TARGET)).await.map(drop)
    }
}
