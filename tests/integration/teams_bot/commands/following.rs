//! Conversations follow projects.

use serde_json::{Value, json};
use tandem_domain::{ConversationId, FollowId, TenantId};
use tandem_runtime::labels::label_hash;
use tandem_store::ChannelSubscription;

use super::Room;
use crate::support::{CLOUD, TENANT, people::PROJECT};

impl Room {
    /// The items of the subscriptions, the first one first.
    async fn following(&self) -> Vec<Value> {
        let mut items = self.world.stack.items_of("channel_subscription").await;
        items.sort_by_key(|item| item["created_at"]["N"].as_str().unwrap().parse::<i64>().unwrap());
        items
    }
}

fn texts(item: &Value, attribute: &str) -> Vec<String> {
    let list = item[attribute]["L"].as_array().into_iter().flatten();
    list.map(|it| it["S"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_becomes_typed_ids() {
    let mut room = Room::open().await;
    room.world.set(json!({"secured_issues": "allowed", "restricted_comments": "allowed"})).await;
    let ada = &room.world.ada;
    let wanted = "subscribe test bug, Task created,commented status:done priority:high \
                  assignee:me,\"Ben Okoye\" label:Urgent secured restricted";
    let told = room.told(ada, &room.channel(), wanted).await;
    for part in [
        "Subscribed to TEST: Testing",
        "Bug",
        "created, commented",
        "status done",
        "priority High",
        "Ben Okoye",
        "label urgent",
        "security level too",
        "restricted comments too",
    ] {
        assert!(told.contains(part), "{part:?} is not in {told:?}");
    }
    let [item] = room.following().await.try_into().unwrap();
    let text = |name: &str| item[name]["S"].as_str().unwrap_or_default().to_owned();
    assert_eq!([text("cloud_id"), text("project_id")], [CLOUD, PROJECT]);
    assert_eq!([text("tenant_id"), text("channel_id")], [TENANT, &room.team.id]);
    assert_eq!([text("subscribed_by"), text("subscriber")], [&*ada.account, &ada.object]);
    assert_eq!(text("state"), "active");
    assert_eq!(texts(&item, "issue_types").len(), 2);
    assert_eq!(texts(&item, "priorities").len(), 1);
    assert_eq!(texts(&item, "events"), ["created", "commented"]);
    assert_eq!(texts(&item, "status_categories"), ["done"]);
    let mut people = [ada.account.clone(), room.world.ben.account.clone()];
    people.sort();
    assert_eq!(texts(&item, "assignees"), people);
    let follow = FollowId::parse(&text("follow_id")).unwrap();
    assert_eq!(texts(&item, "labels"), [label_hash(&follow, "urgent").unwrap().as_str()]);
    assert_eq!(
        (&item["secured"]["BOOL"], &item["restricted"]["BOOL"]),
        (&json!(true), &json!(true))
    );
    assert!(!item.to_string().to_lowercase().contains("urgent"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_filter_twice_is_one_and_another_is_another() {
    let room = Room::open().await;
    let (ada, ben) = (&room.world.ada, &room.world.ben);
    for (who, text, answer, count) in [
        (ada, "subscribe TEST", "Subscribed", 1),
        (ben, "subscribe test", "Already subscribed", 1),
        (ada, "subscribe TEST bug,task label:a,b", "Subscribed", 2),
        (ben, "subscribe TEST label:B label:a Task Bug", "Already subscribed", 2),
        (ben, "subscribe TEST bug label:a", "Subscribed", 3),
        (ben, "subscribe TEST created", "Subscribed", 4),
    ] {
        let told = room.told(who, &room.channel(), text).await;
        assert!(told.contains(answer), "{text}: {told}");
        assert_eq!(room.following().await.len(), count, "{text}");
    }
    room.told(ben, &room.group(), "subscribe TEST").await;
    let items = room.following().await;
    assert_eq!(items.len(), 5);
    assert_eq!(items[4]["channel_id"]["S"], room.chat.as_str());
    let twice = json!({"message": "subscribe TEST deleted", "raw": {"id": "1700000000001"}});
    for posts in [1, 0] {
        let reply = room.does(ada, &room.group(), twice.clone()).await;
        assert_eq!((reply.status, reply.posts.len()), (200, posts));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_understood_is_answered_with_what_there_is() {
    let room = Room::open().await;
    let (ada, ben, cleo) = (&room.world.ada, &room.world.ben, &room.world.cleo);
    for (who, text, answers) in [
        (ada, "subscribe TEST gadget", vec!["I do not know: gadget", "Bug", "created, updated"]),
        (ada, "subscribe TEST priority:huge", vec!["huge", "Priorities", "Medium"]),
        (ada, "subscribe TEST status:blocked", vec!["blocked", "status:in-progress"]),
        (ada, "subscribe TEST reporter:me", vec!["reporter:me"]),
        (ada, "subscribe TEST assignee:nobody", vec!["Nobody called nobody"]),
        (ada, "subscribe TEST project = TEST ORDER BY x", vec!["I do not know", "ORDER"]),
        (ada, "subscribe TEST secured", vec!["leave \"secured\" out"]),
        (ada, "subscribe TEST restricted", vec!["leave \"restricted\" out"]),
        (ada, "subscribe", vec!["Write it like this: subscribe"]),
        (ada, "subscribe NONE", vec!["does not exist in Jira, or you may not see it"]),
        (ben, "subscribe HIDE", vec!["does not exist in Jira, or you may not see it"]),
        (cleo, "subscribe TEST", vec!["Connect your accounts"]),
    ] {
        let told = room.told(who, &room.channel(), text).await;
        for answer in answers {
            assert!(told.contains(answer), "{text}: {answer:?} is not in {told:?}");
        }
    }
    for command in ["subscribe TEST", "subscriptions", "unsubscribe"] {
        let told = room.told(ada, &room.personal(), command).await;
        assert!(told.contains("A chat with me"), "{command}: {told}");
    }
    assert!(room.following().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_shows_what_the_asker_may_see() {
    let room = Room::open().await;
    let (ada, ben) = (&room.world.ada, &room.world.ben);
    let none = room.told(ben, &room.channel(), "subscriptions").await;
    assert!(none.contains("follows no project"), "{none}");
    room.told(ada, &room.channel(), "subscribe TEST bug priority:low assignee:\"Ben Okoye\"").await;
    room.told(ada, &room.channel(), "subscribe HIDE label:secretive").await;
    let reply = room.say(ada, &room.channel(), "subscriptions").await;
    for part in [
        "1 · TEST: Testing",
        "Bug · priority Low · assigned to Ben Okoye",
        "2 · HIDE: Hidden plans",
        "1 label",
    ] {
        reply.says(part);
    }
    let card = reply.posts[0].activity["attachments"][0]["content"].to_string();
    assert_eq!(card.matches("\"verb\":\"unsubscribe\"").count(), 2, "{card}");
    let items = room.following().await;
    for item in &items {
        assert!(card.contains(item["follow_id"]["S"].as_str().unwrap()));
    }
    let his = room.told(ben, &room.channel(), "subscriptions").await;
    assert!(his.contains("1 · TEST: Testing") && his.contains("2 · a project you may not see"));
    assert!(!his.contains("HIDE") && !his.contains("Hidden") && !his.contains("label"), "{his}");
    let not_linked = room.told(&room.world.cleo, &room.channel(), "subscriptions").await;
    assert!(not_linked.contains("Connect your accounts"), "{not_linked}");
}

#[tokio::test(flavor = "multi_thread")]
async fn subscriptions_end_by_project_by_number_or_as_the_only_one() {
    let room = Room::open().await;
    let (ada, ben, cleo) = (&room.world.ada, &room.world.ben, &room.world.cleo);
    for filter in ["bug", "task", "created"] {
        room.told(ada, &room.channel(), &format!("subscribe TEST {filter}")).await;
    }
    room.told(ada, &room.channel(), "subscribe HIDE").await;
    for (who, text, answer, left) in [
        (cleo, "unsubscribe TEST", "Connect your accounts", 4),
        (ben, "unsubscribe", "1 · TEST", 4),
        (ben, "unsubscribe 0", "no subscription with that number", 4),
        (ben, "unsubscribe 5", "no subscription with that number", 4),
        (ben, "unsubscribe HIDE", "you may not see it", 4),
        (ben, "unsubscribe NONE", "you may not see it", 4),
        (ben, "unsubscribe it now", "Write it like this", 4),
        (ben, "unsubscribe #2", "Unsubscribed", 3),
        (ada, "unsubscribe test", "Unsubscribed", 1),
        (ada, "unsubscribe TEST", "not subscribed to that project", 1),
        (ben, "unsubscribe", "Unsubscribed", 0),
        (ben, "unsubscribe", "follows no project", 0),
    ] {
        let told = room.told(who, &room.channel(), text).await;
        assert!(told.contains(answer), "{text}: {told}");
        assert_eq!(room.following().await.len(), left, "{text}");
    }
    assert_eq!(room.count("channel_subscription_by_channel").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_comes_twice_ends_one_subscription() {
    let room = Room::open().await;
    let ada = &room.world.ada;
    for filter in ["bug", "task"] {
        room.told(ada, &room.channel(), &format!("subscribe TEST {filter}")).await;
    }
    let twice = json!({"message": "unsubscribe 1", "raw": {"id": "1700000000001"}});
    let root = room.thread("1700000000001");
    room.does(ada, &root, twice.clone()).await.says("Unsubscribed");
    assert_eq!(room.does(ada, &root, twice).await.posts.len(), 0);
    assert_eq!(room.following().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_follows_fifty_at_most() {
    let room = Room::open().await;
    let (ada, store) = (&room.world.ada, &room.world.stack.app.store);
    room.told(ada, &room.channel(), "subscribe TEST label:first").await;
    let tenant = TenantId::parse(TENANT).unwrap();
    let channel = ConversationId::parse(&room.team.id).unwrap();
    let first = store.list_projects_by_channel(&tenant, &channel).await.unwrap().remove(0);
    for number in 1..50 {
        let follow_id = FollowId::parse(&format!("{number:032x}")).unwrap();
        let another = ChannelSubscription { follow_id, ..first.clone() };
        store.put_channel_subscription(&another).await.unwrap();
    }
    let full = room.told(ada, &room.channel(), "subscribe TEST").await;
    assert!(full.contains("as many subscriptions as there can be"), "{full}");
    let same = room.told(ada, &room.channel(), "subscribe TEST label:first").await;
    assert!(same.contains("Already"), "{same}");
    assert_eq!(room.following().await.len(), 50);
    let list = room.told(ada, &room.channel(), "subscriptions").await;
    assert!(list.contains("1 · TEST: Testing"), "{list}");
}
