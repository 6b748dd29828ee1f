//! The form of settings: what its fields are called, what they begin with, and what was meant by
//! what came back.

use serde_json::{Value, json};
use tandem_domain::{
    TenantId,
    settings::{Definition, SettingName, SettingValue, SettingValues, Values},
};

/// The value of the field that says that a setting with several words is not to be set.
pub(super) const UNSET: &str = "unset";
/// The value of the hours' first field that says that there are none.
pub(super) const OFF: &str = "off";

/// The names and values of a form's fields: as they were sent, or as a form begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form(Vec<(String, String)>);

/// Why a field cannot be understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mistake {
    /// It is to be set and not to be set.
    Both,
    /// One of two hours.
    Half,
    /// Nothing that the catalogue allows.
    Invalid,
}

/// The name of the field that says that a setting with several words is not to be set.
pub(super) fn unset_field(name: SettingName) -> String {
    format!("{}-unset", name.as_str())
}

/// The name of the field with the hour until which hours last.
pub(super) fn until_field(name: SettingName) -> String {
    format!("{}-until", name.as_str())
}

impl Form {
    /// The fields that a browser sent.
    pub fn sent(fields: Vec<(String, String)>) -> Self {
        Self(fields)
    }

    /// The form of what is set, for the settings of these definitions.
    pub fn of<'a>(
        definitions: impl Iterator<Item = &'a Definition>,
        values: &SettingValues,
    ) -> Self {
        let mut form = Self::default();
        for definition in definitions {
            form.begin(definition, values.get(definition.name));
        }
        form
    }

    fn begin(&mut self, definition: &Definition, value: Option<&SettingValue>) {
        let name = definition.name;
        let mut put = |field: String, value: &str| self.0.push((field, value.to_owned()));
        let own = || name.as_str().to_owned();
        match value {
            None if matches!(definition.values, Values::Choices(_)) => {
                put(unset_field(name), UNSET);
            }
            None => {}
            Some(SettingValue::Choice(word)) => put(own(), word),
            Some(SettingValue::Choices(words)) => words.iter().for_each(|word| put(own(), word)),
            Some(SettingValue::TenantIds(ids)) => {
                let lines: Vec<&str> = ids.iter().map(TenantId::as_str).collect();
                put(own(), &lines.join("\n"));
            }
            Some(SettingValue::Hours(hours)) => {
                let text = hours.to_string();
                let (from, until) = text.split_once('-').unwrap_or((OFF, ""));
                put(own(), from);
                put(until_field(name), until);
            }
            Some(SettingValue::ProjectId(id)) => {
                put(own(), id.as_ref().map_or("none", |id| id.as_str()));
            }
            Some(SettingValue::IssueTypeId(id)) => {
                put(own(), id.as_ref().map_or("none", |id| id.as_str()));
            }
        }
    }

    /// What was put into a field; nothing where there is none of that name.
    pub fn text(&self, field: &str) -> &str {
        let found = self.0.iter().find(|(name, _)| name == field);
        found.map(|(_, value)| value.as_str()).unwrap_or_default()
    }

    fn all<'a>(&'a self, field: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(name, _)| name == field).map(|(_, value)| value.as_str())
    }

    /// Whether a field has this value, of several perhaps.
    pub(super) fn has(&self, field: &str, value: &str) -> bool {
        self.all(field).any(|given| given == value)
    }

    /// What a setting is to be, as JSON has it; `None` where it is not to be set. Whether the
    /// catalogue allows it is another question.
    ///
    /// # Errors
    /// [`Mistake`] where the fields contradict each other.
    pub fn meant(&self, definition: &Definition) -> Result<Option<Value>, Mistake> {
        let own = definition.name.as_str();
        let text = self.text(own).trim();
        let given = (!text.is_empty()).then_some(text);
        match definition.values {
            Values::Choice(_) => Ok(given.map(|word| json!(word))),
            Values::ProjectId | Values::IssueTypeId => {
                Ok(given.map(|id| json!(id.to_ascii_lowercase())))
            }
            Values::Choices(_) => {
                let words: Vec<&str> = self.all(own).collect();
                match (self.has(&unset_field(definition.name), UNSET), words.is_empty()) {
                    (true, true) => Ok(None),
                    (true, false) => Err(Mistake::Both),
                    (false, _) => Ok(Some(json!(words))),
                }
            }
            // A GUID is the same in capitals; Microsoft shows it without.
            Values::TenantIds => Ok(given.map(|lines| {
                let ids = lines.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';'));
                let ids = ids.filter(|id| !id.is_empty()).map(str::to_ascii_lowercase);
                json!(ids.collect::<Vec<_>>())
            })),
            Values::Hours => {
                let until = self.text(&until_field(definition.name)).trim();
                match (given, until) {
                    (None, "") => Ok(None),
                    (Some(OFF), "") => Ok(Some(json!(OFF))),
                    (None | Some(OFF), _) | (Some(_), "") => Err(Mistake::Half),
                    (Some(from), until) => Ok(Some(json!(format!("{from}-{until}")))),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tandem_domain::settings::CATALOGUE;

    use super::*;

    fn sent(fields: &[(&str, &str)]) -> Form {
        Form::sent(fields.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect())
    }

    #[test]
    fn a_form_that_is_sent_as_it_began_means_what_is_set() {
        let tenants =
            json!(["0c60ce18-654d-441a-badf-14404098f38e", "0e3419f7-4c4d-47e7-b98a-7b9b9de02b80"]);
        for definition in CATALOGUE {
            let name = definition.name;
            let values: Vec<Value> = match definition.values {
                Values::Choice(words) => words.iter().map(|word| json!(word)).collect(),
                Values::Choices(words) => vec![json!([]), json!([words[0]]), json!(words)],
                Values::TenantIds => vec![tenants.clone()],
                Values::Hours => vec![json!("off"), json!("22-07")],
                Values::ProjectId | Values::IssueTypeId => vec![json!("none"), json!("10001")],
            };
            for value in values {
                let mut set = SettingValues::default();
                set.set(name, SettingValue::parse(name, &value).unwrap());
                let form = Form::of(CATALOGUE.iter(), &set);
                assert_eq!(form.meant(definition), Ok(Some(value)), "{name:?}");
                for other in CATALOGUE.iter().filter(|other| other.name != name) {
                    assert_eq!(form.meant(other), Ok(None), "{:?}", other.name);
                }
            }
        }
    }

    #[test]
    fn what_contradicts_itself_is_a_mistake() {
        for (name, fields, meant) in [
            (SettingName::IssueUpdates, &[][..], Ok(Some(json!([])))),
            (SettingName::IssueUpdates, &[("issue_updates-unset", "unset")], Ok(None)),
            (
                SettingName::IssueUpdates,
                &[("issue_updates-unset", "unset"), ("issue_updates", "status")],
                Err(Mistake::Both),
            ),
            (SettingName::QuietHours, &[("quiet_hours", "22")], Err(Mistake::Half)),
            (SettingName::QuietHours, &[("quiet_hours-until", "07")], Err(Mistake::Half)),
            (
                SettingName::QuietHours,
                &[("quiet_hours", "off"), ("quiet_hours-until", "07")],
                Err(Mistake::Half),
            ),
            (SettingName::QuietHours, &[("quiet_hours", "")], Ok(None)),
            (SettingName::Appearance, &[("appearance", " ")], Ok(None)),
            (SettingName::LastProject, &[("last_project", " None ")], Ok(Some(json!("none")))),
            (SettingName::AllowedTenants, &[("allowed_tenants", "\r\n ")], Ok(None)),
            (
                SettingName::AllowedTenants,
                &[("allowed_tenants", " A-1\r\n\r\nb,C; d ")],
                Ok(Some(json!(["a-1", "b", "c", "d"]))),
            ),
        ] {
            assert_eq!(sent(fields).meant(name.definition()), meant, "{fields:?}");
        }
    }
}
