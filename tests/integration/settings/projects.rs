//! Picking the project whose settings are to be seen.

use tandem_local::sandbox::{
    gate::{Fault, Strike},
    jira::NewProject,
};

use super::with_project;
use crate::{sign_in::People, support::CLOUD};

/// Beside project 10000 of everybody: 10200, which only the third may see.
async fn with_hidden() -> People {
    let people = with_project().await;
    let hidden = NewProject {
        id: Some("10200".to_owned()),
        key: "HID".to_owned(),
        name: "Hidden & <b>".to_owned(),
        browsers: Some(vec![people.account(2).to_owned()]),
        ..NewProject::default()
    };
    people.stack.jira.add_project(CLOUD, hidden);
    people
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_sees_the_projects_that_jira_shows_them() {
    let people = with_hidden().await;
    let (open, hidden) =
        ("href=\"/site/projects/10000/settings\"", "href=\"/site/projects/10200/settings\"");
    for (who, query, shown) in [
        (1, "", [true, false]),
        (2, "", [true, true]),
        (2, "?query=hid", [false, true]),
        (2, "?query=Testing", [true, false]),
        (2, "?query=nothing", [false, false]),
        (1, "?query=hid", [false, false]),
    ] {
        let mut browser = people.signed_in(who, who).await;
        let page = browser.get(&format!("/site/projects{query}")).await;
        assert_eq!(page.status, 200, "{page:?}");
        let found = [page.body.contains(open), page.body.contains(hidden)];
        assert_eq!(found, shown, "user {who} {query}: {page:?}");
        if found == [false, false] {
            assert!(page.body.contains("There is no such project"), "{page:?}");
        }
    }
    let mut third = people.signed_in(2, 2).await;
    let page = third.get("/site/projects/10200/settings").await;
    assert!(page.body.contains("Hidden &#38; &#60;b&#62;"), "shown, not run: {page:?}");
    let mut second = people.signed_in(1, 1).await;
    for path in [
        "/site/projects/10200/settings",
        "/site/projects/99999/settings",
        "/site/projects/DEMO/settings",
    ] {
        let absent = second.get(path).await;
        assert_eq!(absent.status, 404, "{path}: {absent:?}");
        assert!(!absent.body.contains("Hidden") && !absent.body.contains("DEMO"), "{absent:?}");
    }
    // Names are shown and not kept.
    assert!(people.items().await.iter().all(|item| !item.contains("Hidden")));
}

#[tokio::test(flavor = "multi_thread")]
async fn when_jira_does_not_answer_the_page_says_to_wait() {
    let people = with_hidden().await;
    let mut browser = people.signed_in(1, 1).await;
    for path in ["/site/projects", "/site/settings", "/site/projects/10000/settings"] {
        people.stack.gate.fail(Fault {
            method: http::Method::GET,
            path: "/atlassian/api/ex/jira/".to_owned(),
            path_end: String::new(),
            strike: Strike::Before,
            status: http::StatusCode::SERVICE_UNAVAILABLE,
            retry_after: None,
            times: 50,
        });
        let page = browser.get(path).await;
        assert_eq!(page.status, 503, "{path}: {page:?}");
        assert!(page.body.contains("<h1>Not possible right now</h1>"), "{page:?}");
        people.stack.gate.mend();
        assert_eq!(browser.get(path).await.status, 200, "{path}");
    }
}
