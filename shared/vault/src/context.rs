//! The encryption context: whose tokens an envelope holds, and where it belongs.

use std::collections::{BTreeMap, HashMap};

use aws_lc_rs::digest;
use tandem_domain::{GrantId, SecretVersion, Subject};

/// Names and values that an envelope is bound to: KMS unwraps the data key, and AES-GCM opens the
/// ciphertext, only for the same ones.
///
/// CloudTrail shows an encryption context in the clear, so all values are opaque: random ids, a
/// digest in place of the account, the deployment's name.
/// <https://docs.aws.amazon.com/kms/latest/developerguide/encrypt_context.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncryptionContext(BTreeMap<&'static str, String>);

impl EncryptionContext {
    /// The context of one version of a grant's secret, in the deployment called `stage`. With the
    /// version in it, an old envelope cannot be put back in the place of a newer one.
    pub fn new(grant: &GrantId, subject: &Subject, stage: &str, version: &SecretVersion) -> Self {
        Self(BTreeMap::from([
            ("grant", grant.to_string()),
            ("provider", subject.provider().as_str().to_owned()),
            ("stage", stage.to_owned()),
            ("subject", digest_of(subject)),
            ("version", version.to_string()),
        ]))
    }

    /// As KMS takes it.
    pub(crate) fn to_map(&self) -> HashMap<String, String> {
        self.0.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
    }

    /// One spelling for each context: the pairs by name, every part with its length before it.
    pub(crate) fn canonical(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (name, value) in &self.0 {
            append(&mut bytes, name.as_bytes());
            append(&mut bytes, value.as_bytes());
        }
        bytes
    }
}

/// SHA-256 over the subject's parts in hexadecimal digits.
fn digest_of(subject: &Subject) -> String {
    let mut bytes = Vec::new();
    append(&mut bytes, subject.provider().as_str().as_bytes());
    match subject {
        Subject::Atlassian(account) => append(&mut bytes, account.as_str().as_bytes()),
        Subject::Microsoft(tenant, object) => {
            append(&mut bytes, tenant.as_str().as_bytes());
            append(&mut bytes, object.as_str().as_bytes());
        }
    }
    hex(digest::digest(&digest::SHA256, &bytes).as_ref())
}

fn append(bytes: &mut Vec<u8>, part: &[u8]) {
    bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
    bytes.extend_from_slice(part);
}

/// Hexadecimal digits in lower case.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use tandem_domain::{AccountId, ObjectId, TenantId};

    use super::*;

    fn context(subject: &Subject) -> EncryptionContext {
        let grant = GrantId::parse("0123456789abcdef0123456789abcdef").unwrap();
        let version = SecretVersion::parse("fedcba9876543210fedcba9876543210").unwrap();
        EncryptionContext::new(&grant, subject, "tandem/test", &version)
    }

    #[test]
    fn a_context_names_no_account() {
        let account = "712020:6a1f2c3d-0000-4000-8000-0123456789ab";
        let tenant = "11223344-a1b2-4b33-8444-def123456789";
        let object = "22334455-a1b2-4b33-8444-def123456789";
        for subject in [
            Subject::Atlassian(AccountId::parse(account).unwrap()),
            Subject::Microsoft(TenantId::parse(tenant).unwrap(), ObjectId::parse(object).unwrap()),
        ] {
            let shown = format!("{:?}", context(&subject).to_map());
            for id in [account, tenant, object] {
                assert!(!shown.contains(id), "{shown}");
            }
        }
    }

    #[test]
    fn parts_that_run_together_alike_are_spelled_apart() {
        let one = EncryptionContext(BTreeMap::from([("a", "bc".to_owned())]));
        let two = EncryptionContext(BTreeMap::from([("ab", "c".to_owned())]));
        assert_ne!(one.canonical(), two.canonical());
        assert_ne!(one.canonical(), EncryptionContext(BTreeMap::new()).canonical());
    }
}
