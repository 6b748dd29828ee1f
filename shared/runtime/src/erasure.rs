//! Erasing a person, a site, a Microsoft tenant, a project or an issue, so that it can be taken up
//! again wherever it stopped: secrets first, without a recovery window, then items, then the receipt.
//!
//! What is to be erased is written down before anything is, and goes last, together with the
//! receipt's completion. In between, nothing is deleted that the next attempt would need to find
//! the rest: an item that leads to a secret, a subscription or to other items outlives it.

mod items;
mod of_issue;
mod pass;
mod secrets;
mod subscriptions;

use tandem_domain::{
    AccountId, CloudId, Entropy, Failure, ObjectId, ReceiptId, RequestId, TenantId, Timestamp,
};
use tandem_store::{
    ERASURE_QUIET, Erasure, Found, JiraUser, MicrosoftUser, Progress, Reach, Session, What,
};

use self::pass::Pass;
use crate::App;

/// Begins an erasure, or joins the one that is under way: nothing is erased yet.
pub async fn begin(app: &App, reach: &Reach) -> Result<Erasure, Failure> {
    Ok(app.store.begin_erasure(prepared(app, reach)?).await?)
}

/// An erasure that is due at once, to be begun with [`tandem_store::Store::begin_erasure`].
pub fn prepared(app: &App, reach: &Reach) -> Result<Erasure, Failure> {
    let id = receipt_id(&*app.entropy).ok_or(Failure::Fault { what: "receipt_id" })?;
    Ok(Erasure::of(reach, id, app.clock.now()))
}

fn receipt_id(entropy: &dyn Entropy) -> Option<ReceiptId> {
    let mut bytes = [0u8; 16];
    entropy.fill(&mut bytes);
    ReceiptId::parse(&crate::signing::hex(&bytes)).ok()
}

/// Ends the links and sessions of a person who is about to be erased, so that nothing is done in
/// their name from now on. Needs no token and no secret.
pub async fn withdraw(app: &App, erasure: &Erasure, session: &Session) -> Result<(), Failure> {
    let reach = erasure.reach().ok_or(Failure::Fault { what: "erasure_of_nothing" })?;
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
    go_on_until(app, erasure, request, None).await
}

/// The same for no longer than `until`, give or take a page: the next call goes on from there, at
/// once or whenever it comes.
pub async fn go_on_until(
    app: &App,
    erasure: &Erasure,
    request: &RequestId,
    until: Option<Timestamp>,
) -> Result<bool, Failure> {
    let Some(erasure) = app.store.find_erasure(erasure).await? else { return Ok(true) };
    let reach = erasure.reach().ok_or(Failure::Fault { what: "erasure_of_nothing" })?;
    let progress = erasure.progress.clone();
    let progress = progress.unwrap_or_else(|| Progress::begin(app.clock.now()));
    let mut pass = Pass { app, erasure: &erasure, reach: &reach, request, until, progress };
    if !pass.run().await? {
        let (store, now) = (&app.store, app.clock.now());
        store.put_off_erasure(&erasure, None, now, Some(&pass.progress)).await?;
        return Ok(false);
    }
    let (now, Progress { erased, began_at, .. }) = (app.clock.now(), pass.progress);
    let quiet_for_long = |since: Timestamp| since.plus(ERASURE_QUIET) <= began_at;
    if erased == 0 && erasure.quiet_since.is_some_and(quiet_for_long) {
        // Read once more: the grants that this pass noted are counted, too.
        if let Some(noted) = app.store.find_erasure(&erasure).await? {
            app.store.finish_erasure(&noted, now).await?;
        }
        return Ok(true);
    }
    let quiet = if erased == 0 { erasure.quiet_since.unwrap_or(now) } else { now };
    app.store.put_off_erasure(&erasure, Some(quiet), quiet.plus(ERASURE_QUIET), None).await?;
    Ok(false)
}

/// What a person's erasure reaches: the two accounts of a session, and every account that is linked
/// with the Microsoft user on another site.
pub async fn reach_of_person(app: &App, session: &Session) -> Result<Reach, Failure> {
    let user = jira_user(&session.cloud_id, &session.account_id);
    reach_of_linked(app, user, &session.tenant_id, &session.object_id).await
}

/// The same of a Jira user, and of the Microsoft user they are linked with, if they are.
pub async fn reach_of_account(
    app: &App,
    cloud: &CloudId,
    account: &AccountId,
) -> Result<Reach, Failure> {
    let user = jira_user(cloud, account);
    match app.store.find_link_by_account(cloud, account).await? {
        Some(link) => reach_of_linked(app, user, &link.tenant_id, &link.object_id).await,
        None => Ok(Reach::User(vec![user], Vec::new())),
    }
}

async fn reach_of_linked(
    app: &App,
    user: JiraUser,
    tenant: &TenantId,
    object: &ObjectId,
) -> Result<Reach, Failure> {
    let mut jira = vec![user];
    for link in app.store.list_links_by_object(tenant, object).await? {
        let user = jira_user(&link.cloud_id, &link.account_id);
        if !jira.contains(&user) {
            jira.push(user);
        }
    }
    let microsoft = MicrosoftUser { tenant_id: tenant.clone(), object_id: object.clone() };
    Ok(Reach::User(jira, vec![microsoft]))
}

/// The erasure of a Jira user who is gone from a site, of whom other sites may still have an
/// account: what the site has of them, and of the Microsoft user they are linked with, as far as no
/// link with another site needs it. Without a link on the site nobody can tell whether another one
/// needs their Atlassian grant: it stays until Atlassian tells that the account is closed, or until
/// it ends for being left idle.
pub async fn of_former_user(
    app: &App,
    cloud: &CloudId,
    account: &AccountId,
) -> Result<Erasure, Failure> {
    let (mut microsoft, mut keeps_grant) = (Vec::new(), true);
    if let Some(link) = app.store.find_link_by_account(cloud, account).await? {
        let links = app.store.list_links_by_object(&link.tenant_id, &link.object_id).await?;
        let others: Vec<_> = links.iter().filter(|other| other.cloud_id != *cloud).collect();
        keeps_grant = others.iter().any(|other| other.account_id == *account);
        if others.is_empty() {
            let (tenant_id, object_id) = (link.tenant_id, link.object_id);
            microsoft.push(MicrosoftUser { tenant_id, object_id });
        }
    }
    let reach = Reach::User(vec![jira_user(cloud, account)], microsoft);
    Ok(Erasure { keeps_grant, ..prepared(app, &reach)? })
}

fn jira_user(cloud: &CloudId, account: &AccountId) -> JiraUser {
    JiraUser { cloud_id: cloud.clone(), account_id: account.clone() }
}
