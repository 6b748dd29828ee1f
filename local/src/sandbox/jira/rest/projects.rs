//! Projects, and the priorities of the site.

use serde_json::{Value, json};

use super::Page;
use crate::sandbox::jira::{
    answer::{Answer, Outcome, Refusal},
    call::Call,
    catalogue::{ISSUE_TYPES, PRIORITIES},
};

/// `GET /project/search`: the projects that the caller may browse.
pub(super) async fn search(call: Call) -> Outcome {
    call.reads(&[
        "startAt",
        "maxResults",
        "orderBy",
        "id",
        "keys",
        "query",
        "typeKey",
        "categoryId",
        "action",
        "expand",
        "status",
        "properties",
        "propertyQuery",
    ])?;
    let page = Page::of(&call, 50, 100)?;
    let text = call.query("query").map(str::to_lowercase);
    let creates = match call.query("action") {
        None | Some("view" | "browse") => false,
        Some("create") => true,
        Some(_) => return Err(Refusal::bad_request("'action' is not one of this operation's.")),
    };
    let by_name = match call.query("orderBy") {
        None | Some("key" | "+key") => false,
        Some("name" | "+name") => true,
        Some(_) => return Err(Refusal::bad_request("'orderBy' must be 'key' or 'name'.")),
    };
    let (ids, keys) = (call.query_list("id"), call.query_list("keys"));
    call.look(|actor| {
        let (site, view) = (actor.site()?, actor.view()?);
        let mut found: Vec<_> = site
            .projects
            .values()
            .filter(|project| site.may_browse(project, actor.account))
            .filter(|project| !creates || site.may_work(project, actor.account))
            .filter(|project| ids.as_ref().is_none_or(|ids| ids.contains(&project.id)))
            .filter(|project| keys.as_ref().is_none_or(|keys| keys.contains(&project.key)))
            .filter(|project| {
                text.as_ref().is_none_or(|text| {
                    project.key.to_lowercase().contains(text)
                        || project.name.to_lowercase().contains(text)
                })
            })
            .collect();
        found.sort_by_key(|project| if by_name { &project.name } else { &project.key });
        let values: Vec<Value> = found.iter().map(|project| view.project(project)).collect();
        let mut bean = page.bean(&values);
        bean["self"] = json!(
            view.link(&format!("project/search?startAt={}&maxResults={}", page.start, page.size))
        );
        Ok(Answer::ok(bean))
    })
}

/// `GET /project/{projectIdOrKey}`.
pub(super) async fn read(call: Call) -> Outcome {
    call.reads(&["expand", "properties"])?;
    call.look(|actor| {
        let project = actor.project(call.path("project"))?;
        let view = actor.view()?;
        let mut shown = view.project(project);
        shown["description"] = json!("");
        shown["style"] = json!("classic");
        shown["isPrivate"] = json!(project.browsers.is_some());
        shown["issueTypes"] = ISSUE_TYPES.iter().map(|kind| view.issue_type(kind.id)).collect();
        if let Some(lead) = project.admins.first() {
            shown["lead"] = view.user(lead);
        }
        Ok(Answer::ok(shown))
    })
}

/// `GET /priority`.
pub(super) async fn priorities(call: Call) -> Outcome {
    call.reads(&[])?;
    call.look(|actor| {
        let view = actor.view()?;
        Ok(Answer::ok(PRIORITIES.iter().map(|it| view.priority(it.id)).collect()))
    })
}
