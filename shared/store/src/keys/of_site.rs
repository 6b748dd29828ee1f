//! Keys of what tells how a site fares, and what is of a site.

use tandem_domain::{CloudId, Timestamp};

use super::{Key, site};

/// When a site's webhooks were last seen.
pub fn webhook_seen(cloud: &CloudId) -> Key {
    Key::new(format!("J#{cloud}#INSTANCE"), "WEBHOOK_SEEN")
}

/// A slot of a site's tally. The time has as many digits in every key, so that the slots lie in
/// its order.
pub fn tally(cloud: &CloudId, slot: Timestamp) -> Key {
    Key::new(format!("J#{cloud}#TALLY"), format!("SLOT#{:014}", slot.as_millis()))
}

/// A place behind a session in the order of keys that does not tell its hash: behind all of which
/// the hash begins with the same 16 digits (64 bits: no two do). `None` for what is no session.
pub fn place_of_session(pk: &str) -> Option<String> {
    let digits = pk.strip_prefix("T#")?.get(..16)?;
    Some(format!("T#{digits}~"))
}

/// Whether a key is of a site: of the site itself, or of something on it.
pub fn is_of_site(key: &Key, cloud: &CloudId) -> bool {
    key.pk.strip_prefix(&site(cloud)).is_some_and(|rest| rest.starts_with('#'))
}
