//! Chats, their subscriptions and their messages: from either side, and nobody else's.

use serde_json::json;
use tandem_store::{ChatKind, ChatLink, ChatSubscription, LinkState, MessageLink, Origin};

use super::{
    bench::{Bench, on_every_engine},
    ids::{account, chat, cloud, comment, issue, message, object, project, subscription, tenant},
};

fn chat_link(bench: &Bench, of: usize, linked: usize) -> ChatLink {
    ChatLink {
        cloud_id: cloud(1),
        issue_id: issue(of),
        project_id: project(1),
        tenant_id: tenant(1),
        chat_id: chat(linked),
        chat_kind: ChatKind::Group,
        created_by: account(1),
        creator_object_id: object(1),
        state: LinkState::Active,
        created_at: bench.at(0),
    }
}

/// The subscription of a chat, to be renewed so many seconds from now. That of the second chat is
/// still to be made.
pub fn heard(bench: &Bench, number: usize, renewed_in: i64) -> ChatSubscription {
    let known = json!({
        "tenant_id": tenant(1),
        "chat_id": chat(number),
        "subscription_id": (number != 2).then(|| subscription(number)),
        "subscriber": object(1),
        "ends_at": bench.at(86_400),
        "renew_at": bench.at(renewed_in),
    });
    serde_json::from_value(known).unwrap()
}

impl Bench {
    async fn chats_of(&self, of: usize) -> Vec<ChatLink> {
        self.store.list_chats_by_issue(&cloud(1), &issue(of)).await.unwrap()
    }

    async fn issues_of(&self, linked: usize) -> Vec<ChatLink> {
        self.store.list_issues_by_chat(&tenant(1), &chat(linked)).await.unwrap()
    }

    async fn chats_due(&self, at: i64, limit: i32) -> Vec<String> {
        let due = self.store.list_due_subscriptions(self.at(at), limit).await.unwrap();
        let mut due: Vec<String> = due.iter().map(|it| it.chat_id.to_string()).collect();
        due.sort();
        due
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_is_found_from_its_issue_and_an_issue_from_its_chat() {
    on_every_engine(async |bench| {
        let [one, two, three] =
            [(1, 1), (1, 2), (2, 1)].map(|(of, linked)| chat_link(bench, of, linked));
        let elsewhere = ChatLink { cloud_id: cloud(2), tenant_id: tenant(2), ..one.clone() };
        for link in [&one, &two, &three, &elsewhere] {
            bench.store.put_chat_link(link).await.unwrap();
        }
        assert_eq!(bench.chats_of(1).await, [one.clone(), two.clone()]);
        assert_eq!(bench.chats_of(2).await, std::slice::from_ref(&three));
        assert_eq!(bench.chats_of(3).await, []);
        assert_eq!(bench.issues_of(1).await, [one.clone(), three.clone()]);
        assert_eq!(bench.issues_of(2).await, std::slice::from_ref(&two));
        let found = bench.store.list_chats_by_issue(&cloud(2), &issue(1)).await.unwrap();
        assert_eq!(found, std::slice::from_ref(&elsewhere));
        let found = bench.store.list_issues_by_chat(&tenant(2), &chat(1)).await.unwrap();
        assert_eq!(found, [elsewhere]);
        for (site, of, in_tenant, linked, expected) in
            [(1, 1, 1, 1, Some(&one)), (1, 2, 1, 2, None), (2, 1, 1, 1, None), (1, 1, 2, 1, None)]
        {
            let (site, of, within) = (cloud(site), issue(of), tenant(in_tenant));
            let found = bench.store.find_chat_link(&site, &of, &within, &chat(linked)).await;
            assert_eq!(found, Ok(expected.cloned()));
        }
        // A change is seen from both sides, a deletion too.
        let ended = ChatLink { state: LinkState::NeedsSignIn, ..one.clone() };
        bench.store.put_chat_link(&ended).await.unwrap();
        assert_eq!((&bench.chats_of(1).await[0], &bench.issues_of(1).await[0]), (&ended, &ended));
        bench.store.delete_chat_link(&ended).await.unwrap();
        assert_eq!((bench.chats_of(1).await, bench.issues_of(1).await), (vec![two], vec![three]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issue_may_have_more_chats_than_one_page_holds() {
    on_every_engine(async |bench| {
        let numbers: Vec<usize> = (0..120).collect();
        for number in &numbers {
            bench.store.put_chat_link(&chat_link(bench, 1, *number)).await.unwrap();
        }
        let found: Vec<_> = bench.chats_of(1).await.into_iter().map(|it| it.chat_id).collect();
        assert_eq!(found, numbers.into_iter().map(chat).collect::<Vec<_>>());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn subscriptions_are_found_when_they_are_due() {
    on_every_engine(async |bench| {
        let store = &bench.store;
        let known = |number: usize, secs: i64| heard(bench, number, secs);
        for (number, secs) in [(1, -10), (2, -30), (3, 3600)] {
            store.put_chat_subscription(&known(number, secs)).await.unwrap();
            let found = store.find_chat_subscription(&tenant(1), &chat(number)).await;
            assert_eq!(found, Ok(Some(known(number, secs))));
        }
        assert_eq!(store.find_chat_subscription(&tenant(2), &chat(1)).await, Ok(None));
        // What is due of another kind is not mixed up with it.
        store.put_chat_link(&chat_link(bench, 1, 1)).await.unwrap();
        let named = |numbers: &[usize]| -> Vec<String> {
            numbers.iter().map(|number| chat(*number).to_string()).collect()
        };
        for (at, limit, due) in [
            (0, 100, &[1, 2][..]),
            (0, 1, &[2]),
            (-20, 100, &[2]),
            (-30, 9, &[]),
            (7200, 500, &[1, 2, 3]),
        ] {
            assert_eq!(bench.chats_due(at, limit).await, named(due), "{at} s, {limit}");
        }
        store.put_chat_subscription(&known(2, 7000)).await.unwrap();
        assert_eq!(bench.chats_due(0, 100).await, named(&[1]));
        store.delete_chat_subscription(&tenant(1), &chat(1)).await.unwrap();
        assert_eq!(bench.chats_due(0, 100).await, named(&[]));
        assert_eq!(bench.issues_of(1).await.len(), 1, "the chat's links stay");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_found_from_its_comment_and_a_comment_from_its_message() {
    on_every_engine(async |bench| {
        let store = &bench.store;
        let one = MessageLink {
            cloud_id: cloud(1),
            issue_id: issue(1),
            comment_id: comment(1),
            tenant_id: tenant(1),
            chat_id: chat(1),
            message_id: message(1),
            origin: Origin::Jira,
            comment_by: account(1),
            message_by: object(1),
            comment_version: bench.at(0),
            message_version: bench.at(1),
            deleted_at: None,
        };
        let in_second_chat =
            MessageLink { chat_id: chat(2), message_id: message(2), ..one.clone() };
        let of_second_issue = MessageLink {
            issue_id: issue(2),
            comment_id: comment(2),
            origin: Origin::Teams,
            ..one.clone()
        };
        for link in [&one, &in_second_chat, &of_second_issue] {
            store.put_message_link(link).await.unwrap();
        }
        let by_comment = async |site, of, linked| {
            let (site, of, within, linked) = (cloud(site), comment(of), tenant(1), chat(linked));
            store.find_message_by_comment(&site, &of, &within, &linked).await.unwrap()
        };
        let by_message = async |linked, of, on| {
            let (within, site) = (tenant(1), cloud(1));
            let (linked, of, on) = (chat(linked), message(of), issue(on));
            store.find_comment_by_message(&within, &linked, &of, &site, &on).await.unwrap()
        };
        assert_eq!(by_comment(1, 1, 1).await, Some(one.clone()));
        assert_eq!(by_comment(1, 1, 2).await, Some(in_second_chat.clone()));
        assert_eq!((by_comment(2, 1, 1).await, by_comment(1, 2, 2).await), (None, None));
        assert_eq!(by_message(1, 1, 1).await, Some(one.clone()));
        assert_eq!(by_message(1, 1, 2).await, Some(of_second_issue));
        assert_eq!((by_message(2, 1, 1).await, by_message(1, 2, 1).await), (None, None));
        let listed = store.list_messages_by_comment(&cloud(1), &comment(1)).await;
        assert_eq!(listed, Ok(vec![one.clone(), in_second_chat]));

        let deleted = MessageLink { deleted_at: Some(bench.at(9)), ..one };
        store.put_message_link(&deleted).await.unwrap();
        assert_eq!(by_comment(1, 1, 1).await, Some(deleted.clone()));
        assert_eq!(by_message(1, 1, 1).await, Some(deleted));
    })
    .await;
}
