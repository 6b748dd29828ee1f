//! Searching, projects, priorities.

use super::*;

#[tokio::test]
async fn a_search_gives_its_pages_one_by_one() {
    let first = json!({"issues": [issue()], "nextPageToken": "marker-token", "isLast": false});
    let last = json!({"issues": [], "isLast": true});
    let stage = Stage::new(vec![Told::new(200, &first), Told::new(200, &last)]).await;
    let page = stage.site().search("text ~ \"kettle\"", 25, None).await.unwrap();
    assert_eq!(page.issues[0].key.as_str(), "DEMO-1");
    assert!(!format!("{page:?}").contains("marker"));
    let end = stage.site().search("text ~ \"kettle\"", 25, page.next.as_ref()).await.unwrap();
    assert_eq!(end, IssuePage { issues: vec![], next: None });

    let bodies: Vec<Value> = stage.fake.requests().iter().map(Recorded::json).collect();
    assert_eq!(bodies[0]["jql"], "text ~ \"kettle\"");
    assert_eq!(bodies[0]["maxResults"], 25);
    assert!(bodies[0]["fields"].as_array().unwrap().contains(&json!("status")));
    assert!(bodies[0].get("nextPageToken").is_none());
    assert_eq!(bodies[1]["nextPageToken"], "marker-token");
}

#[tokio::test]
async fn jql_that_jira_refuses_is_a_refusal_and_no_fault() {
    let text = json!({"errorMessages": ["marker"], "errors": {}});
    let stage = Stage::new(vec![Told::new(400, &text)]).await;
    let failure = stage.site().search("project = NONE", 25, None).await.unwrap_err();
    assert_eq!(failure, Failure::Forbidden { what: "jira_jql" });
}

#[tokio::test]
async fn projects_are_listed_where_issues_can_be_made() {
    let found = json!({"values": [
        {"id": "10000", "key": "DEMO", "name": "marker name"},
        {"id": "odd", "key": "ODD", "name": "Odd"},
    ]});
    let stage = Stage::new(vec![Told::new(200, &found), Told::new(404, &json!({}))]).await;
    let projects = stage.site().list_projects("de", 500).await.unwrap();
    assert_eq!(projects.len(), 1, "one without a usable id is left out");
    assert_eq!((projects[0].id.as_str(), projects[0].key.as_str()), ("10000", "DEMO"));
    assert!(!format!("{projects:?}").contains("marker"));
    assert_eq!(stage.site().list_projects("", 5).await.unwrap(), [], "none is no failure");
    let queries: Vec<_> = stage.fake.requests().into_iter().map(|it| it.query).collect();
    assert_eq!(queries[0]["action"], "create");
    assert_eq!((&*queries[0]["query"], &*queries[0]["maxResults"]), ("de", "100"));
    assert!(!queries[1].contains_key("query"));
}

#[tokio::test]
async fn projects_are_listed_where_somebody_may_look() {
    let found = json!({"values": [{"id": "10000", "key": "DEMO", "name": "Demo"}]});
    let stage = Stage::new(vec![Told::new(200, &found)]).await;
    assert_eq!(stage.site().list_visible_projects("de", 50).await.unwrap().len(), 1);
    let query = stage.fake.requests().remove(0).query;
    assert_eq!(
        (&*query["action"], &*query["query"], &*query["maxResults"]),
        ("browse", "de", "50")
    );
}

#[tokio::test]
async fn a_project_tells_its_issue_types() {
    let file = "fixtures/jira/go-jira/testing/mock-data/project.json";
    let Some(captured) = shared_json(file) else { return };
    let stage = Stage::new(vec![Told::new(200, &captured)]).await;
    let details = stage.site().get_project("ATL").await.unwrap();
    assert_eq!(details.project.id.as_str(), captured["id"].as_str().unwrap());
    assert_eq!(details.issue_types.len(), captured["issueTypes"].as_array().unwrap().len());
    assert!(details.issue_types.iter().any(|it| it.subtask));
    for odd in ["", "a b", "../x", "DEMO-1", &"A".repeat(65)] {
        let failure = stage.site().get_project(odd).await.unwrap_err();
        assert_eq!(failure, Failure::Absent { what: "jira_project" }, "{odd}");
    }
    assert_eq!(stage.fake.requests().len(), 1, "what is no key is not asked for");
}

#[tokio::test]
async fn priorities_keep_jiras_order() {
    let file = "fixtures/jira/go-jira/testing/mock-data/all_priorities.json";
    let Some(captured) = shared_json(file) else { return };
    let stage = Stage::new(vec![Told::new(200, &captured)]).await;
    let found = stage.site().list_priorities().await.unwrap();
    let names: Vec<&str> = found.iter().map(|(_, name)| name.as_str()).collect();
    let captured = captured.as_array().unwrap();
    let expected: Vec<&str> = captured.iter().map(|it| it["name"].as_str().unwrap()).collect();
    assert_eq!(names, expected);
}
