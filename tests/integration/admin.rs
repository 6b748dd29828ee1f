//! What the administrators of a site, and who operates Tandem, see and do.

mod access;
mod counting;
mod erasure;
mod export;
mod setup;
mod state;

use serde_json::Value;
use tandem_domain::{CloudId, SiteHost};
use tandem_local::sandbox::jira::NewUser;

use crate::support::{Browser, Person, TENANT, TestStack, WEBHOOK_SECRET};

/// Another site that is served.
pub const OTHER_CLOUD: &str = "21223344-a1b2-4b33-8444-def123456789";
/// Its host.
const OTHER_HOST: &str = "other.atlassian.net";

/// Somebody who administers another site of the same deployment, signed in there.
pub async fn elsewhere(stack: &TestStack) -> (Person, Browser) {
    let (cloud, host) = (CloudId::parse(OTHER_CLOUD), SiteHost::parse(OTHER_HOST));
    stack.install(cloud.unwrap(), host.unwrap(), WEBHOOK_SECRET).await.unwrap();
    let account = stack
        .jira
        .add_user(NewUser { display_name: "Somebody Else".to_owned(), ..NewUser::default() });
    stack.jira.add_member(OTHER_CLOUD, &account, true);
    let object = stack.microsoft.add_user(tandem_local::sandbox::microsoft::NewUser {
        tenant_id: TENANT.to_owned(),
        object_id: None,
        display_name: "Somebody Else".to_owned(),
    });
    let person = Person { account, object };
    let browser = person.browser(stack).await;
    (person, browser)
}

/// The items of the table, without the ledger: asking for a permission is a line there.
async fn all_but_the_ledger(stack: &TestStack) -> Vec<String> {
    let items = stack.items().await;
    let mut items: Vec<String> =
        items.iter().filter(|item| item["entity"]["S"] != "ledger").map(Value::to_string).collect();
    items.sort();
    items
}
