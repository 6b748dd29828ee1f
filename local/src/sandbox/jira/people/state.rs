//! Everything there is, for the local page to draw.

use serde_json::{Value, json};

use crate::sandbox::jira::{
    adf, catalogue,
    model::{Cloud, Comment, Issue, Site},
    wire::jira_time,
};

/// The whole state but its secrets.
pub(super) fn state(cloud: &Cloud) -> Value {
    let users: Vec<Value> = cloud
        .users
        .values()
        .map(|user| {
            json!({
                "accountId": user.account_id,
                "displayName": user.display_name,
                "accountType": user.account_type,
                "closed": user.closed,
            })
        })
        .collect();
    let named = |list: &[catalogue::Named]| -> Vec<Value> {
        list.iter().map(|it| json!({"id": it.id, "name": it.name})).collect()
    };
    let transitions: Vec<Value> =
        catalogue::TRANSITIONS.iter().map(|it| json!({"id": it.id, "name": it.name})).collect();
    json!({
        "sites": cloud.sites.values().map(|site| show_site(cloud, site)).collect::<Vec<_>>(),
        "users": users,
        "transitions": transitions,
        "priorities": named(catalogue::PRIORITIES),
        "issueTypes": named(catalogue::ISSUE_TYPES),
        "webhooks": cloud.outbox.log,
    })
}

fn show_site(cloud: &Cloud, site: &Site) -> Value {
    let members: Vec<Value> = site
        .members
        .iter()
        .map(|(account, member)| {
            json!({
                "accountId": account,
                "displayName": name(cloud, account),
                "admin": member.admin,
            })
        })
        .collect();
    let projects: Vec<Value> = site
        .projects
        .values()
        .map(|project| {
            json!({
                "id": project.id,
                "key": project.key,
                "name": project.name,
                "projectTypeKey": project.kind,
                "browsers": project.browsers,
                "admins": project.admins,
                "roles": project.roles,
            })
        })
        .collect();
    json!({
        "cloudId": site.cloud_id,
        "host": site.host,
        "members": members,
        "projects": projects,
        "issues": site.issues.values().map(|issue| show_issue(cloud, issue)).collect::<Vec<_>>(),
    })
}

fn show_issue(cloud: &Cloud, issue: &Issue) -> Value {
    let links: Vec<Value> = issue
        .remote_links
        .iter()
        .map(|link| json!({"id": link.id, "globalId": link.global_id, "object": link.object}))
        .collect();
    json!({
        "id": issue.id,
        "key": issue.key,
        "projectId": issue.project_id,
        "summary": issue.summary,
        "description": issue.description.as_ref().map(adf::to_wiki),
        "status": catalogue::status(&issue.status).name,
        "priority": catalogue::priority_name(&issue.priority),
        "assignee": issue.assignee,
        "assigneeName": issue.assignee.as_deref().map(|account| name(cloud, account)),
        "reporter": issue.reporter,
        "reporterName": name(cloud, &issue.reporter),
        "security": issue.security,
        "created": jira_time(issue.created),
        "updated": jira_time(issue.updated),
        "comments": issue.comments.iter().map(|it| show_comment(cloud, it)).collect::<Vec<_>>(),
        "remoteLinks": links,
        "watchers": issue.watchers,
        "properties": issue.properties,
    })
}

fn show_comment(cloud: &Cloud, comment: &Comment) -> Value {
    json!({
        "id": comment.id,
        "author": comment.author,
        "authorName": name(cloud, &comment.author),
        "text": adf::to_wiki(&comment.body),
        "body": comment.body,
        "created": jira_time(comment.created),
        "updated": jira_time(comment.updated),
        "visibility": comment.visibility,
        "jsdPublic": !comment.internal,
        "properties": comment.properties,
    })
}

fn name<'a>(cloud: &'a Cloud, account: &str) -> &'a str {
    cloud.users.get(account).map_or("Former user", |user| user.display_name.as_str())
}
