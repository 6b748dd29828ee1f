//! Every operation's answer against the published contract.

use jsonschema::Validator;
use serde_json::{Value, json};

use super::harness::{Stack, document, shared};

/// The published contract.
struct Contract(Value);

impl Contract {
    /// The schema of an answer, if the contract has one; panics where the status is not in it.
    fn answer(&self, method: &str, path: &str, status: u16) -> Option<Validator> {
        let operation = &self.0["paths"][format!("/rest/api/3{path}")][method.to_lowercase()];
        assert!(operation.is_object(), "{method} {path} is not in the contract");
        let answer = &operation["responses"][status.to_string()];
        assert!(answer.is_object(), "{method} {path} has no answer {status}");
        let schema = answer["content"]["application/json"].get("schema")?;
        let mut root = schema.clone();
        root.as_object()?.get("$ref").or(root.get("items"))?;
        root["components"] = self.0["components"].clone();
        Some(jsonschema::validator_for(&root).unwrap())
    }
}

/// A call: method, the contract's path, the path and query really called, body, expected status.
type Case = (&'static str, &'static str, String, Option<Value>, u16);

const META: &str = "/issue/createmeta/{projectIdOrKey}/issuetypes";
const META_OF_TYPE: &str = "/issue/createmeta/{projectIdOrKey}/issuetypes/{issueTypeId}";

fn cases(stack: &Stack, comment: &str) -> Vec<Case> {
    let issue = "/issue/{issueIdOrKey}";
    let ben = &stack.demo.users[1];
    let get = |path, called: &str| ("GET", path, called.to_owned(), None, 200);
    let link = json!({"globalId": "g", "object": {"url": "https://a.example", "title": "t"}});
    let hook = json!({"url": "https://a.example", "webhooks": [
        {"events": ["comment_created"], "jqlFilter": "project = DEMO"},
        {"events": ["comment_created"], "jqlFilter": "mood = good"},
    ]});
    let fields = json!({"project": {"id": "10000"}, "issuetype": {"id": "10002"}, "summary": "a"});
    vec![
        get("/myself", "/myself"),
        get("/user", &format!("/user?accountId={ben}")),
        get("/mypermissions", "/mypermissions?permissions=ADMINISTER,EDIT_ISSUES"),
        ("GET", "/mypermissions", "/mypermissions".to_owned(), None, 400),
        get(issue, "/issue/DEMO-1"),
        get(issue, "/issue/10001?fields=summary,status&properties=*all"),
        ("POST", "/issue", "/issue".to_owned(), Some(json!({"fields": fields})), 201),
        ("POST", "/issue", "/issue".to_owned(), Some(json!({"fields": {"x": 1}})), 400),
        ("PUT", issue, "/issue/DEMO-1".to_owned(), Some(json!({"fields": {"summary": "b"}})), 204),
        get("/issue/{issueIdOrKey}/transitions", "/issue/DEMO-1/transitions"),
        get(
            "/issue/{issueIdOrKey}/transitions",
            "/issue/STEP-1/transitions?expand=transitions.fields",
        ),
        (
            "POST",
            "/issue/{issueIdOrKey}/transitions",
            "/issue/DEMO-1/transitions".to_owned(),
            Some(json!({"transition": {"id": "21"}})),
            204,
        ),
        get("/issue/{issueIdOrKey}/comment", "/issue/DEMO-1/comment"),
        (
            "POST",
            "/issue/{issueIdOrKey}/comment",
            "/issue/DEMO-1/comment?expand=properties".to_owned(),
            Some(json!({"body": document("a"), "properties": [{"key": "k", "value": {"a": 1}}],
                "visibility": {"type": "role", "value": "Administrators"}})),
            201,
        ),
        get("/issue/{issueIdOrKey}/comment/{id}", &format!("/issue/DEMO-1/comment/{comment}")),
        (
            "PUT",
            "/issue/{issueIdOrKey}/comment/{id}",
            format!("/issue/DEMO-1/comment/{comment}"),
            Some(json!({"body": document("b")})),
            200,
        ),
        (
            "PUT",
            "/comment/{commentId}/properties/{propertyKey}",
            format!("/comment/{comment}/properties/k"),
            Some(json!({"a": 1})),
            201,
        ),
        get("/comment/{commentId}/properties", &format!("/comment/{comment}/properties")),
        get(
            "/comment/{commentId}/properties/{propertyKey}",
            &format!("/comment/{comment}/properties/k"),
        ),
        (
            "PUT",
            "/issue/{issueIdOrKey}/properties/{propertyKey}",
            "/issue/DEMO-1/properties/k".to_owned(),
            Some(json!(1)),
            201,
        ),
        get("/issue/{issueIdOrKey}/properties/{propertyKey}", "/issue/DEMO-1/properties/k"),
        (
            "DELETE",
            "/issue/{issueIdOrKey}/properties/{propertyKey}",
            "/issue/DEMO-1/properties/k".to_owned(),
            None,
            204,
        ),
        (
            "POST",
            "/issue/{issueIdOrKey}/remotelink",
            "/issue/DEMO-1/remotelink".to_owned(),
            Some(link),
            201,
        ),
        get("/issue/{issueIdOrKey}/remotelink", "/issue/DEMO-1/remotelink?globalId=g"),
        (
            "POST",
            "/issue/{issueIdOrKey}/watchers",
            "/issue/DEMO-1/watchers".to_owned(),
            Some(json!(ben)),
            204,
        ),
        get("/issue/{issueIdOrKey}/watchers", "/issue/DEMO-1/watchers"),
        (
            "PUT",
            "/issue/{issueIdOrKey}/assignee",
            "/issue/DEMO-1/assignee".to_owned(),
            Some(json!({"accountId": null})),
            204,
        ),
        get("/search/jql", "/search/jql?jql=project%3DDEMO&fields=*all&maxResults=1"),
        (
            "POST",
            "/search/jql",
            "/search/jql".to_owned(),
            Some(json!({"jql": "text ~ kettle", "fields": ["summary"]})),
            200,
        ),
        get("/project/search", "/project/search?query=demo&maxResults=1"),
        get("/project/search", "/project/search?action=create&orderBy=name"),
        get("/project/{projectIdOrKey}", "/project/DEMO"),
        get(META, "/issue/createmeta/DEMO/issuetypes"),
        ("GET", META, "/issue/createmeta/NONE/issuetypes".to_owned(), None, 400),
        get(META_OF_TYPE, "/issue/createmeta/10000/issuetypes/10003?maxResults=200"),
        ("GET", META_OF_TYPE, "/issue/createmeta/DEMO/issuetypes/1".to_owned(), None, 400),
        get("/user/assignable/search", "/user/assignable/search?project=DEMO&query=a"),
        get("/user/assignable/search", "/user/assignable/search?issueKey=DEMO-1"),
        ("GET", "/user/assignable/search", "/user/assignable/search".to_owned(), None, 400),
        get("/priority", "/priority"),
        ("POST", "/webhook", "/webhook".to_owned(), Some(hook), 200),
        get("/webhook", "/webhook"),
        (
            "PUT",
            "/webhook/refresh",
            "/webhook/refresh".to_owned(),
            Some(json!({"webhookIds": [1]})),
            200,
        ),
        ("PUT", "/webhook/refresh", "/webhook/refresh".to_owned(), Some(json!({})), 400),
        ("DELETE", "/webhook", "/webhook".to_owned(), Some(json!({"webhookIds": [1]})), 202),
        ("DELETE", issue, "/issue/DEMO-2".to_owned(), None, 204),
    ]
}

#[tokio::test]
async fn answers_are_as_the_contract_says() {
    let Some(contract) = shared("contracts/jira-platform-v3.json") else { return };
    let contract = Contract(contract);
    let stack = Stack::start().await;
    let ada = stack.caller(0);
    let (_, made) = ada.post("/issue/DEMO-1/comment", json!({"body": document("x")})).await;
    super::working::strict_project(&stack);
    stack.person(0, json!({"action": "transition", "issue": "STEP-1", "to": "41"})).await;
    let mut checked = 0;
    for (method, path, called, body, status) in cases(&stack, made["id"].as_str().unwrap()) {
        let (got, answer) = ada.call(method, &called, body).await;
        assert_eq!(got, status, "{method} {called}: {answer}");
        if let Some(schema) = contract.answer(method, path, got) {
            let wrong: Vec<String> = schema
                .iter_errors(&answer)
                .map(|it| format!("{}: {it}", it.instance_path()))
                .collect();
            assert!(wrong.is_empty(), "{method} {called}: {wrong:?}\n{answer}");
            checked += 1;
        }
    }
    assert!(checked > 28, "only {checked} answers have a schema");
}
