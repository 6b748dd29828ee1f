//! What a channel wants to be told of a project.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

use crate::{
    AccountId, IssueTypeId, PriorityId,
    id::{InvalidId, identifier, lower_hex},
};

identifier!(
    /// A label's hash, salted with its subscription's id: 32 hexadecimal digits.
    LabelHash, "label hash", |text| lower_hex(text, 32)
);

/// Where a status stands in its workflow (Jira: `statusCategory.key`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatusCategory {
    /// Not begun.
    New,
    /// Under way.
    Indeterminate,
    /// Finished.
    Done,
}

impl StatusCategory {
    /// Jira's key for it.
    pub fn as_key(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Indeterminate => "indeterminate",
            Self::Done => "done",
        }
    }

    /// By Jira's key.
    pub fn of_key(key: &str) -> Option<Self> {
        match key {
            "new" => Some(Self::New),
            "indeterminate" => Some(Self::Indeterminate),
            "done" => Some(Self::Done),
            _ => None,
        }
    }
}

/// What happens to an issue that a channel can be told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IssueEvent {
    /// It was created.
    Created,
    /// Its status, assignee or priority changed.
    Updated,
    /// Somebody commented.
    Commented,
    /// It was deleted.
    Deleted,
}

impl IssueEvent {
    /// Every kind, in the order they are shown.
    pub const ALL: [Self; 4] = [Self::Created, Self::Updated, Self::Commented, Self::Deleted];

    /// The word for it in commands and settings.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Commented => "commented",
            Self::Deleted => "deleted",
        }
    }

    /// By its word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.as_str() == word)
    }
}

/// Which issues and events a channel is told of. An empty list admits everything; what is in
/// several lists must be in each.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FollowFilter {
    /// Issue types.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub issue_types: Vec<IssueTypeId>,
    /// Where the status stands.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub status_categories: Vec<StatusCategory>,
    /// Priorities.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub priorities: Vec<PriorityId>,
    /// Assignees.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub assignees: Vec<AccountId>,
    /// Labels, by hash: their text is people's.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub labels: Vec<LabelHash>,
    /// Kinds of event.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub events: Vec<IssueEvent>,
    /// Whether issues with a security level are told, too.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub secured: bool,
    /// Whether restricted comments are told, too.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub restricted: bool,
}

/// What of an issue a filter looks at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Followed {
    /// Its type.
    pub issue_type: Option<IssueTypeId>,
    /// Where its status stands.
    pub status_category: Option<StatusCategory>,
    /// Its priority.
    pub priority: Option<PriorityId>,
    /// Its assignee.
    pub assignee: Option<AccountId>,
    /// The hashes of its labels.
    pub labels: Vec<LabelHash>,
    /// Whether a security level keeps it from some.
    pub secured: bool,
}

impl FollowFilter {
    /// Whether a kind of event is wanted at all.
    pub fn wants(&self, event: IssueEvent) -> bool {
        self.events.is_empty() || self.events.contains(&event)
    }

    /// Whether an issue is wanted.
    pub fn admits(&self, issue: &Followed) -> bool {
        fn in_list<T: PartialEq>(list: &[T], value: Option<&T>) -> bool {
            list.is_empty() || value.is_some_and(|value| list.contains(value))
        }
        in_list(&self.issue_types, issue.issue_type.as_ref())
            && in_list(&self.status_categories, issue.status_category.as_ref())
            && in_list(&self.priorities, issue.priority.as_ref())
            && in_list(&self.assignees, issue.assignee.as_ref())
            && (self.labels.is_empty()
                || issue.labels.iter().any(|label| self.labels.contains(label)))
            && (!issue.secured || self.secured)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bug() -> Followed {
        Followed {
            issue_type: IssueTypeId::parse("10004").ok(),
            status_category: Some(StatusCategory::New),
            priority: PriorityId::parse("2").ok(),
            assignee: None,
            labels: vec![LabelHash::parse(&"ab".repeat(16)).unwrap()],
            secured: false,
        }
    }

    #[test]
    fn an_empty_filter_admits_all_but_what_is_secured() {
        let open = FollowFilter::default();
        assert!(open.admits(&bug()));
        assert!(IssueEvent::ALL.into_iter().all(|event| open.wants(event)));
        let secured = Followed { secured: true, ..bug() };
        assert!(!open.admits(&secured));
        assert!(FollowFilter { secured: true, ..open }.admits(&secured));
    }

    #[test]
    fn each_list_that_is_not_empty_must_hold_what_the_issue_has() {
        let types = |id: &str| FollowFilter {
            issue_types: vec![IssueTypeId::parse(id).unwrap()],
            ..FollowFilter::default()
        };
        assert!(types("10004").admits(&bug()) && !types("10001").admits(&bug()));
        let done = FollowFilter { status_categories: vec![StatusCategory::Done], ..types("10004") };
        assert!(!done.admits(&bug()));
        let assigned = FollowFilter {
            assignees: vec![AccountId::parse("5be24ad8b1653240376955d2").unwrap()],
            ..FollowFilter::default()
        };
        assert!(!assigned.admits(&bug()), "nobody is not somebody");
        let label = |byte: &str| FollowFilter {
            labels: vec![LabelHash::parse(&byte.repeat(16)).unwrap()],
            ..FollowFilter::default()
        };
        assert!(label("ab").admits(&bug()) && !label("cd").admits(&bug()));
        let only = FollowFilter { events: vec![IssueEvent::Created], ..FollowFilter::default() };
        assert!(only.wants(IssueEvent::Created) && !only.wants(IssueEvent::Commented));
    }
}
