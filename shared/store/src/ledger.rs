//! The ledger: each use of a person's tokens, for them to see and for an auditor to join with what
//! CloudTrail says.

use std::time::Duration;

use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use serde::{Deserialize, Serialize};
use tandem_domain::{GrantId, LeaseHolder, Purpose, RequestId, Timestamp};

use crate::{
    Grant, Store, StoreError,
    entity::{Attribute, Entity, ErasedWith, Whose, attribute},
    keys::{self, Key, PK, SK},
    table::{If, Item, read, write},
};

/// How long a line is kept.
const KEPT_FOR: Duration = Duration::from_hours(90 * 24);

/// One use of a grant's tokens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerEntry {
    /// The grant.
    pub grant_id: GrantId,
    /// What for.
    pub purpose: Purpose,
    /// Which request or delivery it was for; our own, as in the logs.
    pub request_id: RequestId,
    /// The id that Secrets Manager gave the call which read the secret: `requestID` of that call in
    /// CloudTrail. `None` where the token was still in memory.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub secrets_request_id: Option<RequestId>,
    /// When.
    pub at: Timestamp,
}

impl Entity for LedgerEntry {
    const NAME: &'static str = "ledger";
    const WHAT: &'static str = "One use of a person's tokens";
    const KEPT: &'static str = "90 days";
    const ERASED_WITH: &'static [ErasedWith] = &[
        ErasedWith::JiraUser,
        ErasedWith::MicrosoftUser,
        ErasedWith::Site,
        ErasedWith::Tenant,
        ErasedWith::Time,
    ];
    const ATTRIBUTES: &'static [Attribute] = &[
        attribute("grant_id", Whose::Tandem, "the grant's opaque id", "whose tokens were used"),
        attribute("purpose", Whose::Tandem, "a word of a closed list", "what they were used for"),
        attribute("request_id", Whose::Tandem, "the request's id", "joins it with the logs"),
        attribute(
            "secrets_request_id",
            Whose::Tandem,
            "the id of the call to Secrets Manager",
            "joins it with CloudTrail",
        ),
        attribute("at", Whose::Tandem, "when they were used", "shown to the person"),
    ];

    fn key(&self) -> Key {
        let call = self.secrets_request_id.as_ref();
        keys::ledger(&self.grant_id, self.at, &self.request_id, self.purpose, call)
    }
    fn expires_at(&self) -> Option<Timestamp> {
        Some(self.at.plus(KEPT_FOR))
    }
}

/// Where a page of a ledger ended, as it travels in an address. Of use with the same grant only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerCursor(String);

impl LedgerCursor {
    /// A cursor that was given out before; `None` for anything that is none.
    pub fn parse(text: &str) -> Option<Self> {
        let spelled = |b: u8| b.is_ascii_alphanumeric() || b"#-_=.".contains(&b);
        let ours = text.starts_with(keys::LEDGER) && text.len() <= 200 && text.bytes().all(spelled);
        ours.then(|| Self(text.to_owned()))
    }

    /// As text: letters, digits and `#-_=.`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Store {
    /// Writes one line. The same line again changes nothing: `false`.
    pub async fn add_to_ledger(&self, entry: &LedgerEntry) -> Result<bool, StoreError> {
        match self.put(entry.clone(), If::Absent).await {
            Ok(()) => Ok(true),
            Err(StoreError::Conflict) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Takes one line back that was written ahead of a use which did not come about.
    pub async fn delete_from_ledger(&self, entry: &LedgerEntry) -> Result<(), StoreError> {
        self.delete(entry.key()).await
    }

    /// [`Store::move_grant`] and lines of the ledger (at most 99) in one transaction. With a
    /// holder, also a conflict when the lease is not theirs any more.
    pub async fn move_grant_and_note(
        &self,
        grant: &Grant,
        from_version: u64,
        holder: Option<&LeaseHolder>,
        lines: &[LedgerEntry],
    ) -> Result<(), StoreError> {
        let condition = match holder {
            None => "version = :from",
            Some(_) => "version = :from AND lease_holder = :holder",
        };
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(write(grant.clone())?))
            .condition_expression(condition)
            .expression_attribute_values(":from", AttributeValue::N(from_version.to_string()));
        let put = match holder {
            None => put,
            Some(holder) => {
                put.expression_attribute_values(":holder", AttributeValue::S(holder.to_string()))
            }
        };
        let put = put.build().map_err(|_| StoreError::Refused("put".to_owned()))?;
        let mut writes = vec![TransactWriteItem::builder().put(put).build()];
        for line in lines {
            // A line's key holds all that it says: written again, it is the same line.
            writes.push(self.put_in(line.clone(), &If::Anything)?);
        }
        self.transact(writes).await
    }

    /// A page of a grant's ledger, the newest first, and where the next page begins, if there is
    /// one. At most 100 lines.
    pub async fn list_ledger_by_grant(
        &self,
        grant: &GrantId,
        limit: i32,
        from: Option<&LedgerCursor>,
    ) -> Result<(Vec<LedgerEntry>, Option<LedgerCursor>), StoreError> {
        let from =
            from.map(|LedgerCursor(sk)| Key { pk: keys::grant_by_id(grant), sk: sk.clone() });
        let (items, next) = self.ledger_page(grant, limit, from).await?;
        let next = next.and_then(|key| key.get(SK)?.as_s().ok().cloned());
        let lines: Result<_, _> = items.into_iter().map(read).collect();
        Ok((lines?, next.map(LedgerCursor)))
    }

    /// The same as items.
    pub(crate) async fn ledger_page(
        &self,
        grant: &GrantId,
        limit: i32,
        from: Option<Key>,
    ) -> Result<(Vec<Item>, Option<Item>), StoreError> {
        let page = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("#pk = :pk AND begins_with(#sk, :sk)")
            .expression_attribute_names("#pk", PK)
            .expression_attribute_names("#sk", SK)
            .expression_attribute_values(":pk", AttributeValue::S(keys::grant_by_id(grant)))
            .expression_attribute_values(":sk", AttributeValue::S(keys::LEDGER.to_owned()))
            .scan_index_forward(false)
            .limit(limit.clamp(1, 100))
            .set_exclusive_start_key(from.map(|key| key.attributes()))
            .send()
            .await?;
        Ok((page.items.unwrap_or_default(), page.last_evaluated_key))
    }

    /// Deletes a grant's whole ledger; nothing happens when there is none.
    pub async fn delete_ledger(&self, grant: &GrantId) -> Result<(), StoreError> {
        loop {
            let (lines, next) = self.list_ledger_by_grant(grant, 25, None).await?;
            if lines.is_empty() {
                return Ok(());
            }
            let deletions: Result<Vec<_>, _> =
                lines.iter().map(|line| self.delete_in(&line.key(), &If::Anything)).collect();
            self.transact(deletions?).await?;
            if next.is_none() {
                return Ok(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_given_out_is_a_cursor() {
        let key = LedgerEntry {
            grant_id: GrantId::parse(&"a".repeat(32)).unwrap(),
            purpose: Purpose::RenewSubscription,
            request_id: RequestId::parse(&"_".repeat(64)).unwrap(),
            secrets_request_id: Some(RequestId::parse(&"=".repeat(64)).unwrap()),
            at: Timestamp::from_secs(1_800_000_000),
        }
        .key();
        assert_eq!(LedgerCursor::parse(&key.sk).unwrap().as_str(), key.sk);
        let longer = format!("LEDGER#{}", "1".repeat(200));
        for text in ["", "GRANT", "ledger#1", "LEDGER#1\u{e9}", "LEDGER#a b", &longer] {
            assert_eq!(LedgerCursor::parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_stored_name_of_a_purpose_is_the_one_in_its_key() {
        for purpose in [Purpose::SignIn, Purpose::CarryToJira, Purpose::ChangeKeys] {
            let stored: AttributeValue = serde_dynamo::to_attribute_value(purpose).unwrap();
            assert_eq!(stored, AttributeValue::S(purpose.as_str().to_owned()));
        }
    }
}
