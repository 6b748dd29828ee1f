//! How Teams names people, the bot and their personal conversations: ids that are the same each
//! time and say nothing.

use aws_lc_rs::digest;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::sandbox::microsoft::User;

/// What the bot is called.
pub(super) const BOT_NAME: &str = "Tandem";

/// `28:<app id>`: the bot.
pub(super) fn bot_account(bot_id: &str) -> String {
    format!("28:{bot_id}")
}

/// The bot as `recipient`.
pub(super) fn bot(bot_id: &str) -> Value {
    json!({ "id": bot_account(bot_id), "name": BOT_NAME })
}

/// `29:1...`: a user as this bot knows them, and no other bot.
pub(super) fn user_account(bot_id: &str, user: &User) -> String {
    format!("29:1{}", opaque("user", bot_id, user))
}

/// `a:1...`: the one conversation of the bot and the user.
pub(super) fn personal_conversation(bot_id: &str, user: &User) -> String {
    let more = opaque("more", bot_id, user);
    format!("a:1{}{}", opaque("personal", bot_id, user), &more[..43])
}

fn opaque(what: &str, bot_id: &str, user: &User) -> String {
    let text = format!("{what}\n{bot_id}\n{}\n{}", user.tenant_id, user.object_id);
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA512, text.as_bytes()))
}

/// The user as `from`.
pub(super) fn user(bot_id: &str, user: &User) -> Value {
    json!({
        "id": user_account(bot_id, user),
        "name": user.display_name,
        "aadObjectId": user.object_id,
    })
}
