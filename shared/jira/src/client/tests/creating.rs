//! The create metadata and making issues.

use tandem_domain::{IssueTypeId, document::Prose};

use super::*;

fn task() -> IssueTypeId {
    IssueTypeId::parse("10002").unwrap()
}

/// The fields of a captured create screen, as the paged operation lists them.
fn captured_fields() -> Option<Vec<Value>> {
    let file = "fixtures/jira/mattermost-plugin-jira/webapp/src/testdata/\
                cloud-get-create-issue-metadata-for-project-many-fields.json";
    let captured = shared_json(file)?;
    let fields = captured["projects"][0]["issuetypes"][0]["fields"].as_object().unwrap();
    let listed = |(id, field): (&String, &Value)| {
        let mut field = field.clone();
        field["fieldId"] = json!(id);
        field
    };
    Some(fields.iter().map(listed).collect())
}

fn page(fields: &[Value], total: usize) -> Told {
    Told::new(200, &json!({"startAt": 0, "maxResults": 200, "total": total, "fields": fields}))
}

fn shape(kind: &FieldKind) -> String {
    match kind {
        FieldKind::Choice { options, multiple } => {
            format!("{} of {}", if *multiple { "some" } else { "one" }, options.len())
        }
        other => format!("{other:?}"),
    }
}

#[tokio::test]
async fn the_fields_of_a_captured_screen_are_understood() {
    let Some(fields) = captured_fields() else { return };
    let stage = Stage::new(vec![page(&fields, fields.len())]).await;
    let found = stage.site().list_create_fields(&project_id(), &task()).await.unwrap();
    let told: Vec<(&str, String)> =
        found.iter().map(|it| (it.field_id.as_str(), shape(&it.kind))).collect();
    let expected = [
        ("assignee", "User"),
        ("attachment", "Unsupported"),
        ("components", "some of 0"),
        ("customfield_10014", "Unsupported"),
        ("customfield_10021", "Unsupported"),
        ("customfield_10067", "Text"),
        ("customfield_10068", "some of 2"),
        ("customfield_10069", "Date"),
        ("customfield_10070", "DateTime"),
        ("customfield_10071", "Labels"),
        ("customfield_10072", "Number"),
        ("customfield_10073", "one of 2"),
        ("customfield_10074", "one of 2"),
        ("customfield_10075", "some of 2"),
        ("customfield_10076", "one of 2"),
        ("customfield_10077", "LongText"),
        ("customfield_10078", "Text"),
        ("customfield_10079", "Text"),
        ("customfield_10080", "User"),
        ("description", "LongText"),
        ("fixVersions", "some of 1"),
        ("issuelinks", "Unsupported"),
        ("labels", "Labels"),
        ("priority", "one of 5"),
        ("summary", "Text"),
    ]
    .map(|(id, kind)| (id, kind.to_owned()));
    assert_eq!(told, expected);
    let demanded: Vec<&str> =
        found.iter().filter(|it| it.is_demanded()).map(|it| it.field_id.as_str()).collect();
    assert_eq!(demanded, ["description", "summary"], "the priority has a default");
}

#[tokio::test]
async fn long_screens_are_read_to_the_end() {
    let field = |id: &str| json!({"fieldId": id, "name": "a", "schema": {"type": "string"}});
    let stage = Stage::new(vec![page(&[field("a"), field("b")], 3), page(&[field("c")], 3)]).await;
    let found = stage.site().list_create_fields(&project_id(), &task()).await.unwrap();
    assert_eq!(found.len(), 3);
    let starts: Vec<String> =
        stage.fake.requests().into_iter().map(|it| it.query["startAt"].clone()).collect();
    assert_eq!(starts, ["0", "2"]);
}

#[tokio::test]
async fn a_list_that_never_ends_is_not_read_for_ever() {
    let field = json!({"fieldId": "a", "name": "a", "schema": {"type": "string"}});
    let stage = Stage::new(vec![page(&[field], 9999); 50]).await;
    stage.site().list_create_fields(&project_id(), &task()).await.unwrap();
    assert_eq!(stage.fake.requests().len(), 5);
}

#[tokio::test]
async fn issue_types_are_those_one_can_make() {
    let types = json!({"total": 2, "issueTypes": [
        {"id": "10002", "name": "Task", "subtask": false},
        {"id": "10004", "name": "Sub-task", "subtask": true},
    ]});
    for (told, expected) in [
        (Told::new(200, &types), Ok(2)),
        (Told::new(400, &json!({})), Err(Failure::Absent { what: "jira_create_metadata" })),
        (Told::new(404, &json!({})), Err(Failure::Absent { what: "jira_create_metadata" })),
        (Told::new(403, &json!({})), Err(Failure::Forbidden { what: "jira_create_metadata" })),
    ] {
        let stage = Stage::new(vec![told]).await;
        let found = stage.site().list_issue_types(&project_id()).await;
        assert_eq!(found.map(|types| types.len()), expected);
    }
}

#[tokio::test]
async fn an_issue_is_made_marked() {
    let made = json!({"id": "10041", "key": "DEMO-2", "self": "https://a.example"});
    let stage = Stage::new(vec![Told::new(201, &made)]).await;
    let fields = json!({"project": {"id": "10000"}, "summary": "a"});
    let created = stage.site().create_issue(&fields, &[("tandem", json!({"a": 1}))]).await.unwrap();
    assert_eq!((created.id.as_str(), created.key.as_str()), ("10041", "DEMO-2"));
    let request = stage.fake.only_request();
    let properties = json!([{"key": "tandem", "value": {"a": 1}}]);
    assert_eq!(request.json(), json!({"fields": fields, "properties": properties}));
    assert_eq!(request.query["updateHistory"], "true");
}

#[tokio::test]
async fn what_jira_finds_wrong_comes_back_field_by_field() {
    let answer = json!({
        "errorMessages": ["marker whole"],
        "errors": {"customfield_10050": "marker severity", "an odd name": "marker odd"},
    });
    let stage = Stage::new(vec![Told::new(400, &answer)]).await;
    let error = stage.site().create_issue(&json!({}), &[]).await.unwrap_err();
    assert!(!format!("{error}{error:?}").contains("marker"));
    let CreateError::Invalid(errors) = error else { panic!("{error:?}") };
    let texts: Vec<&str> = errors.messages.iter().map(Prose::as_str).collect();
    assert_eq!(texts, ["marker whole", "marker odd"]);
    assert_eq!(errors.fields["customfield_10050"].as_str(), "marker severity");
}

#[tokio::test]
async fn other_refusals_of_an_issue_are_failures() {
    let nothing = json!({"errorMessages": [], "errors": {}});
    let forbidden = Failure::Forbidden { what: "jira_new_issue" };
    for (told, expected) in [
        (Told::new(400, &nothing), forbidden.clone()),
        (Told::raw(400, "<html>"), forbidden.clone()),
        (Told::new(403, &json!({"errorMessages": ["no"]})), forbidden),
        (Told::new(429, &nothing), Failure::Retry { what: "jira_throttled", after: None }),
        (Told::raw(201, "{}"), Failure::Fault { what: "jira_unexpected_answer" }),
    ] {
        let stage = Stage::new(vec![told]).await;
        let error = stage.site().create_issue(&json!({}), &[]).await.unwrap_err();
        assert_eq!(error, CreateError::Failed(expected));
    }
}

#[test]
fn what_was_typed_becomes_the_value_of_a_field() {
    let option = |id: &str| ChoiceOption { id: OptionId::parse(id).unwrap(), name: Prose::new(id) };
    let choice = |multiple| FieldKind::Choice { options: vec![option("1"), option("2")], multiple };
    for (kind, typed, expected) in [
        (FieldKind::Text, " two\r\nlines ", Some(json!("two lines"))),
        (FieldKind::Text, "  ", None),
        (FieldKind::Number, "12", Some(json!(12))),
        (FieldKind::Number, "1.5", Some(json!(1.5))),
        (FieldKind::Number, "many", None),
        (FieldKind::Number, "inf", None),
        (FieldKind::Date, "2026-01-31", Some(json!("2026-01-31"))),
        (FieldKind::Date, "2026-02-31", None),
        (FieldKind::Date, "soon", None),
        (
            FieldKind::DateTime,
            "2026-01-31T12:00:00+01:00",
            Some(json!("2026-01-31T11:00:00.000+0000")),
        ),
        (FieldKind::DateTime, "2026-01-31", None),
        (choice(false), "2", Some(json!({"id": "2"}))),
        (choice(false), "1,2", None),
        (choice(false), "3", None),
        (choice(true), "2,1", Some(json!([{"id": "2"}, {"id": "1"}]))),
        (choice(true), "1,3", None),
        (FieldKind::User, ACCOUNT, Some(json!({"accountId": ACCOUNT}))),
        (FieldKind::User, "Grace Hopper", None),
        (FieldKind::Labels, "a, b c", Some(json!(["a", "b", "c"]))),
        (FieldKind::Unsupported, "a", None),
    ] {
        assert_eq!(kind.value(typed), expected, "{kind:?} {typed}");
    }
    let long = FieldKind::LongText.value("one\n\ntwo").unwrap();
    assert_eq!(long["content"].as_array().unwrap().len(), 2);
    assert_eq!(long["type"], "doc");
}
