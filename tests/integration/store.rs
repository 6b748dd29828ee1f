//! The table's own behaviour, on the embedded engine and, where `TANDEM_DYNAMODB_ENDPOINT` names
//! one, on a second.

mod bench;
mod bot;
mod calls;
mod chats;
mod claims;
mod fares;
mod grants;
mod ids;
mod installations;
mod links;
mod settings;
mod sign_ins;
mod stored;
