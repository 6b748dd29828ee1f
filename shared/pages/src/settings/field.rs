//! One setting on a page: what it means, its control, what holds and why.

use tandem_domain::settings::{
    Definition, EffectiveSettings, Scope, SettingValue, SettingValues, Source, Values,
};

use super::{
    TEXTS,
    form::{Form, Mistake, OFF, UNSET, unset_field, until_field},
};

/// One setting on a page.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its name, by which its fields are called, too.
    pub(crate) name: &'static str,
    pub(crate) label: String,
    pub(crate) meaning: &'static str,
    pub(crate) control: Control,
    pub(crate) holds: String,
    pub(crate) source: &'static str,
    /// What would hold if it were not set here, and why.
    pub(crate) otherwise: (String, &'static str),
    pub(crate) wrong: Option<&'static str>,
}

/// How a setting is changed.
#[derive(Clone, Debug)]
pub(crate) enum Control {
    /// One of several words, or none.
    Choice(Vec<Choice>),
    /// Any of several words; or not set at all, by a field of its own.
    Choices { unset: Choice, field: String, words: Vec<Choice> },
    /// A line for each entry.
    Lines(String),
    /// From an hour, or off, or none; until an hour.
    Hours { from: Vec<Choice>, field: String, until: Vec<Choice> },
    /// A number.
    Number(String),
}

/// Something to choose.
#[derive(Clone, Debug)]
pub(crate) struct Choice {
    pub(crate) value: String,
    pub(crate) label: String,
    pub(crate) chosen: bool,
}

/// A word of the catalogue as people read it.
pub(crate) fn words(word: &str) -> String {
    word.replace('_', " ")
}

/// A setting's name as people read it.
pub(crate) fn label(definition: &Definition) -> String {
    let words = words(definition.name.as_str());
    let (first, rest) = words.split_at_checked(1).unwrap_or(("", &words));
    format!("{}{rest}", first.to_ascii_uppercase())
}

/// A value as people read it.
pub(crate) fn shown(value: &SettingValue) -> String {
    let list = |words: Vec<String>, none: &str| {
        if words.is_empty() { none.to_owned() } else { words.join(", ") }
    };
    match value {
        SettingValue::Choice(word) => words(word),
        SettingValue::Choices(all) => {
            list(all.iter().map(|word| words(word)).collect(), TEXTS.nothing)
        }
        SettingValue::TenantIds(ids) => {
            list(ids.iter().map(ToString::to_string).collect(), TEXTS.everything)
        }
        SettingValue::Hours(hours) => hours.to_string(),
        SettingValue::ProjectId(id) => {
            id.as_ref().map_or_else(|| TEXTS.nothing.to_owned(), ToString::to_string)
        }
        SettingValue::IssueTypeId(id) => {
            id.as_ref().map_or_else(|| TEXTS.nothing.to_owned(), ToString::to_string)
        }
    }
}

fn whose(source: Source) -> &'static str {
    match source {
        Source::User => TEXTS.from_user,
        Source::Project => TEXTS.from_project,
        Source::Instance => TEXTS.from_instance,
        Source::Default => TEXTS.from_default,
    }
}

fn wrong(definition: &Definition, mistake: Mistake) -> &'static str {
    match (mistake, definition.values) {
        (Mistake::Both, _) => TEXTS.wrong_both,
        (Mistake::Half, _) => TEXTS.wrong_half,
        (Mistake::Invalid, Values::Choice(_)) => TEXTS.wrong_choice,
        (Mistake::Invalid, Values::Choices(_)) => TEXTS.wrong_choices,
        (Mistake::Invalid, Values::TenantIds) => TEXTS.wrong_tenants,
        (Mistake::Invalid, Values::Hours) => TEXTS.wrong_hours,
        (Mistake::Invalid, Values::ProjectId | Values::IssueTypeId) => TEXTS.wrong_id,
    }
}

impl Field {
    /// A setting on the page of a scope: with what is in the form, and what is set there and around.
    pub(super) fn of(
        definition: &'static Definition,
        scope: Scope,
        settings: &EffectiveSettings,
        form: &Form,
        mistake: Option<Mistake>,
    ) -> Self {
        let (value, source) = settings.get(definition.name);
        let mut without = settings.clone();
        let here = match scope {
            Scope::Instance => &mut without.instance,
            Scope::Project => &mut without.project,
            Scope::User => &mut without.user,
        };
        *here = SettingValues::default();
        let (otherwise, why) = without.get(definition.name);
        let otherwise = (shown(&otherwise), whose(why));
        Self {
            name: definition.name.as_str(),
            label: label(definition),
            meaning: definition.meaning,
            control: Control::of(definition, form, &otherwise.0),
            holds: shown(&value),
            source: whose(source),
            otherwise,
            wrong: mistake.map(|mistake| wrong(definition, mistake)),
        }
    }

    /// The ids of what describes the control.
    pub(crate) fn described_by(&self) -> String {
        let name = self.name;
        let wrong = self.wrong.map(|_| format!(" {name}-wrong")).unwrap_or_default();
        format!("{name}-about {name}-holds{wrong}")
    }
}

impl Control {
    fn of(definition: &Definition, form: &Form, otherwise: &str) -> Self {
        let own = definition.name.as_str();
        let choice = |field: &str, value: &str, label: String| Choice {
            chosen: form.has(field, value),
            value: value.to_owned(),
            label,
        };
        let unset = || {
            let label = format!("{}{otherwise}{}", TEXTS.unset_then, TEXTS.unset_close);
            Choice { chosen: form.text(own).is_empty(), value: String::new(), label }
        };
        let hours = |field: &str| -> Vec<Choice> {
            let hour = |hour: u8| choice(field, &format!("{hour:02}"), format!("{hour:02}:00"));
            (0..24).map(hour).collect()
        };
        match definition.values {
            Values::Choice(all) => {
                let all = all.iter().map(|word| choice(own, word, words(word)));
                Self::Choice(std::iter::once(unset()).chain(all).collect())
            }
            Values::Choices(all) => {
                let field = unset_field(definition.name);
                Self::Choices {
                    unset: choice(&field, UNSET, unset().label),
                    words: all.iter().map(|word| choice(own, word, words(word))).collect(),
                    field,
                }
            }
            Values::TenantIds => Self::Lines(form.text(own).to_owned()),
            Values::Hours => {
                let field = until_field(definition.name);
                let off = choice(own, OFF, TEXTS.hours_off.to_owned());
                let none = Choice {
                    chosen: form.text(&field).is_empty(),
                    value: String::new(),
                    label: "–".to_owned(),
                };
                Self::Hours {
                    from: [unset(), off].into_iter().chain(hours(own)).collect(),
                    until: std::iter::once(none).chain(hours(&field)).collect(),
                    field,
                }
            }
            Values::ProjectId | Values::IssueTypeId => Self::Number(form.text(own).to_owned()),
        }
    }
}
