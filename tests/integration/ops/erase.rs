//! An erasure on an operator's word, followed until its receipt is complete.

use std::time::Duration;

use serde_json::{Value, json};
use tandem_store::ERASURE_QUIET;

use super::{Ran, ops, ops_with};
use crate::{
    admin::{OTHER_CLOUD, elsewhere},
    support::{CLOUD, HOST, TENANT, TestStack, world},
};

/// Calls `tandem-ops` while time passes.
async fn in_time(stack: &TestStack, words: &[&str], typed: &str) -> Ran {
    let mut called = std::pin::pin!(ops_with(stack, words, typed, &[]));
    loop {
        match tokio::time::timeout(Duration::from_millis(50), &mut called).await {
            Ok(ran) => return ran,
            Err(_) => stack.clock.advance(ERASURE_QUIET),
        }
    }
}

/// The items in which an identifier occurs.
async fn naming(stack: &TestStack, id: &str) -> Vec<Value> {
    let items = stack.items().await;
    items.into_iter().filter(|item| item.to_string().contains(id)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_is_erased_when_its_host_is_typed() {
    let world = world().await;
    elsewhere(&world.stack).await;
    for (words, typed) in [
        (["erase", "instance", CLOUD], "yes\n"),
        (["erase", "instance", HOST], "other.atlassian.net\n"),
        (["erase", "instance", HOST], ""),
    ] {
        let ran = ops_with(&world.stack, &words, typed, &[]).await;
        assert_eq!(ran.code, 1, "{typed}");
        assert!(ran.err.contains(HOST) && ran.err.contains("not confirmed"), "{}", ran.err);
        assert_eq!(world.stack.items_of("erasure").await.len(), 0);
    }
    let words = ["erase", "instance", HOST, "--json"];
    let ran = in_time(&world.stack, &words, &format!("{HOST}\n")).await;
    let answer = ran.json();
    let id = answer["receiptId"].as_str().unwrap();
    assert!(ran.err.contains(&format!("tandem-ops receipt {id} --follow")), "{}", ran.err);
    assert_eq!(answer["scope"], "instance");
    assert!(answer["finishedAt"].is_string(), "{answer}");
    assert_eq!(answer["counts"]["chat_link"], 1, "{answer}");
    assert_eq!(naming(&world.stack, CLOUD).await, Vec::<Value>::new());
    assert_ne!(naming(&world.stack, OTHER_CLOUD).await, Vec::<Value>::new());

    let shown = world.stack.get(&format!("/receipts/{id}")).await;
    assert_eq!(shown["finishedAt"], answer["finishedAt"], "who asked sees the same");
    let text = ops(&world.stack, &["receipt", id]).await.out;
    assert!(text.contains("1 chat_link") && text.contains("finished"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_is_not_served_from_then_on_and_the_receipt_can_be_taken_up_again() {
    let mut world = world().await;
    let words = ["erase", "instance", CLOUD, "--yes", "--no-wait", "--json"];
    let begun = ops(&world.stack, &words).await.json();
    assert_eq!(begun["finishedAt"], Value::Null);
    assert_eq!(world.stack.items_of("installation").await.len(), 0);
    assert_eq!(world.browser.get("/admin").await.status, 401, "nobody is signed in any more");

    let again = ops(&world.stack, &words).await.json();
    assert_eq!(again["receiptId"], begun["receiptId"], "it joins the one under way");
    let id = begun["receiptId"].as_str().unwrap();
    let done = in_time(&world.stack, &["receipt", id, "--follow", "--json"], "").await.json();
    assert!(done["finishedAt"].is_string(), "{done}");
    let unknown = ops(&world.stack, &["receipt", &id.chars().rev().collect::<String>()]).await;
    assert_eq!(unknown.code, 1);
    let gone = ops(&world.stack, &["erase", "instance", HOST, "--yes"]).await;
    assert_eq!(gone.code, 1);
    assert!(gone.err.contains("give its cloud id"), "{}", gone.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_is_erased() {
    let world = world().await;
    let words = ["erase", "tenant", TENANT, "--yes", "--json"];
    let answer = in_time(&world.stack, &words, "").await.json();
    assert_eq!(answer["scope"], "tenant");
    assert_eq!(naming(&world.stack, TENANT).await, Vec::<Value>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_erased_on_both_sides_and_nobody_else() {
    let world = world().await;
    let words = ["erase", "person", CLOUD, &world.ben.account, "--yes", "--json"];
    let answer = in_time(&world.stack, &words, "").await.json();
    assert_eq!(answer["scope"], "user");
    assert_eq!(answer["counts"]["account_link"], json!(1), "{answer}");
    for id in [&world.ben.account, &world.ben.object] {
        assert_eq!(naming(&world.stack, id).await, Vec::<Value>::new());
    }
    assert_ne!(naming(&world.stack, &world.ada.account).await, Vec::<Value>::new());
}
