//! Erasing a person, a site or a Microsoft tenant, so that it can be taken up again wherever it
//! stopped: secrets first, without a recovery window, then items, then the receipt.
//!
//! What is to be erased is written down before anything is, and goes last, together with the
//! receipt's completion. In between, nothing is deleted that the next attempt would need to find
//! the rest: an item that leads to a secret or a subscription outlives it.

use tandem_domain::{
    ChatId, CloudId, Entropy, Failure, Purpose, ReceiptId, RequestId, Subject, TenantId,
};
use tandem_store::{
    AccountLink, ChatSubscription, Cursor, ERASURE_QUIET, Erasure, Found, Reach, Session, What,
    keys::{self, Index},
};

use crate::{App, site_webhooks};

/// Begins an erasure, or joins the one that is under way: nothing is erased yet.
pub async fn begin(app: &App, reach: &Reach) -> Result<Erasure, Failure> {
    let id = receipt_id(&*app.entropy).ok_or(Failure::Fault { what: "receipt_id" })?;
    Ok(app.store.begin_erasure(reach, id, app.clock.now()).await?)
}

fn receipt_id(entropy: &dyn Entropy) -> Option<ReceiptId> {
    let mut bytes = [0u8; 16];
    entropy.fill(&mut bytes);
    ReceiptId::parse(&crate::signing::hex(&bytes)).ok()
}

/// Ends the links and sessions of a person who is about to be erased, so that nothing is done in
/// their name from now on. Needs no token and no secret.
pub async fn withdraw(app: &App, erasure: &Erasure, session: &Session) -> Result<(), Failure> {
    let reach = reach_of(erasure)?;
    // The index may lag behind: what the session itself names is known without it.
    let link = app.store.find_link_by_account(&session.cloud_id, &session.account_id).await?;
    if let Some(link) = link
        && reach.has_object(&link.tenant_id, &link.object_id)
    {
        app.store.erase_found(erasure, &Found::account_link(&link)).await?;
    }
    app.store.erase_found(erasure, &Found::session(session)).await?;
    for (index, value) in reach.indexed() {
        let mut from = None;
        loop {
            let (found, next) = app.store.list_indexed(index, &value, from).await?;
            for item in &found {
                if matches!(item.what, What::AccountLink(_) | What::Session(_)) {
                    app.store.erase_found(erasure, item).await?;
                }
            }
            from = next;
            if from.is_none() {
                break;
            }
        }
    }
    Ok(())
}

/// Goes on with an erasure until nothing is found any more. It is done, and the receipt complete,
/// when nothing was found for two minutes: work that had begun before may still have written.
/// Answers whether it is done. Repeating it when it is done changes nothing.
pub async fn go_on(app: &App, erasure: &Erasure, request: &RequestId) -> Result<bool, Failure> {
    let Some(erasure) = app.store.find_erasure(erasure).await? else { return Ok(true) };
    let reach = reach_of(&erasure)?;
    let run = Run { app, erasure: &erasure, reach: &reach, request };
    let mut erased = run.end_notifications().await?;
    erased += run.erase_secrets().await?;
    erased += run.erase_items().await?;
    let now = app.clock.now();
    if erased == 0 && erasure.quiet_since.is_some_and(|since| since.plus(ERASURE_QUIET) <= now) {
        // Read once more: the grants that this run noted are counted, too.
        if let Some(noted) = app.store.find_erasure(&erasure).await? {
            app.store.finish_erasure(&noted, now).await?;
        }
        return Ok(true);
    }
    let quiet = if erased == 0 { erasure.quiet_since.unwrap_or(now) } else { now };
    app.store.put_off_erasure(&erasure, Some(quiet), quiet.plus(ERASURE_QUIET)).await?;
    Ok(false)
}

fn reach_of(erasure: &Erasure) -> Result<Reach, Failure> {
    erasure.reach().ok_or(Failure::Fault { what: "erasure_of_nothing" })
}

/// How far a partition of an index was read.
enum Place {
    Start,
    After(Cursor),
    End,
}

/// One attempt at an erasure. Each step answers how much it erased.
struct Run<'a> {
    app: &'a App,
    erasure: &'a Erasure,
    reach: &'a Reach,
    request: &'a RequestId,
}

impl Run<'_> {
    /// The next page of one partition of an index; `None` at its end.
    async fn page(
        &self,
        index: Index,
        value: &str,
        from: &mut Place,
    ) -> Result<Option<Vec<Found>>, Failure> {
        let at = match from {
            Place::Start => None,
            Place::After(cursor) => Some(cursor.clone()),
            Place::End => return Ok(None),
        };
        let (found, next) = self.app.store.list_indexed(index, value, at).await?;
        *from = next.map_or(Place::End, Place::After);
        Ok(Some(found))
    }

    /// Ends the subscriptions at Graph while there still are tokens to do it with; hands those on
    /// that others need. The items stay until the secrets are gone.
    async fn end_notifications(&self) -> Result<usize, Failure> {
        self.end_webhooks().await?;
        for (index, value) in self.reach.indexed() {
            let mut from = Place::Start;
            while let Some(found) = self.page(index, &value, &mut from).await? {
                for item in found {
                    match &item.what {
                        What::ChatLink(link) => {
                            self.release_chat(&link.tenant_id, &link.chat_id).await?;
                        }
                        What::Subscription(of) => {
                            self.release_chat(&of.tenant_id, &of.chat_id).await?;
                        }
                        _ => {}
                    }
                }
            }
        }
        Ok(0)
    }

    /// Ends the webhooks at Jira that were registered as somebody who goes. The items go with all that
    /// is theirs.
    async fn end_webhooks(&self) -> Result<(), Failure> {
        let sites: Vec<&CloudId> = match self.reach {
            Reach::User(jira, _) => jira.iter().map(|user| &user.cloud_id).collect(),
            Reach::Instance(cloud) => vec![cloud],
            Reach::Tenant(_) => Vec::new(),
        };
        for cloud in sites {
            let found = self.app.store.find_site_webhook(cloud).await?;
            if let Some(item) = found.filter(|it| self.reach.has_account(cloud, &it.registered_by))
            {
                site_webhooks::end_at_jira(self.app, &item, self.request).await;
            }
        }
        Ok(())
    }

    async fn release_chat(&self, tenant: &TenantId, chat: &ChatId) -> Result<(), Failure> {
        let store = &self.app.store;
        let Some(mut item) = store.find_chat_subscription(tenant, chat).await? else {
            return Ok(());
        };
        let heirs = self.heirs(tenant, chat).await?;
        if heirs.contains(&item.subscriber) {
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
    async fn heirs(
        &self,
        tenant: &TenantId,
        chat: &ChatId,
    ) -> Result<Vec<tandem_domain::ObjectId>, Failure> {
        let links = self.app.store.list_issues_by_chat(tenant, chat).await?;
        let stays = links.into_iter().filter(|link| {
            !self.reach.has_account(&link.cloud_id, &link.created_by)
                && !self.reach.has_object(&link.tenant_id, &link.creator_object_id)
        });
        Ok(stays.map(|link| link.creator_object_id).collect())
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

    /// Erases the grants with their secrets and ledgers, and a site's webhook secret.
    async fn erase_secrets(&self) -> Result<usize, Failure> {
        let mut erased = 0;
        match self.reach {
            Reach::User(jira, microsoft) => {
                for user in jira {
                    let subject = Subject::Atlassian(user.account_id.clone());
                    erased += self.erase_grant(&subject).await?;
                }
                for user in microsoft {
                    let subject =
                        Subject::Microsoft(user.tenant_id.clone(), user.object_id.clone());
                    erased += self.erase_grant(&subject).await?;
                }
            }
            Reach::Instance(cloud) => {
                erased += self.erase_secrets_found().await?;
                self.app.webhook_secrets.erase(cloud).await?;
            }
            Reach::Tenant(_) => erased += self.erase_secrets_found().await?,
        }
        Ok(erased)
    }

    async fn erase_secrets_found(&self) -> Result<usize, Failure> {
        let mut erased = 0;
        for (index, value) in self.reach.indexed() {
            let mut from = Place::Start;
            while let Some(found) = self.page(index, &value, &mut from).await? {
                for item in found {
                    match &item.what {
                        What::AccountLink(link) => {
                            for subject in self.unneeded_after(link).await? {
                                erased += self.erase_grant(&subject).await?;
                            }
                        }
                        What::Grant(grant) => {
                            if let Some(subject) = grant.subject() {
                                erased += self.erase_grant(&subject).await?;
                            }
                        }
                        _ => {}
                    }
                }
            }
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

    /// Deletes what the indexes lead to, and what hangs on it.
    async fn erase_items(&self) -> Result<usize, Failure> {
        let mut erased = 0;
        for (index, value) in self.reach.indexed() {
            let mut from = Place::Start;
            while let Some(found) = self.page(index, &value, &mut from).await? {
                for item in found {
                    erased += self.erase_item(&item).await?;
                }
            }
        }
        if let Reach::User(jira, _) = self.reach {
            for user in jira {
                let (cloud, account) = (&user.cloud_id, &user.account_id);
                erased += self.app.store.forget_setter(cloud, account).await?;
                erased += self.app.store.forget_assignee(cloud, account).await?;
            }
        }
        erased += self.erase_ledgers().await?;
        Ok(erased)
    }

    async fn erase_item(&self, item: &Found) -> Result<usize, Failure> {
        let mut erased = 0;
        match &item.what {
            // The vault's, and found again in the next run if it was made just now.
            What::Grant(_) | What::Erasure => return Ok(0),
            What::ChatLink(link) => {
                erased += self.erase_subscription(&link.tenant_id, &link.chat_id).await?;
            }
            What::Subscription(of) => {
                return self.erase_subscription(&of.tenant_id, &of.chat_id).await;
            }
            What::AccountLink(link) => erased += self.erase_sessions(link).await?,
            What::MessageLink(_)
            | What::ChannelSubscription(_)
            | What::IssueThread(_)
            | What::IssueMessage(_)
            | What::Session(_)
            | What::Other => {}
        }
        erased += usize::from(self.app.store.erase_found(self.erasure, item).await?);
        Ok(erased)
    }

    /// Deletes a chat's subscription, unless somebody whose link stays has it by now.
    async fn erase_subscription(&self, tenant: &TenantId, chat: &ChatId) -> Result<usize, Failure> {
        let Some(item) = self.app.store.find_chat_subscription(tenant, chat).await? else {
            return Ok(0);
        };
        if !self.heirs(tenant, chat).await?.is_empty() {
            return Ok(0);
        }
        let found = Found::subscription(&item);
        Ok(usize::from(self.app.store.erase_found(self.erasure, &found).await?))
    }

    /// Ends the sessions of a link's people: they lie under the Jira user and the site.
    async fn erase_sessions(&self, link: &AccountLink) -> Result<usize, Failure> {
        let owner = keys::jira_user(&link.cloud_id, &link.account_id);
        let (mut erased, mut from) = (0, Place::Start);
        while let Some(found) = self.page(Index::ByOwner, &owner, &mut from).await? {
            for item in found {
                if let What::Session(session) = &item.what
                    && session.tenant_id == link.tenant_id
                {
                    let gone = self.app.store.erase_found(self.erasure, &item).await?;
                    erased += usize::from(gone);
                }
            }
        }
        Ok(erased)
    }

    /// Deletes the ledgers of the grants that were found in this or an earlier attempt.
    async fn erase_ledgers(&self) -> Result<usize, Failure> {
        let noted = self.app.store.find_erasure(self.erasure).await?;
        for grant in noted.iter().flat_map(|erasure| &erasure.grant_ids) {
            self.app.store.delete_ledger(grant).await?;
        }
        Ok(0)
    }
}

/// What a person's erasure reaches: the two accounts of a session, and every account that is linked
/// with the Microsoft user on another site.
pub async fn reach_of_person(app: &App, session: &Session) -> Result<Reach, Failure> {
    use tandem_store::{JiraUser, MicrosoftUser};
    let (tenant, object) = (&session.tenant_id, &session.object_id);
    let of = |cloud: &CloudId, account: &tandem_domain::AccountId| JiraUser {
        cloud_id: cloud.clone(),
        account_id: account.clone(),
    };
    let mut jira = vec![of(&session.cloud_id, &session.account_id)];
    for link in app.store.list_links_by_object(tenant, object).await? {
        let user = of(&link.cloud_id, &link.account_id);
        if !jira.contains(&user) {
            jira.push(user);
        }
    }
    let microsoft = MicrosoftUser { tenant_id: tenant.clone(), object_id: object.clone() };
    Ok(Reach::User(jira, vec![microsoft]))
}
