//! Changes of the settings of a site or a project: who changed what to what, for its administrators
//! to see. A person's own settings are theirs alone: how they change is nobody's to look at, so it is
//! not written down.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};
use tandem_domain::{AccountId, CloudId, ProjectId, Timestamp, settings::SettingValues};

use crate::{
    ScopeSettings, SettingsScope, Store, StoreError,
    entity::{Attribute, Entity, Whose, attribute},
    keys::{self, Key, PK, SK},
    table::read,
};

/// How long a change is kept: until after the next yearly review of who allowed what to cross, as
/// receipts are.
const KEPT_FOR: Duration = Duration::from_hours(400 * 24);

/// One change of the settings of a site or a project: of one setting or of several at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingChange {
    /// The Jira site.
    pub cloud_id: CloudId,
    /// The project, where it was a project's settings.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub project_id: Option<ProjectId>,
    /// The version of the settings that the change made.
    pub version: u64,
    /// What had been set before, of what changed.
    pub before: SettingValues,
    /// What is set since, of what changed.
    pub after: SettingValues,
    /// Who changed it; `None` when that person was erased.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub changed_by: Option<AccountId>,
    /// When.
    pub changed_at: Timestamp,
}

impl SettingChange {
    /// What is to be written down where `before` becomes `settings`; `None` where nothing changes,
    /// and for a person's own settings.
    pub fn of(before: &SettingValues, settings: &ScopeSettings) -> Option<Self> {
        let after = &settings.values;
        if settings.account_id.is_some() || before == after {
            return None;
        }
        Some(Self {
            cloud_id: settings.cloud_id.clone(),
            project_id: settings.project_id.clone(),
            version: settings.version,
            before: before.unlike(after),
            after: after.unlike(before),
            changed_by: settings.changed_by.clone(),
            changed_at: settings.changed_at,
        })
    }
}

impl Entity for SettingChange {
    const NAME: &'static str = "setting_change";
    const KEPT: &'static str = "400 days, or until the site or project is erased; without the person's id from their erasure on";
    const ATTRIBUTES: &'static [Attribute] = &[
        attribute("cloud_id", Whose::Site, "the Jira site", "whose settings changed"),
        attribute("project_id", Whose::Site, "the project", "whose settings changed"),
        attribute("version", Whose::Tandem, "the settings' counter", "tells changes apart"),
        attribute("before", Whose::Site, "names and values of the catalogue", "shown to admins"),
        attribute("after", Whose::Site, "names and values of the catalogue", "shown to admins"),
        attribute("changed_by", Whose::Person, "who changed them", "shown to admins"),
        attribute("changed_at", Whose::Tandem, "when", "shown to admins"),
    ];

    fn key(&self) -> Key {
        let settings = match &self.project_id {
            None => keys::instance_settings(&self.cloud_id),
            Some(project) => keys::project_settings(&self.cloud_id, project),
        };
        keys::setting_change(settings, self.changed_at, self.version)
    }
    fn owner(&self) -> Option<String> {
        Some(keys::jira_user(&self.cloud_id, self.changed_by.as_ref()?))
    }
    fn tenant(&self) -> Option<String> {
        Some(keys::site(&self.cloud_id))
    }
    fn expires_at(&self) -> Option<Timestamp> {
        Some(self.changed_at.plus(KEPT_FOR))
    }
}

/// Where a page of changes ended, as it travels in an address. Of use in the same scope only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeCursor(String);

impl ChangeCursor {
    /// A cursor that was given out before; `None` for anything that is none.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = |text: &str, least: usize| {
            (least..=20).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
        };
        let (at, version) = text.strip_prefix(keys::CHANGES)?.split_once('#')?;
        (digits(at, 14) && digits(version, 10)).then(|| Self(text.to_owned()))
    }

    /// As text: letters, digits and `#`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Store {
    /// A page of the changes of a site's or a project's settings, the newest first, and where the
    /// next page begins, if there is one. At most 100. None of a person's own settings.
    pub async fn list_setting_changes(
        &self,
        scope: &SettingsScope,
        now: Timestamp,
        limit: i32,
        from: Option<&ChangeCursor>,
    ) -> Result<(Vec<SettingChange>, Option<ChangeCursor>), StoreError> {
        let pk = match scope {
            SettingsScope::Instance(cloud) => keys::instance_settings(cloud).pk,
            SettingsScope::Project(cloud, project) => keys::project_settings(cloud, project).pk,
            SettingsScope::User(..) => return Ok((Vec::new(), None)),
        };
        let from = from.map(|ChangeCursor(sk)| Key { pk: pk.clone(), sk: sk.clone() }.attributes());
        let page = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("#pk = :pk AND begins_with(#sk, :sk)")
            .expression_attribute_names("#pk", PK)
            .expression_attribute_names("#sk", SK)
            .expression_attribute_values(":pk", AttributeValue::S(pk))
            .expression_attribute_values(":sk", AttributeValue::S(keys::CHANGES.to_owned()))
            .scan_index_forward(false)
            .limit(limit.clamp(1, 100))
            .set_exclusive_start_key(from)
            .send()
            .await?;
        let next = page.last_evaluated_key.and_then(|key| key.get(SK)?.as_s().ok().cloned());
        let mut changes: Vec<SettingChange> =
            page.items.unwrap_or_default().into_iter().map(read).collect::<Result<_, _>>()?;
        changes.retain(|change| change.expires_at().is_none_or(|end| now < end));
        Ok((changes, next.map(ChangeCursor)))
    }

    /// Takes the person's name out of a change that they made; `false` when it was out, or the change
    /// has gone.
    pub async fn forget_changer(&self, change: &SettingChange) -> Result<bool, StoreError> {
        let Some(account) = &change.changed_by else { return Ok(false) };
        let forgotten = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(change.key().attributes()))
            .update_expression("REMOVE changed_by, #owner")
            .condition_expression("changed_by = :account")
            .expression_attribute_names("#owner", "owner")
            .expression_attribute_values(":account", AttributeValue::S(account.to_string()))
            .send()
            .await;
        match forgotten.map_err(StoreError::from) {
            Ok(_) => Ok(true),
            Err(StoreError::Conflict) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use tandem_domain::settings::{SettingName, SettingValue};

    use super::*;

    fn settings(project: Option<&str>, values: SettingValues) -> ScopeSettings {
        let cloud = CloudId::parse("11223344-a1b2-4b33-8444-def123456789").unwrap();
        let scope = match project {
            None => SettingsScope::Instance(cloud),
            Some(id) => SettingsScope::Project(cloud, ProjectId::parse(id).unwrap()),
        };
        let by = AccountId::parse("712020:1").unwrap();
        ScopeSettings::of(&scope, 3, values, by, Timestamp::from_secs(1_800_000_000))
    }

    #[test]
    fn only_what_was_given_out_is_a_cursor() {
        let mut after = SettingValues::default();
        after.set(SettingName::CommentSync, SettingValue::Choice("off"));
        let change = SettingChange::of(&SettingValues::default(), &settings(Some("10"), after));
        let sk = change.unwrap().key().sk;
        assert_eq!(ChangeCursor::parse(&sk).unwrap().as_str(), sk);
        let longer = format!("{sk}{}", "1".repeat(20));
        for text in ["", "SETTINGS", "CHANGE#1#1", "CHANGE#", "change#1", &longer] {
            assert_eq!(ChangeCursor::parse(text), None, "{text}");
        }
    }

    #[test]
    fn what_does_not_change_and_what_is_a_persons_own_is_not_written_down() {
        let mut values = SettingValues::default();
        values.set(SettingName::Appearance, SettingValue::Choice("dark"));
        assert_eq!(SettingChange::of(&values, &settings(None, values.clone())), None);
        let of_person = ScopeSettings {
            account_id: Some(AccountId::parse("712020:1").unwrap()),
            ..settings(None, values)
        };
        assert_eq!(SettingChange::of(&SettingValues::default(), &of_person), None);
    }
}
