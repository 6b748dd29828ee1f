//! What was written to a table: each item as each write left it, also those that are gone by now.
//! The engine notes them in the table's stream, which keeps them until it stops.

use std::io;

use dynoxide::{Database, streams};
use serde_json::{Value, json};

use super::engine_error;

/// How many records one call reads, at most.
const PAGE: usize = 1000;

/// Everything that is written to a table from when this was made.
pub struct Written {
    database: Database,
    table: String,
    stream: String,
}

impl Written {
    pub(super) fn to(database: Database, table: &str) -> io::Result<Self> {
        let stream = json!({"StreamEnabled": true, "StreamViewType": "NEW_IMAGE"});
        let update = json!({"TableName": table, "StreamSpecification": stream});
        database.update_table(serde_json::from_value(update)?).map_err(engine_error)?;
        let streams = database.list_streams(serde_json::from_value(json!({"TableName": table}))?);
        let stream = streams.map_err(engine_error)?.streams.pop();
        let stream = stream.ok_or_else(|| engine_error("no stream"))?.stream_arn;
        Ok(Self { database, table: table.to_owned(), stream })
    }

    /// Each item as each write left it, in DynamoDB JSON, in the order of the writes.
    ///
    /// # Errors
    /// When the engine does not read its stream.
    pub fn items(&self) -> io::Result<Vec<Value>> {
        let from = json!({
            "StreamArn": self.stream,
            "ShardId": streams::shard_id(&self.table),
            "ShardIteratorType": "TRIM_HORIZON",
        });
        let from = self.database.get_shard_iterator(serde_json::from_value(from)?);
        let mut iterator = from.map_err(engine_error)?.shard_iterator;
        let mut items = Vec::new();
        while let Some(at) = iterator {
            let request = json!({"ShardIterator": at, "Limit": PAGE});
            let page = self.database.get_records(serde_json::from_value(request)?);
            let page = page.map_err(engine_error)?;
            iterator = page.next_shard_iterator.filter(|_| !page.records.is_empty());
            for record in page.records {
                items.extend(record.dynamodb.new_image.map(serde_json::to_value).transpose()?);
            }
        }
        Ok(items)
    }
}
