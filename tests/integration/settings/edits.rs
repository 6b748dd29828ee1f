//! Versions, `If-Match`, and edits at the same time.

use std::collections::BTreeSet;

use serde_json::json;

use super::{INSTANCE, ME, PROJECT, change, code, put, with_project};
use crate::sign_in::People;

#[tokio::test(flavor = "multi_thread")]
async fn a_put_replaces_the_whole_scope_and_a_delete_empties_it() {
    let people = with_project().await;
    let mut admin = people.signed_in(0, 0).await;
    for (path, scope) in [(INSTANCE, "instance"), (PROJECT, "project")] {
        let unset = admin.get(path).await;
        assert_eq!(unset.json(), json!({"scope": scope, "version": 0, "values": {}}));
        assert_eq!(unset.etag.as_deref(), Some("\"0\""));
        let both = json!({"comment_sync": "off", "issue_updates": ["status"]});
        assert_eq!(put(&mut admin, path, both.clone()).await.json()["values"], both);
        let one =
            put(&mut admin, path, json!({"comment_sync": "both", "issue_updates": null})).await;
        let shown = admin.get(path).await;
        assert_eq!(shown.json(), one.json());
        assert_eq!(
            shown.json(),
            json!({"scope": scope, "version": 2, "values": {"comment_sync": "both"}})
        );
        assert_eq!(shown.etag.as_deref(), Some("\"2\""));
        let emptied = change(&mut admin, "DELETE", path, None, &json!({})).await;
        assert_eq!(emptied.json(), json!({"scope": scope, "version": 3, "values": {}}));
        assert_eq!(put(&mut admin, path, one.json()["values"].clone()).await.json()["version"], 4);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn if_match_lets_only_the_version_it_names_be_replaced() {
    let people = People::start().await;
    let mut person = people.signed_in(1, 1).await;
    let dark = json!({"appearance": "dark"});
    put(&mut person, ME, dark.clone()).await;
    // (what is sent, what comes back, and the version there is then)
    for (if_match, status, version) in [
        ("\"0\"", 412, 1),
        ("\"2\"", 412, 1),
        ("W/\"1\"", 412, 1),
        ("1", 400, 1),
        ("\"1", 400, 1),
        ("\"1\"", 200, 2),
        ("\"1\"", 412, 2),
        ("\"7\", \"2\"", 200, 3),
        ("*", 200, 4),
    ] {
        let changed = change(&mut person, "PUT", ME, Some(if_match), &dark).await;
        assert_eq!(changed.status, status, "{if_match}: {changed:?}");
        assert_eq!(person.get(ME).await.json()["version"], version, "{if_match}");
        if status == 412 {
            assert_eq!(code(&changed), "version_changed");
        }
    }
    for (if_match, status) in [("\"3\"", 412), ("\"4\"", 200), ("\"4\"", 412)] {
        let changed = change(&mut person, "DELETE", ME, Some(if_match), &dark).await;
        assert_eq!(changed.status, status, "{if_match}");
    }
    let mut first = people.signed_in(2, 2).await;
    let changed = change(&mut first, "PUT", ME, Some("\"0\""), &dark).await;
    assert_eq!(changed.status, 200, "version 0: nothing was ever set");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_concurrent_edits_one_wins_with_a_precondition_and_all_pass_without() {
    let people = People::start().await;
    let mut admin = people.signed_in(0, 0).await;
    let csrf = admin.csrf().await;
    let session = format!("__Host-tandem={}", admin.cookies["__Host-tandem"]);
    let at_once = async |if_match: Option<&str>| {
        let set = async |way: &str| {
            let mut request = people.stack.request("PUT", INSTANCE).header("cookie", &session);
            if let Some(tags) = if_match {
                request = request.header("if-match", tags);
            }
            let request = request.header("x-csrf-token", &csrf).json(&json!({"comment_sync": way}));
            let answer = request.send().await.unwrap();
            (answer.status().as_u16(), answer.json::<serde_json::Value>().await.unwrap())
        };
        let (a, b, c) = tokio::join!(set("off"), set("both"), set("jira_to_teams"));
        [a, b, c]
    };
    let answers = at_once(Some("\"0\"")).await;
    let mut statuses: Vec<u16> = answers.iter().map(|(status, _)| *status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412, 412]);

    let answers = at_once(None).await;
    let versions: BTreeSet<u64> =
        answers.iter().map(|(_, set)| set["version"].as_u64().unwrap()).collect();
    assert_eq!(versions, BTreeSet::from([2, 3, 4]), "{answers:?}");
}
