//! One HTTP exchange with Atlassian: a time limit, a size limit, and errors that carry no text.

use std::time::Duration;

use reqwest::{RequestBuilder, StatusCode, header};
use url::Url;
use zeroize::Zeroizing;

/// How long one exchange may take, from connecting to the last byte.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The most that is read of an answer, in bytes; a page of comments stays far below it.
const MAX_ANSWER: usize = 8 * 1024 * 1024;

/// What Tandem calls itself.
const USER_AGENT: &str = concat!("tandem/", env!("CARGO_PKG_VERSION"));

/// What came back. The body may hold tokens or content: it is wiped when dropped.
pub(crate) struct Answer {
    /// The HTTP status.
    pub(crate) status: StatusCode,
    /// `Retry-After`, where it was sent as seconds.
    pub(crate) retry_after: Option<Duration>,
    /// `Cycle-Period` of an answer to a report of accounts, an ISO 8601 duration.
    pub(crate) cycle_period: Option<Duration>,
    /// The body, as it came.
    pub(crate) body: Zeroizing<Vec<u8>>,
}

/// Why no answer came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unanswered {
    /// Nobody answered, or not to the end, in time.
    Timeout,
    /// No connection, or it broke.
    Connection,
    /// The answer is longer than anything Tandem asks for.
    TooLarge,
}

/// Sends a request and reads the whole answer.
pub(crate) async fn send(request: RequestBuilder) -> Result<Answer, Unanswered> {
    let mut response = request
        .timeout(TIMEOUT)
        .header(header::USER_AGENT, USER_AGENT)
        .header(header::ACCEPT, "application/json")
        .send()
        .await
        .map_err(|error| unanswered(&error))?;
    let status = response.status();
    let retry_after = response.headers().get(header::RETRY_AFTER).and_then(seconds);
    let cycle_period = response.headers().get("cycle-period").and_then(period);
    let expected = response.content_length().and_then(|len| usize::try_from(len).ok());
    let mut body = Zeroizing::new(Vec::with_capacity(expected.unwrap_or(0).min(MAX_ANSWER)));
    while let Some(chunk) = response.chunk().await.map_err(|error| unanswered(&error))? {
        if body.len() + chunk.len() > MAX_ANSWER {
            return Err(Unanswered::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer { status, retry_after, cycle_period, body })
}

/// `base` with these path segments after its own, each percent-encoded.
pub(crate) fn under(base: &Url, segments: &[&str]) -> Url {
    let mut url = base.clone();
    // Only a URL without a path at all (`mailto:`) refuses; calling it fails soon enough.
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(segments);
    }
    url
}

fn unanswered(error: &reqwest::Error) -> Unanswered {
    if error.is_timeout() { Unanswered::Timeout } else { Unanswered::Connection }
}

fn seconds(value: &header::HeaderValue) -> Option<Duration> {
    value.to_str().ok()?.trim().parse().ok().map(Duration::from_secs)
}

/// An ISO 8601 duration in weeks, days, hours, minutes and seconds. Years and months, which have no
/// one length, are none.
fn period(value: &header::HeaderValue) -> Option<Duration> {
    let text = value.to_str().ok()?.trim().strip_prefix('P')?;
    let (days, times) = text.split_once('T').unwrap_or((text, ""));
    let mut total = Duration::ZERO;
    for (part, units) in
        [(days, &[('W', 604_800), ('D', 86_400)][..]), (times, &[('H', 3600), ('M', 60), ('S', 1)])]
    {
        let mut rest = part;
        while let Some(end) = rest.find(|digit: char| !digit.is_ascii_digit()) {
            let unit = rest[end..].chars().next()?;
            let (_, secs) = units.iter().find(|(known, _)| *known == unit)?;
            let span: u64 = rest[..end].parse().ok()?;
            total = total.checked_add(Duration::from_secs(span.checked_mul(*secs)?))?;
            rest = &rest[end + 1..];
        }
        if !rest.is_empty() {
            return None;
        }
    }
    (!total.is_zero()).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_appended_and_escaped() {
        for (base, expected) in [
            ("https://api.atlassian.com", "https://api.atlassian.com/a/b%2Fc%3Fd"),
            ("https://api.atlassian.com/", "https://api.atlassian.com/a/b%2Fc%3Fd"),
            ("http://127.0.0.1:3000/sandbox/x", "http://127.0.0.1:3000/sandbox/x/a/b%2Fc%3Fd"),
        ] {
            let base = Url::parse(base).unwrap();
            assert_eq!(under(&base, &["a", "b/c?d"]).as_str(), expected);
        }
    }

    #[test]
    fn periods_have_a_length() {
        for (text, secs) in [
            ("P7D", Some(604_800)),
            (" P1W ", Some(604_800)),
            ("P1DT12H", Some(129_600)),
            ("PT90M", Some(5_400)),
            ("PT1H0M30S", Some(3_630)),
            ("P1M", None),
            ("P1Y", None),
            ("P7", None),
            ("PT1D", None),
            ("P", None),
            ("P0D", None),
            ("P-7D", None),
            ("P99999999999999999999D", None),
            ("7 days", None),
        ] {
            let value = header::HeaderValue::from_str(text).unwrap();
            assert_eq!(period(&value), secs.map(Duration::from_secs), "{text}");
        }
    }

    #[test]
    fn only_seconds_count_as_retry_after() {
        for (text, expected) in [
            ("17", Some(17)),
            (" 0 ", Some(0)),
            ("-1", None),
            ("Wed, 21 Oct 2026 07:28:00 GMT", None),
        ] {
            let value = header::HeaderValue::from_static(text);
            assert_eq!(seconds(&value), expected.map(Duration::from_secs), "{text}");
        }
    }
}
