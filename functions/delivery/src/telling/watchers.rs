//! Telling those who watch an issue: found out once, then each on their own.

use std::collections::HashSet;

use tandem_domain::{AccountId, Audience, ClaimId, Failure, Purpose, Subject, Telling, Told};
use tandem_runtime::{App, signing::person_claim};

use crate::work::Outcome;

/// As how many people the watchers are asked for at most.
const MOST_READERS: usize = 50;

/// Hands on a telling for each watcher who wants to be told and did not do it themselves.
pub(super) async fn tell(
    app: &App,
    telling: &Telling,
    event: &ClaimId,
) -> Result<Outcome, Failure> {
    let wanting = app.store.list_watchers(&telling.cloud_id).await?;
    let wanting: Vec<AccountId> = wanting.into_iter().map(|watcher| watcher.account_id).collect();
    let Some(watching) = watching(app, telling, &wanting).await? else {
        return Ok(Outcome::Dropped("watchers_unknown"));
    };
    let actor = match &telling.what {
        Told::Created { actor } | Told::Updated { actor, .. } => actor.as_ref(),
        Told::Commented { author, .. } => Some(author),
        Told::Deleted => None,
    };
    let told: Vec<Telling> = wanting
        .iter()
        .filter(|account| watching.contains(account) && Some(*account) != actor)
        .filter_map(|account| {
            let claim = person_claim(event, account)?;
            let audience = Audience::Person { account_id: account.clone() };
            Some(Telling { claim, audience, ..telling.clone() })
        })
        .collect();
    if told.is_empty() {
        return Ok(Outcome::Dropped("nobody_watches"));
    }
    app.queue.send(&told).await?;
    Ok(Outcome::carried())
}

/// Who watches the issue, read as the first of those who want to know that may see it.
async fn watching(
    app: &App,
    telling: &Telling,
    wanting: &[AccountId],
) -> Result<Option<HashSet<AccountId>>, Failure> {
    let request = super::request(telling)?;
    let (mut seen, mut known) = (HashSet::new(), false);
    for account in wanting.iter().take(MOST_READERS) {
        let subject = Subject::Atlassian(account.clone());
        let token = match app.vault.access_token(&subject, Purpose::TellPerson, &request).await {
            Ok(token) => token,
            Err(Failure::Absent { .. } | Failure::SignInNeeded { .. }) => continue,
            Err(failure) => return Err(failure),
        };
        let site = app.jira.site(&telling.cloud_id, &token);
        match site.list_watchers(&telling.issue_id).await {
            Ok(watchers) if watchers.accounts.is_empty() => {
                // They see that they watch, but not who else does.
                known |= true;
                if watchers.is_watching {
                    seen.insert(account.clone());
                }
            }
            Ok(watchers) => return Ok(Some(watchers.accounts.into_iter().collect())),
            Err(failure) if failure.is_transient() => return Err(failure),
            Err(_) => {}
        }
    }
    Ok(known.then_some(seen))
}
