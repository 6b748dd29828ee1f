//! Everything that is kept of one issue, in one read.

use tandem_domain::{CloudId, IssueId, ProjectId};

use crate::{ChatLink, IssueMessage, IssueThread, Part, Store, StoreError, What, keys};

/// Everything that is kept of one issue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeptOfIssue {
    /// Its chats.
    pub chats: Vec<ChatLink>,
    /// The threads in which channels are told of it.
    pub threads: Vec<IssueThread>,
    /// The message it was created from.
    pub origin: Option<IssueMessage>,
}

impl KeptOfIssue {
    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.chats.is_empty() && self.threads.is_empty() && self.origin.is_none()
    }

    /// The issue's project, by whatever names it.
    pub fn project_id(&self) -> Option<ProjectId> {
        let chats = self.chats.iter().map(|link| Some(&link.project_id));
        let threads = self.threads.iter().map(|thread| thread.project_id.as_ref());
        let origin = self.origin.iter().map(|origin| origin.project_id.as_ref());
        chats.chain(threads).chain(origin).flatten().next().cloned()
    }
}

impl Store {
    /// Everything that is kept of an issue.
    pub async fn list_kept_of_issue(
        &self,
        cloud: &CloudId,
        issue: &IssueId,
    ) -> Result<KeptOfIssue, StoreError> {
        let part = Part::Partition(keys::issue(cloud, issue));
        let (mut kept, mut after) = (KeptOfIssue::default(), None);
        loop {
            let (found, next) = self.list_part(&part, after.as_ref()).await?;
            for item in found {
                match item.what {
                    What::ChatLink(link) => kept.chats.push(link),
                    What::IssueThread(thread) => kept.threads.push(thread),
                    What::IssueMessage(origin) => kept.origin = Some(origin),
                    _ => {}
                }
            }
            after = next;
            if after.is_none() {
                return Ok(kept);
            }
        }
    }
}
