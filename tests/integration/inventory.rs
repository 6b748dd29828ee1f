//! The inventory: as a page of the documentation, over HTTP, and held against what is written.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
};

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use tandem_store::inventory::{ELSEWHERE, INVENTORY, markdown};

use crate::support::{TestStack, undeclared};

const PAGE: &str = "docs/DATA-INVENTORY.md";

#[test]
fn the_committed_page_says_what_the_declarations_say() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(PAGE);
    let made = markdown().unwrap();
    if std::env::var_os("TANDEM_WRITE_DOCS").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == made,
        "{PAGE} is stale: run this test with TANDEM_WRITE_DOCS=1, look at the change, commit it"
    );
}

#[test]
fn every_attribute_says_what_it_is_and_what_for() {
    for declared in INVENTORY {
        assert!(!declared.what.is_empty() && !declared.kept.is_empty(), "{declared:?}");
        assert!(!declared.erased_with.is_empty(), "{declared:?}");
        for attribute in declared.attributes {
            assert!(!attribute.what.is_empty() && !attribute.why.is_empty(), "{attribute:?}");
        }
        if let Some((whole, _)) = declared.entity.split_once("_by_") {
            let whole = INVENTORY.iter().find(|it| it.entity == whole).unwrap();
            assert_eq!(declared.erased_with, whole.erased_with, "{}", declared.entity);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn anybody_reads_the_inventory_as_json_or_as_a_page() {
    let stack = TestStack::start().await;
    let answer = stack.get("/inventory").await;
    assert_eq!(answer["entities"].as_array().unwrap().len(), INVENTORY.len());
    assert_eq!(answer["elsewhere"].as_array().unwrap().len(), ELSEWHERE.len());
    let link = answer["entities"].as_array().unwrap().iter();
    let link = link.clone().find(|it| it["entity"] == "account_link").unwrap();
    assert_eq!(
        link["erasedWith"],
        json!(["jira_user", "microsoft_user", "site", "tenant", "disconnecting"])
    );
    assert_eq!(
        link["attributes"][1],
        json!({
            "name": "account_id", "what": "the Jira user", "why": "user mapping",
            "whose": "person",
        })
    );
    let page = stack.request("GET", "/inventory").header("accept", "text/html,*/*;q=0.8");
    let page = page.send().await.unwrap();
    assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8");
    assert!(page.text().await.unwrap().contains("<h2 id=\"account_link\">"));
}

#[test]
fn what_is_written_otherwise_than_declared_is_named() {
    let text = |text: &str| json!({"S": text});
    let session = |more: &[(&str, Value)]| {
        let mut item = json!({"pk": text("T#1"), "sk": text("SESSION"), "entity": text("session")});
        for (name, value) in more {
            item[*name] = value.clone();
        }
        item
    };
    for (item, found) in [
        (session(&[]), vec![]),
        (session(&[("account_id", text("712020:a")), ("owner", text("J#1#U#a"))]), vec![]),
        (session(&[("nickname", text("Ada"))]), vec!["session.nickname"]),
        (json!({"entity": text("diary")}), vec!["the entity \"diary\""]),
        (json!({"pk": text("x")}), vec!["the entity \"\""]),
        (
            json!({"entity": text("receipt"), "owner": text("J#1#U#a"), "tenant": text("M#1")}),
            vec![
                "that receipt is erased with the person at Jira",
                "that receipt is erased with the Microsoft tenant",
            ],
        ),
    ] {
        assert_eq!(undeclared(&item), found, "{item}");
    }
}

/// The same at the end of a test, of an item that is gone by then, and of a name that an update adds.
#[tokio::test(flavor = "multi_thread")]
async fn a_test_that_writes_what_is_not_declared_fails() {
    for by_update in [false, true] {
        let stack = TestStack::bare().await;
        let dynamodb = &stack.clients.dynamodb;
        let table = tandem_local::provision::TABLE;
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let put = dynamodb.put_item().table_name(table).item("pk", text("T#1"));
        let put = put.item("sk", text("SESSION")).item("entity", text("session"));
        let put = if by_update { put } else { put.item("nickname", text("Ada")) };
        put.send().await.unwrap();
        if by_update {
            let update = dynamodb.update_item().table_name(table).key("pk", text("T#1"));
            let update = update.key("sk", text("SESSION")).update_expression("SET nickname = :it");
            update.expression_attribute_values(":it", text("Ada")).send().await.unwrap();
        }
        let delete = dynamodb.delete_item().table_name(table).key("pk", text("T#1"));
        delete.key("sk", text("SESSION")).send().await.unwrap();
        assert_eq!(stack.items().await, Vec::<Value>::new());
        let dropped = catch_unwind(AssertUnwindSafe(|| drop(stack)));
        let why = dropped.unwrap_err();
        let why = why.downcast_ref::<String>().unwrap();
        assert!(why.contains("session.nickname"), "{why}");
    }
}
