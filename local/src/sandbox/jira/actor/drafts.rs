//! What a new issue is to be, read as Jira reads it: everything wrong with it is told at once.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Actor, IssueEdit, fields::account};
use crate::sandbox::jira::{
    answer::Refusal,
    body::{Fields, properties},
    catalogue,
    model::ChoiceField,
};

/// What a new issue is to be.
pub(crate) struct IssueDraft {
    /// The project's id or key.
    pub(crate) project: String,
    /// The issue type's id.
    pub(crate) issue_type: String,
    pub(crate) edit: IssueEdit,
    pub(crate) reporter: Option<String>,
    /// Ids of options by ids of the project's own fields.
    pub(crate) choices: BTreeMap<String, String>,
    pub(crate) properties: Vec<(String, Value)>,
}

impl IssueDraft {
    /// Reads the request body of the create operation.
    pub(crate) fn read(actor: &Actor<'_>, body: &Value) -> Result<Self, Refusal> {
        let envelope = Fields::of(body, &["fields", "update", "properties", "historyMetadata"])?;
        no_update(envelope)?;
        let nothing = json!({});
        let given = envelope.get("fields").unwrap_or(&nothing);
        let (project, issue_type) = place(actor, given)?;
        let own = own_fields(actor, &project, &issue_type)?;
        let more = ["project", "issuetype", "reporter"];
        let more: Vec<&str> = own.iter().map(|field| field.id.as_str()).chain(more).collect();
        let fields = field_list(given, &more)?;

        let mut wrong = Vec::new();
        let mut note = |refusal| wrong.push(refusal);
        let edit = IssueEdit::parse(fields).map_err(&mut note).unwrap_or_default();
        if !fields.has("summary") {
            note(Refusal::field("summary", "You must specify a summary of the issue."));
        }
        if let Some(Some(assignee)) = &edit.assignee {
            drop(actor.assignable(&project, assignee).map_err(&mut note));
        }
        let reporter =
            fields.get("reporter").map(account).transpose().map_err(&mut note).unwrap_or_default();
        let mut choices = BTreeMap::new();
        for field in own {
            match chosen(field, fields.get(&field.id)) {
                Ok(Some(option)) => drop(choices.insert(field.id.clone(), option)),
                Ok(None) => {}
                Err(refusal) => note(refusal),
            }
        }
        Refusal::all(wrong)?;
        let properties = properties(envelope.list("properties")?)?;
        Ok(Self { project, issue_type, edit, reporter, choices, properties })
    }
}

/// The ids of the project and the issue type that the fields name.
fn place(actor: &Actor<'_>, fields: &Value) -> Result<(String, String), Refusal> {
    let mut wrong = Vec::new();
    let project = named(fields, "project", &["id", "key"], "Specify a valid project ID or key")
        .and_then(|name| {
            let found = actor.project(&name);
            found
                .map(|project| project.id.clone())
                .map_err(|_| Refusal::field("project", "valid project is required"))
        })
        .map_err(|refusal| wrong.push(refusal));
    let issue_type = named(fields, "issuetype", &["id", "name"], "Specify an issue type")
        .and_then(|name| {
            let found = catalogue::named(catalogue::ISSUE_TYPES, &name);
            found
                .map(|found| found.id.to_owned())
                .ok_or_else(|| Refusal::field("issuetype", "The issue type selected is invalid."))
        })
        .map_err(|refusal| wrong.push(refusal));
    Refusal::all(wrong)?;
    Ok((project.unwrap_or_default(), issue_type.unwrap_or_default()))
}

/// What a field names by one of these keys.
fn named(fields: &Value, name: &str, keys: &[&str], reason: &str) -> Result<String, Refusal> {
    let value = fields.get(name).ok_or_else(|| Refusal::field(name, reason))?;
    let choice = Fields::of(value, keys).map_err(|_| Refusal::field(name, reason))?;
    for key in keys {
        if let Some(text) = choice.text(key).map_err(|_| Refusal::field(name, reason))? {
            return Ok(text.to_owned());
        }
    }
    Err(Refusal::field(name, reason))
}

/// The project's own fields that issues of the type have.
fn own_fields<'a>(
    actor: &'a Actor<'_>,
    project: &str,
    issue_type: &str,
) -> Result<Vec<&'a ChoiceField>, Refusal> {
    let fields = actor.project(project)?.choice_fields.iter();
    Ok(fields.filter(|field| field.issue_type == issue_type).collect())
}

/// The option that is chosen, by its id or name.
fn chosen(field: &ChoiceField, value: Option<&Value>) -> Result<Option<String>, Refusal> {
    let refuse = |text: String| Refusal::field(&field.id, &text);
    let Some(value) = value else {
        let missing = format!("{} is required.", field.name);
        return if field.required { Err(refuse(missing)) } else { Ok(None) };
    };
    let text = |key: &str| value.get(key).and_then(Value::as_str);
    let invalid = || refuse(format!("Specify a valid 'id' or 'name' for {}", field.name));
    field
        .options
        .iter()
        .find(|(id, name)| text("id") == Some(id) || text("value") == Some(name))
        .map(|(id, _)| Some(id.clone()))
        .ok_or_else(invalid)
}

/// The `fields` of a request: the editable ones and `more`; any other is refused as Jira does.
pub(crate) fn field_list<'a>(value: &'a Value, more: &[&str]) -> Result<Fields<'a>, Refusal> {
    let known: Vec<&str> = IssueEdit::EDITABLE.iter().chain(more).copied().collect();
    let unknown = value
        .as_object()
        .and_then(|fields| fields.keys().find(|name| !known.contains(&name.as_str())));
    if let Some(name) = unknown {
        return Err(Refusal::field(
            name,
            &format!(
                "Field '{name}' cannot be set. It is not on the appropriate screen, or unknown."
            ),
        ));
    }
    Fields::of(value, &known)
}

/// Refuses the `update` form of an edit, which this simulation does not have.
fn no_update(envelope: Fields<'_>) -> Result<(), Refusal> {
    match envelope.get("update").and_then(Value::as_object) {
        Some(update) if !update.is_empty() => {
            Err(Refusal::field("update", "Only 'fields' can be set on this simulated site."))
        }
        _ => Ok(()),
    }
}
