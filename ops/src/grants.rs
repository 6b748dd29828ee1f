//! Grants that need a sign-in: whose, and since when. No token is opened for it.

use std::collections::HashSet;

use serde::Serialize;
use tandem_domain::{CloudId, GrantId, GrantState, Provider, SignInReason, Subject};
use tandem_store::Grant;

use crate::{
    Ops,
    error::OpsError,
    output::{ago, columns},
};

/// How many people one round trip looks up.
const BATCH: usize = 100;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Needing {
    grants: Vec<NeedingSignIn>,
    /// Whether there are more than were looked at.
    more: bool,
    /// Where their owners sign in.
    sign_in: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NeedingSignIn {
    grant_id: GrantId,
    provider: Provider,
    /// The Atlassian account, or tenant and object id of the Microsoft user.
    #[serde(skip_serializing_if = "Option::is_none")]
    account_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    object_id: Option<String>,
    reason: SignInReason,
    since: Option<String>,
    #[serde(skip)]
    line: [String; 4],
}

/// Lists the grants that need a sign-in, of one site or of all.
pub(crate) async fn needing_sign_in(
    ops: &mut Ops,
    site: Option<&CloudId>,
    most: i32,
) -> Result<(), OpsError> {
    let (mut grants, more) = ops.deployment.store.list_grants_needing_sign_in(most).await?;
    if let Some(site) = site {
        grants = of_site(ops, site, grants).await?;
    }
    let needing: Vec<_> = grants.iter().filter_map(|grant| shown(ops, grant)).collect();
    let head = ["whose", "at", "why", "since"].map(str::to_owned);
    let mut rows = vec![head];
    rows.extend(needing.iter().map(|grant| grant.line.clone()));
    let sign_in = ops.deployment.public("/connect");
    let mut text = match needing.len() {
        0 => "No grant needs a sign-in.".to_owned(),
        _ => format!("{}\n\nTheir owners sign in at {sign_in}", columns(&rows)),
    };
    if more {
        text.push_str("\nThere are more than were looked at: raise --most.");
    }
    ops.output.answer(&Needing { grants: needing, more, sign_in }, &text)
}

/// Those of people who are linked on a site. A grant names no site: links are found by its owner.
async fn of_site(ops: &Ops, site: &CloudId, grants: Vec<Grant>) -> Result<Vec<Grant>, OpsError> {
    let mut kept = HashSet::new();
    for grants in grants.chunks(BATCH) {
        let subjects: Vec<Subject> = grants.iter().filter_map(Grant::subject).collect();
        let linked = ops.deployment.store.list_accounts_by_subjects(site, &subjects).await?;
        kept.extend(linked.into_iter().map(|(subject, _)| subject));
    }
    let linked = |grant: &Grant| grant.subject().is_some_and(|subject| kept.contains(&subject));
    Ok(grants.into_iter().filter(linked).collect())
}

fn shown(ops: &Ops, grant: &Grant) -> Option<NeedingSignIn> {
    let GrantState::NeedsSignIn(reason) = grant.state else { return None };
    let (account, tenant, object) = Grant::owner_of(&grant.subject()?);
    let whose = match (&account, &tenant, &object) {
        (Some(account), ..) => account.to_string(),
        (None, Some(tenant), Some(object)) => format!("{object} of {tenant}"),
        _ => return None,
    };
    let since = grant.ended_at;
    let told = since.map_or_else(String::new, |at| ago(at, ops.clock.now()));
    let line = [whose, word(grant.provider), word(reason), told];
    Some(NeedingSignIn {
        grant_id: grant.grant_id.clone(),
        provider: grant.provider,
        account_id: account.map(|id| id.to_string()),
        tenant_id: tenant.map(|id| id.to_string()),
        object_id: object.map(|id| id.to_string()),
        reason,
        since: since.map(tandem_domain::Timestamp::to_rfc3339),
        line,
    })
}

/// The word under which a value of a closed list is stored.
pub(crate) fn word(value: impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}
