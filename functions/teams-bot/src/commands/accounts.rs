//! Connecting and disconnecting a person's accounts.

use tandem_domain::{CloudId, GrantState, Subject};
use tandem_microsoft::cards::{self, Card};
use tandem_runtime::disconnect::{self, Pair, Side};
use tandem_store::AccountLink;

use super::texts;
use crate::{
    shown,
    stopped::{Stopped, connect_url},
    turn::Turn,
};

/// Offers the page on which people sign in, and says where they are connected already.
pub(super) async fn connect(turn: &Turn<'_>) -> Result<Card, Stopped> {
    let links = turn.links().await?;
    if links.is_empty() {
        return Err(Stopped::NotLinked);
    }
    for link in &links {
        let [jira, microsoft] = subjects(link);
        if !(signed_in(turn, &jira).await? && signed_in(turn, &microsoft).await?) {
            return Err(Stopped::SignInNeeded);
        }
    }
    let sites = hosts(turn, &links).await?;
    let text = format!("{}{sites}\n{}", texts::CONNECTED_WITH, texts::CONNECTED_TEXT);
    let page = connect_url(turn.app)?;
    Ok(cards::notice(texts::CONNECTED, &text, &[(texts::CONNECT_PAGE, page)]))
}

/// Ends the link with the site that the person signed in to last.
pub(super) async fn disconnect(turn: &Turn<'_>) -> Result<Card, Stopped> {
    let mut links = turn.links().await?.into_iter();
    let Some(link) = links.next() else {
        return Ok(cards::notice(texts::NOT_CONNECTED, texts::NOT_CONNECTED_TEXT, &[]));
    };
    let host = host(turn, &link.cloud_id).await?;
    // While the link is there, a repetition finds what is left to erase; so it goes last.
    disconnect::erase_unlinked(turn.app, &link, &[Side::Atlassian, Side::Microsoft]).await?;
    let pair = Pair {
        cloud_id: &link.cloud_id,
        account_id: &link.account_id,
        tenant_id: &link.tenant_id,
        object_id: &link.object_id,
    };
    disconnect::end(turn.app, pair).await?;
    let mut text = format!("{}{host}.\n{}", texts::DISCONNECTED_FROM, texts::DISCONNECTED_TEXT);
    let remaining: Vec<AccountLink> = links.collect();
    if !remaining.is_empty() {
        let sites = hosts(turn, &remaining).await?;
        text = format!("{text}\n{}{sites}", texts::DISCONNECTED_REMAINING);
    }
    Ok(cards::notice(texts::DISCONNECTED, &text, &[]))
}

/// Whose grants a link stands on.
pub(super) fn subjects(link: &AccountLink) -> [Subject; 2] {
    [
        Subject::Atlassian(link.account_id.clone()),
        Subject::Microsoft(link.tenant_id.clone(), link.object_id.clone()),
    ]
}

/// Whether a grant is of use without a new sign-in.
pub(super) async fn signed_in(turn: &Turn<'_>, subject: &Subject) -> Result<bool, Stopped> {
    let grant = turn.app.store.find_grant(subject).await?;
    Ok(grant.is_some_and(|grant| grant.state == GrantState::Active))
}

/// The host of a Jira site.
pub(super) async fn host(turn: &Turn<'_>, cloud: &CloudId) -> Result<String, Stopped> {
    Ok(shown::installation(turn, cloud).await?.site_host.to_string())
}

/// The hosts of the links' Jira sites.
async fn hosts(turn: &Turn<'_>, links: &[AccountLink]) -> Result<String, Stopped> {
    let mut hosts = Vec::with_capacity(links.len());
    for link in links {
        hosts.push(host(turn, &link.cloud_id).await?);
    }
    Ok(hosts.join(", "))
}
