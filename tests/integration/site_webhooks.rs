//! The webhook that Tandem registers for itself on a site, on an administrator's word.

use std::time::Duration;

use serde_json::json;
use tandem_domain::{AccessToken, CloudId};
use tandem_jira::client::RegisteredWebhook;
use tandem_store::{ERASURE_QUIET, SiteWebhook};

use crate::support::{Browser, CLOUD, Person, TestStack, World, world};

const PATH: &str = "/instance/webhooks";

impl TestStack {
    fn manager(&self, person: &Person) -> AccessToken {
        let scopes = ["read:jira-work", "manage:jira-webhook"];
        AccessToken::new(self.jira.issue_tokens(&person.account, &scopes).0)
    }

    /// The webhooks that Jira has of Tandem as this person.
    async fn webhooks_of(&self, person: &Person) -> Vec<RegisteredWebhook> {
        let cloud = CloudId::parse(CLOUD).unwrap();
        let token = self.manager(person);
        self.app.jira.site(&cloud, &token).list_webhooks().await.unwrap()
    }

    async fn site_webhook(&self) -> Option<SiteWebhook> {
        self.app.store.find_site_webhook(&CloudId::parse(CLOUD).unwrap()).await.unwrap()
    }

    /// How often Jira was asked to do this with webhooks, and did.
    fn asked(&self, method: &str) -> usize {
        let recorded = self.gate.recorded().into_iter();
        recorded
            .filter(|it| it.path.contains("/rest/api/3/webhook") && it.status < 300)
            .filter(|it| it.method == method)
            .count()
    }
}

/// Signs in as somebody who lets Tandem register webhooks.
async fn signed_in(stack: &TestStack, person: &Person) -> Browser {
    let mut browser = stack.browser();
    let answer = browser.get("/connect?webhooks=yes").await;
    let (account, object) = (person.account.clone(), person.object.clone());
    let login = move |at: String| crate::support::login_as(at, &account, &object);
    assert_eq!(browser.follow(answer, &login).await.status, 200);
    browser
}

/// A world in which Ada has registered the site's webhook.
async fn registered() -> (World, Browser) {
    let world = world().await;
    let mut browser = signed_in(&world.stack, &world.ada).await;
    let answer = browser.change("POST", PATH, &json!({})).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let told = answer.json();
    assert_eq!(told["registeredBy"], world.ada.account);
    let there = world.stack.webhooks_of(&world.ada).await;
    assert_eq!(there.len(), 1);
    assert_eq!(told["webhookId"], there[0].id);
    (world, browser)
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_administrator_who_granted_it_registers_the_webhook() {
    let mut world = world().await;
    let refused = world.browser.send("POST", PATH, |request| request).await;
    assert_eq!((refused.status, &refused.json()["code"]), (403, &json!("csrf")));
    let answer = world.browser.change("POST", PATH, &json!({})).await;
    assert_eq!((answer.status, &answer.json()["code"]), (403, &json!("webhook_scope_missing")));
    let mut ben = signed_in(&world.stack, &world.ben).await;
    for method in ["POST", "DELETE"] {
        let answer = ben.change(method, PATH, &json!({})).await;
        let code = &answer.json()["code"];
        assert_eq!((answer.status, code), (403, &json!("insufficient_permission")), "{method}");
        let nobody = world.stack.browser().send(method, PATH, |request| request).await;
        assert_eq!(nobody.status, 401, "{method}");
    }
    assert_eq!(world.stack.site_webhook().await, None);
    assert!(world.stack.webhooks_of(&world.ada).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_then_is_told_by_it_with_the_apps_token() {
    let (world, _) = registered().await;
    // The administrator's own webhook is not there.
    world.stack.jira.add_site(CLOUD, crate::support::HOST, "");
    world.comment(&world.ben, "Told by the app's webhook").await;
    world.stack.settled().await;
    let log = world.stack.jira.webhook_log();
    let taken = log.iter().filter(|it| it.event == "comment_created" && it.status == Some(200));
    assert_eq!(taken.count(), 1, "{log:?}");
    assert_eq!(world.messages().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_refreshed_long_before_its_end_and_made_anew_when_it_vanished() {
    let (world, _) = registered().await;
    let stack = &world.stack;
    let before = stack.site_webhook().await.unwrap();
    stack.clock.advance(Duration::from_hours(25));
    assert_eq!(stack.upkeep().await.webhooks_renewed, 1);
    assert_eq!(stack.asked("PUT"), 0, "looked after, with 29 days left");
    for _ in 0..11 {
        stack.clock.advance(Duration::from_hours(24));
        stack.upkeep().await;
    }
    let after = stack.site_webhook().await.unwrap();
    assert_eq!((stack.asked("PUT"), after.webhook_id), (1, before.webhook_id));
    assert!(after.ends_at > before.ends_at);
    assert_eq!(stack.webhooks_of(&world.ada).await[0].ends_at, Some(after.ends_at));

    let cloud = CloudId::parse(CLOUD).unwrap();
    let token = stack.manager(&world.ada);
    let id = after.webhook_id.unwrap();
    stack.app.jira.site(&cloud, &token).delete_webhooks(&[id]).await.unwrap();
    stack.clock.advance(Duration::from_hours(25));
    assert_eq!(stack.upkeep().await.webhooks_renewed, 1);
    let anew = stack.site_webhook().await.unwrap();
    assert_ne!(anew.webhook_id, Some(id));
    assert_eq!(anew.webhook_id, Some(stack.webhooks_of(&world.ada).await[0].id));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_was_registered_and_not_noted_is_found_and_there_is_one() {
    let (world, mut browser) = registered().await;
    let cloud = CloudId::parse(CLOUD).unwrap();
    world.stack.app.store.delete_site_webhook(&cloud).await.unwrap();
    let token = world.stack.manager(&world.ada);
    let address = world.stack.app.config.public(&format!("/jira/{CLOUD}/webhooks"));
    let site = world.stack.app.jira.site(&cloud, &token);
    site.register_webhook(&address.parse().unwrap()).await.unwrap();
    assert_eq!(world.stack.webhooks_of(&world.ada).await.len(), 2);
    assert_eq!(browser.change("POST", PATH, &json!({})).await.status, 200);
    let there = world.stack.webhooks_of(&world.ada).await;
    assert_eq!(there.len(), 1);
    assert_eq!(world.stack.site_webhook().await.unwrap().webhook_id, Some(there[0].id));
}

#[tokio::test(flavor = "multi_thread")]
async fn it_ends_on_the_administrators_word_and_with_their_erasure() {
    let (world, mut browser) = registered().await;
    for _ in 0..2 {
        let removed = browser.change("DELETE", PATH, &json!({})).await;
        assert_eq!(removed.status, 200, "{}", removed.body);
        assert_eq!(world.stack.site_webhook().await, None);
        assert!(world.stack.webhooks_of(&world.ada).await.is_empty());
    }
    assert_eq!(browser.change("POST", PATH, &json!({})).await.status, 200);
    assert_eq!(browser.change("DELETE", "/me", &json!({})).await.status, 202);
    for _ in 0..4 {
        world.stack.upkeep().await;
        world.stack.clock.advance(ERASURE_QUIET);
    }
    assert_eq!(world.stack.site_webhook().await, None);
    assert!(world.stack.webhooks_of(&world.ada).await.is_empty(), "ended while there was a token");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_looked_after_is_put_off_and_counted() {
    let (world, _) = registered().await;
    world.stack.jira.revoke_grants(&world.ada.account);
    world.stack.clock.advance(Duration::from_hours(25));
    assert!(world.stack.upkeep().await.failures > 0);
    let failed = world.stack.site_webhook().await.unwrap();
    assert_eq!(failed.failures, 1);
    world.stack.clock.advance(Duration::from_mins(1));
    world.stack.upkeep().await;
    assert_eq!(world.stack.site_webhook().await.unwrap().failures, 1, "not at once");
    world.stack.clock.advance(Duration::from_mins(5));
    world.stack.upkeep().await;
    assert_eq!(world.stack.site_webhook().await.unwrap().failures, 2);
}
