//! A filter's words, and what they mean on a Jira site: types, priorities and people by name.

use tandem_domain::{
    AccountId, FollowFilter, FollowId, IssueEvent, IssueTypeId, PriorityId, StatusCategory,
    document::Prose,
};
use tandem_jira::client::{IssueType, ProjectDetails, Site, User};
use tandem_runtime::labels::label_hash;

use super::{parse::FilterWords, texts};
use crate::stopped::Stopped;

/// The most people that are looked through for a name.
const MOST_PEOPLE: u16 = 50;

/// What somebody wants to be told of. Labels are hashed with the subscription's id, so they wait
/// for it.
pub(super) struct Wanted {
    without_labels: FollowFilter,
    labels: Vec<String>,
    /// What its ids are called.
    pub(super) names: Names,
}

impl Wanted {
    /// The filter of a subscription.
    pub(super) fn filter(&self, follow: &FollowId) -> Option<FollowFilter> {
        let hashes = self.labels.iter().map(|label| label_hash(follow, label));
        let labels = sorted(hashes.collect::<Option<Vec<_>>>()?);
        Some(FollowFilter { labels, ..self.without_labels.clone() })
    }

    /// The filter in words.
    pub(super) fn described(&self) -> String {
        let mut text = describe(&self.without_labels, &self.names);
        if !self.labels.is_empty() {
            let labels = format!("label {}", self.labels.join(" or "));
            text = if text == texts::EVERYTHING { labels } else { format!("{text} · {labels}") };
        }
        text
    }
}

/// What ids are called, as far as that was looked up.
#[derive(Default)]
pub(super) struct Names {
    pub(super) types: Vec<(IssueTypeId, String)>,
    pub(super) priorities: Vec<(PriorityId, String)>,
    pub(super) people: Vec<(AccountId, String)>,
}

impl Names {
    /// Those of a project's issue types.
    pub(super) fn of_types(types: &[IssueType]) -> Self {
        let named = |it: &IssueType| (it.id.clone(), it.name.as_str().to_owned());
        Self { types: types.iter().map(named).collect(), ..Self::default() }
    }

    /// Takes over the names of priorities.
    pub(super) fn take_priorities(&mut self, priorities: Vec<(PriorityId, Prose)>) {
        let named = |(id, name): (PriorityId, Prose)| (id, name.as_str().to_owned());
        self.priorities = priorities.into_iter().map(named).collect();
    }
}

/// A filter that was read, or what to tell about the words that mean nothing.
pub(super) enum Reading {
    Understood(Box<Wanted>),
    NotUnderstood(String),
}

/// Finds what the words mean, asking Jira for what they name.
pub(super) async fn read(
    site: &Site<'_>,
    me: &AccountId,
    project: &ProjectDetails,
    words: &FilterWords,
) -> Result<Reading, Stopped> {
    let mut names = Names::of_types(&project.issue_types);
    let mut problems = Vec::new();
    let (issue_types, unknown) = matched(&words.types, &names.types);
    let mut without_meaning = [unknown, words.unknown.clone()].concat();
    let mut priorities = Vec::new();
    if !words.priorities.is_empty() {
        names.take_priorities(site.list_priorities().await?);
        let (known, unknown) = matched(&words.priorities, &names.priorities);
        priorities = known;
        if !unknown.is_empty() {
            problems.push(listing("Priorities", &names.priorities));
        }
        without_meaning.extend(unknown);
    }
    for name in &words.assignees {
        match assignee(site, me, project, name).await? {
            Ok((id, name)) => names.people.push((id, name)),
            Err(problem) => problems.push(problem),
        }
    }
    if !without_meaning.is_empty() {
        problems.insert(0, format!("I do not know: {}.", without_meaning.join(", ")));
        problems.push(listing("Issue types", &names.types));
        problems.push(EXPLAINED.to_owned());
    }
    if !problems.is_empty() {
        return Ok(Reading::NotUnderstood(problems.join("\n")));
    }
    let without_labels = FollowFilter {
        issue_types: sorted(issue_types),
        status_categories: sorted(words.statuses.clone()),
        priorities: sorted(priorities),
        assignees: sorted(names.people.iter().map(|(id, _)| id.clone()).collect()),
        labels: Vec::new(),
        events: sorted(words.events.clone()),
        secured: words.secured,
        restricted: words.restricted,
    };
    let labels = sorted(words.labels.iter().map(|label| label.to_lowercase()).collect());
    Ok(Reading::Understood(Box::new(Wanted { without_labels, labels, names })))
}

/// What there is beside issue types.
const EXPLAINED: &str = "Events: created, updated, commented, deleted.\n\
    Filters: status:new, status:in-progress, status:done, priority:, assignee:, label:, secured, \
    restricted. Put names of several words in quotation marks.";

/// Those of the names that there are, and the words that name nothing.
fn matched<T: Clone>(words: &[String], named: &[(T, String)]) -> (Vec<T>, Vec<String>) {
    let (mut found, mut unknown) = (Vec::new(), Vec::new());
    for word in words {
        let same = |(_, name): &&(T, String)| bare(name) == bare(word);
        match named.iter().find(same) {
            Some((id, _)) => found.push(id.clone()),
            None => unknown.push(word.clone()),
        }
    }
    (found, unknown)
}

/// A name without what people leave out or write otherwise: case, spaces, hyphens.
fn bare(name: &str) -> String {
    name.to_lowercase().chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '_')).collect()
}

/// Who is meant: `me`, or somebody who can be assigned issues of the project, by their name or, if
/// that fits one person only, its beginning.
async fn assignee(
    site: &Site<'_>,
    me: &AccountId,
    project: &ProjectDetails,
    name: &str,
) -> Result<Result<(AccountId, String), String>, Stopped> {
    if name.eq_ignore_ascii_case("me") {
        return Ok(Ok((me.clone(), "whoever subscribed".to_owned())));
    }
    let project = &project.project;
    let found = site.list_assignable(&project.id, name, MOST_PEOPLE).await?;
    Ok(one_of(found, name).map_err(|several| match several.as_slice() {
        [] => format!("Nobody called {name} can be assigned issues of {}.", project.key.as_str()),
        several => format!("Several people fit {name}: {}.", several.join(", ")),
    }))
}

/// The one of the people who is meant, or the names of those who may be.
fn one_of(found: Vec<User>, name: &str) -> Result<(AccountId, String), Vec<String>> {
    let wanted = bare(name);
    let mut people: Vec<(AccountId, String)> = found
        .into_iter()
        .map(|user| (user.account_id, user.display_name.as_str().to_owned()))
        .collect();
    if people.iter().filter(|(_, name)| bare(name) == wanted).count() == 1 {
        people.retain(|(_, name)| bare(name) == wanted);
    }
    <[_; 1]>::try_from(people)
        .map(|[one]| one)
        .map_err(|people| people.into_iter().map(|(_, name)| name).collect())
}

fn listing<T>(what: &str, named: &[(T, String)]) -> String {
    let all: Vec<&str> = named.iter().map(|(_, name)| name.as_str()).collect();
    format!("{what}: {}.", all.join(", "))
}

/// In the one order that makes equal filters equal.
fn sorted<T: Ord>(mut list: Vec<T>) -> Vec<T> {
    list.sort();
    list.dedup();
    list
}

/// A filter in words. What was not looked up is counted.
pub(super) fn describe(filter: &FollowFilter, names: &Names) -> String {
    let mut parts = Vec::new();
    let mut part = |before: &str, list: Option<String>| {
        parts.extend(list.map(|list| format!("{before}{list}")));
    };
    part("", listed(&filter.issue_types, &names.types, "issue type"));
    let events: Vec<&str> = filter.events.iter().map(|event| IssueEvent::as_str(*event)).collect();
    part("", (!events.is_empty()).then(|| events.join(", ")));
    let statuses: Vec<&str> = filter.status_categories.iter().map(|it| status(*it)).collect();
    part("status ", (!statuses.is_empty()).then(|| statuses.join(", ")));
    part("priority ", listed(&filter.priorities, &names.priorities, "value"));
    part("assigned to ", listed(&filter.assignees, &names.people, "person"));
    part("", listed(&filter.labels, &[], "label"));
    part("", filter.secured.then(|| "issues with a security level too".to_owned()));
    part("", filter.restricted.then(|| "restricted comments too".to_owned()));
    if parts.is_empty() { texts::EVERYTHING.to_owned() } else { parts.join(" · ") }
}

fn status(category: StatusCategory) -> &'static str {
    match category {
        StatusCategory::New => "new",
        StatusCategory::Indeterminate => "in progress",
        StatusCategory::Done => "done",
    }
}

/// The names of ids; their number where one has none. `None` for no id.
fn listed<T: PartialEq>(ids: &[T], named: &[(T, String)], what: &str) -> Option<String> {
    let name = |id: &T| named.iter().find(|(known, _)| known == id).map(|(_, name)| name.as_str());
    let all: Option<Vec<&str>> = ids.iter().map(name).collect();
    match (ids.len(), all) {
        (0, _) => None,
        (_, Some(all)) => Some(all.join(", ")),
        (1, None) => Some(format!("1 {what}")),
        (count, None) => Some(format!("{count} {what}s")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named<T>(
        parse: fn(&str) -> Result<T, tandem_domain::InvalidId>,
        id: &str,
        name: &str,
    ) -> (T, String) {
        (parse(id).unwrap(), name.to_owned())
    }

    fn user(id: &str, name: &str) -> User {
        User { account_id: AccountId::parse(id).unwrap(), display_name: Prose::new(name) }
    }

    #[test]
    fn names_are_found_however_they_are_spelled() {
        let types = [
            named(IssueTypeId::parse, "1", "Bug"),
            named(IssueTypeId::parse, "2", "New Feature"),
            named(IssueTypeId::parse, "3", "Sub-task"),
        ];
        let words = ["BUG", "new-feature", "subtask", "epic"].map(str::to_owned);
        let (found, unknown) = matched(&words, &types);
        assert_eq!(found.iter().map(IssueTypeId::as_str).collect::<Vec<_>>(), ["1", "2", "3"]);
        assert_eq!(unknown, ["epic"]);
    }

    #[test]
    fn a_person_is_meant_by_their_whole_name_or_by_what_fits_nobody_else() {
        let people = || {
            vec![
                user("5be24ad8b1653240376955d1", "Ben"),
                user("5be24ad8b1653240376955d2", "Ben Okoye"),
            ]
        };
        let one = |name: &str| one_of(people(), name).map(|(_, name)| name);
        assert_eq!(one("ben"), Ok("Ben".to_owned()));
        assert_eq!(one("ben okoye"), Ok("Ben Okoye".to_owned()));
        assert_eq!(one("be"), Err(vec!["Ben".to_owned(), "Ben Okoye".to_owned()]));
        assert_eq!(one_of(vec![], "be"), Err(vec![]));
        let only = vec![user("5be24ad8b1653240376955d2", "Ben Okoye")];
        assert!(one_of(only, "be").is_ok());
    }

    #[test]
    fn a_filter_is_told_in_words() {
        let names = Names {
            types: vec![
                named(IssueTypeId::parse, "1", "Bug"),
                named(IssueTypeId::parse, "2", "Task"),
            ],
            priorities: vec![named(PriorityId::parse, "1", "High")],
            people: vec![],
        };
        let account = AccountId::parse("5be24ad8b1653240376955d2").unwrap();
        let follow = FollowId::parse(&"ab".repeat(16)).unwrap();
        let label = |text: &str| label_hash(&follow, text).unwrap();
        let filter = FollowFilter {
            issue_types: vec![names.types[0].0.clone(), names.types[1].0.clone()],
            status_categories: vec![StatusCategory::Indeterminate],
            priorities: vec![names.priorities[0].0.clone()],
            assignees: vec![account],
            labels: vec![label("one"), label("two")],
            events: vec![IssueEvent::Created, IssueEvent::Commented],
            secured: true,
            restricted: true,
        };
        assert_eq!(
            describe(&filter, &names),
            "Bug, Task · created, commented · status in progress · priority High · assigned to \
             1 person · 2 labels · issues with a security level too · restricted comments too"
        );
        assert_eq!(describe(&FollowFilter::default(), &names), "everything");
    }

    #[test]
    fn the_same_words_are_the_same_filter_in_each_subscription() {
        let wanted = Wanted {
            without_labels: FollowFilter::default(),
            labels: vec!["later".to_owned(), "urgent".to_owned()],
            names: Names::default(),
        };
        let [one, other] = ["ab", "cd"].map(|id| FollowId::parse(&id.repeat(16)).unwrap());
        assert_eq!(wanted.filter(&one), wanted.filter(&one));
        assert_ne!(wanted.filter(&one), wanted.filter(&other));
        assert_eq!(wanted.filter(&one).unwrap().labels.len(), 2);
        assert_eq!(wanted.described(), "label later or urgent");
    }
}
