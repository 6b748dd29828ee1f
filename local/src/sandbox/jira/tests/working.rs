//! Moving, assigning and watching issues, and those who may not.

use serde_json::{Value, json};

use super::harness::{Caller, Stack};
use crate::sandbox::jira::{NewIssue, NewProject, Workflow};

/// A project `STEP` with a strict workflow and one issue, in which Cleo only reads.
pub(super) fn strict_project(stack: &Stack) {
    let (cloud, users) = (&stack.demo.cloud_id, &stack.demo.users);
    let project = NewProject {
        key: "STEP".to_owned(),
        name: "Step by step".to_owned(),
        workflow: Workflow::Strict,
        readers: vec![users[2].clone()],
        ..NewProject::default()
    };
    let project = stack.sandbox.add_project(cloud, project);
    let issue = NewIssue {
        project,
        summary: "A step".to_owned(),
        reporter: users[0].clone(),
        issue_type: Some("Bug".to_owned()),
        priority: Some("High".to_owned()),
        labels: vec!["urgent".to_owned()],
        ..NewIssue::default()
    };
    stack.sandbox.add_issue(cloud, issue);
}

async fn offered(caller: &Caller<'_>) -> Vec<(String, bool)> {
    let (_, list) = caller.get("/issue/STEP-1/transitions?expand=transitions.fields").await;
    let transitions = list["transitions"].as_array().unwrap().iter();
    let told = |it: &Value| {
        let demands = it["fields"]["resolution"]["required"] == true;
        (it["id"].as_str().unwrap().to_owned(), demands)
    };
    transitions.map(told).collect()
}

#[tokio::test]
async fn a_strict_workflow_goes_step_by_step() {
    let stack = Stack::start().await;
    strict_project(&stack);
    let ben = stack.caller(1);
    let path = "/issue/STEP-1/transitions";
    let take = |id: &str| json!({"transition": {"id": id}});
    let own = |id: &str, demands: bool| (id.to_owned(), demands);
    assert_eq!(offered(&ben).await, [own("41", false)]);
    assert_eq!(ben.post(path, take("61")).await.0, 400, "not yet");
    assert_eq!(ben.post(path, take("41")).await.0, 204);
    assert_eq!(offered(&ben).await, [own("51", false), own("61", true)]);
    let (status, answer) = ben.post(path, take("61")).await;
    assert_eq!(status, 400);
    assert_eq!(answer["errors"]["resolution"], "Resolution is required.");
    let done = json!({"transition": {"id": "61"}, "fields": {"resolution": {"name": "Won't Do"}}});
    assert_eq!(ben.post(path, done).await.0, 204);
    let (_, issue) = ben.get("/issue/STEP-1?fields=status,resolution").await;
    assert_eq!(issue["fields"]["status"]["statusCategory"]["key"], "done");
    assert_eq!(issue["fields"]["resolution"]["name"], "Won't Do");
    assert_eq!(ben.post(path, take("71")).await.0, 204);
    stack.settled().await;
    let items = |body: &Value| -> Vec<String> {
        let items = body["changelog"]["items"].as_array().unwrap().iter();
        items.map(|it| it["fieldId"].as_str().unwrap().to_owned()).collect()
    };
    let told: Vec<_> = stack.receiver.take().iter().map(|got| items(&got.body)).collect();
    assert_eq!(told, [vec!["status"], vec!["status", "resolution"], vec!["status", "resolution"]]);
}

#[tokio::test]
async fn a_simple_transition_has_no_screen() {
    let stack = Stack::start().await;
    let body = json!({"transition": {"id": "31"}, "fields": {"resolution": {"id": "10000"}}});
    let (status, answer) = stack.caller(0).post("/issue/DEMO-1/transitions", body).await;
    assert_eq!(status, 400);
    assert!(answer["errors"]["resolution"].is_string(), "{answer}");
}

#[tokio::test]
async fn readers_change_nothing() {
    let stack = Stack::start().await;
    strict_project(&stack);
    let (cleo, users) = (stack.caller(2), &stack.demo.users);
    assert_eq!(cleo.get("/issue/STEP-1").await.0, 200);
    assert!(offered(&cleo).await.is_empty());
    let comment = super::harness::document("a");
    for (method, path, body, status) in [
        ("POST", "transitions", json!({"transition": {"id": "41"}}), 400),
        ("PUT", "assignee", json!({"accountId": users[1]}), 403),
        ("POST", "comment", json!({"body": comment}), 400),
        ("POST", "watchers", json!(users[1]), 403),
        ("POST", "watchers", json!(users[2]), 204),
        ("POST", "remotelink", json!({"object": {"url": "https://a.example", "title": "t"}}), 403),
    ] {
        let (got, answer) = cleo.call(method, &format!("/issue/STEP-1/{path}"), Some(body)).await;
        assert_eq!(got, status, "{method} {path} {answer}");
    }
    let edit = json!({"fields": {"summary": "b"}});
    assert_eq!(cleo.put("/issue/STEP-1", edit).await.0, 400);
    let to_cleo = json!({"accountId": users[2]});
    assert_eq!(stack.caller(0).put("/issue/STEP-1/assignee", to_cleo).await.0, 400);
    stack.settled().await;
    assert!(stack.receiver.all().is_empty());
}

#[tokio::test]
async fn watching_is_ones_own_affair_and_nobodys_news() {
    let stack = Stack::start().await;
    let (ben, users) = (stack.caller(1), &stack.demo.users);
    let path = "/issue/DEMO-1/watchers";
    assert_eq!(ben.call("POST", path, None).await.0, 204);
    let (_, seen) = ben.get(path).await;
    assert_eq!((&seen["isWatching"], &seen["watchCount"]), (&json!(true), &json!(2)));
    let mine = format!("{path}?accountId={}", users[1].replace(':', "%3A"));
    assert_eq!(ben.delete(&mine).await.0, 204);
    assert_eq!(ben.get(path).await.1["isWatching"], false);
    assert_eq!(ben.delete(path).await.0, 400);
    stack.settled().await;
    assert!(stack.receiver.all().is_empty());
}

#[tokio::test]
async fn the_assignable_are_those_who_work_there() {
    let stack = Stack::start().await;
    strict_project(&stack);
    let ada = stack.caller(0);
    let search = "/user/assignable/search?";
    for (query, expected) in [
        ("project=DEMO", vec!["Ada Berg", "Ben Okoye", "Cleo Marsh"]),
        ("project=STEP", vec!["Ada Berg", "Ben Okoye"]),
        ("issueKey=STEP-1&query=be", vec!["Ada Berg", "Ben Okoye"]),
        ("project=DEMO&query=MAR", vec!["Cleo Marsh"]),
        ("project=DEMO&maxResults=1", vec!["Ada Berg"]),
        ("project=DEMO&query=nobody", vec![]),
    ] {
        let (status, found) = ada.get(&format!("{search}{query}")).await;
        assert_eq!(status, 200, "{query}");
        let names: Vec<&str> = found
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["displayName"].as_str().unwrap())
            .collect();
        assert_eq!(names, expected, "{query}");
    }
    assert_eq!(ada.get(&format!("{search}project=NONE")).await.0, 404);
    assert_eq!(ada.get(search).await.0, 400);
}
