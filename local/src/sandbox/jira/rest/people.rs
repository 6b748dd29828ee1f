//! Users, what the caller may do, and who watches an issue.

use serde_json::{Map, Value, json};

use super::Page;
use crate::sandbox::jira::{
    answer::{Answer, Outcome, Refusal},
    call::Call,
    permission::PERMISSIONS,
};

const READ_USERS: &[&str] = &["read:jira-user"];

/// `GET /myself`.
pub(super) async fn myself(call: Call) -> Outcome {
    call.needs(READ_USERS, &["expand"])?;
    call.look(|actor| {
        let user = actor
            .cloud
            .users
            .get(actor.account)
            .ok_or_else(|| Refusal::not_found("The user does not exist."))?;
        Ok(Answer::ok(actor.view()?.myself(user)))
    })
}

/// `GET /user`.
pub(super) async fn user(call: Call) -> Outcome {
    call.needs(READ_USERS, &["accountId", "expand"])?;
    let account = call
        .query("accountId")
        .filter(|account| !account.is_empty())
        .ok_or_else(|| Refusal::bad_request("The accountId query parameter is required."))?;
    call.look(|actor| {
        if !actor.site()?.members.contains_key(account) {
            return Err(Refusal::not_found(
                "Specified user does not exist or you do not have required permissions",
            ));
        }
        Ok(Answer::ok(actor.view()?.user(account)))
    })
}

/// `GET /user/assignable/search`.
pub(super) async fn assignable(call: Call) -> Outcome {
    call.needs(
        READ_USERS,
        &[
            "query",
            "accountId",
            "project",
            "issueKey",
            "issueId",
            "startAt",
            "maxResults",
            "recommend",
        ],
    )?;
    let page = Page::of(&call, 50, 1000)?;
    let text = call.query("query").unwrap_or_default().to_lowercase();
    call.look(|actor| {
        let issue = call.query("issueKey").or(call.query("issueId"));
        let project = match (issue, call.query("project")) {
            (Some(issue), _) => actor.project_of(actor.issue(issue)?)?,
            (None, Some(project)) => actor.project(project)?,
            (None, None) => {
                return Err(Refusal::bad_request("'project', 'issueKey' or 'issueId' is needed."));
            }
        };
        let (site, view) = (actor.site()?, actor.view()?);
        let mut found: Vec<_> = site
            .members
            .keys()
            .filter_map(|account| actor.cloud.users.get(account))
            .filter(|user| !user.closed && site.may_work(project, &user.account_id))
            .filter(|user| call.query("accountId").is_none_or(|wanted| user.account_id == wanted))
            .filter(|user| starts_a_word(&user.display_name, &text))
            .collect();
        found.sort_by_key(|user| &user.display_name);
        let shown = page.cut(&found).iter().map(|user| view.user(&user.account_id));
        Ok(Answer::ok(shown.collect()))
    })
}

/// Whether the name, or a word of it, begins with the text.
fn starts_a_word(name: &str, text: &str) -> bool {
    let name = name.to_lowercase();
    name.starts_with(text) || name.split_whitespace().any(|word| word.starts_with(text))
}

/// `GET /mypermissions`.
pub(super) async fn my_permissions(call: Call) -> Outcome {
    call.reads(&["projectKey", "projectId", "issueKey", "issueId", "permissions"])?;
    let wanted = call
        .query_list("permissions")
        .filter(|wanted| !wanted.is_empty())
        .ok_or_else(|| Refusal::bad_request("The 'permissions' query parameter is required."))?;
    let known = |key: &String| PERMISSIONS.iter().any(|permission| permission.key == key);
    if let Some(key) = wanted.iter().find(|key| !known(key)) {
        return Err(Refusal::bad_request(&format!("Unrecognized permission: {key}")));
    }
    call.look(|actor| {
        let issue = call.query("issueKey").or(call.query("issueId"));
        let project = match (issue, call.query("projectKey").or(call.query("projectId"))) {
            (Some(issue), _) => Some(actor.project_of(actor.issue(issue)?)?),
            (None, Some(project)) => Some(actor.project(project)?),
            (None, None) => None,
        };
        let site = actor.site()?;
        let shown: Map<String, Value> = PERMISSIONS
            .iter()
            .filter(|permission| wanted.iter().any(|key| key == permission.key))
            .map(|permission| {
                let kind = if permission.holder.is_project() { "PROJECT" } else { "GLOBAL" };
                let shown = json!({
                    "id": permission.id,
                    "key": permission.key,
                    "name": permission.name,
                    "type": kind,
                    "description": permission.description,
                    "havePermission": site.has(permission.holder, project, actor.account),
                });
                (permission.key.to_owned(), shown)
            })
            .collect();
        Ok(Answer::ok(json!({"permissions": shown})))
    })
}

/// `GET /issue/{issueIdOrKey}/watchers`.
pub(super) async fn watchers(call: Call) -> Outcome {
    call.reads(&[])?;
    call.look(|actor| {
        let issue = actor.issue(call.path("issue"))?;
        let view = actor.view()?;
        let users: Vec<Value> = issue.watchers.iter().map(|account| view.user(account)).collect();
        Ok(Answer::ok(json!({
            "self": view.link(&format!("issue/{}/watchers", issue.key)),
            "isWatching": issue.watchers.contains(actor.account),
            "watchCount": users.len(),
            "watchers": users,
        })))
    })
}

/// `POST /issue/{issueIdOrKey}/watchers`: the account id as a JSON text, or nothing for oneself.
pub(super) async fn watch(call: Call) -> Outcome {
    call.writes(&[])?;
    let account = match call.optional_json()? {
        None => call.session.account.clone(),
        Some(Value::String(account)) => account,
        Some(_) => return Err(Refusal::bad_request("The body must be an account id.")),
    };
    call.act(|actor| actor.watch(call.path("issue"), &account, true))?;
    Ok(Answer::no_content())
}

/// `DELETE /issue/{issueIdOrKey}/watchers?accountId=`.
pub(super) async fn unwatch(call: Call) -> Outcome {
    call.writes(&["accountId"])?;
    let account = call
        .query("accountId")
        .ok_or_else(|| Refusal::bad_request("The accountId query parameter is required."))?;
    call.act(|actor| actor.watch(call.path("issue"), account, false))?;
    Ok(Answer::no_content())
}
