//! Making issues: what the create metadata offers, and what is demanded.

use serde_json::{Value, json};

use super::harness::Stack;
use crate::sandbox::jira::NewProject;

fn ids(list: &Value, name: &str) -> Vec<String> {
    list.as_array().unwrap().iter().map(|it| it[name].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn the_metadata_names_what_a_type_demands() {
    let stack = Stack::start().await;
    let ada = stack.caller(0);
    let (_, types) = ada.get("/issue/createmeta/DEMO/issuetypes?maxResults=2").await;
    assert_eq!(ids(&types["issueTypes"], "name"), ["Story", "Task"]);
    assert_eq!(types["total"], 3);
    let (_, of_task) = ada.get("/issue/createmeta/DEMO/issuetypes/10002").await;
    let (_, of_bug) = ada.get("/issue/createmeta/DEMO/issuetypes/10003").await;
    let demanded = |meta: &Value| -> Vec<String> {
        let fields = meta["fields"].as_array().unwrap().iter();
        let demanded = fields.filter(|it| it["required"] == true && it["hasDefaultValue"] == false);
        demanded.map(|it| it["fieldId"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(demanded(&of_task), ["summary", "issuetype", "project"]);
    assert_eq!(demanded(&of_bug), ["summary", "issuetype", "project", "customfield_10050"]);
    let severity = of_bug["fields"].as_array().unwrap().last().unwrap();
    assert_eq!(ids(&severity["allowedValues"], "value"), ["Critical", "Major", "Minor"]);
    let (_, page) = ada.get("/issue/createmeta/DEMO/issuetypes/10003?startAt=8").await;
    assert_eq!(ids(&page["fields"], "name"), ["Severity"]);
}

#[tokio::test]
async fn everything_that_is_wrong_is_told_at_once() {
    let stack = Stack::start().await;
    let ada = stack.caller(0);
    let bug = |fields: Value| {
        let mut all = json!({"project": {"key": "DEMO"}, "issuetype": {"id": "10003"}});
        all.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        all
    };
    let none = "Specify a valid 'id' or 'name' for Severity";
    for (fields, expected) in [
        (
            json!({}),
            json!({"project": "Specify a valid project ID or key",
                "issuetype": "Specify an issue type"}),
        ),
        (
            bug(json!({})),
            json!({"summary": "You must specify a summary of the issue.",
                "customfield_10050": "Severity is required."}),
        ),
        (
            bug(json!({"summary": "a\nb", "labels": ["a b"], "customfield_10050": {"id": "1"}})),
            json!({"summary": "The summary is invalid because it contains newline characters.",
                "labels": "A label can't contain spaces.", "customfield_10050": none}),
        ),
        (
            bug(json!({"summary": "a", "customfield_10050": {"id": "10071"},
                "assignee": {"accountId": "nobody"}})),
            json!({"assignee": "The user does not exist or cannot be assigned issues."}),
        ),
    ] {
        let (status, answer) = ada.post("/issue", json!({"fields": fields})).await;
        assert_eq!((status, &answer["errors"]), (400, &expected), "{fields}");
        assert_eq!(answer["errorMessages"], json!([]));
    }
    let task = json!({"project": {"key": "DEMO"}, "issuetype": {"id": "10002"}, "summary": "a",
        "customfield_10050": {"id": "10071"}});
    let (status, answer) = ada.post("/issue", json!({"fields": task})).await;
    assert_eq!(status, 400, "only bugs have the field: {answer}");
    stack.settled().await;
    assert!(stack.receiver.all().is_empty());
}

#[tokio::test]
async fn what_was_chosen_is_shown_and_told() {
    let stack = Stack::start().await;
    let fields = json!({"project": {"id": "10000"}, "issuetype": {"id": "10003"},
        "summary": "Made", "customfield_10050": {"id": "10071"}});
    let body = json!({"fields": fields, "properties": [{"key": "tandem", "value": {"a": 1}}]});
    let (status, made) = stack.caller(1).post("/issue", body).await;
    assert_eq!(status, 201, "{made}");
    let path = format!("/issue/{}?properties=tandem", made["id"].as_str().unwrap());
    let (_, issue) = stack.caller(0).get(&path).await;
    assert_eq!(issue["fields"]["customfield_10050"]["value"], "Critical");
    assert_eq!(issue["properties"]["tandem"], json!({"a": 1}));
    stack.settled().await;
    let got = stack.receiver.take();
    assert_eq!(got.len(), 1);
    assert_eq!(got[0].body["webhookEvent"], "jira:issue_created");
    assert_eq!(got[0].body["issue"]["fields"]["customfield_10050"]["id"], "10071");
    assert_eq!(got[0].body["user"]["accountId"], json!(stack.demo.users[1]));
}

#[tokio::test]
async fn readers_make_nothing() {
    let stack = Stack::start().await;
    let (cloud, users) = (&stack.demo.cloud_id, &stack.demo.users);
    stack.sandbox.add_project(
        cloud,
        NewProject {
            key: "READ".to_owned(),
            name: "A reading room".to_owned(),
            readers: vec![users[2].clone()],
            ..NewProject::default()
        },
    );
    let create = json!({"fields":
        {"project": {"key": "READ"}, "issuetype": {"id": "10002"}, "summary": "a"}});
    let search = "/project/search?orderBy=name&action=";
    for (user, creates) in [(1, true), (2, false)] {
        let caller = stack.caller(user);
        let both = vec!["READ", "DEMO"];
        let (_, seen) = caller.get(&format!("{search}view")).await;
        assert_eq!(ids(&seen["values"], "key"), both);
        let (_, open) = caller.get(&format!("{search}create")).await;
        let expected = if creates { both } else { vec!["DEMO"] };
        assert_eq!(ids(&open["values"], "key"), expected, "{user}");
        let meta = caller.get("/issue/createmeta/READ/issuetypes").await.0;
        assert_eq!(meta, if creates { 200 } else { 400 });
        let made = caller.post("/issue", create.clone()).await.0;
        assert_eq!(made, if creates { 201 } else { 403 });
        let path = "/mypermissions?permissions=CREATE_ISSUES,BROWSE_PROJECTS&projectKey=READ";
        let (_, asked) = caller.get(path).await;
        let has = |key: &str| asked["permissions"][key]["havePermission"] == true;
        assert_eq!((has("BROWSE_PROJECTS"), has("CREATE_ISSUES")), (true, creates));
    }
    assert_eq!(stack.caller(0).get(&format!("{search}edit")).await.0, 400);
}
