//! Tandem's own client at work on the simulated site.

use serde_json::json;
use tandem_domain::{AccessToken, AccountId, CloudId, Failure, IssueKey, ProjectId};
use tandem_jira::client::{
    CreateError, CreateField, FieldKind, JiraClient, Permission, PermissionContext, StatusCategory,
};

use super::{
    harness::{SCOPES, Stack},
    working::strict_project,
};

fn client(stack: &Stack, user: usize) -> (JiraClient, AccessToken, CloudId) {
    let base = format!("{}/sandbox/atlassian/api", stack.base).parse().unwrap();
    let token = stack.sandbox.issue_tokens(&stack.demo.users[user], SCOPES).0;
    let cloud = CloudId::parse(&stack.demo.cloud_id).unwrap();
    (JiraClient::new(stack.http.clone(), base), AccessToken::new(token), cloud)
}

#[tokio::test]
async fn it_fills_in_a_form_until_the_issue_is_made() {
    let stack = Stack::start().await;
    let (client, token, cloud) = client(&stack, 0);
    let site = client.site(&cloud, &token);
    let project = site.list_projects("demo", 10).await.unwrap().remove(0).id;
    let types = site.list_issue_types(&project).await.unwrap();
    assert_eq!(types, site.get_project("DEMO").await.unwrap().issue_types);
    let bug = types.into_iter().find(|it| it.name.as_str() == "Bug").unwrap();
    let fields = site.list_create_fields(&project, &bug.id).await.unwrap();
    let demanded: Vec<&CreateField> = fields.iter().filter(|it| it.is_demanded()).collect();
    let [summary, severity] = demanded[..] else { panic!("{demanded:?}") };
    let mut issue = json!({"project": {"id": project}, "issuetype": {"id": bug.id}});
    issue["summary"] = summary.kind.value("A kettle").unwrap();

    let error = site.create_issue(&issue, &[]).await.unwrap_err();
    let CreateError::Invalid(errors) = error else { panic!("{error}") };
    assert_eq!(errors.fields[severity.field_id.as_str()].as_str(), "Severity is required.");
    let FieldKind::Choice { options, multiple: false } = &severity.kind else { panic!() };
    issue[severity.field_id.as_str()] = severity.kind.value(options[0].id.as_str()).unwrap();
    let assignee = site.list_assignable(&project, "ben", 5).await.unwrap().remove(0);
    issue["assignee"] = FieldKind::User.value(assignee.account_id.as_str()).unwrap();
    issue["labels"] = FieldKind::Labels.value("loud, hot").unwrap();
    issue["description"] = FieldKind::LongText.value("It boils.").unwrap();

    let made = site.create_issue(&issue, &[("tandem", json!({"a": 1}))]).await.unwrap();
    let read = site.get_issue(&made.id).await.unwrap();
    assert_eq!((read.key, read.issue_type_id), (made.key, Some(bug.id)));
    assert_eq!(read.labels.len(), 2);
    assert_eq!(read.assignee, Some(assignee));
    assert_eq!(read.project_name.unwrap().as_str(), "Demonstration");
    assert!(
        site.list_priorities()
            .await
            .unwrap()
            .contains(&(read.priority_id.unwrap(), read.priority.unwrap(),))
    );
    let recent = site.search("issuekey in issueHistory()", 5, None).await.unwrap();
    assert_eq!(recent.issues[0].id, made.id, "what one made, one has seen");
}

#[tokio::test]
async fn it_moves_assigns_and_watches() {
    let stack = Stack::start().await;
    strict_project(&stack);
    let (client, token, cloud) = client(&stack, 1);
    let site = client.site(&cloud, &token);
    let (key, ben) =
        (IssueKey::parse("STEP-1").unwrap(), AccountId::parse(&stack.demo.users[1]).unwrap());
    let start = site.list_transitions(&key).await.unwrap().remove(0);
    assert_eq!(start.to_category, Some(StatusCategory::Indeterminate));
    site.transition(&key, &start.id).await.unwrap();
    let next = site.list_transitions(&key).await.unwrap();
    let told: Vec<bool> = next.iter().map(|it| it.has_required_fields).collect();
    assert_eq!(told, [false, true]);
    let refused = site.transition(&key, &next[1].id).await.unwrap_err();
    assert_eq!(refused, Failure::Forbidden { what: "jira_transition" });
    site.assign(&key, Some(&ben)).await.unwrap();
    site.watch(&key, &ben).await.unwrap();
    let watchers = site.list_watchers(&key).await.unwrap();
    assert!(watchers.is_watching && watchers.include(&ben));
    site.unwatch(&key, &ben).await.unwrap();
    assert!(!site.list_watchers(&key).await.unwrap().is_watching);
    site.assign(&key, None).await.unwrap();
    let read = site.get_issue(&key).await.unwrap();
    assert_eq!((read.assignee, read.status_category), (None, start.to_category));
    assert_eq!(site.my_time_zone().await.unwrap().as_deref(), Some("Europe/Berlin"));
}

#[tokio::test]
async fn it_pages_through_what_it_finds_and_learns_what_it_may_not() {
    let stack = Stack::start().await;
    strict_project(&stack);
    let (client, token, cloud) = client(&stack, 2);
    let site = client.site(&cloud, &token);
    let jql = "project in (DEMO, STEP) ORDER BY key";
    let first = site.search(jql, 2, None).await.unwrap();
    let last = site.search(jql, 2, first.next.as_ref()).await.unwrap();
    let keys: Vec<&str> =
        first.issues.iter().chain(&last.issues).map(|issue| issue.key.as_str()).collect();
    assert_eq!((keys, last.next), (vec!["DEMO-1", "DEMO-2", "STEP-1"], None));
    let refused = site.search("project = NONE", 2, None).await.unwrap_err();
    assert_eq!(refused, Failure::Forbidden { what: "jira_jql" });

    let project: ProjectId = last.issues[0].project_id.clone();
    let asked = [
        Permission::BrowseProjects,
        Permission::CreateIssues,
        Permission::EditIssues,
        Permission::AssignIssues,
        Permission::AssignableUser,
        Permission::TransitionIssues,
        Permission::AddComments,
        Permission::ViewVotersAndWatchers,
        Permission::ManageWatchers,
    ];
    for context in
        [PermissionContext::Project(&project), PermissionContext::Issue(&last.issues[0].id)]
    {
        let held = site.permissions(&asked, context).await.unwrap();
        let held: Vec<Permission> = asked.into_iter().filter(|it| held.has(*it)).collect();
        assert_eq!(held, [Permission::BrowseProjects, Permission::ViewVotersAndWatchers]);
    }
    let absent = site.list_issue_types(&project).await.unwrap_err();
    assert_eq!(absent, Failure::Absent { what: "jira_create_metadata" });
    let task = json!({"project": {"id": project}, "issuetype": {"id": "10002"}, "summary": "a"});
    let refused = site.create_issue(&task, &[]).await.unwrap_err();
    assert_eq!(refused, CreateError::Failed(Failure::Forbidden { what: "jira_new_issue" }));
}
