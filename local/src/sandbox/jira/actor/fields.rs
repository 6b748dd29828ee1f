//! Editing an issue's fields, with the change log that comes of it.

use serde_json::{Value, json};

use super::Actor;
use crate::sandbox::jira::{
    adf,
    answer::Refusal,
    body::Fields,
    catalogue,
    model::{Cloud, Issue},
    permission::Holder,
    webhooks::{ChangeItem, Event, updated_payload},
};

/// What an edit sets; `None` leaves a field as it is.
#[derive(Default)]
#[allow(clippy::option_option, reason = "a field can be left alone, emptied or set")]
pub(crate) struct IssueEdit {
    pub(crate) summary: Option<String>,
    pub(crate) description: Option<Option<Value>>,
    pub(crate) priority: Option<String>,
    pub(crate) assignee: Option<Option<String>>,
    pub(crate) labels: Option<Vec<String>>,
    /// Set by a transition only.
    pub(crate) status: Option<String>,
    /// Set by a transition only.
    pub(crate) resolution: Option<Option<String>>,
}

impl IssueEdit {
    /// The fields one may set on the edit screen.
    pub(crate) const EDITABLE: [&str; 5] =
        ["summary", "description", "priority", "assignee", "labels"];

    /// Reads the `fields` of a request; the caller has checked their names. Everything that is
    /// wrong is told at once.
    pub(crate) fn parse(fields: Fields<'_>) -> Result<Self, Refusal> {
        let mut wrong = Vec::new();
        let edit = Self {
            summary: set(&mut wrong, fields, "summary", || {
                summary(fields.text("summary")?.unwrap_or(""))
            }),
            description: set(&mut wrong, fields, "description", || {
                description(fields.get("description"))
            }),
            priority: set(&mut wrong, fields, "priority", || priority(fields.get("priority"))),
            assignee: set(&mut wrong, fields, "assignee", || {
                fields.get("assignee").map(account).transpose()
            }),
            labels: set(&mut wrong, fields, "labels", || labels(fields.texts("labels")?)),
            ..Self::default()
        };
        Refusal::all(wrong).map(|()| edit)
    }

    /// Whether it does nothing but assign.
    fn only_assigns(&self) -> bool {
        let Self { summary, description, priority, assignee, labels, status, resolution } = self;
        assignee.is_some()
            && [summary.is_some(), description.is_some(), priority.is_some(), labels.is_some()]
                == [false; 4]
            && status.is_none()
            && resolution.is_none()
    }
}

/// The field's value, if it is set; what is wrong with it is noted.
fn set<T>(
    wrong: &mut Vec<Refusal>,
    fields: Fields<'_>,
    name: &str,
    read: impl FnOnce() -> Result<T, Refusal>,
) -> Option<T> {
    if !fields.has(name) {
        return None;
    }
    read().map_err(|refusal| wrong.push(refusal)).ok()
}

fn summary(text: &str) -> Result<String, Refusal> {
    let refuse = |reason: &str| Err(Refusal::field("summary", reason));
    match text {
        _ if text.trim().is_empty() => refuse("You must specify a summary of the issue."),
        _ if text.contains(['\n', '\r']) => {
            refuse("The summary is invalid because it contains newline characters.")
        }
        _ if text.chars().count() > 255 => refuse("Summary must be less than 255 characters."),
        _ => Ok(text.to_owned()),
    }
}

fn description(value: Option<&Value>) -> Result<Option<Value>, Refusal> {
    let Some(document) = value else { return Ok(None) };
    adf::check(document).map_err(|reason| {
        let text = format!("Operation value must be an Atlassian Document: {reason}");
        Refusal::field("description", &text)
    })?;
    Ok(Some(document.clone()))
}

fn priority(value: Option<&Value>) -> Result<String, Refusal> {
    let invalid = || Refusal::field("priority", "The priority selected is invalid.");
    let fields = Fields::of(value.ok_or_else(invalid)?, &["id", "name", "self"])?;
    let wanted = fields.text("id")?.or(fields.text("name")?).ok_or_else(invalid)?;
    let found = catalogue::named(catalogue::PRIORITIES, wanted).ok_or_else(invalid)?;
    Ok(found.id.to_owned())
}

/// The account of a user field: `{"accountId": ...}` or `{"id": ...}`.
pub(super) fn account(value: &Value) -> Result<String, Refusal> {
    let fields = Fields::of(value, &["accountId", "id", "self"])?;
    fields
        .text("accountId")?
        .or(fields.text("id")?)
        .map(str::to_owned)
        .ok_or_else(|| Refusal::field("assignee", "The accountId is required."))
}

fn labels(labels: Vec<String>) -> Result<Vec<String>, Refusal> {
    if labels.iter().any(|label| label.contains(char::is_whitespace)) {
        return Err(Refusal::field("labels", "A label can't contain spaces."));
    }
    Ok(labels)
}

impl Actor<'_> {
    /// Edits an issue. What is the same already is no change, and no change is no webhook.
    pub(crate) fn edit_issue(&mut self, issue: &str, edit: IssueEdit) -> Result<(), Refusal> {
        let old = self.issue(issue)?.clone();
        if !self.holds(Holder::Worker, &old)? {
            let text = "You do not have permission to edit issues in this project.";
            return Err(if edit.only_assigns() {
                Refusal::forbidden(text)
            } else {
                Refusal::bad_request(text)
            });
        }
        if let Some(Some(account)) = &edit.assignee {
            self.assignable(&old.project_id, account)?;
        }
        let mut new = old.clone();
        let items = apply(&mut new, edit, self.cloud);
        if items.is_empty() {
            return Ok(());
        }
        *self.issue_mut(&old.id)? = Issue { updated: self.now, ..new };
        self.tell_of_update(&old.id, &items)
    }

    fn tell_of_update(&mut self, issue: &str, items: &[ChangeItem]) -> Result<(), Refusal> {
        let change_id = self.cloud.next_id();
        let view = self.webhook_view()?;
        let shown = view.site.issues.get(issue).ok_or_else(Refusal::no_issue)?;
        let payload = updated_payload(&view, self.now, self.account, shown, &change_id, items);
        let changed: Vec<&str> = items.iter().map(|item| item.field_id).collect();
        self.emit(&Event {
            name: "jira:issue_updated",
            issue_id: issue,
            changed: &changed,
            payload,
        })
    }
}

/// Applies the edit and says what changed.
fn apply(issue: &mut Issue, edit: IssueEdit, cloud: &Cloud) -> Vec<ChangeItem> {
    let mut items = Vec::new();
    let mut changed = |field: &'static str, from: [Value; 2], to: [Value; 2]| {
        let ([from, from_string], [to, to_string]) = (from, to);
        items.push(ChangeItem { field_id: field, from, from_string, to, to_string });
    };
    let name = |account: &Option<String>| {
        let user = account.as_ref().and_then(|account| cloud.users.get(account));
        [json!(account), json!(user.map(|user| user.display_name.as_str()))]
    };
    let text = |text: &Option<Value>| [Value::Null, json!(text.as_ref().map(adf::to_wiki))];
    if let Some(status) = edit.status.filter(|status| *status != issue.status) {
        let named = |id: &str| [json!(id), json!(catalogue::status(id).name)];
        changed("status", named(&issue.status), named(&status));
        issue.status = status;
    }
    if let Some(resolution) = edit.resolution.filter(|found| *found != issue.resolution) {
        let named = |id: &Option<String>| {
            let found = id.as_deref().and_then(|id| catalogue::named(catalogue::RESOLUTIONS, id));
            [json!(id), json!(found.map(|found| found.name))]
        };
        changed("resolution", named(&issue.resolution), named(&resolution));
        issue.resolution = resolution;
    }
    if let Some(assignee) = edit.assignee.filter(|assignee| *assignee != issue.assignee) {
        changed("assignee", name(&issue.assignee), name(&assignee));
        issue.assignee = assignee;
    }
    if let Some(priority) = edit.priority.filter(|priority| *priority != issue.priority) {
        let named = |id: &str| [json!(id), json!(catalogue::priority_name(id))];
        changed("priority", named(&issue.priority), named(&priority));
        issue.priority = priority;
    }
    if let Some(summary) = edit.summary.filter(|summary| *summary != issue.summary) {
        let shown = |summary: &str| [Value::Null, json!(summary)];
        changed("summary", shown(&issue.summary), shown(&summary));
        issue.summary = summary;
    }
    if let Some(description) = edit.description.filter(|text| *text != issue.description) {
        changed("description", text(&issue.description), text(&description));
        issue.description = description;
    }
    if let Some(labels) = edit.labels.filter(|labels| *labels != issue.labels) {
        let shown = |labels: &[String]| [Value::Null, json!(labels.join(" "))];
        changed("labels", shown(&issue.labels), shown(&labels));
        issue.labels = labels;
    }
    items
}
