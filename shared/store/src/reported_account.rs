//! Reported accounts: every Jira account of which anything is kept, to be reported to Atlassian
//! within its cycle, so that what is kept of a closed account goes.
//! <https://developer.atlassian.com/cloud/jira/platform/user-privacy-developer-guide/>
//!
//! Written in the transaction that keeps anything of an account, so that none is forgotten.

use std::{collections::HashMap, time::Duration};

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem, Update};
use serde::{Deserialize, Serialize};
use tandem_domain::{AccountId, CloudId, Subject, Timestamp, share_of};

use crate::{
    Grant, Store, StoreError,
    entity::{Attribute, Due, Entity, ErasedWith, Whose, attribute},
    error::CONTENDED,
    keys::{self, Index, Key, PK, SK},
};

/// The kind under which accounts are due to be reported.
const DUE: &str = "REPORT";

/// Within what time each account is reported, unless Atlassian says otherwise (`P7D`).
pub const REPORT_CYCLE: Duration = Duration::from_hours(7 * 24);

/// How often a transaction is tried again that collided with another about the same account.
const ATTEMPTS: u32 = 3;

/// A Jira account of which something is kept on a site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportedAccount {
    /// The Jira site.
    pub cloud_id: CloudId,
    /// The account.
    pub account_id: AccountId,
    /// When what is kept of it was last known to be right.
    pub updated_at: Timestamp,
    /// From when its cycle counts: the last report, or earlier, so that not all fall due at once.
    pub cycle_from: Timestamp,
    /// Grows with each write that keeps something of it.
    pub writes: u64,
}

impl ReportedAccount {
    /// An account of which something is kept since `at`. Its first report falls anywhere in the
    /// first six days of a week.
    pub(crate) fn of(cloud: &CloudId, account: &AccountId, at: Timestamp) -> Self {
        let spread = share_of(REPORT_CYCLE / 7 * 6, &[cloud.as_str(), account.as_str()]);
        Self {
            cloud_id: cloud.clone(),
            account_id: account.clone(),
            updated_at: at,
            cycle_from: at.minus(spread),
            writes: 0,
        }
    }
}

impl Entity for ReportedAccount {
    const NAME: &'static str = "reported_account";
    const WHAT: &'static str =
        "A Jira account of which something is kept: Atlassian is asked whether it is closed";
    const KEPT: &'static str =
        "until nothing else of the account is kept: a week at most after that";
    const ERASED_WITH: &'static [ErasedWith] =
        &[ErasedWith::JiraUser, ErasedWith::Site, ErasedWith::Done];
    const ATTRIBUTES: &'static [Attribute] = &[
        attribute("cloud_id", Whose::Site, "the Jira site", "erases what is of closed accounts"),
        attribute(
            "account_id",
            Whose::Person,
            "the Jira user",
            "erases what is of closed accounts",
        ),
        attribute("updated_at", Whose::Tandem, "when it was last right", "told to Atlassian"),
        attribute("cycle_from", Whose::Tandem, "the last report", "reports each in time"),
        attribute("writes", Whose::Tandem, "a counter of writes", "forgets nobody too early"),
    ];

    fn key(&self) -> Key {
        keys::reported_account(&self.cloud_id, &self.account_id)
    }
    fn owner(&self) -> Option<String> {
        Some(keys::jira_user(&self.cloud_id, &self.account_id))
    }
    fn tenant(&self) -> Option<String> {
        Some(keys::site(&self.cloud_id))
    }
    fn due(&self) -> Option<Due> {
        Some(Due { kind: DUE, at: self.cycle_from })
    }
}

impl Store {
    /// That something of an account is kept, for the transaction that keeps it. Of one that is known
    /// only the counter changes.
    pub(crate) fn report_in(
        &self,
        cloud: &CloudId,
        account: &AccountId,
        at: Timestamp,
    ) -> Result<TransactWriteItem, StoreError> {
        let (names, values, set) = upsert(&ReportedAccount::of(cloud, account, at))?;
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(keys::reported_account(cloud, account).attributes()))
            .update_expression(set)
            .set_expression_attribute_names(Some(names))
            .set_expression_attribute_values(Some(values))
            .build()
            .map_err(|_| StoreError::Refused("update".to_owned()))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    /// Notes that something of an account is about to be kept that lies under no site: its grant.
    pub async fn put_reported_account(
        &self,
        cloud: &CloudId,
        account: &AccountId,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.transact(vec![self.report_in(cloud, account, at)?]).await
    }

    /// Writes all of `writes` or nothing, again where another transaction was about the same
    /// account at that moment.
    pub(crate) async fn transact_reported(
        &self,
        writes: Vec<TransactWriteItem>,
    ) -> Result<(), StoreError> {
        let mut attempt = 0;
        loop {
            match self.transact(writes.clone()).await {
                Err(StoreError::Unavailable(code))
                    if (code == CONTENDED || code == "TransactionCanceledException")
                        && attempt < ATTEMPTS =>
                {
                    attempt += 1;
                }
                done => return done,
            }
        }
    }

    /// The accounts whose cycle counts from before `from`, the longest first; at most `limit` (100
    /// at most).
    pub async fn list_due_reports(
        &self,
        from: Timestamp,
        limit: i32,
    ) -> Result<Vec<ReportedAccount>, StoreError> {
        let before = Some(from.as_millis());
        let keys = self.index(Index::ByDue, keys::due(DUE), before, limit.min(100)).await?;
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let items = self.batch(&keys).await?;
        let mut due: Vec<ReportedAccount> =
            items.into_iter().map(crate::table::read).collect::<Result<_, _>>()?;
        due.sort_by_key(|item| item.cycle_from);
        Ok(due)
    }

    /// The grants of up to 100 Atlassian accounts, in one round trip; of those without one, none.
    pub async fn list_grants_by_accounts(
        &self,
        accounts: &[AccountId],
    ) -> Result<Vec<Grant>, StoreError> {
        if accounts.is_empty() {
            return Ok(Vec::new());
        }
        let key = |account: &AccountId| keys::grant(&Subject::Atlassian(account.clone()));
        let keys: Vec<Key> = accounts.iter().map(key).collect();
        self.batch(&keys).await?.into_iter().map(crate::table::read).collect()
    }

    /// Whether anything of the account's lies on the site beside the note that it is reported: what
    /// it owns, its name in somebody else's filter, or its name in a setting.
    pub async fn keeps_anything_of(&self, item: &ReportedAccount) -> Result<bool, StoreError> {
        let (cloud, account) = (&item.cloud_id, &item.account_id);
        let person = keys::jira_user(cloud, account);
        let found = self.index(Index::ByOwner, person, None, 2).await?;
        if found.iter().any(|key| *key != item.key()) {
            return Ok(true);
        }
        self.is_named_on_site(cloud, account).await
    }

    /// Takes away the note that an account is reported. `false` when something of it was kept
    /// meanwhile, or the note is gone.
    pub async fn delete_reported_account(
        &self,
        item: &ReportedAccount,
    ) -> Result<bool, StoreError> {
        let deleted = self
            .client
            .delete_item()
            .table_name(&self.table)
            .set_key(Some(item.key().attributes()))
            .condition_expression("writes = :writes")
            .expression_attribute_values(":writes", AttributeValue::N(item.writes.to_string()))
            .send()
            .await;
        match deleted.map_err(StoreError::from) {
            Ok(_) => Ok(true),
            Err(StoreError::Conflict) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Notes of accounts that were reported what the items say of it, in one transaction. One that
    /// was erased meanwhile stays so.
    pub async fn put_reports(&self, items: &[ReportedAccount]) -> Result<(), StoreError> {
        let writes: Vec<TransactWriteItem> =
            items.iter().map(|item| self.reported_in(item)).collect::<Result<_, _>>()?;
        match self.transact(writes.clone()).await {
            Err(StoreError::Conflict | StoreError::Unavailable(_)) => {}
            done => return done,
        }
        for write in writes {
            match self.transact(vec![write]).await {
                Ok(()) | Err(StoreError::Conflict) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn reported_in(&self, item: &ReportedAccount) -> Result<TransactWriteItem, StoreError> {
        let at = |time: Timestamp| AttributeValue::N(time.as_millis().to_string());
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(item.key().attributes()))
            .update_expression("SET updated_at = :updated, cycle_from = :from, due_at = :from")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":updated", at(item.updated_at))
            .expression_attribute_values(":from", at(item.cycle_from))
            .build()
            .map_err(|_| StoreError::Refused("update".to_owned()))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }
}

type Upsert = (HashMap<String, String>, HashMap<String, AttributeValue>, String);

/// Names, values and expression that write an item and leave the times of one that is there.
fn upsert(item: &ReportedAccount) -> Result<Upsert, StoreError> {
    let (mut names, mut values, mut set) = (HashMap::new(), HashMap::new(), Vec::new());
    for (name, value) in crate::table::write(item.clone())? {
        let (place, given) = (format!("#{name}"), format!(":{name}"));
        match name.as_str() {
            PK | SK => continue,
            "writes" => {
                set.push("#writes = if_not_exists(#writes, :writes) + :one".to_owned());
                values.insert(":one".to_owned(), AttributeValue::N("1".to_owned()));
            }
            "updated_at" | "cycle_from" | "due_at" => {
                set.push(format!("{place} = if_not_exists({place}, {given})"));
            }
            _ => set.push(format!("{place} = {given}")),
        }
        names.insert(place, name);
        values.insert(given, value);
    }
    Ok((names, values, format!("SET {}", set.join(", "))))
}
