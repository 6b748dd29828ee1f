//! What the tests of the emulations share: a stack under a clock set by hand, and SDK clients.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use aws_config::retry::RetryConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider};
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
};
use tandem_domain::{ManualClock, Timestamp};

use super::{Aws, AwsOptions};

/// When the tests take place.
pub(super) const START: Timestamp = Timestamp::from_secs(1_800_000_000);

/// The emulations and the clock they go by.
pub(super) struct Stack {
    pub(super) aws: Aws,
    pub(super) clock: Arc<ManualClock>,
}

impl Stack {
    /// In memory.
    pub(super) async fn start() -> Self {
        Self::start_in(None).await
    }

    /// With state kept in `dir`.
    pub(super) async fn start_in(dir: Option<&Path>) -> Self {
        let clock = Arc::new(ManualClock::at(START));
        let options = AwsOptions { data_dir: dir.map(Path::to_path_buf), clock: clock.clone() };
        Self { aws: Aws::start(options).await.unwrap(), clock }
    }
}

/// An SDK configuration with test credentials and no retries.
pub(super) fn sdk_config(endpoint: &str) -> SdkConfig {
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::for_tests()))
        .retry_config(RetryConfig::disabled())
        .endpoint_url(endpoint)
        .build()
}

/// A DynamoDB client of the stack.
pub(super) fn dynamodb(aws: &Aws) -> aws_sdk_dynamodb::Client {
    aws_sdk_dynamodb::Client::new(&sdk_config(aws.dynamodb_endpoint()))
}

/// A KMS client of the stack.
pub(super) fn kms(aws: &Aws) -> aws_sdk_kms::Client {
    aws_sdk_kms::Client::new(&sdk_config(aws.kms_endpoint()))
}

/// A Secrets Manager client of the stack.
pub(super) fn secrets_manager(aws: &Aws) -> aws_sdk_secretsmanager::Client {
    aws_sdk_secretsmanager::Client::new(&sdk_config(aws.secrets_manager_endpoint()))
}

/// An SQS client of the stack.
pub(super) fn sqs(aws: &Aws) -> aws_sdk_sqs::Client {
    aws_sdk_sqs::Client::new(&sdk_config(aws.sqs_endpoint()))
}

/// The name of the exception that a call ended in; empty when it succeeded.
pub(super) fn error_code<T, E: ProvideErrorMetadata>(answered: Result<T, E>) -> String {
    match answered {
        Ok(_) => String::new(),
        Err(error) => error.code().unwrap_or("(no code)").to_owned(),
    }
}

/// Creates a table with the hash key `pk`.
pub(super) async fn table(client: &aws_sdk_dynamodb::Client, name: &str) {
    let key = KeySchemaElement::builder().attribute_name("pk").key_type(KeyType::Hash);
    let attribute =
        AttributeDefinition::builder().attribute_name("pk").attribute_type(ScalarAttributeType::S);
    client
        .create_table()
        .table_name(name)
        .billing_mode(BillingMode::PayPerRequest)
        .key_schema(key.build().unwrap())
        .attribute_definitions(attribute.build().unwrap())
        .send()
        .await
        .unwrap();
}

/// A directory that is removed when dropped.
pub(super) struct TempDir(PathBuf);

impl TempDir {
    pub(super) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("tandem-aws-{}-{number}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
