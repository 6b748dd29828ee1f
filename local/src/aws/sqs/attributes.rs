//! A queue's attributes: text by name on the wire, checked when they are set.
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html>

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::super::wire::Fault;
use super::fault;

/// The numeric attributes: name, least, most, default.
const NUMBERS: [(&str, i64, i64, i64); 5] = [
    ("DelaySeconds", 0, 900, 0),
    ("MaximumMessageSize", 1024, 1_048_576, 1_048_576),
    ("MessageRetentionPeriod", 60, 1_209_600, 345_600),
    ("ReceiveMessageWaitTimeSeconds", 0, 20, 0),
    ("VisibilityTimeout", 0, 43_200, 30),
];

/// The other attributes, with what they may be (anything, where nothing is listed).
const TEXTS: [(&str, &[&str]); 10] = [
    ("FifoQueue", &["true"]),
    ("ContentBasedDeduplication", &["true", "false"]),
    ("DeduplicationScope", &["queue", "messageGroup"]),
    ("FifoThroughputLimit", &["perQueue", "perMessageGroupId"]),
    ("SqsManagedSseEnabled", &["true", "false"]),
    ("KmsMasterKeyId", &[]),
    ("KmsDataKeyReusePeriodSeconds", &[]),
    ("Policy", &[]),
    ("RedriveAllowPolicy", &[]),
    ("RedrivePolicy", &[]),
];

/// Attributes that were set; the others have their defaults.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Attributes(pub(super) BTreeMap<String, String>);

/// Where messages go that were received too often.
pub(super) struct RedrivePolicy {
    /// The dead-letter queue's ARN.
    pub(super) target_arn: String,
    /// How often a message may be received before it goes there.
    pub(super) max_receive_count: u32,
}

impl Attributes {
    /// Refuses unknown names and values out of their range.
    pub(super) fn check(&self) -> Result<(), Fault> {
        for (name, value) in &self.0 {
            let number = NUMBERS.iter().find(|known| known.0 == name);
            let text = TEXTS.iter().find(|known| known.0 == name);
            let fits = match (number, text) {
                (Some((_, least, most, _)), _) => {
                    value.parse().is_ok_and(|value: i64| (*least..=*most).contains(&value))
                }
                (None, Some((_, allowed))) => {
                    allowed.is_empty() || allowed.contains(&value.as_str())
                }
                (None, None) => {
                    let message = format!("Unknown Attribute {name}.");
                    return Err(fault("InvalidAttributeName", "InvalidAttributeName", message));
                }
            };
            if !fits || (name == "RedrivePolicy" && self.redrive_policy().is_none()) {
                let message = format!("Invalid value for the parameter {name}.");
                return Err(fault("InvalidAttributeValue", "InvalidAttributeValue", message));
            }
        }
        Ok(())
    }

    /// Whether a queue with these attributes is what a CreateQueue with `asked` wants.
    pub(super) fn satisfy(&self, asked: &Self) -> bool {
        asked.0.iter().all(|(name, value)| match self.shown(name) {
            Some(held) => held == *value || same_json(&held, value),
            None => false,
        })
    }

    /// Sets what is given.
    pub(super) fn extend(&mut self, given: Self) {
        self.0.extend(given.0);
    }

    /// Every attribute that has a value, defaults included.
    pub(super) fn all(&self) -> BTreeMap<String, String> {
        let mut all: BTreeMap<String, String> =
            NUMBERS.iter().map(|known| (known.0.to_owned(), known.3.to_string())).collect();
        all.extend(self.0.clone());
        all
    }

    /// Whether a hash of the body stands in for a missing deduplication id.
    pub(super) fn content_based_deduplication(&self) -> bool {
        self.0.get("ContentBasedDeduplication").is_some_and(|value| value == "true")
    }

    /// Whether a deduplication id counts only within its group.
    pub(super) fn deduplicates_by_group(&self) -> bool {
        self.0.get("DeduplicationScope").is_some_and(|value| value == "messageGroup")
    }

    /// `VisibilityTimeout` in seconds.
    pub(super) fn visibility_seconds(&self) -> i64 {
        self.number("VisibilityTimeout")
    }

    /// `ReceiveMessageWaitTimeSeconds`.
    pub(super) fn wait_seconds(&self) -> i64 {
        self.number("ReceiveMessageWaitTimeSeconds")
    }

    /// `DelaySeconds`.
    pub(super) fn delay_seconds(&self) -> i64 {
        self.number("DelaySeconds")
    }

    /// `MessageRetentionPeriod` in seconds.
    pub(super) fn retention_seconds(&self) -> i64 {
        self.number("MessageRetentionPeriod")
    }

    /// `MaximumMessageSize` in bytes.
    pub(super) fn message_limit(&self) -> usize {
        usize::try_from(self.number("MaximumMessageSize")).unwrap_or(usize::MAX)
    }

    /// `RedrivePolicy`, when it is set and well-formed.
    pub(super) fn redrive_policy(&self) -> Option<RedrivePolicy> {
        let policy: Value = serde_json::from_str(self.0.get("RedrivePolicy")?).ok()?;
        let count = &policy["maxReceiveCount"];
        let count = match count.as_str() {
            Some(text) => text.parse().ok()?,
            None => u32::try_from(count.as_u64()?).ok()?,
        };
        let target_arn = policy["deadLetterTargetArn"].as_str()?.to_owned();
        (1..=1000)
            .contains(&count)
            .then_some(RedrivePolicy { target_arn, max_receive_count: count })
    }

    fn shown(&self, name: &str) -> Option<String> {
        self.0.get(name).cloned().or_else(|| {
            let known = NUMBERS.iter().find(|known| known.0 == name)?;
            Some(known.3.to_string())
        })
    }

    fn number(&self, name: &str) -> i64 {
        self.shown(name).and_then(|value| value.parse().ok()).unwrap_or(0)
    }
}

fn same_json(one: &str, other: &str) -> bool {
    match (serde_json::from_str::<Value>(one), serde_json::from_str::<Value>(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str, value: &str) -> Attributes {
        Attributes(BTreeMap::from([(name.to_owned(), value.to_owned())]))
    }

    #[test]
    fn names_and_values_are_checked() {
        let policy = r#"{"deadLetterTargetArn":"arn:aws:sqs:r:a:d.fifo","maxReceiveCount":"3"}"#;
        let cases = [
            ("VisibilityTimeout", "43200", ""),
            ("VisibilityTimeout", "43201", "InvalidAttributeValue"),
            ("VisibilityTimeout", "long", "InvalidAttributeValue"),
            ("FifoQueue", "false", "InvalidAttributeValue"),
            ("RedrivePolicy", policy, ""),
            ("RedrivePolicy", "{}", "InvalidAttributeValue"),
            ("Colour", "blue", "InvalidAttributeName"),
        ];
        for (name, value, code) in cases {
            let refused = of(name, value).check().err();
            assert_eq!(refused.map_or("", |fault| fault.code()), code, "{name}={value}");
        }
    }

    #[test]
    fn a_queue_satisfies_defaults_and_policies_that_are_only_written_differently() {
        assert!(Attributes::default().satisfy(&of("VisibilityTimeout", "30")));
        assert!(!Attributes::default().satisfy(&of("VisibilityTimeout", "31")));
        let spaced = of("RedrivePolicy", r#"{ "a": 1, "b": 2 }"#);
        assert!(spaced.satisfy(&of("RedrivePolicy", r#"{"b":2,"a":1}"#)));
    }
}
