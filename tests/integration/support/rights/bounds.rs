//! That nothing reads more of the table than it asks for by key: no scan, and no query that grows with
//! what is stored.
//!
//! A query names its partition. In an index a partition is everything of one user, of one site, of one
//! tenant, or of one kind that is due: it grows without end, so what is asked for there has a `Limit`.
//! In the table itself a query asks for a part of its partition, by a condition on the sort key, or
//! has a `Limit`. The parts of `keys.rs` grow with what people set up (chats of an issue, channels of
//! a project, links of a person, watchers of a site), or end by themselves within two days (tallies);
//! but for those in [`GROWING`], which grow with each thing that is done.

use serde_json::Value;
use tandem_store::keys::{CHANGES, LEDGER, PK};

/// The parts that grow with each use of a token and each change of a setting: a `Limit` it is.
const GROWING: [&str; 2] = [LEDGER, CHANGES];

/// What reads or writes by key alone.
const BY_KEY: [&str; 6] =
    ["GetItem", "BatchGetItem", "PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"];

/// Why a call to DynamoDB is not bound by a key; `None` where it is.
pub fn unbound(target: &str, body: &[u8]) -> Option<String> {
    let operation = target.strip_prefix("DynamoDB_20120810.")?;
    if BY_KEY.contains(&operation) {
        return None;
    }
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    if operation != "Query" {
        return Some(format!("{operation} is not bound by a key"));
    }
    let condition = body["KeyConditionExpression"].as_str().unwrap_or_default();
    let why = |what: &str| Some(format!("Query without {what}: {condition:?}"));
    if super::access::partition_of_query(&body)["S"].as_str().is_none_or(str::is_empty) {
        return why("its partition");
    }
    if body["Limit"].as_u64().is_some() {
        return None;
    }
    if body["IndexName"].is_string() {
        return why("a Limit in an index");
    }
    let Some((_, part)) = condition.split_once(" AND ") else {
        return why("a condition on the sort key or a Limit");
    };
    let name = |name: &str| body["ExpressionAttributeNames"][name].as_str().map(str::to_owned);
    let of_partition = |it: &str| it.starts_with(PK) || name(it).is_some_and(|it| it == PK);
    if part.split_once(" = ").is_some_and(|(of, _)| of_partition(of)) {
        return why("a condition on the sort key");
    }
    let asked =
        body["ExpressionAttributeValues"].as_object().into_iter().flat_map(|it| it.values());
    let grows = |value: &Value| GROWING.iter().any(|part| value["S"].as_str() == Some(part));
    if asked.clone().any(grows) { why("a Limit where it grows with each use") } else { None }
}
