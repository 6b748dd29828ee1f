//! The order of what a query finds.

use std::cmp::Ordering;

use crate::sandbox::jira::{
    answer::Refusal,
    model::{Issue, Site},
};

/// By what issues are ordered, the weightiest first. Where nothing is said: what changed last
/// comes first.
#[derive(Default)]
pub(crate) struct Order(Vec<(By, bool)>);

#[derive(Clone, Copy)]
enum By {
    Created,
    Updated,
    LastViewed,
    Key,
    Priority,
    Summary,
}

impl Order {
    /// The order of these fields, each with its direction if one was given: whether descending.
    pub(super) fn of(fields: &[(String, Option<bool>)]) -> Result<Self, Refusal> {
        let keys = fields.iter().map(|(name, descending)| {
            let key = match name.to_ascii_lowercase().as_str() {
                "created" | "createddate" => By::Created,
                "updated" | "updateddate" => By::Updated,
                "lastviewed" => By::LastViewed,
                "key" | "issuekey" => By::Key,
                "priority" => By::Priority,
                "summary" => By::Summary,
                _ => {
                    return Err(Refusal::bad_request(&format!(
                        "Not able to sort using field '{name}'."
                    )));
                }
            };
            let is_time = matches!(key, By::Created | By::Updated | By::LastViewed);
            Ok((key, descending.unwrap_or(is_time)))
        });
        keys.collect::<Result<_, _>>().map(Self)
    }

    /// Puts the issues into this order, as `account` sees them.
    pub(crate) fn sort(&self, site: &Site, account: &str, issues: &mut [&Issue]) {
        let keys = if self.0.is_empty() { &[(By::Updated, true)][..] } else { &self.0 };
        let viewed = site.viewed.get(account);
        let last_viewed = |issue: &Issue| viewed?.iter().position(|id| *id == issue.id);
        issues.sort_by(|one, other| {
            let compare = |(key, descending): &(By, bool)| {
                let ordering = match key {
                    By::Created => one.created.cmp(&other.created),
                    By::Updated => one.updated.cmp(&other.updated),
                    By::LastViewed => last_viewed(one).cmp(&last_viewed(other)),
                    By::Key => number(one).cmp(&number(other)),
                    // The most urgent priority has the lowest number, and counts as the greatest.
                    By::Priority => other.priority.cmp(&one.priority),
                    By::Summary => one.summary.cmp(&other.summary),
                };
                if *descending { ordering.reverse() } else { ordering }
            };
            keys.iter().map(compare).find(|it| it.is_ne()).unwrap_or(Ordering::Equal)
        });
    }
}

/// The project's key and the number of the issue in it.
fn number(issue: &Issue) -> (&str, u64) {
    let (project, number) = issue.key.rsplit_once('-').unwrap_or((&issue.key, "0"));
    (project, number.parse().unwrap_or_default())
}
