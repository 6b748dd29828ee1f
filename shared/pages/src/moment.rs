//! Times as pages show them.

use tandem_domain::Timestamp;

/// A point in time: for machines, and as people read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// RFC 3339 in UTC.
    pub iso: String,
    /// `2026-11-27 11:30 UTC`
    pub shown: String,
}

impl From<Timestamp> for Moment {
    fn from(at: Timestamp) -> Self {
        let iso = at.to_rfc3339();
        let part = |range: std::ops::Range<usize>| iso.get(range).unwrap_or_default();
        let shown = format!("{} {} UTC", part(0..10), part(11..16));
        Self { iso, shown }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_shown_to_the_minute() {
        let moment = Moment::from(Timestamp::parse("2026-11-27T11:30:59.123Z").unwrap());
        assert_eq!(moment.shown, "2026-11-27 11:30 UTC");
        assert_eq!(moment.iso, "2026-11-27T11:30:59.123Z");
    }
}
