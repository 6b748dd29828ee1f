//! What a person sees of what is stored about them, and how they have it erased.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use tandem_store::{COMMON, ERASURE_QUIET};
use tandem_upkeep::UpkeepEvent;

use crate::{
    sign_in::{hidden, post_form},
    support::{Answer, Browser, CLOUD, Person, TENANT, TestStack, everything},
};

/// Two people of whom there is something of every kind, each in some of the other's items; the
/// browser is the first one's.
async fn two() -> (TestStack, Person, Person, Browser) {
    let stack = TestStack::start().await;
    let ada = stack.person("Ada Berg", false, false).await;
    let ben = stack.person("Ben Okoye", false, true).await;
    let browser = ada.browser(&stack).await;
    everything::seed(&stack, &ada, &ben, 1).await;
    everything::seed(&stack, &ben, &ada, 2).await;
    (stack, ada, ben, browser)
}

/// All pages of the export.
async fn export(browser: &mut Browser) -> Vec<Value> {
    let mut items = Vec::new();
    let mut path = "/me/data".to_owned();
    loop {
        let page = browser.get(&path).await;
        assert_eq!(page.status, 200, "{}", page.body);
        let page = page.json();
        items.extend(page["items"].as_array().unwrap().clone());
        let Some(next) = page["next"].as_str() else { return items };
        let from: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
        path = format!("/me/data?from={from}");
    }
}

/// An attribute's value as plain JSON.
fn plain(value: &Value) -> Value {
    let (kind, value) = value.as_object().unwrap().iter().next().unwrap();
    match kind.as_str() {
        "N" => serde_json::from_str(value.as_str().unwrap()).unwrap(),
        "L" => value.as_array().unwrap().iter().map(plain).collect(),
        "M" => {
            let fields = value.as_object().unwrap().iter();
            fields.map(|(name, value)| (name.clone(), plain(value))).collect()
        }
        _ => value.clone(),
    }
}

/// The entity of which this is a half.
fn whole(entity: &str) -> &str {
    entity.split_once("_by_").map_or(entity, |(whole, _)| whole)
}

/// Whether the export has an item as it lay in the table: what it shows is the same, and it says
/// what it leaves out.
fn is_in(export: &[Value], stored: &Value) -> bool {
    let of = |name: &&String| !COMMON.iter().any(|common| common.name == **name);
    let names: BTreeSet<&String> = stored.as_object().unwrap().keys().filter(of).collect();
    let entity = whole(stored["entity"]["S"].as_str().unwrap());
    export.iter().filter(|item| whole(item["entity"].as_str().unwrap()) == entity).any(|item| {
        let shown = item["attributes"].as_object().unwrap();
        let left_out: Vec<String> = serde_json::from_value(item["leftOut"].clone()).unwrap();
        let told: BTreeSet<&String> = shown.keys().chain(&left_out).collect();
        told == names
            && shown.iter().all(|(name, value)| {
                left_out.contains(name) || *value == plain(&stored[name.as_str()])
            })
    })
}

async fn upkeep(stack: &TestStack) {
    let event: UpkeepEvent = serde_json::from_value(json!({})).unwrap();
    tandem_local::caller::upkeep(std::sync::Arc::clone(&stack.app), event).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_is_erased_of_a_person_was_in_their_export_and_nothing_of_others() {
    let (stack, ada, ben, mut browser) = two().await;
    let export = export(&mut browser).await;
    let text = json!(export).to_string();
    for other in [&ben.account, &ben.object] {
        assert!(!text.contains(other.as_str()), "{other} in {text}");
    }
    let hash = "token_hash";
    assert!(export.iter().all(|item| item["attributes"].get(hash).is_none()), "{text}");
    let before = stack.items().await;
    let begun = browser.change("DELETE", "/me", &json!({})).await;
    assert_eq!(begun.status, 202, "{}", begun.body);
    for _ in 0..4 {
        upkeep(&stack).await;
        stack.clock.advance(ERASURE_QUIET);
    }
    let after = stack.items().await;
    assert!(after.iter().any(|item| item["finished_at"].is_object()), "it is done");
    let erased: Vec<&Value> = before.iter().filter(|item| !after.contains(item)).collect();
    let missed: Vec<&&Value> = erased.iter().filter(|item| !is_in(&export, item)).collect();
    assert!(missed.is_empty(), "erased, and not in the export: {missed:#?}");
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for item in &erased {
        *kinds.entry(whole(item["entity"]["S"].as_str().unwrap())).or_default() += 1;
    }
    // Of message links: three pairs of Ada's own seeding, and two of Ben's that name her.
    assert_eq!((kinds["message_link"], kinds["grant"], kinds["settings"]), (10, 2, 2), "{kinds:?}");
    assert!(kinds.len() >= 11, "{kinds:?}");

    // What else names her is of others, and stays; she is shown her part of it.
    let follows = export.iter().filter(|item| item["entity"] == "channel_subscription");
    let named = follows.filter(|item| item["attributes"]["assignees"] == json!([ada.account]));
    let named: Vec<&Value> = named.collect();
    assert_eq!(named.len(), 1, "{text}");
    assert_eq!(named[0]["leftOut"], json!(["subscribed_by", "subscriber"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_item_is_shown_once_with_what_the_inventory_says_of_it() {
    let (_stack, ada, _, mut browser) = two().await;
    let answer = browser.send("GET", "/me/data", |request| request).await.json();
    let items = answer["items"].as_array().unwrap();
    assert_eq!(answer["next"], Value::Null);
    let count = |entity: &str| items.iter().filter(|item| item["entity"] == entity).count();
    for (entity, expected) in [
        ("account_link", 1),
        ("account_link_by_microsoft_user", 0),
        ("grant", 2),
        ("chat_link", 1),
        ("chat_link_by_chat", 0),
        // Where somebody else commented and she sent the message, only the half at Microsoft is hers.
        ("message_link", 3),
        ("message_link_by_message", 2),
        ("session", 1),
        ("settings", 2),
        ("watcher", 1),
    ] {
        assert_eq!(count(entity), expected, "{entity}: {answer}");
    }
    assert!(count("ledger") >= 2, "{answer}");
    for item in items {
        let declared = answer["inventory"].as_array().unwrap().iter();
        let declared = declared.clone().find(|it| it["entity"] == item["entity"]).unwrap();
        let declared: Vec<&str> = declared["attributes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["name"].as_str().unwrap())
            .collect();
        let names = item["attributes"].as_object().unwrap().keys();
        assert!(names.clone().all(|name| declared.contains(&name.as_str())), "{item}");
    }
    assert!(answer.to_string().contains(&ada.account));
}

#[tokio::test(flavor = "multi_thread")]
async fn much_data_is_taken_away_in_several_files() {
    let (stack, ada, ben, mut browser) = two().await;
    for number in 10..1100 {
        let link = json!({
            "cloud_id": CLOUD, "issue_id": "7", "comment_id": format!("{}", 90_000 + number),
            "tenant_id": TENANT, "chat_id": format!("19:{:032x}@thread.v2", 9), "origin": "jira",
            "message_id": format!("{}", 1_790_000_100_000_u64 + number),
            "comment_by": ada.account, "message_by": ben.object,
            "comment_version": 1, "message_version": 1,
        });
        let link = serde_json::from_value(link).unwrap();
        stack.app.store.put_message_link(&link).await.unwrap();
    }
    let first = browser.get("/me/data").await.json();
    assert!(first["items"].as_array().unwrap().len() >= 1000 && first["next"].is_string());
    let all = export(&mut browser).await;
    let comments: BTreeSet<String> =
        all.iter().map(|item| item["attributes"]["comment_id"].to_string()).collect();
    // Those, three of hers and two of Ben's, and the items that are of no comment.
    assert_eq!(comments.len(), 1090 + 5 + 1);
    let page = browser.get("/my/data").await;
    assert!(page.body.contains("/my/data?from="), "{}", page.body);
    // Of every part there is, and of none: a key of something else begins nothing.
    for part in 0..12 {
        let answer = browser.get(&format!("/me/data?from={part}%7Cx%7Cy")).await;
        assert!([200, 400].contains(&answer.status), "{part}: {}", answer.body);
    }
    let answer = browser.get("/me/data?from=40").await;
    assert_eq!((answer.status, answer.json()["code"].as_str()), (400, Some("invalid_field")));
    let answer = browser.get("/me/data?from=x").await;
    assert_eq!((answer.status, answer.json()["code"].as_str()), (400, Some("invalid_field")));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_file_and_the_pages_are_for_who_is_signed_in() {
    let (stack, ada, ben, mut browser) = two().await;
    let mut nobody = stack.browser();
    for path in ["/me/data", "/my/data", "/my/ledger"] {
        assert_eq!(nobody.get(path).await.status, 401, "{path}");
    }
    let file = stack.request("GET", "/me/data");
    let cookie = format!("__Host-tandem={}", browser.cookies["__Host-tandem"]);
    let file = file.header("cookie", &cookie).send().await.unwrap();
    let disposition = file.headers()["content-disposition"].to_str().unwrap();
    assert_eq!(disposition, "attachment; filename=\"tandem-my-data.json\"");

    let page = browser.get("/my/data").await;
    assert_eq!(page.status, 200);
    for shown in [
        &ada.account,
        &ada.object,
        "href=\"/me/data\"",
        "start_chat",
        "An issue and a chat about it",
    ] {
        assert!(page.body.contains(shown), "{shown} in {}", page.body);
    }
    for hidden in [&ben.account, &ben.object] {
        assert!(!page.body.contains(hidden.as_str()), "{}", page.body);
    }
    let uses = browser.get("/my/ledger?provider=microsoft").await;
    assert!(uses.body.contains("request-1") && !uses.body.contains("request-2"), "{}", uses.body);
    for (query, status) in [("?provider=github", 400), ("?from=x", 400)] {
        assert_eq!(browser.get(&format!("/my/ledger{query}")).await.status, status, "{query}");
    }
}

async fn receipt_page(stack: &TestStack, path: &str) -> Answer {
    stack.browser().send("GET", path, |request| request.header("accept", "text/html")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_has_everything_erased_from_the_page_and_follows_it_by_the_receipt() {
    let (stack, ada, ben, mut browser) = two().await;
    let csrf = hidden(&browser.get("/my/data").await, "csrf");
    for (fields, status) in [
        (vec![("csrf", csrf.as_str())], 400),
        (vec![("csrf", csrf.as_str()), ("confirmed", "no")], 400),
        (vec![("confirmed", "yes")], 403),
        (vec![("csrf", "x"), ("confirmed", "yes")], 403),
    ] {
        let refused = post_form(&mut browser, "/my/erasure", &fields).await;
        assert_eq!(refused.status, status, "{fields:?}: {}", refused.body);
        assert_eq!(stack.items_of("erasure").await.len(), 0, "{fields:?}");
    }
    let fields = [("csrf", csrf.as_str()), ("confirmed", "yes")];
    let begun = post_form(&mut browser, "/my/erasure", &fields).await;
    assert_eq!(begun.status, 303, "{}", begun.body);
    assert!(browser.cookies.is_empty(), "both cookies are gone: {:?}", browser.cookies);
    let path = begun.location.unwrap();
    let under_way = receipt_page(&stack, &path).await;
    assert!(under_way.status == 200 && under_way.body.contains("under way"), "{under_way:?}");
    for _ in 0..4 {
        upkeep(&stack).await;
        stack.clock.advance(ERASURE_QUIET);
    }
    let done = receipt_page(&stack, &path).await;
    assert!(done.body.contains("nothing is left"), "{done:?}");
    assert!(done.body.contains(&format!("href=\"{path}\"")), "{done:?}");
    let unknown = receipt_page(&stack, "/receipts/x").await;
    assert!(unknown.status == 404 && unknown.body.contains("<h1>"), "{unknown:?}");

    // A receipt holds counts and times, and the word for what was erased: stored and answered.
    let stored = stack.items_of("receipt").await.remove(0);
    let names: Vec<&str> = stored.as_object().unwrap().keys().map(String::as_str).collect();
    let own = ["counts", "finished_at", "receipt_id", "scope", "started_at"];
    let common = ["entity", "pk", "schema", "sk", "ttl"];
    assert_eq!(
        names.into_iter().collect::<BTreeSet<_>>(),
        own.into_iter().chain(common).collect::<BTreeSet<_>>()
    );
    assert_eq!(stored["scope"], json!({"S": "user"}));
    for (entity, count) in stored["counts"]["M"].as_object().unwrap() {
        assert!(count["N"].is_string(), "{entity}");
    }
    let answered = stack.get(&path).await;
    let names: Vec<&String> = answered.as_object().unwrap().keys().collect();
    assert_eq!(names, ["counts", "finishedAt", "receiptId", "scope", "startedAt"]);
    let all = format!("{stored}{answered}{}", done.body);
    for id in [&ada.account, &ada.object, &ben.account, &ben.object] {
        assert!(!all.contains(id.as_str()), "{id}");
    }
    assert!(!all.contains(CLOUD) && !all.contains(TENANT));
}
