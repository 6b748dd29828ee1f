//! What the vault's tests work on: the emulations, a clock set by hand, and as many vaults as one
//! likes, each as if in a process of its own.

use std::{collections::HashSet, future::Future, pin::pin, sync::Arc, task::Poll, time::Duration};

use aws_config::{BehaviorVersion, Region, SdkConfig, retry::RetryConfig};
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider};
use serde_json::Value;
use tandem_domain::{
    AccountId, Entropy, Failure, ManualClock, ObjectId, Purpose, RequestId, Subject, TenantId,
    Timestamp, TokenIssuer,
};
use tandem_local::aws::{Aws, AwsOptions, SecretListing};
use tandem_store::{Grant, Store};
use tandem_vault::{Issuers, Vault, VaultConfig};

use super::issuer::Issuer;
use crate::support::{AwsProxy, Inventoried};

/// When the tests take place.
pub(super) const START: Timestamp = Timestamp::from_secs(1_800_000_000);
/// The deployment's name.
pub(super) const PREFIX: &str = "tandem/test";
/// Whom the policies of the secrets let through.
pub(super) const READERS: &str = "arn:aws:iam::000000000000:role/tandem/test/*";
/// The table's name.
const TABLE: &str = "tandem";

/// The system's randomness.
pub(super) struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, buffer: &mut [u8]) {
        aws_lc_rs::rand::fill(buffer).unwrap();
    }
}

/// The emulations and what lies in them.
pub(super) struct Bench {
    _written: Inventoried,
    aws: Aws,
    pub(super) clock: Arc<ManualClock>,
    pub(super) issuer: Arc<Issuer>,
    pub(super) store: Store,
    pub(super) kms: aws_sdk_kms::Client,
    pub(super) secrets: aws_sdk_secretsmanager::Client,
    pub(super) envelope_key: String,
    pub(super) secrets_key: String,
}

impl Bench {
    /// With a vendor that rotates strictly.
    pub(super) async fn start() -> Self {
        Self::start_with(false, Duration::ZERO).await
    }

    /// With a vendor that accepts the last refresh token too, or takes its time.
    pub(super) async fn start_with(leeway: bool, takes: Duration) -> Self {
        let clock = Arc::new(ManualClock::at(START));
        let options = AwsOptions { data_dir: None, clock: clock.clone() };
        let aws = Aws::start(options).await.unwrap();
        let kms = aws_sdk_kms::Client::new(&sdk(aws.kms_endpoint()));
        let dynamodb = aws_sdk_dynamodb::Client::new(&sdk(aws.dynamodb_endpoint()));
        let store = Store::new(dynamodb, TABLE);
        store.create_table().await.unwrap();
        Self {
            issuer: Arc::new(Issuer::new(clock.clone(), leeway, takes)),
            secrets: aws_sdk_secretsmanager::Client::new(&sdk(aws.secrets_manager_endpoint())),
            envelope_key: create_key(&kms).await,
            secrets_key: create_key(&kms).await,
            _written: Inventoried::watch(&aws, TABLE),
            store,
            kms,
            clock,
            aws,
        }
    }

    /// A vault with an empty memory, as a new process has it.
    pub(super) fn vault(&self) -> Arc<Vault> {
        self.vault_with(&self.envelope_key, &[])
    }

    /// The same with other envelope keys.
    pub(super) fn vault_with(&self, envelope_key: &str, older: &[&str]) -> Arc<Vault> {
        self.vault_of(VaultConfig {
            envelope_key: envelope_key.to_owned(),
            older_envelope_keys: older.iter().map(|&key| key.to_owned()).collect(),
            ..self.config()
        })
    }

    /// What a vault is made of.
    pub(super) fn config(&self) -> VaultConfig {
        VaultConfig {
            kms: self.kms.clone(),
            secrets: self.secrets.clone(),
            store: self.store.clone(),
            envelope_key: self.envelope_key.clone(),
            older_envelope_keys: Vec::new(),
            secrets_key: self.secrets_key.clone(),
            older_secrets_keys: Vec::new(),
            secret_prefix: PREFIX.to_owned(),
            secret_readers: READERS.to_owned(),
        }
    }

    /// A vault made of that.
    pub(super) fn vault_of(&self, config: VaultConfig) -> Arc<Vault> {
        self.vault_at(config, self.issuer.clone())
    }

    /// The same, with another vendor.
    pub(super) fn vault_at(&self, config: VaultConfig, vendor: Arc<dyn TokenIssuer>) -> Arc<Vault> {
        let issuers = Issuers { atlassian: vendor.clone(), microsoft: vendor };
        Arc::new(Vault::new(config, issuers, self.clock.clone(), Arc::new(SystemEntropy)))
    }

    /// The store behind a proxy.
    pub(super) async fn proxied_store(&self) -> (AwsProxy, Store) {
        let proxy = AwsProxy::before(self.aws.dynamodb_endpoint()).await;
        let client = aws_sdk_dynamodb::Client::new(&sdk(proxy.endpoint()));
        (proxy, Store::new(client, TABLE))
    }

    /// Secrets Manager behind a proxy.
    pub(super) async fn proxied_secrets(&self) -> (AwsProxy, aws_sdk_secretsmanager::Client) {
        let proxy = AwsProxy::before(self.aws.secrets_manager_endpoint()).await;
        let client = aws_sdk_secretsmanager::Client::new(&sdk(proxy.endpoint()));
        (proxy, client)
    }

    /// Every item, as DynamoDB has it.
    pub(super) fn items(&self) -> Vec<Value> {
        self.aws.items(TABLE).unwrap()
    }

    /// Signs the subject in and saves the tokens.
    pub(super) async fn sign_in(&self, subject: &Subject) {
        let tokens = self.issuer.sign_in(subject);
        self.vault().save(subject, &tokens).await.unwrap();
    }

    /// The subject's grant as it stands.
    pub(super) async fn grant(&self, subject: &Subject) -> Grant {
        self.store.find_grant(subject).await.unwrap().unwrap()
    }

    /// The secrets of grants.
    pub(super) fn grant_secrets(&self) -> Vec<SecretListing> {
        self.aws.secrets()
    }

    /// Each secret is one that a grant's item leads to.
    pub(super) fn assert_no_stray_secret(&self) {
        let items = self.items();
        let led_to: HashSet<String> = items
            .iter()
            .filter(|item| item["entity"]["S"] == "grant")
            .map(|item| format!("{PREFIX}/grant/{}", item["grant_id"]["S"].as_str().unwrap()))
            .collect();
        for secret in self.grant_secrets() {
            assert!(led_to.contains(&secret.name), "a secret that nothing leads to");
        }
    }

    /// The name of the grant's secret.
    pub(super) fn secret_name(grant: &Grant) -> String {
        format!("{PREFIX}/grant/{}", grant.grant_id)
    }
}

/// A subject for each number.
pub(super) fn subject(number: usize) -> Subject {
    Subject::Atlassian(AccountId::parse(&format!("{number:024x}")).unwrap())
}

/// A Microsoft user for each number.
pub(super) fn microsoft_subject(number: usize) -> Subject {
    let tenant = TenantId::parse("0e3419f7-4c4d-47e7-b98a-7b9b9de02b80").unwrap();
    let object = ObjectId::parse(&format!("0000000b-0000-4000-8000-{number:012x}")).unwrap();
    Subject::Microsoft(tenant, object)
}

/// The subject of an Atlassian account.
pub(super) fn subject_of(account: AccountId) -> Subject {
    Subject::Atlassian(account)
}

/// Opens the subject's token, as text.
pub(super) async fn open(vault: &Vault, subject: &Subject) -> Result<String, Failure> {
    open_for(vault, subject, Purpose::CarryToTeams, "test-request").await
}

/// The same, for a purpose and a request.
pub(super) async fn open_for(
    vault: &Vault,
    subject: &Subject,
    purpose: Purpose,
    request: &str,
) -> Result<String, Failure> {
    let token = vault.access_token(subject, purpose, &self::request(request)).await?;
    Ok(token.expose("the test compares it").to_owned())
}

/// A request's id.
pub(super) fn request(id: &str) -> RequestId {
    RequestId::parse(id).unwrap()
}

/// At which moment of a step to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// As soon as the step waits for something: what it asked for may or may not happen.
    Waiting,
    /// When what it waited for has happened, before anything is made of it.
    Answered,
}

/// Both moments.
pub(super) const STOPS: [Stop; 2] = [Stop::Waiting, Stop::Answered];

/// Runs `work` for `steps` steps (polls) and stops it there, as a process that ends; `None` when
/// it was stopped.
pub(super) async fn stop_after<F: Future>(steps: usize, stop: Stop, work: F) -> Option<F::Output> {
    let mut work = pin!(work);
    let mut left = steps;
    std::future::poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        match work.as_mut().poll(context) {
            Poll::Pending if left == 0 && stop == Stop::Waiting => Poll::Ready(None),
            polled => polled.map(Some),
        }
    })
    .await
}

pub(super) async fn create_key(kms: &aws_sdk_kms::Client) -> String {
    let created = kms.create_key().send().await.unwrap();
    created.key_metadata.unwrap().key_id
}

fn sdk(endpoint: &str) -> SdkConfig {
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::for_tests()))
        .retry_config(RetryConfig::disabled())
        .endpoint_url(endpoint)
        .build()
}
