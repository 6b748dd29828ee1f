mod contract;
mod creating;
mod finding;
mod people;
mod reporting;
mod webhooks;

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use serde_json::json;
use tandem_domain::{
    AccountId, CommentId, IssueId, ProjectId, Provider, SignInReason, StatusCategory,
};

use super::*;
use crate::fake::{Fake, Recorded, Told, shared_json};

const CLOUD: &str = "11223344-a1b2-3b33-c444-def123456789";
const ACCOUNT: &str = "5be24ad8b1653240376955d2";
const ROOT: &str = "/sandbox/ex/jira/11223344-a1b2-3b33-c444-def123456789";

/// One client, one token and the fake they talk to.
struct Stage {
    fake: Fake,
    client: JiraClient,
    token: AccessToken,
}

impl Stage {
    async fn new(answers: Vec<Told>) -> Self {
        let fake = Fake::start(answers).await;
        let client = JiraClient::new(reqwest::Client::new(), fake.base());
        Self { fake, client, token: AccessToken::new("open-sesame".to_owned()) }
    }

    fn site(&self) -> Site<'_> {
        self.client.site(&CloudId::parse(CLOUD).unwrap(), &self.token)
    }
}

fn issue_id() -> IssueId {
    IssueId::parse("10040").unwrap()
}

fn project_id() -> ProjectId {
    ProjectId::parse("10000").unwrap()
}

fn account_id() -> AccountId {
    AccountId::parse(ACCOUNT).unwrap()
}

fn comment_id() -> CommentId {
    CommentId::parse("10019").unwrap()
}

fn user() -> Value {
    json!({"accountId": ACCOUNT, "displayName": "marker name", "active": true})
}

fn comment() -> Value {
    json!({
        "id": "10019",
        "author": user(),
        "updateAuthor": user(),
        "body": {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [
            {"type": "text", "text": "marker text"}
        ]}]},
        "created": "2026-01-17T12:34:00.000+0000",
        "updated": "2026-01-17T12:35:00.000+0000",
        "jsdPublic": true
    })
}

fn issue() -> Value {
    json!({
        "id": "10040",
        "key": "DEMO-1",
        "fields": {
            "summary": "marker summary",
            "status": {"id": "3", "name": "marker status", "statusCategory": {"key": "done"}},
            "assignee": user(),
            "reporter": user(),
            "priority": {"id": "2", "name": "marker priority"},
            "issuetype": {"id": "10002", "name": "marker type"},
            "project": {"id": "10000", "key": "DEMO", "name": "marker project"},
            "labels": ["marker label"],
            "updated": "2026-01-17T12:35:00.000+0000",
            "security": null
        }
    })
}

#[tokio::test]
async fn an_issue_is_read_by_number_or_key() {
    let secured = {
        let mut issue = issue();
        issue["fields"]["security"] = json!({"id": "10021"});
        issue
    };
    let stage = Stage::new(vec![Told::new(200, &issue()), Told::new(200, &secured)]).await;
    let read = stage.site().get_issue(&issue_id()).await.unwrap();
    assert_eq!(read.key.as_str(), "DEMO-1");
    assert_eq!(read.project_id.as_str(), "10000");
    assert_eq!(read.summary.as_str(), "marker summary");
    assert_eq!(read.status.as_ref().unwrap().as_str(), "marker status");
    assert_eq!(read.assignee.as_ref().unwrap().account_id.as_str(), ACCOUNT);
    assert_eq!(read.status_category, Some(StatusCategory::Done));
    assert_eq!(read.reporter, read.assignee);
    assert_eq!(read.priority_id.as_ref().unwrap().as_str(), "2");
    assert_eq!(read.priority.as_ref().unwrap().as_str(), "marker priority");
    assert_eq!(read.issue_type_id.as_ref().unwrap().as_str(), "10002");
    assert_eq!(read.issue_type.as_ref().unwrap().as_str(), "marker type");
    assert_eq!(read.project_key.as_ref().unwrap().as_str(), "DEMO");
    assert_eq!(read.project_name.as_ref().unwrap().as_str(), "marker project");
    assert_eq!(read.labels[0].as_str(), "marker label");
    assert!(read.updated.is_some());
    assert!(!read.has_security_level);
    assert!(!format!("{read:?}").contains("marker"));

    let key = IssueKey::parse("DEMO-1").unwrap();
    assert!(stage.site().get_issue(&key).await.unwrap().has_security_level);
    let paths: Vec<String> = stage.fake.requests().into_iter().map(|r| r.path).collect();
    let issues = format!("{ROOT}/rest/api/3/issue");
    assert_eq!(paths, [format!("{issues}/10040"), format!("{issues}/DEMO-1")]);
}

#[tokio::test]
async fn what_an_issue_does_not_tell_is_none() {
    let bare = json!({"id": "10040", "key": "DEMO-1", "fields": {
        "project": {"id": "10000"}, "status": {"statusCategory": {"key": "undefined"}},
        "assignee": null, "priority": null, "labels": null,
    }});
    let stage = Stage::new(vec![Told::new(200, &bare)]).await;
    let read = stage.site().get_issue(&issue_id()).await.unwrap();
    assert!(read.summary.is_empty());
    assert_eq!((read.status, read.status_category), (None, None));
    assert_eq!((read.assignee, read.reporter), (None, None));
    assert_eq!((read.priority, read.priority_id), (None, None));
    assert_eq!((read.issue_type, read.issue_type_id), (None, None));
    assert_eq!((read.project_key, read.project_name, read.updated), (None, None, None));
    assert!(read.labels.is_empty());
}

#[tokio::test]
async fn every_request_names_its_sender_and_carries_the_token() {
    let stage = Stage::new(vec![Told::new(200, &user())]).await;
    assert_eq!(stage.site().myself().await.unwrap().as_str(), ACCOUNT);
    let request = stage.fake.only_request();
    assert_eq!(request.header("authorization"), "Bearer open-sesame");
    assert_eq!(request.header("user-agent"), concat!("tandem/", env!("CARGO_PKG_VERSION")));
}

#[tokio::test]
async fn a_comment_tells_who_may_see_it() {
    for (field, value, restricted, internal) in [
        ("jsdPublic", json!(true), false, false),
        ("jsdPublic", json!(false), false, true),
        ("visibility", json!({"type": "role", "value": "marker role"}), true, false),
        ("visibility", json!(null), false, false),
    ] {
        let mut answer = comment();
        answer[field] = value;
        let stage = Stage::new(vec![Told::new(200, &answer)]).await;
        let read = stage.site().get_comment(&issue_id(), &comment_id()).await.unwrap();
        assert_eq!((read.restricted, read.internal), (restricted, internal), "{answer}");
        assert_eq!(read.created.until(read.updated), Duration::from_mins(1));
        assert!(!format!("{read:?}").contains("marker"));
    }
}

#[tokio::test]
async fn somebody_without_an_account_is_nobody() {
    let mut answer = comment();
    answer["author"] = json!({"displayName": "Anonymous"});
    answer["updateAuthor"] = json!({"accountId": "unknown"});
    let stage = Stage::new(vec![Told::new(200, &answer)]).await;
    let read = stage.site().get_comment(&issue_id(), &comment_id()).await.unwrap();
    assert_eq!((read.author, read.update_author), (None, None));
}

#[tokio::test]
async fn a_comment_is_written_marked() {
    let stage = Stage::new(vec![Told::new(201, &comment()), Told::new(200, &comment())]).await;
    let adf = json!({"type": "doc", "version": 1, "content": []});
    let mark = [("tandem", json!({"chat": 1}))];
    stage.site().add_comment(&issue_id(), &adf, &mark).await.unwrap();
    stage.site().update_comment(&issue_id(), &comment_id(), &adf, &[]).await.unwrap();
    let bodies: Vec<Value> = stage.fake.requests().iter().map(Recorded::json).collect();
    assert_eq!(
        bodies,
        [
            json!({"body": adf, "properties": [{"key": "tandem", "value": {"chat": 1}}]}),
            json!({"body": adf}),
        ]
    );
}

#[tokio::test]
async fn a_property_that_is_not_there_is_none() {
    let there = json!({"key": "tandem", "value": {"chat": 1}});
    for (told, expected) in [
        (Told::new(200, &there), Ok(Some(json!({"chat": 1})))),
        (Told::new(404, &json!({})), Ok(None)),
        (Told::new(403, &json!({})), Err(Failure::Forbidden { what: "jira_comment_property" })),
    ] {
        let stage = Stage::new(vec![told]).await;
        assert_eq!(stage.site().get_comment_property(&comment_id(), "tandem").await, expected);
    }
}

#[tokio::test]
async fn permissions_not_told_are_not_had() {
    let answer = json!({"permissions": {
        "ADMINISTER": {"havePermission": false},
        "BROWSE_PROJECTS": {"havePermission": true}
    }});
    let asked =
        [Permission::Administer, Permission::AdministerProjects, Permission::BrowseProjects];
    let stage = Stage::new(vec![Told::new(200, &answer)]).await;
    let project = ProjectId::parse("10000").unwrap();
    let context = PermissionContext::Project(&project);
    let held = stage.site().permissions(&asked, context).await.unwrap();
    assert_eq!(asked.map(|permission| held.has(permission)), [false, false, true]);
    let query = stage.fake.only_request().query;
    assert_eq!(query["permissions"], "ADMINISTER,ADMINISTER_PROJECTS,BROWSE_PROJECTS");
    assert_eq!(query["projectId"], "10000");
}

#[tokio::test]
async fn sites_of_other_products_are_left_out() {
    let mut sites = json!([
        {"id": CLOUD, "name": "other", "url": "https://a.atlassian.net", "scopes": ["read:page:confluence"]},
        {"id": "not-an-id", "name": "odd", "url": "https://b.atlassian.net", "scopes": ["read:jira-work"]}
    ]);
    let file = "fixtures/oauth/token-responses/atlassian-docs-accessible-resources.json";
    let Some(captured) = shared_json(file) else { return };
    sites.as_array_mut().unwrap().extend(captured.as_array().unwrap().clone());
    let stage = Stage::new(vec![Told::new(200, &sites)]).await;
    let found = stage.client.accessible_resources(&stage.token).await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].host.as_str(), "your-domain.atlassian.net");
    assert_eq!(found[0].id.as_str(), "1324a887-45db-1bf4-1e99-ef0ff456d421");
    assert!(!format!("{found:?}").contains("Site name"));
    assert_eq!(stage.fake.only_request().path, "/sandbox/oauth/token/accessible-resources");
}

#[tokio::test]
async fn an_unreachable_site_is_to_be_tried_later() {
    let nobody = Url::parse("http://127.0.0.1:1").unwrap();
    let client = JiraClient::new(reqwest::Client::new(), nobody);
    let token = AccessToken::new("open-sesame".to_owned());
    let failure = client.accessible_resources(&token).await.unwrap_err();
    assert_eq!(failure, Failure::Retry { what: "jira_unreachable", after: None });
}

#[tokio::test]
async fn a_read_whose_connection_breaks_is_tried_once_more_and_a_write_is_not() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&connections);
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::SeqCst);
            drop(connection);
        }
    });
    let client = JiraClient::new(reqwest::Client::new(), base);
    let token = AccessToken::new("open-sesame".to_owned());
    let site = client.site(&CloudId::parse(CLOUD).unwrap(), &token);
    let expected = Failure::Retry { what: "jira_unreachable", after: None };
    assert_eq!(site.myself().await.unwrap_err(), expected);
    assert_eq!(connections.swap(0, Ordering::SeqCst), 2);
    let failure = site.add_comment(&issue_id(), &json!({}), &[]).await.unwrap_err();
    assert_eq!((failure, connections.load(Ordering::SeqCst)), (expected, 1));
}

#[tokio::test]
async fn each_refusal_has_its_class() {
    let later =
        |what, secs: Option<u64>| Failure::Retry { what, after: secs.map(Duration::from_secs) };
    let sign_in =
        Failure::SignInNeeded { provider: Provider::Atlassian, reason: SignInReason::Revoked };
    let forbidden = Failure::Forbidden { what: "jira_comment" };
    let rejected = Failure::Fault { what: "jira_refused_request" };
    let text = "{\"errorMessages\": [\"marker\"]}";
    for (status, retry_after, of_read, of_write) in [
        (401, None, sign_in.clone(), sign_in),
        (403, None, forbidden.clone(), forbidden.clone()),
        (
            404,
            None,
            Failure::Absent { what: "jira_comment" },
            Failure::Absent { what: "jira_comment" },
        ),
        (429, Some(7), later("jira_throttled", Some(7)), later("jira_throttled", Some(7))),
        (503, Some(9), later("jira_unavailable", Some(9)), later("jira_unavailable", Some(9))),
        (500, None, later("jira_unavailable", None), later("jira_unavailable", None)),
        (409, None, later("jira_busy", None), later("jira_busy", None)),
        (400, None, rejected.clone(), forbidden.clone()),
        (413, None, rejected.clone(), forbidden),
        (405, None, rejected.clone(), rejected),
    ] {
        let mut told = Told::raw(status, text);
        if let Some(secs) = retry_after {
            told = told.header("retry-after", &secs.to_string());
        }
        let stage = Stage::new(vec![told.clone(), told]).await;
        let read = stage.site().get_comment(&issue_id(), &comment_id()).await.unwrap_err();
        assert_eq!(read, of_read, "read, {status}");
        let write = stage.site().delete_comment(&issue_id(), &comment_id()).await.unwrap_err();
        assert_eq!(write, of_write, "write, {status}");
        assert!(!format!("{read}{read:?}").contains("marker"));
        assert_eq!(stage.fake.requests().len(), 2, "an answer is never asked for again");
    }
}

#[tokio::test]
async fn a_token_that_lacks_a_scope_needs_another_consent() {
    let needed = |reason| Failure::SignInNeeded { provider: Provider::Atlassian, reason };
    for (message, reason) in [
        ("Unauthorized; scope does not match", SignInReason::ConsentMissing),
        ("Unauthorized", SignInReason::Revoked),
    ] {
        let told = Told::new(401, &json!({"code": 401, "message": message}));
        let stage = Stage::new(vec![told]).await;
        let failure = stage.site().get_comment(&issue_id(), &comment_id()).await.unwrap_err();
        assert_eq!(failure, needed(reason), "{message}");
    }
}

#[tokio::test]
async fn an_answer_that_does_not_fit_is_a_fault() {
    let mut dateless = comment();
    dateless["created"] = json!("marker");
    for body in [dateless.to_string(), "<html>marker".to_owned(), "{}".to_owned(), String::new()] {
        let stage = Stage::new(vec![Told::raw(200, &body)]).await;
        let failure = stage.site().get_comment(&issue_id(), &comment_id()).await.unwrap_err();
        assert_eq!(failure, Failure::Fault { what: "jira_unexpected_answer" });
    }
}
