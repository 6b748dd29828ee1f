//! Flows under way.

#[path = "integration/support/mod.rs"]
mod support;
#[path = "integration/teams_bot/add_comment.rs"]
mod add_comment;
#[path = "integration/teams_bot/create_issue.rs"]
mod create_issue;
