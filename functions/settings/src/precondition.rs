//! `If-Match` (RFC 9110, section 13.1.1): a change goes through only on the version it was made for.

use http::{HeaderMap, StatusCode, header};
use tandem_runtime::ApiError;

/// The entity tag of a version.
pub(crate) fn etag(version: u64) -> String {
    format!("\"{version}\"")
}

/// Which versions a change may replace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Precondition {
    /// Any: there is no `If-Match`, or it is `*`. Settings always have a present state, be it that
    /// nothing is set.
    None,
    /// One of these. A weak tag is none of them: `If-Match` compares strongly.
    OneOf(Vec<u64>),
}

impl Precondition {
    /// Reads the header; 400 when it is not a list of entity tags.
    pub(crate) fn read(headers: &HeaderMap) -> Result<Self, ApiError> {
        let mut versions = Vec::new();
        let mut any = false;
        let mut given = false;
        for value in headers.get_all(header::IF_MATCH) {
            given = true;
            let mut rest = value.to_str().map_err(|_| malformed())?.trim();
            if rest == "*" {
                any = true;
                continue;
            }
            while !rest.is_empty() {
                let (tag, weak, after) = tag(rest)?;
                versions.extend(version(tag).filter(|_| !weak));
                rest = after;
            }
        }
        Ok(if any || !given { Self::None } else { Self::OneOf(versions) })
    }

    /// 412 unless the change may replace this version.
    pub(crate) fn check(&self, version: u64) -> Result<(), ApiError> {
        match self {
            Self::OneOf(versions) if !versions.contains(&version) => Err(ApiError::new(
                StatusCode::PRECONDITION_FAILED,
                "version_changed",
                "the settings were changed meanwhile: read them again",
            )),
            Self::None | Self::OneOf(_) => Ok(()),
        }
    }
}

/// The version whose entity tag holds this text between its quotes.
fn version(tag: &str) -> Option<u64> {
    tag.parse().ok().filter(|version: &u64| version.to_string() == tag)
}

/// The first tag of a list, whether it is weak, and the rest of the list.
fn tag(list: &str) -> Result<(&str, bool, &str), ApiError> {
    let (weak, opaque) = match list.strip_prefix("W/") {
        Some(rest) => (true, rest),
        None => (false, list),
    };
    let (tag, rest) =
        opaque.strip_prefix('"').and_then(|text| text.split_once('"')).ok_or_else(malformed)?;
    let rest = rest.trim_start();
    match rest.strip_prefix(',') {
        Some(more) => Ok((tag, weak, more.trim_start())),
        None if rest.is_empty() => Ok((tag, weak, rest)),
        None => Err(malformed()),
    }
}

fn malformed() -> ApiError {
    ApiError::bad_request("invalid_if_match", "If-Match is * or a list of quoted entity tags")
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn read(lines: &[&str]) -> Result<Precondition, &'static str> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::IF_MATCH, HeaderValue::from_str(line).unwrap());
        }
        Precondition::read(&headers).map_err(|error| error.code)
    }

    #[test]
    fn each_form_of_the_header_is_understood() {
        use Precondition::{None, OneOf};
        for (lines, read_as) in [
            (&[][..], Ok(None)),
            (&["*"], Ok(None)),
            (&[" * "], Ok(None)),
            (&["\"3\""], Ok(OneOf(vec![3]))),
            (&["\"3\", \"4\",\"5\""], Ok(OneOf(vec![3, 4, 5]))),
            (&["\"3\"", "\"4\""], Ok(OneOf(vec![3, 4]))),
            (&["W/\"3\""], Ok(OneOf(vec![]))),
            (&["W/\"3\", \"4\""], Ok(OneOf(vec![4]))),
            (&["\"abc\", \"03\", \"+3\", \"a,b\""], Ok(OneOf(vec![]))),
            (&["\"99999999999999999999999\""], Ok(OneOf(vec![]))),
            (&[""], Ok(OneOf(vec![]))),
            (&["3"], Err("invalid_if_match")),
            (&["\"3"], Err("invalid_if_match")),
            (&["\"3\" \"4\""], Err("invalid_if_match")),
            (&["w/\"3\""], Err("invalid_if_match")),
            (&["*, \"3\""], Err("invalid_if_match")),
        ] {
            assert_eq!(read(lines), read_as, "{lines:?}");
        }
    }

    #[test]
    fn only_the_named_versions_may_be_replaced() {
        for (precondition, version, passes) in [
            (Precondition::None, 0, true),
            (Precondition::OneOf(vec![0]), 0, true),
            (Precondition::OneOf(vec![2, 3]), 3, true),
            (Precondition::OneOf(vec![2]), 3, false),
            (Precondition::OneOf(vec![]), 0, false),
        ] {
            let checked = precondition.check(version);
            assert_eq!(checked.is_ok(), passes, "{precondition:?} {version}");
            assert!(checked.is_ok() || checked.unwrap_err().status == 412);
        }
    }
}
