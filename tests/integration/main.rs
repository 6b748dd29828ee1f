//! The product's behaviour, over HTTP against the local stack: one file for each flow.

// Test code: what is `pub` here is for the other files, and a failed step should panic.
#![allow(unreachable_pub, missing_docs)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::too_many_lines)]

mod support;

mod echoes;
mod jira_to_teams;
mod linking;
mod settings;
mod sign_in;
mod teams_to_jira;
mod template;
mod vault;
