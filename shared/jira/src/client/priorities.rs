//! The priorities of a site.

use tandem_domain::{Failure, PriorityId, document::Prose};

use super::{Call, Site, parsed};
use crate::wire::WireNamed;

impl Site<'_> {
    /// The priorities, the most urgent first. The newer, paged operation asks for the scope
    /// `manage:jira-configuration`, which Tandem does not have.
    /// <https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-priorities/>
    pub async fn list_priorities(&self) -> Result<Vec<(PriorityId, Prose)>, Failure> {
        let call = Call::get(self.url(&["priority"], &[]), "jira_priorities");
        let priorities: Vec<WireNamed> = parsed(&self.send(call).await?)?;
        let known = |named: &WireNamed| Some((named.parse_id(PriorityId::parse)?, named.prose()?));
        Ok(priorities.iter().filter_map(known).collect())
    }
}
