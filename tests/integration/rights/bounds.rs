//! That no code path reads the table without a key: the watch over every call of every test's stacks
//! refuses it, and no role would allow a scan.

use std::panic::{AssertUnwindSafe, catch_unwind};

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use tandem_local::{caller::as_function, provision::TABLE};

use super::template;
use crate::support::{TestStack, rights::unbound};

/// A query of the table or an index.
fn query(condition: &str, value: &str, more: Value) -> Value {
    let mut body = json!({
        "TableName": "t", "KeyConditionExpression": condition,
        "ExpressionAttributeNames": {"#hash": "tenant", "#pk": "pk", "#sk": "sk"},
        "ExpressionAttributeValues": {
            ":pk": {"S": "J#1#P#2"}, ":hash": {"S": "J#1"}, ":sk": {"S": value},
        },
    });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

#[test]
fn what_no_key_bounds_is_told_apart_from_what_one_does() {
    let index = |more: Value| {
        let mut index = json!({"IndexName": "by_tenant"});
        more.as_object().unwrap().iter().for_each(|(name, it)| index[name] = it.clone());
        index
    };
    let part = "#pk = :pk AND begins_with(#sk, :sk)";
    for (operation, body, bound) in [
        ("GetItem", json!({}), true),
        ("BatchGetItem", json!({}), true),
        ("TransactWriteItems", json!({}), true),
        ("Scan", json!({"TableName": "t", "Limit": 1}), false),
        ("ExecuteStatement", json!({"Statement": "SELECT * FROM t"}), false),
        // In the table: a part of a partition, or a page of it.
        ("Query", query("pk = :pk AND begins_with(sk, :sk)", "CHAT#", json!({})), true),
        ("Query", query(part, "FOLLOW#", json!({})), true),
        ("Query", query("#pk = :pk AND #sk >= :sk", "TALLY#1", json!({})), true),
        ("Query", query("#pk = :pk", "", json!({})), false),
        ("Query", query("#pk = :pk", "", json!({"Limit": 100})), true),
        ("Query", query("begins_with(#sk, :sk)", "CHAT#", json!({})), false),
        ("Query", query("begins_with(#sk, :sk)", "CHAT#", json!({"Limit": 100})), false),
        // What grows with each use, by pages only.
        ("Query", query(part, "LEDGER#", json!({})), false),
        ("Query", query(part, "LEDGER#", json!({"Limit": 25})), true),
        ("Query", query(part, "CHANGE#", json!({})), false),
        // In an index: by pages only.
        ("Query", query("#hash = :hash", "", index(json!({}))), false),
        ("Query", query("#hash = :hash", "", index(json!({"Limit": 100}))), true),
        ("Query", query("#hash = :hash AND begins_with(#pk, :sk)", "T#", index(json!({}))), false),
    ] {
        let why = unbound(&format!("DynamoDB_20120810.{operation}"), body.to_string().as_bytes());
        assert_eq!(why.is_none(), bound, "{operation} {body}: {why:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scan_and_a_query_without_a_bound_fail_the_test_that_makes_them() {
    for scans in [true, false] {
        let stack = TestStack::start().await;
        let client = stack.clients.dynamodb.clone();
        as_function(tandem_delivery::NAME, async move {
            if scans {
                client.scan().table_name(TABLE).send().await.unwrap();
            } else {
                let all = client.query().table_name(TABLE).key_condition_expression("pk = :pk");
                let site = AttributeValue::S("J#1#INSTANCE".to_owned());
                all.expression_attribute_values(":pk", site).send().await.unwrap();
            }
        })
        .await;
        let ended = catch_unwind(AssertUnwindSafe(|| drop(stack)));
        let why = ended.unwrap_err();
        let why = why.downcast_ref::<String>().unwrap();
        let expected = if scans { "Scan is not bound" } else { "Query without a condition" };
        assert!(why.contains(expected), "{why}");
    }
}

#[test]
fn no_role_allows_a_scan() {
    let template = template();
    let resources = template["Resources"].as_object().unwrap();
    let mut granted = Vec::new();
    for (id, resource) in resources.iter().filter(|(_, it)| it["Type"] == "AWS::IAM::Role") {
        for policy in resource["Properties"]["Policies"].as_array().unwrap() {
            for statement in policy["PolicyDocument"]["Statement"].as_array().unwrap() {
                let actions = &statement["Action"];
                let actions = actions.as_array().cloned().unwrap_or_else(|| vec![actions.clone()]);
                assert!(statement.get("NotAction").is_none(), "{id} allows all but some");
                let named = actions.iter().map(|it| it.as_str().unwrap().to_owned());
                granted.extend(named.map(|action| (id.clone(), action)));
            }
        }
    }
    let of_table = |action: &str| action.starts_with("dynamodb:") || action.contains('*');
    let mut actions: Vec<&str> =
        granted.iter().map(|(_, action)| action.as_str()).filter(|it| of_table(it)).collect();
    actions.sort_unstable();
    actions.dedup();
    for scans in ["Scan", "PartiQL", "*", "?"] {
        assert!(!actions.iter().any(|action| action.contains(scans)), "{scans}: {actions:?}");
    }
    assert!(actions.contains(&"dynamodb:Query"), "the roles are read: {actions:?}");
}
