//! The statuses, transitions, priorities and issue types every simulated site has.

use super::model::Workflow;

/// A status with its category.
pub(crate) struct Status {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    pub(crate) category: Category,
}

/// A status category of Jira.
#[derive(Clone, Copy)]
pub(crate) struct Category {
    pub(crate) id: u32,
    pub(crate) key: &'static str,
    pub(crate) name: &'static str,
    pub(crate) color: &'static str,
}

impl Category {
    /// Whether the category is meant: by its id, key or name.
    pub(crate) fn is_called(self, text: &str) -> bool {
        self.id.to_string() == text
            || self.key.eq_ignore_ascii_case(text)
            || self.name.eq_ignore_ascii_case(text)
    }
}

/// A transition.
pub(crate) struct Transition {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    /// The statuses that can take it; all of them where none is named.
    pub(crate) from: &'static [&'static str],
    pub(crate) to: &'static str,
    /// Whether its screen demands a resolution.
    pub(crate) resolves: bool,
}

impl Transition {
    /// Whether an issue of this status can take it.
    pub(crate) fn leaves(&self, status: &str) -> bool {
        self.from.is_empty() || self.from.contains(&status)
    }
}

/// Something with an id and a name.
pub(crate) struct Named {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
}

const NEW: Category = Category { id: 2, key: "new", name: "To Do", color: "blue-gray" };
const ACTIVE: Category =
    Category { id: 4, key: "indeterminate", name: "In Progress", color: "yellow" };
const DONE: Category = Category { id: 3, key: "done", name: "Done", color: "green" };

pub(crate) const STATUSES: &[Status] = &[
    Status { id: "10000", name: "To Do", category: NEW },
    Status { id: "3", name: "In Progress", category: ACTIVE },
    Status { id: "10001", name: "Done", category: DONE },
];

/// The transitions of [`Workflow::Simple`].
pub(crate) const TRANSITIONS: &[Transition] = &[
    Transition { id: "11", name: "To Do", from: &[], to: "10000", resolves: false },
    Transition { id: "21", name: "In Progress", from: &[], to: "3", resolves: false },
    Transition { id: "31", name: "Done", from: &[], to: "10001", resolves: false },
];

/// The transitions of [`Workflow::Strict`].
const STEPS: &[Transition] = &[
    Transition { id: "41", name: "Start work", from: &["10000"], to: "3", resolves: false },
    Transition { id: "51", name: "Put back", from: &["3"], to: "10000", resolves: false },
    Transition { id: "61", name: "Resolve", from: &["3"], to: "10001", resolves: true },
    Transition { id: "71", name: "Reopen", from: &["10001"], to: "10000", resolves: false },
];

/// The transitions of a workflow.
pub(crate) fn transitions(workflow: Workflow) -> &'static [Transition] {
    match workflow {
        Workflow::Simple => TRANSITIONS,
        Workflow::Strict => STEPS,
    }
}

pub(crate) const RESOLUTIONS: &[Named] =
    &[Named { id: "10000", name: "Done" }, Named { id: "10001", name: "Won't Do" }];

pub(crate) const PRIORITIES: &[Named] = &[
    Named { id: "1", name: "Highest" },
    Named { id: "2", name: "High" },
    Named { id: "3", name: "Medium" },
    Named { id: "4", name: "Low" },
    Named { id: "5", name: "Lowest" },
];

pub(crate) const ISSUE_TYPES: &[Named] = &[
    Named { id: "10001", name: "Story" },
    Named { id: "10002", name: "Task" },
    Named { id: "10003", name: "Bug" },
];

/// The status a new issue has.
pub(crate) const FIRST_STATUS: &str = "10000";
/// The priority an issue has when none was chosen.
pub(crate) const DEFAULT_PRIORITY: &str = "3";
/// The issue type of the local page and the seeds.
pub(crate) const DEFAULT_ISSUE_TYPE: &str = "10002";

/// The status with this id; issues only ever have one of the list.
pub(crate) fn status(id: &str) -> &'static Status {
    STATUSES.iter().find(|status| status.id == id).unwrap_or(&STATUSES[0])
}

/// The name of the priority with this id.
pub(crate) fn priority_name(id: &str) -> &'static str {
    PRIORITIES.iter().find(|priority| priority.id == id).map_or("Medium", |found| found.name)
}

/// The entry with this id, or with this name in any case.
pub(crate) fn named(list: &'static [Named], id_or_name: &str) -> Option<&'static Named> {
    list.iter().find(|entry| entry.id == id_or_name || entry.name.eq_ignore_ascii_case(id_or_name))
}
