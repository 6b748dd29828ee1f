//! Erasing a site on the word of one of its administrators.

use std::sync::Arc;

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use serde_json::{Value, json};
use tandem_runtime::signing::claim_of;
use tandem_store::ERASURE_QUIET;
use tandem_upkeep::UpkeepEvent;

use super::{OTHER_CLOUD, all_but_the_ledger, elsewhere};
use crate::{
    sign_in::{hidden, post_form},
    support::{
        Browser, CLOUD, HOST, TENANT, TestStack, WEBHOOK_SECRET, World,
        people::{ISSUE, PROJECT},
        world,
    },
};

/// Upkeep's runs, with time passing in between.
async fn upkeep(stack: &TestStack) {
    for _ in 0..3 {
        let event = UpkeepEvent::Schedule(serde::de::IgnoredAny);
        tandem_local::caller::upkeep(Arc::clone(&stack.app), event).await.unwrap();
        stack.clock.advance(ERASURE_QUIET);
    }
}

/// Jira tells of a comment on the issue; what the webhook is answered.
async fn told_of_a_comment(stack: &TestStack, identifier: &str) -> u16 {
    let body = json!({
        "timestamp": 1_790_000_000_000_i64,
        "webhookEvent": "comment_created",
        "comment": {
            "self": format!("https://{HOST}/rest/api/2/issue/{ISSUE}/comment/10900"),
            "id": "10900", "author": {"accountId": "712020:1"},
            "created": "2026-09-21T10:00:00.000+0000", "updated": "2026-09-21T10:00:00.000+0000",
        },
        "issue": {
            "id": ISSUE, "key": "TEST-1",
            "self": format!("https://{HOST}/rest/api/2/issue/{ISSUE}"),
            "fields": {"project": {"id": PROJECT, "key": "TEST"}},
        },
    });
    let body = body.to_string();
    stack.webhook(CLOUD, WEBHOOK_SECRET, identifier, body.as_bytes()).await.0
}

async fn receipt(stack: &TestStack, id: &str) -> Value {
    stack.get(&format!("/receipts/{id}")).await
}

/// The site is gone, another is not.
async fn assert_gone(stack: &TestStack, id: &str) {
    let receipt = receipt(stack, id).await;
    assert!(receipt["finishedAt"].is_string(), "{receipt}");
    for (entity, count) in [("installation", 1), ("chat_link", 1), ("account_link", 2)] {
        assert_eq!(receipt["counts"][entity], count, "{entity}: {receipt}");
    }
    let items = stack.items().await;
    let left: Vec<&Value> = items.iter().filter(|item| item.to_string().contains(CLOUD)).collect();
    assert_eq!(left, Vec::<&Value>::new());
    assert!(items.iter().any(|item| item["cloud_id"]["S"] == OTHER_CLOUD), "another's stays");
    let secrets = stack.aws.secrets();
    let secrets: Vec<_> =
        secrets.iter().filter(|secret| secret.name.contains("/webhook/")).collect();
    assert!(secrets.len() == 1 && secrets[0].name.contains(OTHER_CLOUD), "{}", secrets.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_host_is_named_as_confirmation_and_the_site_is_gone_at_once() {
    let mut world = world().await;
    let (_, mut other) = elsewhere(&world.stack).await;
    let mut ben = world.ben.browser(&world.stack).await;
    let before = all_but_the_ledger(&world.stack).await;
    for (body, code) in [
        (json!({}), "invalid_json"),
        (json!({"siteHost": ""}), "other_site"),
        (json!({"siteHost": "other.atlassian.net"}), "other_site"),
        (json!({"siteHost": CLOUD}), "other_site"),
        (json!({"siteHost": HOST, "also": 1}), "invalid_json"),
    ] {
        let refused = world.browser.change("DELETE", "/instance", &body).await;
        assert_eq!((refused.status, &refused.json()["code"]), (400, &json!(code)), "{body}");
    }
    assert_eq!(all_but_the_ledger(&world.stack).await, before);

    let begun = world.browser.change("DELETE", "/instance", &json!({"siteHost": HOST})).await;
    assert_eq!(begun.status, 202, "{}", begun.body);
    let id = begun.json()["receiptId"].as_str().unwrap().to_owned();
    assert!(begun.json()["receipt"].as_str().unwrap().ends_with(&format!("/receipts/{id}")));
    for (who, browser) in [("who asked", &mut world.browser), ("a colleague", &mut ben)] {
        assert_eq!(browser.get("/session").await.status, 401, "{who} is signed out");
    }
    assert_eq!(other.get("/session").await.status, 200, "another site's people are not");
    let stack = &world.stack;
    assert_eq!(stack.items_of("installation").await.len(), 1);
    assert_eq!(told_of_a_comment(stack, "1").await, 404, "not handed over");

    upkeep(stack).await;
    assert_gone(stack, &id).await;
    assert_eq!(told_of_a_comment(stack, "2").await, 401, "as of a site that is not known");
}

/// The erasure form of the page, with a host typed in.
async fn by_form(browser: &mut Browser, host: &str) -> crate::support::Answer {
    let page = browser.get("/admin").await;
    let csrf = hidden(&page, "csrf");
    post_form(browser, "/admin/erasure", &[("csrf", &csrf), ("site_host", host)]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn on_the_page_the_host_is_typed() {
    let mut world = world().await;
    elsewhere(&world.stack).await;
    let before = all_but_the_ledger(&world.stack).await;
    for host in ["", "other.atlassian.net", "<b>"] {
        let refused = by_form(&mut world.browser, host).await;
        assert_eq!(refused.status, 400, "{host}: {refused:?}");
        assert!(refused.body.contains("<h1>Nothing was erased</h1>"), "{}", refused.body);
        assert!(refused.body.contains("href=\"/admin\"") && !refused.body.contains("<b>"));
    }
    assert_eq!(all_but_the_ledger(&world.stack).await, before);

    let begun = by_form(&mut world.browser, &format!(" {} ", HOST.to_uppercase())).await;
    assert_eq!(begun.status, 200, "{}", begun.body);
    let (_, rest) = begun.body.split_once("href=\"/receipts/").unwrap();
    let id = rest.split('"').next().unwrap().to_owned();
    assert!(world.browser.cookies.is_empty(), "signed out: {:?}", world.browser.cookies.keys());
    upkeep(&world.stack).await;
    assert_gone(&world.stack, &id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_word_joins_the_erasure_under_way() {
    let mut world = world().await;
    let begun = world.browser.change("DELETE", "/instance", &json!({"siteHost": HOST})).await;
    let cloud = CLOUD.parse().unwrap();
    let reach = tandem_store::Reach::Instance(cloud);
    let joined = tandem_runtime::erasure::begin(&world.stack.app, &reach).await.unwrap();
    assert_eq!(begun.json()["receiptId"], joined.receipt_id.as_str());
}

/// A delivery that waited on the queue when the site was erased.
async fn late_delivery(world: &World) -> usize {
    let comment = "500001";
    world.stack.jira.add_comment(CLOUD, ISSUE, comment, &world.ben.account, "A line of text");
    let body = json!({
        "version": 1, "claim": claim_of(&["late", comment]).unwrap(), "cloud_id": CLOUD,
        "issue_id": ISSUE, "project_id": PROJECT, "tenant_id": TENANT, "chat_id": world.chat,
        "accepted_at": 1_800_000_000_000_i64, "event": "comment_created", "comment_id": comment,
        "author": world.ben.account,
    });
    let mut message = SqsMessage::default();
    message.message_id = Some(comment.to_owned());
    message.body = Some(body.to_string());
    let mut event = SqsEvent::default();
    event.records = vec![message];
    let answer = tandem_local::caller::deliver(Arc::clone(&world.stack.app), event).await.unwrap();
    answer.batch_item_failures.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waited_on_the_queue_is_given_up_and_is_no_fault() {
    let mut world = world().await;
    let begun = world.browser.change("DELETE", "/instance", &json!({"siteHost": HOST})).await;
    assert_eq!(begun.status, 202, "{}", begun.body);
    assert_eq!(late_delivery(&world).await, 0, "it does not come back");
    assert_eq!(world.messages().len(), 0, "nothing was posted");
    let metrics = world.stack.metrics().concat();
    assert!(metrics.contains("DeliveriesGivenUp") && !metrics.contains("\"Faults\""), "{metrics}");
}
