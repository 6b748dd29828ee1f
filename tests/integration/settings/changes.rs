//! What administrators change is written down with it, and listed.

use serde_json::{Value, json};
use tandem_domain::CloudId;
use tandem_local::sandbox::jira::NewProject;
use tandem_runtime::erasure;
use tandem_store::Reach;

use super::{
    INSTANCE, ME, PROJECT, change,
    pages::{OF_PROJECT, SITE, save},
    put, with_project,
};
use crate::{
    sign_in::People,
    support::{Browser, CLOUD},
};

/// The changes of a scope as its administrators read them: version, setting, from, to.
async fn listed(browser: &mut Browser, scope: &str) -> Vec<Value> {
    let answer = browser.get(&format!("{scope}/changes")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let changes = answer.json()["changes"].as_array().unwrap().clone();
    let short = |it: Value| json!([it["version"], it["setting"], it["from"], it["to"]]);
    changes.into_iter().map(short).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_change_of_an_admin_is_listed_with_who_when_and_what() {
    let people = with_project().await;
    let mut admin = people.signed_in(0, 0).await;
    for (page, scope) in [(SITE, INSTANCE), (OF_PROJECT, PROJECT)] {
        assert_eq!(listed(&mut admin, scope).await, Vec::<Value>::new());
        put(&mut admin, scope, json!({"comment_sync": "off", "issue_updates": ["status"]})).await;
        put(&mut admin, scope, json!({"comment_sync": "off", "issue_updates": ["status"]})).await;
        let updates = [("comment_sync", "both"), ("issue_updates", "status")];
        assert_eq!(save(&mut admin, page, &updates).await.status, 303);
        change(&mut admin, "DELETE", scope, None, &json!({})).await;
        assert_eq!(
            listed(&mut admin, scope).await,
            [
                json!([4, "comment_sync", "both", null]),
                json!([4, "issue_updates", ["status"], null]),
                json!([3, "comment_sync", "off", "both"]),
                json!([1, "comment_sync", null, "off"]),
                json!([1, "issue_updates", null, ["status"]]),
            ],
            "{scope}"
        );
        let all = admin.get(&format!("{scope}/changes")).await.json();
        assert_eq!(all["next"], Value::Null);
        assert_eq!(all["changes"][0]["changedBy"], people.account(0));
        assert!(all["changes"][0]["changedAt"].as_str().unwrap().ends_with('Z'), "{all}");
        let shown = admin.get(page).await.body;
        let (_, shown) = shown.split_once("id=\"changes\"").unwrap();
        assert_eq!(shown.matches("<tr>").count(), 1 + 5, "{shown}");
        assert!(shown.contains(&format!("<code>{}</code>", people.account(0))), "{shown}");
        assert!(shown.contains("<td>off</td><td>both</td>"), "{shown}");
    }
    // A person's own settings are nobody else's to look at.
    put(&mut admin, ME, json!({"appearance": "dark"})).await;
    assert_eq!(people.count("setting_change").await, 2 * 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_changed_is_not_listed() {
    let people = with_project().await;
    let mut admin = people.signed_in(0, 0).await;
    put(&mut admin, INSTANCE, json!({"comment_sync": "off"})).await;
    for (method, if_match, body) in [
        ("PUT", Some("\"0\""), json!({"comment_sync": "both"})),
        ("PUT", None, json!({"comment_sync": "sideways"})),
        ("PUT", None, json!({"quiet_hours": "22-07"})),
        ("DELETE", Some("\"7\""), json!({})),
    ] {
        let refused = change(&mut admin, method, INSTANCE, if_match, &body).await;
        assert!((400..500).contains(&refused.status), "{body}: {refused:?}");
    }
    let mut reader = people.signed_in(1, 1).await;
    assert_eq!(put(&mut reader, INSTANCE, json!({"comment_sync": "both"})).await.status, 403);
    assert_eq!(listed(&mut admin, INSTANCE).await, [json!([1, "comment_sync", null, "off"])]);
    // Of changes at the same time, each that came through is there once.
    let csrf = admin.csrf().await;
    let session = format!("__Host-tandem={}", admin.cookies["__Host-tandem"]);
    let at_once = ["off", "both", "jira_to_teams"].map(|way| {
        let request = people.stack.request("PUT", INSTANCE).header("cookie", &session);
        let request = request.header("if-match", "\"1\"").header("x-csrf-token", &csrf);
        request.json(&json!({"comment_sync": way, "appearance": "dark"})).send()
    });
    let answers = futures_all(at_once).await;
    assert_eq!(answers.iter().filter(|status| **status == 200).count(), 1, "{answers:?}");
    let changes = people.count("setting_change").await;
    assert_eq!(changes, 2);
}

async fn futures_all<F>(requests: [F; 3]) -> [u16; 3]
where
    F: Future<Output = reqwest::Result<reqwest::Response>>,
{
    let [a, b, c] = requests;
    let (a, b, c) = tokio::join!(a, b, c);
    [a, b, c].map(|answer| answer.unwrap().status().as_u16())
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_may_change_them_sees_who_changed_what() {
    let people = with_project().await;
    let project = |id: &str, key: &str| NewProject {
        id: Some(id.to_owned()),
        key: key.to_owned(),
        name: key.to_owned(),
        ..NewProject::default()
    };
    let administered =
        NewProject { admins: vec![people.account(1).to_owned()], ..project("10100", "ADM") };
    let hidden = NewProject {
        browsers: Some(vec![people.account(2).to_owned()]),
        ..project("10200", "HID")
    };
    people.stack.jira.add_project(CLOUD, administered);
    people.stack.jira.add_project(CLOUD, hidden);
    let mut browsers =
        [people.signed_in(0, 0).await, people.signed_in(1, 1).await, people.signed_in(2, 2).await];
    let of_first = "/settings/projects/10100";
    put(&mut browsers[0], INSTANCE, json!({"comment_sync": "off"})).await;
    put(&mut browsers[0], PROJECT, json!({"comment_sync": "both"})).await;
    put(&mut browsers[1], of_first, json!({"comment_sync": "jira_to_teams"})).await;
    for (path, statuses) in [
        (INSTANCE, [200, 403, 403]),
        (PROJECT, [200, 403, 403]),
        (of_first, [200, 200, 403]),
        ("/settings/projects/10200", [200, 404, 403]),
        ("/settings/projects/99999", [404, 404, 404]),
        ("/settings/projects/DEMO", [400, 400, 400]),
    ] {
        for (who, browser) in browsers.iter_mut().enumerate() {
            let answer = browser.get(&format!("{path}/changes")).await;
            assert_eq!(answer.status, statuses[who], "user {who} at {path}: {answer:?}");
        }
        let nobody = people.stack.browser().get(&format!("{path}/changes")).await;
        assert_eq!(nobody.status, 401, "{path}");
    }
    // Each scope has its own.
    let theirs = listed(&mut browsers[1], of_first).await;
    assert_eq!(theirs, [json!([1, "comment_sync", null, "jira_to_teams"])]);
    for cursor in ["x", "CHANGE%23x", "SETTINGS"] {
        let path = format!("{INSTANCE}/changes?from={cursor}");
        assert_eq!(browsers[0].get(&path).await.status, 400, "{cursor}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_changes_are_read_page_by_page() {
    let people = with_project().await;
    let mut admin = people.signed_in(0, 0).await;
    for number in 0..53 {
        people.stack.clock.advance(std::time::Duration::from_secs(1));
        let way = ["off", "both"][number % 2];
        assert_eq!(put(&mut admin, PROJECT, json!({"comment_sync": way})).await.status, 200);
    }
    let first = admin.get(&format!("{PROJECT}/changes")).await.json();
    let next = first["next"].as_str().unwrap().replace('#', "%23");
    let second = admin.get(&format!("{PROJECT}/changes?from={next}")).await.json();
    assert_eq!(second["next"], Value::Null);
    let versions: Vec<u64> = [&first, &second]
        .iter()
        .flat_map(|page| page["changes"].as_array().unwrap())
        .map(|change| change["version"].as_u64().unwrap())
        .collect();
    assert_eq!(versions, (1..=53).rev().collect::<Vec<_>>());
    // And on the page, by its links.
    let (mut path, mut seen) = (OF_PROJECT.to_owned(), 0);
    loop {
        let page = admin.get(&path).await;
        seen += page.body.matches("<td>Comment sync</td>").count();
        let Some((before, _)) = page.body.split_once("\">Older changes</a>") else { break };
        path = before.rsplit_once("href=\"").unwrap().1.split('#').next().unwrap().to_owned();
    }
    assert_eq!(seen, 53);
    // What is older than 400 days is gone, also before the table takes it away.
    people.stack.clock.advance(std::time::Duration::from_hours(400 * 24));
    let mut admin = people.signed_in(0, 0).await;
    assert_eq!(listed(&mut admin, PROJECT).await, Vec::<Value>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_changes_of_an_erased_person_stay_without_their_name() {
    let people = with_project().await;
    let mut admin = people.signed_in(0, 0).await;
    put(&mut admin, INSTANCE, json!({"comment_sync": "off"})).await;
    put(&mut admin, PROJECT, json!({"issue_updates": []})).await;
    assert_eq!(change(&mut admin, "DELETE", "/me", None, &json!({})).await.status, 202);
    finish_erasures(&people).await;
    let account = people.account(0).to_owned();
    let items = people.items().await;
    assert!(items.iter().all(|item| !item.contains(&account)), "{items:#?}");
    let mut again = people.signed_in(0, 0).await;
    for (scope, expected) in [
        (INSTANCE, json!([1, "comment_sync", null, "off"])),
        (PROJECT, json!([1, "issue_updates", null, []])),
    ] {
        assert_eq!(listed(&mut again, scope).await, [expected]);
        let all = again.get(&format!("{scope}/changes")).await.json();
        assert_eq!(all["changes"][0]["changedBy"], Value::Null);
    }
    let page = again.get(SITE).await;
    assert!(page.body.contains("somebody whose data was erased"), "{page:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_changes_of_an_erased_site_go() {
    let people = with_project().await;
    let mut admin = people.signed_in(0, 0).await;
    put(&mut admin, INSTANCE, json!({"comment_sync": "off"})).await;
    put(&mut admin, PROJECT, json!({"comment_sync": "off"})).await;
    let reach = Reach::Instance(CloudId::parse(CLOUD).unwrap());
    erasure::begin(&people.stack.app, &reach).await.unwrap();
    finish_erasures(&people).await;
    assert_eq!(people.count("setting_change").await, 0);
    assert_eq!(people.count("settings").await, 0);
}

async fn finish_erasures(people: &People) {
    for _ in 0..3 {
        let event = tandem_upkeep::UpkeepEvent::Schedule(serde::de::IgnoredAny);
        let app = std::sync::Arc::clone(&people.stack.app);
        tandem_local::caller::upkeep(app, event).await.unwrap();
        people.stack.clock.advance(std::time::Duration::from_mins(3));
    }
    assert_eq!(people.count("erasure").await, 0);
}
