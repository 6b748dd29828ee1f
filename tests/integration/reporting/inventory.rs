//! Every attribute that identifies a person is of one who is reported, or not at Atlassian.

use std::collections::BTreeMap;

use tandem_store::{Whose, inventory::INVENTORY};

/// Why an account in this attribute is reported, or need not be.
enum Why {
    /// The transaction that writes the item notes the account.
    Noted,
    /// Only somebody writes it who is signed in: noted when they were linked.
    Linked,
    /// It is gone before a report would come.
    Short(&'static str),
    /// It identifies somebody at Microsoft.
    Microsoft,
}

/// Every attribute that identifies a person.
const PEOPLE: &[(&str, Why)] = &[
    ("account_link.account_id", Why::Noted),
    ("account_link.object_id", Why::Microsoft),
    ("channel_subscription.assignees", Why::Noted),
    ("channel_subscription.subscribed_by", Why::Noted),
    ("channel_subscription.subscriber", Why::Microsoft),
    ("chat_link.created_by", Why::Noted),
    ("chat_link.creator_object_id", Why::Microsoft),
    ("chat_subscription.subscriber", Why::Microsoft),
    ("erasure.jira_users", Why::Short("minutes: it is what erases them")),
    ("erasure.microsoft_users", Why::Microsoft),
    ("grant.account_id", Why::Noted),
    ("grant.object_id", Why::Microsoft),
    ("issue_message.created_by", Why::Noted),
    ("issue_message.creator_object_id", Why::Microsoft),
    ("message_link.comment_by", Why::Noted),
    ("message_link.message_by", Why::Microsoft),
    ("personal_conversation.object_id", Why::Microsoft),
    ("reported_account.account_id", Why::Noted),
    ("session.account_id", Why::Linked),
    ("session.object_id", Why::Microsoft),
    ("settings.account_id", Why::Linked),
    ("setting_change.changed_by", Why::Linked),
    ("settings.changed_by", Why::Linked),
    ("sign_in.account_id", Why::Short("ten minutes")),
    ("site_webhook.registered_by", Why::Noted),
    ("watcher.account_id", Why::Linked),
];

#[test]
fn whoever_is_identified_anywhere_is_reported_or_there_is_a_reason() {
    let known: BTreeMap<&str, &Why> = PEOPLE.iter().map(|(name, why)| (*name, why)).collect();
    let mut used = std::collections::BTreeSet::new();
    for declared in INVENTORY {
        // The other half of a mapping is written in the same transaction.
        let entity = declared.entity.split_once("_by_").map_or(declared.entity, |(whole, _)| whole);
        for attribute in declared.attributes.iter().filter(|it| it.whose == Whose::Person) {
            let name = format!("{entity}.{}", attribute.name);
            let Some(why) = known.get(name.as_str()) else {
                panic!("{name} identifies a person: is the account reported when it is written?");
            };
            if let Why::Short(reason) = why {
                assert!(!reason.is_empty());
            }
            used.insert(name);
        }
    }
    let listed: std::collections::BTreeSet<String> =
        known.keys().map(|name| (*name).to_owned()).collect();
    assert_eq!(used, listed, "all that is listed is declared");
}
