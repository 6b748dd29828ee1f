//! A small part of JQL: comparisons joined by AND, OR, NOT and brackets, and an order.

mod order;
mod parse;

pub(crate) use order::Order;
pub(crate) use parse::parse;

use super::{
    adf,
    answer::Refusal,
    catalogue,
    model::{Issue, Site},
};

/// A query with the order of what it finds.
pub(crate) struct Jql {
    pub(crate) query: Query,
    pub(crate) order: Order,
}

/// A parsed query.
pub(crate) enum Query {
    /// No restriction.
    All,
    And(Vec<Query>),
    Or(Vec<Query>),
    Not(Box<Query>),
    Clause(Clause),
}

/// One comparison.
pub(crate) struct Clause {
    field: Field,
    operator: Operator,
    values: Vec<Operand>,
}

/// What a field is compared with.
enum Operand {
    Text(String),
    /// `EMPTY` or `NULL`.
    Empty,
    /// `currentUser()`.
    CurrentUser,
    /// `issueHistory()`: what the user looked at lately.
    IssueHistory,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Field {
    Project,
    Key,
    Text,
    Summary,
    Status,
    StatusCategory,
    Priority,
    Assignee,
    Reporter,
    Watcher,
    IssueType,
    Labels,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Operator {
    Is,
    IsNot,
    Contains,
}

impl Query {
    /// Whether it restricts anything at all; searches must.
    pub(crate) fn is_bounded(&self) -> bool {
        !matches!(self, Self::All)
    }

    /// Refuses what the filters of registered webhooks do not allow.
    pub(crate) fn check_filter(&self) -> Result<(), Refusal> {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().try_for_each(Self::check_filter),
            Self::Not(part) => part.check_filter(),
            Self::Clause(clause) if clause.field == Field::Text => {
                Err(Refusal::bad_request("The clause text is unsupported"))
            }
            Self::Clause(clause) if clause.operator == Operator::Contains => {
                Err(Refusal::bad_request("The operator ~ is unsupported"))
            }
            Self::All | Self::Clause(_) => Ok(()),
        }
    }

    /// Refuses projects and issues that the user does not see, as Jira does.
    pub(crate) fn check_values(&self, site: &Site, account: &str) -> Result<(), Refusal> {
        match self {
            Self::All => Ok(()),
            Self::And(parts) | Self::Or(parts) => {
                parts.iter().try_for_each(|part| part.check_values(site, account))
            }
            Self::Not(part) => part.check_values(site, account),
            Self::Clause(clause) => clause.check_values(site, account),
        }
    }

    /// Whether the issue is one that the query means, asked by `account`.
    pub(crate) fn matches(&self, site: &Site, issue: &Issue, account: &str) -> bool {
        match self {
            Self::All => true,
            Self::And(parts) => parts.iter().all(|part| part.matches(site, issue, account)),
            Self::Or(parts) => parts.iter().any(|part| part.matches(site, issue, account)),
            Self::Not(part) => !part.matches(site, issue, account),
            Self::Clause(clause) => clause.matches(site, issue, account),
        }
    }
}

impl Clause {
    fn check_values(&self, site: &Site, account: &str) -> Result<(), Refusal> {
        let texts = self.values.iter().filter_map(|value| match value {
            Operand::Text(text) => Some(text),
            _ => None,
        });
        match texts.into_iter().find(|text| !self.field.knows(site, account, text)) {
            None => Ok(()),
            Some(value) if self.field == Field::Key => Err(Refusal::bad_request(&format!(
                "An issue with key '{value}' does not exist for field 'key'."
            ))),
            Some(value) => Err(Refusal::bad_request(&format!(
                "The value '{value}' does not exist for the field '{}'.",
                self.field.name()
            ))),
        }
    }

    fn matches(&self, site: &Site, issue: &Issue, account: &str) -> bool {
        let any = self.values.iter().any(|value| match (self.operator, value) {
            (Operator::Contains, Operand::Text(text)) => self.contains(issue, text),
            (Operator::Contains, _) => false,
            (_, Operand::Text(text)) => self.equals(site, issue, text),
            (_, Operand::Empty) => self.is_empty(issue),
            (_, Operand::CurrentUser) => self.is_user(issue, account),
            (_, Operand::IssueHistory) => {
                site.viewed.get(account).is_some_and(|viewed| viewed.contains(&issue.id))
            }
        });
        any != (self.operator == Operator::IsNot)
    }

    fn equals(&self, site: &Site, issue: &Issue, value: &str) -> bool {
        let is = |found: &str| found.eq_ignore_ascii_case(value);
        let named =
            |list, id| catalogue::named(list, id).is_some_and(|it| is(it.id) || is(it.name));
        let status = catalogue::status(&issue.status);
        match self.field {
            Field::Project => site
                .projects
                .get(&issue.project_id)
                .is_some_and(|project| is(&project.id) || is(&project.key) || is(&project.name)),
            Field::Key => is(&issue.id) || is(&issue.key),
            Field::Status => is(status.id) || is(status.name),
            Field::StatusCategory => status.category.is_called(value),
            Field::Priority => named(catalogue::PRIORITIES, issue.priority.as_str()),
            Field::IssueType => named(catalogue::ISSUE_TYPES, issue.kind.as_str()),
            Field::Labels => issue.labels.iter().any(|label| is(label)),
            Field::Assignee | Field::Reporter | Field::Watcher => self.is_user(issue, value),
            Field::Text | Field::Summary => false,
        }
    }

    fn is_user(&self, issue: &Issue, account: &str) -> bool {
        match self.field {
            Field::Assignee => issue.assignee.as_deref() == Some(account),
            Field::Reporter => issue.reporter == account,
            Field::Watcher => issue.watchers.contains(account),
            _ => false,
        }
    }

    fn is_empty(&self, issue: &Issue) -> bool {
        match self.field {
            Field::Assignee => issue.assignee.is_none(),
            Field::Watcher => issue.watchers.is_empty(),
            Field::Labels => issue.labels.is_empty(),
            _ => false,
        }
    }

    /// Whether every word of `value` begins a word of the text.
    fn contains(&self, issue: &Issue, value: &str) -> bool {
        let mut text = issue.summary.clone();
        if self.field == Field::Text {
            let comments = issue.comments.iter().map(|comment| &comment.body);
            for document in issue.description.iter().chain(comments) {
                text.push(' ');
                text.push_str(&adf::to_wiki(document));
            }
        } else if self.field != Field::Summary {
            return false;
        }
        let found: Vec<String> = words(&text).collect();
        words(value).all(|wanted| found.iter().any(|word| word.starts_with(&wanted)))
    }
}

impl Field {
    /// Its name in Jira's messages.
    fn name(self) -> &'static str {
        match self {
            Self::Project => "project",
            Self::Key => "key",
            Self::Text => "text",
            Self::Summary => "summary",
            Self::Status => "status",
            Self::StatusCategory => "statusCategory",
            Self::Priority => "priority",
            Self::Assignee => "assignee",
            Self::Reporter => "reporter",
            Self::Watcher => "watcher",
            Self::IssueType => "issuetype",
            Self::Labels => "labels",
        }
    }

    /// Whether there is such a value, for this user to see.
    fn knows(self, site: &Site, account: &str, value: &str) -> bool {
        match self {
            Self::Project => site
                .project(value)
                .or_else(|| site.projects.values().find(|project| project.name == value))
                .is_some_and(|project| site.may_browse(project, account)),
            Self::Key => site.issue(value).is_some_and(|issue| site.may_see_issue(issue, account)),
            Self::Status => catalogue::STATUSES
                .iter()
                .any(|status| status.id == value || status.name.eq_ignore_ascii_case(value)),
            Self::StatusCategory => {
                catalogue::STATUSES.iter().any(|status| status.category.is_called(value))
            }
            Self::Priority => catalogue::named(catalogue::PRIORITIES, value).is_some(),
            Self::IssueType => catalogue::named(catalogue::ISSUE_TYPES, value).is_some(),
            Self::Assignee
            | Self::Reporter
            | Self::Watcher
            | Self::Labels
            | Self::Text
            | Self::Summary => true,
        }
    }
}

fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
}
