//! The memory itself: bounded, and forgetful of what this process writes.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};
use tandem_domain::{
    AccountId, ObjectId, SiteHost, TenantId, Timestamp, settings::EffectiveSettings,
};

use crate::{
    ChannelSubscription,
    keys::{CHATS, FOLLOWS, Key, PK, SK, USERS},
    table::Item,
};

/// How much is kept at most. When there is more, all of it is forgotten and read again.
const ENTRIES: usize = 4_096;

/// Something that was read.
#[derive(Clone, Debug)]
pub(crate) enum Remembered {
    /// The channels that are told of a project.
    Channels(Arc<[ChannelSubscription]>),
    /// Whether a site has watchers.
    Watched(bool),
    /// With which Microsoft user a Jira user is linked, if with any.
    Link(Option<(TenantId, ObjectId)>),
    /// The host of a site that is served.
    Host(SiteHost),
    /// The settings that hold in a project.
    Settings(Arc<EffectiveSettings>),
    /// Who created a chat, at both vendors.
    Creator(AccountId, ObjectId),
}

/// What was read, by the key it was read under, and when.
#[derive(Debug, Default)]
pub(crate) struct Memory(Mutex<Inside>);

#[derive(Debug, Default)]
struct Inside {
    known: HashMap<Key, (Timestamp, Remembered)>,
    /// How often something was forgotten because it was written.
    forgotten: u64,
}

impl Memory {
    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was read under a key less than `within` before `now`.
    pub(super) fn find(&self, key: &Key, now: Timestamp, within: Duration) -> Option<Remembered> {
        let inside = self.inside();
        let (at, known) = inside.known.get(key)?;
        (*at <= now && now < at.plus(within)).then(|| known.clone())
    }

    /// How often something was forgotten: told to [`Memory::keep`] by whoever read since.
    pub(super) fn forgotten(&self) -> u64 {
        self.inside().forgotten
    }

    /// Keeps what a read that began `at` gave; not when something was written since, which it may
    /// have missed.
    pub(super) fn keep(&self, read: Vec<(Key, Remembered)>, at: Timestamp, forgotten: u64) {
        let mut inside = self.inside();
        if inside.forgotten != forgotten {
            return;
        }
        if inside.known.len() + read.len() > ENTRIES {
            inside.known.clear();
        }
        inside.known.extend(read.into_iter().map(|(key, known)| (key, (at, known))));
    }

    fn forget(&self, written: &[Key]) {
        let mut inside = self.inside();
        inside.forgotten += 1;
        for key in written {
            inside.known.remove(key);
            if let Some(site) = key.pk.strip_suffix("INSTANCE") {
                // What is set for a site holds in each of its projects.
                inside.known.retain(|known, _| known.sk != key.sk || !known.pk.starts_with(site));
            }
        }
    }
}

/// Forgets what is written, when it has been written: held while that is under way, and let go of
/// however it ends.
pub(crate) struct Forgetting<'a> {
    memory: &'a Memory,
    written: Vec<Key>,
}

impl Drop for Forgetting<'_> {
    fn drop(&mut self) {
        if !self.written.is_empty() {
            self.memory.forget(&self.written);
        }
    }
}

impl Memory {
    /// For the write of what lies at these keys.
    pub(crate) fn writing<'k>(
        &self,
        keys: impl IntoIterator<Item = (&'k str, &'k str)>,
    ) -> Forgetting<'_> {
        let written = keys.into_iter().filter_map(|(pk, sk)| remembered_under(pk, sk)).collect();
        Forgetting { memory: self, written }
    }

    /// The same for one item.
    pub(crate) fn writing_item(&self, item: &Item) -> Forgetting<'_> {
        self.writing(key_in(item))
    }

    /// The same for a transaction.
    pub(crate) fn transacting(&self, writes: &[TransactWriteItem]) -> Forgetting<'_> {
        self.writing(writes.iter().filter_map(key_of_write))
    }
}

/// The key that something is remembered under, if what lies at this key is.
fn remembered_under(pk: &str, sk: &str) -> Option<Key> {
    let lists = [FOLLOWS, USERS];
    let sk = match sk {
        "LINK" | "INSTALLATION" | "SETTINGS" => sk,
        // An issue's, not a comment's.
        _ if sk.starts_with(CHATS) && pk.contains("#I#") => sk,
        _ => lists.into_iter().find(|prefix| sk.starts_with(prefix))?,
    };
    Some(Key { pk: pk.to_owned(), sk: sk.to_owned() })
}

fn key_of_write(write: &TransactWriteItem) -> Option<(&str, &str)> {
    let put = write.put().map(aws_sdk_dynamodb::types::Put::item);
    let update = write.update().map(aws_sdk_dynamodb::types::Update::key);
    let delete = write.delete().map(aws_sdk_dynamodb::types::Delete::key);
    key_in(put.or(update).or(delete)?)
}

/// The key of an item, borrowed.
fn key_in(item: &Item) -> Option<(&str, &str)> {
    let part = |name| item.get(name).map(AttributeValue::as_s)?.ok().map(String::as_str);
    Some((part(PK)?, part(SK)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);
    const SHORT: Duration = Duration::from_secs(10);

    fn key(pk: &str, sk: &str) -> Key {
        Key { pk: pk.to_owned(), sk: sk.to_owned() }
    }

    fn keep(memory: &Memory, key: &Key) {
        let seen = memory.forgotten();
        memory.keep(vec![(key.clone(), Remembered::Watched(false))], NOW, seen);
    }

    fn knows(memory: &Memory, key: &Key, after: Duration) -> bool {
        memory.find(key, NOW.plus(after), SHORT).is_some()
    }

    #[test]
    fn what_was_read_counts_for_so_long_and_not_before_it_was_read() {
        let (memory, watchers) = (Memory::default(), key("J#1#WATCHERS", USERS));
        keep(&memory, &watchers);
        assert!(knows(&memory, &watchers, Duration::ZERO));
        assert!(knows(&memory, &watchers, Duration::from_millis(9_999)));
        assert!(!knows(&memory, &watchers, SHORT));
        assert!(memory.find(&watchers, NOW.minus(Duration::from_millis(1)), SHORT).is_none());
    }

    #[test]
    fn what_is_written_is_forgotten_and_nothing_else() {
        for (written, forgotten) in [
            (("J#1#WATCHERS", "USER#a"), "J#1#WATCHERS USER#"),
            (("J#1#P#7", "FOLLOW#f"), "J#1#P#7 FOLLOW#"),
            (("J#1#U#a", "LINK"), "J#1#U#a LINK"),
            (("J#1#INSTANCE", "INSTALLATION"), "J#1#INSTANCE INSTALLATION"),
            (("J#1#P#7", "SETTINGS"), "J#1#P#7 SETTINGS"),
            (("J#1#INSTANCE", "SETTINGS"), "J#1#P#7 SETTINGS"),
            (("J#1#W#claim", "CLAIM"), ""),
            (("J#2#INSTANCE", "SETTINGS"), ""),
        ] {
            let memory = Memory::default();
            let all = [
                key("J#1#WATCHERS", USERS),
                key("J#1#P#7", FOLLOWS),
                key("J#1#U#a", "LINK"),
                key("J#1#INSTANCE", "INSTALLATION"),
                key("J#1#P#7", "SETTINGS"),
            ];
            for key in &all {
                keep(&memory, key);
            }
            drop(memory.writing([written]));
            let gone = all.iter().filter(|key| !knows(&memory, key, Duration::ZERO));
            let gone: Vec<String> = gone.map(|key| format!("{} {}", key.pk, key.sk)).collect();
            assert_eq!(gone.join(", "), forgotten, "{written:?}");
        }
    }

    #[test]
    fn a_read_that_a_write_overtook_is_not_kept() {
        let (memory, watchers) = (Memory::default(), key("J#1#WATCHERS", USERS));
        let seen = memory.forgotten();
        drop(memory.writing([("J#1#WATCHERS", "USER#a")]));
        memory.keep(vec![(watchers.clone(), Remembered::Watched(false))], NOW, seen);
        assert!(!knows(&memory, &watchers, Duration::ZERO));
    }

    #[test]
    fn there_is_never_more_than_so_much() {
        let memory = Memory::default();
        for number in 0..=ENTRIES {
            keep(&memory, &key(&format!("J#{number}#WATCHERS"), USERS));
        }
        assert_eq!(memory.inside().known.len(), 1);
    }
}
