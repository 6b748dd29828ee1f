//! Where the bot is, what it tells there, and what was made from a message: from either side, and
//! nobody else's.

use serde_json::json;
use tandem_domain::{
    ActivityId, ChangedField, ConversationId, FollowId, GrantState, ServiceUrl, SignInReason,
    Subject, TeamId,
};
use tandem_store::{
    BotConversation, ChannelSubscription, IssueMessage, IssueThread, PersonalConversation, Watcher,
};

use super::{
    bench::{Bench, on_every_engine},
    grants::fresh,
    ids::{account, cloud, issue, message, object, project, tenant},
};

fn channel(number: usize) -> ConversationId {
    ConversationId::parse(&format!("19:{number:032}@thread.tacv2")).unwrap()
}

fn team(number: usize) -> TeamId {
    TeamId::parse(&format!("19:team{number}@thread.tacv2")).unwrap()
}

fn follow(number: usize) -> FollowId {
    FollowId::parse(&format!("{number:032x}")).unwrap()
}

fn served() -> ServiceUrl {
    ServiceUrl::parse("https://smba.trafficmanager.net/amer/").unwrap()
}

/// A channel's subscription to a project.
fn told(bench: &Bench, id: usize, of: usize, linked: usize) -> ChannelSubscription {
    let item = json!({
        "follow_id": follow(id), "cloud_id": cloud(1), "project_id": project(of),
        "tenant_id": tenant(1), "channel_id": channel(linked), "service_url": served(),
        "subscribed_by": account(1), "subscriber": object(1), "issue_types": ["10001"],
        "state": "active", "created_at": bench.at(0),
    });
    serde_json::from_value(item).unwrap()
}

fn thread(bench: &Bench, of: usize, linked: usize) -> IssueThread {
    IssueThread {
        cloud_id: cloud(1),
        issue_id: issue(of),
        tenant_id: tenant(1),
        channel_id: channel(linked),
        root_id: ActivityId::parse("17").unwrap(),
        last_id: None,
        last_changes: vec![ChangedField::Status],
        last_at: bench.at(0),
    }
}

fn sorted<T: std::fmt::Debug>(items: Vec<T>) -> Vec<String> {
    let mut shown: Vec<String> = items.iter().map(|item| format!("{item:?}")).collect();
    shown.sort();
    shown
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_is_found_from_its_project_and_a_project_from_its_channel() {
    on_every_engine(async |bench| {
        let store = &bench.store;
        let [one, two, three] =
            [(1, 1, 1), (2, 1, 2), (3, 2, 1)].map(|(id, of, at)| told(bench, id, of, at));
        for item in [&one, &two, &three] {
            store.put_channel_subscription(item).await.unwrap();
        }
        let of = async |number| {
            sorted(store.list_channels_by_project(&cloud(1), &project(number)).await.unwrap())
        };
        let at = async |number| {
            sorted(store.list_projects_by_channel(&tenant(1), &channel(number)).await.unwrap())
        };
        assert_eq!(of(1).await, sorted(vec![&one, &two]));
        assert_eq!(at(1).await, sorted(vec![&one, &three]));
        assert!(of(3).await.is_empty() && at(3).await.is_empty());
        let elsewhere = store.list_projects_by_channel(&tenant(2), &channel(1)).await.unwrap();
        assert_eq!(elsewhere, []);
        let found = store.find_channel_subscription(&cloud(1), &project(1), &follow(1)).await;
        assert_eq!(found, Ok(Some(one.clone())));
        store.delete_channel_subscription(&one).await.unwrap();
        assert_eq!(of(1).await, sorted(vec![&two]));
        assert_eq!(at(1).await, sorted(vec![&three]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_thread_of_an_issue_is_found_from_either_side() {
    on_every_engine(async |bench| {
        let store = &bench.store;
        let [one, two, three] = [(1, 1), (1, 2), (2, 1)].map(|(of, at)| thread(bench, of, at));
        for item in [&one, &two, &three] {
            store.put_issue_thread(item).await.unwrap();
        }
        let of = store.list_threads_by_issue(&cloud(1), &issue(1)).await.unwrap();
        assert_eq!(sorted(of), sorted(vec![&one, &two]));
        let at = store.list_threads_by_channel(&tenant(1), &channel(1)).await.unwrap();
        assert_eq!(sorted(at), sorted(vec![&one, &three]));
        let found = store.find_issue_thread(&cloud(1), &issue(2), &tenant(1), &channel(1)).await;
        assert_eq!(found, Ok(Some(three)));
        store.delete_issue_thread(&one).await.unwrap();
        let gone = store.find_issue_thread(&cloud(1), &issue(1), &tenant(1), &channel(1)).await;
        assert_eq!(gone, Ok(None));
        let at = store.list_threads_by_channel(&tenant(1), &channel(1)).await.unwrap();
        assert_eq!(at.len(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bot_knows_where_it_is() {
    on_every_engine(async |bench| {
        let store = &bench.store;
        let person = PersonalConversation {
            tenant_id: tenant(1),
            object_id: object(1),
            conversation_id: ConversationId::parse("a:1Vw2").unwrap(),
            service_url: served(),
            seen_at: bench.at(0),
        };
        assert!(store.add_personal_conversation(&person).await.unwrap(), "the first is first");
        assert!(!store.add_personal_conversation(&person).await.unwrap());
        let found = store.find_personal_conversation(&tenant(1), &object(1)).await;
        assert_eq!(found, Ok(Some(person)));
        let other = store.find_personal_conversation(&tenant(2), &object(1)).await;
        assert_eq!(other, Ok(None));
        store.delete_personal_conversation(&tenant(1), &object(1)).await.unwrap();
        assert_eq!(store.find_personal_conversation(&tenant(1), &object(1)).await, Ok(None));

        let at = |number: usize, of: Option<usize>| BotConversation {
            tenant_id: tenant(1),
            conversation_id: channel(number),
            kind: tandem_domain::ConversationKind::Channel,
            team_id: of.map(team),
            service_url: served(),
            seen_at: bench.at(0),
        };
        let (one, two, alone) = (at(1, Some(1)), at(2, Some(1)), at(3, None));
        for item in [&one, &two, &alone] {
            store.put_bot_conversation(item).await.unwrap();
        }
        let of_team = store.list_conversations_by_team(&tenant(1), &team(1)).await.unwrap();
        assert_eq!(sorted(of_team), sorted(vec![&one, &two]));
        store.delete_bot_conversation(&one).await.unwrap();
        store.delete_bot_conversation(&alone).await.unwrap();
        let of_team = store.list_conversations_by_team(&tenant(1), &team(1)).await.unwrap();
        assert_eq!(of_team, [two]);
        assert_eq!(store.find_bot_conversation(&tenant(1), &channel(3)).await, Ok(None));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issue_is_found_from_the_message_it_was_made_of() {
    on_every_engine(async |bench| {
        let store = &bench.store;
        let made = |number: usize| IssueMessage {
            cloud_id: cloud(1),
            issue_id: issue(number),
            tenant_id: tenant(1),
            conversation_id: channel(1),
            message_id: message(1),
            created_by: account(1),
            creator_object_id: object(1),
            created_at: bench.at(0),
        };
        for number in [1, 2] {
            store.put_issue_message(&made(number)).await.unwrap();
        }
        assert_eq!(store.find_issue_message(&cloud(1), &issue(1)).await, Ok(Some(made(1))));
        let of = async |number| {
            store.list_issues_by_message(&tenant(1), &channel(1), &message(number)).await.unwrap()
        };
        assert_eq!(sorted(of(1).await), sorted(vec![made(1), made(2)]));
        assert_eq!(of(2).await, []);
        store.delete_issue_message(&made(1)).await.unwrap();
        assert_eq!(of(1).await, [made(2)]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn those_who_want_to_be_told_of_what_they_watch_are_listed_by_site() {
    on_every_engine(async |bench| {
        let store = &bench.store;
        let of =
            |site: usize, who: usize| Watcher { cloud_id: cloud(site), account_id: account(who) };
        for watcher in [of(1, 1), of(1, 2), of(2, 1), of(1, 1)] {
            store.put_watcher(&watcher).await.unwrap();
        }
        assert_eq!(sorted(store.list_watchers(&cloud(1)).await.unwrap()).len(), 2);
        store.delete_watcher(&of(1, 1)).await.unwrap();
        assert_eq!(store.list_watchers(&cloud(1)).await, Ok(vec![of(1, 2)]));
        assert_eq!(store.list_watchers(&cloud(2)).await, Ok(vec![of(2, 1)]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_of_a_grant_is_told_once_for_each_time_it_needs_a_sign_in() {
    on_every_engine(async |bench| {
        let store = &bench.store;
        let subject = Subject::Atlassian(account(1));
        let grant = fresh(bench, 1, &subject, bench.at(0));
        store.create_grant(&grant).await.unwrap();
        store.mark_grant_needs_sign_in(&grant, SignInReason::Revoked, bench.now).await.unwrap();
        let ended = store.find_grant(&subject).await.unwrap().unwrap();
        assert!(!store.claim_telling(&grant).await.unwrap(), "it has moved on");
        assert!(store.claim_telling(&ended).await.unwrap());
        assert!(!store.claim_telling(&ended).await.unwrap());
        store.release_telling(&ended).await.unwrap();
        assert!(store.claim_telling(&ended).await.unwrap(), "they could not be reached");

        let told = store.find_grant(&subject).await.unwrap().unwrap();
        assert_eq!(told.told_version, Some(told.version));
        let mut again = told.clone();
        (again.state, again.version) = (GrantState::Active, told.version + 1);
        store.move_grant(&again, told.version).await.unwrap();
        store.mark_grant_needs_sign_in(&again, SignInReason::Expired, bench.now).await.unwrap();
        let ended = store.find_grant(&subject).await.unwrap().unwrap();
        assert!(store.claim_telling(&ended).await.unwrap(), "another time");
    })
    .await;
}
