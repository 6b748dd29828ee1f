//! One secret: its versions, which of them the labels stand on, and its deletion.
//! <https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html>

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::super::wire::{ACCOUNT, Fault, REGION, days, epoch_seconds, random_uuid};
use super::listing::{SecretListing, VersionListing};
use super::value::SecretValue;
use super::{already_exists, invalid_parameter, invalid_request, not_found};

/// The label of the version that a reader gets who asks for none.
pub(super) const CURRENT: &str = "AWSCURRENT";
/// The label of the version that had [`CURRENT`] before.
pub(super) const PREVIOUS: &str = "AWSPREVIOUS";

/// How many versions are kept at least; beyond it, old ones without a label go.
const VERSIONS_KEPT: usize = 100;

/// One version; its id is the `ClientRequestToken` that made it.
#[derive(Clone, Serialize, Deserialize)]
struct Version {
    id: String,
    stages: BTreeSet<String>,
    created: i64,
    value: SecretValue,
}

/// When a secret was marked for deletion, and when it goes (milliseconds since 1970).
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(super) struct Deletion {
    marked: i64,
    pub(super) gone: i64,
}

/// A secret and all its versions, oldest first.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Secret {
    name: String,
    arn: String,
    description: Option<String>,
    kms_key_id: Option<String>,
    created: i64,
    changed: i64,
    deletion: Option<Deletion>,
    #[serde(default)]
    policy: Option<String>,
    versions: Vec<Version>,
}

impl Secret {
    /// A secret without a version.
    pub(super) fn new(name: &str, now: i64) -> Result<Self, Fault> {
        let suffix: String = random_uuid()?.chars().take(6).collect();
        Ok(Self {
            name: name.to_owned(),
            arn: format!("arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{name}-{suffix}"),
            description: None,
            kms_key_id: None,
            created: now,
            changed: now,
            deletion: None,
            policy: None,
            versions: Vec::new(),
        })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Whether `id` is the secret's name, its ARN, or that without the random end.
    pub(super) fn is_named(&self, id: &str) -> bool {
        let partial = self.arn.rsplit_once('-').map_or("", |(partial, _)| partial);
        id == self.name || id == self.arn || id == partial
    }

    /// Its resource policy.
    pub(super) fn policy(&self) -> Option<&str> {
        self.policy.as_deref()
    }

    /// Gives it a resource policy, or takes it away.
    pub(super) fn set_policy(&mut self, policy: Option<String>) {
        self.policy = policy;
    }

    /// The mark of deletion, if it bears one.
    pub(super) fn deleted(&self) -> Option<Deletion> {
        self.deletion
    }

    /// Refuses when the secret is marked for deletion.
    pub(super) fn require_live(&self) -> Result<(), Fault> {
        match self.deletion {
            None => Ok(()),
            Some(_) => Err(invalid_request(
                "You can't perform this operation on the secret because it was marked for deletion.",
            )),
        }
    }

    /// Sets what is given.
    pub(super) fn describe_as(
        &mut self,
        description: Option<String>,
        kms_key_id: Option<String>,
        now: i64,
    ) {
        self.description = description.or(self.description.take());
        self.kms_key_id = kms_key_id.or(self.kms_key_id.take());
        self.changed = now;
    }

    /// Answers a CreateSecret for a name that is taken: well, if it is the same request again.
    pub(super) fn created_again(
        &self,
        token: &str,
        value: Option<&SecretValue>,
    ) -> Result<Value, Fault> {
        if self.deletion.is_some() {
            return Err(invalid_request(
                "You can't create this secret because a secret with this name is already \
                 scheduled for deletion.",
            ));
        }
        match (self.version(token), value) {
            (Some(version), Some(value)) if version.value.same_as(value) => {
                let mut answer = self.names();
                answer["VersionId"] = json!(token);
                Ok(answer)
            }
            _ => Err(already_exists(format!("the secret {} already exists", self.name))),
        }
    }

    /// Adds a version and puts the labels on it; answers the labels that it bears.
    ///
    /// The same token with the same content again changes nothing.
    pub(super) fn put(
        &mut self,
        token: &str,
        value: SecretValue,
        stages: &[String],
        now: i64,
    ) -> Result<BTreeSet<String>, Fault> {
        if let Some(version) = self.version(token) {
            if version.value.same_as(&value) {
                return Ok(version.stages.clone());
            }
            return Err(already_exists(
                "You can't use the same ClientRequestToken for a different secret value.",
            ));
        }
        let first = self.versions.is_empty();
        let version =
            Version { id: token.to_owned(), stages: BTreeSet::new(), created: now, value };
        self.versions.push(version);
        for stage in stages {
            self.attach(stage, token);
        }
        if first {
            self.attach(CURRENT, token);
        }
        self.changed = now;
        self.forget_old_versions(now);
        Ok(self.version(token).map(|version| version.stages.clone()).unwrap_or_default())
    }

    /// Moves a label, only if it stands where the caller believes it to.
    pub(super) fn move_stage(
        &mut self,
        stage: &str,
        from: Option<&str>,
        to: Option<&str>,
        now: i64,
    ) -> Result<(), Fault> {
        for id in [from, to].into_iter().flatten() {
            self.version(id).ok_or_else(|| version_not_found(id))?;
        }
        let holder = self.holder(stage).map(|version| version.id.clone());
        if from.is_some() && from != holder.as_deref() {
            return Err(invalid_parameter(format!(
                "The staging label {stage} is not attached to the version in RemoveFromVersionId."
            )));
        }
        match to {
            Some(to) => {
                if from.is_none() && holder.as_deref().is_some_and(|holder| holder != to) {
                    return Err(invalid_parameter(format!(
                        "The staging label {stage} is attached to another version; name it in \
                         RemoveFromVersionId."
                    )));
                }
                self.attach(stage, to);
            }
            None if stage == CURRENT => {
                return Err(invalid_parameter(
                    "You can only move the staging label AWSCURRENT to a different version.",
                ));
            }
            None if from.is_none() => {
                return Err(invalid_parameter("Name the version to remove the label from."));
            }
            None => self.detach(stage),
        }
        self.changed = now;
        Ok(())
    }

    /// The answer of GetSecretValue.
    pub(super) fn value_answer(
        &self,
        id: Option<&str>,
        stage: Option<&str>,
    ) -> Result<Value, Fault> {
        let version = match (id, stage) {
            (Some(id), None) => self.version(id).ok_or_else(|| version_not_found(id))?,
            (Some(id), Some(stage)) => {
                let version = self.version(id).ok_or_else(|| version_not_found(id))?;
                if !version.stages.contains(stage) {
                    return Err(invalid_request(
                        "You provided a VersionStage that is not associated to the provided \
                         VersionId.",
                    ));
                }
                version
            }
            (None, stage) => {
                let stage = stage.unwrap_or(CURRENT);
                self.holder(stage).ok_or_else(|| {
                    not_found(format!(
                        "Secrets Manager can't find the specified secret value for staging \
                         label: {stage}"
                    ))
                })?
            }
        };
        let mut answer = self.names();
        answer["VersionId"] = json!(version.id);
        answer["VersionStages"] = json!(version.stages);
        answer["CreatedDate"] = epoch_seconds(version.created);
        version.value.write(&mut answer);
        Ok(answer)
    }

    /// Marks the secret for deletion; answers when it will be gone (milliseconds).
    pub(super) fn delete(&mut self, window_days: i64, now: i64) -> i64 {
        let gone = now + days(window_days);
        self.deletion = Some(Deletion { marked: now, gone });
        gone
    }

    /// Takes the mark away.
    pub(super) fn restore(&mut self) {
        self.deletion = None;
    }

    /// `ARN` and `Name`, with which every answer begins.
    pub(super) fn names(&self) -> Value {
        json!({ "ARN": self.arn, "Name": self.name })
    }

    /// The answer of DescribeSecret and an entry of ListSecrets, which call the versions' labels
    /// by different names.
    pub(super) fn description(&self, stages_field: &str) -> Value {
        let stages: BTreeMap<&str, &BTreeSet<String>> = self
            .versions
            .iter()
            .filter(|version| !version.stages.is_empty())
            .map(|version| (version.id.as_str(), &version.stages))
            .collect();
        let mut answer = self.names();
        answer["Description"] = json!(self.description);
        answer["KmsKeyId"] = json!(self.kms_key_id);
        answer["CreatedDate"] = epoch_seconds(self.created);
        answer["LastChangedDate"] = epoch_seconds(self.changed);
        answer[stages_field] = json!(stages);
        if let Some(deletion) = self.deletion {
            answer["DeletedDate"] = epoch_seconds(deletion.marked);
        }
        answer
    }

    /// The same for the local page.
    pub(super) fn listing(&self) -> SecretListing {
        let version = |version: &Version| VersionListing {
            id: version.id.clone(),
            stages: version.stages.iter().cloned().collect(),
            size: version.value.size(),
            created: version.created,
        };
        SecretListing {
            name: self.name.clone(),
            kms_key: self.kms_key_id.clone(),
            versions: self.versions.iter().map(version).collect(),
            deleted_at: self.deletion.map(|deletion| deletion.marked),
        }
    }

    fn version(&self, id: &str) -> Option<&Version> {
        self.versions.iter().find(|version| version.id == id)
    }

    fn holder(&self, stage: &str) -> Option<&Version> {
        self.versions.iter().find(|version| version.stages.contains(stage))
    }

    /// Puts a label on a version, from wherever it was; the version that loses AWSCURRENT gets
    /// AWSPREVIOUS.
    fn attach(&mut self, stage: &str, id: &str) {
        let loser = self.holder(stage).map(|version| version.id.clone());
        if loser.as_deref() == Some(id) {
            return;
        }
        self.detach(stage);
        if let Some(version) = self.versions.iter_mut().find(|version| version.id == id) {
            version.stages.insert(stage.to_owned());
        }
        if let Some(loser) = loser.filter(|_| stage == CURRENT) {
            self.attach(PREVIOUS, &loser);
        }
    }

    fn detach(&mut self, stage: &str) {
        for version in &mut self.versions {
            version.stages.remove(stage);
        }
    }

    fn forget_old_versions(&mut self, now: i64) {
        let mut surplus = self.versions.len().saturating_sub(VERSIONS_KEPT);
        self.versions.retain(|version| {
            let goes = surplus > 0 && version.stages.is_empty() && version.created + days(1) <= now;
            surplus -= usize::from(goes);
            !goes
        });
    }
}

fn version_not_found(id: &str) -> Fault {
    not_found(format!("Secrets Manager can't find the specified secret value for VersionId: {id}"))
}
