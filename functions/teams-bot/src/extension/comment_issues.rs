//! The issues that a message may belong to.

use tandem_domain::{ChatId, Failure, IssueId, IssueKey, SiteHost, document::Prose};
use tandem_jira::client::{Issue, Site};
use tandem_microsoft::cards::input;
use url::Url;

use super::{fields::Named, message::Message, message_draft::Draft, texts};
use crate::{
    stopped::Stopped,
    turn::{Me, Turn},
};

/// The issues the person saw last.
const SEEN_LAST: &str = "issuekey in issueHistory() ORDER BY lastViewed DESC";
/// How many of them are offered.
const MOST: u16 = 20;
/// How many issues of the chat or the message are offered before them.
const MOST_OF_CHAT: usize = 4;

/// The issues offered in a form.
pub(super) struct Near {
    pub(super) issues: Vec<Named>,
    /// The only one of this chat or message.
    pub(super) chosen: Option<Named>,
}

/// The issues that were created from this message or are linked with this chat, then those the
/// person saw last. Of what they may not see there is none.
pub(super) async fn near(
    turn: &Turn<'_>,
    me: &Me,
    site: &Site<'_>,
    message: Option<&Message>,
) -> Result<Near, Stopped> {
    let (of_chat, seen) = tokio::try_join!(of_chat(turn, me, site, message), seen_last(site))?;
    let chosen = match of_chat.as_slice() {
        [only] => Some(named(only)),
        _ => None,
    };
    let mut issues: Vec<Named> = Vec::new();
    for issue in of_chat.iter().chain(&seen) {
        if issues.iter().all(|known| known.id != issue.id.as_str()) {
            issues.push(named(issue));
        }
    }
    Ok(Near { issues, chosen })
}

async fn of_chat(
    turn: &Turn<'_>,
    me: &Me,
    site: &Site<'_>,
    message: Option<&Message>,
) -> Result<Vec<Issue>, Stopped> {
    let mut found = Vec::new();
    for id in ids_of_chat(turn, me, message).await?.iter().take(MOST_OF_CHAT) {
        match site.get_issue(id).await {
            Ok(issue) => found.push(issue),
            Err(Failure::Absent { .. } | Failure::Forbidden { .. }) => {}
            Err(failure) => return Err(failure.into()),
        }
    }
    Ok(found)
}

async fn ids_of_chat(
    turn: &Turn<'_>,
    me: &Me,
    message: Option<&Message>,
) -> Result<Vec<IssueId>, Stopped> {
    let store = &turn.app.store;
    let conversation = turn.activity.conversation.id.channel();
    let mut ids = Vec::new();
    if let Some(message) = message.and_then(|message| message.id.as_ref()) {
        let made = store.list_issues_by_message(&turn.tenant, &conversation, message).await?;
        let made = made.into_iter().filter(|it| it.cloud_id == *me.cloud());
        ids.extend(made.map(|it| it.issue_id));
    }
    if let Ok(chat) = ChatId::parse(conversation.as_str()) {
        let linked = store.list_issues_by_chat(&turn.tenant, &chat).await?;
        let linked = linked.into_iter().filter(|it| it.cloud_id == *me.cloud());
        ids.extend(linked.map(|it| it.issue_id));
    }
    let mut once: Vec<IssueId> = Vec::new();
    for id in ids {
        if !once.contains(&id) {
            once.push(id);
        }
    }
    Ok(once)
}

async fn seen_last(site: &Site<'_>) -> Result<Vec<Issue>, Stopped> {
    Ok(site.search(SEEN_LAST, MOST, None).await?.issues)
}

/// The list with the issue that was chosen in it, which typing may have found.
pub(super) async fn with_chosen(
    site: &Site<'_>,
    draft: &Draft,
    mut issues: Vec<Named>,
) -> Vec<Named> {
    let chosen = draft.typed(input::ISSUE);
    if let Ok(id) = IssueId::parse(chosen)
        && issues.iter().all(|known| known.id != chosen)
        && let Ok(issue) = site.get_issue(&id).await
    {
        issues.insert(0, named(&issue));
    }
    issues
}

fn named(issue: &Issue) -> Named {
    let name = format!("{}: {}", issue.key, issue.summary.as_str());
    Named { id: issue.id.to_string(), name: Prose::new(&name) }
}

/// The issue that a person named: what they typed counts before what they chose.
pub(super) enum Meant {
    Key(IssueKey),
    Id(IssueId),
}

/// Reads which issue is meant; else which field is wrong, and why.
pub(super) fn meant(draft: &Draft, host: &SiteHost) -> Result<Meant, (&'static str, &'static str)> {
    let typed = draft.typed(input::ISSUE_KEY).trim();
    if !typed.is_empty() {
        return key(typed, host).map(Meant::Key).map_err(|why| (input::ISSUE_KEY, why));
    }
    let chosen = draft.typed(input::ISSUE).trim();
    if let Ok(id) = IssueId::parse(chosen) {
        return Ok(Meant::Id(id));
    }
    IssueKey::parse(&chosen.to_ascii_uppercase())
        .map(Meant::Key)
        .map_err(|_| (input::ISSUE_KEY, texts::NO_ISSUE))
}

/// A key in either case, or the address of an issue on the site.
fn key(typed: &str, host: &SiteHost) -> Result<IssueKey, &'static str> {
    let Ok(url) = Url::parse(typed).and_then(|url| match url.scheme() {
        "http" | "https" => Ok(url),
        _ => Err(url::ParseError::EmptyHost),
    }) else {
        return IssueKey::parse(&typed.to_ascii_uppercase()).map_err(|_| texts::NOT_A_KEY);
    };
    if url.host_str() != Some(host.as_str()) {
        return Err(texts::OTHER_SITE);
    }
    let selected = url.query_pairs().find(|(name, _)| name == "selectedIssue");
    let selected = selected.map(|(_, key)| key.into_owned());
    let browsed = || {
        let mut path = url.path_segments()?.skip_while(|segment| *segment != "browse");
        path.nth(1).map(str::to_owned)
    };
    let key = selected.or_else(browsed).ok_or(texts::NOT_A_KEY)?;
    IssueKey::parse(&key.to_ascii_uppercase()).map_err(|_| texts::NOT_A_KEY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issue_is_named_by_key_or_address() {
        let host = SiteHost::parse("tests.atlassian.net").unwrap();
        for (typed, found) in [
            ("ABC-12", Ok("ABC-12")),
            ("abc-12", Ok("ABC-12")),
            ("https://tests.atlassian.net/browse/ABC-12", Ok("ABC-12")),
            ("https://tests.atlassian.net/browse/abc-12?focusedCommentId=7", Ok("ABC-12")),
            ("https://tests.atlassian.net/jira/boards/1?selectedIssue=ABC-12", Ok("ABC-12")),
            ("https://other.atlassian.net/browse/ABC-12", Err(texts::OTHER_SITE)),
            ("https://tests.atlassian.net/wiki/ABC-12", Err(texts::NOT_A_KEY)),
            ("https://tests.atlassian.net/browse/", Err(texts::NOT_A_KEY)),
            ("the lamp", Err(texts::NOT_A_KEY)),
            ("ABC", Err(texts::NOT_A_KEY)),
            ("file:ABC-1", Err(texts::NOT_A_KEY)),
        ] {
            let key = key(typed, &host);
            assert_eq!(key.as_ref().map(IssueKey::as_str).map_err(|why| *why), found, "{typed}");
        }
    }
}
