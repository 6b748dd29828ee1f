//! Versions, `If-Match`, and edits at the same time.

use std::collections::BTreeSet;

use http::Method;
use serde_json::json;

use super::{INSTANCE, ME, PROJECT, change, code, put};
use crate::sign_in::People;

#[tokio::test(flavor = "multi_thread")]
async fn a_put_replaces_the_whole_scope_and_a_delete_empties_it() {
    let people = People::start().await;
    let mut admin = people.signed_in(0, 0).await;
    for (path, scope) in [(INSTANCE, "instance"), (PROJECT, "project")] {
        let unset = admin.get(path).await;
        assert_eq!(unset.json(), json!({"scope": scope, "version": 0, "values": {}}));
        assert_eq!(unset.header("etag").unwrap(), "\"0\"");
        let both = json!({"comment_sync": "off", "issue_updates": ["status"]});
        assert_eq!(put(&admin, path, both.clone()).await.json()["values"], both);
        let one = put(&admin, path, json!({"comment_sync": "both", "issue_updates": null})).await;
        let shown = admin.get(path).await;
        assert_eq!(shown.json(), one.json());
        assert_eq!(
            shown.json(),
            json!({"scope": scope, "version": 2, "values": {"comment_sync": "both"}})
        );
        assert_eq!(shown.header("etag").unwrap(), "\"2\"");
        let emptied = change(&admin, Method::DELETE, path, None, None).await;
        assert_eq!(emptied.json(), json!({"scope": scope, "version": 3, "values": {}}));
        assert_eq!(put(&admin, path, one.json()["values"].clone()).await.json()["version"], 4);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn if_match_lets_only_the_version_it_names_be_replaced() {
    let people = People::start().await;
    let mut person = people.signed_in(1, 1).await;
    let dark = json!({"appearance": "dark"});
    put(&person, ME, dark.clone()).await;
    // (what is sent, what comes back); the version before each is one more than the line before
    // that came through.
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
        let changed = change(&person, Method::PUT, ME, Some(if_match), Some(&dark)).await;
        assert_eq!(changed.status, status, "{if_match}: {changed:?}");
        assert_eq!(person.get(ME).await.json()["version"], version, "{if_match}");
        if status == 412 {
            assert_eq!(code(&changed), "version_changed");
        }
    }
    for (if_match, status) in [("\"3\"", 412), ("\"4\"", 200), ("\"4\"", 412)] {
        let changed = change(&person, Method::DELETE, ME, Some(if_match), None).await;
        assert_eq!(changed.status, status, "{if_match}");
    }
    let mut first = people.signed_in(2, 2).await;
    let changed = change(&first, Method::PUT, ME, Some("\"0\""), Some(&dark)).await;
    assert_eq!(changed.status, 200, "version 0: nothing was ever set");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_concurrent_edits_one_wins_with_a_precondition_and_all_pass_without() {
    let people = People::start().await;
    let mut admin = people.signed_in(0, 0).await;
    let csrf = admin.csrf().await;
    let at_once = async |if_match: Option<&str>| {
        let mut headers = vec![("x-csrf-token", csrf.as_str())];
        headers.extend(if_match.map(|tags| ("if-match", tags)));
        let bodies = ["off", "both", "jira_to_teams"].map(|way| json!({"comment_sync": way}));
        let put = |body| admin.call(Method::PUT, INSTANCE, &headers, Some(body));
        let (a, b, c) = tokio::join!(put(&bodies[0]), put(&bodies[1]), put(&bodies[2]));
        [a, b, c]
    };
    let pages = at_once(Some("\"0\"")).await;
    let mut statuses: Vec<u16> = pages.iter().map(|page| page.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412, 412]);

    let pages = at_once(None).await;
    let versions: BTreeSet<u64> =
        pages.iter().map(|page| page.json()["version"].as_u64().unwrap()).collect();
    assert_eq!(versions, BTreeSet::from([2, 3, 4]), "{pages:?}");
}
