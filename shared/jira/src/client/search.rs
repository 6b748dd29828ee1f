//! Searching with JQL.

use std::fmt;

use serde_json::json;
use tandem_domain::Failure;

use super::{Call, Issue, Site, issues::FIELDS, parsed, refusal};
use crate::wire::{WireIssue, WireIssues};

/// One page of what was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuePage {
    /// The issues, in the order that was asked for.
    pub issues: Vec<Issue>,
    /// Where the next page begins; `None` on the last.
    pub next: Option<PageToken>,
}

/// Where a page begins, in Jira's own words; good for a week, with the same JQL. `{:?}` prints
/// nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct PageToken(String);

impl PageToken {
    /// A token as it came from [`Self::as_str`].
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The token, to be handed in with the call for the next page.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PageToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PageToken(..)")
    }
}

impl Site<'_> {
    /// The issues that the JQL means and the token's owner may see: a page of at most `max`,
    /// beginning where `page` says. The JQL has to restrict the search. One that Jira refuses, as
    /// it does when a project or an issue named in it is not there for the person, is
    /// [`Failure::Forbidden`] of `jira_jql`.
    /// <https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-search/>
    pub async fn search(
        &self,
        jql: &str,
        max: u16,
        page: Option<&PageToken>,
    ) -> Result<IssuePage, Failure> {
        let mut body = json!({"jql": jql, "fields": FIELDS, "maxResults": max});
        if let Some(PageToken(token)) = page {
            body["nextPageToken"] = json!(token);
        }
        let call = Call::post(self.url(&["search", "jql"], &[]), "jira_jql", &body);
        let found: WireIssues = parsed(&self.send(call).await?)?;
        let issues = found.issues.into_iter().map(WireIssue::into_issue);
        Ok(IssuePage {
            issues: issues.collect::<Option<_>>().ok_or(refusal::UNEXPECTED)?,
            next: found.next_page_token.map(PageToken),
        })
    }
}
