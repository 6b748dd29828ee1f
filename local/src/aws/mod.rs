//! AWS in this process: DynamoDB, KMS, Secrets Manager and SQS FIFO on loopback ports.
//!
//! Each emulation answers the SDK's own wire protocol, for exactly the calls that Tandem makes;
//! any other call is refused by name. For development and tests only: with a data directory the
//! keys lie in a file beside what they protect.

mod durable;
mod dynamodb;
mod kms;
mod secrets_manager;
mod sqs;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod wire;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::Value;
use tandem_domain::Clock;

pub use dynamodb::Written;
pub use secrets_manager::{SecretListing, VersionListing};
pub use sqs::{MessageListing, MessageState, QueueListing};

use durable::DirectoryLock;
use dynamodb::DynamoDb;
use kms::Kms;
use secrets_manager::SecretsManager;
use sqs::Sqs;
use wire::{Port, Server};

/// How the emulations run.
pub struct AwsOptions {
    /// Where state is kept between runs; `None` keeps it in memory.
    pub data_dir: Option<PathBuf>,
    /// What deletion dates, visibility, deduplication and expiry go by. (With a data directory,
    /// expired items of a table are swept by the system's clock.)
    pub clock: Arc<dyn Clock>,
}

/// The running emulations; dropping it stops them.
pub struct Aws {
    dynamodb: DynamoDb,
    kms: Server,
    secrets_manager: Arc<SecretsManager>,
    secrets_manager_server: Server,
    sqs: Arc<Sqs>,
    sqs_server: Server,
    _lock: Option<DirectoryLock>,
}

impl Aws {
    /// Starts the emulations, each on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// When a port cannot be bound, or the data directory cannot be read or written or is in use
    /// by another process; the message names the file.
    pub async fn start(options: AwsOptions) -> io::Result<Self> {
        let AwsOptions { data_dir, clock } = options;
        let dir = data_dir.as_deref();
        let lock = dir.map(DirectoryLock::take).transpose()?;
        let dynamodb = DynamoDb::start(dir, &clock).await?;
        let kms = Arc::new(Kms::open(dir, clock.clone())?);
        let secrets_manager = Arc::new(SecretsManager::open(dir, clock.clone())?);
        let sqs_port = Port::bind().await?;
        let sqs = Arc::new(Sqs::open(dir, clock, sqs_port.endpoint.clone())?);
        Ok(Self {
            dynamodb,
            kms: Port::bind().await?.serve(kms),
            secrets_manager_server: Port::bind().await?.serve(secrets_manager.clone()),
            secrets_manager,
            sqs_server: sqs_port.serve(sqs.clone()),
            sqs,
            _lock: lock,
        })
    }

    /// Where DynamoDB answers: `http://127.0.0.1:port`.
    pub fn dynamodb_endpoint(&self) -> &str {
        self.dynamodb.endpoint()
    }

    /// Where KMS answers: `http://127.0.0.1:port`.
    pub fn kms_endpoint(&self) -> &str {
        self.kms.endpoint()
    }

    /// Where Secrets Manager answers: `http://127.0.0.1:port`.
    pub fn secrets_manager_endpoint(&self) -> &str {
        self.secrets_manager_server.endpoint()
    }

    /// Where SQS answers: `http://127.0.0.1:port`.
    pub fn sqs_endpoint(&self) -> &str {
        self.sqs_server.endpoint()
    }

    /// Every item of a table, in DynamoDB JSON (`{"pk":{"S":"..."}}`).
    ///
    /// # Errors
    /// When there is no such table, or it cannot be read.
    pub fn items(&self, table: &str) -> io::Result<Vec<Value>> {
        self.dynamodb.items(table)
    }

    /// Puts items into a table in bulk, each in DynamoDB JSON, past the API.
    ///
    /// # Errors
    /// When there is no such table, or an item is none.
    pub fn import(&self, table: &str, items: impl Iterator<Item = String>) -> io::Result<()> {
        self.dynamodb.import(table, items)
    }

    /// Notes every item that is written to a table from now on, also what is changed or deleted
    /// again.
    ///
    /// # Errors
    /// When there is no such table.
    pub fn watch(&self, table: &str) -> io::Result<Written> {
        self.dynamodb.watch(table)
    }

    /// Every secret with its versions, never a value.
    pub fn secrets(&self) -> Vec<SecretListing> {
        self.secrets_manager.listing()
    }

    /// How many messages wait or are with a receiver, those of dead-letter queues apart.
    pub fn messages_left(&self) -> usize {
        self.sqs.left()
    }

    /// Every queue with all its messages, dead-letter queues too.
    pub fn queues(&self) -> Vec<QueueListing> {
        self.sqs.listing()
    }
}
