//! An issue is created from Teams: from a message, or from where one writes.

mod answered;
mod once;
mod refused;

use std::fs;

use http::StatusCode;
use serde_json::{Value, json};
use tandem_local::sandbox::{
    gate::{Fault, Strike},
    jira::{ChoiceField, NewProject},
    microsoft::{BotPost, Installation},
};

use crate::support::{
    CLOUD, HOST, Person, TENANT, World,
    people::{ISSUE, PROJECT},
    shared, world,
};

/// The message of most flows: two lines, one word of which is bold.
const HTML: &str = "<p>The kettle in the kitchen whistles</p><p>It will <b>not</b> stop</p>";
/// Its first line.
const SUMMARY: &str = "The kettle in the kitchen whistles";
/// The type that is made where none was chosen before.
const STORY: &str = "10001";
/// The type that demands a severity in [`World::add_kitchen`].
const BUG: &str = "10003";
/// The project of which bugs demand a severity.
const KITCHEN: &str = "10500";

/// A person's dealings with the bot in one place.
pub(crate) struct Teams<'a> {
    pub(crate) world: &'a World,
    pub(crate) who: &'a Person,
    pub(crate) place: Value,
}

impl<'a> Teams<'a> {
    /// In the world's chat, where the bot is.
    pub(crate) fn in_chat(world: &'a World, who: &'a Person) -> Self {
        world.stack.microsoft.set_installation(&world.chat, Installation::Installed);
        Self { world, who, place: json!({"kind": "groupChat", "chatId": world.chat}) }
    }

    /// In a channel of a new team, where the bot is.
    pub(crate) fn in_channel(world: &'a World, who: &'a Person) -> Self {
        let team = world.stack.microsoft.add_team(TENANT, "Caretakers");
        world.stack.microsoft.set_installation(&team.id, Installation::Installed);
        Self { world, who, place: json!({"kind": "channel", "teamId": team.id}) }
    }

    /// The same for somebody else.
    pub(crate) fn by(&self, who: &'a Person) -> Self {
        Self { world: self.world, who, place: self.place.clone() }
    }

    pub(crate) async fn act(&self, deed: Value) -> Value {
        let act = json!({
            "as": self.who.object, "tenantId": TENANT, "where": self.place, "do": deed,
        });
        let (status, answer) =
            self.world.stack.send("POST", "/sandbox/people/teams/bot", &act).await;
        assert_eq!((status, &answer["status"]), (200, &json!(200)), "{answer}");
        answer
    }

    /// Calls a command on a message by somebody.
    pub(crate) async fn open(&self, command: &str, html: &str, author: &Person) -> Value {
        let action = json!({
            "commandId": command, "html": html, "fromObjectId": author.object,
        });
        self.act(json!({"messageAction": action})).await
    }

    /// Sends the open form off with these inputs.
    pub(crate) async fn submit(&self, inputs: Value) -> Value {
        self.act(json!({"submit": {"inputs": inputs}})).await
    }

    /// Sends off again what an answer came to.
    pub(crate) async fn repeat(&self, answered: &Value) -> Value {
        let sent = &answered["activity"]["value"];
        let mut submit = json!({
            "commandId": sent["commandId"], "commandContext": sent["commandContext"],
            "data": sent["data"],
        });
        if sent["messagePayload"].is_object() {
            submit["messagePayload"] = sent["messagePayload"].clone();
        }
        self.act(json!({"submit": submit})).await
    }
}

/// The form that was answered with.
pub(crate) fn form(answer: &Value) -> &Value {
    let task = &answer["body"]["task"];
    assert_eq!(task["type"], "continue", "{answer}");
    let card = &task["value"]["card"];
    assert_eq!(card["contentType"], "application/vnd.microsoft.card.adaptive");
    &card["content"]
}

/// The input of a form.
pub(crate) fn input<'a>(form: &'a Value, id: &str) -> &'a Value {
    let body = form["body"].as_array().unwrap();
    body.iter().find(|element| element["id"] == id).unwrap_or(&Value::Null)
}

/// What is said under the input of a form; nothing where all is well.
pub(crate) fn fault<'a>(form: &'a Value, id: &str) -> &'a str {
    let body = form["body"].as_array().unwrap();
    let at = body.iter().position(|element| element["id"] == id).unwrap();
    body.get(at + 1)
        .filter(|element| element["color"] == "attention")
        .and_then(|element| element["text"].as_str())
        .unwrap_or_default()
}

/// What is said above a form.
pub(crate) fn above(form: &Value) -> String {
    let first = &form["body"][0];
    if first["style"] == "attention" { first["items"].to_string() } else { String::new() }
}

/// The sentence that was answered with.
pub(crate) fn said(answer: &Value) -> &str {
    assert_eq!(answer["body"]["task"]["type"], "message", "{answer}");
    answer["body"]["task"]["value"].as_str().unwrap()
}

fn titles(input: &Value) -> Vec<&str> {
    input["choices"].as_array().unwrap().iter().map(|it| it["title"].as_str().unwrap()).collect()
}

impl World {
    /// Every issue but the first, as Jira's own screens show them.
    async fn made(&self) -> Vec<Value> {
        let state = self.stack.get("/sandbox/people/jira/state").await;
        let issues = state["sites"][0]["issues"].as_array().unwrap().clone();
        issues.into_iter().filter(|issue| issue["id"] != ISSUE).collect()
    }

    /// The one of them.
    async fn one(&self) -> Value {
        let made = self.made().await;
        assert_eq!(made.len(), 1, "{made:?}");
        made.into_iter().next().unwrap()
    }

    /// What Jira was last asked to create.
    fn asked(&self) -> Value {
        let recorded = self.stack.gate.recorded();
        let asked =
            recorded.iter().rev().find(|it| it.method == "POST" && it.path.ends_with("/3/issue"));
        asked.unwrap().json().unwrap()
    }

    fn posts(&self, conversation: &Value) -> Vec<BotPost> {
        self.stack.microsoft.bot_posts(conversation.as_str().unwrap())
    }

    fn fail_create(&self, strike: Strike, status: u16, body: &Value) {
        let fault = Fault {
            method: "POST".parse().unwrap(),
            path: String::new(),
            path_end: "/3/issue".to_owned(),
            strike,
            status: StatusCode::from_u16(status).unwrap(),
            retry_after: None,
            times: 1,
        };
        self.stack.gate.fail_with(fault, body.to_string());
    }

    /// A project that comes first, of which bugs demand a choice of these.
    fn add_kitchen(&self, options: &[(&str, &str)]) {
        let option = |(id, name): &(&str, &str)| ((*id).to_owned(), (*name).to_owned());
        let severity = ChoiceField {
            id: "customfield_10050".to_owned(),
            name: "Severity".to_owned(),
            issue_type: BUG.to_owned(),
            required: true,
            options: options.iter().map(option).collect(),
        };
        self.stack.jira.add_project(
            CLOUD,
            NewProject {
                id: Some(KITCHEN.to_owned()),
                key: "KIT".to_owned(),
                name: "Kitchen".to_owned(),
                choice_fields: vec![severity],
                ..NewProject::default()
            },
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_becomes_an_issue_and_its_card_stands_in_the_thread() {
    let world = world().await;
    let ben = Teams::in_channel(&world, &world.ben);
    let opened = ben.open("createIssue", HTML, &world.cleo).await;
    let shown = form(&opened);
    assert_eq!(titles(input(shown, "project")), ["Testing (TEST)"]);
    assert_eq!(input(shown, "project")["value"], PROJECT);
    assert_eq!(input(shown, "issuetype")["value"], STORY);
    assert_eq!(input(shown, "summary")["value"], SUMMARY);
    assert_eq!(input(shown, "description")["value"], format!("{SUMMARY}\nIt will not stop"));

    let typed = json!({"issuetype": "10002", "assignee": world.ada.account});
    let made = ben.submit(typed).await;
    let issue = world.one().await;
    assert_eq!(said(&made), format!("{} was created.", issue["key"].as_str().unwrap()));
    assert_eq!(
        (&issue["summary"], &issue["reporter"], &issue["assignee"]),
        (&json!(SUMMARY), &json!(world.ben.account), &json!(world.ada.account))
    );
    let asked = world.asked();
    let link = &opened["activity"]["value"]["messagePayload"]["linkToMessage"];
    assert_eq!(
        asked["fields"]["description"]["content"],
        json!([
            {"type": "paragraph", "content": [
                {"type": "text", "text": "Cleo Marsh", "marks": [{"type": "strong"}]},
                {"type": "text", "text": " wrote in Teams:"},
            ]},
            {"type": "blockquote", "content": [
                {"type": "paragraph", "content": [{"type": "text", "text": SUMMARY}]},
                {"type": "paragraph", "content": [
                    {"type": "text", "text": "It will "},
                    {"type": "text", "text": "not", "marks": [{"type": "strong"}]},
                    {"type": "text", "text": " stop"},
                ]},
            ]},
            {"type": "paragraph", "content": [
                {"type": "text", "text": "Open the message in Teams",
                 "marks": [{"type": "link", "attrs": {"href": link}}]},
            ]},
        ])
    );
    assert_eq!(asked["fields"]["issuetype"], json!({"id": "10002"}));
    assert!(issue["properties"]["tandem.origin"]["claim"].is_string(), "{issue}");

    // In the thread of the message, with everything that the card is to show.
    let posts = world.posts(&opened["conversationId"]);
    let [post] = posts.as_slice() else { panic!("{posts:?}") };
    assert_eq!(json!(post.conversation), opened["conversationId"]);
    let card = post.activity["attachments"][0]["content"].to_string();
    for part in [issue["key"].as_str().unwrap(), SUMMARY, "Task", "To Do", "Ada Berg"] {
        assert!(card.contains(part), "{part}: {card}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_recorded_invoke_opens_a_form() {
    let path = "fixtures/teams/msteams-docs/\
        msteams-docs-composeExtension-fetchTask-channel-message.json";
    let Some(path) = shared(path) else { return };
    let recorded: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    let world = world().await;
    let ben = Teams::in_channel(&world, &world.ben);
    for (command, field, value) in [
        ("createIssue", "summary", "@Testing outgoing Webhook-Nikitha - Hi"),
        ("addComment", "comment", "@Testing outgoing Webhook-Nikitha - Hi"),
    ] {
        let mut sent = recorded["value"].clone();
        sent["commandId"] = json!(command);
        let invoke = json!({"name": recorded["name"], "value": sent});
        let opened = ben.act(json!({"invoke": invoke})).await;
        assert_eq!(input(form(&opened), field)["value"], value);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_project_demands_is_asked_for() {
    let world = world().await;
    world.add_kitchen(&[("10071", "Critical"), ("10072", "Major")]);
    let ben = Teams::in_chat(&world, &world.ben);
    let opened = ben.open("createIssue", HTML, &world.cleo).await;
    assert_eq!(input(form(&opened), "project")["value"], KITCHEN);
    assert_eq!(input(form(&opened), "customfield_10050"), &Value::Null);

    let mine = json!({"issuetype": BUG, "summary": "Too loud", "description": "My own words"});
    let reload = json!({"submit": {
        "inputs": mine, "title": "Show the fields of this project and type",
    }});
    let shown = ben.act(reload).await;
    let shown = form(&shown);
    assert_eq!(titles(input(shown, "customfield_10050")), ["Critical", "Major"]);
    assert_eq!(input(shown, "summary")["value"], "Too loud");
    assert_eq!(input(shown, "description")["value"], "My own words");

    let refused = ben.submit(json!({})).await;
    let shown = form(&refused);
    assert_eq!(fault(shown, "customfield_10050"), "This field must be filled in.");
    assert_eq!(input(shown, "summary")["value"], "Too loud");
    assert!(world.made().await.is_empty());

    said(&ben.submit(json!({"customfield_10050": "10072"})).await);
    assert_eq!(world.one().await["summary"], "Too loud");
    let asked = world.asked();
    assert_eq!(asked["fields"]["customfield_10050"], json!({"id": "10072"}));
    let description = asked["fields"]["description"].to_string();
    assert!(description.contains("My own words") && !description.contains("whistles"));
    assert!(description.contains("Open the message in Teams"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_form_cannot_ask_for_is_asked_for_in_jira() {
    let world = world().await;
    world.add_kitchen(&[]);
    let ben = Teams::in_chat(&world, &world.ben);
    ben.open("createIssue", HTML, &world.cleo).await;
    let refused = ben.submit(json!({"issuetype": BUG, "summary": "Too loud"})).await;
    let shown = form(&refused);
    assert!(above(shown).contains("Severity"), "{}", above(shown));
    assert_eq!(input(shown, "summary")["value"], "Too loud");
    let page =
        format!("https://{HOST}/secure/CreateIssueDetails!init.jspa?pid={KITCHEN}&issuetype={BUG}");
    let actions = shown["actions"].as_array().unwrap();
    assert!(actions.iter().any(|it| it["url"] == page), "{actions:?}");
    assert!(world.made().await.is_empty());
    // Another type is still possible.
    said(&ben.submit(json!({"issuetype": STORY})).await);
    assert_eq!(world.one().await["summary"], "Too loud");
}
