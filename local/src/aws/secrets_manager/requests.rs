//! What the calls to Secrets Manager say.

use serde::Deserialize;

use super::super::wire::{Fault, random_uuid};
use super::invalid_parameter;
use super::value::ValueFields;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SecretRequest {
    pub(super) secret_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CreateSecretRequest {
    pub(super) name: String,
    pub(super) client_request_token: Option<String>,
    pub(super) description: Option<String>,
    pub(super) kms_key_id: Option<String>,
    #[serde(flatten)]
    pub(super) value: ValueFields,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PutSecretValueRequest {
    pub(super) secret_id: String,
    pub(super) client_request_token: Option<String>,
    pub(super) version_stages: Option<Vec<String>>,
    #[serde(flatten)]
    pub(super) value: ValueFields,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetSecretValueRequest {
    pub(super) secret_id: String,
    pub(super) version_id: Option<String>,
    pub(super) version_stage: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UpdateSecretRequest {
    pub(super) secret_id: String,
    pub(super) client_request_token: Option<String>,
    pub(super) description: Option<String>,
    pub(super) kms_key_id: Option<String>,
    #[serde(flatten)]
    pub(super) value: ValueFields,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UpdateSecretVersionStageRequest {
    pub(super) secret_id: String,
    pub(super) version_stage: String,
    pub(super) remove_from_version_id: Option<String>,
    pub(super) move_to_version_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PutResourcePolicyRequest {
    pub(super) secret_id: String,
    pub(super) resource_policy: String,
    #[serde(default)]
    pub(super) block_public_policy: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DeleteSecretRequest {
    pub(super) secret_id: String,
    recovery_window_in_days: Option<i64>,
    #[serde(default)]
    force_delete_without_recovery: bool,
}

impl DeleteSecretRequest {
    /// The recovery window in days; `None` when the secret shall be gone at once.
    pub(super) fn window(&self) -> Result<Option<i64>, Fault> {
        match (self.force_delete_without_recovery, self.recovery_window_in_days) {
            (true, None) => Ok(None),
            (false, None) => Ok(Some(30)),
            (false, Some(window @ 7..=30)) => Ok(Some(window)),
            (false, Some(_)) => Err(invalid_parameter(
                "The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).",
            )),
            (true, Some(_)) => Err(invalid_parameter(
                "You can't use ForceDeleteWithoutRecovery in conjunction with \
                 RecoveryWindowInDays.",
            )),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListSecretsRequest {
    #[serde(default)]
    pub(super) include_planned_deletion: bool,
    max_results: Option<usize>,
    next_token: Option<String>,
    #[serde(default)]
    filters: Vec<Filter>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Filter {
    key: String,
    values: Vec<String>,
}

/// Which secrets a page of ListSecrets takes.
pub(super) struct Page<'request> {
    /// At most so many.
    pub(super) size: usize,
    after: Option<&'request str>,
    prefixes: Vec<&'request str>,
}

impl ListSecretsRequest {
    /// Reads size, place and the filters by name, which are prefixes; there are no others here.
    pub(super) fn page(&self) -> Result<Page<'_>, Fault> {
        let size = self.max_results.unwrap_or(100);
        if !(1..=100).contains(&size) {
            return Err(invalid_parameter("MaxResults must be between 1 and 100"));
        }
        if self.filters.len() > 1 || self.filters.iter().any(|filter| filter.key != "name") {
            return Err(invalid_parameter("the local stack knows one filter, by name"));
        }
        let prefixes = self.filters.iter().flat_map(|filter| &filter.values);
        Ok(Page {
            size,
            after: self.next_token.as_deref(),
            prefixes: prefixes.map(String::as_str).collect(),
        })
    }
}

impl Page<'_> {
    /// Whether the secret of this name belongs to it or to a later one.
    pub(super) fn takes(&self, name: &str) -> bool {
        self.after.is_none_or(|after| name > after)
            && (self.prefixes.is_empty()
                || self.prefixes.iter().any(|prefix| name.starts_with(prefix)))
    }
}

/// The token that becomes the version's id; a new one when the caller gave none.
pub(super) fn token(given: Option<String>) -> Result<String, Fault> {
    match given {
        None => random_uuid(),
        Some(token) if (32..=64).contains(&token.len()) => Ok(token),
        Some(_) => Err(invalid_parameter("ClientRequestToken must be 32 to 64 characters long.")),
    }
}

/// Refuses names outside of what AWS allows.
pub(super) fn check_name(name: &str) -> Result<(), Fault> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"/_+=.@-".contains(&byte);
    if (1..=512).contains(&name.len()) && name.bytes().all(allowed) {
        return Ok(());
    }
    Err(invalid_parameter("a name has 1 to 512 letters, digits and /_+=.@- characters"))
}

/// Refuses more labels than a version may bear, and none at all.
pub(super) fn check_stages(stages: &[String]) -> Result<(), Fault> {
    let fits = |stage: &String| (1..=256).contains(&stage.len());
    if (1..=20).contains(&stages.len()) && stages.iter().all(fits) {
        return Ok(());
    }
    Err(invalid_parameter("VersionStages must have 1 to 20 labels of 1 to 256 characters."))
}
