//! Who sees and does what.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::harness::{Stack, document};
use crate::sandbox::jira::{AccountType, NewIssue, NewProject, NewUser, ProjectKind};

#[tokio::test]
async fn hidden_projects_and_issues_are_not_found() {
    let stack = Stack::start().await;
    let (cloud, users) = (&stack.demo.cloud_id, &stack.demo.users);
    let project = NewProject {
        key: "QUIET".to_owned(),
        browsers: Some(vec![users[1].clone()]),
        ..NewProject::default()
    };
    let project = stack.sandbox.add_project(cloud, project);
    let issue = NewIssue {
        project: project.clone(),
        summary: "Hidden".to_owned(),
        reporter: users[1].clone(),
        ..NewIssue::default()
    };
    let issue = stack.sandbox.add_issue(cloud, issue);
    for (user, status) in [(0, 200), (1, 200), (2, 404)] {
        let caller = stack.caller(user);
        for path in [
            format!("/issue/{issue}"),
            "/issue/QUIET-1/comment".to_owned(),
            format!("/issue/{issue}/remotelink"),
            format!("/issue/{issue}/transitions"),
            format!("/project/{project}"),
            format!("/mypermissions?permissions=BROWSE_PROJECTS&issueId={issue}"),
        ] {
            assert_eq!(caller.get(&path).await.0, status, "{user} {path}");
        }
        let found = caller.get("/search/jql?jql=project%20in%20(DEMO)%20or%20summary~hidden").await;
        let count = found.1["issues"].as_array().unwrap().len();
        assert_eq!(count, if status == 200 { 3 } else { 2 });
    }
    let cleo = stack.caller(2);
    let body = json!({"body": document("hello")});
    assert_eq!(cleo.post(&format!("/issue/{issue}/comment"), body).await.0, 404);
    let (status, body) = cleo.get("/search/jql?jql=project%3DQUIET").await;
    assert_eq!(status, 400);
    assert_eq!(
        body["errorMessages"][0],
        "The value 'QUIET' does not exist for the field 'project'."
    );
}

#[tokio::test]
async fn a_security_level_shuts_out_even_administrators() {
    let stack = Stack::start().await;
    let members = json!([stack.demo.users[0], stack.demo.users[1]]);
    let deed = json!({"action": "set_security", "issue": "DEMO-1", "members": members});
    assert_eq!(stack.person(1, deed.clone()).await.0, 403);
    assert_eq!(stack.person(0, deed).await.0, 200);
    let (_, seen) = stack.caller(1).get("/issue/DEMO-1?fields=security").await;
    assert_eq!(seen["fields"]["security"]["name"], "Restricted");
    assert_eq!(stack.caller(2).get("/issue/DEMO-1").await.0, 404);
    let only_ben =
        json!({"action": "set_security", "issue": "DEMO-1", "members": [stack.demo.users[1]]});
    stack.person(0, only_ben).await;
    assert_eq!(stack.caller(0).get("/issue/DEMO-1").await.0, 404);
    assert_eq!(stack.person(0, json!({"action": "delete_issue", "issue": "10001"})).await.0, 404);
}

#[tokio::test]
async fn restricted_comments_are_for_their_role_or_group() {
    let stack = Stack::start().await;
    stack.sandbox.add_group(&stack.demo.cloud_id, "cooks", &[&stack.demo.users[1]]);
    let ben = stack.caller(1);
    let path = "/issue/DEMO-1/comment";
    let comment = |kind: &str, value: &str| json!({"body": document("x"), "visibility": {"type": kind, "value": value}});
    let (status, made) = ben.post(path, comment("group", "cooks")).await;
    assert_eq!(status, 201);
    assert_eq!(made["visibility"]["value"], "cooks");
    let one = format!("{path}/{}", made["id"].as_str().unwrap());
    for (user, status) in [(0, 404), (1, 200), (2, 404)] {
        assert_eq!(stack.caller(user).get(&one).await.0, status);
    }
    assert_eq!(stack.caller(0).get(path).await.1["total"], 0);
    for (kind, value) in
        [("group", "nobody"), ("role", "Administrators"), ("role", "Cooks"), ("team", "cooks")]
    {
        assert_eq!(ben.post(path, comment(kind, value)).await.0, 400, "{kind} {value}");
    }
    assert_eq!(stack.caller(0).post(path, comment("role", "Administrators")).await.0, 201);
    assert_eq!(ben.post(path, comment("role", "Developers")).await.0, 201);
}

#[tokio::test]
async fn internal_comments_are_hidden_from_customers() {
    let stack = Stack::start().await;
    let (cloud, users) = (&stack.demo.cloud_id, &stack.demo.users);
    let customer = stack.sandbox.add_user(NewUser {
        display_name: "Dora Lindt".to_owned(),
        account_type: AccountType::Customer,
        ..NewUser::default()
    });
    assert!(customer.starts_with("712020:"));
    stack.sandbox.add_member(cloud, &customer, false);
    let project = stack.sandbox.add_project(
        cloud,
        NewProject {
            key: "HELP".to_owned(),
            kind: ProjectKind::ServiceDesk,
            roles: BTreeMap::new(),
            ..NewProject::default()
        },
    );
    let issue = stack.sandbox.add_issue(
        cloud,
        NewIssue {
            project,
            summary: "Help".to_owned(),
            reporter: users[0].clone(),
            ..NewIssue::default()
        },
    );
    let note = json!({"action": "comment", "issue": issue, "text": "note", "jsdPublic": false});
    assert_eq!(stack.person(0, note.clone()).await.0, 200);
    stack.settled().await;
    assert_eq!(stack.receiver.take()[0].body["comment"]["jsdPublic"], false);
    let through_rest = json!({
        "body": document("note"),
        "properties": [{"key": "sd.public.comment", "value": {"internal": true}}],
    });
    let path = format!("/issue/{issue}/comment");
    let (status, made) = stack.caller(0).post(&path, through_rest).await;
    assert_eq!((status, &made["jsdPublic"]), (201, &json!(false)));
    assert_eq!(stack.caller(1).get(&path).await.1["total"], 2);
    let token = stack.sandbox.issue_tokens(&customer, &["read:jira-work"]).0;
    let url = format!("{}{path}", stack.rest());
    let seen: Value =
        stack.http.get(url).bearer_auth(token).send().await.unwrap().json().await.unwrap();
    assert_eq!(seen["total"], 0);
    let mut elsewhere = note;
    elsewhere["issue"] = json!("DEMO-1");
    assert_eq!(stack.person(0, elsewhere).await.0, 400);
}

#[tokio::test]
async fn others_comments_are_for_administrators_to_change() {
    let stack = Stack::start().await;
    let path = "/issue/DEMO-1/comment";
    let (_, made) = stack.caller(1).post(path, json!({"body": document("mine")})).await;
    let id = made["id"].as_str().unwrap();
    let one = format!("{path}/{id}");
    let property = format!("/comment/{id}/properties/mark");
    let edit = json!({"body": document("ours")});
    let cleo = stack.caller(2);
    assert_eq!(cleo.put(&one, edit.clone()).await.0, 400);
    assert_eq!(cleo.delete(&one).await.0, 400);
    assert_eq!(cleo.put(&property, json!(1)).await.0, 403);
    let (status, edited) = stack.caller(0).put(&one, edit).await;
    assert_eq!(status, 200);
    assert_eq!(edited["author"]["accountId"], json!(stack.demo.users[1]));
    assert_eq!(edited["updateAuthor"]["accountId"], json!(stack.demo.users[0]));
    assert_eq!(stack.caller(0).delete(&one).await.0, 204);
    assert_eq!(stack.caller(1).get(&one).await.0, 404);
}

#[tokio::test]
async fn permissions_are_told_as_they_are() {
    let stack = Stack::start().await;
    let ask = "/mypermissions?permissions=ADMINISTER,ADMINISTER_PROJECTS,ADD_COMMENTS";
    let have = |body: &Value| {
        ["ADMINISTER", "ADMINISTER_PROJECTS", "ADD_COMMENTS"]
            .map(|key| body["permissions"][key]["havePermission"].as_bool().unwrap())
    };
    let (cloud, users) = (&stack.demo.cloud_id, &stack.demo.users);
    stack.sandbox.add_project(
        cloud,
        NewProject {
            key: "BENS".to_owned(),
            admins: vec![users[1].clone()],
            ..NewProject::default()
        },
    );
    for (user, query, expected) in [
        (0, "", [true, true, true]),
        (1, "", [false, true, true]),
        (1, "&projectKey=BENS", [false, true, true]),
        (1, "&projectKey=DEMO", [false, false, true]),
        (2, "&projectKey=BENS", [false, false, true]),
    ] {
        let (status, body) = stack.caller(user).get(&format!("{ask}{query}")).await;
        assert_eq!(status, 200);
        assert_eq!(have(&body), expected, "{user} {query}");
    }
    let ada = stack.caller(0);
    assert_eq!(ada.get("/mypermissions").await.0, 400);
    assert_eq!(ada.get("/mypermissions?permissions=FLY").await.0, 400);
    assert_eq!(ada.get("/mypermissions?permissions=ADMINISTER&projectKey=NONE").await.0, 404);
}
