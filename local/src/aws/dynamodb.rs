//! DynamoDB: the engine `dynoxide` on SQLite, served on loopback.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use dynoxide::Database;
use dynoxide::storage_backend::Clock as EngineClock;
use serde_json::{Value, json};
use tandem_domain::Clock;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::wire::{Port, Server};

mod written;

pub use written::Written;

/// How often expired items are looked for. DynamoDB itself promises "within a few days".
const SWEEP_EVERY: Duration = Duration::from_secs(10);
/// A large table is looked through, and stands still, no more than so small a part of the time.
const REST: u32 = 100;

/// The database and its server; dropping it stops both.
pub(super) struct DynamoDb {
    database: Database,
    server: Server,
    sweeper: JoinHandle<()>,
}

impl DynamoDb {
    /// Opens the tables, in `data_dir` or in memory, and serves them.
    pub(super) async fn start(data_dir: Option<&Path>, clock: &Arc<dyn Clock>) -> io::Result<Self> {
        let database = open(data_dir, clock)?;
        let port = Port::bind().await?;
        let endpoint = port.endpoint.clone();
        let (stop, stopped) = oneshot::channel::<()>();
        let serving =
            dynoxide::server::serve_with_shutdown(port.into_listener(), database.clone(), async {
                let _ = stopped.await;
            });
        tokio::spawn(async move {
            if let Err(error) = serving.await {
                tracing::error!(error, "the DynamoDB emulation stopped");
            }
        });
        let sweeper = tokio::spawn(sweep_forever(database.clone()));
        Ok(Self { database, server: Server::new(endpoint, stop), sweeper })
    }

    /// `http://127.0.0.1:port`.
    pub(super) fn endpoint(&self) -> &str {
        self.server.endpoint()
    }

    /// Notes every item that is written to `table` from now on.
    pub(super) fn watch(&self, table: &str) -> io::Result<Written> {
        Written::to(self.database.clone(), table)
    }

    /// Puts items into `table` in one go, each in DynamoDB JSON.
    pub(super) fn import(
        &self,
        table: &str,
        items: impl Iterator<Item = String>,
    ) -> io::Result<()> {
        let items = items.map(|item| serde_json::from_str(&item)).collect::<Result<Vec<_>, _>>()?;
        let options = dynoxide::ImportOptions::default();
        self.database.import_items(table, items, options).map_err(engine_error)?;
        Ok(())
    }

    /// Every item of `table`, in DynamoDB JSON.
    pub(super) fn items(&self, table: &str) -> io::Result<Vec<Value>> {
        let mut items = Vec::new();
        let mut after = Value::Null;
        loop {
            let mut request = json!({ "TableName": table, "ConsistentRead": true });
            if !after.is_null() {
                request["ExclusiveStartKey"] = after;
            }
            let page =
                self.database.scan(serde_json::from_value(request)?).map_err(engine_error)?;
            for item in page.items.unwrap_or_default() {
                items.push(serde_json::to_value(item)?);
            }
            match page.last_evaluated_key {
                Some(key) => after = serde_json::to_value(key)?,
                None => return Ok(items),
            }
        }
    }
}

impl Drop for DynamoDb {
    fn drop(&mut self) {
        self.sweeper.abort();
    }
}

fn open(data_dir: Option<&Path>, clock: &Arc<dyn Clock>) -> io::Result<Database> {
    let Some(dir) = data_dir else {
        return Database::memory_with_clock(Arc::new(SharedClock(clock.clone())))
            .map_err(engine_error);
    };
    let path = dir.join("dynamodb.sqlite");
    let unreadable =
        |reason: String| io::Error::other(format!("data directory: {}: {reason}", path.display()));
    let name = path.to_str().ok_or_else(|| unreadable("not a UTF-8 path".to_owned()))?;
    Database::new(name).map_err(|error| unreadable(error.to_string()))
}

async fn sweep_forever(database: Database) {
    loop {
        let (database, began) = (database.clone(), Instant::now());
        match tokio::task::spawn_blocking(move || database.sweep_ttl()).await {
            Ok(Ok(0)) => {}
            Ok(Ok(swept)) => tracing::debug!(swept, "expired items swept"),
            Ok(Err(error)) => tracing::warn!(%error, "expired items could not be swept"),
            Err(_) => return,
        }
        tokio::time::sleep(SWEEP_EVERY.max(began.elapsed() * REST)).await;
    }
}

fn engine_error(error: impl std::fmt::Display) -> io::Error {
    io::Error::other(format!("DynamoDB emulation: {error}"))
}

/// The stack's clock, as the engine reads it.
struct SharedClock(Arc<dyn Clock>);

impl EngineClock for SharedClock {
    fn now_unix_secs(&self) -> u64 {
        u64::try_from(self.0.now().as_secs()).unwrap_or(0)
    }

    fn now_unix_secs_f64(&self) -> f64 {
        let millis = u64::try_from(self.0.now().as_millis()).unwrap_or(0);
        Duration::from_millis(millis).as_secs_f64()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{Stack, dynamodb as client, table};
    use aws_sdk_dynamodb::types::{AttributeValue, TimeToLiveSpecification};

    async fn put(client: &aws_sdk_dynamodb::Client, pk: &str, expires: i64) {
        client
            .put_item()
            .table_name("things")
            .item("pk", AttributeValue::S(pk.to_owned()))
            .item("expires", AttributeValue::N(expires.to_string()))
            .send()
            .await
            .unwrap();
    }

    #[tokio::test]
    async fn every_item_is_listed_over_more_than_one_page() {
        let stack = Stack::start().await;
        let client = client(&stack.aws);
        table(&client, "things").await;
        let large = "x".repeat(300_000);
        for number in 0..8 {
            client
                .put_item()
                .table_name("things")
                .item("pk", AttributeValue::S(format!("item {number}")))
                .item("text", AttributeValue::S(large.clone()))
                .send()
                .await
                .unwrap();
        }
        let items = stack.aws.items("things").unwrap();
        assert_eq!(items.len(), 8);
        assert!(items.iter().any(|item| item["pk"] == json!({ "S": "item 7" })));
        assert!(stack.aws.items("others").is_err());
    }

    #[tokio::test]
    async fn expired_items_are_swept_by_the_given_clock() {
        let stack = Stack::start().await;
        let client = client(&stack.aws);
        table(&client, "things").await;
        client
            .update_time_to_live()
            .table_name("things")
            .time_to_live_specification(
                TimeToLiveSpecification::builder()
                    .attribute_name("expires")
                    .enabled(true)
                    .build()
                    .unwrap(),
            )
            .send()
            .await
            .unwrap();
        let now = stack.clock.now().as_secs();
        put(&client, "soon", now + 60).await;
        put(&client, "late", now + 600).await;
        stack.clock.advance(Duration::from_mins(2));
        assert_eq!(stack.aws.dynamodb.database.sweep_ttl().unwrap(), 1);
        assert_eq!(stack.aws.items("things").unwrap()[0]["pk"], json!({ "S": "late" }));
    }
}
