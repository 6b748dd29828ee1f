//! Chats' subscriptions: ended at Graph while there still are tokens to do it with, or handed on; and
//! the webhooks that were registered at Jira.

use tandem_domain::{ChatId, CloudId, Failure, ObjectId, Purpose, Subject, TenantId};
use tandem_store::{ChatSubscription, Found, Reach, What};

use super::pass::Pass;
use crate::site_webhooks;

impl Pass<'_> {
    /// Ends the subscriptions at Graph of the chats that were found; hands those on that others
    /// need. The items stay until the secrets are gone.
    pub(super) async fn end_notifications(&self, found: &[Found]) -> Result<(), Failure> {
        for item in found {
            match &item.what {
                What::ChatLink(link) => self.release_chat(&link.tenant_id, &link.chat_id).await?,
                What::Subscription(of) => self.release_chat(&of.tenant_id, &of.chat_id).await?,
                _ => {}
            }
        }
        Ok(())
    }

    pub(super) async fn release_chat(
        &self,
        tenant: &TenantId,
        chat: &ChatId,
    ) -> Result<(), Failure> {
        let store = &self.app.store;
        let Some(mut item) = store.find_chat_subscription(tenant, chat).await? else {
            return Ok(());
        };
        let heirs = self.heirs(tenant, chat).await?;
        // Where nobody goes, whoever reads the chat may go on with it.
        let stays = matches!(self.reach, Reach::Issue(..) | Reach::Project(..));
        if heirs.contains(&item.subscriber) || (stays && !heirs.is_empty()) {
            return Ok(());
        }
        let had = item.subscription_id.is_some();
        self.end_at_graph(&item).await;
        item.subscription_id = None;
        match heirs.into_iter().next() {
            // Upkeep makes it anew, as somebody whose link with the chat stays.
            Some(heir) => {
                item.subscriber = heir;
                item.renew_at = self.app.clock.now();
                store.put_chat_subscription(&item).await?;
            }
            None if had => store.put_chat_subscription(&item).await?,
            None => {}
        }
        Ok(())
    }

    /// Whose links keep the chat in use when this erasure is done.
    async fn heirs(&self, tenant: &TenantId, chat: &ChatId) -> Result<Vec<ObjectId>, Failure> {
        let links = self.app.store.list_issues_by_chat(tenant, chat).await?;
        let stays = links.into_iter().filter(|link| !self.reach.has_chat_link(link));
        Ok(stays.map(|link| link.creator_object_id).collect())
    }

    /// Ends the webhooks at Jira that were registered as somebody who goes. The items go with all that
    /// is theirs.
    pub(super) async fn end_webhooks(&self) -> Result<(), Failure> {
        let sites: Vec<&CloudId> = match self.reach {
            Reach::User(jira, _) => jira.iter().map(|user| &user.cloud_id).collect(),
            Reach::Instance(cloud) => vec![cloud],
            Reach::Tenant(_) | Reach::Project(..) | Reach::Issue(..) => Vec::new(),
        };
        for cloud in sites {
            let found = self.app.store.find_site_webhook(cloud).await?;
            let theirs = found.filter(|it| self.reach.has_account(cloud, &it.registered_by));
            if let Some(item) = theirs {
                site_webhooks::end_at_jira(self.app, &item, self.request).await;
            }
        }
        Ok(())
    }

    /// As well as it goes: what cannot be ended ends by itself within three days, and what it tells
    /// until then is of no chat that is known.
    async fn end_at_graph(&self, item: &ChatSubscription) {
        let Some(id) = &item.subscription_id else { return };
        let subject = Subject::Microsoft(item.tenant_id.clone(), item.subscriber.clone());
        let vault = &self.app.vault;
        let token = vault.access_token(&subject, Purpose::RenewSubscription, self.request).await;
        let ended = match token {
            Ok(token) => self.app.graph.as_user(&token).delete_subscription(id).await,
            Err(failure) => Err(failure),
        };
        if let Err(failure) = ended {
            tracing::warn!(target: "tandem", code = failure.code(), "a subscription ends by itself");
        }
    }

    /// Deletes a chat's subscription, unless somebody whose link stays has it by now.
    pub(super) async fn erase_subscription(
        &self,
        tenant: &TenantId,
        chat: &ChatId,
    ) -> Result<usize, Failure> {
        let Some(item) = self.app.store.find_chat_subscription(tenant, chat).await? else {
            return Ok(0);
        };
        if !self.heirs(tenant, chat).await?.is_empty() {
            return Ok(0);
        }
        let found = Found::subscription(&item);
        Ok(usize::from(self.app.store.erase_found(self.erasure, &found).await?))
    }
}
