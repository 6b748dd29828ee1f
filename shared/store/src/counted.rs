//! How much there is of something, for whoever wants to know how a site fares: counted in the
//! indexes up to a bound, never by reading the table through.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, Select};
use tandem_domain::{CloudId, GrantState, Timestamp};

use crate::{
    ChannelSubscription, Grant, Store, StoreError, chat_link, erasure, grant,
    keys::{self, Index, Key},
    table::{Within, key_of, read},
};

/// How many keys of an index are looked at when something is counted.
pub const MOST_COUNTED: i32 = 1_000;

/// How many items one batch reads.
const BATCH: usize = 100;

/// A kind of thing that upkeep does when it is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DueKind {
    /// Renewing a chat's subscription.
    Subscription,
    /// Going on with an erasure.
    Erasure,
}

impl DueKind {
    fn partition(self) -> String {
        keys::due(match self {
            Self::Subscription => chat_link::DUE,
            Self::Erasure => erasure::DUE,
        })
    }
}

/// How many there are: exactly, or at least so many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// The number.
    pub count: u64,
    /// Whether there may be more, which were not looked at.
    pub more: bool,
}

/// What an index holds of an item: the keys.
type Indexed = HashMap<String, AttributeValue>;

impl Store {
    /// How many things of a kind there are to do, with `before` those that are due before then.
    pub async fn count_due(
        &self,
        kind: DueKind,
        before: Option<Timestamp>,
    ) -> Result<Counted, StoreError> {
        let (name, hash, range) = Index::ByDue.definition();
        let query = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(name)
            .select(Select::Count)
            .limit(MOST_COUNTED)
            .expression_attribute_names("#hash", hash)
            .expression_attribute_values(":hash", AttributeValue::S(kind.partition()));
        let page = match before.map(|before| AttributeValue::N(before.as_millis().to_string())) {
            None => query.key_condition_expression("#hash = :hash"),
            Some(before) => query
                .key_condition_expression("#hash = :hash AND #range < :before")
                .expression_attribute_names("#range", range)
                .expression_attribute_values(":before", before),
        }
        .send()
        .await?;
        let count = u64::try_from(page.count).unwrap_or(0);
        Ok(Counted { count, more: page.last_evaluated_key.is_some() })
    }

    /// When the first thing of a kind is due.
    pub async fn find_next_due(&self, kind: DueKind) -> Result<Option<Timestamp>, StoreError> {
        let (_, _, range) = Index::ByDue.definition();
        let (found, _) = self.indexed(Index::ByDue, kind.partition(), None, 1).await?;
        let at = found.first().and_then(|item| item.get(range)?.as_n().ok()?.parse().ok());
        Ok(at.map(Timestamp::from_millis))
    }

    /// How many erasures of a site or of its people are under way.
    pub async fn count_erasures_of_site(&self, cloud: &CloudId) -> Result<Counted, StoreError> {
        let under = DueKind::Erasure.partition();
        let (found, more) = self.indexed(Index::ByDue, under, None, MOST_COUNTED).await?;
        let keys: Vec<Key> = found.iter().map(key_of).collect::<Result<_, _>>()?;
        let count = keys.iter().filter(|key| keys::is_of_site(key, cloud)).count();
        Ok(Counted { count: count as u64, more })
    }

    /// The grants that need a sign-in, the longest ended first, at most `most`, and whether there
    /// are more. The index is behind by moments.
    pub async fn list_grants_needing_sign_in(
        &self,
        most: i32,
    ) -> Result<(Vec<Grant>, bool), StoreError> {
        let under = keys::due(grant::SIGN_IN);
        let (found, more) = self.indexed(Index::ByDue, under, None, most).await?;
        let keys: Vec<Key> = found.iter().map(key_of).collect::<Result<_, _>>()?;
        let mut grants = Vec::new();
        for keys in keys.chunks(BATCH) {
            grants.extend(self.grants_at(keys).await?);
        }
        grants.retain(|grant| matches!(grant.state, GrantState::NeedsSignIn(_)));
        grants.sort_by_key(|grant| grant.ended_at);
        Ok((grants, more))
    }

    /// The channel subscriptions of a site, and whether there are more.
    pub async fn list_channels_by_site(
        &self,
        cloud: &CloudId,
    ) -> Result<(Vec<ChannelSubscription>, bool), StoreError> {
        let (site, projects) = (keys::site(cloud), keys::projects_of(cloud));
        let (found, more) =
            self.indexed(Index::ByTenant, site, Some(&projects), MOST_COUNTED).await?;
        let keys: Vec<Key> = found.iter().map(key_of).collect::<Result<_, _>>()?;
        let follows: Vec<Key> =
            keys.into_iter().filter(|key| key.sk.starts_with(keys::FOLLOWS)).collect();
        let mut channels = Vec::new();
        for keys in follows.chunks(BATCH) {
            for item in self.batch(keys).await? {
                channels.push(read(item)?);
            }
        }
        Ok((channels, more))
    }

    /// Whether an issue of the site is linked with a chat, as far as the first of its issues tell.
    pub async fn has_chat(&self, cloud: &CloudId) -> Result<bool, StoreError> {
        let (site, issues) = (keys::site(cloud), keys::issues_of(cloud));
        let (found, _) = self.indexed(Index::ByTenant, site, Some(&issues), MOST_COUNTED).await?;
        let keys: Vec<Key> = found.iter().map(key_of).collect::<Result<_, _>>()?;
        Ok(keys.iter().any(|key| key.sk.starts_with(keys::CHATS)))
    }

    /// What an index holds under `value`, with a prefix of the sort attribute, at most `limit`; and
    /// whether there is more.
    async fn indexed(
        &self,
        index: Index,
        value: String,
        prefix: Option<&str>,
        limit: i32,
    ) -> Result<(Vec<Indexed>, bool), StoreError> {
        let within = prefix.map_or(Within::All, Within::Prefix);
        let page = self.query_index(index, value, within).limit(limit).send().await?;
        Ok((page.items.unwrap_or_default(), page.last_evaluated_key.is_some()))
    }
}
