//! Ending the link of a person's two accounts: what was kept for it goes.

use tandem_domain::{AccountId, CloudId, Failure, ObjectId, Subject, TenantId};
use tandem_store::AccountLink;

use crate::App;

/// A side of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The Jira user's.
    Atlassian,
    /// The Microsoft user's.
    Microsoft,
}

/// Two accounts of one person, linked on a site or until lately.
#[derive(Clone, Copy, Debug)]
pub struct Pair<'a> {
    /// The Jira site.
    pub cloud_id: &'a CloudId,
    /// The Jira user.
    pub account_id: &'a AccountId,
    /// The Microsoft tenant.
    pub tenant_id: &'a TenantId,
    /// The Microsoft user.
    pub object_id: &'a ObjectId,
}

/// Ends the link of two accounts on a site. The link goes first, so that nothing is done in the
/// person's name from then on; the sessions last, so that after a failure half-way the same request
/// finishes the work.
///
/// # Errors
/// [`Failure::Retry`] when a service is out of reach: repeat it then.
pub async fn end(app: &App, pair: Pair<'_>) -> Result<(), Failure> {
    let Pair { cloud_id, account_id, tenant_id, object_id } = pair;
    let mut sides = vec![Side::Microsoft];
    match app.store.find_link_by_account(cloud_id, account_id).await? {
        // Linked anew to somebody else meanwhile: that link needs the Atlassian grant.
        Some(link) if link.tenant_id != *tenant_id || link.object_id != *object_id => {}
        linked => {
            if let Some(link) = linked {
                app.store.delete_link(&link).await?;
            }
            sides.push(Side::Atlassian);
        }
    }
    let ended = AccountLink {
        cloud_id: cloud_id.clone(),
        account_id: account_id.clone(),
        tenant_id: tenant_id.clone(),
        object_id: object_id.clone(),
        created_at: app.clock.now(),
        signed_in_at: app.clock.now(),
    };
    erase_unlinked(app, &ended, &sides).await?;
    app.store.delete_sessions_of(cloud_id, account_id).await?;
    Ok(())
}

/// Erases the grants of a link that has ended, on these sides, unless another link needs them. The
/// links looked at are those of the Microsoft user on other sites: links of the same Jira user
/// with another Microsoft user elsewhere are not found from here, and ask for a new sign-in.
///
/// # Errors
/// [`Failure::Retry`] when a service is out of reach: repeat it then.
pub async fn erase_unlinked(app: &App, ended: &AccountLink, sides: &[Side]) -> Result<(), Failure> {
    let mut links = app.store.list_links_by_object(&ended.tenant_id, &ended.object_id).await?;
    links.retain(|link| link.cloud_id != ended.cloud_id || link.account_id != ended.account_id);
    for side in sides {
        if let Some(subject) = unneeded(*side, ended, &links) {
            app.vault.erase(&subject).await?;
        }
    }
    Ok(())
}

/// Whose grant on that side none of the remaining links of the Microsoft user needs.
fn unneeded(side: Side, ended: &AccountLink, remaining: &[AccountLink]) -> Option<Subject> {
    match side {
        Side::Microsoft => remaining
            .is_empty()
            .then(|| Subject::Microsoft(ended.tenant_id.clone(), ended.object_id.clone())),
        Side::Atlassian => (!remaining.iter().any(|link| link.account_id == ended.account_id))
            .then(|| Subject::Atlassian(ended.account_id.clone())),
    }
}

#[cfg(test)]
mod tests {
    use tandem_domain::Timestamp;

    use super::*;

    fn link(site: u8, account: u8) -> AccountLink {
        let guid = |last: u8| format!("11223344-a1b2-3b33-c444-def1234567{last:02}");
        AccountLink {
            cloud_id: CloudId::parse(&guid(site)).unwrap(),
            account_id: AccountId::parse(&format!("712020:{}", guid(account))).unwrap(),
            tenant_id: TenantId::parse(&guid(90)).unwrap(),
            object_id: ObjectId::parse(&guid(91)).unwrap(),
            created_at: Timestamp::from_secs(1),
            signed_in_at: Timestamp::from_secs(1),
        }
    }

    #[test]
    fn a_grant_is_kept_while_a_link_needs_it() {
        let ended = link(1, 1);
        for (remaining, atlassian, microsoft) in [
            (vec![], true, true),
            (vec![link(2, 1)], false, false),
            (vec![link(2, 2)], true, false),
            (vec![link(2, 2), link(3, 1)], false, false),
        ] {
            let goes = |side| unneeded(side, &ended, &remaining).is_some();
            assert_eq!(goes(Side::Atlassian), atlassian, "{remaining:?}");
            assert_eq!(goes(Side::Microsoft), microsoft, "{remaining:?}");
        }
    }
}
