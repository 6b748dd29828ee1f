//! Telling those whom an event does not name: who reported a commented issue, and who watches it.
//! They are found out once, then each is told on their own.

use std::collections::HashSet;

use tandem_domain::{AccessToken, AccountId, Audience, ClaimId, Failure, Subject, Telling, Told};
use tandem_runtime::{App, signing::person_claim};

use super::{PURPOSE_PERSON, request};
use crate::work::Outcome;

/// As how many people an issue is looked up at most.
const MOST_READERS: usize = 50;

/// Hands on a telling for each of them who is linked and did not do it themselves.
pub(super) async fn tell(
    app: &App,
    telling: &Telling,
    event: &ClaimId,
    readers: &[AccountId],
) -> Result<Outcome, Failure> {
    let wanting = app.store.list_watchers(&telling.cloud_id).await?;
    let wanting: Vec<AccountId> = wanting.into_iter().map(|watcher| watcher.account_id).collect();
    let mut others: HashSet<AccountId> =
        reporter(app, telling, readers).await?.into_iter().collect();
    let watching = watching(app, telling, &wanting).await?;
    others.extend(wanting.into_iter().filter(|account| watching.contains(account)));
    let told: Vec<Telling> = others
        .into_iter()
        .filter(|account| Some(account) != actor(&telling.what))
        .filter_map(|account_id| {
            let claim = person_claim(event, &account_id)?;
            Some(Telling { claim, audience: Audience::Person { account_id }, ..telling.clone() })
        })
        .collect();
    if told.is_empty() {
        return Ok(Outcome::Dropped("nobody_else"));
    }
    app.queue.send(&told).await?;
    Ok(Outcome::carried())
}

fn actor(what: &Told) -> Option<&AccountId> {
    match what {
        Told::Created { actor } | Told::Updated { actor, .. } => actor.as_ref(),
        Told::Commented { author, .. } => Some(author),
        Told::Deleted => None,
    }
}

/// Somebody's token, where they have one that can be used.
async fn token_of(
    app: &App,
    telling: &Telling,
    account: &AccountId,
) -> Result<Option<AccessToken>, Failure> {
    let subject = Subject::Atlassian(account.clone());
    match app.vault.access_token(&subject, PURPOSE_PERSON, &request(telling)?).await {
        Ok(token) => Ok(Some(token)),
        Err(Failure::Absent { .. } | Failure::SignInNeeded { .. }) => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// Who reported a commented issue, if they are linked: read as the first who may see it.
async fn reporter(
    app: &App,
    telling: &Telling,
    readers: &[AccountId],
) -> Result<Option<AccountId>, Failure> {
    if !matches!(telling.what, Told::Commented { .. }) {
        return Ok(None);
    }
    for account in readers.iter().take(MOST_READERS) {
        let Some(token) = token_of(app, telling, account).await? else { continue };
        match app.jira.site(&telling.cloud_id, &token).get_issue(&telling.issue_id).await {
            Ok(issue) => {
                let Some(reporter) = issue.reporter else { return Ok(None) };
                let account = reporter.account_id;
                let link = app.store.find_link_by_account(&telling.cloud_id, &account).await?;
                return Ok(link.map(|link| link.account_id));
            }
            Err(failure) if failure.is_transient() => return Err(failure),
            Err(_) => {}
        }
    }
    Ok(None)
}

/// Who watches the issue, read as the first of those who want to know that may see it.
async fn watching(
    app: &App,
    telling: &Telling,
    wanting: &[AccountId],
) -> Result<HashSet<AccountId>, Failure> {
    let mut seen = HashSet::new();
    for account in wanting.iter().take(MOST_READERS) {
        let Some(token) = token_of(app, telling, account).await? else { continue };
        let site = app.jira.site(&telling.cloud_id, &token);
        match site.list_watchers(&telling.issue_id).await {
            Ok(watchers) if watchers.accounts.is_empty() => {
                // They see whether they watch, but not who else does.
                if watchers.is_watching {
                    seen.insert(account.clone());
                }
            }
            Ok(watchers) => return Ok(watchers.accounts.into_iter().collect()),
            Err(failure) if failure.is_transient() => return Err(failure),
            Err(_) => {}
        }
    }
    Ok(seen)
}
