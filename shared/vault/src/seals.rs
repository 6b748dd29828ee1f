//! Which KMS keys seal now, and which sealed before.

use tandem_domain::{Failure, KmsKeyId};
use tandem_store::Seal;

use crate::VaultConfig;

/// The keys of the configuration, as they are noted with each grant.
pub(crate) struct Seals {
    present: Option<Seal>,
    older: Vec<Seal>,
}

impl Seals {
    pub(crate) fn of(config: &VaultConfig) -> Self {
        let all = |present: &String, older: &[String]| -> Vec<KmsKeyId> {
            std::iter::once(present).chain(older).filter_map(|name| bare(name)).collect()
        };
        let envelope_keys = all(&config.envelope_key, &config.older_envelope_keys);
        let secrets_keys = all(&config.secrets_key, &config.older_secrets_keys);
        let present = bare(&config.envelope_key).zip(bare(&config.secrets_key));
        let present = present.map(|(envelope_key, secrets_key)| Seal { envelope_key, secrets_key });
        let mut older: Vec<Seal> = Vec::new();
        for envelope_key in &envelope_keys {
            for secrets_key in &secrets_keys {
                let seal =
                    Seal { envelope_key: envelope_key.clone(), secrets_key: secrets_key.clone() };
                if Some(&seal) != present.as_ref() && !older.contains(&seal) {
                    older.push(seal);
                }
            }
        }
        Self { present, older }
    }

    /// The keys that seal now.
    pub(crate) fn present(&self) -> Result<&Seal, Failure> {
        self.present.as_ref().ok_or(Failure::Fault { what: "kms_key_name" })
    }

    /// Every other pair of keys under which a grant may still be.
    pub(crate) fn older(&self) -> &[Seal] {
        &self.older
    }

    /// The seal of a grant whose envelope was just made, and whose secret was there: that stays
    /// under the key under which it was.
    pub(crate) fn over(&self, before: Option<&Seal>) -> Result<Seal, Failure> {
        let present = self.present()?.clone();
        Ok(match before {
            None => present,
            Some(before) => Seal { secrets_key: before.secrets_key.clone(), ..present },
        })
    }
}

/// The key's id out of an id or an ARN.
fn bare(name: &str) -> Option<KmsKeyId> {
    KmsKeyId::parse(name.rsplit('/').next().unwrap_or(name)).ok()
}
