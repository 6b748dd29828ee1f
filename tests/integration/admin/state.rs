//! How a site fares: each number from what really happened.

use std::time::Duration;

use serde_json::{Value, json};
use tandem_domain::{
    AccountId, Clock, CloudId, ConversationId, FollowFilter, FollowId, ObjectId, ProjectId,
    ServiceUrl, TenantId, Timestamp,
};
use tandem_local::sandbox::gate::Strike;
use tandem_store::{ChannelSubscription, LinkState};

use super::elsewhere;
use crate::support::{CLOUD, HOST, Person, TENANT, World, people::PROJECT, world};

impl World {
    /// How the site fares, as its administrator sees it.
    async fn instance(&mut self) -> Value {
        let answer = self.browser.get("/instance").await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()
    }

    fn now(&self) -> Timestamp {
        self.stack.clock.now()
    }

    /// When a webhook was last seen, after Ben has commented.
    async fn seen_after_a_comment(&mut self) -> Timestamp {
        self.comment(&self.ben, "A comment").await;
        self.stack.settled().await;
        time(&self.instance().await["webhook"]["lastSeenAt"])
    }

    /// What the metrics count: carried over, dropped, retried, given up, faults.
    fn counted(&self) -> [u64; 5] {
        let lines: Vec<Value> = self
            .stack
            .metrics()
            .iter()
            .map(|line| serde_json::from_str(line).unwrap())
            .filter(|line: &Value| line["Function"] == "delivery")
            .collect();
        let names = ["Done", "Dropped", "Retried", "GivenUp"].map(|end| format!("Deliveries{end}"));
        let sum = |name: &str| lines.iter().filter_map(|line| line[name].as_f64()).sum::<f64>();
        let [done, dropped, retried, given_up] = names.map(|name| sum(&name) as u64);
        [done, dropped, retried, given_up, sum("Faults") as u64]
    }

    /// Atlassian ends somebody's grant, and a comment of theirs finds it out.
    async fn end_grant(&self, who: &Person) {
        self.stack.jira.revoke_grants(&who.account);
        self.stack.clock.advance(Duration::from_hours(2));
        self.comment(who, "A comment").await;
        self.stack.settled().await;
    }
}

fn time(text: &Value) -> Timestamp {
    Timestamp::parse(text.as_str().unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_site_and_when_its_webhooks_were_last_seen() {
    let mut world = world().await;
    let state = world.instance().await;
    assert_eq!((&state["cloudId"], &state["siteHost"]), (&json!(CLOUD), &json!(HOST)));
    assert!(state["installedAt"].is_string(), "{state}");
    assert_eq!(state["webhook"]["lastSeenAt"], Value::Null, "none was sent yet");

    let before = world.now();
    let first = world.seen_after_a_comment().await;
    assert!(first >= before && first <= world.now(), "{first:?}");
    world.stack.clock.advance(Duration::from_mins(2));
    assert_eq!(world.seen_after_a_comment().await, first, "to five minutes");
    world.stack.clock.advance(Duration::from_mins(4));
    let last = world.seen_after_a_comment().await;
    assert!(last >= first.plus(Duration::from_mins(5)) && last <= world.now(), "{last:?}");
    let page = world.browser.get("/admin").await.body;
    assert!(page.contains(&format!("<time datetime=\"{}\">", last.to_rfc3339())), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_jiras_leaves_no_trace() {
    let mut world = world().await;
    let refused = world.stack.webhook(CLOUD, "another secret", "1", b"{}").await;
    assert_eq!(refused.0, 401);
    assert_eq!(world.instance().await["webhook"]["lastSeenAt"], Value::Null);
    assert_eq!(world.stack.items_of("webhook_seen").await.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_became_of_the_deliveries_of_the_last_hour() {
    let mut world = world().await;
    let counts = |state: &Value| {
        ["done", "dropped", "retried", "givenUp", "failed"]
            .map(|name| state["deliveries"][name].as_u64().unwrap())
    };
    assert_eq!(counts(&world.instance().await), [0; 5]);
    // What happens to the post in the chat, how often, and which of the counts grows by it.
    let mut before = [0; 5];
    for (status, times, grows) in [(200, 0, 0), (503, 1, 2), (403, 2, 3), (400, 1, 4)] {
        if times > 0 {
            let post = "/graph/v1.0/chats/";
            world.fail("POST", post, "/messages", Strike::Before, status, times);
        }
        world.comment(&world.ben, "A comment").await;
        world.stack.settled().await;
        let now = counts(&world.instance().await);
        assert_eq!(now, world.counted(), "as the metrics count, {status}");
        assert!(now[grows] > before[grows], "{status}: {before:?}, {now:?}");
        before = now;
        if grows == 0 {
            assert!(now[0] >= 1 && now[1] >= 1, "carried, and come back from Teams: {now:?}");
        }
    }
    let page = world.browser.get("/admin").await.body;
    for (name, count) in [("Carried over", before[0]), ("Given up", before[3])] {
        assert!(page.contains(&format!("<dt>{name}</dt><dd>{count}</dd>")), "{name}: {page}");
    }
    world.stack.clock.advance(Duration::from_mins(71));
    let state = world.instance().await;
    assert_eq!(counts(&state), [0; 5], "an hour later: {state}");
    let since = time(&state["deliveries"]["since"]);
    let hour_ago = world.now().minus(Duration::from_hours(1));
    assert!(since <= hour_ago && since.plus(tandem_store::TALLY_SLOT * 2) > hour_ago, "{since:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_people_of_this_site_who_must_sign_in_again() {
    let mut world = world().await;
    let (stranger, _) = elsewhere(&world.stack).await;
    assert_eq!(world.instance().await["signInNeeded"]["count"], 0);
    let before = world.now();
    world.end_grant(&world.ben).await;
    // Somebody of another site must, too.
    let subject = tandem_domain::Subject::Atlassian(AccountId::parse(&stranger.account).unwrap());
    let store = &world.stack.app.store;
    let grant = store.find_grant(&subject).await.unwrap().unwrap();
    let reason = tandem_domain::SignInReason::Expired;
    store.mark_grant_needs_sign_in(&grant, reason, world.now()).await.unwrap();

    let mut state = world.instance().await;
    let since = time(&state["signInNeeded"]["people"][0]["since"].take());
    assert!(since >= before && since <= world.now(), "{since:?}");
    let expected = json!({
        "count": 1, "more": false,
        "people": [{"accountId": world.ben.account, "provider": "atlassian",
            "reason": "revoked", "since": null}],
    });
    assert_eq!(state["signInNeeded"], expected);
    assert!(!state.to_string().contains(&stranger.account), "{state}");
    let page = world.browser.get("/admin").await.body;
    assert!(page.contains(&format!("<td><code>{}</code></td>", world.ben.account)), "{page}");
    assert!(page.contains("the consent was taken back"), "{page}");

    world.ben.browser(&world.stack).await;
    assert_eq!(world.instance().await["signInNeeded"]["count"], 0, "signed in again");
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_found_by_their_microsoft_account() {
    let mut world = world().await;
    let tenant = TenantId::parse(TENANT).unwrap();
    let object = ObjectId::parse(&world.ben.object).unwrap();
    let subject = tandem_domain::Subject::Microsoft(tenant, object);
    let store = &world.stack.app.store;
    let grant = store.find_grant(&subject).await.unwrap().unwrap();
    let reason = tandem_domain::SignInReason::InteractionRequired;
    store.mark_grant_needs_sign_in(&grant, reason, world.now()).await.unwrap();
    let state = world.instance().await;
    let [person] = &state["signInNeeded"]["people"].as_array().unwrap()[..] else {
        panic!("{state}")
    };
    assert_eq!(person["accountId"], world.ben.account);
    let told = (&person["provider"], &person["reason"]);
    assert_eq!(told, (&json!("microsoft"), &json!("interaction_required")));
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_letters_and_subscriptions_of_the_deployment() {
    let mut world = world().await;
    let state = world.instance().await;
    let deployment = &state["deployment"];
    assert_eq!(deployment["deadLetters"], 0);
    let chats = &deployment["chatSubscriptions"];
    assert_eq!((&chats["count"], &chats["overdue"]["count"]), (&json!(1), &json!(0)), "{state}");
    let next = Timestamp::parse(chats["nextRenewalAt"].as_str().unwrap()).unwrap();
    assert!(next > world.now(), "{state}");

    let dead = &world.stack.app.config.dead_letter_url;
    for number in ["1", "2"] {
        let send = world.stack.clients.sqs.send_message().queue_url(dead);
        let send = send.message_group_id("x").message_deduplication_id(number);
        send.message_body("{}").send().await.unwrap();
    }
    // The session ends before a subscription is overdue.
    world.stack.clock.advance(world.now().until(next) + Duration::from_mins(11));
    world.browser = world.ada.browser(&world.stack).await;
    let state = world.instance().await;
    assert_eq!(state["deployment"]["deadLetters"], 2, "{state}");
    let overdue = &state["deployment"]["chatSubscriptions"]["overdue"];
    assert_eq!(*overdue, json!({"count": 1, "more": false}), "{state}");
    let page = world.browser.get("/admin").await.body;
    assert!(page.contains("<dt>Dead letters</dt><dd>2</dd>"), "{page}");
}

fn follow(cloud: &str, number: usize, who: &Person, state: LinkState) -> ChannelSubscription {
    ChannelSubscription {
        follow_id: FollowId::parse(&format!("{number:032x}")).unwrap(),
        cloud_id: CloudId::parse(cloud).unwrap(),
        project_id: ProjectId::parse(PROJECT).unwrap(),
        tenant_id: TenantId::parse(TENANT).unwrap(),
        channel_id: ConversationId::parse(&format!("19:{number:032x}@thread.tacv2")).unwrap(),
        service_url: ServiceUrl::parse("https://smba.trafficmanager.net/emea/").unwrap(),
        subscribed_by: AccountId::parse(&who.account).unwrap(),
        subscriber: ObjectId::parse(&who.object).unwrap(),
        filter: FollowFilter::default(),
        state,
        created_at: Timestamp::from_secs(1_800_000_000),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn channels_that_rest_and_erasures_under_way_of_this_site() {
    let mut world = world().await;
    let (stranger, mut other) = elsewhere(&world.stack).await;
    let store = &world.stack.app.store;
    for (number, state) in
        [LinkState::Active, LinkState::NeedsSignIn, LinkState::Refused].into_iter().enumerate()
    {
        let item = follow(CLOUD, number + 1, &world.ada, state);
        store.put_channel_subscription(&item).await.unwrap();
    }
    let theirs = follow(super::OTHER_CLOUD, 9, &stranger, LinkState::NeedsSignIn);
    store.put_channel_subscription(&theirs).await.unwrap();
    let state = world.instance().await;
    let expected = json!({"count": 3, "more": false, "resting": 2});
    assert_eq!(state["channelSubscriptions"], expected);
    assert_eq!(state["erasuresUnderWay"], json!({"count": 0, "more": false}));

    let mut ben = world.ben.browser(&world.stack).await;
    for browser in [&mut ben, &mut other] {
        assert_eq!(browser.change("DELETE", "/me", &json!({})).await.status, 202);
    }
    let state = world.instance().await;
    assert_eq!(state["erasuresUnderWay"], json!({"count": 1, "more": false}), "of this site");
}
