//! What a first visitor finds: a Jira site, a Microsoft tenant, the same three people on both, and
//! one of them who has linked their accounts already, so that there is somebody to start a chat
//! with.

use std::io;

use tandem_domain::{AccountId, CloudId, InvalidId, ObjectId, SiteHost, TenantId};

use crate::{stack::Stack, users};

/// The site's host.
const HOST: &str = "demo.atlassian.net";
/// The secret that signs the demonstration's webhooks.
const WEBHOOK_SECRET: &str = "the demonstration's webhook secret";
/// Who has linked their accounts: their place among the people of both sides.
const LINKED: usize = 1;

/// Makes the demonstration. Run again, it leaves alone what became of it; the installation, made
/// last, tells that the rest is there.
pub async fn seed(stack: &Stack) -> io::Result<()> {
    let jira = stack.jira.seed_demo(WEBHOOK_SECRET);
    let microsoft = stack.microsoft.seed_demo();
    let invalid = io::Error::other::<InvalidId>;
    let cloud = CloudId::parse(&jira.cloud_id).map_err(invalid)?;
    let known = stack.app.store.find_installation(&cloud).await.map_err(io::Error::other)?;
    if known.is_some() {
        return Ok(());
    }
    let tenant = TenantId::parse(microsoft.tenant_id).map_err(invalid)?;
    let account = AccountId::parse(&jira.users[LINKED]).map_err(invalid)?;
    let object = ObjectId::parse(microsoft.users[LINKED].0).map_err(invalid)?;
    users::link(&stack.local(), &cloud, &account, &tenant, &object)
        .await
        .map_err(|error| io::Error::other(error.to_string()))?;
    let host = SiteHost::parse(HOST).map_err(invalid)?;
    stack.install(cloud, host, WEBHOOK_SECRET).await
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::{StackOptions, aws::SecretListing};

    async fn stack() -> Stack {
        Stack::start(StackOptions { port: 0, ..StackOptions::default() }).await.unwrap()
    }

    async fn state(stack: &Stack, vendor: &str) -> Value {
        let url = format!("{}/sandbox/people/{vendor}/state", stack.url());
        reqwest::get(url).await.unwrap().json().await.unwrap()
    }

    fn names(users: &Value) -> Vec<&str> {
        let mut names: Vec<&str> = users
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["displayName"].as_str().unwrap())
            .collect();
        names.sort_unstable();
        names
    }

    #[tokio::test]
    async fn the_same_people_are_on_both_sides_and_one_has_linked_their_accounts() {
        let stack = stack().await;
        seed(&stack).await.unwrap();
        let (jira, teams) = (state(&stack, "jira").await, state(&stack, "teams").await);
        assert_eq!(names(&jira["users"]), ["Ada Berg", "Ben Okoye", "Cleo Marsh"]);
        assert_eq!(names(&teams["users"]), names(&jira["users"]));
        let name = |users: &Value, key: &str, id: &str| {
            let user = users.as_array().unwrap().iter().find(|it| it[key] == id).unwrap();
            user["displayName"].clone()
        };
        let items = json!(stack.aws.items(crate::provision::TABLE).unwrap());
        let links: Vec<&Value> = items
            .as_array()
            .unwrap()
            .iter()
            .filter(|item| item["entity"]["S"] == "account_link")
            .collect();
        let [link] = links[..] else { panic!("{links:?}") };
        let account = link["account_id"]["S"].as_str().unwrap();
        let object = link["object_id"]["S"].as_str().unwrap();
        assert_eq!(name(&jira["users"], "accountId", account), "Ben Okoye");
        assert_eq!(name(&teams["users"], "id", object), "Ben Okoye");
    }

    #[tokio::test]
    async fn run_again_it_changes_nothing() {
        let stack = stack().await;
        let stored = || {
            let secrets: Vec<SecretListing> = stack.aws.secrets();
            (json!(stack.aws.items(crate::provision::TABLE).unwrap()), json!(secrets))
        };
        seed(&stack).await.unwrap();
        let before = stored();
        seed(&stack).await.unwrap();
        assert_eq!(stored(), before);
    }
}
