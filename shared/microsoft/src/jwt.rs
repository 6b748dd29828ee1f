//! What Microsoft's tokens have in common.

use aws_lc_rs::constant_time::verify_slices_are_equal;

pub(crate) use tandem_tokens::{Lifetime, TokenError, signed_claims};

/// Whether two secrets are the same, in a time that does not tell where they differ.
pub(crate) fn same(expected: &str, given: &str) -> bool {
    !expected.is_empty() && verify_slices_are_equal(expected.as_bytes(), given.as_bytes()).is_ok()
}
