//! What a contract does not allow is refused: the check of the contracts can fail.

use serde_json::{Value, json};

use crate::support::{Contracts, contracts, openapi::Sent};

const CHAT: &str = "/chats/19%3Aabc%40thread.v2";

/// A request: method, path and query, body.
type Case = (&'static str, String, Option<Value>);

fn ask(contracts: &Contracts, case: &Case) -> Result<String, String> {
    let (method, target, body) = case;
    let body = body.as_ref().map(Value::to_string).unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let contract = match path {
        path if path.starts_with("/rest/") => &contracts.jira,
        path if path.starts_with("/v3/") => &contracts.bot,
        path if path.starts_with("/subscriptions") => &contracts.notifications,
        _ => &contracts.teams,
    };
    let content_type = if body.is_empty() { "" } else { "application/json" };
    contract.check(&Sent { method, path, query, content_type, body: body.as_bytes() })
}

fn chat(change: impl FnOnce(&mut Value)) -> Case {
    let mut body = json!({"chatType": "group", "topic": "x", "members": [{
        "@odata.type": "#microsoft.graph.aadUserConversationMember",
        "roles": ["owner"],
        "user@odata.bind": "https://graph.microsoft.com/v1.0/users('1')",
    }]});
    change(&mut body);
    ("POST", "/chats".to_owned(), Some(body))
}

fn get(target: &str) -> Case {
    ("GET", target.to_owned(), None)
}

#[test]
fn each_part_of_a_request_is_checked() {
    let Some(contracts) = contracts() else { return };
    let comment = "/rest/api/3/issue/10001/comment";
    let link = "/rest/api/3/issue/10001/remotelink";
    let post = |path: &str, body: Value| ("POST", path.to_owned(), Some(body));
    let message = |body: Value| ("POST", format!("{CHAT}/messages"), Some(body));
    let expiry = |text: &str| {
        let body = json!({"expirationDateTime": text});
        ("PATCH", "/subscriptions/1".to_owned(), Some(body))
    };
    for (case, refused) in [
        (get("/rest/api/3/myself"), None),
        (get("/rest/api/3/me"), Some("no path")),
        (get("/rest/api/2/myself"), Some("no path")),
        (get("/rest/api/3/myself/"), Some("no path")),
        (("DELETE", "/rest/api/3/myself".to_owned(), None), Some("knows no DELETE")),
        (get("/rest/api/3/issue/10001?fields=summary,status"), None),
        (get("/rest/api/3/issue/10001?field=summary"), Some("undeclared query parameter field")),
        (get(&format!("{comment}?orderBy=-created&maxResults=50")), None),
        (get(&format!("{comment}?orderBy=created%20desc")), Some("query parameter orderBy")),
        (get(&format!("{comment}?maxResults=many")), Some("is no integer")),
        (post(comment, json!({"body": {}, "properties": [{"key": "k", "value": 1}]})), None),
        (
            post(comment, json!({"body": {}, "properties": [{"name": "k"}]})),
            Some("body/properties/0"),
        ),
        (post(comment, json!({"body": {}, "properties": {}})), Some("body/properties")),
        (post(comment, json!({"id": "1", "body": {}})), Some("body/id")),
        (post(comment, json!([])), Some("body: ")),
        (("POST", comment.to_owned(), None), Some("the body is missing")),
        (post(link, json!({"object": {"url": "u", "title": "t"}})), None),
        (post(link, json!({"object": {"url": "u"}})), Some("title")),
        (post(link, json!({"globalId": "g"})), Some("object")),
        (("GET", comment.to_owned(), Some(json!({}))), Some("the contract knows none")),
        (get(&format!("{CHAT}/messages?$top=5&$orderby=createdDateTime%20desc")), None),
        (get(&format!("{CHAT}/messages?$orderby=createdDateTime%20down")), Some("$orderby")),
        (get(&format!("{CHAT}/messages?$top=-1")), Some("$top")),
        (get(&format!("{CHAT}/messages?$format=json")), Some("undeclared query parameter $format")),
        (get("/chats?$expand=members&$top=50"), None),
        (get("/chats?$expand=people"), Some("$expand")),
        (get("/me"), Some("no path")),
        (get("/chats//messages"), Some("no path")),
        (message(json!({"body": {"contentType": "html", "content": "x"}})), None),
        (
            message(json!({"body": {"contentType": "markdown", "content": "x"}})),
            Some("contentType"),
        ),
        (message(json!({"body": {"contentType": "html", "text": "x"}})), Some("body/body")),
        (message(json!({"body": "x"})), Some("body/body")),
        (chat(|_| {}), None),
        (chat(|body| body["chatType"] = json!("pair")), Some("chatType")),
        (chat(|body| body["title"] = json!("x")), Some("title")),
        (chat(|body| body["topic"] = json!(1)), Some("topic")),
        (chat(|body| body["members"][0]["roles"] = json!("owner")), Some("members/0/roles")),
        (chat(|body| body["members"][0]["user"] = json!("1")), Some("members/0")),
        (expiry("2026-01-02T03:04:05Z"), None),
        (expiry("tomorrow"), Some("expirationDateTime")),
        (("POST", "/subscriptions/1/microsoft.graph.reauthorize".to_owned(), None), None),
    ] {
        let outcome = ask(contracts, &case);
        match refused {
            None => assert!(outcome.is_ok(), "{case:?}: {outcome:?}"),
            Some(why) => {
                let refusal = outcome.expect_err(&format!("{case:?} should be refused"));
                assert!(refusal.contains(why), "{case:?}: {refusal}");
            }
        }
    }
}

#[test]
fn a_body_of_another_content_type_is_refused() {
    let Some(contracts) = contracts() else { return };
    let path = format!("{CHAT}/messages");
    let body = json!({"body": {"content": "x"}}).to_string();
    for (content_type, allowed) in [
        ("application/json", true),
        ("application/json; charset=utf-8", true),
        ("text/plain", false),
        ("", false),
    ] {
        let sent =
            Sent { method: "POST", path: &path, query: "", content_type, body: body.as_bytes() };
        assert_eq!(contracts.teams.check(&sent).is_ok(), allowed, "{content_type:?}");
    }
}

#[test]
fn each_part_of_a_call_of_the_connector_is_checked() {
    let Some(contracts) = contracts() else { return };
    let chat = "/v3/conversations/19%3Aabc%40thread.v2/activities";
    let post = |path: &str, body: Value| ("POST", path.to_owned(), Some(body));
    let said = |body: Value| post(chat, body);
    let attached =
        |attachment: Value| said(json!({"type": "message", "attachments": [attachment]}));
    let html = json!({"contentType": "text/html", "content": "<p>x</p>"});
    let card = json!({"contentType": "application/json", "content": {"type": "AdaptiveCard"}});
    let made = |body: Value| post("/v3/conversations", body);
    for (case, refused) in [
        (said(json!({"type": "message", "text": "x", "textFormat": "xml"})), None),
        (said(json!({"type": "massage", "text": "x"})), Some("body/type")),
        (said(json!({"type": "message", "text": {"x": 1}})), Some("body/text")),
        (said(json!({"type": "message", "textformat": "xml"})), Some("textformat")),
        (said(json!({"type": "message", "textFormat": "html"})), Some("textFormat")),
        (said(json!({"type": "message", "channelData": {"any": {"thing": 1}}})), None),
        (said(json!([])), Some("body: ")),
        (attached(card), None),
        // The contract says object, and means anything.
        (attached(html), None),
        (attached(json!({"contentType": 1})), Some("body/attachments/0/contentType")),
        (attached(json!({"contenttype": "x"})), Some("contenttype")),
        (("POST", chat.to_owned(), None), Some("the body is missing")),
        (post(&format!("{chat}/1"), json!({"type": "message"})), None),
        (("PUT", format!("{chat}/1"), Some(json!({"type": "message"}))), None),
        (("PUT", chat.to_owned(), Some(json!({"type": "message"}))), Some("knows no PUT")),
        (("DELETE", format!("{chat}/1"), None), None),
        (("DELETE", format!("{chat}/1"), Some(json!({}))), Some("the contract knows none")),
        (get("/v3/conversations/1/pagedmembers?pageSize=5"), None),
        (get("/v3/conversations/1/pagedmembers?pageSize=x"), Some("pageSize")),
        (get("/v3/conversations?page=1"), Some("undeclared query parameter page")),
        (made(json!({"isGroup": true, "members": [{"id": "29:x"}], "tenantId": "x"})), None),
        (made(json!({"isGroup": "True"})), Some("body/isGroup")),
        (made(json!({"members": [{"ID": "29:x"}]})), Some("members/0")),
        (made(json!({"activity": {"type": "message", "txt": "x"}})), Some("body/activity")),
    ] {
        let outcome = ask(contracts, &case);
        match refused {
            None => assert!(outcome.is_ok(), "{case:?}: {outcome:?}"),
            Some(why) => {
                let refusal = outcome.expect_err(&format!("{case:?} should be refused"));
                assert!(refusal.contains(why), "{case:?}: {refusal}");
            }
        }
    }
}
