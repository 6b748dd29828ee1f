use serde_json::{Value, json};

use super::*;

const ACCOUNT: &str = "712020:6a1f2c3d-0000-4000-8000-0123456789ab";
const CLOUD: &str = "11223344-a1b2-3b33-c444-def123456789";

fn read(payload: &Value) -> Result<Option<Event>, PayloadError> {
    parse(&serde_json::to_vec(payload).unwrap())
}

fn kind(payload: &Value) -> EventKind {
    read(payload).unwrap().unwrap().kind
}

fn comment_created() -> Value {
    json!({
        "timestamp": 1,
        "webhookEvent": "comment_created",
        "comment": {
            "id": "10019",
            "self": "https://demo.atlassian.net/rest/api/2/issue/10040/comment/10019",
            "author": {"accountId": ACCOUNT, "displayName": "marker-name"},
            "body": "marker-body",
            "jsdPublic": true
        },
        "issue": {
            "id": "10040",
            "key": "DEMO-1",
            "self": "https://demo.atlassian.net/rest/api/2/issue/10040",
            "fields": {"summary": "marker-summary", "project": {"id": "10000"}}
        }
    })
}

fn issue_updated(items: &Value) -> Value {
    json!({
        "webhookEvent": "jira:issue_updated",
        "issue_event_type_name": "issue_generic",
        "user": {"accountId": ACCOUNT},
        "issue": {"id": "10040", "self": "https://demo.atlassian.net/rest/api/2/issue/10040"},
        "changelog": {"id": "1", "items": items}
    })
}

/// The payload with the value at a JSON pointer replaced, or removed when `value` is `None`.
fn with(mut payload: Value, pointer: &str, value: Option<Value>) -> Value {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = payload.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    match value {
        Some(value) => parent.insert(name.to_owned(), value),
        None => parent.remove(name),
    };
    payload
}

#[test]
fn a_comment_is_reduced_to_identifiers() {
    let event = read(&comment_created()).unwrap().unwrap();
    let expected = EventKind::CommentCreated(CommentEvent {
        issue_id: IssueId::parse("10040").unwrap(),
        project_id: Some(ProjectId::parse("10000").unwrap()),
        comment_id: CommentId::parse("10019").unwrap(),
        author: AccountId::parse(ACCOUNT).unwrap(),
        restricted: false,
    });
    assert_eq!(event.kind, expected);
    assert_eq!(event.site, SiteRef::Host(SiteHost::parse("demo.atlassian.net").unwrap()));
    assert!(!format!("{event:?}").contains("marker"));
}

#[test]
fn a_comment_that_not_everybody_sees_is_marked() {
    for (pointer, value, expected) in [
        ("/comment/jsdPublic", json!(true), false),
        ("/comment/jsdPublic", json!(false), true),
        ("/comment/jsdPublic", json!(null), false),
        ("/comment/visibility", json!(null), false),
        ("/comment/visibility", json!({"type": "role", "value": "Administrators"}), true),
        ("/comment/visibility", json!("anything"), true),
    ] {
        let payload = with(comment_created(), pointer, Some(value.clone()));
        let EventKind::CommentCreated(comment) = kind(&payload) else { panic!("{payload}") };
        assert_eq!(comment.restricted, expected, "{pointer} {value}");
    }
}

#[test]
fn a_comment_without_its_issue_takes_it_from_its_link() {
    let payload = with(comment_created(), "/issue", None);
    let event = read(&payload).unwrap().unwrap();
    let EventKind::CommentCreated(comment) = event.kind else { panic!() };
    assert_eq!(comment.issue_id.as_str(), "10040");
    assert_eq!(comment.project_id, None);
    assert!(
        event
            .site
            .is(&CloudId::parse(CLOUD).unwrap(), &SiteHost::parse("demo.atlassian.net").unwrap())
    );
}

#[test]
fn a_link_through_the_gateway_names_the_cloud_id() {
    let link = format!("https://api.atlassian.com/ex/jira/{CLOUD}/rest/api/3/issue/10040");
    let payload = with(comment_created(), "/issue/self", Some(json!(link)));
    let site = read(&payload).unwrap().unwrap().site;
    assert_eq!(site, SiteRef::Cloud(CloudId::parse(CLOUD).unwrap()));

    let mut payload = with(comment_created(), "/issue", None);
    let link = format!("{link}/comment/10019");
    payload = with(payload, "/comment/self", Some(json!(link)));
    let event = read(&payload).unwrap().unwrap();
    assert_eq!(event.site, SiteRef::Cloud(CloudId::parse(CLOUD).unwrap()));
    let EventKind::CommentCreated(comment) = event.kind else { panic!() };
    assert_eq!(comment.issue_id.as_str(), "10040");
}

#[test]
fn changes_are_those_tandem_tells_of_each_once() {
    for (items, expected) in [
        (json!([]), vec![]),
        (json!([{"field": "summary", "fieldId": "summary"}]), vec![]),
        (json!([{"field": "status", "fieldId": "status"}]), vec![ChangedField::Status]),
        (json!([{"field": "Status", "fieldId": "status"}]), vec![ChangedField::Status]),
        (json!([{"field": "assignee"}]), vec![ChangedField::Assignee]),
        // A custom field may carry any name.
        (json!([{"field": "status", "fieldId": "customfield_10001"}]), vec![]),
        (
            json!([{"fieldId": "priority"}, {"fieldId": "status"}, {"fieldId": "priority"}]),
            vec![ChangedField::Status, ChangedField::Priority],
        ),
    ] {
        let EventKind::IssueUpdated { changes, actor, .. } = kind(&issue_updated(&items)) else {
            panic!()
        };
        assert_eq!(changes, expected, "{items}");
        assert_eq!(actor.unwrap().as_str(), ACCOUNT);
    }
}

#[test]
fn nothing_is_told_twice() {
    for name in ["issue_commented", "issue_comment_edited", "issue_comment_deleted"] {
        let updated = issue_updated(&json!([]));
        let payload = with(updated, "/issue_event_type_name", Some(json!(name)));
        assert_eq!(read(&payload), Ok(None), "{name}");
    }
}

#[test]
fn what_tandem_has_nothing_to_do_with_is_no_event() {
    for name in ["jira:version_released", "worklog_created", "issuelink_created", "user_deleted"] {
        assert_eq!(read(&json!({"webhookEvent": name, "timestamp": 1})), Ok(None), "{name}");
    }
    for author in [json!(null), json!({"accountId": "unknown"}), json!({"active": true})] {
        let payload = with(comment_created(), "/comment/author", Some(author.clone()));
        assert_eq!(read(&payload), Ok(None), "{author}");
    }
}

#[test]
fn a_deletion_needs_no_author() {
    let payload = with(comment_created(), "/webhookEvent", Some(json!("comment_deleted")));
    let payload = with(payload, "/comment/author", None);
    assert!(matches!(kind(&payload), EventKind::CommentDeleted { .. }));
}

#[test]
fn a_refusal_names_the_field_and_not_what_stood_in_it() {
    let marker = || Some(json!("marker text, <b>not</b> an identifier"));
    for (payload, field) in [
        (with(comment_created(), "/webhookEvent", None), "webhookEvent"),
        (with(comment_created(), "/webhookEvent", Some(json!(["marker"]))), "webhookEvent"),
        (with(comment_created(), "/comment", None), "comment"),
        (with(comment_created(), "/comment/id", marker()), "comment.id"),
        (with(comment_created(), "/comment/id", Some(json!({"marker": 1}))), "comment.id"),
        (with(comment_created(), "/comment/id", Some(json!(-1.5))), "comment.id"),
        (with(comment_created(), "/issue/id", marker()), "issue.id"),
        (with(comment_created(), "/issue/id", None), "issue.id"),
        (with(comment_created(), "/issue/self", marker()), "issue.self"),
        (with(comment_created(), "/issue/self", Some(json!("file:///issue/1"))), "issue.self"),
        (with(comment_created(), "/issue/self", Some(json!("http://a_b/1"))), "issue.self"),
        (with(comment_created(), "/issue", Some(json!("marker"))), "body"),
        (with(comment_created(), "/issue/fields/project/id", marker()), "issue.fields.project.id"),
        (
            with(comment_created(), "/comment/author/accountId", marker()),
            "comment.author.accountId",
        ),
        (with(issue_updated(&json!([])), "/user/accountId", marker()), "user.accountId"),
        (with(issue_updated(&json!([])), "/issue", None), "issue"),
        (json!([]), "body"),
        (json!("marker"), "body"),
    ] {
        let error = read(&payload).unwrap_err();
        assert_eq!(error, PayloadError::Malformed { field }, "{payload}");
        assert!(!error.to_string().contains("marker"));
    }
    for body in [&b""[..], b"{", b"\xff", b"{\"webhookEvent\": \"comment_created\"} x"] {
        assert_eq!(parse(body), Err(PayloadError::NotJson), "{body:?}");
    }
}

#[test]
fn users_with_names_alone_are_of_jira_server() {
    let named = || Some(json!({"name": "admin", "key": "admin", "displayName": "marker"}));
    let payload = with(comment_created(), "/comment/author", named());
    assert_eq!(read(&payload), Err(PayloadError::ServerPayload));
    // Some accounts of Cloud have names as well; one account id anywhere settles it.
    let payload = with(payload, "/comment/updateAuthor", Some(json!({"accountId": ACCOUNT})));
    assert_eq!(read(&payload), Ok(None));
}

#[test]
fn whom_it_may_concern_is_told_by_account_and_no_word_of_the_text_is_kept() {
    let other = "5be24ad8b1653240376955d2";
    let text = format!(
        "marker [~accountid:{ACCOUNT}] and [~accountid:{other}] [~accountid:{other}] \
         [~accountid:not an account] [~admin] [~accountid:{ACCOUNT}"
    );
    let payload = with(comment_created(), "/comment/body", Some(json!(text)));
    let payload = with(payload, "/issue/fields/assignee", Some(json!({"accountId": other})));
    let event = read(&payload).unwrap().unwrap();
    let account = |id| AccountId::parse(id).unwrap();
    assert_eq!(event.people.mentioned, [account(other), account(ACCOUNT)]);
    assert_eq!(event.people.assignee, Some(account(other)));
    assert_eq!(event.people.reporter, None);
    assert!(!format!("{event:?}").contains("marker"));
    for body in [json!(null), json!({"type": "doc"}), json!(7)] {
        let payload = with(comment_created(), "/comment/body", Some(body));
        assert_eq!(read(&payload).unwrap().unwrap().people.mentioned, []);
    }
}

#[test]
fn a_project_and_a_user_that_are_gone_are_reduced_to_identifiers() {
    let project = json!({
        "timestamp": 1, "webhookEvent": "project_deleted",
        "project": {
            "self": "https://demo.atlassian.net/rest/api/2/project/10000", "id": 10000,
            "key": "DEMO", "name": "marker-name", "assigneeType": "PROJECT_LEAD",
            "projectLead": {"accountId": ACCOUNT, "displayName": "marker-lead"},
        },
    });
    let user = json!({
        "timestamp": 1, "webhookEvent": "user_deleted",
        "user": {
            "self": format!("https://demo.atlassian.net/rest/api/2/user?accountId={ACCOUNT}"),
            "accountId": ACCOUNT, "displayName": "marker-name", "active": false,
        },
    });
    let project_id = ProjectId::parse("10000").unwrap();
    let account_id = AccountId::parse(ACCOUNT).unwrap();
    for (payload, link, expected) in [
        (project.clone(), "/project/self", EventKind::ProjectDeleted { project_id }),
        (user.clone(), "/user/self", EventKind::UserDeleted { account_id }),
    ] {
        let event = read(&payload).unwrap().unwrap();
        assert_eq!(event.kind, expected);
        assert_eq!(event.site, SiteRef::Host(SiteHost::parse("demo.atlassian.net").unwrap()));
        assert!(!format!("{event:?}").contains("marker"));
        let unnamed = read(&with(payload.clone(), link, None)).unwrap().unwrap();
        assert_eq!(unnamed.site, SiteRef::Unnamed);
        assert!(read(&with(payload, link, Some(json!("no address")))).is_err());
    }
    for (payload, pointer, value) in [
        (&project, "/webhookEvent", json!("project_soft_deleted")),
        (&user, "/user/accountId", json!("unknown")),
    ] {
        assert_eq!(read(&with(payload.clone(), pointer, Some(value))), Ok(None));
    }
    for (payload, pointer) in [(project, "/project/id"), (user, "/user/accountId")] {
        let malformed = read(&with(payload.clone(), pointer, Some(json!([]))));
        assert!(malformed.is_err(), "{pointer}");
    }
}
