//! What an erasure finds in the indexes, and deleting it whole.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem, Update};
use serde::de::DeserializeOwned;
use tandem_domain::{AccountId, CloudId};

use super::Erasure;
use crate::{
    AccountLink, ChannelSubscription, ChatLink, ChatSubscription, Grant, Installation,
    IssueMessage, IssueThread, MessageLink, ScopeSettings, Session, Store, StoreError,
    entity::Entity,
    inventory::INVENTORY,
    keys::{self, Index, Key},
    table::{Held, If, key_of, read},
};

/// How many keys of an index are looked at in one round trip: as many as one batch reads.
const PAGE: i32 = 100;

/// Where a page of an index ended.
#[derive(Clone, Debug)]
pub struct Cursor(HashMap<String, AttributeValue>);

/// An item that an index led to.
#[derive(Clone, Debug)]
pub struct Found {
    key: Key,
    /// Whose deletion is counted.
    entity: &'static str,
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
    /// An erasure: it ends by itself.
    Erasure,
    /// Anything else: nothing hangs on it.
    Other,
}

impl Found {
    fn of(item: HashMap<String, AttributeValue>) -> Result<Self, StoreError> {
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
    fn halves(&self) -> Vec<(Key, Held)> {
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
        if keys.is_empty() {
            return Ok((Vec::new(), next));
        }
        let found =
            self.batch(&keys).await?.into_iter().map(Found::of).collect::<Result<_, _>>()?;
        Ok((found, next))
    }

    async fn indexed_page(
        &self,
        index: Index,
        value: &str,
        prefix: Option<&str>,
        from: Option<Cursor>,
    ) -> Result<(Vec<Key>, Option<Cursor>), StoreError> {
        let (name, hash, range) = index.definition();
        let query = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(name)
            .limit(PAGE)
            .expression_attribute_names("#hash", hash)
            .expression_attribute_values(":hash", AttributeValue::S(value.to_owned()))
            .set_exclusive_start_key(from.map(|Cursor(key)| key));
        let page = match prefix {
            None => query.key_condition_expression("#hash = :hash"),
            Some(prefix) => query
                .key_condition_expression("#hash = :hash AND begins_with(#range, :prefix)")
                .expression_attribute_names("#range", range)
                .expression_attribute_values(":prefix", AttributeValue::S(prefix.to_owned())),
        }
        .send()
        .await?;
        let keys = page.items.unwrap_or_default().iter().map(key_of).collect::<Result<_, _>>()?;
        Ok((keys, page.last_evaluated_key.map(Cursor)))
    }

    /// Deletes what was found, both halves of it, and counts it on the erasure's receipt, in one
    /// transaction. `false` when it had gone, or had become something else.
    pub async fn erase_found(&self, erasure: &Erasure, found: &Found) -> Result<bool, StoreError> {
        let mut writes = vec![self.count_in(erasure, found.entity)?];
        for (key, held) in found.halves() {
            // The half that was found must be there, so that it is counted once.
            let when = if key == found.key { If::Still(held) } else { If::AbsentOrStill(held) };
            writes.push(self.delete_in(&key, &when)?);
        }
        match self.transact(writes).await {
            Ok(()) => Ok(true),
            Err(StoreError::Conflict) => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn count_in(&self, erasure: &Erasure, entity: &str) -> Result<TransactWriteItem, StoreError> {
        let number = |value: &str| AttributeValue::N(value.to_owned());
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(keys::receipt(&erasure.receipt_id).attributes()))
            .update_expression("SET #counts.#entity = if_not_exists(#counts.#entity, :zero) + :one")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_names("#counts", "counts")
            .expression_attribute_names("#entity", entity)
            .expression_attribute_values(":zero", number("0"))
            .expression_attribute_values(":one", number("1"))
            .build()
            .map_err(|_| StoreError::Refused("update".to_owned()))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    /// Takes a person's name out of the settings of the site and its projects that they changed
    /// last. Answers how many they were.
    pub async fn forget_setter(
        &self,
        cloud: &CloudId,
        account: &AccountId,
    ) -> Result<usize, StoreError> {
        let mut forgotten = 0;
        let instance = keys::instance_settings(cloud).pk;
        for prefix in [instance, keys::projects_of(cloud)] {
            let mut from = None;
            loop {
                let (keys, next) = self
                    .indexed_page(Index::ByTenant, &keys::site(cloud), Some(&prefix), from)
                    .await?;
                let keys: Vec<Key> = keys.into_iter().filter(|key| key.sk == "SETTINGS").collect();
                if !keys.is_empty() {
                    for item in self.batch(&keys).await? {
                        forgotten += self.forget_in(read(item)?, account).await?;
                    }
                }
                from = next;
                if from.is_none() {
                    break;
                }
            }
        }
        Ok(forgotten)
    }

    async fn forget_in(
        &self,
        settings: ScopeSettings,
        account: &AccountId,
    ) -> Result<usize, StoreError> {
        if settings.changed_by.as_ref() != Some(account) {
            return Ok(0);
        }
        let before = settings.version;
        let nameless = ScopeSettings { changed_by: None, version: before + 1, ..settings };
        match self.put_settings(&nameless, before).await {
            Ok(()) => Ok(1),
            // Changed meanwhile: by somebody else, or it is found again.
            Err(StoreError::Conflict) => Ok(0),
            Err(error) => Err(error),
        }
    }
}
