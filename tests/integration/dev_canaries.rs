//! Temporary root.
#![allow(unreachable_pub, missing_docs, dead_code)]
#![allow(clippy::pedantic, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod canaries;
mod contracts;
mod support;
