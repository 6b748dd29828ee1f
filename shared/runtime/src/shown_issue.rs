//! Issues as the bot's cards show them, and how a comment that was carried over is known again.

use tandem_domain::{Failure, IssueKey, StatusCategory, document::Prose};
use tandem_jira::client::Issue;
use tandem_microsoft::cards::IssueView;
use tandem_store::Installation;
use url::Url;

/// The property of a comment that was written for a message: which message.
pub const MESSAGE_PROPERTY: &str = "tandem.message";

/// Where an issue is, in the browser.
pub fn url_of(site: &Installation, key: &IssueKey) -> Result<Url, Failure> {
    Url::parse(&format!("https://{}/browse/{key}", site.site_host))
        .map_err(|_| Failure::Fault { what: "issue_url" })
}

/// What a card shows of an issue; `url` is where it is.
pub fn view<'a>(issue: &'a Issue, url: &'a Url) -> IssueView<'a> {
    IssueView {
        key: issue.key.as_str(),
        url,
        summary: issue.summary.as_str(),
        issue_type: issue.issue_type.as_ref().map(Prose::as_str),
        status: issue.status.as_ref().map(Prose::as_str),
        status_category: issue.status_category.map(StatusCategory::as_key),
        priority: issue.priority.as_ref().map(Prose::as_str),
        assignee: issue.assignee.as_ref().map(|user| user.display_name.as_str()),
        project: issue.project_name.as_ref().map(Prose::as_str),
    }
}
