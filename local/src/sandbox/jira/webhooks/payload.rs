//! The bodies of webhooks, in the REST API's v2 shape.

use serde_json::{Value, json};

use crate::sandbox::jira::{
    catalogue,
    model::{Comment, Issue, Project},
    wire::View,
};

/// One field's change.
pub(crate) struct ChangeItem {
    pub(crate) field_id: &'static str,
    pub(crate) from: Value,
    pub(crate) from_string: Value,
    pub(crate) to: Value,
    pub(crate) to_string: Value,
}

impl ChangeItem {
    fn shown(&self) -> Value {
        json!({
            "field": self.field_id,
            "fieldtype": "jira",
            "fieldId": self.field_id,
            "from": self.from,
            "fromString": self.from_string,
            "to": self.to,
            "toString": self.to_string,
        })
    }
}

/// The few fields an issue has in a comment's event.
const BRIEF: &[&str] = &["summary", "issuetype", "project", "assignee", "priority", "status"];

/// `comment_created`, `comment_updated` and `comment_deleted`: no user, and little of the issue.
pub(crate) fn comment_payload(
    view: &View<'_>,
    event: &str,
    now: i64,
    issue: &Issue,
    comment: &Comment,
) -> Value {
    let mut fields = view.issue_fields(issue);
    fields.retain(|name, _| BRIEF.contains(&name.as_str()));
    json!({
        "timestamp": now,
        "webhookEvent": event,
        "comment": view.comment(issue, comment),
        "issue": view.issue(issue, &fields),
    })
}

/// `jira:issue_updated`.
pub(crate) fn updated_payload(
    view: &View<'_>,
    now: i64,
    account: &str,
    issue: &Issue,
    change_id: &str,
    items: &[ChangeItem],
) -> Value {
    let kind = match items {
        [one] if one.field_id == "assignee" => "issue_assigned",
        _ if items.iter().any(|item| item.field_id == "status") => "issue_generic",
        _ => "issue_updated",
    };
    json!({
        "timestamp": now,
        "webhookEvent": "jira:issue_updated",
        "issue_event_type_name": kind,
        "user": view.user(account),
        "issue": view.issue(issue, &view.issue_fields(issue)),
        "changelog": {
            "id": change_id,
            "items": items.iter().map(ChangeItem::shown).collect::<Vec<_>>(),
        },
    })
}

/// `jira:issue_created`, with the fields set at creation as changes from nothing.
pub(crate) fn created_payload(
    view: &View<'_>,
    now: i64,
    account: &str,
    issue: &Issue,
    change_id: &str,
) -> Value {
    let item = |field_id, to, to_string| {
        ChangeItem { field_id, from: Value::Null, from_string: Value::Null, to, to_string }.shown()
    };
    let reporter = view.user(&issue.reporter);
    json!({
        "timestamp": now,
        "webhookEvent": "jira:issue_created",
        "issue_event_type_name": "issue_created",
        "user": view.user(account),
        "issue": view.issue(issue, &view.issue_fields(issue)),
        "changelog": {
            "id": change_id,
            "items": [
                item("priority", json!(issue.priority),
                    json!(catalogue::priority_name(&issue.priority))),
                item("reporter", json!(issue.reporter), reporter["displayName"].clone()),
                item("status", json!(issue.status), json!(catalogue::status(&issue.status).name)),
                item("summary", Value::Null, json!(issue.summary)),
            ],
        },
    })
}

/// `jira:issue_deleted`.
pub(crate) fn deleted_payload(view: &View<'_>, now: i64, account: &str, issue: &Issue) -> Value {
    json!({
        "timestamp": now,
        "webhookEvent": "jira:issue_deleted",
        "user": view.user(account),
        "issue": view.issue(issue, &view.issue_fields(issue)),
    })
}

/// `project_deleted`: of a project's own events, the id is a number.
pub(crate) fn project_deleted_payload(view: &View<'_>, now: i64, project: &Project) -> Value {
    let mut shown = view.project(project);
    shown["id"] = json!(project.id.parse::<u64>().unwrap_or_default());
    shown["assigneeType"] = json!("admin.assignee.type.unassigned");
    json!({"timestamp": now, "webhookEvent": "project_deleted", "project": shown})
}

/// `user_deleted`.
pub(crate) fn user_deleted_payload(view: &View<'_>, now: i64, account: &str) -> Value {
    json!({"timestamp": now, "webhookEvent": "user_deleted", "user": view.user(account)})
}
