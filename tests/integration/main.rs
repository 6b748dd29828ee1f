//! The product's behaviour, over HTTP against the local stack: one file for each flow.

// Test code: what is `pub` here is for the other files, and a failed step should panic.
#![allow(unreachable_pub, missing_docs)]
#![allow(clippy::pedantic, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::type_complexity)]

mod support;

mod admin;
mod canaries;
mod contracts;
mod credentials;
mod custody;
mod echoes;
mod erase;
mod fixtures;
mod gone;
mod inventory;
mod issue_chats;
mod jira_to_teams;
mod jira_webhooks;
mod linking;
mod metrics;
mod my_data;
mod my_ledger;
mod openapi;
mod ops;
mod order;
mod reporting;
mod resumed;
mod rights;
mod settings;
mod sign_in;
mod signed_out;
mod site_webhooks;
mod store;
mod teams_bot;
mod teams_notifications;
mod teams_to_jira;
mod template;
mod vault;
