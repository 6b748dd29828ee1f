//! Taking a site's data away: what lies under it, as it is stored, and nothing else.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tandem_admin::MOST_EXPORTED_ITEMS;
use tandem_domain::{AccountId, CloudId};
use tandem_store::Watcher;

use super::{OTHER_CLOUD, elsewhere};
use crate::support::{CLOUD, TestStack, World, world};

/// An attribute of the table as plain JSON.
fn plain(value: &Value) -> Value {
    let (kind, value) = value.as_object().unwrap().iter().next().unwrap();
    match kind.as_str() {
        "N" => serde_json::from_str(value.as_str().unwrap()).unwrap(),
        "L" => value.as_array().unwrap().iter().map(plain).collect(),
        "M" => {
            let entries = value.as_object().unwrap().iter();
            Value::Object(entries.map(|(name, value)| (name.clone(), plain(value))).collect())
        }
        _ => value.clone(),
    }
}

/// What lies under a site, as an export has it: without the hash of a session.
async fn stored(stack: &TestStack, cloud: &str) -> BTreeSet<String> {
    let items = stack.items().await.into_iter();
    let under = items.filter(|item| item["tenant"]["S"] == format!("J#{cloud}"));
    under
        .map(|item| {
            let mut item = plain(&json!({"M": item}));
            if item["entity"] == "session" {
                for name in ["pk", "token_hash"] {
                    item.as_object_mut().unwrap().remove(name);
                }
            }
            item.to_string()
        })
        .collect()
}

/// Every part of the export, in their order.
async fn exported(world: &mut World) -> Vec<Value> {
    let (mut parts, mut path) = (Vec::new(), "/instance/data".to_owned());
    loop {
        let answer = world.browser.get(&path).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let part = answer.json();
        let next = part["next"].as_str().map(|next| format!("/instance/data?from={next}"));
        parts.push(part);
        match next {
            Some(next) => path = next,
            None => return parts,
        }
    }
}

fn items(parts: &[Value]) -> Vec<&Value> {
    parts.iter().flat_map(|part| part["items"].as_array().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_what_lies_under_the_site_as_it_is_stored_and_no_hash() {
    let mut world = world().await;
    elsewhere(&world.stack).await;
    world.comment(&world.ben, "A comment").await;
    world.stack.settled().await;
    world.set(json!({"comment_sync": "both"})).await;
    let parts = exported(&mut world).await;
    let [part] = &parts[..] else { panic!("{} parts", parts.len()) };
    assert_eq!((&part["cloudId"], &part["next"]), (&json!(CLOUD), &Value::Null));
    let items = items(&parts);
    let told: BTreeSet<String> = items.iter().map(|item| item.to_string()).collect();
    assert_eq!(told, stored(&world.stack, CLOUD).await);
    assert_eq!(told.len(), items.len(), "each once");
    let entities: BTreeSet<&str> =
        items.iter().map(|item| item["entity"].as_str().unwrap()).collect();
    for entity in
        ["account_link", "chat_link", "message_link", "session", "settings", "tally", "claim"]
    {
        assert!(entities.contains(entity), "{entity} in {entities:?}");
    }
    let text = part.to_string();
    assert!(!text.contains(OTHER_CLOUD), "another site's: {text}");
    for session in world.stack.items_of("session").await {
        assert!(!text.contains(session["token_hash"]["S"].as_str().unwrap()), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_a_file_to_be_kept() {
    let world = world().await;
    let cookies: Vec<String> =
        world.browser.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let request = world.stack.request("GET", "/instance/data");
    let answer = request.header("cookie", cookies.join("; ")).send().await.unwrap();
    let header = |name: &str| answer.headers()[name].to_str().unwrap();
    let file = format!("attachment; filename=\"tandem-{CLOUD}.json\"");
    assert_eq!(header("content-disposition"), file);
    assert_eq!((header("content-type"), header("cache-control")), ("application/json", "no-store"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_one_comes_in_parts_with_each_item_once() {
    let mut world = world().await;
    let cloud = CloudId::parse(CLOUD).unwrap();
    for number in 0..MOST_EXPORTED_ITEMS + 50 {
        let account_id = AccountId::parse(&format!("712020:{number}")).unwrap();
        let watcher = Watcher { cloud_id: cloud.clone(), account_id };
        world.stack.app.store.put_watcher(&watcher).await.unwrap();
    }
    let parts = exported(&mut world).await;
    assert_eq!(parts.len(), 2);
    for part in &parts {
        let (count, size) = (part["items"].as_array().unwrap().len(), part.to_string().len());
        assert!(count <= MOST_EXPORTED_ITEMS + 100 && size < 6_000_000, "{count}, {size}");
        let next = part["next"].as_str().unwrap_or_default();
        assert!(!next.contains(CLOUD), "opaque: {next}");
    }
    let items = items(&parts);
    let told: BTreeSet<String> = items.iter().map(|item| item.to_string()).collect();
    assert_eq!(told.len(), items.len(), "each once");
    assert_eq!(told, stored(&world.stack, CLOUD).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_begins_where_another_ended_and_nowhere_else() {
    let mut world = world().await;
    for from in ["", "x", "%00", "bm90IGEgcGxhY2U", "SiMxCkojMgpKIzM"] {
        let refused = world.browser.get(&format!("/instance/data?from={from}")).await;
        let code = &refused.json()["code"];
        assert_eq!((refused.status, code), (400, &json!("invalid_field")), "{from}");
    }
}
