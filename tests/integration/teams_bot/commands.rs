//! What people write to the bot, in each kind of conversation, and what comes of it.

mod accounts;
mod chats;
mod following;
mod refusals;
mod threads;

use serde_json::{Value, json};
use tandem_local::sandbox::{
    jira::{NewIssue, NewProject, SecurityLevel},
    microsoft::{BotPost, Installation, Team},
};

use crate::support::{CLOUD, Person, TENANT, World, people::PROJECT, world};

/// The issue of every world.
const KEY: &str = "TEST-1";
/// An issue that only Ada and the administrators may see.
const SECURED: &str = "TEST-2";
/// Another issue that everybody sees.
const SECOND: &str = "TEST-3";
/// A project that only Ada may browse, and its issue.
const HIDDEN_PROJECT: &str = "HIDE";
const HIDDEN: &str = "HIDE-1";

/// A world with a team, a group chat about nothing yet, and the bot in all of it.
struct Room {
    world: World,
    team: Team,
    /// A group chat of Ada and Ben.
    chat: String,
}

/// What a command was answered.
struct Reply {
    status: u16,
    /// In the conversation itself.
    here: Vec<String>,
    /// To the person alone.
    alone: Vec<String>,
    posts: Vec<BotPost>,
    activity: Value,
}

impl Reply {
    /// The one answer in the conversation.
    fn one(&self) -> &str {
        assert_eq!((self.status, self.here.len()), (200, 1), "{:?}", self.here);
        &self.here[0]
    }

    fn says(&self, words: &str) {
        assert!(self.one().contains(words), "{words:?} is not in {:?}", self.here);
    }
}

impl Room {
    async fn open() -> Self {
        let world = world().await;
        let teams = &world.stack.microsoft;
        teams.set_bot_limits(false);
        let team = teams.add_team(TENANT, "Everybody");
        let started = json!({
            "action": "create_chat", "members": [world.ben.object], "topic": "Lamps",
            "chatType": "group",
        });
        let chat = world.in_teams(&world.ada, started).await;
        let chat = chat["chatId"].as_str().unwrap().to_owned();
        for place in [&team.id, &chat, &world.chat] {
            teams.set_installation(place, Installation::Installed);
        }
        for person in [&world.ada, &world.ben, &world.cleo] {
            let personal = teams.personal_conversation(TENANT, &person.object).unwrap();
            teams.set_installation(&personal, Installation::Installed);
        }
        let room = Self { world, team, chat };
        room.more_issues();
        room
    }

    fn more_issues(&self) {
        let (jira, ada) = (&self.world.stack.jira, &self.world.ada.account);
        let issue = |id: &str, project: &str, security: Option<SecurityLevel>| {
            jira.add_issue(
                CLOUD,
                NewIssue {
                    id: Some(id.to_owned()),
                    project: project.to_owned(),
                    summary: format!("Number {id}"),
                    reporter: ada.clone(),
                    security,
                    ..NewIssue::default()
                },
            );
        };
        let members = [ada.clone()].into();
        let level = SecurityLevel { id: "1".to_owned(), name: "Few".to_owned(), members };
        issue("10002", PROJECT, Some(level));
        issue("10003", PROJECT, None);
        jira.add_project(
            CLOUD,
            NewProject {
                id: Some("20000".to_owned()),
                key: HIDDEN_PROJECT.to_owned(),
                name: "Hidden plans".to_owned(),
                browsers: Some(vec![ada.clone()]),
                ..NewProject::default()
            },
        );
        issue("20001", "20000", None);
    }

    fn personal(&self) -> Value {
        json!({"kind": "personal"})
    }

    fn group(&self) -> Value {
        json!({"kind": "groupChat", "chatId": self.chat})
    }

    fn channel(&self) -> Value {
        json!({"kind": "channel", "teamId": self.team.id})
    }

    fn thread(&self, root: &str) -> Value {
        json!({"kind": "channel", "teamId": self.team.id, "threadId": root})
    }

    /// Somebody writes to the bot.
    async fn say(&self, who: &Person, place: &Value, text: &str) -> Reply {
        self.does(who, place, json!({"message": text})).await
    }

    async fn does(&self, who: &Person, place: &Value, deed: Value) -> Reply {
        let teams = &self.world.stack.microsoft;
        let personal = teams.personal_conversation(TENANT, &who.object).unwrap();
        let before = teams.bot_posts(&personal).len();
        let act = json!({"as": who.object, "tenantId": TENANT, "where": place, "do": deed});
        let answer = teams.act_on_bot(act).await.unwrap();
        let alone = teams.bot_posts(&personal).split_off(before);
        Reply {
            status: answer.status,
            here: answer.posts.iter().map(words).collect(),
            alone: alone.iter().map(words).collect(),
            posts: answer.posts,
            activity: answer.activity,
        }
    }

    /// The person writes to the bot and it goes well; what it answers in the conversation.
    async fn told(&self, who: &Person, place: &Value, text: &str) -> String {
        self.say(who, place, text).await.one().to_owned()
    }

    /// How many items there are of an entity.
    async fn count(&self, entity: &str) -> usize {
        self.world.stack.items_of(entity).await.len()
    }

    /// The ids of the issues that the group chat is linked with.
    async fn linked(&self) -> Vec<String> {
        let links = self.world.stack.items_of("chat_link").await;
        let ours = links.iter().filter(|link| link["chat_id"]["S"] == self.chat.as_str());
        ours.map(|link| link["issue_id"]["S"].as_str().unwrap().to_owned()).collect()
    }

    /// The links to elsewhere that an issue shows.
    async fn remote_links(&self, issue: &str) -> Vec<Value> {
        let state = self.world.stack.get("/sandbox/people/jira/state").await;
        let sites = state["sites"].as_array().unwrap();
        let site = sites.iter().find(|site| site["cloudId"] == CLOUD).unwrap();
        let issues = site["issues"].as_array().unwrap();
        let found = issues.iter().find(|it| it["id"] == issue).unwrap();
        found["remoteLinks"].as_array().unwrap().clone()
    }

    /// How many subscriptions Graph has to the messages of the group chat.
    fn listening(&self) -> usize {
        let subscriptions = self.world.stack.microsoft.subscriptions().into_iter();
        subscriptions.filter(|it| it.resource.contains(&self.chat)).count()
    }
}

/// Everything a card says, its buttons included.
fn words(post: &BotPost) -> String {
    fn collect(node: &Value, words: &mut Vec<String>) {
        match node {
            Value::Array(nodes) => nodes.iter().for_each(|node| collect(node, words)),
            Value::Object(fields) => {
                for (name, value) in fields {
                    match value {
                        Value::String(text)
                            if matches!(name.as_str(), "text" | "title" | "value" | "url") =>
                        {
                            words.push(text.replace('\\', ""));
                        }
                        value => collect(value, words),
                    }
                }
            }
            _ => {}
        }
    }
    let mut said = Vec::new();
    collect(&post.activity["attachments"][0]["content"], &mut said);
    assert!(!said.is_empty(), "{}", post.activity);
    said.join("\n")
}
