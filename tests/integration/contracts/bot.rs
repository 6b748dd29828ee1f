//! Everything that people do with the bot and the message extension, and what the bot tells by
//! itself.

mod talk;
mod tellings;

use std::sync::Mutex;

use serde_json::{Value, json};
use tandem_local::sandbox::{
    jira::{ChoiceField, NewIssue, NewProject},
    microsoft::{BotAnswer, BotPost, Installation, Team},
};

use crate::support::{CLOUD, Person, TENANT, World, people::PROJECT};

/// An issue beside the one of every world: `TEST-2`.
const OTHER_ISSUE: &str = "10077";
/// A project of which bugs demand a choice.
const KITCHEN: &str = "10500";

/// How the bot answered an invoke.
#[derive(Clone, Debug)]
pub struct Answered {
    /// The invoke's name.
    pub invoke: String,
    /// The status of the answer.
    pub status: u16,
    /// The body; `null` where there is none.
    pub body: Value,
}

/// A world with a team, and the bot in it.
struct Room<'a> {
    world: &'a World,
    team: Team,
    answers: Mutex<Vec<Answered>>,
}

/// All of it, once; how the invokes were answered.
pub async fn everything(world: &World) -> Vec<Answered> {
    let room = Room::open(world).await;
    talk::commands(&room).await;
    talk::forms(&room).await;
    talk::lookups(&room).await;
    tellings::channel(&room).await;
    tellings::buttons(&room).await;
    tellings::people(&room).await;
    tellings::goings(&room).await;
    talk::sign_ins(&room).await;
    room.answers.into_inner().unwrap()
}

impl<'a> Room<'a> {
    async fn open(world: &'a World) -> Self {
        let teams = &world.stack.microsoft;
        teams.set_bot_limits(false);
        let room =
            Self { world, team: teams.add_team(TENANT, "Caretakers"), answers: Mutex::default() };
        for place in [room.channel(), room.chat(), room.personal()] {
            room.act(&world.ada, &place, json!({"install": "add"})).await;
        }
        room.act(&world.ben, &room.personal(), json!({"install": "add"})).await;
        // Cleo has the app, and the bot has not heard of it.
        let personal = teams.personal_conversation(TENANT, &world.cleo.object).unwrap();
        teams.set_installation(&personal, Installation::Installed);
        room.add_issues();
        room
    }

    fn add_issues(&self) {
        let (jira, ada) = (&self.world.stack.jira, &self.world.ada.account);
        let severity = ChoiceField {
            id: "customfield_10050".to_owned(),
            name: "Severity".to_owned(),
            issue_type: "10003".to_owned(),
            required: true,
            options: vec![("10071".to_owned(), "Critical".to_owned())],
        };
        jira.add_project(
            CLOUD,
            NewProject {
                id: Some(KITCHEN.to_owned()),
                key: "KIT".to_owned(),
                name: "Kitchen".to_owned(),
                choice_fields: vec![severity],
                ..NewProject::default()
            },
        );
        jira.add_issue(
            CLOUD,
            NewIssue {
                id: Some(OTHER_ISSUE.to_owned()),
                project: PROJECT.to_owned(),
                summary: "Find the ladder".to_owned(),
                reporter: ada.clone(),
                labels: vec!["cellar".to_owned()],
                ..NewIssue::default()
            },
        );
    }

    fn personal(&self) -> Value {
        json!({"kind": "personal"})
    }

    fn chat(&self) -> Value {
        json!({"kind": "groupChat", "chatId": self.world.chat})
    }

    fn channel(&self) -> Value {
        json!({"kind": "channel", "teamId": self.team.id})
    }

    /// Somebody does something with the bot, which it takes.
    async fn act(&self, who: &Person, place: &Value, deed: Value) -> BotAnswer {
        let act = json!({"as": who.object, "tenantId": TENANT, "where": place, "do": deed});
        let answer = self.world.stack.microsoft.act_on_bot(act).await.unwrap();
        let invoke = answer.activity["name"].as_str().unwrap_or_default().to_owned();
        let taken = [200, 412].contains(&answer.status);
        assert!(taken, "{} gave {} {}", answer.activity, answer.status, answer.body);
        if !invoke.is_empty() {
            let (status, body) = (answer.status, answer.body.clone());
            self.answers.lock().unwrap().push(Answered { invoke, status, body });
        }
        answer
    }

    /// Somebody writes to the bot, which answers there.
    async fn say(&self, who: &Person, place: &Value, text: &str) {
        let answer = self.act(who, place, json!({"message": text})).await;
        assert!(!answer.posts.is_empty(), "{text} is not answered");
    }

    async fn invoke(&self, who: &Person, place: &Value, name: &str, value: Value) -> Value {
        let deed = json!({"invoke": {"name": name, "value": value}});
        self.act(who, place, deed).await.body
    }

    /// What the bot posted to the channel, oldest first.
    fn posts(&self) -> Vec<BotPost> {
        self.world.stack.microsoft.bot_posts(&self.team.id)
    }
}
