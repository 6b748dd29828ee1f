//! Secrets Manager: secrets, their versions and the labels of these.
//! <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_Operations.html>

mod listing;
mod policy;
mod requests;
mod secret;
mod shelf;
#[cfg(test)]
mod tests;
mod value;

use std::io;
use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};
use tandem_domain::Clock;

use super::durable::Durable;
use super::wire::{Emulation, Fault, epoch_seconds, parse, unknown_operation};
pub use listing::{SecretListing, VersionListing};
use requests::{
    CreateSecretRequest, DeleteSecretRequest, GetSecretValueRequest, ListSecretsRequest,
    PutResourcePolicyRequest, PutSecretValueRequest, SecretRequest, UpdateSecretRequest,
    UpdateSecretVersionStageRequest,
};
use secret::{CURRENT, Secret};
use shelf::Shelf;

/// The emulation of Secrets Manager.
pub(super) struct SecretsManager {
    shelf: Durable<Shelf>,
    clock: Arc<dyn Clock>,
}

impl Emulation for SecretsManager {
    const TARGET: &'static str = "secretsmanager";
    const CONTENT_TYPE: &'static str = "application/x-amz-json-1.1";

    async fn call(&self, operation: &str, body: &[u8]) -> Result<Value, Fault> {
        match operation {
            "CreateSecret" => self.create(parse(body)?),
            "PutSecretValue" => self.put_value(parse(body)?),
            "GetSecretValue" => self.get_value(&parse(body)?),
            "UpdateSecret" => self.update(parse(body)?),
            "UpdateSecretVersionStage" => self.update_version_stage(&parse(body)?),
            "DescribeSecret" => self.describe(&parse(body)?),
            "ListSecrets" => self.list(&parse(body)?),
            "DeleteSecret" => self.delete(&parse(body)?),
            "RestoreSecret" => self.restore(&parse(body)?),
            "PutResourcePolicy" => self.put_policy(parse(body)?),
            "GetResourcePolicy" => self.get_policy(&parse(body)?),
            "DeleteResourcePolicy" => self.delete_policy(&parse(body)?),
            _ => Err(unknown_operation(operation)),
        }
    }
}

impl SecretsManager {
    /// Opens the secrets, in `data_dir` or in memory.
    pub(super) fn open(data_dir: Option<&Path>, clock: Arc<dyn Clock>) -> io::Result<Self> {
        Ok(Self { shelf: Durable::open(data_dir, "secrets.json")?, clock })
    }

    /// Every secret with its versions, for the local page.
    pub(super) fn listing(&self) -> Vec<SecretListing> {
        let now = self.now();
        self.shelf.read(|shelf| shelf.iter(now).map(Secret::listing).collect())
    }

    fn now(&self) -> i64 {
        self.clock.now().as_millis()
    }

    /// Changes the shelf, after secrets whose recovery window has passed were thrown away.
    fn change(
        &self,
        change: impl FnOnce(&mut Shelf, i64) -> Result<Value, Fault>,
    ) -> Result<Value, Fault> {
        let now = self.now();
        self.shelf.change(|shelf| {
            shelf.throw_away(now);
            change(shelf, now)
        })
    }

    fn create(&self, request: CreateSecretRequest) -> Result<Value, Fault> {
        requests::check_name(&request.name)?;
        let value = request.value.read()?;
        let token = requests::token(request.client_request_token)?;
        self.change(|shelf, now| {
            if let Some(existing) = shelf.get(&request.name) {
                return existing.created_again(&token, value.as_ref());
            }
            let mut secret = Secret::new(&request.name, now)?;
            secret.describe_as(request.description, request.kms_key_id, now);
            let mut answer = secret.names();
            if let Some(value) = value {
                secret.put(&token, value, &[CURRENT.to_owned()], now)?;
                answer["VersionId"] = json!(token);
            }
            shelf.add(secret);
            Ok(answer)
        })
    }

    fn put_value(&self, request: PutSecretValueRequest) -> Result<Value, Fault> {
        let value = request.value.read()?.ok_or_else(|| {
            invalid_parameter("You must provide either SecretString or SecretBinary.")
        })?;
        let token = requests::token(request.client_request_token)?;
        let stages = request.version_stages.unwrap_or_else(|| vec![CURRENT.to_owned()]);
        requests::check_stages(&stages)?;
        self.change(|shelf, now| {
            let secret = shelf.find_live_mut(&request.secret_id)?;
            let held = secret.put(&token, value, &stages, now)?;
            let mut answer = secret.names();
            answer["VersionId"] = json!(token);
            answer["VersionStages"] = json!(held);
            Ok(answer)
        })
    }

    fn get_value(&self, request: &GetSecretValueRequest) -> Result<Value, Fault> {
        self.shelf.read(|shelf| {
            let secret = shelf.find_live(&request.secret_id, self.now())?;
            let id = request.version_id.as_deref();
            secret.value_answer(id, request.version_stage.as_deref())
        })
    }

    fn update(&self, request: UpdateSecretRequest) -> Result<Value, Fault> {
        let value = request.value.read()?;
        let token = requests::token(request.client_request_token)?;
        self.change(|shelf, now| {
            let secret = shelf.find_live_mut(&request.secret_id)?;
            secret.describe_as(request.description, request.kms_key_id, now);
            let mut answer = secret.names();
            if let Some(value) = value {
                secret.put(&token, value, &[CURRENT.to_owned()], now)?;
                answer["VersionId"] = json!(token);
            }
            Ok(answer)
        })
    }

    fn update_version_stage(
        &self,
        request: &UpdateSecretVersionStageRequest,
    ) -> Result<Value, Fault> {
        self.change(|shelf, now| {
            let secret = shelf.find_live_mut(&request.secret_id)?;
            let to = request.move_to_version_id.as_deref();
            let from = request.remove_from_version_id.as_deref();
            secret.move_stage(&request.version_stage, from, to, now)?;
            Ok(secret.names())
        })
    }

    fn describe(&self, request: &SecretRequest) -> Result<Value, Fault> {
        self.shelf.read(|shelf| {
            let secret = shelf.find(&request.secret_id, self.now())?;
            Ok(secret.description("VersionIdsToStages"))
        })
    }

    fn list(&self, request: &ListSecretsRequest) -> Result<Value, Fault> {
        let page = request.page()?;
        self.shelf.read(|shelf| {
            let mut wanted = shelf
                .iter(self.now())
                .filter(|secret| request.include_planned_deletion || secret.deleted().is_none())
                .filter(|secret| page.takes(secret.name()));
            let secrets: Vec<&Secret> = wanted.by_ref().take(page.size).collect();
            let listed: Vec<Value> =
                secrets.iter().map(|secret| secret.description("SecretVersionsToStages")).collect();
            let mut answer = json!({ "SecretList": listed });
            if let Some(last) = secrets.last().filter(|_| wanted.next().is_some()) {
                answer["NextToken"] = json!(last.name());
            }
            Ok(answer)
        })
    }

    fn delete(&self, request: &DeleteSecretRequest) -> Result<Value, Fault> {
        let window = request.window()?;
        self.change(|shelf, now| match window {
            None => {
                // Forcing is idempotent: a secret that is not there is not an error.
                let mut answer = match shelf.remove(&request.secret_id) {
                    Some(secret) => secret.names(),
                    None => json!({ "Name": request.secret_id }),
                };
                answer["DeletionDate"] = epoch_seconds(now);
                Ok(answer)
            }
            Some(window) => {
                let secret = shelf.find_live_mut(&request.secret_id)?;
                let gone = secret.delete(window, now);
                let mut answer = secret.names();
                answer["DeletionDate"] = epoch_seconds(gone);
                Ok(answer)
            }
        })
    }

    fn restore(&self, request: &SecretRequest) -> Result<Value, Fault> {
        self.change(|shelf, _| {
            let secret = shelf.find_mut(&request.secret_id)?;
            secret.restore();
            Ok(secret.names())
        })
    }

    fn put_policy(&self, request: PutResourcePolicyRequest) -> Result<Value, Fault> {
        policy::check(&request.resource_policy, request.block_public_policy)?;
        self.change(|shelf, _| {
            let secret = shelf.find_live_mut(&request.secret_id)?;
            secret.set_policy(Some(request.resource_policy));
            Ok(secret.names())
        })
    }

    fn get_policy(&self, request: &SecretRequest) -> Result<Value, Fault> {
        self.shelf.read(|shelf| {
            let secret = shelf.find_live(&request.secret_id, self.now())?;
            let mut answer = secret.names();
            if let Some(policy) = secret.policy() {
                answer["ResourcePolicy"] = json!(policy);
            }
            Ok(answer)
        })
    }

    fn delete_policy(&self, request: &SecretRequest) -> Result<Value, Fault> {
        self.change(|shelf, _| {
            let secret = shelf.find_live_mut(&request.secret_id)?;
            secret.set_policy(None);
            Ok(secret.names())
        })
    }
}

fn invalid_parameter(message: impl Into<String>) -> Fault {
    Fault::new("InvalidParameterException", message)
}

fn invalid_request(message: impl Into<String>) -> Fault {
    Fault::new("InvalidRequestException", message)
}

fn not_found(message: impl Into<String>) -> Fault {
    Fault::new("ResourceNotFoundException", message)
}

fn already_exists(message: impl Into<String>) -> Fault {
    Fault::new("ResourceExistsException", message)
}
