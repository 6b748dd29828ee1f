//! What a new issue can be given: the create metadata.

use serde_json::{Value, json};

use super::Page;
use crate::sandbox::jira::{
    actor::Actor,
    answer::{Answer, Outcome, Refusal},
    call::Call,
    catalogue::{DEFAULT_PRIORITY, ISSUE_TYPES, PRIORITIES},
    model::{ChoiceField, Project},
    wire::View,
};

/// The largest page.
const LARGEST: usize = 200;

/// `GET /issue/createmeta/{projectIdOrKey}/issuetypes`.
pub(super) async fn issue_types(call: Call) -> Outcome {
    call.reads(&["startAt", "maxResults"])?;
    let page = Page::of(&call, 50, LARGEST)?;
    call.look(|actor| {
        project(actor, call.path("project"))?;
        let view = actor.view()?;
        let types: Vec<Value> = ISSUE_TYPES.iter().map(|kind| issue_type(&view, kind.id)).collect();
        Ok(Answer::ok(json!({
            "startAt": page.start,
            "maxResults": page.size,
            "total": types.len(),
            "issueTypes": page.cut(&types),
        })))
    })
}

/// `GET /issue/createmeta/{projectIdOrKey}/issuetypes/{issueTypeId}`.
pub(super) async fn fields(call: Call) -> Outcome {
    call.reads(&["startAt", "maxResults"])?;
    let page = Page::of(&call, 50, LARGEST)?;
    let wanted = call.path("issueType");
    call.look(|actor| {
        let project = project(actor, call.path("project"))?;
        if !ISSUE_TYPES.iter().any(|kind| kind.id == wanted) {
            return Err(Refusal::bad_request("The issue type is not one of the project."));
        }
        let view = actor.view()?;
        let fields = create_screen(&view, project, wanted);
        Ok(Answer::ok(json!({
            "startAt": page.start,
            "maxResults": page.size,
            "total": fields.len(),
            "fields": page.cut(&fields),
        })))
    })
}

/// The project, if the caller may create issues in it.
fn project<'a>(actor: &'a Actor<'_>, id_or_key: &str) -> Result<&'a Project, Refusal> {
    let site = actor.site()?;
    actor
        .project(id_or_key)
        .ok()
        .filter(|project| site.may_work(project, actor.account))
        .ok_or_else(|| {
            Refusal::bad_request("The project does not exist or takes no issue of yours.")
        })
}

fn issue_type(view: &View<'_>, id: &str) -> Value {
    let mut shown = view.issue_type(id);
    if let Some(fields) = shown.as_object_mut() {
        fields.remove("avatarId");
    }
    shown
}

/// The fields of the create screen.
fn create_screen(view: &View<'_>, project: &Project, kind: &str) -> Vec<Value> {
    let assignees = view.link(&format!("user/assignable/search?project={}&query=", project.key));
    let priorities: Vec<Value> = PRIORITIES.iter().map(|it| view.priority(it.id)).collect();
    let mut screen = vec![
        field("summary", "Summary", true, "string", json!({})),
        field(
            "issuetype",
            "Issue Type",
            true,
            "issuetype",
            json!({
                "operations": [], "allowedValues": [issue_type(view, kind)],
            }),
        ),
        field(
            "project",
            "Project",
            true,
            "project",
            json!({
                "allowedValues": [view.project(project)],
            }),
        ),
        field("reporter", "Reporter", true, "user", json!({"hasDefaultValue": true})),
        field("description", "Description", false, "string", json!({})),
        field(
            "priority",
            "Priority",
            false,
            "priority",
            json!({
                "hasDefaultValue": true,
                "allowedValues": priorities,
                "defaultValue": view.priority(DEFAULT_PRIORITY),
            }),
        ),
        field("assignee", "Assignee", false, "user", json!({"autoCompleteUrl": assignees})),
        field(
            "labels",
            "Labels",
            false,
            "array",
            json!({
                "schema": {"type": "array", "items": "string", "system": "labels"},
                "operations": ["add", "set", "remove"],
            }),
        ),
    ];
    let own = project.choice_fields.iter().filter(|field| field.issue_type == kind);
    screen.extend(own.map(|field| choice_field(view, field)));
    screen
}

/// A field of Jira's own; `more` replaces what is said of all of them.
fn field(id: &str, name: &str, required: bool, kind: &str, more: Value) -> Value {
    let mut shown = json!({
        "fieldId": id,
        "key": id,
        "name": name,
        "required": required,
        "schema": {"type": kind, "system": id},
        "hasDefaultValue": false,
        "operations": ["set"],
    });
    if let (Some(shown), Value::Object(more)) = (shown.as_object_mut(), more) {
        shown.extend(more);
    }
    shown
}

fn choice_field(view: &View<'_>, own: &ChoiceField) -> Value {
    let options: Vec<Value> =
        own.options.iter().map(|(id, name)| view.field_option(id, name)).collect();
    let number: u64 =
        own.id.trim_start_matches(|c: char| !c.is_ascii_digit()).parse().unwrap_or_default();
    field(
        &own.id,
        &own.name,
        own.required,
        "option",
        json!({
            "schema": {
                "type": "option",
                "custom": "com.atlassian.jira.plugin.system.customfieldtypes:select",
                "customId": number,
            },
            "allowedValues": options,
        }),
    )
}
