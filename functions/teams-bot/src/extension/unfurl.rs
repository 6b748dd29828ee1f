//! Issue links that somebody pastes (`composeExtension/queryLink`).
//!
//! Teams keeps what a link became for half an hour, for each person; so the card holds nothing that
//! must be newer than that, and its buttons read the issue anew.
//! <https://learn.microsoft.com/microsoftteams/platform/messaging-extensions/how-to/link-unfurling>

use serde_json::Value;
use tandem_domain::{IssueKey, Purpose, SiteHost};
use url::Url;

use crate::{
    extension::search::answer::{self, Deadline},
    shown,
    stopped::Stopped,
    turn::Turn,
};

/// What Jira's addresses of issues begin with.
const ROOMS: [&str; 5] = ["browse", "jira", "projects", "secure", "servicedesk"];

/// The card of the issue behind a link, as the person sees it. For who is not signed in, a way to
/// do so. For who may not see the issue as for one that is not there, nothing: the key is in the
/// link already.
pub(crate) async fn unfurl(turn: &Turn<'_>) -> Value {
    match card(turn, Deadline::start()).await {
        Ok(answer) => answer,
        Err(stopped @ (Stopped::NotLinked | Stopped::SignInNeeded)) => {
            answer::instead(turn.app, &stopped)
        }
        Err(stopped) => {
            stopped.log("unfurl");
            answer::results(&[])
        }
    }
}

/// For somebody who does not have the app nobody can be asked what they may see, so they see the
/// link alone.
pub(crate) fn anonymous(_turn: &Turn<'_>) -> Value {
    answer::results(&[])
}

async fn card(turn: &Turn<'_>, until: Deadline) -> Result<Value, Stopped> {
    let link = turn.activity.value.text("/url").and_then(issue_of);
    let Some((host, key)) = link else { return Ok(answer::results(&[])) };
    let Some(found) = turn.app.store.find_site_by_host(&host).await? else {
        return Ok(answer::results(&[]));
    };
    let me = turn.me_on(&found.cloud_id).await?;
    let installation = shown::installation(turn, &found.cloud_id).await?;
    let token = turn.jira_token(&me, Purpose::ShowIssue).await?;
    let site = turn.site(&me, &token);
    let issue = until.for_reading(site.get_issue(&key)).await?;
    let result = if shown::is_showable(turn, &found.cloud_id, &issue).await? {
        shown::result(turn, &installation, &issue, true)?
    } else {
        shown::hidden_result(&installation, &issue.key)?
    };
    Ok(answer::results(&[result]))
}

/// The site and the key that a link names, where it is one to an issue: `/browse/KEY`, an issue of
/// a project (`/jira/.../issues/KEY`), one that is open over a board or list (`?selectedIssue=KEY`),
/// or one in a queue.
pub(crate) fn issue_of(link: &str) -> Option<(SiteHost, IssueKey)> {
    let url = Url::parse(link.trim()).ok()?;
    let plain = url.username().is_empty() && url.password().is_none() && url.port().is_none();
    if url.scheme() != "https" || !plain {
        return None;
    }
    let host = SiteHost::parse(url.host_str()?).ok()?;
    let segments: Vec<&str> = url.path_segments()?.filter(|part| !part.is_empty()).collect();
    if !ROOMS.contains(segments.first()?) {
        return None;
    }
    let key = |text: &str| IssueKey::parse(&text.to_ascii_uppercase()).ok();
    let selected = url.query_pairs().find(|(name, _)| name == "selectedIssue");
    let key = match selected {
        Some((_, value)) => key(&value),
        None => key(segments.last()?),
    };
    Some((host, key?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_to_issues_are_known() {
        for link in [
            "https://demo.atlassian.net/browse/DEMO-12",
            "https://demo.atlassian.net/browse/DEMO-12/",
            "https://demo.atlassian.net/browse/demo-12?focusedCommentId=10010#comment-10010",
            "  https://DEMO.atlassian.net/browse/DEMO-12#x ",
            "https://demo.atlassian.net:443/browse/DEMO-12",
            "https://demo.atlassian.net/jira/software/c/projects/DEMO/issues/DEMO-12",
            "https://demo.atlassian.net/jira/software/projects/DEMO/issues/DEMO-12?filter=allissues",
            "https://demo.atlassian.net/jira/core/projects/DEMO/issues/DEMO-12",
            "https://demo.atlassian.net/jira/software/projects/DEMO/boards/1?selectedIssue=DEMO-12",
            "https://demo.atlassian.net/jira/core/projects/DEMO/board?groupBy=status&selectedIssue=DEMO-12",
            "https://demo.atlassian.net/secure/RapidBoard.jspa?rapidView=1&selectedIssue=DEMO-12",
            "https://demo.atlassian.net/jira/servicedesk/projects/DEMO/queues/custom/1/DEMO-12",
            "https://demo.atlassian.net/projects/DEMO/issues/DEMO-12",
        ] {
            let (host, key) = issue_of(link).unwrap_or_else(|| panic!("{link}"));
            assert_eq!((host.as_str(), key.as_str()), ("demo.atlassian.net", "DEMO-12"), "{link}");
        }
    }

    #[test]
    fn other_links_are_left_alone() {
        for link in [
            "",
            "DEMO-12",
            "http://demo.atlassian.net/browse/DEMO-12",
            "https://demo.atlassian.net/",
            "https://demo.atlassian.net/browse/",
            "https://demo.atlassian.net/browse/DEMO",
            "https://demo.atlassian.net/wiki/spaces/DEMO/pages/DEMO-12",
            "https://demo.atlassian.net/jira/software/projects/DEMO/boards/1",
            "https://demo.atlassian.net/jira/dashboards/1?selectedIssue=",
            "https://demo.atlassian.net/browse/DEMO-12/attachments",
            "https://demo.atlassian.net:8443/browse/DEMO-12",
            "https://demo.atlassian.net@evil.example/browse/DEMO-12",
            "https://demo.atlassian.net%2fbrowse/DEMO-12",
            "https://localhost/browse/DEMO-12",
            "javascript:alert(1)",
        ] {
            assert!(issue_of(link).is_none(), "{link}");
        }
        // It is whatever host it is: no site of ours answers there.
        let (host, _) = issue_of("https://evil.example/browse/DEMO-12").unwrap();
        assert_eq!(host.as_str(), "evil.example");
    }
}
