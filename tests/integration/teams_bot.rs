//! Tandem in Teams: the bot and the message extension, driven as people use them.

mod add_comment;
mod authentication;
mod card_actions;
mod channels;
mod commands;
mod create_issue;
mod lifecycle;
mod notifications;
mod scene;
mod search;
mod sign_in;
mod told_once;
mod unfurl;
