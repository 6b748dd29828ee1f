//! What became of a site's deliveries, counted in slots of ten minutes.

use std::{collections::HashMap, time::Duration};

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};
use tandem_domain::{CloudId, Timestamp};

use crate::{
    Store, StoreError,
    entity::{Attribute, Entity, ErasedWith, Whose, attribute},
    keys::{self, Key, PK, SK},
    table::{read, write},
};

/// How long a slot is.
pub const SLOT: Duration = Duration::from_mins(10);
/// How long a slot is kept: until the day after has looked at it.
const KEPT_FOR: Duration = Duration::from_hours(2 * 24);

/// How many attempts at deliveries ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    /// Carried over.
    pub done: u64,
    /// There was nothing to carry over: an echo, a setting, no longer there.
    pub dropped: u64,
    /// To be tried again: a vendor throttles or is out of reach.
    pub retried: u64,
    /// Given up: only a person can change it.
    pub given_up: u64,
    /// A fault of ours or an operator's matter; tried again.
    pub failed: u64,
}

impl Counts {
    /// Each count with the name of its attribute.
    fn named(self) -> [(&'static str, u64); 5] {
        [
            ("done", self.done),
            ("dropped", self.dropped),
            ("retried", self.retried),
            ("given_up", self.given_up),
            ("failed", self.failed),
        ]
    }

    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            done: self.done + other.done,
            dropped: self.dropped + other.dropped,
            retried: self.retried + other.retried,
            given_up: self.given_up + other.given_up,
            failed: self.failed + other.failed,
        }
    }
}

/// What became of a site's deliveries within one slot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// The site.
    pub cloud_id: CloudId,
    /// When the slot begins.
    pub slot_at: Timestamp,
    /// When it is forgotten.
    pub forget_at: Timestamp,
    /// What became of them.
    #[serde(flatten)]
    pub counts: Counts,
}

impl Tally {
    /// The slot of a site that a time falls into, with nothing counted.
    pub fn at(cloud: &CloudId, now: Timestamp) -> Self {
        let slot_at = slot_of(now);
        let forget_at = slot_at.plus(KEPT_FOR);
        Self { cloud_id: cloud.clone(), slot_at, forget_at, counts: Counts::default() }
    }
}

fn slot_of(now: Timestamp) -> Timestamp {
    let slot = i64::try_from(SLOT.as_millis()).unwrap_or(i64::MAX);
    Timestamp::from_millis(now.as_millis().div_euclid(slot).saturating_mul(slot))
}

impl Entity for Tally {
    const NAME: &'static str = "tally";
    const WHAT: &'static str = "How many deliveries of a site came to what, in ten minutes";
    const KEPT: &'static str = "2 days";
    const ERASED_WITH: &'static [ErasedWith] = &[ErasedWith::Site, ErasedWith::Time];
    const ATTRIBUTES: &'static [Attribute] = &[
        attribute("cloud_id", Whose::Site, "the Jira site", "how deliveries fare"),
        attribute("slot_at", Whose::Tandem, "the beginning of ten minutes", "how they fare"),
        attribute("forget_at", Whose::Tandem, "when it is forgotten", "kept no longer than needed"),
        attribute("done", Whose::Tandem, "a counter: carried over", "how deliveries fare"),
        attribute("dropped", Whose::Tandem, "a counter: nothing to carry", "how they fare"),
        attribute("retried", Whose::Tandem, "a counter: to be tried again", "how they fare"),
        attribute("given_up", Whose::Tandem, "a counter: given up", "how deliveries fare"),
        attribute("failed", Whose::Tandem, "a counter: faults", "how deliveries fare"),
    ];

    fn key(&self) -> Key {
        keys::tally(&self.cloud_id, self.slot_at)
    }
    fn tenant(&self) -> Option<String> {
        Some(keys::site(&self.cloud_id))
    }
    fn expires_at(&self) -> Option<Timestamp> {
        Some(self.forget_at)
    }
}

impl Store {
    /// Adds to the slot that `now` falls into: one update, whatever lies there.
    pub async fn add_to_tally(
        &self,
        cloud: &CloudId,
        now: Timestamp,
        counts: Counts,
    ) -> Result<(), StoreError> {
        self.change_tally(cloud, now, counts.named().map(|(name, more)| (name, more.to_string())))
            .await
    }

    /// Takes from the slot that `at` falls into what was added there too early.
    pub async fn take_from_tally(
        &self,
        cloud: &CloudId,
        at: Timestamp,
        counts: Counts,
    ) -> Result<(), StoreError> {
        let less = |(name, less): (_, u64)| {
            (name, if less == 0 { "0".to_owned() } else { format!("-{less}") })
        };
        self.change_tally(cloud, at, counts.named().map(less)).await
    }

    async fn change_tally(
        &self,
        cloud: &CloudId,
        now: Timestamp,
        counted: [(&'static str, String); 5],
    ) -> Result<(), StoreError> {
        let slot = Tally::at(cloud, now);
        let key = slot.key();
        let mut update =
            self.client.update_item().table_name(&self.table).set_key(Some(key.attributes()));
        let (mut sets, mut adds) = (Vec::new(), Vec::new());
        for (name, value) in write(slot)? {
            if name != PK && name != SK && !counted.iter().any(|(known, _)| *known == name) {
                sets.push(format!("#{name} = :{name}"));
                update = update
                    .expression_attribute_names(format!("#{name}"), &name)
                    .expression_attribute_values(format!(":{name}"), value);
            }
        }
        for (name, value) in counted {
            adds.push(format!("#{name} :{name}"));
            update = update
                .expression_attribute_names(format!("#{name}"), name)
                .expression_attribute_values(format!(":{name}"), AttributeValue::N(value));
        }
        let expression = format!("SET {} ADD {}", sets.join(", "), adds.join(", "));
        Box::pin(update.update_expression(expression).send()).await?;
        Ok(())
    }

    /// The slots of a site that `since` falls into or that began later, in order.
    pub async fn list_tallies(
        &self,
        cloud: &CloudId,
        since: Timestamp,
    ) -> Result<Vec<Tally>, StoreError> {
        let from = keys::tally(cloud, slot_of(since));
        let names =
            HashMap::from([("#pk".to_owned(), PK.to_owned()), ("#sk".to_owned(), SK.to_owned())]);
        let page = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("#pk = :pk AND #sk >= :from")
            .set_expression_attribute_names(Some(names))
            .expression_attribute_values(":pk", AttributeValue::S(from.pk))
            .expression_attribute_values(":from", AttributeValue::S(from.sk))
            .send()
            .await?;
        page.items.unwrap_or_default().into_iter().map(read).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_begins_every_ten_minutes() {
        for (secs, slot) in [(0, 0), (599, 0), (600, 600), (1_800_000_001, 1_800_000_000)] {
            assert_eq!(slot_of(Timestamp::from_secs(secs)), Timestamp::from_secs(slot), "{secs}");
        }
    }
}
