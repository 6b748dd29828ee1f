//! Identifiers, parsed at the edge: each type admits one vendor's alphabet and length and nothing
//! else, so that text a person wrote cannot pass for an identifier.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

/// Text that is not an identifier of the kind asked for. Carries the kind, never the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a valid {kind}")]
pub struct InvalidId {
    /// The type's name in words, such as `cloud id`.
    pub kind: &'static str,
}

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $valid:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            #[doc = concat!("Parses a ", $kind, "; anything else is refused.")]
            pub fn parse(text: &str) -> Result<Self, InvalidId> {
                let valid: fn(&str) -> bool = $valid;
                if valid(text) { Ok(Self(text.to_owned())) } else { Err(InvalidId { kind: $kind }) }
            }

            /// The identifier as the vendor writes it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Self::parse(text)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                Self::parse(&text).map_err(serde::de::Error::custom)
            }
        }
    };
}

pub(crate) use identifier;

/// Between `min` and `max` bytes long, each byte accepted by `alphabet`.
pub(crate) fn spelled(text: &str, min: usize, max: usize, alphabet: fn(u8) -> bool) -> bool {
    (min..=max).contains(&text.len()) && text.bytes().all(alphabet)
}

pub(crate) fn digits(text: &str) -> bool {
    spelled(text, 1, 20, |b| b.is_ascii_digit())
}

pub(crate) fn lower_hex(text: &str, len: usize) -> bool {
    spelled(text, len, len, |b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// Eight, four, four, four and twelve hexadecimal digits in lower case.
pub(crate) fn guid(text: &str) -> bool {
    let groups = [8, 4, 4, 4, 12];
    let mut parts = text.split('-');
    groups.iter().all(|len| parts.next().is_some_and(|part| lower_hex(part, *len)))
        && parts.next().is_none()
}

mod jira {
    use super::{Deserialize, Deserializer, InvalidId, Serialize, digits, fmt, guid, spelled};

    identifier!(
        /// A Jira Cloud site's immutable id (Atlassian: "cloud ID"), a GUID.
        CloudId, "cloud id", guid
    );
    identifier!(
        /// The host a Jira site answers on, such as `your-instance.atlassian.net`; can be renamed.
        SiteHost, "site host", |text| {
            spelled(text, 4, 253, |b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.'))
                && text.contains('.')
                && text.split('.').all(|label| {
                    spelled(label, 1, 63, |_| true)
                        && !label.starts_with('-') && !label.ends_with('-')
                })
        }
    );
    identifier!(
        /// An Atlassian account: 24 hexadecimal digits, or `<number>:<guid>`, at most 128 characters
        /// (Jira REST v3, `accountId`). Holds at least one digit, unlike a name.
        AccountId, "Atlassian account id", |text| {
            spelled(text, 5, 128, |b| b.is_ascii_alphanumeric() || matches!(b, b':' | b'-'))
                && text.bytes().any(|b| b.is_ascii_digit())
        }
    );
    identifier!(
        /// A Jira project's number.
        ProjectId, "project id", digits
    );
    identifier!(
        /// A Jira issue's number; unlike its key it never changes.
        IssueId, "issue id", digits
    );
    identifier!(
        /// A Jira issue's key, such as `DEMO-1`. Changes when the issue moves: shown, never stored.
        IssueKey, "issue key", |text| {
            let Some((project, number)) = text.rsplit_once('-') else { return false };
            digits(number)
                && spelled(project, 1, 64, |b| matches!(b, b'A'..=b'Z' | b'0'..=b'9' | b'_'))
                && project.starts_with(|c: char| c.is_ascii_uppercase())
        }
    );
    identifier!(
        /// An issue type's number.
        IssueTypeId, "issue type id", digits
    );
    identifier!(
        /// A priority's number.
        PriorityId, "priority id", digits
    );
    identifier!(
        /// A workflow transition's number.
        TransitionId, "transition id", digits
    );
    identifier!(
        /// A Jira comment's number.
        CommentId, "comment id", digits
    );
    identifier!(
        /// The value of `X-Atlassian-Webhook-Identifier`: unique per site, the same on retries.
        WebhookIdentifier, "webhook identifier", |text| {
            spelled(text, 1, 128, |b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b':'))
        }
    );
}

mod microsoft {
    use super::{Deserialize, Deserializer, InvalidId, Serialize, digits, fmt, guid, spelled};

    identifier!(
        /// A Microsoft Entra tenant (`tid`), a GUID in lower case.
        TenantId, "tenant id", guid
    );
    identifier!(
        /// A user's object id in its tenant (`oid`), a GUID in lower case.
        ObjectId, "object id", guid
    );
    identifier!(
        /// A Teams chat: `19:...@thread.v2` (group) or `19:<guid>_<guid>@unq.gbl.spaces` (one to one).
        ChatId, "chat id", |text| {
            let Some(rest) = text.strip_prefix("19:") else { return false };
            let Some((name, kind)) = rest.split_once('@') else { return false };
            matches!(kind, "thread.v2" | "unq.gbl.spaces")
                && spelled(name, 8, 200, |b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
        }
    );
    identifier!(
        /// A message in a Teams chat: its creation in milliseconds, as digits.
        MessageId, "message id", digits
    );
    identifier!(
        /// A Microsoft Graph change-notification subscription, a GUID.
        SubscriptionId, "subscription id", guid
    );
}

mod ours {
    use super::{Deserialize, Deserializer, InvalidId, Serialize, fmt, lower_hex, spelled};

    identifier!(
        /// A grant's opaque id: 32 hexadecimal digits, random.
        GrantId, "grant id", |text| lower_hex(text, 32)
    );
    identifier!(
        /// A version of a secret (Secrets Manager `VersionId`): 32 to 64 characters.
        SecretVersion, "secret version", |text| {
            spelled(text, 32, 64, |b| b.is_ascii_alphanumeric() || b == b'-')
        }
    );
    identifier!(
        /// What a piece of work is claimed under: 64 hexadecimal digits, a SHA-256.
        ClaimId, "claim id", |text| lower_hex(text, 64)
    );
    identifier!(
        /// The SHA-256 of a value that only the browser holds (session token, sign-in state).
        TokenHash, "token hash", |text| lower_hex(text, 64)
    );
    identifier!(
        /// Who holds a lease: 32 hexadecimal digits, random for each holder.
        LeaseHolder, "lease holder", |text| lower_hex(text, 32)
    );
    identifier!(
        /// A key in KMS, without account and region: a GUID, or `mrk-` and digits.
        KmsKeyId, "KMS key id", |text| {
            spelled(text, 1, 64, |b| b.is_ascii_alphanumeric() || b == b'-')
        }
    );
    identifier!(
        /// Which signing key made a value: 8 hexadecimal digits that tell nothing of the key.
        KeyTag, "key tag", |text| lower_hex(text, 8)
    );
    identifier!(
        /// What a failure was, in Tandem's own words: its class and what it was of, such as
        /// `retry:graph_throttled` ([`crate::Failure::noted`]).
        FailureCode, "failure code", |text| {
            spelled(text, 3, 80, |b| b.is_ascii_lowercase() || matches!(b, b'_' | b':'))
        }
    );
    identifier!(
        /// A receipt of an erasure: 32 hexadecimal digits, random; who knows it may read it.
        ReceiptId, "receipt id", |text| lower_hex(text, 32)
    );
    identifier!(
        /// The id of the request being served, for logs and the ledger.
        RequestId, "request id", |text| {
            spelled(text, 1, 64, |b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'=' | b'.'))
        }
    );
}

pub use jira::*;
pub use microsoft::*;
pub use ours::*;

#[cfg(test)]
mod tests {
    use super::*;

    fn ok<T>(parse: fn(&str) -> Result<T, InvalidId>, texts: &[&str]) {
        for text in texts {
            assert!(parse(text).is_ok(), "{text} should parse");
        }
    }

    fn refused<T>(parse: fn(&str) -> Result<T, InvalidId>, texts: &[&str]) {
        for text in texts {
            let Err(error) = parse(text) else { panic!("{text} should be refused") };
            assert!(text.is_empty() || !error.to_string().contains(text), "{error}");
        }
    }

    #[test]
    fn each_vendors_ids_parse() {
        ok(
            AccountId::parse,
            &[
                "712020:6a1f2c3d-0000-4000-8000-0123456789ab",
                "5be24ad8b1653240376955d2",
                "557058:f58131cb-b67d-43c7-b30d-6b58d40bd077",
                "qm:6a1f2c3d-0000-4000-8000-0123456789ab:1",
            ],
        );
        ok(
            ChatId::parse,
            &[
                "19:91571ee8ad174aefaccd2e4605d87a24@thread.v2",
                "19:meeting_MjdhNjM4YzUtYzExZi00OTFkLTkzZTAtNTVlNmZmMDhkNGU2@thread.v2",
                "19:8b081ef6-4792-4def-b2c9-c363a1bf41d5_877192bd-9183-47d3-a74c-8aa0426716cf@unq.gbl.spaces",
            ],
        );
        ok(CloudId::parse, &["11223344-a1b2-3b33-c444-def123456789"]);
        ok(SiteHost::parse, &["your-instance.atlassian.net", "jira.example.com"]);
        ok(IssueKey::parse, &["DEMO-1", "A1_B-42"]);
        ok(IssueId::parse, &["10045"]);
    }

    #[test]
    fn anything_else_is_refused_without_repeating_it() {
        refused(
            AccountId::parse,
            &["", "Grace Hopper", "gracehopper", "grace@example.com", "5be24ad8b1653240376955d2#x"],
        );
        refused(
            ChatId::parse,
            &[
                "19:abc@thread.tacv2",
                "91571ee8ad174aefaccd2e4605d87a24@thread.v2",
                "19:@thread.v2",
                "19:91571ee8ad174aefaccd2e4605d87a24@thread.v2#x",
                "19:hello there everybody@thread.v2",
            ],
        );
        refused(
            CloudId::parse,
            &["11223344-A1B2-3b33-c444-def123456789", "11223344a1b23b33c444def123456789", "demo"],
        );
        refused(
            SiteHost::parse,
            &["localhost", "Your-Instance.atlassian.net", "a..b", "-a.net", "a.net/x"],
        );
        refused(IssueKey::parse, &["demo-1", "DEMO", "DEMO-", "-1", "DEMO-1 or 1=1"]);
        refused(IssueId::parse, &["", "DEMO-1", "10045 ", "123456789012345678901"]);
    }

    #[test]
    fn reading_json_parses_too() {
        assert!(serde_json::from_str::<IssueId>("\"10045\"").is_ok());
        assert!(serde_json::from_str::<IssueId>("\"the printer is on fire\"").is_err());
    }
}
