//! Points in time, as milliseconds since 1970, and the clock they come from.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// A point in time: milliseconds since 1970-01-01T00:00:00Z.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From milliseconds since 1970.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// From seconds since 1970.
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(1000))
    }

    /// Milliseconds since 1970.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since 1970.
    pub const fn as_secs(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// This time plus `span`.
    #[must_use]
    pub fn plus(self, span: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)))
    }

    /// This time minus `span`.
    #[must_use]
    pub fn minus(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)))
    }

    /// How long until `later`; zero when it has passed.
    pub fn until(self, later: Self) -> Duration {
        Duration::from_millis(u64::try_from(later.0.saturating_sub(self.0)).unwrap_or(0))
    }

    /// Parses RFC 3339 (`2026-01-31T12:00:00.123Z`), as Microsoft Graph writes times, and the
    /// `+0000` offsets that Jira writes.
    pub fn parse(text: &str) -> Option<Self> {
        let fixed = with_colon_in_offset(text);
        let at = OffsetDateTime::parse(fixed.as_deref().unwrap_or(text), &Rfc3339).ok()?;
        i64::try_from(at.unix_timestamp_nanos().div_euclid(1_000_000)).ok().map(Self)
    }

    /// RFC 3339 in UTC, as Microsoft Graph expects it.
    pub fn to_rfc3339(self) -> String {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000_000)
            .ok()
            .and_then(|at| at.format(&Rfc3339).ok())
            .unwrap_or_default()
    }
}

/// `+0000` -> `+00:00`; `None` when the text has no such offset.
fn with_colon_in_offset(text: &str) -> Option<String> {
    let (at, sign) = text.char_indices().rev().nth(4)?;
    let digits = text.get(at + 1..)?;
    if !matches!(sign, '+' | '-') || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Some(format!("{}{}:{}", &text[..=at], &digits[..2], &digits[2..]))
}

/// Where the time comes from: the system's clock in production, a hand-set one in tests.
pub trait Clock: Send + Sync {
    /// The present time.
    fn now(&self) -> Timestamp;
}

/// The system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let nanos = OffsetDateTime::now_utc().unix_timestamp_nanos();
        Timestamp(i64::try_from(nanos / 1_000_000).unwrap_or(i64::MAX))
    }
}

/// A clock that stands where it was set; moved by hand, for tests.
#[derive(Debug, Default)]
pub struct ManualClock(std::sync::atomic::AtomicI64);

impl ManualClock {
    /// A clock standing at `at`.
    pub fn at(at: Timestamp) -> Self {
        Self(std::sync::atomic::AtomicI64::new(at.as_millis()))
    }

    /// Moves the clock forward.
    pub fn advance(&self, span: Duration) {
        let millis = i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
        self.0.fetch_add(millis, std::sync::atomic::Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(std::sync::atomic::Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_times_both_vendors_write() {
        for (text, millis) in [
            ("2021-02-02T18:06:36.53Z", Some(1_612_289_196_530)),
            ("2021-02-02T18:06:36.530+0000", Some(1_612_289_196_530)),
            ("2021-02-02T19:06:36.530+0100", Some(1_612_289_196_530)),
            ("1970-01-01T00:00:00Z", Some(0)),
            ("yesterday", None),
            ("", None),
        ] {
            assert_eq!(Timestamp::parse(text).map(Timestamp::as_millis), millis, "{text}");
        }
    }

    #[test]
    fn writes_what_it_reads() {
        let at = Timestamp::from_millis(1_612_289_196_530);
        assert_eq!(Timestamp::parse(&at.to_rfc3339()), Some(at));
    }
}
