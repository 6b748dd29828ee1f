//! What is worth counting and is seen where no metrics are known: by the vault and by the vendors'
//! clients. They note it; whoever handles the event takes it along into the event's metrics.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use crate::{Provider, Purpose};

/// Whom Tandem calls, as far as each throttles by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Vendor {
    /// Jira's REST API.
    Jira,
    /// Atlassian's token endpoint.
    Atlassian,
    /// Microsoft Graph.
    Graph,
    /// Entra's token endpoint.
    Entra,
    /// The Bot Connector.
    Connector,
}

impl Vendor {
    /// Every one of them.
    pub const ALL: [Self; 5] =
        [Self::Jira, Self::Atlassian, Self::Graph, Self::Entra, Self::Connector];

    /// The name it has in metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Jira => "jira",
            Self::Atlassian => "atlassian",
            Self::Graph => "graph",
            Self::Entra => "entra",
            Self::Connector => "connector",
        }
    }
}

/// Something that was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sighting {
    /// A token was opened, or used again out of memory: as often as the ledger is told.
    TokenOpened(Purpose),
    /// A secret with tokens was read and decrypted.
    SecretRead,
    /// The vendor gave new tokens for a grant.
    Refreshed(Provider),
    /// The vendor refused a refresh token.
    RefreshRefused(Provider),
    /// Somebody had to wait until another one had refreshed a grant.
    LeaseWaited,
    /// The vendor answered 429.
    Throttled(Vendor),
}

/// What was seen since it was last taken. Copies share it. A process that handles one event at a time,
/// as Lambda's do, finds in it what the event was about.
#[derive(Clone, Debug, Default)]
pub struct Sightings(Arc<Mutex<BTreeMap<Sighting, u32>>>);

impl Sightings {
    /// Notes something once.
    pub fn note(&self, seen: Sighting) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(seen).or_default() += 1;
    }

    /// Everything noted, with how often; nothing is left.
    pub fn take(&self) -> BTreeMap<Sighting, u32> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_seen_is_counted_once_whoever_notes_it() {
        let (ours, theirs) = {
            let ours = Sightings::default();
            (ours.clone(), ours)
        };
        let throttled = Sighting::Throttled(Vendor::Jira);
        ours.note(throttled);
        theirs.note(throttled);
        theirs.note(Sighting::LeaseWaited);
        let seen = BTreeMap::from([(throttled, 2), (Sighting::LeaseWaited, 1)]);
        assert_eq!(ours.take(), seen);
        assert_eq!(theirs.take(), BTreeMap::new());
    }
}
