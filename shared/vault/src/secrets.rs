//! Secrets Manager: one secret per grant, one version per token set.
//!
//! Which version counts is said by the grant's item in the table, not by `AWSCURRENT`: moving that
//! pointer on a condition is the commit of a change. What is asked of Secrets Manager is only that
//! the version pointed at stays readable, and it discards versions that bear no label.
//! <https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html>
//!
//! `AWSCURRENT` and `AWSPREVIOUS` do not see to that: they follow each put, so two puts whose
//! writers stop before they move the pointer leave the version pointed at without either. Hence
//! two labels of our own, taken in turn: a put takes the label that the version pointed at does
//! **not** bear. However many puts stop half-way, they take that one label from each other, and
//! the version pointed at keeps the other. Where two writers put at once and the one whose label
//! was taken wins the pointer, its version bears neither; the next writer gives it one back before
//! it puts ([`Secrets::spare_label`]).
//!
//! The label that the pointed version does not bear also leads to a version that was put and never
//! pointed at: the tokens of a caller that stopped in between.

use std::collections::HashMap;

use aws_sdk_secretsmanager::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
    operation::RequestId as _,
    primitives::Blob,
};
use tandem_domain::{Failure, GrantId, RequestId, SecretVersion};

use crate::policy;

/// The labels that versions take in turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Label {
    Even,
    Odd,
}

impl Label {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Even => "TANDEM-EVEN",
            Self::Odd => "TANDEM-ODD",
        }
    }

    pub(crate) fn other(self) -> Self {
        match self {
            Self::Even => Self::Odd,
            Self::Odd => Self::Even,
        }
    }

    fn among(stages: &[String]) -> Option<Self> {
        [Self::Even, Self::Odd]
            .into_iter()
            .find(|label| stages.iter().any(|stage| stage == label.as_str()))
    }
}

/// The label of the newest version that was sealed anew.
const AGAIN: &str = "TANDEM-AGAIN";
/// The label of the newest version, which Secrets Manager itself wants to exist.
const CURRENT: &str = "AWSCURRENT";

/// A version as it lies in the secret.
pub(crate) struct Version {
    pub(crate) id: SecretVersion,
    pub(crate) bytes: Vec<u8>,
    /// Which of our labels it bears.
    pub(crate) label: Option<Label>,
    /// The id that Secrets Manager gave the call that read it: CloudTrail's `requestID`.
    pub(crate) call: Option<RequestId>,
}

/// Why a call to Secrets Manager failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SecretsError {
    /// The secret or the version is not there, or is being deleted.
    #[error("no such secret or version")]
    Missing,
    /// Secrets Manager is throttled or out of reach.
    #[error("the secret store is unavailable")]
    Unavailable,
    /// The key that Secrets Manager itself encrypts with cannot be used.
    #[error("the secret store's key cannot be used")]
    KeyUnusable,
    /// Any other refusal.
    #[error("the secret store refused the call")]
    Refused,
}

impl From<SecretsError> for Failure {
    fn from(error: SecretsError) -> Self {
        match error {
            SecretsError::Missing => Self::Fault { what: "secret_missing" },
            SecretsError::Unavailable => Self::Retry { what: "secrets_unavailable", after: None },
            SecretsError::KeyUnusable => Self::Fault { what: "secrets_key_unusable" },
            SecretsError::Refused => Self::Fault { what: "secrets_refused" },
        }
    }
}

/// The grants' secrets.
pub(crate) struct Secrets {
    client: Client,
    prefix: String,
    key: String,
    policy: String,
}

impl Secrets {
    /// Secrets called `{prefix}/grant/{id}`, which Secrets Manager encrypts under `key` and lets
    /// nobody but `readers` at.
    pub(crate) fn new(client: Client, prefix: String, key: String, readers: &str) -> Self {
        Self { client, prefix, key, policy: policy::only_for(readers) }
    }

    fn name(&self, grant: &GrantId) -> String {
        format!("{}/grant/{grant}", self.prefix)
    }

    /// Makes the grant's secret, without a version and without its policy ([`Secrets::protect`] is to
    /// follow); nothing happens when it is there.
    pub(crate) async fn create(&self, grant: &GrantId) -> Result<(), SecretsError> {
        let created =
            self.client.create_secret().name(self.name(grant)).kms_key_id(&self.key).send().await;
        match created {
            Ok(_) => Ok(()),
            Err(error) if code_of(&error) == Some("ResourceExistsException") => Ok(()),
            Err(error) => Err(class_of(&error)),
        }
    }

    /// Gives the grant's secret its policy, whether it has one or not. Comes before the first version
    /// is put, so that none ever lies in a secret that others than the readers get at.
    pub(crate) async fn protect(&self, grant: &GrantId) -> Result<(), SecretsError> {
        self.client
            .put_resource_policy()
            .secret_id(self.name(grant))
            .resource_policy(&self.policy)
            .block_public_policy(true)
            .send()
            .await
            .map_err(|error| class_of(&error))?;
        Ok(())
    }

    /// Has Secrets Manager encrypt the grant's secret under the present key from now on. The labels
    /// that it knows itself are encrypted anew at once, any other version when it is next put.
    /// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecret.html>
    pub(crate) async fn change_key(&self, grant: &GrantId) -> Result<(), SecretsError> {
        self.client
            .update_secret()
            .secret_id(self.name(grant))
            .kms_key_id(&self.key)
            .send()
            .await
            .map_err(|error| class_of(&error))?;
        Ok(())
    }

    /// Puts a version. The same version with the same bytes again changes nothing, so a put whose
    /// answer was lost can be repeated.
    pub(crate) async fn put(
        &self,
        grant: &GrantId,
        version: &SecretVersion,
        label: Label,
        bytes: &[u8],
    ) -> Result<(), SecretsError> {
        self.put_as(grant, version, label.as_str(), bytes).await
    }

    /// Puts a version that only says again what the version pointed at says. It takes neither of
    /// the two labels, so it takes none away from a version that says something new.
    pub(crate) async fn put_again(
        &self,
        grant: &GrantId,
        version: &SecretVersion,
        bytes: &[u8],
    ) -> Result<(), SecretsError> {
        self.put_as(grant, version, AGAIN, bytes).await
    }

    async fn put_as(
        &self,
        grant: &GrantId,
        version: &SecretVersion,
        label: &str,
        bytes: &[u8],
    ) -> Result<(), SecretsError> {
        self.client
            .put_secret_value()
            .secret_id(self.name(grant))
            .client_request_token(version.as_str())
            .secret_binary(Blob::new(bytes))
            .version_stages(label)
            .version_stages(CURRENT)
            .send()
            .await
            .map_err(|error| class_of(&error))?;
        Ok(())
    }

    /// The version of that id.
    pub(crate) async fn get(
        &self,
        grant: &GrantId,
        version: &SecretVersion,
    ) -> Result<Version, SecretsError> {
        let asked = self.client.get_secret_value().secret_id(self.name(grant));
        let answer =
            asked.version_id(version.as_str()).send().await.map_err(|error| class_of(&error))?;
        let label = Label::among(answer.version_stages());
        let call = answer.request_id().and_then(|id| RequestId::parse(id).ok());
        let bytes = answer.secret_binary.ok_or(SecretsError::Refused)?.into_inner();
        Ok(Version { id: version.clone(), bytes, label, call })
    }

    /// The version that bears a label, if any does.
    pub(crate) async fn find_labelled(
        &self,
        grant: &GrantId,
        label: Label,
    ) -> Result<Option<Version>, SecretsError> {
        let asked = self.client.get_secret_value().secret_id(self.name(grant));
        let answer = match asked.version_stage(label.as_str()).send().await {
            Ok(answer) => answer,
            Err(error) => {
                return match class_of(&error) {
                    SecretsError::Missing => Ok(None),
                    error => Err(error),
                };
            }
        };
        let id = answer.version_id().and_then(|id| SecretVersion::parse(id).ok());
        let call = answer.request_id().and_then(|id| RequestId::parse(id).ok());
        let bytes = answer.secret_binary.map(Blob::into_inner);
        Ok(id.zip(bytes).map(|(id, bytes)| Version { id, bytes, label: Some(label), call }))
    }

    /// The label that the next put may take: the one that `pointed` does not bear. Gives `pointed`
    /// one first, if it has lost its own.
    pub(crate) async fn spare_label(
        &self,
        grant: &GrantId,
        pointed: &SecretVersion,
    ) -> Result<Label, SecretsError> {
        let described = self
            .client
            .describe_secret()
            .secret_id(self.name(grant))
            .send()
            .await
            .map_err(|error| class_of(&error))?;
        let versions = described.version_ids_to_stages.unwrap_or_default();
        let borne = versions.get(pointed.as_str()).and_then(|stages| Label::among(stages));
        if let Some(label) = borne {
            return Ok(label.other());
        }
        self.move_label(grant, Label::Even, holder(&versions, Label::Even), pointed).await?;
        Ok(Label::Odd)
    }

    /// Moves a label from a version that bears it; refused when that one does not.
    pub(crate) async fn move_label(
        &self,
        grant: &GrantId,
        label: Label,
        from: Option<&str>,
        to: &SecretVersion,
    ) -> Result<(), SecretsError> {
        self.client
            .update_secret_version_stage()
            .secret_id(self.name(grant))
            .version_stage(label.as_str())
            .set_remove_from_version_id(from.map(str::to_owned))
            .move_to_version_id(to.as_str())
            .send()
            .await
            .map_err(|error| class_of(&error))?;
        Ok(())
    }

    /// Deletes the secret with all its versions, without a recovery window, whether it is there or
    /// not.
    pub(crate) async fn delete(&self, grant: &GrantId) -> Result<(), SecretsError> {
        let deletion = self.client.delete_secret().secret_id(self.name(grant));
        match deletion.force_delete_without_recovery(true).send().await {
            Ok(_) => Ok(()),
            Err(error) => match class_of(&error) {
                SecretsError::Missing => Ok(()),
                error => Err(error),
            },
        }
    }
}

fn holder(versions: &HashMap<String, Vec<String>>, label: Label) -> Option<&str> {
    versions
        .iter()
        .find(|(_, stages)| stages.iter().any(|stage| stage == label.as_str()))
        .map(|(id, _)| id.as_str())
}

fn code_of<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> Option<&str> {
    error.as_service_error().and_then(ProvideErrorMetadata::code)
}

/// What an error means. Secrets Manager's message is not passed on.
/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/CommonErrors.html>
fn class_of<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> SecretsError {
    let Some(code) = code_of(error) else { return SecretsError::Unavailable };
    let of_key = error.as_service_error().is_some_and(tells_of_key_trouble);
    let class = if of_key { SecretsError::KeyUnusable } else { class_of_code(code) };
    if matches!(class, SecretsError::KeyUnusable | SecretsError::Refused) {
        tracing::error!(code, "the secret store does not do its work");
    }
    class
}

/// Whether a refusal of Secrets Manager is for the KMS key that it encrypts with: the key does not
/// work, or its policy does not let the caller use it. The latter has the code of any other denied
/// access; only the message says "Access to KMS is not allowed".
/// <https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot.html>
pub fn tells_of_key_trouble<E: ProvideErrorMetadata>(refusal: &E) -> bool {
    match refusal.code() {
        Some("DecryptionFailure" | "EncryptionFailure") => true,
        Some("AccessDeniedException") => {
            refusal.message().is_some_and(|message| message.contains("Access to KMS"))
        }
        _ => false,
    }
}

fn class_of_code(code: &str) -> SecretsError {
    match code {
        // InvalidRequestException: the secret is marked for deletion.
        "ResourceNotFoundException" | "InvalidRequestException" => SecretsError::Missing,
        "AccessDeniedException"
        | "InvalidParameterException"
        | "LimitExceededException"
        | "MalformedPolicyDocumentException"
        | "PublicPolicyException"
        | "ResourceExistsException"
        | "ValidationException" => SecretsError::Refused,
        _ => SecretsError::Unavailable,
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_secretsmanager::{
        error::ErrorMetadata, operation::get_secret_value::GetSecretValueError,
    };

    use super::*;

    #[test]
    fn labels_are_taken_in_turn() {
        let stages = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        for (borne, label) in [
            (stages(&["AWSCURRENT", "TANDEM-EVEN"]), Some(Label::Even)),
            (stages(&["TANDEM-ODD"]), Some(Label::Odd)),
            (stages(&["AWSPREVIOUS"]), None),
            (stages(&[]), None),
        ] {
            assert_eq!(Label::among(&borne), label, "{borne:?}");
        }
        assert_eq!(Label::Even.other(), Label::Odd);
        assert_eq!(Label::Odd.other(), Label::Even);
    }

    #[test]
    fn absence_throttling_and_key_trouble_are_told_apart() {
        let iam = "User: Access-to-KMS is not authorized to perform: secretsmanager:GetSecretValue";
        for (code, message, class) in [
            ("ResourceNotFoundException", "", SecretsError::Missing),
            ("InvalidRequestException", "", SecretsError::Missing),
            ("DecryptionFailure", "", SecretsError::KeyUnusable),
            ("EncryptionFailure", "", SecretsError::KeyUnusable),
            ("AccessDeniedException", "Access to KMS is not allowed", SecretsError::KeyUnusable),
            ("AccessDeniedException", iam, SecretsError::Refused),
            ("AccessDeniedException", "", SecretsError::Refused),
            ("ThrottlingException", "Access to KMS", SecretsError::Unavailable),
            ("InternalServiceError", "", SecretsError::Unavailable),
        ] {
            let refusal = ErrorMetadata::builder().code(code).message(message).build();
            let error = SdkError::service_error(GetSecretValueError::generic(refusal), ());
            assert_eq!(class_of(&error), class, "{code} {message}");
        }
        let silent: SdkError<GetSecretValueError, ()> = SdkError::timeout_error("no answer");
        assert_eq!(class_of(&silent), SecretsError::Unavailable);
    }
}
