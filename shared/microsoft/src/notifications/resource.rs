//! The `resource` of a notification: which message of which chat.

use tandem_domain::{ChatId, MessageId};

/// Reads `chats('19:...')/messages('161...')` and `/chats/19:.../messages/161...`, also below
/// `users('...')`, `users/...` or `me`; anything else is not a message of a chat.
pub(super) fn parse(resource: &str) -> Option<(ChatId, MessageId)> {
    let rest = resource.strip_prefix('/').unwrap_or(resource);
    let rest = match entity(rest, "users") {
        Some((_, rest)) => rest.strip_prefix('/')?,
        None => rest.strip_prefix("me/").unwrap_or(rest),
    };
    let (chat, rest) = entity(rest, "chats")?;
    let (message, rest) = entity(rest.strip_prefix('/')?, "messages")?;
    if !rest.is_empty() {
        return None;
    }
    let chat = chat.replace("%3A", ":").replace("%3a", ":").replace("%40", "@");
    Some((ChatId::parse(&chat).ok()?, MessageId::parse(message).ok()?))
}

/// The key of the entity at the start of `path`, in either spelling, and what follows it.
fn entity<'a>(path: &'a str, set: &str) -> Option<(&'a str, &'a str)> {
    let (name, rest) = path.split_at_checked(set.len())?;
    if !name.eq_ignore_ascii_case(set) {
        return None;
    }
    if let Some(rest) = rest.strip_prefix("('") {
        return rest.split_once("')");
    }
    let rest = rest.strip_prefix('/')?;
    Some(rest.split_at(rest.find('/').unwrap_or(rest.len())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_are_read_and_nothing_else() {
        let chat = "19:8ea0e38b-efb3-4757-924a-5f94061cf8c2_97f62344-57dc-409c-88ad-c4af14158ff5@unq.gbl.spaces";
        let encoded = chat.replace(':', "%3A").replace('@', "%40");
        for (resource, read) in [
            (format!("chats('{chat}')/messages('1612289765949')"), true),
            (format!("/chats('{chat}')/messages('1612289765949')"), true),
            (format!("/chats/{chat}/messages/1612289765949"), true),
            (format!("Chats/{chat}/Messages/1612289765949"), true),
            (format!("/chats/{encoded}/messages/1612289765949"), true),
            (format!("users('x')/chats('{chat}')/messages('1612289765949')"), true),
            (format!("/users/x/chats/{chat}/messages/1612289765949"), true),
            (format!("me/chats/{chat}/messages/1612289765949"), true),
            (format!("chats('{chat}')"), false),
            (format!("chats('{chat}')/members('x')"), false),
            (format!("chats('{chat}')/messages('x')"), false),
            (format!("chats('{chat}')/messages('1')/replies('2')"), false),
            (format!("/chats/{chat}/messages/1/"), false),
            (format!("/chats/{chat}/messages"), false),
            ("chats('19:x@thread.tacv2')/messages('1')".to_owned(), false),
            ("teams('x')/channels('19:x@thread.tacv2')/messages('1')".to_owned(), false),
            ("chats('19:".to_owned(), false),
            ("ch\u{e4}ts".to_owned(), false),
            ("NA".to_owned(), false),
            (String::new(), false),
        ] {
            let parsed = parse(&resource);
            assert_eq!(parsed.is_some(), read, "{resource}");
            if let Some((read_chat, message)) = parsed {
                assert_eq!((read_chat.as_str(), message.as_str()), (chat, "1612289765949"));
            }
        }
    }
}
