//! The catalogue of settings: names, scopes, allowed values, defaults, meanings; and the effective
//! value, user before project before instance before default.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{ChangedField, TenantId};

/// Where a setting can be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// The whole Jira site; needs the permission ADMINISTER.
    Instance,
    /// One project; needs ADMINISTER_PROJECTS on it.
    Project,
    /// One person.
    User,
}

/// A setting's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SettingName {
    /// How Tandem's pages look.
    Appearance,
    /// Which way comments and messages cross.
    CommentSync,
    /// Whether restricted and internal comments cross.
    RestrictedComments,
    /// Whether anything of issues with a security level crosses.
    SecuredIssues,
    /// The Microsoft tenants people may link accounts of.
    AllowedTenants,
    /// Which changes of an issue its chats are told.
    IssueUpdates,
}

/// What values a setting takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "type", content = "of")]
pub enum Values {
    /// One of these.
    Choice(&'static [&'static str]),
    /// Any set of these.
    Choices(&'static [&'static str]),
    /// A list of Microsoft tenant ids.
    TenantIds,
}

/// One entry of the catalogue.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Definition {
    /// The name.
    pub name: SettingName,
    /// Where it can be set.
    pub scopes: &'static [Scope],
    /// What it can be set to.
    pub values: Values,
    /// What holds while nothing is set.
    pub default: &'static [&'static str],
    /// What it means, in a sentence.
    pub meaning: &'static str,
}

/// At most this many tenants in a list.
pub const MAX_TENANTS: usize = 100;

/// Every setting there is.
pub const CATALOGUE: &[Definition] = &[
    Definition {
        name: SettingName::Appearance,
        scopes: &[Scope::Instance, Scope::User],
        values: Values::Choice(&["auto", "light", "dark"]),
        default: &["auto"],
        meaning: "How Tandem's pages look; auto follows the device.",
    },
    Definition {
        name: SettingName::CommentSync,
        scopes: &[Scope::Instance, Scope::Project],
        values: Values::Choice(&["off", "jira_to_teams", "both"]),
        default: &["both"],
        meaning: "Whether comments reach the chats of an issue, and chat messages its comments.",
    },
    Definition {
        name: SettingName::RestrictedComments,
        scopes: &[Scope::Instance],
        values: Values::Choice(&["never", "allowed"]),
        default: &["never"],
        meaning: "Whether comments restricted to a role or group, and internal comments, cross.",
    },
    Definition {
        name: SettingName::SecuredIssues,
        scopes: &[Scope::Instance],
        values: Values::Choice(&["never", "allowed"]),
        default: &["never"],
        meaning: "Whether anything of an issue with a security level crosses.",
    },
    Definition {
        name: SettingName::AllowedTenants,
        scopes: &[Scope::Instance],
        values: Values::TenantIds,
        default: &[],
        meaning: "The Microsoft tenants whose accounts may be linked; an empty list allows all.",
    },
    Definition {
        name: SettingName::IssueUpdates,
        scopes: &[Scope::Instance, Scope::Project],
        values: Values::Choices(&["status", "assignee", "priority"]),
        default: &["status", "assignee", "priority"],
        meaning: "Which changes of an issue are told in its chats.",
    },
];

impl SettingName {
    /// The catalogue's entry for it.
    pub fn definition(self) -> &'static Definition {
        // The catalogue lists the names in their order; a test holds it to that.
        &CATALOGUE[self as usize]
    }

    /// The name as it is stored and spoken of over HTTP.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Appearance => "appearance",
            Self::CommentSync => "comment_sync",
            Self::RestrictedComments => "restricted_comments",
            Self::SecuredIssues => "secured_issues",
            Self::AllowedTenants => "allowed_tenants",
            Self::IssueUpdates => "issue_updates",
        }
    }

    /// The setting of that name.
    pub fn parse(text: &str) -> Option<Self> {
        CATALOGUE.iter().map(|definition| definition.name).find(|name| name.as_str() == text)
    }
}

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
        }
    }

    fn default_of(name: SettingName) -> Self {
        let definition = name.definition();
        match definition.values {
            Values::Choice(_) => Self::Choice(definition.default.first().copied().unwrap_or("")),
            Values::Choices(_) => Self::Choices(definition.default.to_vec()),
            Values::TenantIds => Self::TenantIds(Vec::new()),
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
