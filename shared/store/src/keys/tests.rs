use std::collections::{BTreeSet, HashMap};

use tandem_domain::ReceiptId;

use super::*;

const GUIDS: [&str; 3] = [
    "11111111-1111-1111-1111-111111111111",
    "22222222-2222-2222-2222-222222222222",
    "33333333-3333-3333-3333-333333333333",
];

/// Identifiers chosen to look alike across types: numbers that are equal, GUIDs that are equal.
fn every_key() -> Vec<(String, Key)> {
    let mut keys = Vec::new();
    let chats = [
        "19:11111111111111111111111111111111@thread.v2",
        "19:11111111-1111-1111-1111-111111111111_22222222-2222-2222-2222-222222222222@unq.gbl.spaces",
    ];
    for (n, (site, other)) in
        GUIDS.iter().flat_map(|a| GUIDS.iter().map(move |b| (a, b))).enumerate()
    {
        let cloud = CloudId::parse(site).unwrap();
        let tenant = TenantId::parse(site).unwrap();
        let object = ObjectId::parse(other).unwrap();
        let account = AccountId::parse(other).unwrap();
        let hash = TokenHash::parse(&n.to_string().repeat(64)[..64]).unwrap();
        let work = ClaimId::parse(hash.as_str()).unwrap();
        let host = SiteHost::parse(&format!("{site}.{other}")).unwrap();
        let of_grant = GrantId::parse(&hash.as_str()[..32]).unwrap();
        let name = |entity: &str, ids: &[&str]| format!("{entity} {}", ids.join(" "));
        if site == other {
            keys.push((name("installation", &[site]), installation(&cloud)));
            keys.push((name("instance settings", &[site]), instance_settings(&cloud)));
            for (at, version) in [(1, 11), (11, 1), (11, 11)] {
                let of = [site.to_string(), at.to_string(), version.to_string()];
                let time = Timestamp::from_millis(at);
                let change = setting_change(instance_settings(&cloud), time, version);
                keys.push((format!("change {}", of.join(" ")), change));
            }
            keys.push((name("instance erasure", &[site]), instance_erasure(&cloud)));
            keys.push((name("webhook seen", &[site]), webhook_seen(&cloud)));
            for at in [1, 11] {
                let slot = tally(&cloud, Timestamp::from_millis(at));
                keys.push((name("tally", &[site, &at.to_string()]), slot));
            }
            keys.push((name("tenant erasure", &[site]), tenant_erasure(&tenant)));
            let atlassian = Subject::Atlassian(account.clone());
            keys.push((name("grant of account", &[other]), grant(&atlassian)));
        }
        let microsoft = Subject::Microsoft(tenant.clone(), object.clone());
        keys.push((name("grant of object", &[site, other]), grant(&microsoft)));
        keys.push((name("site", &[host.as_str()]), site_host(&host)));
        keys.push((name("link by account", &[site, other]), link_by_account(&cloud, &account)));
        keys.push((name("user settings", &[site, other]), user_settings(&cloud, &account)));
        keys.push((name("sign-in", &[hash.as_str()]), sign_in(&hash)));
        keys.push((name("session", &[hash.as_str()]), session(&hash)));
        let id = ReceiptId::parse(&hash.as_str()[..32]).unwrap();
        keys.push((name("receipt", &[id.as_str()]), receipt(&id)));
        keys.push((name("lost erasure", &[id.as_str()]), lost_erasure(&id)));
        keys.push((name("user erasure", &[site, other]), user_erasure(&cloud, &account)));
        keys.push((name("claim", &[site, work.as_str()]), claim(&cloud, &work)));
        for (at, request) in [(1, "11"), (11, "1"), (11, "11")] {
            let (time, id) = (Timestamp::from_millis(at), RequestId::parse(request).unwrap());
            for purpose in [Purpose::ShowChat, Purpose::StartChat] {
                let all = [of_grant.as_str(), &at.to_string(), request, purpose.as_str()];
                let line = ledger(&of_grant, time, &id, purpose, None);
                keys.push((name("ledger", &all), line));
                let read = ledger(&of_grant, time, &id, purpose, Some(&id));
                keys.push((name("ledger of a call", &all), read));
            }
        }
        keys.push((name("bot", &[site, other]), personal_conversation(&tenant, &object)));
        keys.push((name("watcher", &[site, other]), watcher(&cloud, &account)));
        let linked = CloudId::parse(other).unwrap();
        keys.push((
            name("link by object", &[site, other, other]),
            link_by_object(&tenant, &object, &linked),
        ));
        for number in ["1", "11", "111"] {
            let issue = IssueId::parse(number).unwrap();
            let comment = CommentId::parse(number).unwrap();
            let message = MessageId::parse(number).unwrap();
            let project = ProjectId::parse(number).unwrap();
            let there = TenantId::parse(other).unwrap();
            keys.push((name("project", &[site, number]), project_settings(&cloud, &project)));
            let change =
                setting_change(project_settings(&cloud, &project), Timestamp::from_millis(1), 1);
            keys.push((name("project change", &[site, number]), change));
            bot_keys(&mut keys, [site, other], number, &hash);
            keys.push((name("origin", &[site, number]), message_of_issue(&cloud, &issue)));
            for chat in chats {
                let id = ChatId::parse(chat).unwrap();
                let all = [*site, number, *other, chat];
                keys.push((name("chat", &all), chat_by_issue(&cloud, &issue, &there, &id)));
                keys.push((name("issue", &all), issue_by_chat(&cloud, &issue, &there, &id)));
                keys.push((
                    name("message", &all),
                    message_by_comment(&cloud, &comment, &there, &id),
                ));
                keys.push((
                    name("comment", &all),
                    comment_by_message(&there, &id, &message, &cloud, &issue),
                ));
                keys.push((name("subscription", &[other, chat]), chat_subscription(&there, &id)));
            }
        }
    }
    keys
}

/// The keys of what the bot keeps.
fn bot_keys(keys: &mut Vec<(String, Key)>, guids: [&str; 2], number: &str, hash: &TokenHash) {
    let [site, other] = guids;
    let name = |entity: &str, ids: &[&str]| format!("{entity} {}", ids.join(" "));
    let (cloud, there) = (CloudId::parse(site).unwrap(), TenantId::parse(other).unwrap());
    let issue = IssueId::parse(number).unwrap();
    let message = MessageId::parse(number).unwrap();
    let project = ProjectId::parse(number).unwrap();
    for channel in ["19:1111111111@thread.tacv2", "19:1111111111@thread.v2"] {
        let id = ConversationId::parse(channel).unwrap();
        let follow = FollowId::parse(&hash.as_str()[..32]).unwrap();
        let of = [site, number, other, channel];
        keys.push((name("thread", &of), issue_thread(&cloud, &issue, &there, &id)));
        let by_channel = thread_by_channel(&there, &id, &cloud, &issue);
        keys.push((name("thread by channel", &of), by_channel));
        keys.push((
            name("origin by message", &of),
            issue_of_message(&there, &id, &message, &cloud, &issue),
        ));
        keys.push((name("conversation", &[other, channel]), bot_conversation(&there, &id)));
        keys.push((
            name("conversation of team", &[other, number, channel]),
            conversation_of_team(&there, number, &id),
        ));
        keys.push((
            name("channel follow", &[other, channel, follow.as_str()]),
            project_by_channel(&there, &id, &follow),
        ));
        keys.push((
            name("project follow", &[site, number, follow.as_str()]),
            channel_by_project(&cloud, &project, &follow),
        ));
    }
}

#[test]
fn no_two_entities_share_a_key() {
    let mut seen: HashMap<Key, String> = HashMap::new();
    let mut names = BTreeSet::new();
    for (name, key) in every_key() {
        names.insert(name.clone());
        if let Some(before) = seen.insert(key.clone(), name.clone()) {
            assert_eq!(before, name, "both lie at {key:?}");
        }
    }
    assert_eq!(seen.len(), names.len(), "one key for each item");
}

#[test]
fn a_list_of_one_kind_never_meets_another_kind() {
    let keys = every_key();
    let issue_pk = issue(&CloudId::parse(GUIDS[0]).unwrap(), &IssueId::parse("1").unwrap());
    let listed: Vec<_> =
        keys.iter().filter(|(_, key)| key.pk == issue_pk && key.sk.starts_with(CHATS)).collect();
    assert!(!listed.is_empty());
    assert!(listed.iter().all(|(name, _)| name.starts_with("chat ")));
    let chat_pk = chat(
        &TenantId::parse(GUIDS[0]).unwrap(),
        &ChatId::parse("19:11111111111111111111111111111111@thread.v2").unwrap(),
    );
    for (name, key) in &keys {
        if key.pk == chat_pk && key.sk.starts_with(ISSUES) {
            assert!(name.starts_with("issue "), "{name}");
        }
    }
}
