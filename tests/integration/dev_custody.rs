//! Temporary root.
#![allow(unreachable_pub, missing_docs, dead_code)]
#![allow(clippy::pedantic, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod credentials;
mod custody;
mod erase;
mod jira_to_teams;
mod sign_in;
mod support;
mod teams_to_jira;
mod template;
mod vault;
