//! Settings: one item for each site, project or person that set any.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use serde::{Deserialize, Serialize};
use tandem_domain::{
    AccountId, CloudId, ProjectId, Timestamp,
    settings::{EffectiveSettings, SettingValues},
};

use crate::{
    SettingChange, Store, StoreError,
    entity::{Attribute, Entity, ErasedWith, Whose, attribute},
    error::CONTENDED,
    keys::{self, Key},
    table::{If, Item},
};

/// Whose settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SettingsScope {
    /// The whole site's.
    Instance(CloudId),
    /// A project's.
    Project(CloudId, ProjectId),
    /// A person's on the site.
    User(CloudId, AccountId),
}

impl SettingsScope {
    fn key(&self) -> Key {
        match self {
            Self::Instance(cloud) => keys::instance_settings(cloud),
            Self::Project(cloud, project) => keys::project_settings(cloud, project),
            Self::User(cloud, account) => keys::user_settings(cloud, account),
        }
    }
}

/// What is set in one scope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScopeSettings {
    /// The Jira site.
    pub cloud_id: CloudId,
    /// The project, where it is a project's.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub project_id: Option<ProjectId>,
    /// The person, where it is a person's.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub account_id: Option<AccountId>,
    /// Grows with each change; `0` where nothing was ever set.
    pub version: u64,
    /// Names and values, as the catalogue allows them.
    pub values: SettingValues,
    /// Who changed it last; `None` when that person was erased.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub changed_by: Option<AccountId>,
    /// When.
    pub changed_at: Timestamp,
}

impl ScopeSettings {
    fn scope(&self) -> SettingsScope {
        let cloud = self.cloud_id.clone();
        match (&self.account_id, &self.project_id) {
            (Some(account), _) => SettingsScope::User(cloud, account.clone()),
            (None, Some(project)) => SettingsScope::Project(cloud, project.clone()),
            (None, None) => SettingsScope::Instance(cloud),
        }
    }

    /// Settings of `scope`, as they are after a change by `changed_by`.
    pub fn of(
        scope: &SettingsScope,
        version: u64,
        values: SettingValues,
        changed_by: AccountId,
        changed_at: Timestamp,
    ) -> Self {
        let (cloud_id, project_id, account_id) = match scope.clone() {
            SettingsScope::Instance(cloud) => (cloud, None, None),
            SettingsScope::Project(cloud, project) => (cloud, Some(project), None),
            SettingsScope::User(cloud, account) => (cloud, None, Some(account)),
        };
        let changed_by = Some(changed_by);
        Self { cloud_id, project_id, account_id, version, values, changed_by, changed_at }
    }
}

impl Entity for ScopeSettings {
    const NAME: &'static str = "settings";
    const WHAT: &'static str = "What is set for a site, a project or a person";
    const KEPT: &'static str = "until unset, or until the site, project or person is erased";
    const ERASED_WITH: &'static [ErasedWith] =
        &[ErasedWith::JiraUser, ErasedWith::Site, ErasedWith::Project];
    const ATTRIBUTES: &'static [Attribute] = &[
        attribute("cloud_id", Whose::Site, "the Jira site", "whose settings they are"),
        attribute("project_id", Whose::Site, "the project", "whose settings they are"),
        attribute("account_id", Whose::Person, "the Jira user", "whose settings they are"),
        attribute("version", Whose::Tandem, "a counter of changes", "guards concurrent edits"),
        attribute("values", Whose::Site, "names and values of the catalogue", "the settings"),
        attribute("changed_by", Whose::Person, "who changed them last", "shown to admins"),
        attribute("changed_at", Whose::Tandem, "when", "shown to admins"),
    ];

    fn key(&self) -> Key {
        self.scope().key()
    }
    fn owner(&self) -> Option<String> {
        Some(keys::jira_user(&self.cloud_id, self.account_id.as_ref()?))
    }
    fn tenant(&self) -> Option<String> {
        Some(keys::site(&self.cloud_id))
    }
}

/// The condition that settings are at a version (`0`: nothing set yet), and its values.
fn still(version: u64) -> (&'static str, Option<HashMap<String, AttributeValue>>) {
    if version == 0 {
        return ("attribute_not_exists(pk)", None);
    }
    let from = AttributeValue::N(version.to_string());
    ("version = :from", Some(HashMap::from([(":from".to_owned(), from)])))
}

/// The settings that hold by what is set in several scopes.
pub(crate) fn effective(items: Vec<Item>) -> Result<EffectiveSettings, StoreError> {
    let mut effective = EffectiveSettings::default();
    for item in items {
        let settings: ScopeSettings = crate::table::read(item)?;
        if settings.account_id.is_none() {
            effective.changed_at = effective.changed_at.max(Some(settings.changed_at));
        }
        match settings.scope() {
            SettingsScope::Instance(_) => effective.instance = settings.values,
            SettingsScope::Project(..) => effective.project = settings.values,
            SettingsScope::User(..) => effective.user = settings.values,
        }
    }
    Ok(effective)
}

impl Store {
    /// What is set in one scope.
    pub async fn find_settings(
        &self,
        scope: &SettingsScope,
    ) -> Result<Option<ScopeSettings>, StoreError> {
        self.find(scope.key()).await
    }

    /// The settings that hold on a site, in a project, for a person: one round trip.
    pub async fn get_effective_settings(
        &self,
        cloud: &CloudId,
        project: Option<&ProjectId>,
        user: Option<&AccountId>,
    ) -> Result<EffectiveSettings, StoreError> {
        let mut keys = vec![keys::instance_settings(cloud)];
        keys.extend(project.map(|project| keys::project_settings(cloud, project)));
        keys.extend(user.map(|user| keys::user_settings(cloud, user)));
        effective(self.batch(&keys).await?)
    }

    /// Writes a scope's settings over version `from_version` (`0`: nothing set yet); a conflict
    /// when it has moved on.
    pub async fn put_settings(
        &self,
        settings: &ScopeSettings,
        from_version: u64,
    ) -> Result<(), StoreError> {
        let (condition, values) = still(from_version);
        let item = crate::table::write(settings.clone())?;
        let _forgetting = self.memory.writing_item(&item);
        self.client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression(condition)
            .set_expression_attribute_values(values)
            .send()
            .await?;
        Ok(())
    }

    /// [`Store::put_settings`] with the record of what changed: both, or neither.
    pub async fn change_settings(
        &self,
        settings: &ScopeSettings,
        from_version: u64,
        change: &SettingChange,
    ) -> Result<(), StoreError> {
        let (condition, values) = still(from_version);
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(crate::table::write(settings.clone())?))
            .condition_expression(condition)
            .set_expression_attribute_values(values)
            .build()
            .map_err(|_| StoreError::Refused("put".to_owned()))?;
        let writes = vec![
            TransactWriteItem::builder().put(put).build(),
            self.put_in(change.clone(), &If::Absent)?,
        ];
        match self.transact(writes).await {
            // Somebody changes them at this very moment.
            Err(StoreError::Unavailable(code)) if code == CONTENDED => Err(StoreError::Conflict),
            outcome => outcome,
        }
    }
}
