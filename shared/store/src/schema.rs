//! The table's own form, for engines where no template creates it.

use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
    ProjectionType, ScalarAttributeType, TimeToLiveSpecification,
};

use crate::{
    Store, StoreError,
    keys::{Index, PK, SK, TTL},
};

/// Every index of the table.
pub const INDEXES: [Index; 3] = [Index::ByOwner, Index::ByTenant, Index::ByDue];

impl Store {
    /// Creates the table as the template does; nothing happens when it is there.
    pub async fn create_table(&self) -> Result<(), StoreError> {
        let refused = |_| StoreError::Refused("schema".to_owned());
        let mut create = self
            .client
            .create_table()
            .table_name(&self.table)
            .billing_mode(BillingMode::PayPerRequest)
            .key_schema(key(PK, KeyType::Hash).map_err(refused)?)
            .key_schema(key(SK, KeyType::Range).map_err(refused)?);
        for (name, of) in [
            (PK, ScalarAttributeType::S),
            (SK, ScalarAttributeType::S),
            ("owner", ScalarAttributeType::S),
            ("tenant", ScalarAttributeType::S),
            ("due", ScalarAttributeType::S),
            ("due_at", ScalarAttributeType::N),
        ] {
            create = create.attribute_definitions(
                AttributeDefinition::builder()
                    .attribute_name(name)
                    .attribute_type(of)
                    .build()
                    .map_err(refused)?,
            );
        }
        for index in INDEXES {
            let (name, hash, range) = index.definition();
            create = create.global_secondary_indexes(
                GlobalSecondaryIndex::builder()
                    .index_name(name)
                    .key_schema(key(hash, KeyType::Hash).map_err(refused)?)
                    .key_schema(key(range, KeyType::Range).map_err(refused)?)
                    .projection(
                        Projection::builder().projection_type(ProjectionType::KeysOnly).build(),
                    )
                    .build()
                    .map_err(refused)?,
            );
        }
        match create.send().await {
            Ok(_) => self.expire_items().await,
            Err(error)
                if error.as_service_error().is_some_and(
                    aws_sdk_dynamodb::operation::create_table::CreateTableError::is_resource_in_use_exception,
                ) =>
            {
                Ok(())
            }
            Err(_) => Err(StoreError::Refused("create_table".to_owned())),
        }
    }

    async fn expire_items(&self) -> Result<(), StoreError> {
        let ttl = TimeToLiveSpecification::builder()
            .attribute_name(TTL)
            .enabled(true)
            .build()
            .map_err(|_| StoreError::Refused("ttl".to_owned()))?;
        self.client
            .update_time_to_live()
            .table_name(&self.table)
            .time_to_live_specification(ttl)
            .send()
            .await
            .map_err(|_| StoreError::Refused("update_time_to_live".to_owned()))?;
        Ok(())
    }
}

fn key(name: &str, of: KeyType) -> Result<KeySchemaElement, aws_sdk_dynamodb::error::BuildError> {
    KeySchemaElement::builder().attribute_name(name).key_type(of).build()
}
