//! Erasing a person, a site and a Microsoft tenant: whole, from any point at which it stopped, once.

mod directions;
mod order;
mod seeded;
pub mod stops;

use std::sync::Arc;

use serde_json::{Value, json};
use tandem_domain::RequestId;
use tandem_runtime::{App, erasure};
use tandem_store::{ChatLink, ERASURE_QUIET, Erasure};
use tandem_upkeep::{UpkeepEvent, UpkeepReport};

use self::{
    seeded::Seeded,
    stops::{Stop, stop_after},
};
use crate::support::{CLOUD, TENANT, TestStack, world};

fn secrets(stack: &TestStack, part: &str) -> usize {
    stack.aws.secrets().iter().filter(|secret| secret.name.contains(part)).count()
}

fn request() -> RequestId {
    RequestId::parse("erase-test").unwrap()
}

/// Everything that lies in the table, in an order of its own.
async fn all(stack: &TestStack) -> Vec<String> {
    let mut items: Vec<String> = stack.items().await.iter().map(Value::to_string).collect();
    items.sort();
    items
}

/// Goes on with an erasure, with time passing in between, until it is done.
async fn finish(app: &App, stack: &TestStack, erasure: &Erasure) {
    for _ in 0..6 {
        if erasure::go_on(app, erasure, &request()).await.unwrap() {
            return;
        }
        stack.clock.advance(ERASURE_QUIET);
    }
    panic!("it does not come to an end");
}

async fn upkeep(stack: &TestStack, command: Value) -> UpkeepReport {
    let event: UpkeepEvent = serde_json::from_value(command).unwrap();
    tandem_local::caller::upkeep(Arc::clone(&stack.app), event).await.unwrap()
}

async fn receipt(stack: &TestStack, id: &str) -> Value {
    let answer = stack.request("GET", &format!("/receipts/{id}")).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 200);
    answer.json().await.unwrap()
}

#[tokio::test]
async fn secrets_go_before_items_and_a_second_run_changes_nothing() {
    let stack = TestStack::bare().await;
    let (one, other) = (Seeded::new(1), Seeded::new(2));
    one.seed(&stack).await;
    other.seed(&stack).await;
    let others = Seeded::left(&stack, &[other.account.as_str(), other.object.as_str()]).await;
    let begun = erasure::begin(&stack.app, &one.person()).await.unwrap();
    for steps in 1.. {
        // Taken up from the start each time, one step further.
        let request = request();
        let go_on = erasure::go_on(&stack.app, &begun, &request);
        let done = stop_after(steps, Stop::Answered, go_on).await;
        let owned: Vec<Value> = stack
            .items()
            .await
            .into_iter()
            .filter(|item| item["entity"]["S"] != "grant" && item["entity"]["S"] != "erasure")
            .filter(|item| item.to_string().contains(one.account.as_str()))
            .collect();
        // Two links of chats and two of messages in two halves each, one of accounts in two halves;
        // the session; three settings; the note that it is reported: all are there while one of the two secrets is.
        if secrets(&stack, "/grant/") > 2 {
            assert_eq!(owned.len(), 15, "{steps}: {owned:?}");
        }
        if done.is_some() {
            break;
        }
    }
    finish(&stack.app, &stack, &begun).await;
    let before = all(&stack).await;
    assert!(erasure::go_on(&stack.app, &begun, &request()).await.unwrap());
    assert_eq!(upkeep(&stack, json!({})).await.erasures_finished, 0);
    assert_eq!(all(&stack).await, before, "nothing changes");
    let after = Seeded::left(&stack, &[other.account.as_str(), other.object.as_str()]).await;
    assert_eq!(after, others, "somebody else's stay");
    assert_eq!(secrets(&stack, "/grant/"), 2);
}

#[tokio::test]
async fn what_is_erased_page_by_page_goes_whole() {
    let stack = TestStack::bare().await;
    let one = Seeded::new(1);
    one.seed(&stack).await;
    let now = stack.app.clock.now();
    for number in 100..260 {
        let link = one.message_link(&number.to_string(), now);
        stack.app.store.put_message_link(&link).await.unwrap();
    }
    let begun = erasure::begin(&stack.app, &one.person()).await.unwrap();
    finish(&stack.app, &stack, &begun).await;
    let left = Seeded::left(&stack, &[one.account.as_str(), one.object.as_str()]).await;
    assert_eq!(left, Vec::<String>::new());
    let receipt = receipt(&stack, begun.receipt_id.as_str()).await;
    assert_eq!(receipt["counts"]["message_link"], 162, "{receipt}");
}

#[tokio::test]
async fn a_person_erases_themselves_and_the_receipt_names_nobody() {
    let mut world = world().await;
    let account = world.ada.account.clone();
    let answer = world.browser.send("DELETE", "/me", |request| request).await;
    assert_eq!(answer.status, 403, "without the CSRF token: {}", answer.body);
    let answer = world.browser.change("DELETE", "/me", &json!({})).await;
    assert_eq!(answer.status, 202, "{}", answer.body);
    let id = answer.json()["receiptId"].as_str().unwrap().to_owned();
    let stack = &world.stack;
    assert_eq!(world.browser.get("/session").await.status, 401, "signed out at once");
    assert!(Seeded::left(stack, &[&account]).await.iter().all(|item| !item.contains("LINK\"}")));
    let under_way = receipt(stack, &id).await;
    assert_eq!((&under_way["scope"], &under_way["finishedAt"]), (&json!("user"), &Value::Null));

    upkeep(stack, json!({})).await;
    assert_eq!(secrets(stack, "/grant/"), 2, "the colleague's two stay");
    assert_eq!(stack.items_of("chat_subscription").await.len(), 0);
    let ended = stack.gate.recorded();
    let ended =
        ended.iter().filter(|it| it.method == "DELETE" && it.path.contains("/subscriptions/"));
    assert_eq!(ended.count(), 1, "ended at Graph while there was a token");
    stack.clock.advance(ERASURE_QUIET);
    assert_eq!(upkeep(stack, json!({})).await.erasures_finished, 1);

    let left = Seeded::left(stack, &[&account, &world.ada.object]).await;
    assert_eq!(left, Vec::<String>::new());
    assert_eq!(stack.items_of("erasure").await.len(), 0);
    let receipt = receipt(stack, &id).await;
    assert!(receipt["finishedAt"].is_string(), "{receipt}");
    let counts = &receipt["counts"];
    for (entity, count) in [
        ("account_link", 1),
        ("chat_link", 1),
        ("chat_subscription", 1),
        ("grant", 2),
        ("session", 1),
    ] {
        assert_eq!(counts[entity], count, "{entity}: {receipt}");
    }
    let text = receipt.to_string();
    for id in [&account, &world.ada.object, &world.chat, &CLOUD.to_owned(), &TENANT.to_owned()] {
        assert!(!text.contains(id.as_str()), "{text}");
    }
    for unknown in ["0".repeat(32), "x".to_owned()] {
        let answer = stack.request("GET", &format!("/receipts/{unknown}")).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 404);
    }
}

#[tokio::test]
async fn a_chat_that_others_still_need_is_handed_to_one_of_them() {
    let stack = TestStack::bare().await;
    let (one, other) = (Seeded::new(1), Seeded::new(2));
    one.seed(&stack).await;
    let now = stack.app.clock.now();
    let theirs = ChatLink {
        created_by: other.account.clone(),
        creator_object_id: other.object.clone(),
        ..one.chat_link("30", now)
    };
    stack.app.store.put_chat_link(&theirs).await.unwrap();
    let begun = erasure::begin(&stack.app, &one.person()).await.unwrap();
    finish(&stack.app, &stack, &begun).await;
    let links = stack.app.store.list_issues_by_chat(&one.tenant, &one.chat).await.unwrap();
    assert_eq!(links, [theirs]);
    let kept = stack.app.store.find_chat_subscription(&one.tenant, &one.chat).await.unwrap();
    let kept = kept.unwrap();
    assert_eq!((kept.subscriber, kept.subscription_id), (other.object, None));
}

#[tokio::test]
async fn an_operator_erases_a_site_and_a_tenant() {
    let tenant = TENANT;
    for (command, scope) in [
        (json!({"command": "eraseInstance", "cloudId": CLOUD}), "instance"),
        (json!({"command": "eraseTenant", "tenantId": tenant}), "tenant"),
    ] {
        let world = world().await;
        let stack = &world.stack;
        let report = upkeep(stack, command).await;
        let id = report.receipt_id.unwrap();
        stack.clock.advance(ERASURE_QUIET);
        upkeep(stack, json!({})).await;
        stack.clock.advance(ERASURE_QUIET);
        upkeep(stack, json!({})).await;
        let receipt = receipt(stack, id.as_str()).await;
        assert!(receipt["finishedAt"].is_string(), "{receipt}");
        assert_eq!(receipt["scope"], scope);
        assert_eq!(secrets(stack, "/grant/"), 0, "{scope}");
        assert_eq!(secrets(stack, "/webhook/"), usize::from(scope == "tenant"));
        let mut ids = vec![world.ada.object.as_str(), world.ben.object.as_str()];
        ids.push(if scope == "tenant" { tenant } else { CLOUD });
        let left = Seeded::left(stack, &ids).await;
        assert_eq!(left, Vec::<String>::new(), "{scope}");
    }
}
