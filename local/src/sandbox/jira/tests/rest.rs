//! The REST API: what it does and what it refuses.

use serde_json::{Value, json};

use super::harness::{Stack, document};

#[tokio::test]
async fn an_issue_is_made_read_edited_moved_and_deleted() {
    let stack = Stack::start().await;
    let ada = stack.caller(0);
    let ben = stack.demo.users[1].as_str();
    let (status, made) = ada
        .post(
            "/issue",
            json!({"fields": {
                "project": {"key": "DEMO"}, "issuetype": {"name": "Bug"}, "summary": "Made",
                "description": document("Why"), "priority": {"id": "2"},
                "assignee": {"accountId": ben}, "labels": ["a"],
                "customfield_10050": {"value": "Major"},
            }}),
        )
        .await;
    assert_eq!((status, &made["key"]), (201, &json!("DEMO-3")), "{made}");
    let (_, issue) = ada.get("/issue/demo-3?fields=summary,priority,status,assignee").await;
    let fields = issue["fields"].as_object().unwrap();
    assert_eq!(fields.len(), 4);
    assert_eq!(fields["priority"]["name"], "High");
    assert_eq!(fields["assignee"]["accountId"], ben);
    let edit =
        json!({"fields": {"summary": "Edited", "assignee": null, "priority": {"name": "Low"}}});
    assert_eq!(ada.put("/issue/DEMO-3", edit).await.0, 204);
    assert_eq!(ada.put("/issue/DEMO-3/assignee", json!({"accountId": ben})).await.0, 204);
    let (_, list) = ada.get("/issue/DEMO-3/transitions").await;
    let done = list["transitions"].as_array().unwrap().iter().find(|it| it["name"] == "Done");
    let take = json!({"transition": {"id": done.unwrap()["id"]}});
    assert_eq!(ada.post("/issue/DEMO-3/transitions", take).await.0, 204);
    let (_, issue) = ada.get("/issue/DEMO-3").await;
    assert_eq!(issue["fields"]["status"]["statusCategory"]["key"], "done");
    assert_eq!(issue["fields"]["summary"], "Edited");
    assert_eq!(stack.caller(1).delete("/issue/DEMO-3").await.0, 403);
    assert_eq!(ada.delete("/issue/DEMO-3").await.0, 204);
    assert_eq!(ada.get("/issue/DEMO-3").await.0, 404);
}

#[tokio::test]
async fn what_the_contract_does_not_allow_is_refused() {
    let stack = Stack::start().await;
    let ada = stack.caller(0);
    let issue = |fields: Value| {
        let mut all = json!({"project": {"id": "10000"}, "issuetype": {"id": "10002"},
            "summary": "a"});
        for (name, value) in fields.as_object().unwrap() {
            all[name] = value.clone();
        }
        json!({"fields": all})
    };
    let cases: Vec<(&str, &str, Value, u16)> = vec![
        ("POST", "/issue", issue(json!({"summary": ""})), 400),
        ("POST", "/issue", issue(json!({"summary": "a\nb"})), 400),
        ("POST", "/issue", issue(json!({"summary": "a".repeat(256)})), 400),
        ("POST", "/issue", issue(json!({"description": "plain"})), 400),
        ("POST", "/issue", issue(json!({"customfield_1": "x"})), 400),
        ("POST", "/issue", issue(json!({"project": {"key": "NONE"}})), 400),
        ("POST", "/issue", issue(json!({"issuetype": {"id": "1"}})), 400),
        ("POST", "/issue", issue(json!({"assignee": {"accountId": "nobody"}})), 400),
        ("POST", "/issue", json!({}), 400),
        ("POST", "/issue", json!({"fields": {}, "more": 1}), 400),
        ("PUT", "/issue/DEMO-1", json!({"fields": {"status": {"id": "3"}}}), 400),
        ("PUT", "/issue/DEMO-1", json!({"fields": {"priority": {"id": "9"}}}), 400),
        ("PUT", "/issue/DEMO-1", json!({"update": {"labels": [{"add": "a"}]}}), 400),
        ("PUT", "/issue/DEMO-9", json!({"fields": {"summary": "a"}}), 404),
        ("PUT", "/issue/DEMO-1/assignee", json!({"accountId": "nobody"}), 400),
        ("PUT", "/issue/DEMO-1/assignee", json!({"name": "ben"}), 400),
        ("PUT", "/issue/DEMO-1/assignee", json!({}), 400),
        ("POST", "/issue/DEMO-1/transitions", json!({}), 400),
        ("POST", "/issue/DEMO-1/transitions", json!({"transition": {"id": "99"}}), 400),
        ("POST", "/issue/DEMO-1/comment", json!({"body": "plain text"}), 400),
        ("POST", "/issue/DEMO-1/comment", json!({"body": {"type": "doc"}}), 400),
        ("POST", "/issue/DEMO-1/comment", json!({"body": document("a"), "author": {}}), 400),
        ("POST", "/issue/DEMO-1/comment", json!({"body": document(&"a".repeat(32_768))}), 400),
        ("POST", "/issue/DEMO-1/comment", json!({}), 400),
        ("POST", "/issue/DEMO-1/comment?notify=1", json!({"body": document("a")}), 400),
        ("POST", "/issue/DEMO-9/comment", json!({"body": document("a")}), 404),
        ("PUT", "/issue/DEMO-1/comment/77", json!({"body": document("a")}), 404),
        ("POST", "/issue/DEMO-1/remotelink", json!({"object": {"url": "https://a.example"}}), 400),
        ("POST", "/issue/DEMO-1/remotelink", json!({"object": {"url": "a", "title": "b"}}), 400),
        ("POST", "/issue/DEMO-1/remotelink", json!({"globalId": "a"}), 400),
        ("POST", "/issue/DEMO-1/watchers", json!("nobody"), 404),
        ("POST", "/search/jql", json!({"jql": "project = DEMO", "startAt": 1}), 400),
    ];
    for (method, path, body, status) in cases {
        let (got, answer) = ada.call(method, path, Some(body.clone())).await;
        assert_eq!(got, status, "{method} {path} {body} {answer}");
        assert!(answer["errorMessages"].is_array() && answer["errors"].is_object());
    }
    stack.settled().await;
    assert!(stack.receiver.all().is_empty());
}

#[tokio::test]
async fn bodies_must_be_json() {
    let stack = Stack::start().await;
    let ada = stack.caller(0);
    let url = format!("{}/issue/DEMO-1/comment", stack.rest());
    for (kind, body, status) in
        [("text/plain", "{}", 415), ("application/json", "{", 400), ("application/json", "[]", 400)]
    {
        let request = stack.http.post(&url).bearer_auth(&ada.token);
        let sent = request.header("content-type", kind).body(body).send().await.unwrap();
        assert_eq!(sent.status().as_u16(), status, "{kind} {body}");
    }
    assert_eq!(ada.get("/nothing/here").await.0, 404);
}

#[tokio::test]
async fn a_property_set_with_the_comment_marks_it() {
    let stack = Stack::start().await;
    let ada = stack.caller(0);
    let mark = json!({"key": "tandem", "value": {"message": "1"}});
    let body = json!({"body": document("marked"), "properties": [mark]});
    let (status, made) = ada.post("/issue/DEMO-1/comment?expand=properties", body).await;
    assert_eq!((status, &made["properties"]), (201, &json!([mark])));
    let id = made["id"].as_str().unwrap();
    let all = format!("/comment/{id}/properties");
    let one = format!("{all}/tandem");
    assert_eq!(ada.get(&one).await, (200, mark));
    assert_eq!(ada.put(&one, json!(2)).await.0, 200);
    assert_eq!(ada.put(&format!("{all}/other"), json!([])).await.0, 201);
    assert_eq!(ada.get(&all).await.1["keys"].as_array().unwrap().len(), 2);
    assert_eq!(ada.delete(&one).await.0, 204);
    assert_eq!(ada.delete(&one).await.0, 404);
    assert_eq!(ada.get(&one).await.0, 404);
    assert_eq!(ada.get("/comment/77/properties").await.0, 404);
    stack.settled().await;
    assert_eq!(stack.receiver.all().len(), 1, "properties of a comment tell nobody");
}

#[tokio::test]
async fn comments_come_in_pages() {
    let stack = Stack::start().await;
    let ada = stack.caller(0);
    for text in ["one", "two", "three"] {
        ada.post("/issue/DEMO-1/comment", json!({"body": document(text)})).await;
    }
    let texts = |page: &Value| -> Vec<String> {
        let comments = page["comments"].as_array().unwrap();
        let text = |it: &Value| it["body"]["content"][0]["content"][0]["text"].clone();
        comments.iter().map(|it| text(it).as_str().unwrap().to_owned()).collect()
    };
    let (_, page) = ada.get("/issue/DEMO-1/comment?startAt=1&maxResults=1").await;
    assert_eq!((texts(&page), &page["total"]), (vec!["two".to_owned()], &json!(3)));
    let (_, page) = ada.get("/issue/DEMO-1/comment?orderBy=-created").await;
    assert_eq!(texts(&page), ["three", "two", "one"]);
    assert_eq!(ada.get("/issue/DEMO-1/comment?orderBy=author").await.0, 400);
}

#[tokio::test]
async fn a_remote_link_is_made_once_for_its_global_id() {
    let stack = Stack::start().await;
    let ada = stack.caller(0);
    let path = "/issue/DEMO-1/remotelink";
    let link = |title: &str| {
        json!({"globalId": "chat=1", "relationship": "discussed in",
            "application": {"type": "teams", "name": "Teams"},
            "object": {"url": "https://teams.example/1", "title": title,
                "icon": {"url16x16": "https://teams.example/i.png", "title": "Teams"},
                "status": {"resolved": false}}})
    };
    let (status, made) = ada.post(path, link("One")).await;
    assert_eq!(status, 201);
    let (status, again) = ada.post(path, link("Two")).await;
    assert_eq!((status, &again["id"]), (200, &made["id"]));
    let (_, all) = ada.get(path).await;
    assert_eq!((all.as_array().unwrap().len(), &all[0]["object"]["title"]), (1, &json!("Two")));
    assert_eq!(ada.get(&format!("{path}?globalId=chat%3D1")).await.1["id"], made["id"]);
    assert_eq!(ada.get(&format!("{path}?globalId=none")).await.0, 404);
    assert_eq!(ada.delete(path).await.0, 400);
    assert_eq!(ada.delete(&format!("{path}?globalId=chat%3D1")).await.0, 204);
    assert_eq!(ada.delete(&format!("{path}?globalId=chat%3D1")).await.0, 404);
}

#[tokio::test]
async fn links_go_through_the_gateway() {
    let stack = Stack::start().await;
    let (_, myself) = stack.caller(0).get("/myself").await;
    let id = stack.demo.users[0].replace(':', "%3A");
    assert_eq!(myself["self"], json!(format!("{}/user?accountId={id}", stack.rest())));
    let (_, other) = stack.caller(0).get(&format!("/user?accountId={}", stack.demo.users[2])).await;
    assert_eq!(other["displayName"], "Cleo Marsh");
    assert!(other.get("emailAddress").is_none(), "another's address is not shown");
    assert_eq!(stack.caller(0).get("/user?accountId=nobody").await.0, 404);
}
