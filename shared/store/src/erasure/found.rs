//! What an erasure finds in the indexes, and deleting it whole.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::de::DeserializeOwned;

use super::{Erasure, Part};
use crate::{
    AccountLink, ChannelSubscription, ChatLink, ChatSubscription, Grant, Installation,
    IssueMessage, IssueThread, MessageLink, Session, SettingChange, Store, StoreError,
    entity::Entity,
    inventory::INVENTORY,
    keys::{self, Index, Key},
    table::{Held, Within, key_of},
};

/// How many keys of an index are looked at in one round trip: as many as one batch reads.
const PAGE: i32 = 100;

/// Where a page of an index ended.
#[derive(Clone, Debug)]
pub struct Cursor(pub(crate) HashMap<String, AttributeValue>);

/// An item that an index led to.
#[derive(Clone, Debug)]
pub struct Found {
    pub(super) key: Key,
    /// Whose deletion is counted.
    pub(super) entity: &'static str,
    /// What it is, as far as that matters.
    pub what: What,
}

/// What an item is, as far as it matters to an erasure. What lies in two halves is the same from
/// either side.
#[derive(Clone, Debug)]
pub enum What {
    /// A link of two accounts.
    AccountLink(AccountLink),
    /// A link of an issue and a chat.
    ChatLink(ChatLink),
    /// A link of a comment and a message.
    MessageLink(MessageLink),
    /// A channel's subscription to a project.
    ChannelSubscription(ChannelSubscription),
    /// The thread in which a channel is told of an issue.
    IssueThread(IssueThread),
    /// A link of an issue and the message it was created from.
    IssueMessage(IssueMessage),
    /// A chat's subscription.
    Subscription(ChatSubscription),
    /// A grant: the vault erases it.
    Grant(Grant),
    /// A session.
    Session(Session),
    /// A change of settings: it outlives whoever made it, without their name.
    SettingChange(SettingChange),
    /// An erasure: it ends by itself.
    Erasure,
    /// Anything else: nothing hangs on it.
    Other,
}

impl Found {
    pub(crate) fn of(item: HashMap<String, AttributeValue>) -> Result<Self, StoreError> {
        let key = key_of(&item)?;
        let stored = item.get("entity").and_then(|name| name.as_s().ok()).cloned();
        let stored = stored.unwrap_or_default();
        // What this version does not know goes all the same: it is theirs.
        let known = INVENTORY.iter().find(|known| known.entity == stored);
        let name = known.map_or("unknown", |known| known.entity);
        let whole = name.split_once("_by_").map_or(name, |(whole, _)| whole);
        let entity = INVENTORY
            .iter()
            .find(|known| known.entity == whole)
            .map_or("unknown", |known| known.entity);
        let what = match entity {
            AccountLink::NAME => What::AccountLink(body(item)?),
            ChatLink::NAME => What::ChatLink(body(item)?),
            MessageLink::NAME => What::MessageLink(body(item)?),
            ChannelSubscription::NAME => What::ChannelSubscription(body(item)?),
            IssueThread::NAME => What::IssueThread(body(item)?),
            IssueMessage::NAME => What::IssueMessage(body(item)?),
            ChatSubscription::NAME => What::Subscription(body(item)?),
            Grant::NAME => What::Grant(body(item)?),
            Session::NAME => What::Session(body(item)?),
            SettingChange::NAME => What::SettingChange(body(item)?),
            Erasure::NAME => What::Erasure,
            _ => What::Other,
        };
        Ok(Self { key, entity, what })
    }

    /// A link of two accounts that was read by its key.
    pub fn account_link(link: &AccountLink) -> Self {
        let what = What::AccountLink(link.clone());
        Self { key: link.key(), entity: AccountLink::NAME, what }
    }

    /// A session that was read by its key.
    pub fn session(session: &Session) -> Self {
        Self { key: session.key(), entity: Session::NAME, what: What::Session(session.clone()) }
    }

    /// A site's installation that was read by its key.
    pub fn installation(of: &Installation) -> Self {
        Self { key: of.key(), entity: Installation::NAME, what: What::Other }
    }

    /// A chat's subscription that was read by its key.
    pub fn subscription(of: &ChatSubscription) -> Self {
        let what = What::Subscription(of.clone());
        Self { key: of.key(), entity: ChatSubscription::NAME, what }
    }

    /// The item's halves, each with what it must still hold to be this one's.
    pub(super) fn halves(&self) -> Vec<(Key, Held)> {
        match &self.what {
            What::AccountLink(link) => vec![
                (
                    keys::link_by_account(&link.cloud_id, &link.account_id),
                    vec![
                        ("tenant_id", link.tenant_id.to_string()),
                        ("object_id", link.object_id.to_string()),
                    ],
                ),
                (
                    keys::link_by_object(&link.tenant_id, &link.object_id, &link.cloud_id),
                    vec![("account_id", link.account_id.to_string())],
                ),
            ],
            What::ChatLink(link) => {
                let (cloud, issue) = (&link.cloud_id, &link.issue_id);
                let (tenant, chat) = (&link.tenant_id, &link.chat_id);
                [
                    keys::chat_by_issue(cloud, issue, tenant, chat),
                    keys::issue_by_chat(cloud, issue, tenant, chat),
                ]
                .map(there)
                .into()
            }
            What::MessageLink(link) => {
                let (cloud, issue) = (&link.cloud_id, &link.issue_id);
                let (tenant, chat) = (&link.tenant_id, &link.chat_id);
                [
                    keys::message_by_comment(cloud, &link.comment_id, tenant, chat),
                    keys::comment_by_message(tenant, chat, &link.message_id, cloud, issue),
                ]
                .map(there)
                .into()
            }
            What::ChannelSubscription(of) => [
                keys::channel_by_project(&of.cloud_id, &of.project_id, &of.follow_id),
                keys::project_by_channel(&of.tenant_id, &of.channel_id, &of.follow_id),
            ]
            .map(there)
            .into(),
            What::IssueThread(of) => {
                let (cloud, issue) = (&of.cloud_id, &of.issue_id);
                let (tenant, channel) = (&of.tenant_id, &of.channel_id);
                [
                    keys::issue_thread(cloud, issue, tenant, channel),
                    keys::thread_by_channel(tenant, channel, cloud, issue),
                ]
                .map(there)
                .into()
            }
            What::IssueMessage(of) => {
                let (cloud, issue, message) = (&of.cloud_id, &of.issue_id, &of.message_id);
                [
                    keys::message_of_issue(cloud, issue),
                    keys::issue_of_message(
                        &of.tenant_id,
                        &of.conversation_id,
                        message,
                        cloud,
                        issue,
                    ),
                ]
                .map(there)
                .into()
            }
            _ => vec![there(self.key.clone())],
        }
    }
}

fn there(key: Key) -> (Key, Held) {
    let held = vec![("pk", key.pk.clone())];
    (key, held)
}

fn body<T: DeserializeOwned + Entity>(
    item: HashMap<String, AttributeValue>,
) -> Result<T, StoreError> {
    serde_dynamo::from_item(item).map_err(|_| StoreError::Unreadable(T::NAME))
}

impl Store {
    /// A page of what one partition of an index leads to, and where the next page begins.
    pub async fn list_indexed(
        &self,
        index: Index,
        value: &str,
        from: Option<Cursor>,
    ) -> Result<(Vec<Found>, Option<Cursor>), StoreError> {
        let (keys, next) = self.indexed_page(index, value, None, from).await?;
        Ok((self.found_at(&keys).await?, next))
    }

    /// A page of a part of the table, and the key behind which the next page begins.
    pub async fn list_part(
        &self,
        part: &Part,
        after: Option<&Key>,
    ) -> Result<(Vec<Found>, Option<Key>), StoreError> {
        match part {
            Part::Partition(pk) => self.partition_page(pk, after).await,
            Part::Indexed { index, value, prefix } => {
                let from = after.map(|key| {
                    let mut place = key.attributes();
                    let hash = index.definition().1.to_owned();
                    place.insert(hash, AttributeValue::S(value.clone()));
                    Cursor(place)
                });
                let (keys, next) =
                    self.indexed_page(*index, value, prefix.as_deref(), from).await?;
                let next = next.map(|Cursor(place)| key_of(&place)).transpose()?;
                Ok((self.found_at(&keys).await?, next))
            }
        }
    }

    async fn found_at(&self, keys: &[Key]) -> Result<Vec<Found>, StoreError> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        self.batch(keys).await?.into_iter().map(Found::of).collect()
    }

    async fn partition_page(
        &self,
        pk: &str,
        after: Option<&Key>,
    ) -> Result<(Vec<Found>, Option<Key>), StoreError> {
        let page = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", AttributeValue::S(pk.to_owned()))
            .consistent_read(true)
            .limit(PAGE)
            .set_exclusive_start_key(after.map(Key::attributes))
            .send()
            .await?;
        let found = page.items.unwrap_or_default().into_iter().map(Found::of);
        let next = page.last_evaluated_key.as_ref().map(key_of).transpose()?;
        Ok((found.collect::<Result<_, _>>()?, next))
    }

    /// A page of the keys in one partition of an index; with a prefix, only those of partitions of
    /// the table that begin with it.
    pub(crate) async fn indexed_page(
        &self,
        index: Index,
        value: &str,
        prefix: Option<&str>,
        from: Option<Cursor>,
    ) -> Result<(Vec<Key>, Option<Cursor>), StoreError> {
        let within = prefix.map_or(Within::All, Within::Prefix);
        let page = self
            .query_index(index, value.to_owned(), within)
            .limit(PAGE)
            .set_exclusive_start_key(from.map(|Cursor(key)| key))
            .send()
            .await?;
        let keys = page.items.unwrap_or_default().iter().map(key_of).collect::<Result<_, _>>()?;
        Ok((keys, page.last_evaluated_key.map(Cursor)))
    }
}
