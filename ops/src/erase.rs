//! Erasing on an operator's word: `upkeep` is told, writes down what is to be erased, and erases it.

use serde_json::{Value, json};
use tandem_domain::ReceiptId;

use crate::{
    Ops,
    arguments::{Erased, Site},
    confirm::confirm,
    error::OpsError,
    receipt,
};

/// What is to be erased, and what is typed to confirm it.
struct Wanted {
    command: Value,
    what: String,
    word: String,
}

/// Begins an erasure, or joins the one that is under way, and follows it.
pub(crate) async fn erase(
    ops: &mut Ops,
    what: &Erased,
    yes: bool,
    no_wait: bool,
) -> Result<(), OpsError> {
    let wanted = wanted(ops, what).await?;
    if !yes {
        confirm(&ops.output, &wanted.what, &wanted.word)?;
    }
    let report = ops.deployment.upkeep.command(&wanted.command).await?;
    let id = report["receiptId"].as_str().and_then(|id| ReceiptId::parse(id).ok());
    let id = id.ok_or_else(|| OpsError::Upkeep("it named no receipt".to_owned()))?;
    ops.output.say(&format!("receipt {id}: interrupt this at will, and come back with"));
    ops.output.say(&format!("  tandem-ops receipt {id} --follow"));
    receipt::show(ops, &id, !no_wait).await
}

async fn wanted(ops: &Ops, what: &Erased) -> Result<Wanted, OpsError> {
    match what {
        Erased::Instance { site } => instance(ops, site).await,
        Erased::Tenant { tenant_id } => Ok(Wanted {
            command: json!({ "command": "eraseTenant", "tenantId": tenant_id }),
            what: format!("Everything of the Microsoft tenant {tenant_id} is erased."),
            word: tenant_id.to_string(),
        }),
        Erased::Person { cloud_id, account_id } => Ok(Wanted {
            command: json!({
                "command": "erasePerson", "cloudId": cloud_id, "accountId": account_id,
            }),
            what: format!("Everything of {account_id} is erased, on both sides."),
            word: account_id.to_string(),
        }),
    }
}

async fn instance(ops: &Ops, site: &Site) -> Result<Wanted, OpsError> {
    let store = &ops.deployment.store;
    let cloud = match site {
        Site::Id(cloud) => cloud.clone(),
        Site::Host(host) => {
            let found = store.find_site_by_host(host).await?;
            let gone = || format!("no site is served at {host}: give its cloud id");
            found.ok_or_else(|| OpsError::NotFound(gone()))?.cloud_id
        }
    };
    let host = store.find_installation(&cloud).await?.map(|it| it.site_host.to_string());
    let what = match &host {
        Some(host) => format!("Everything of the Jira site {host} ({cloud}) is erased."),
        None => format!("Everything of the Jira site {cloud}, which is not served, is erased."),
    };
    let word = host.unwrap_or_else(|| cloud.to_string());
    Ok(Wanted { command: json!({ "command": "eraseInstance", "cloudId": cloud }), what, word })
}
