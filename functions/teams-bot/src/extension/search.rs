//! Search (`composeExtension/query`), and the result that was chosen (`composeExtension/selectItem`).
//!
//! <https://learn.microsoft.com/microsoftteams/platform/messaging-extensions/how-to/search-commands/define-search-command>

pub(crate) mod answer;
pub(crate) mod jql;
mod texts;

use serde_json::Value;
use tandem_domain::{CloudId, Failure, IssueId, Purpose};
use tandem_jira::client::{Issue, Site};
use tandem_store::Installation;

use self::{
    answer::Deadline,
    jql::{Jql, Wanted},
};
use crate::{
    invoke::extension_message,
    shown,
    stopped::Stopped,
    turn::{Me, Turn},
};

/// The command of the manifest that searches.
const COMMAND: &str = "searchIssues";
/// Its parameter.
const PARAMETER: &str = "query";
/// How many results a page holds, and holds at most: that is what Teams shows.
const PAGE: usize = 25;
/// How far paging goes. Teams counts results and Jira hands out tokens, so a page is cut from all
/// there is up to its end; Jira gives a hundred issues at once.
const MOST: usize = 100;

/// The issues that somebody searches.
pub(crate) async fn query(turn: &Turn<'_>) -> Value {
    let asked = Asked::of(turn.activity.value.json());
    let found = match asked {
        Some(asked) => found(turn, &asked, Deadline::start()).await,
        None => Err(Stopped::Cannot(texts::NOTHING_TO_SEARCH)),
    };
    found.unwrap_or_else(|stopped| {
        stopped.log("search");
        answer::instead(turn.app, &stopped)
    })
}

/// The card of the issue that was chosen from a list, named by `cloudId` and `issueId`.
pub(crate) async fn select(turn: &Turn<'_>) -> Value {
    chosen(turn, Deadline::start()).await.unwrap_or_else(|stopped| {
        stopped.log("select_item");
        answer::instead(turn.app, &stopped)
    })
}

/// What Teams asks for. `{:?}` is left out: it holds what was typed.
struct Asked {
    typed: String,
    skip: usize,
    count: usize,
}

impl Asked {
    /// `None` for another command than the search.
    fn of(value: &Value) -> Option<Self> {
        if value["commandId"].as_str().is_some_and(|command| command != COMMAND) {
            return None;
        }
        let parameters = value["parameters"].as_array().into_iter().flatten();
        // When the search is opened there is nothing typed but `initialRun`.
        let typed = parameters
            .filter(|parameter| parameter["name"] == PARAMETER)
            .find_map(|parameter| parameter["value"].as_str())
            .unwrap_or_default();
        let number = |name: &str, default| {
            let given = value["queryOptions"][name].as_u64();
            given.and_then(|given| usize::try_from(given).ok()).unwrap_or(default)
        };
        Some(Self {
            typed: typed.to_owned(),
            skip: number("skip", 0),
            count: number("count", PAGE).clamp(1, PAGE),
        })
    }
}

async fn found(turn: &Turn<'_>, asked: &Asked, until: Deadline) -> Result<Value, Stopped> {
    let wanted = Wanted::parse(&asked.typed);
    let me = searcher(turn, wanted.site.as_deref()).await?;
    let jql = wanted.jql.ok_or(Stopped::Cannot(texts::NOTHING_TO_SEARCH))?;
    if asked.skip >= MOST {
        return Ok(answer::results(&[]));
    }
    let (installation, token) = tokio::join!(
        shown::installation(turn, me.cloud()),
        turn.jira_token(&me, Purpose::ShowIssue),
    );
    let (installation, token) = (installation?, token?);
    let site = turn.site(&me, &token);
    let end = (asked.skip + asked.count).min(MOST);
    let found = until.for_reading(issues(&site, &jql, end)).await?;
    if found.is_empty() {
        return Ok(extension_message(texts::NOTHING_FOUND));
    }
    let page = found.get(asked.skip..).unwrap_or_default();
    attachments(turn, &installation, page).await.map(|found| answer::results(&found))
}

/// The person on the site that they named, or signed in to last.
async fn searcher(turn: &Turn<'_>, named: Option<&str>) -> Result<Me, Stopped> {
    let Some(named) = named else { return turn.me().await };
    let links = turn.links().await?;
    if links.is_empty() {
        return Err(Stopped::NotLinked);
    }
    for link in links {
        let found = turn.app.store.find_installation(&link.cloud_id).await?;
        if found.is_some_and(|found| is_called(found.site_host.as_str(), named)) {
            return turn.me_on(&link.cloud_id).await;
        }
    }
    Err(Stopped::Cannot(texts::NO_SUCH_SITE))
}

/// Whether a site is meant: by its host, or by the host's first part.
fn is_called(host: &str, named: &str) -> bool {
    host == named || host.split_once('.').is_some_and(|(first, _)| first == named)
}

/// The first issues that are found, at most so many.
pub(crate) async fn issues(site: &Site<'_>, jql: &Jql, most: usize) -> Result<Vec<Issue>, Failure> {
    let most = u16::try_from(most).unwrap_or(u16::MAX);
    let first = searched(site, &jql.first, most).await?;
    match &jql.otherwise {
        Some(otherwise) if first.is_empty() => searched(site, otherwise, most).await,
        _ => Ok(first),
    }
}

/// What is found; nothing where Jira refuses the query, as it does when what is named in it is not
/// there for the person.
async fn searched(site: &Site<'_>, jql: &str, most: u16) -> Result<Vec<Issue>, Failure> {
    match site.search(jql, most, None).await {
        Ok(page) => Ok(page.issues),
        Err(Failure::Forbidden { what: "jira_jql" }) => Ok(Vec::new()),
        Err(failure) => Err(failure),
    }
}

async fn attachments(
    turn: &Turn<'_>,
    site: &Installation,
    issues: &[Issue],
) -> Result<Vec<Value>, Stopped> {
    // The answer is the same for all of a site's secured issues.
    let secured = issues.iter().find(|issue| issue.has_security_level);
    let showable = match secured {
        Some(issue) => shown::is_showable(turn, &site.cloud_id, issue).await?,
        None => true,
    };
    let result =
        |issue: &Issue| shown::result(turn, site, issue, showable || !issue.has_security_level);
    Ok(issues.iter().map(result).collect::<Result<_, _>>()?)
}

async fn chosen(turn: &Turn<'_>, until: Deadline) -> Result<Value, Stopped> {
    let value = turn.activity.value.json();
    let text = |name: &str| value[name].as_str().unwrap_or_default();
    let cloud = CloudId::parse(text("cloudId")).map_err(|_| Stopped::NotThere)?;
    let issue = IssueId::parse(text("issueId")).map_err(|_| Stopped::NotThere)?;
    let me = turn.me_on(&cloud).await?;
    let installation = shown::installation(turn, &cloud).await?;
    let token = turn.jira_token(&me, Purpose::ShowIssue).await?;
    let site = turn.site(&me, &token);
    let issue = until.for_reading(site.get_issue(&issue)).await?;
    attachments(turn, &installation, &[issue]).await.map(|found| answer::results(&found))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn teams_asks_for_pages() {
        let asked =
            |value: Value| Asked::of(&value).map(|asked| (asked.typed, asked.skip, asked.count));
        let query = json!([{"name": "query", "value": "lamp"}]);
        let first_run = json!([{"name": "initialRun", "value": "true"}]);
        for (value, expected) in [
            (
                json!({
                    "commandId": "searchIssues", "parameters": query,
                    "queryOptions": {"skip": 25, "count": 25},
                }),
                Some(("lamp", 25, 25)),
            ),
            (json!({"commandId": "searchIssues", "parameters": first_run}), Some(("", 0, 25))),
            (
                json!({"parameters": query, "queryOptions": {"skip": -1, "count": 1000}}),
                Some(("lamp", 0, 25)),
            ),
            (json!({"parameters": query, "queryOptions": {"count": 0}}), Some(("lamp", 0, 1))),
            (json!({"commandId": "another", "parameters": query}), None),
            (json!(null), Some(("", 0, 25))),
        ] {
            let expected = expected.map(|(typed, skip, count)| (typed.to_owned(), skip, count));
            assert_eq!(asked(value.clone()), expected, "{value}");
        }
    }

    #[test]
    fn a_site_is_called_by_its_host_or_the_first_part_of_it() {
        for (named, expected) in [
            ("demo.atlassian.net", true),
            ("demo", true),
            ("demo.atlassian", false),
            ("atlassian", false),
            ("", false),
        ] {
            assert_eq!(is_called("demo.atlassian.net", named), expected, "{named}");
        }
    }
}
