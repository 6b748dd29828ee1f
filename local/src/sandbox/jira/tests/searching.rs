//! Searching, and the order of what is found.

use std::time::Duration;

use serde_json::json;

use super::harness::{Caller, Stack};

async fn keys(caller: &Caller<'_>, jql: &str) -> Vec<String> {
    let body = json!({"jql": jql, "fields": ["summary"]});
    let (status, found) = caller.post("/search/jql", body).await;
    assert_eq!(status, 200, "{jql} {found}");
    let issues = found["issues"].as_array().unwrap();
    issues.iter().map(|it| it["key"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn searches_understand_a_little_jql() {
    let stack = Stack::start().await;
    let ada = stack.caller(0);
    stack.person(1, json!({"action": "comment", "issue": "DEMO-2", "text": "Friday suits"})).await;
    for (jql, keys) in [
        ("project = DEMO ORDER BY created DESC", vec!["DEMO-1", "DEMO-2"]),
        ("key = DEMO-2", vec!["DEMO-2"]),
        ("key in (DEMO-1, 10002)", vec!["DEMO-1", "DEMO-2"]),
        ("text ~ \"kett*\"", vec!["DEMO-1"]),
        ("text ~ 'friday suits'", vec!["DEMO-2"]),
        ("summary ~ kettle and project = \"Demonstration\"", vec!["DEMO-1"]),
        ("project = DEMO AND NOT (text ~ kettle OR text ~ outing)", vec![]),
        ("assignee = currentUser()", vec![]),
        ("assignee is not empty and status != Done", vec!["DEMO-1", "DEMO-2"]),
        ("project = DEMO and priority not in (High, Medium)", vec![]),
        ("project = DEMO and statusCategory = \"To Do\"", vec!["DEMO-1", "DEMO-2"]),
        ("project = DEMO and statusCategory in (done, 4)", vec![]),
        ("reporter = currentUser() and issuetype = Task", vec!["DEMO-1", "DEMO-2"]),
        ("watcher = currentUser() and labels is empty", vec!["DEMO-1", "DEMO-2"]),
        ("labels = urgent", vec![]),
        ("issuekey in issueHistory()", vec![]),
    ] {
        let body = json!({"jql": jql, "fields": ["summary"]});
        let (status, found) = ada.post("/search/jql", body).await;
        assert_eq!(status, 200, "{jql} {found}");
        let mut got: Vec<&str> = found["issues"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["key"].as_str().unwrap())
            .collect();
        got.sort_unstable();
        assert_eq!(got, keys, "{jql}");
    }
    for jql in [
        "",
        "ORDER BY key",
        "mood = good",
        "project",
        "project = ",
        "key = DEMO-99",
        "project = 'DEMO",
        "(project = DEMO",
        "project = DEMO key = DEMO-1",
        "assignee = f(x)",
        "status = Sleeping",
        "statusCategory = later",
        "issuetype = Wish",
        "key in issueHistory",
        "key in currentUser()",
        "project = DEMO ORDER updated",
        "project = DEMO ORDER BY mood",
        "project = DEMO ORDER BY updated DESC ASC",
        "project = DEMO ORDER BY updated,",
    ] {
        assert_eq!(ada.post("/search/jql", json!({"jql": jql})).await.0, 400, "{jql}");
    }
    let (_, first) = ada.get("/search/jql?jql=project%3DDEMO&maxResults=1").await;
    assert_eq!(
        (&first["isLast"], first["issues"][0].as_object().unwrap().len()),
        (&json!(false), 1)
    );
    let next = first["nextPageToken"].as_str().unwrap();
    let (_, second) =
        ada.get(&format!("/search/jql?jql=project%3DDEMO&maxResults=1&nextPageToken={next}")).await;
    assert_eq!(second["isLast"], true);
    assert_ne!(first["issues"][0]["id"], second["issues"][0]["id"]);
}

#[tokio::test]
async fn what_is_found_comes_in_the_order_asked_for() {
    let stack = Stack::start().await;
    let ada = stack.caller(0);
    for (issue, priority) in [("DEMO-2", "High"), ("DEMO-1", "Low")] {
        stack.clock.advance(Duration::from_mins(1));
        let deed = json!({"action": "set_priority", "issue": issue, "priority": priority});
        assert_eq!(stack.person(1, deed).await.0, 200);
    }
    for (order, expected) in [
        ("", ["DEMO-1", "DEMO-2"]),
        ("ORDER BY updated", ["DEMO-1", "DEMO-2"]),
        ("order by updated asc", ["DEMO-2", "DEMO-1"]),
        ("ORDER BY key DESC", ["DEMO-2", "DEMO-1"]),
        ("ORDER BY priority DESC, key", ["DEMO-2", "DEMO-1"]),
        ("ORDER BY created DESC, summary ASC", ["DEMO-2", "DEMO-1"]),
    ] {
        assert_eq!(keys(&ada, &format!("project = DEMO {order}")).await, expected, "{order}");
    }
}

#[tokio::test]
async fn the_history_is_what_one_looked_at_oneself() {
    let stack = Stack::start().await;
    let (ada, ben) = (stack.caller(0), stack.caller(1));
    let history = "issuekey in issueHistory() ORDER BY lastViewed DESC";
    ada.get("/issue/DEMO-1").await;
    assert!(keys(&ada, history).await.is_empty(), "reading through REST alone leaves no trace");
    for issue in ["DEMO-1", "DEMO-2", "DEMO-1"] {
        stack.person(0, json!({"action": "view", "issue": issue})).await;
    }
    assert_eq!(keys(&ada, history).await, ["DEMO-1", "DEMO-2"]);
    ada.get("/issue/DEMO-2?updateHistory=true").await;
    assert_eq!(keys(&ada, history).await, ["DEMO-2", "DEMO-1"]);
    let fields = json!({"project": {"id": "10000"}, "issuetype": {"id": "10002"}, "summary": "a"});
    ada.post("/issue?updateHistory=true", json!({"fields": fields})).await;
    assert_eq!(keys(&ada, history).await, ["DEMO-3", "DEMO-2", "DEMO-1"]);
    assert!(keys(&ben, history).await.is_empty());
}
