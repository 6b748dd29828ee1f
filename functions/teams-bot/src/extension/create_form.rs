//! The form for a new issue, as the dialog shows it.

use serde_json::Value;
use tandem_domain::document::Prose;
use tandem_jira::client::{CreateField, FieldErrors};
use tandem_microsoft::cards::{
    Card, Choice, ChoiceList, CreateIssueForm, FieldKind, FormField, create_issue_form, dataset,
    input,
};
use tandem_store::Installation;
use url::Url;

use super::{
    create_screen::Screen,
    fields::{self, list},
    message::Message,
    message_draft::Draft,
    task_card, texts, with_button,
};

/// The form with what was typed so far, and what is wrong with it.
pub(super) fn form(
    at: &Installation,
    screen: &Screen,
    draft: &Draft,
    message: Option<&Message>,
    wrong: FieldErrors,
) -> Value {
    let beyond = fields::not_askable(&screen.fields);
    let wrong = if beyond.is_empty() { wrong } else { asking_too_much(&beyond, wrong) };
    let card = card(screen, draft, message, &wrong).into_json();
    let elsewhere = (!beyond.is_empty()).then(|| in_jira(at, screen)).flatten();
    let card = match elsewhere {
        Some(url) => with_button(card, texts::CREATE_IN_JIRA, &url),
        None => card,
    };
    task_card(texts::CREATE_TITLE, &card)
}

fn card(screen: &Screen, draft: &Draft, message: Option<&Message>, wrong: &FieldErrors) -> Card {
    let has = |id| fields::has(&screen.fields, id);
    let description = description(screen, draft, message);
    let assignee = draft.typed(input::ASSIGNEE);
    let demanded = fields::further(&screen.fields);
    create_issue_form(&CreateIssueForm {
        projects: list(&screen.projects, screen.project.as_str(), Some(dataset::PROJECTS)),
        issue_types: list(&screen.issue_types, screen.issue_type.as_str(), None),
        summary: draft.typed(input::SUMMARY),
        description: has(input::DESCRIPTION).then_some(&description),
        assignees: has(input::ASSIGNEE)
            .then(|| list(&screen.people, assignee, Some(dataset::PEOPLE))),
        fields: demanded
            .filter_map(|field| fields::form_field(field, draft, &screen.people))
            .collect(),
        errors: fields::shown(wrong),
        create: draft.data(),
        reload: Some(draft.reload_data()),
    })
}

/// What was typed; the message where the form had no such field before, and where the message still
/// stands there as it was: there may be more or less room for it now.
fn description(screen: &Screen, draft: &Draft, message: Option<&Message>) -> String {
    let typed = draft.typed(input::DESCRIPTION);
    match message {
        Some(message) if !draft.has(input::DESCRIPTION) || message.is_shown(typed) => {
            message.shown(fields::room(&screen.fields))
        }
        _ => typed.to_owned(),
    }
}

/// Says which fields stand in the way.
fn asking_too_much(beyond: &[&CreateField], mut wrong: FieldErrors) -> FieldErrors {
    let names: Vec<&str> = beyond.iter().map(|field| field.name.as_str()).collect();
    let text = [texts::CANNOT_ASK, &names.join(", "), "."].concat();
    wrong.messages.insert(0, Prose::new(&text));
    wrong
}

/// Jira's own form for such an issue.
/// <https://support.atlassian.com/jira-cloud-administration/docs/create-issues-using-direct-html-links/>
fn in_jira(at: &Installation, screen: &Screen) -> Option<Url> {
    let form = format!("https://{}/secure/CreateIssueDetails!init.jspa", at.site_host);
    let mut url = Url::parse(&form).ok()?;
    url.query_pairs_mut()
        .append_pair("pid", screen.project.as_str())
        .append_pair("issuetype", screen.issue_type.as_str());
    Some(url)
}

/// The form with all that was typed, while Jira cannot be asked what belongs into it.
pub(super) fn kept(draft: &Draft, wrong: &FieldErrors) -> Value {
    let own =
        [input::PROJECT, input::ISSUE_TYPE, input::SUMMARY, input::DESCRIPTION, input::ASSIGNEE];
    let further = draft.all().filter(|(id, value)| !own.contains(id) && !value.is_empty());
    let field = |(id, value)| FormField {
        id,
        label: texts::FURTHER_FIELD,
        required: false,
        kind: FieldKind::Choice(as_chosen(value)),
    };
    create_issue_form(&CreateIssueForm {
        projects: as_chosen(draft.typed(input::PROJECT)),
        issue_types: as_chosen(draft.typed(input::ISSUE_TYPE)),
        summary: draft.typed(input::SUMMARY),
        description: draft.has(input::DESCRIPTION).then(|| draft.typed(input::DESCRIPTION)),
        assignees: draft.has(input::ASSIGNEE).then(|| as_chosen(draft.typed(input::ASSIGNEE))),
        fields: further.map(field).collect(),
        errors: fields::shown(wrong),
        create: draft.data(),
        reload: Some(draft.reload_data()),
    })
    .into_json()
}

/// A list of what was chosen, without its name.
pub(super) fn as_chosen(value: &str) -> ChoiceList<'_> {
    if value.is_empty() {
        return ChoiceList::default();
    }
    let choices = vec![Choice { value, title: texts::AS_CHOSEN }];
    ChoiceList { choices, chosen: vec![value], dataset: None }
}
