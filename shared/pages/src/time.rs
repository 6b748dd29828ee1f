//! Times as pages show them.

use tandem_domain::Timestamp;

/// A time: for machines and for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// RFC 3339, in UTC: for the attribute `datetime`.
    pub machine: String,
    /// To the minute, in UTC: `2026-11-27 11:30`.
    pub people: String,
}

/// A time as a page shows it.
pub fn moment(at: Timestamp) -> Moment {
    let machine = at.to_rfc3339();
    let people = machine.get(..16).unwrap_or_default().replacen('T', " ", 1);
    Moment { machine, people }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_shown_to_the_minute_in_utc() {
        let shown = moment(Timestamp::parse("2026-11-27T12:30:59.5+01:00").unwrap());
        assert_eq!(shown.people, "2026-11-27 11:30");
        assert_eq!(shown.machine, "2026-11-27T11:30:59.5Z");
    }
}
