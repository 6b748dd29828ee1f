//! Opened access tokens, in this process's memory, for minutes.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tandem_domain::{AccessToken, GrantId, SecretVersion, Subject, Timestamp, TokenSet};
use tandem_store::Grant;

/// How long a token is kept at most.
const KEPT: Duration = Duration::from_mins(10);
/// How many are kept at most.
const ENTRIES: usize = 1_000;

struct Entry {
    grant: GrantId,
    version: SecretVersion,
    access: AccessToken,
    /// When it was opened.
    opened_at: Timestamp,
    /// From when on it is no longer given out.
    ends_at: Timestamp,
}

/// Opened access tokens, by whose they are. One is given out only for the version that the grant's
/// item points at now, so what another process erased or renewed is not given out here either.
#[derive(Default)]
pub(crate) struct Cache(Mutex<HashMap<Subject, Entry>>);

impl Cache {
    /// The token of the version that `grant` points at.
    pub(crate) fn find(&self, grant: &Grant, now: Timestamp) -> Option<AccessToken> {
        let subject = grant.subject()?;
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = entries.get(&subject)?;
        let points_here = entry.grant == grant.grant_id && entry.version == grant.secret_version;
        if points_here && now < entry.ends_at {
            return Some(entry.access.clone());
        }
        entries.remove(&subject);
        None
    }

    /// The grant of which there is a token of a subject, as far as is known here.
    pub(crate) fn grant_of(&self, subject: &Subject, now: Timestamp) -> Option<GrantId> {
        let entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = entries.get(subject).filter(|entry| now < entry.ends_at)?;
        Some(entry.grant.clone())
    }

    /// Keeps a token that was opened `now`, until `margin` before its end; not at all if that has
    /// passed.
    pub(crate) fn keep(&self, grant: &Grant, tokens: &TokenSet, now: Timestamp, margin: Duration) {
        let Some(subject) = grant.subject() else { return };
        let ends_at = tokens.expires_at.minus(margin).min(now.plus(KEPT));
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.retain(|of, entry| *of != subject && now < entry.ends_at);
        if ends_at <= now {
            return;
        }
        if entries.len() >= ENTRIES {
            let oldest = entries.iter().min_by_key(|(_, entry)| entry.opened_at);
            if let Some(oldest) = oldest.map(|(of, _)| of.clone()) {
                entries.remove(&oldest);
            }
        }
        let (version, access) = (grant.secret_version.clone(), tokens.access.clone());
        let grant = grant.grant_id.clone();
        entries.insert(subject, Entry { grant, version, access, opened_at: now, ends_at });
    }

    /// Forgets a grant's token.
    pub(crate) fn forget(&self, grant: &GrantId) {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.retain(|_, entry| entry.grant != *grant);
    }
}

#[cfg(test)]
mod tests {
    use tandem_domain::{AccountId, GrantState, Provider, RefreshToken};

    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);
    const MARGIN: Duration = Duration::from_mins(5);

    fn grant(number: usize, version: usize) -> Grant {
        Grant {
            grant_id: GrantId::parse(&format!("{number:032x}")).unwrap(),
            provider: Provider::Atlassian,
            account_id: Some(AccountId::parse(&format!("5be24ad8b1653240{number:08x}")).unwrap()),
            tenant_id: None,
            object_id: None,
            state: GrantState::Active,
            version: 1,
            secret_version: SecretVersion::parse(&format!("{version:032x}")).unwrap(),
            access_expires_at: NOW,
            lease_holder: None,
            lease_until: None,
            created_at: NOW,
            renewed_at: NOW,
            refresh_at: NOW,
            copied_from: None,
            told_version: None,
            ended_at: None,
            seal: None,
        }
    }

    fn keep(cache: &Cache, grant: &Grant, lasts: Duration, now: Timestamp) {
        let tokens = TokenSet {
            access: AccessToken::new("access".into()),
            refresh: RefreshToken::new("refresh".into()),
            expires_at: NOW.plus(lasts),
        };
        cache.keep(grant, &tokens, now, MARGIN);
    }

    #[test]
    fn a_token_is_kept_until_before_its_end_and_ten_minutes_at_most() {
        for (lasts_minutes, kept_minutes) in [(60, 10), (12, 7), (5, 0), (4, 0)] {
            let cache = Cache::default();
            keep(&cache, &grant(1, 1), Duration::from_mins(lasts_minutes), NOW);
            for minute in 0..12 {
                let at = NOW.plus(Duration::from_mins(minute));
                let found = cache.find(&grant(1, 1), at).is_some();
                assert_eq!(found, minute < kept_minutes, "{lasts_minutes} min, after {minute}");
            }
        }
    }

    #[test]
    fn another_version_is_not_given_out() {
        let cache = Cache::default();
        keep(&cache, &grant(1, 1), Duration::from_hours(1), NOW);
        assert!(cache.find(&grant(1, 2), NOW).is_none());
        assert!(cache.find(&grant(1, 1), NOW).is_none(), "and is forgotten");
    }

    #[test]
    fn the_oldest_goes_when_there_are_too_many() {
        let cache = Cache::default();
        for number in 0..=ENTRIES {
            let at = NOW.plus(Duration::from_millis(number as u64));
            keep(&cache, &grant(number, 1), Duration::from_hours(1), at);
        }
        assert!(cache.find(&grant(0, 1), NOW).is_none());
        assert!(cache.find(&grant(1, 1), NOW).is_some());
        assert!(cache.find(&grant(ENTRIES, 1), NOW).is_some());
        assert_eq!(cache.0.lock().unwrap().len(), ENTRIES);
    }
}
