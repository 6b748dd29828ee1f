//! Grants with their secrets and ledgers, and a site's webhook secret.

use tandem_domain::{Failure, Subject};
use tandem_store::{AccountLink, Found, Reach, What};

use super::pass::Pass;

impl Pass<'_> {
    /// Erases what is known without looking: a person's grants, a site's webhook secret.
    pub(super) async fn erase_known_secrets(&self) -> Result<usize, Failure> {
        let mut erased = 0;
        match self.reach {
            Reach::User(jira, microsoft) => {
                for user in jira.iter().filter(|_| !self.erasure.keeps_grant) {
                    let subject = Subject::Atlassian(user.account_id.clone());
                    erased += self.erase_grant(&subject).await?;
                }
                for user in microsoft {
                    let subject =
                        Subject::Microsoft(user.tenant_id.clone(), user.object_id.clone());
                    erased += self.erase_grant(&subject).await?;
                }
            }
            Reach::Instance(cloud) => self.app.webhook_secrets.erase(cloud).await?,
            Reach::Tenant(_) | Reach::Project(..) | Reach::Issue(..) => {}
        }
        Ok(erased)
    }

    pub(super) async fn erase_secrets_found(&self, found: &[Found]) -> Result<usize, Failure> {
        let mut erased = 0;
        for item in found {
            match &item.what {
                What::AccountLink(link) => erased += self.erase_secrets_of(link).await?,
                What::Grant(grant) => {
                    if let Some(subject) = grant.subject() {
                        erased += self.erase_grant(&subject).await?;
                    }
                }
                _ => {}
            }
        }
        Ok(erased)
    }

    /// Erases the grants that no link needs when this one is gone.
    pub(super) async fn erase_secrets_of(&self, link: &AccountLink) -> Result<usize, Failure> {
        let mut erased = 0;
        for subject in self.unneeded_after(link).await? {
            erased += self.erase_grant(&subject).await?;
        }
        Ok(erased)
    }

    /// The grants that no link needs when this one is gone. The links looked at are those of the
    /// same Microsoft user with other sites, as when somebody disconnects.
    async fn unneeded_after(&self, link: &AccountLink) -> Result<Vec<Subject>, Failure> {
        let links = self.app.store.list_links_by_object(&link.tenant_id, &link.object_id).await?;
        let remaining: Vec<_> = links
            .into_iter()
            .filter(|other| {
                !self.reach.has_account(&other.cloud_id, &other.account_id)
                    && !self.reach.has_object(&other.tenant_id, &other.object_id)
            })
            .collect();
        let mut unneeded = Vec::new();
        if !remaining.iter().any(|other| other.account_id == link.account_id) {
            unneeded.push(Subject::Atlassian(link.account_id.clone()));
        }
        if remaining.is_empty() {
            unneeded.push(Subject::Microsoft(link.tenant_id.clone(), link.object_id.clone()));
        }
        Ok(unneeded)
    }

    async fn erase_grant(&self, subject: &Subject) -> Result<usize, Failure> {
        let Some(grant) = self.app.store.find_grant(subject).await? else { return Ok(0) };
        self.app.store.note_erased_grant(self.erasure, &grant).await?;
        self.app.vault.erase(subject).await?;
        Ok(1)
    }
}
