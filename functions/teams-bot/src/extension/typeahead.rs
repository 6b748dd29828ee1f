//! Typeahead of the forms (`application/search`).
//!
//! <https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/dynamic-search>

use serde_json::{Value, json};
use tandem_domain::{ProjectId, Purpose};
use tandem_jira::client::Site;
use tandem_microsoft::cards::{dataset, input};

use crate::{
    extension::search::{self, answer::Deadline, jql::Wanted},
    stopped::Stopped,
    turn::{Me, Turn},
};

/// How many choices Teams shows of a list.
const MOST: u16 = 15;
/// How much of what was typed counts, in characters.
const MOST_TYPED: usize = 100;
/// The longest title of a choice, in characters.
const LONGEST_TITLE: usize = 100;

/// A choice that was found.
#[derive(Clone, PartialEq, Eq)]
struct Found {
    /// What comes back in the form: an id.
    value: String,
    /// What is shown.
    title: String,
}

/// What fits what somebody typed into a list of a form. Nothing where it cannot be looked up: the
/// form itself says what is wrong when it is sent off.
pub(crate) async fn search(turn: &Turn<'_>) -> Value {
    let found = found(turn, Deadline::start()).await.unwrap_or_else(|stopped| {
        stopped.log("typeahead");
        Vec::new()
    });
    answer(&found)
}

fn answer(found: &[Found]) -> Value {
    let result = |found: &Found| json!({"value": found.value, "title": found.title});
    json!({
        "type": "application/vnd.microsoft.search.searchResponse",
        "statusCode": 200,
        "value": {"results": found.iter().map(result).collect::<Vec<_>>()},
    })
}

async fn found(turn: &Turn<'_>, until: Deadline) -> Result<Vec<Found>, Stopped> {
    let typed = turn.activity.value.text("/queryText").unwrap_or_default();
    let typed: String = typed.trim().chars().take(MOST_TYPED).collect();
    let dataset = turn.activity.value.text("/dataset").unwrap_or_default();
    if ![dataset::PROJECTS, dataset::PEOPLE, dataset::ISSUES].contains(&dataset) {
        return Ok(Vec::new());
    }
    let me = turn.me().await?;
    let token = turn.jira_token(&me, Purpose::ShowIssue).await?;
    let site = turn.site(&me, &token);
    match dataset {
        dataset::PROJECTS => until.for_reading(projects(&site, &typed)).await,
        dataset::ISSUES => until.for_reading(issues(&site, &typed)).await,
        _ => match project(turn, &me).await? {
            Some(project) => until.for_reading(people(&site, &project, &typed)).await,
            None => Ok(Vec::new()),
        },
    }
}

/// The project whose people are looked for: the one chosen in the form, which comes along with
/// associated inputs; else the one that the person created an issue in last, which a form begins
/// with.
async fn project(turn: &Turn<'_>, me: &Me) -> Result<Option<ProjectId>, Stopped> {
    let data = &turn.activity.value.json()["data"];
    if let Some(chosen) = data[input::PROJECT].as_str()
        && let Ok(project) = ProjectId::parse(chosen)
    {
        return Ok(Some(project));
    }
    let (cloud, account) = (&me.link.cloud_id, &me.link.account_id);
    let settings = turn.app.store.get_effective_settings(cloud, None, Some(account)).await?;
    Ok(settings.last_created().0)
}

async fn projects(site: &Site<'_>, typed: &str) -> Result<Vec<Found>, Stopped> {
    let projects = site.list_projects(typed, MOST).await?;
    let found = projects.iter().map(|project| Found {
        value: project.id.as_str().to_owned(),
        title: title(&[project.name.as_str(), " (", project.key.as_str(), ")"]),
    });
    Ok(found.collect())
}

async fn people(site: &Site<'_>, project: &ProjectId, typed: &str) -> Result<Vec<Found>, Stopped> {
    let users = site.list_assignable(project, typed, MOST).await?;
    let found = users.iter().map(|user| Found {
        value: user.account_id.as_str().to_owned(),
        title: title(&[user.display_name.as_str()]),
    });
    Ok(found.collect())
}

async fn issues(site: &Site<'_>, typed: &str) -> Result<Vec<Found>, Stopped> {
    let Some(jql) = Wanted::parse(typed).jql else { return Ok(Vec::new()) };
    let issues = search::issues(site, &jql, usize::from(MOST)).await?;
    let found = issues.iter().map(|issue| Found {
        value: issue.id.as_str().to_owned(),
        title: title(&[issue.key.as_str(), ": ", issue.summary.as_str()]),
    });
    Ok(found.collect())
}

/// The parts as one line that is not too long.
fn title(parts: &[&str]) -> String {
    let line = parts.concat().split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().nth(LONGEST_TITLE).is_none() {
        return line;
    }
    let kept: String = line.chars().take(LONGEST_TITLE - 1).collect();
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_are_answered_as_teams_reads_them() {
        let found =
            [Found { value: "10000".to_owned(), title: title(&["Demo\n", " (", "D", ")"]) }];
        assert_eq!(
            answer(&found),
            json!({
                "type": "application/vnd.microsoft.search.searchResponse",
                "statusCode": 200,
                "value": {"results": [{"value": "10000", "title": "Demo (D)"}]},
            })
        );
        assert_eq!(answer(&[])["value"], json!({"results": []}));
    }

    #[test]
    fn a_long_title_is_cut() {
        let long = title(&["DEMO-1", ": ", &"lamp ".repeat(100)]);
        assert!(long.chars().count() <= LONGEST_TITLE, "{long}");
        assert!(long.starts_with("DEMO-1: lamp lamp") && long.ends_with('…'));
    }
}
