//! The bot comes and goes, and so do people, channels and teams.

mod origins;
mod recorded;

use std::time::Duration;

use serde_json::{Value, json};
use tandem_domain::FollowFilter;
use tandem_local::sandbox::microsoft::BotAnswer;
use tandem_store::LinkState;

use super::scene::{Scene, words};
use crate::support::{Person, TENANT};

/// Everything that a conversation of the bot owns.
const OWNED: [&str; 5] = [
    "bot_conversation",
    "channel_subscription",
    "channel_subscription_by_channel",
    "issue_thread",
    "issue_thread_by_channel",
];

impl Scene {
    /// How many items there are of each of [`OWNED`].
    async fn owned(&self) -> [usize; 5] {
        let mut counts = [0; 5];
        for (count, entity) in counts.iter_mut().zip(OWNED) {
            *count = self.stack.items_of(entity).await.len();
        }
        counts
    }

    async fn alone(&self, who: &Person, deed: Value) -> BotAnswer {
        let answer = self.bot(who, &json!({"kind": "personal"}), deed).await;
        assert_eq!(answer.status, 200, "{:?}", answer.body);
        answer
    }

    async fn in_team(&self, deed: Value) {
        let answer = self.bot(&self.ada, &self.in_channel(&self.team.id), deed).await;
        assert_eq!(answer.status, 200, "{:?}", answer.body);
    }

    /// Two channels of the team that follow the project, a thread of the issue in each.
    async fn two_channels(&self) -> [String; 2] {
        let more = self.channel("More").await;
        for channel in [&self.team.id, &more] {
            self.follow(&self.ada, channel, FollowFilter::default()).await;
        }
        self.comment(&self.ben, "Here").await;
        assert_eq!(self.owned().await, [2, 2, 2, 2, 2]);
        [self.team.id.clone(), more]
    }

    /// Something that Teams tells of a channel or the team.
    async fn event(&self, kind: &str, channel: &str) {
        let channel = json!({"id": channel, "name": "Any"});
        let team = json!({"id": self.team.id, "name": "Everybody"});
        let data = json!({"channel": channel, "team": team});
        self.in_team(json!({"conversationUpdate": {"eventType": kind, "channelData": data}})).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_who_adds_the_bot_is_greeted_once() {
    let scene = Scene::open().await;
    // Teams tells it twice, in two kinds of activity.
    let answer = scene.alone(&scene.ben, json!({"install": "add"})).await;
    let [greeting] = <[_; 1]>::try_from(answer.posts).unwrap();
    let greeting = words(&greeting);
    assert!(greeting.contains("Connect") && greeting.contains("/connect"), "{greeting}");
    for again in ["add-upgrade", "remove-upgrade", "add"] {
        assert!(scene.alone(&scene.ben, json!({"install": again})).await.posts.is_empty());
    }
    let known = scene.stack.items_of("personal_conversation").await;
    assert_eq!(known.len(), 1);
    assert_eq!(known[0]["conversation_id"]["S"], scene.personal(&scene.ben).as_str());

    scene.alone(&scene.ben, json!({"install": "remove"})).await;
    assert!(scene.stack.items_of("personal_conversation").await.is_empty());
    assert_eq!(scene.alone(&scene.ben, json!({"install": "add"})).await.posts.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_greeting_though_everything_comes_at_the_same_time() {
    let scene = Scene::open().await;
    let added = scene.alone(&scene.ben, json!({"install": "add-upgrade"})).await.activity;
    scene.alone(&scene.ben, json!({"install": "remove-upgrade"})).await;
    let store = &scene.stack.app.store;
    for _ in 0..5 {
        let (tenant, ben) = (super::scene::tenant(), super::scene::object(&scene.ben));
        store.delete_personal_conversation(&tenant, &ben).await.unwrap();
        let before = scene.posts(&scene.personal(&scene.ben)).len();
        let send = || scene.send(&added);
        let sent = tokio::join!(send(), send(), send(), send(), send(), send());
        for (status, body) in [sent.0, sent.1, sent.2, sent.3, sent.4, sent.5] {
            assert_eq!(status, 200, "{body}");
        }
        assert_eq!(scene.posts(&scene.personal(&scene.ben)).len(), before + 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_greeting_that_cannot_be_given_is_no_trouble() {
    let scene = Scene::open().await;
    for status in [403, 404, 429, 500] {
        scene.fail("POST", "/activities", status, 1);
        let answer = scene.alone(&scene.ben, json!({"install": "add"})).await;
        assert!(answer.posts.is_empty());
        scene.alone(&scene.ben, json!({"install": "remove"})).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upgrade_keeps_everything() {
    let scene = Scene::open().await;
    scene.two_channels().await;
    for action in ["remove-upgrade", "add-upgrade"] {
        scene.in_team(json!({"install": action})).await;
        assert_eq!(scene.owned().await, [2, 2, 2, 2, 2], "{action}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removal_erases_what_the_conversations_owned() {
    let scene = Scene::open().await;
    scene.two_channels().await;
    scene.install(&scene.ben).await;
    let links = scene.stack.items_of("account_link").await.len();
    scene.in_team(json!({"install": "remove"})).await;
    assert_eq!(scene.owned().await, [0; 5]);
    assert_eq!(scene.stack.items_of("personal_conversation").await.len(), 1, "that is Ben's");
    assert_eq!(scene.stack.items_of("account_link").await.len(), links);
    scene.in_team(json!({"install": "remove"})).await;
    scene.comment(&scene.ben, "Into the void").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removal_from_a_group_chat_erases_what_the_chat_owned() {
    let scene = Scene::open().await;
    let deed = json!({
        "action": "create_chat", "members": [scene.ben.object, scene.cleo.object],
        "topic": "Lamps", "as": scene.ada.object, "tenantId": TENANT,
    });
    let chat = scene.stack.in_teams(deed).await["chatId"].as_str().unwrap().to_owned();
    let at = json!({"kind": "groupChat", "chatId": chat});
    scene.bot(&scene.ada, &at, json!({"install": "add"})).await;
    scene.follow(&scene.ada, &chat, FollowFilter::default()).await;
    scene.comment(&scene.ben, "Here").await;
    assert_eq!(scene.owned().await, [2, 1, 1, 1, 1], "the team is there, too");
    scene.bot(&scene.ada, &at, json!({"install": "remove"})).await;
    assert_eq!(scene.owned().await, [1, 0, 0, 0, 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn members_who_come_and_go_are_no_removal_of_the_bot() {
    let scene = Scene::open().await;
    scene.two_channels().await;
    for members in ["membersAdded", "membersRemoved"] {
        scene.in_team(json!({"conversationUpdate": {members: [scene.cleo.object]}})).await;
        assert_eq!(scene.owned().await, [2, 2, 2, 2, 2], "{members}");
    }
    scene.in_team(json!({"conversationUpdate": {"membersRemoved": ["bot"]}})).await;
    assert_eq!(scene.owned().await, [0; 5]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_channel_is_forgotten_and_a_renamed_one_is_not() {
    let scene = Scene::open().await;
    let [_, more] = scene.two_channels().await;
    for kind in ["channelRenamed", "channelCreated", "channelRestored", "teamRenamed", "whatever"] {
        scene.event(kind, &more).await;
        assert_eq!(scene.owned().await, [2, 2, 2, 2, 2], "{kind}");
    }
    scene.event("channelDeleted", &more).await;
    assert_eq!(scene.owned().await, [1, 1, 1, 1, 1]);
    assert_eq!(scene.following(&scene.team.id).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_team_is_forgotten_with_all_its_channels() {
    for kind in ["teamDeleted", "teamHardDeleted", "TEAMDELETED"] {
        let scene = Scene::open().await;
        scene.two_channels().await;
        scene.event(kind, &scene.team.id).await;
        assert_eq!(scene.owned().await, [0; 5], "{kind}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archived_team_rests_until_it_is_restored() {
    let scene = Scene::open().await;
    let channels = scene.two_channels().await;
    let told = || channels.each_ref().map(|it| scene.posts(it).len());
    assert_eq!(told(), [2, 2]);
    for (archived, restored) in
        [("teamArchived", "teamUnarchived"), ("teamarchived", "teamRestored")]
    {
        let before = told();
        scene.event(archived, &scene.team.id).await;
        for channel in &channels {
            assert_eq!(scene.following(channel).await[0].state, LinkState::Refused);
        }
        scene.comment(&scene.ben, "Into the archive").await;
        assert_eq!(told(), before);
        scene.event(restored, &scene.team.id).await;
        scene.comment(&scene.ben, "Back again").await;
        assert_eq!(told(), before.map(|count| count + 1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_is_one_also_where_a_text_says_so() {
    let scene = Scene::open().await;
    let channel = scene.channel("More").await;
    for is_group in [json!("True"), json!("true"), json!(true), Value::Null] {
        let conversation = json!({"isGroup": is_group, "conversationType": null});
        let deed = json!({"install": "add", "raw": {"conversation": conversation}});
        let answer = scene.bot(&scene.ada, &scene.in_channel(&channel), deed).await;
        assert_eq!((answer.status, answer.posts.len()), (200, 0), "{is_group}");
    }
    let known = scene.stack.items_of("bot_conversation").await;
    assert_eq!(known.len(), 2);
    assert!(known.iter().all(|it| it["kind"]["S"] == "channel"), "{known:?}");
    assert!(scene.stack.items_of("personal_conversation").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_first_seen_without_its_team_is_known_to_be_of_it_later() {
    let scene = Scene::open().await;
    let channel = scene.channel("More").await;
    let store = &scene.stack.app.store;
    let (tenant, place) = (super::scene::tenant(), super::scene::place(&channel));
    let known = store.find_bot_conversation(&tenant, &place).await.unwrap().unwrap();
    store.delete_bot_conversation(&known).await.unwrap();
    let at = scene.in_channel(&channel);
    let data = json!({"team": null});
    let without = json!({"conversationUpdate": {"membersAdded": ["bot"], "channelData": data}});
    let teams = async || {
        let known = store.find_bot_conversation(&tenant, &place).await.unwrap().unwrap();
        known.team_id.map(|team| team.to_string())
    };
    scene.bot(&scene.ada, &at, without.clone()).await;
    assert_eq!(teams().await, None);
    scene.bot(&scene.ada, &at, json!({"install": "add"})).await;
    assert_eq!(teams().await.as_ref(), Some(&scene.team.id));
    scene.bot(&scene.ada, &at, without).await;
    assert_eq!(teams().await.as_ref(), Some(&scene.team.id), "once known, it stays known");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_a_bot_that_was_removed_comes_to_nothing() {
    let scene = Scene::open().await;
    scene.two_channels().await;
    scene.install(&scene.ben).await;
    scene.fail("POST", "/activities", 503, 3);
    let adf = super::scene::mentioning(&scene.ben, "Nobody will read this, ");
    scene.in_jira(&scene.ada, json!({"action": "comment", "adf": adf})).await;
    let tried = || {
        let calls = scene.stack.gate.recorded();
        calls.iter().filter(|call| call.status == 503).count()
    };
    while tried() < 3 || scene.stack.under_way() > 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    scene.in_team(json!({"install": "remove"})).await;
    scene.alone(&scene.ben, json!({"install": "remove"})).await;
    scene.stack.settled_in_time().await;
    assert_eq!(scene.owned().await, [0; 5]);
    assert_eq!(scene.posts(&scene.personal(&scene.ben)).len(), 1, "the greeting");
    assert!(scene.stack.get("/local/queue").await["dead"].as_array().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_activity_of_no_tenant_concerns_nobody() {
    let scene = Scene::open().await;
    let before = scene.stack.items().await.len();
    let raw = json!({"conversation": {"tenantId": null}, "channelData": {"tenant": null}});
    for deed in [json!({"install": "add", "raw": raw}), json!({"message": "help", "raw": raw})] {
        let answer = scene.alone(&scene.ben, deed).await;
        assert!(answer.posts.is_empty() || answer.activity["type"] == "installationUpdate");
    }
    let personal = scene.stack.items_of("personal_conversation").await;
    assert!(personal.len() <= 1 && scene.stack.items().await.len() <= before + 1);
}
