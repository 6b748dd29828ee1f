//! Buttons of cards.

use std::time::Duration;

use serde_json::{Value, json};
use tandem_domain::{
    AccountId, CloudId, ConversationId, FollowFilter, FollowId, IssueId, ObjectId, ProjectId,
    ServiceUrl, TenantId,
};
use tandem_local::sandbox::{
    gate::Strike,
    jira::{NewIssue, NewProject, Workflow},
    microsoft::Installation,
};
use tandem_microsoft::{cards, connector::Place};
use tandem_runtime::card_data::{CardSubject, ShownIn};
use tandem_store::{ChannelSubscription, LinkState};

use crate::support::{
    CLOUD, Person, TENANT, World,
    people::{ISSUE, PROJECT},
    talk::words,
    world,
};

/// A world in which the bot has shown the card of the issue in the chat.
struct Shown {
    world: World,
    /// The bot's message.
    post: String,
}

impl std::ops::Deref for Shown {
    type Target = World;
    fn deref(&self) -> &World {
        &self.world
    }
}

impl World {
    fn place(&self) -> Value {
        json!({"kind": "groupChat", "chatId": self.chat})
    }

    fn signed(&self, subject: &CardSubject) -> serde_json::Map<String, Value> {
        let (tenant, conversation) =
            (TenantId::parse(TENANT).unwrap(), ConversationId::parse(&self.chat).unwrap());
        let shown = ShownIn { tenant: &tenant, conversation: &conversation };
        subject.sign(&self.stack.app.signing, shown, self.stack.app.clock.now())
    }

    /// The bot posts a card in the chat; the message's id.
    async fn post(&self, card: &Value) -> String {
        self.stack.microsoft.set_installation(&self.chat, Installation::Installed);
        let conversation = ConversationId::parse(&self.chat).unwrap();
        let service_url = ServiceUrl::parse(&self.stack.at("/sandbox/connector")).unwrap();
        let place = Place { service_url: &service_url, conversation: &conversation };
        let attachment = json!({"contentType": cards::CONTENT_TYPE, "content": card});
        let activity = json!({"type": "message", "attachments": [attachment]});
        self.stack.app.connector.send(place, &activity).await.unwrap().to_string()
    }

    /// Somebody does something to the bot in the chat; the body of its answer.
    async fn acts(&self, who: &Person, place: Value, deed: Value) -> Value {
        let act = json!({"as": who.object, "tenantId": TENANT, "where": place, "do": deed});
        let (status, answer) = self.stack.send("POST", "/sandbox/people/teams/bot", &act).await;
        assert_eq!((status, &answer["status"]), (200, &json!(200)), "{answer}");
        answer["body"].clone()
    }

    /// A project that everybody sees, or one person alone.
    fn new_project(&self, key: &str, workflow: Workflow, only: Option<&Person>) -> String {
        let project = NewProject {
            key: key.to_owned(),
            name: format!("Project {key}"),
            workflow,
            browsers: only.map(|who| vec![who.account.clone()]),
            ..NewProject::default()
        };
        self.stack.jira.add_project(CLOUD, project)
    }

    /// The issue as Jira has it.
    async fn issue(&self) -> Value {
        let state = self.stack.get("/sandbox/people/jira/state").await;
        let issues = state["sites"][0]["issues"].as_array().unwrap().clone();
        issues.into_iter().find(|issue| issue["id"] == ISSUE).unwrap()
    }
}

impl Shown {
    async fn new() -> Self {
        let world = world().await;
        let cleo = &world.cleo.object;
        world.in_teams(&world.ada, json!({"action": "add_member", "userId": cleo})).await;
        let mut data = world.signed(&subject(ISSUE));
        data.insert("alone".to_owned(), json!(true));
        let buttons = ["assignToMe", "comment", "watch", "refresh"];
        let buttons =
            buttons.map(|verb| json!({"type": "Action.Execute", "verb": verb, "data": data}));
        let text = json!({"type": "TextBlock", "text": "The lamp in the hall flickers"});
        let card = json!({
            "type": "AdaptiveCard", "version": "1.5", "body": [text], "actions": buttons,
        });
        let post = world.post(&card).await;
        Self { world, post }
    }

    /// Somebody presses a button of the card as it is now.
    async fn press(&self, who: &Person, verb: &str, typed: Value) -> Value {
        let deed = json!({"act": {"postId": self.post, "verb": verb, "data": typed}});
        self.acts(who, self.place(), deed).await
    }

    /// The card as everybody sees it.
    fn card(&self) -> Value {
        let posts = self.stack.microsoft.bot_posts(&self.chat);
        let post = posts.into_iter().find(|post| post.id == self.post).unwrap();
        post.activity["attachments"][0]["content"].clone()
    }
}

fn subject(issue: &str) -> CardSubject {
    CardSubject::Issue(CloudId::parse(CLOUD).unwrap(), IssueId::parse(issue).unwrap())
}

/// What was answered, where it is of this kind.
fn answered<'a>(answer: &'a Value, status: u16, kind: &str) -> &'a Value {
    let kind = format!("application/vnd.microsoft.{kind}");
    assert_eq!(
        (&answer["statusCode"], &answer["type"]),
        (&json!(status), &json!(kind)),
        "{answer}"
    );
    &answer["value"]
}

fn card_of(answer: &Value) -> &Value {
    answered(answer, 200, "card.adaptive")
}

fn refusal_of(answer: &Value) -> &str {
    answered(answer, 400, "error")["message"].as_str().unwrap()
}

fn sentence_of(answer: &Value) -> &str {
    answered(answer, 200, "activity.message").as_str().unwrap()
}

/// Values and titles of what can be chosen on the card.
fn choices(card: &Value) -> Vec<(String, String)> {
    let text = |choice: &Value, name: &str| choice[name].as_str().unwrap().to_owned();
    let own = card["choices"].as_array().into_iter().flatten();
    let own = own.map(|choice| (text(choice, "value"), text(choice, "title")));
    let fields = card.as_object().into_iter().flat_map(|object| object.values());
    let items = card.as_array().into_iter().flatten();
    own.chain(fields.chain(items).flat_map(choices)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_button_acts_in_jira_as_who_presses_it_and_the_card_follows() {
    let shown = Shown::new().await;
    let answer = shown.press(&shown.ben, "assignToMe", json!({})).await;
    assert!(card_of(&answer).to_string().contains("Ben Okoye"), "{answer}");
    assert_eq!(shown.issue().await["assignee"], shown.ben.account.as_str());
    assert!(shown.card().to_string().contains("Ben Okoye"));

    let answer = shown.press(&shown.ben, "refresh", json!({})).await;
    let offered = choices(card_of(&answer));
    assert!(offered.contains(&("31".to_owned(), "Done".to_owned())), "{offered:?}");

    let answer = shown.press(&shown.ada, "transition", json!({"transition": "31"})).await;
    assert!(card_of(&answer).to_string().contains("Status changed."), "{answer}");
    assert_eq!(shown.issue().await["status"], "Done");

    let typed = json!({"comment": "Replaced the starter.\n\nWatch it."});
    let answer = shown.press(&shown.ben, "comment", typed).await;
    assert!(card_of(&answer).to_string().contains("Comment added."), "{answer}");
    let comment = shown.comments().pop().unwrap();
    assert_eq!(comment.author, shown.ben.account);
    assert_eq!(words(&comment), "Replaced the starter.\nWatch it.");
    assert!(comment.properties.is_empty(), "it is the person's own");

    let answer = shown.press(&shown.ben, "watch", json!({})).await;
    card_of(&answer);
    let watchers = shown.issue().await["watchers"].clone();
    assert!(watchers.as_array().unwrap().contains(&json!(shown.ben.account)), "{watchers}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_replaces_the_bots_message_for_everybody_without_what_is_personal() {
    let shown = Shown::new().await;
    shown.stack.gate.forget();
    let answer = shown.press(&shown.ben, "assignToMe", json!({})).await;
    assert!(!choices(card_of(&answer)).is_empty(), "{answer}");
    let recorded = shown.stack.gate.recorded();
    let replaced: Vec<_> = recorded
        .iter()
        .filter(|call| call.method == "PUT" && call.path.starts_with("/connector/"))
        .collect();
    let [update] = replaced[..] else { panic!("{} updates", replaced.len()) };
    let card = &update.json().unwrap()["attachments"][0]["content"];
    assert!(card.to_string().contains("Ben Okoye"), "{card}");
    assert_eq!(choices(card), [], "the transitions are Ben's own");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_press_that_teams_repeats_is_done_once() {
    let shown = Shown::new().await;
    let deed = json!({
        "act": {"postId": shown.post, "verb": "comment", "data": {"comment": "Once"}},
        "raw": {"id": "f:7d2c3d5e-1111-4222-8333-123456789abc"},
    });
    for _ in 0..3 {
        let answer = shown.acts(&shown.ben, shown.place(), deed.clone()).await;
        card_of(&answer);
    }
    assert_eq!(shown.comments().len(), 1);
    shown.press(&shown.ben, "comment", json!({"comment": "Once"})).await;
    assert_eq!(shown.comments().len(), 2, "another press is another comment");

    // The answer of Jira is lost: what the repetition finds is not written again.
    let comment = format!("/issue/{ISSUE}/comment");
    shown.fail("POST", "/atlassian/", &comment, Strike::After, 503, 1);
    let deed = json!({
        "act": {"postId": shown.post, "verb": "comment", "data": {"comment": "Lost"}},
        "raw": {"id": "f:8d2c3d5e-1111-4222-8333-123456789abc"},
    });
    let answer = shown.acts(&shown.ben, shown.place(), deed.clone()).await;
    assert!(sentence_of(&answer).contains("try again"), "{answer}");
    card_of(&shown.acts(&shown.ben, shown.place(), deed).await);
    let lost = shown.comments().iter().filter(|comment| words(comment) == "Lost").count();
    assert_eq!(lost, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_changed_or_old_card_does_nothing() {
    let shown = Shown::new().await;
    let card = shown.card();
    let pressed = |card: &Value| json!({"act": {"card": card, "verb": "assignToMe"}});
    // Carried into another conversation.
    let personal = json!({"kind": "personal"});
    let answer = shown.acts(&shown.ben, personal, pressed(&card)).await;
    assert!(refusal_of(&answer).contains("another conversation"), "{answer}");
    // Changed.
    let changed = card.to_string().replace(&format!("\"{ISSUE}\""), "\"10002\"");
    let changed: Value = serde_json::from_str(&changed).unwrap();
    assert_ne!(changed, card);
    let answer = shown.acts(&shown.ben, shown.place(), pressed(&changed)).await;
    assert!(refusal_of(&answer).contains("was changed"), "{answer}");
    // Made up.
    let action =
        json!({"type": "Action.Execute", "verb": "assignToMe", "data": {"issueId": ISSUE}});
    let made_up = json!({"type": "AdaptiveCard", "actions": [action]});
    let answer = shown.acts(&shown.ben, shown.place(), pressed(&made_up)).await;
    assert_eq!(refusal_of(&answer), "This is not a card of Tandem's.");
    // Ours, with a button it does not have.
    let odd = card.to_string().replace("\"assignToMe\"", "\"delete\"");
    let odd: Value = serde_json::from_str(&odd).unwrap();
    let deed = json!({"act": {"card": odd, "verb": "delete"}});
    refusal_of(&shown.acts(&shown.ben, shown.place(), deed).await);
    // Too old.
    shown.stack.clock.advance(Duration::from_hours(31 * 24));
    let answer = shown.acts(&shown.ben, shown.place(), pressed(&card)).await;
    assert!(refusal_of(&answer).contains("too old"), "{answer}");
    assert_eq!(shown.issue().await["assignee"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_signed_in_gets_a_way_to_do_so_and_back() {
    let shown = Shown::new().await;
    let before = shown.card();
    let deed = json!({"act": {"card": before, "verb": "assignToMe"}});
    let answer = shown.acts(&shown.cleo, shown.place(), deed).await;
    let card = card_of(&answer);
    let connect = shown.stack.app.config.public("/connect");
    assert_eq!(card["actions"][0]["url"], connect.as_str(), "{card}");
    assert!(!card.to_string().contains("flickers"), "{card}");
    shown.cleo.browser(&shown.stack).await;
    let back = json!({"act": {"card": card, "verb": "refresh"}});
    let answer = shown.acts(&shown.cleo, shown.place(), back).await;
    assert!(card_of(&answer).to_string().contains("flickers"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_see_or_change_an_issue_learns_nothing_of_it() {
    let shown = Shown::new().await;
    let members = json!([shown.ada.account]);
    shown.in_jira(&shown.ada, json!({"action": "set_security", "members": members})).await;
    let card = shown.card();
    for verb in ["assignToMe", "watch", "refresh", "comment"] {
        let deed = json!({"act": {"card": card, "verb": verb, "data": {"comment": "Hello?"}}});
        let answer = shown.acts(&shown.ben, shown.place(), deed).await;
        assert!(sentence_of(&answer).contains("does not exist"), "{verb}: {answer}");
    }
    // Who may see it does not show it to the others.
    let answer = shown.press(&shown.ada, "assignToMe", json!({})).await;
    let text = card_of(&answer).to_string();
    assert!(text.contains("TEST-1") && !text.contains("flickers"), "{text}");
    assert_eq!(shown.issue().await["assignee"], shown.ada.account.as_str());
    assert!(!shown.card().to_string().contains("flickers"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_or_not_possible_any_more_is_said() {
    let shown = Shown::new().await;
    for (verb, typed, expected) in [
        ("comment", json!({"comment": "  "}), "Write a comment."),
        ("transition", json!({}), "Choose a status."),
        ("transition", json!({"transition": "99"}), "any more"),
    ] {
        shown.press(&shown.ben, "refresh", json!({})).await;
        let answer = shown.press(&shown.ben, verb, typed).await;
        assert!(sentence_of(&answer).contains(expected), "{verb}: {answer}");
    }
    // What Teams asks by itself is answered without a word to the person.
    let deed = json!({
        "act": {"postId": shown.post, "verb": "refresh"}, "raw": {"value": {"trigger": "automatic"}},
    });
    refusal_of(&shown.acts(&shown.cleo, shown.place(), deed.clone()).await);
    card_of(&shown.acts(&shown.ben, shown.place(), deed).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transition_that_asks_for_more_is_left_to_jira() {
    let world = world().await;
    world.new_project("STRICT", Workflow::Strict, None);
    let issue = NewIssue {
        project: "STRICT".to_owned(),
        summary: "A form to fill in".to_owned(),
        reporter: world.ada.account.clone(),
        ..NewIssue::default()
    };
    let issue = world.stack.jira.add_issue(CLOUD, issue);
    let subject = subject(&issue);
    let pressed = |verb: &str, transition: &str| {
        let action = json!({
            "type": "Action.Execute", "verb": verb, "data": world.signed(&subject),
        });
        let card = json!({"type": "AdaptiveCard", "actions": [action]});
        json!({"act": {"card": card, "verb": verb, "data": {"transition": transition}}})
    };
    let answer = world.acts(&world.ben, world.place(), pressed("refresh", "")).await;
    let started = ("41".to_owned(), "In Progress (Start work)".to_owned());
    assert_eq!(choices(card_of(&answer)), [started]);
    let answer = world.acts(&world.ben, world.place(), pressed("transition", "41")).await;
    let back = ("51".to_owned(), "To Do (Put back)".to_owned());
    assert_eq!(choices(card_of(&answer)), [back], "not the one that asks for a resolution");
    let answer = world.acts(&world.ben, world.place(), pressed("transition", "61")).await;
    assert!(sentence_of(&answer).contains("asks for more"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_is_ended_by_whoever_is_linked_and_in_the_conversation() {
    let world = world().await;
    let hidden = world.new_project("SECRET", Workflow::Simple, Some(&world.ada));
    let mut follows = Vec::new();
    for (number, project) in [(1, PROJECT), (2, hidden.as_str())] {
        let item = ChannelSubscription {
            follow_id: FollowId::parse(&format!("{number:032}")).unwrap(),
            cloud_id: CloudId::parse(CLOUD).unwrap(),
            project_id: ProjectId::parse(project).unwrap(),
            tenant_id: TenantId::parse(TENANT).unwrap(),
            channel_id: ConversationId::parse(&world.chat).unwrap(),
            service_url: ServiceUrl::parse(&world.stack.at("/sandbox/connector/")).unwrap(),
            subscribed_by: AccountId::parse(&world.ada.account).unwrap(),
            subscriber: ObjectId::parse(&world.ada.object).unwrap(),
            filter: FollowFilter::default(),
            state: LinkState::Active,
            created_at: world.stack.app.clock.now(),
        };
        world.stack.app.store.put_channel_subscription(&item).await.unwrap();
        let subject = CardSubject::Follow(item.cloud_id.clone(), item.follow_id.clone());
        let view = cards::SubscriptionView {
            project: "Some project",
            filters: "",
            unsubscribe: Some(world.signed(&subject)),
        };
        follows.push(cards::subscriptions(&[view]).into_json());
    }
    let deed = |card: &Value| json!({"act": {"card": card, "verb": "unsubscribe"}});
    let answer = world.acts(&world.ben, world.place(), deed(&follows[0])).await;
    assert!(card_of(&answer).to_string().contains("no longer told"), "{answer}");
    world.in_teams(&world.ada, json!({"action": "add_member", "userId": world.cleo.object})).await;
    let answer = world.acts(&world.cleo, world.place(), deed(&follows[1])).await;
    assert!(card_of(&answer).to_string().contains("Connect"), "not linked: {answer}");
    let left = world.stack.items_of("channel_subscription").await;
    assert_eq!(left.len(), 1);
    assert_eq!(left[0]["project_id"]["S"], hidden.as_str());
    let answer = world.acts(&world.ada, world.place(), deed(&follows[1])).await;
    card_of(&answer);
    card_of(&world.acts(&world.ada, world.place(), deed(&follows[1])).await);
    assert!(world.stack.items_of("channel_subscription").await.is_empty());
}
