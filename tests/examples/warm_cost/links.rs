//! Stored links in large numbers: the items that the store wrote of one, again under other names.

use tandem_local::provision::TABLE;

use crate::support::{World, people::ISSUE};

/// How many links are imported at once.
const AT_ONCE: usize = 20_000;

/// Stores links from the `from`th up to `to`. Each is an issue with a chat, as both halves of the
/// world's own chat lie in the table.
pub fn fill(world: &World, from: usize, to: usize) {
    let items = world.stack.aws.items(TABLE).unwrap();
    let of_chat = |item: &&serde_json::Value| {
        let entity = item["entity"]["S"].as_str().unwrap_or_default();
        matches!(entity, "chat_link" | "chat_link_by_chat")
            && item["issue_id"]["S"] == ISSUE
            && item["chat_id"]["S"] == world.chat.as_str()
    };
    let halves: Vec<String> = items.iter().filter(of_chat).map(ToString::to_string).collect();
    assert_eq!(halves.len(), 2, "both halves of the link");
    // The digits of the chat's id, which stand in no other part of an item.
    let chat = world.chat.split_once(':').unwrap().1.split_once('@').unwrap().0;
    let mut next = from;
    while next < to {
        let end = (next + AT_ONCE).min(to);
        let items = (next..end).flat_map(|number| {
            let (issue, other) = (format!("{}", 1_000_000 + number), format!("{number:032x}"));
            halves.iter().map(move |half| {
                let named = half.replace(chat, &other);
                let named = named.replace(&format!("#I#{ISSUE}"), &format!("#I#{issue}"));
                let named = named.replace(&format!("#{ISSUE}\""), &format!("#{issue}\""));
                named.replace(&format!("\"{ISSUE}\""), &format!("\"{issue}\""))
            })
        });
        world.stack.aws.import(TABLE, items).unwrap();
        next = end;
    }
}
