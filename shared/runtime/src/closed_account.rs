//! A Jira account that was closed: what is kept of the person goes.

use tandem_domain::Failure;
use tandem_store::{Erasure, JiraUser, MicrosoftUser, Reach, ReportedAccount};

use crate::{App, erasure};

/// Begins the erasure of somebody whose account is closed, or joins the one that is under way;
/// upkeep goes on with it.
pub async fn erase(app: &App, account: &ReportedAccount) -> Result<Erasure, Failure> {
    let reach = reach_of(app, account).await?;
    erasure::begin(app, &reach).await
}

/// The account on this site and on every other that a link leads to; and the Microsoft user it is
/// linked with, unless that one is linked with another account, too, which is not closed.
async fn reach_of(app: &App, account: &ReportedAccount) -> Result<Reach, Failure> {
    let store = &app.store;
    let (cloud, id) = (&account.cloud_id, &account.account_id);
    let mut jira = vec![JiraUser { cloud_id: cloud.clone(), account_id: id.clone() }];
    let mut microsoft = Vec::new();
    if let Some(link) = store.find_link_by_account(cloud, id).await? {
        let links = store.list_links_by_object(&link.tenant_id, &link.object_id).await?;
        let (same, other): (Vec<_>, Vec<_>) =
            links.into_iter().partition(|link| link.account_id == *id);
        jira.extend(
            same.into_iter()
                .filter(|link| link.cloud_id != *cloud)
                .map(|link| JiraUser { cloud_id: link.cloud_id, account_id: link.account_id }),
        );
        if other.is_empty() {
            let (tenant_id, object_id) = (link.tenant_id, link.object_id);
            microsoft.push(MicrosoftUser { tenant_id, object_id });
        }
    }
    Ok(Reach::User(jira, microsoft))
}
