//! Back from Atlassian: who it is, and on which of the served Jira sites.

use lambda_http::{Body, Request, Response};
use tandem_domain::{AccessToken, Provider, Subject};
use tandem_jira::{
    client::AccessibleSite,
    oauth::{DEFAULT_SCOPES, SITELESS_SCOPES},
};
use tandem_pages::Problem;
use tandem_runtime::{App, http::query_parameter};
use tandem_store::SignInStage;

use super::{on_to_microsoft, returned, site, ticket};
use crate::problem;

/// `GET /connect/atlassian/callback`.
///
/// The grant is saved here, before the second half: a sign-in that ends on the way leaves a sealed
/// grant without a link. It opens nothing for anybody, and the upkeep's sweep erases it.
pub(crate) async fn callback(app: &App, request: &Request) -> Result<Response<Body>, Problem> {
    let state = query_parameter(request, "state");
    let ticket = ticket::redeem(app, request, state, SignInStage::Atlassian).await?;
    let code = returned::code(request, Provider::Atlassian)?;
    let tokens = app
        .atlassian
        .exchange(&code)
        .await
        .map_err(|error| problem::of_issuer(Provider::Atlassian, &error))?;
    let sites = served_sites(app, &tokens.access).await?;
    let Some(first) = sites.first() else { return Err(problem::no_site()) };
    let account_id = app
        .jira
        .site(&first.id, &tokens.access)
        .myself()
        .await
        .map_err(|failure| problem::of_vendor(Provider::Atlassian, &failure))?;
    // The grant lies under no site: what it is kept for says which account to report.
    app.store.put_reported_account(&first.id, &account_id, app.clock.now()).await?;
    app.vault.save(&Subject::Atlassian(account_id.clone()), &tokens).await?;
    match <[AccessibleSite; 1]>::try_from(sites) {
        Ok([only]) => on_to_microsoft(app, &ticket.browser, account_id, only.id).await,
        Err(several) => site::ask(app, &ticket.browser, account_id, &several).await,
    }
}

/// The sites that the grant opens in full and that Tandem serves.
async fn served_sites(app: &App, token: &AccessToken) -> Result<Vec<AccessibleSite>, Problem> {
    let reachable = app
        .jira
        .accessible_resources(token)
        .await
        .map_err(|failure| problem::of_vendor(Provider::Atlassian, &failure))?;
    let mut served = Vec::new();
    for site in reachable {
        if app.store.find_installation(&site.id).await?.is_some() {
            served.push(site);
        }
    }
    let any = !served.is_empty();
    served.retain(|site| covers(&site.scopes));
    if any && served.is_empty() {
        return Err(problem::consent_incomplete(Provider::Atlassian));
    }
    Ok(served)
}

/// Whether everything was granted that Tandem asks for on a site. Of the others, `offline_access`
/// shows as the refresh token, and `report:personal-data` when accounts are reported: anybody's grant
/// will do for that, so nobody is turned away for the lack of it.
fn covers(granted: &[String]) -> bool {
    DEFAULT_SCOPES
        .iter()
        .filter(|scope| !SITELESS_SCOPES.contains(scope))
        .all(|scope| granted.iter().any(|granted| granted == scope))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scope_asked_for_must_be_granted() {
        let all = ["read:jira-work", "write:jira-work", "read:jira-user"];
        let owned = |scopes: &[&str]| scopes.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
        assert!(covers(&owned(&all)));
        assert!(covers(&owned(&[&all[..], &["manage:jira-webhook"]].concat())));
        for missing in 0..all.len() {
            let mut some = all.to_vec();
            some.remove(missing);
            assert!(!covers(&owned(&some)), "{some:?}");
        }
    }
}
