//! What all calls to Microsoft have in common.

use std::time::Duration;

use reqwest::{RequestBuilder, StatusCode, header};
use tandem_domain::{Sighting, Sightings, Vendor};
use url::Url;

/// How long one call may take.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(10);

/// How Tandem introduces itself.
pub(crate) const USER_AGENT: &str = concat!("tandem/", env!("CARGO_PKG_VERSION"));

/// The request with the headers and the time limit that every call has.
pub(crate) fn polite(request: RequestBuilder) -> RequestBuilder {
    request
        .timeout(TIMEOUT)
        .header(header::USER_AGENT, USER_AGENT)
        .header(header::ACCEPT, "application/json")
}

/// The seconds of a `Retry-After` header; its other form, a date, is not used by Microsoft.
pub(crate) fn retry_after(headers: &header::HeaderMap) -> Option<Duration> {
    let seconds = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    seconds.parse().ok().map(Duration::from_secs)
}

/// Notes that Microsoft throttles, where an answer says so.
pub(crate) fn note_throttling(status: StatusCode, vendor: Vendor, sightings: &Sightings) {
    if status == StatusCode::TOO_MANY_REQUESTS {
        sightings.note(Sighting::Throttled(vendor));
    }
}

/// `base` without a slash at its end, to put a path behind.
pub(crate) fn trimmed(base: &Url) -> &str {
    base.as_str().trim_end_matches('/')
}
