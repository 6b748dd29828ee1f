//! What the search says.

/// Where nothing was found.
pub(super) const NOTHING_FOUND: &str = "Nothing found in Jira.";
/// Where nothing typed can be searched for.
pub(super) const NOTHING_TO_SEARCH: &str =
    "Type words, a key such as DEMO-12, @me, project:KEY or status:open.";
/// Where `site:` names none of the person's sites.
pub(super) const NO_SUCH_SITE: &str = "You are not connected to a Jira site of that name.";
