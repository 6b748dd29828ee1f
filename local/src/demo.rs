//! What a first visitor finds: a Jira site, a Microsoft tenant, and one person who has linked their
//! accounts already, so that there is somebody to start a chat with.

use tandem_domain::{AccountId, CloudId, ObjectId, SiteHost, TenantId};

use crate::{endpoints, stack::Stack};

/// The secret that signs the demonstration's webhooks.
const WEBHOOK_SECRET: &str = "the demonstration's webhook secret";

/// Makes the demonstration; run again, it changes nothing.
pub async fn seed(stack: &Stack) -> std::io::Result<()> {
    let jira = stack.jira.seed_demo(WEBHOOK_SECRET);
    let microsoft = stack.microsoft.seed_demo();
    let invalid = std::io::Error::other::<tandem_domain::InvalidId>;
    let cloud = CloudId::parse(&jira.cloud_id).map_err(invalid)?;
    let host = SiteHost::parse("demo.atlassian.net").map_err(invalid)?;
    let tenant = TenantId::parse(microsoft.tenant_id).map_err(invalid)?;
    let known = stack.app.store.find_installation(&cloud).await.map_err(std::io::Error::other)?;
    stack.install(cloud.clone(), host, WEBHOOK_SECRET).await?;
    if known.is_some() {
        return Ok(());
    }
    let account = AccountId::parse(&jira.users[1]).map_err(invalid)?;
    let object = ObjectId::parse(microsoft.users[1].0).map_err(invalid)?;
    endpoints::link(&stack.local(), &cloud, &account, &tenant, &object)
        .await
        .map_err(|error| std::io::Error::other(error.to_string()))
}
