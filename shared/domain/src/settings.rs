//! The catalogue of settings: names, scopes, allowed values, defaults, meanings; and the effective
//! value, user before project before instance before default.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

mod catalogue;
mod hours;

pub use catalogue::{CATALOGUE, Definition, MAX_TENANTS, Scope, SettingName, Values};
pub use hours::Hours;

use crate::{ChangedField, IssueTypeId, ProjectId, TenantId, Timestamp};

/// A value that the catalogue allows. Made by [`SettingValue::parse`] only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum SettingValue {
    /// One word of the catalogue.
    Choice(&'static str),
    /// Words of the catalogue.
    Choices(Vec<&'static str>),
    /// Microsoft tenants.
    TenantIds(Vec<TenantId>),
    /// Hours of the day, or none.
    Hours(Hours),
    /// A project, or none.
    ProjectId(#[serde(serialize_with = "id_or_none")] Option<ProjectId>),
    /// An issue type, or none.
    IssueTypeId(#[serde(serialize_with = "id_or_none")] Option<IssueTypeId>),
}

/// The word for no id.
const NONE: &str = "none";

/// Serde hands the field over by reference.
#[allow(clippy::ref_option)]
fn id_or_none<T: std::fmt::Display, S: serde::Serializer>(
    id: &Option<T>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match id {
        Some(id) => serializer.collect_str(id),
        None => serializer.serialize_str(NONE),
    }
}

impl SettingValue {
    /// Reads a value for `name` from JSON: a word, or a list of words or ids. Repetitions fall
    /// together, order does not matter. `None` when the catalogue does not allow it.
    pub fn parse(name: SettingName, json: &serde_json::Value) -> Option<Self> {
        match name.definition().values {
            Values::Choice(words) => {
                let word = json.as_str()?;
                words.iter().find(|known| **known == word).map(|known| Self::Choice(known))
            }
            Values::Choices(words) => {
                let given: Vec<&str> =
                    json.as_array()?.iter().map(|word| word.as_str()).collect::<Option<_>>()?;
                if given.iter().any(|word| !words.contains(word)) {
                    return None;
                }
                Some(Self::Choices(
                    words.iter().filter(|known| given.contains(known)).copied().collect(),
                ))
            }
            Values::TenantIds => {
                let mut ids: Vec<TenantId> = json
                    .as_array()?
                    .iter()
                    .map(|id| TenantId::parse(id.as_str()?).ok())
                    .collect::<Option<_>>()?;
                ids.sort();
                ids.dedup();
                (ids.len() <= MAX_TENANTS).then_some(Self::TenantIds(ids))
            }
            Values::Hours => Hours::parse(json.as_str()?).map(Self::Hours),
            Values::ProjectId => match json.as_str()? {
                NONE => Some(Self::ProjectId(None)),
                id => ProjectId::parse(id).ok().map(|id| Self::ProjectId(Some(id))),
            },
            Values::IssueTypeId => match json.as_str()? {
                NONE => Some(Self::IssueTypeId(None)),
                id => IssueTypeId::parse(id).ok().map(|id| Self::IssueTypeId(Some(id))),
            },
        }
    }

    fn default_of(name: SettingName) -> Self {
        let definition = name.definition();
        match definition.values {
            Values::Choice(_) => Self::Choice(definition.default.first().copied().unwrap_or("")),
            Values::Choices(_) => Self::Choices(definition.default.to_vec()),
            Values::TenantIds => Self::TenantIds(Vec::new()),
            Values::Hours => Self::Hours(Hours::default()),
            Values::ProjectId => Self::ProjectId(None),
            Values::IssueTypeId => Self::IssueTypeId(None),
        }
    }
}

/// The values set in one scope.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SettingValues(BTreeMap<SettingName, SettingValue>);

impl SettingValues {
    /// The value of a setting, where it is set here.
    pub fn get(&self, name: SettingName) -> Option<&SettingValue> {
        self.0.get(&name)
    }

    /// Sets a value.
    pub fn set(&mut self, name: SettingName, value: SettingValue) {
        self.0.insert(name, value);
    }

    /// Takes a value away.
    pub fn unset(&mut self, name: SettingName) {
        self.0.remove(&name);
    }

    /// All that is set, in the catalogue's order.
    pub fn iter(&self) -> impl Iterator<Item = (SettingName, &SettingValue)> {
        self.0.iter().map(|(name, value)| (*name, value))
    }

    /// Whether nothing is set.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What of these is set otherwise in `other`, or not at all.
    #[must_use]
    pub fn unlike(&self, other: &Self) -> Self {
        let unlike = self.0.iter().filter(|(name, value)| other.get(**name) != Some(value));
        Self(unlike.map(|(name, value)| (*name, value.clone())).collect())
    }
}

impl Serialize for SettingValues {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter().map(|(name, value)| (name.as_str(), value)))
    }
}

impl<'de> Deserialize<'de> for SettingValues {
    /// Names and values the catalogue no longer knows are passed over: they mean nothing.
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let stored = BTreeMap::<String, serde_json::Value>::deserialize(deserializer)?;
        Ok(Self(
            stored
                .iter()
                .filter_map(|(name, value)| {
                    let name = SettingName::parse(name)?;
                    Some((name, SettingValue::parse(name, value)?))
                })
                .collect(),
        ))
    }
}

/// Where an effective value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Set by the person.
    User,
    /// Set on the project.
    Project,
    /// Set on the site.
    Instance,
    /// Set nowhere.
    Default,
}

/// Which way comments and messages cross.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommentSync {
    /// Neither way.
    Off,
    /// Comments reach chats only.
    JiraToTeams,
    /// Both ways.
    Both,
}

/// The settings that hold for a person in a project: user, then project, then instance, then
/// default.
#[derive(Clone, Debug, Default)]
pub struct EffectiveSettings {
    /// What the site's admin set.
    pub instance: SettingValues,
    /// What the project's admin set.
    pub project: SettingValues,
    /// What the person set.
    pub user: SettingValues,
    /// When the site's or the project's were changed last; none where none are set.
    pub changed_at: Option<Timestamp>,
}

impl EffectiveSettings {
    /// The value that holds, and where it comes from. A value in a scope that the catalogue does
    /// not name for the setting does not count.
    pub fn get(&self, name: SettingName) -> (SettingValue, Source) {
        let scopes = name.definition().scopes;
        [
            (Scope::User, &self.user, Source::User),
            (Scope::Project, &self.project, Source::Project),
            (Scope::Instance, &self.instance, Source::Instance),
        ]
        .into_iter()
        .filter(|(scope, ..)| scopes.contains(scope))
        .find_map(|(_, values, source)| Some((values.get(name)?.clone(), source)))
        .unwrap_or_else(|| (SettingValue::default_of(name), Source::Default))
    }

    fn is(&self, name: SettingName, word: &str) -> bool {
        matches!(self.get(name).0, SettingValue::Choice(value) if value == word)
    }

    /// Which way comments and messages cross.
    pub fn comment_sync(&self) -> CommentSync {
        if self.is(SettingName::CommentSync, "both") {
            CommentSync::Both
        } else if self.is(SettingName::CommentSync, "jira_to_teams") {
            CommentSync::JiraToTeams
        } else {
            CommentSync::Off
        }
    }

    /// Whether restricted and internal comments may cross.
    pub fn restricted_comments_allowed(&self) -> bool {
        self.is(SettingName::RestrictedComments, "allowed")
    }

    /// Whether issues with a security level may cross.
    pub fn secured_issues_allowed(&self) -> bool {
        self.is(SettingName::SecuredIssues, "allowed")
    }

    /// Whether accounts of this tenant may be linked and its chats served.
    pub fn tenant_allowed(&self, tenant: &TenantId) -> bool {
        match self.get(SettingName::AllowedTenants).0 {
            SettingValue::TenantIds(ids) => ids.is_empty() || ids.contains(tenant),
            _ => false,
        }
    }

    /// Whether a notification is on.
    pub fn notifies(&self, name: SettingName) -> bool {
        self.is(name, "on")
    }

    /// When the person is not to be told anything.
    pub fn quiet_hours(&self) -> Hours {
        match self.get(SettingName::QuietHours).0 {
            SettingValue::Hours(hours) => hours,
            _ => Hours::default(),
        }
    }

    /// The project and type of the issue that the person last created from Teams.
    pub fn last_created(&self) -> (Option<ProjectId>, Option<IssueTypeId>) {
        let project = match self.get(SettingName::LastProject).0 {
            SettingValue::ProjectId(project) => project,
            _ => None,
        };
        let issue_type = match self.get(SettingName::LastIssueType).0 {
            SettingValue::IssueTypeId(issue_type) => issue_type,
            _ => None,
        };
        (project, issue_type)
    }

    /// Whether chats are told of changes of this field.
    pub fn tells(&self, field: ChangedField) -> bool {
        match self.get(SettingName::IssueUpdates).0 {
            SettingValue::Choices(words) => words.contains(&field.as_str()),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests;
