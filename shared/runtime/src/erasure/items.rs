//! The items of a person, a site or a Microsoft tenant, and what hangs on them.

use tandem_domain::Failure;
use tandem_store::{
    AccountLink, Found, Part, Reach, What,
    keys::{self, Index},
};

use super::pass::Pass;

impl Pass<'_> {
    /// Deletes a page of what was found, and before each item what it leads to.
    pub(super) async fn erase_items(&self, found: Vec<Found>) -> Result<usize, Failure> {
        let (mut erased, mut going) = (0, Vec::new());
        for item in found {
            match &item.what {
                // The vault's, and found again in the next pass if it was made just now.
                What::Grant(_) | What::Erasure => continue,
                What::ChatLink(link) => {
                    erased += self.erase_subscription(&link.tenant_id, &link.chat_id).await?;
                }
                What::Subscription(of) => {
                    erased += self.erase_subscription(&of.tenant_id, &of.chat_id).await?;
                    continue;
                }
                What::AccountLink(link) => {
                    // Linked behind the step that erased the secrets.
                    if !matches!(self.reach, Reach::User(..)) {
                        erased += self.erase_secrets_of(link).await?;
                    }
                    erased += self.erase_sessions(link).await?;
                }
                What::SettingChange(change) if matches!(self.reach, Reach::User(..)) => {
                    erased += usize::from(self.app.store.forget_changer(change).await?);
                    continue;
                }
                _ => {}
            }
            going.push(item);
        }
        Ok(erased + self.app.store.erase_all_found(self.erasure, &going).await?)
    }

    /// What no index leads to: a person's name in settings that others own, and ledgers.
    pub(super) async fn erase_leftovers(&self) -> Result<usize, Failure> {
        let mut erased = 0;
        if let Reach::User(jira, _) = self.reach {
            for user in jira {
                let (cloud, account) = (&user.cloud_id, &user.account_id);
                erased += self.app.store.forget_setter(cloud, account).await?;
                erased += self.app.store.forget_assignee(cloud, account).await?;
            }
        }
        self.erase_ledgers().await?;
        Ok(erased)
    }

    /// Ends the sessions of a link's people: they lie under the Jira user and the site.
    async fn erase_sessions(&self, link: &AccountLink) -> Result<usize, Failure> {
        let value = keys::jira_user(&link.cloud_id, &link.account_id);
        let part =
            Part::Indexed { index: Index::ByOwner, value, prefix: Some(keys::SESSIONS.to_owned()) };
        let (mut erased, mut after) = (0, None);
        loop {
            let (found, next) = self.app.store.list_part(&part, after.as_ref()).await?;
            let theirs = |item: &Found| match &item.what {
                What::Session(session) => session.tenant_id == link.tenant_id,
                _ => false,
            };
            let going: Vec<Found> = found.into_iter().filter(theirs).collect();
            erased += self.app.store.erase_all_found(self.erasure, &going).await?;
            after = next;
            if after.is_none() {
                return Ok(erased);
            }
        }
    }

    /// Deletes the ledgers of the grants that were found in this or an earlier pass.
    async fn erase_ledgers(&self) -> Result<(), Failure> {
        let noted = self.app.store.find_erasure(self.erasure).await?;
        for grant in noted.iter().flat_map(|erasure| &erasure.grant_ids) {
            self.app.store.delete_ledger(grant).await?;
        }
        Ok(())
    }
}
