//! The form for a new issue.

use super::{
    super::{
        ActionData, Card,
        elements::{Action, ActionStyle, AdaptiveCard},
        input,
        issue::MAX_SUMMARY,
        size::fitted,
        texts,
    },
    Room,
    fields::{ChoiceList, FieldErrors, FieldKind, FormField, Showing},
    general,
};

/// A new issue as far as it is filled in.
#[derive(Clone)]
pub struct CreateIssueForm<'a> {
    /// The projects to choose from.
    pub projects: ChoiceList<'a>,
    /// The types of the chosen project.
    pub issue_types: ChoiceList<'a>,
    /// The summary.
    pub summary: &'a str,
    /// The description; `None` where the project's issues have none.
    pub description: Option<&'a str>,
    /// Whom it can be assigned to; `None` where it cannot be.
    pub assignees: Option<ChoiceList<'a>>,
    /// What else the project demands, in this order.
    pub fields: Vec<FormField<'a>>,
    /// What was wrong with it.
    pub errors: FieldErrors<'a>,
    /// What the button carries that creates the issue.
    pub create: ActionData,
    /// What a second button carries, that shows the fields of another project or type; without it
    /// there is none. With it the client insists on nothing, since what a field must hold then
    /// depends on the button: the bot checks.
    pub reload: Option<ActionData>,
}

/// The form for a new issue, a dialog's card. Its values come back under Jira's ids of the fields,
/// beside the fields of the button's data.
pub fn create_issue_form(form: &CreateIssueForm<'_>) -> Card {
    fitted(|choices| {
        let fields = form.all_fields();
        let ids: Vec<_> = fields.iter().map(|field| field.id).collect();
        let showing = Showing {
            room: form.room(),
            errors: form.errors,
            choices,
            insist: form.reload.is_none(),
        };
        let mut body: Vec<_> = general(form.errors.beyond(&ids)).into_iter().collect();
        for field in &fields {
            // The summary has the room that Jira gives it, however many fields there are.
            let line = if field.id == input::SUMMARY { MAX_SUMMARY } else { showing.room.line };
            let room = Room { line, ..showing.room };
            body.extend(Showing { room, ..showing }.field(field));
        }
        let create = Action::submit(texts::CREATE, &form.create).styled(ActionStyle::Positive);
        let reload = form.reload.as_ref().map(|data| Action::submit(texts::RELOAD, data));
        Card::new(&AdaptiveCard::new(body, [Some(create), reload].into_iter().flatten().collect()))
    })
}

impl<'a> CreateIssueForm<'a> {
    fn all_fields(&self) -> Vec<FormField<'a>> {
        let field = |id, label, required, kind| FormField { id, label, required, kind };
        let projects = FieldKind::Choice(self.projects.clone());
        let types = FieldKind::Choice(self.issue_types.clone());
        let mut fields = vec![
            field(input::PROJECT, texts::PROJECT, true, projects),
            field(input::ISSUE_TYPE, texts::ISSUE_TYPE, true, types),
            field(input::SUMMARY, texts::SUMMARY, true, FieldKind::Text(self.summary)),
        ];
        if let Some(text) = self.description {
            let kind = FieldKind::LongText(text);
            fields.push(field(input::DESCRIPTION, texts::DESCRIPTION, false, kind));
        }
        if let Some(people) = &self.assignees {
            let kind = FieldKind::Choice(people.clone());
            fields.push(field(input::ASSIGNEE, texts::ASSIGNEE, false, kind));
        }
        for further in &self.fields {
            // A second field of one id would take the place of the first.
            if fields.iter().all(|known| known.id != further.id) {
                fields.push(further.clone());
            }
        }
        fields
    }

    fn room(&self) -> Room {
        let count = |wanted: fn(&FieldKind<'_>) -> bool| {
            self.fields.iter().filter(|field| wanted(&field.kind)).count()
        };
        let lines = count(|kind| matches!(kind, FieldKind::Text(_)));
        let texts = count(|kind| matches!(kind, FieldKind::LongText(_)));
        Room::shared(lines, texts + 1)
    }
}
