//! Temporary root.
#[path = "integration/support/mod.rs"]
mod support;
#[path = "integration/teams_bot/card_actions.rs"]
mod card_actions;
#[path = "integration/teams_bot/search.rs"]
mod search;
#[path = "integration/teams_bot/unfurl.rs"]
mod unfurl;
