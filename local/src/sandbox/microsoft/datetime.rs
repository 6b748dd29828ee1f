//! Times on the wire: RFC 3339 in UTC, milliseconds since 1970 inside.

use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// `2021-03-29T04:17:43.15Z`, as Graph writes times.
pub(super) fn rfc3339(millis: i64) -> String {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(millis) * 1_000_000)
        .ok()
        .and_then(|at| at.format(&Rfc3339).ok())
        .unwrap_or_default()
}

/// `2016-01-09 02:02:12Z`, as Entra writes times in its error answers.
pub(super) fn entra(millis: i64) -> String {
    rfc3339(millis.div_euclid(1000) * 1000).replace('T', " ")
}

/// Milliseconds since 1970 of an RFC 3339 time with any offset.
pub(super) fn parse(text: &str) -> Option<i64> {
    let at = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    i64::try_from(at.unix_timestamp_nanos().div_euclid(1_000_000)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_and_reads_the_times_of_the_fixtures() {
        assert_eq!(rfc3339(1_616_991_463_150), "2021-03-29T04:17:43.15Z");
        assert_eq!(entra(1_452_304_932_500), "2016-01-09 02:02:12Z");
        assert_eq!(parse("2021-02-02T10:30:34.9097561-08:00"), Some(1_612_290_634_909));
        assert_eq!(parse("tomorrow"), None);
    }
}
