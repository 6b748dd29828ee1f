//! What makes the bot call, each of the calls to be refused.

use std::time::Duration;

use serde_json::{Value, json};
use tandem_local::sandbox::microsoft::BotPost;

use super::{Places, Scene, forms, tellings};
use crate::{
    canaries::scene::OTHER_ISSUE,
    support::{
        CLOUD, HOST,
        people::{ISSUE, PROJECT},
    },
};

/// What somebody does.
#[derive(Clone, Copy, Debug)]
pub enum Drive {
    Search,
    Link,
    Form,
    NewIssue,
    AddedMessage,
    Button(usize),
    Subscribe,
    LinkChat,
    UnlinkChat,
    Say,
    SayAlone,
    NewThread,
    Told,
    TokenExchange,
}

/// The calls: method, what the path begins and ends with, and what makes the bot call.
pub fn calls() -> Vec<(&'static str, String, String, Drive)> {
    let rest = format!("/atlassian/api/ex/jira/{CLOUD}/rest/api/3");
    let issue = format!("{rest}/issue/{ISSUE}");
    let types = format!("{rest}/issue/createmeta/");
    let fields = format!("{types}{PROJECT}/issuetypes/");
    let connector = || "/connector/v3/conversations".to_owned();
    let any = String::new;
    vec![
        ("POST", rest.clone(), "/search/jql".to_owned(), Drive::Search),
        ("GET", format!("{rest}/issue/TEST-1"), any(), Drive::Link),
        ("GET", rest.clone(), "/project/search".to_owned(), Drive::Form),
        ("GET", types, "/issuetypes".to_owned(), Drive::Form),
        ("GET", fields, any(), Drive::Form),
        ("GET", rest.clone(), "/assignable/search".to_owned(), Drive::Form),
        ("POST", rest.clone(), "/issue".to_owned(), Drive::NewIssue),
        ("POST", format!("{rest}/issue/{OTHER_ISSUE}"), "/comment".to_owned(), Drive::AddedMessage),
        ("GET", issue.clone(), "/transitions".to_owned(), Drive::Button(0)),
        ("PUT", issue.clone(), "/assignee".to_owned(), Drive::Button(1)),
        ("POST", issue.clone(), "/comment".to_owned(), Drive::Button(2)),
        ("POST", issue.clone(), "/watchers".to_owned(), Drive::Button(3)),
        ("POST", issue.clone(), "/transitions".to_owned(), Drive::Button(4)),
        ("GET", format!("{rest}/project/TEST"), any(), Drive::Subscribe),
        ("GET", rest.clone(), "/priority".to_owned(), Drive::Subscribe),
        ("GET", rest.clone(), "/mypermissions".to_owned(), Drive::Subscribe),
        ("GET", "/graph/v1.0/chats".to_owned(), any(), Drive::LinkChat),
        ("POST", rest.clone(), "/remotelink".to_owned(), Drive::LinkChat),
        ("DELETE", rest, "/remotelink".to_owned(), Drive::UnlinkChat),
        ("POST", connector(), "/conversations".to_owned(), Drive::NewThread),
        ("POST", connector(), "/activities".to_owned(), Drive::Told),
        ("PUT", connector(), any(), Drive::Told),
        ("GET", issue, "/watchers".to_owned(), Drive::Told),
        ("POST", connector(), any(), Drive::Say),
        ("POST", connector(), "/activities".to_owned(), Drive::SayAlone),
        ("POST", "/entra/".to_owned(), "/token".to_owned(), Drive::Say),
        ("POST", "/entra/".to_owned(), "/token".to_owned(), Drive::TokenExchange),
    ]
}

/// What has to be before any of it: without faults.
pub async fn begin(scene: &Scene) {
    tellings::watch(scene).await;
    tellings::follow(scene).await;
}

/// What has to be before somebody does it: without faults.
pub async fn prepare(scene: &Scene, drive: Drive) {
    let Places { chat, channel, personal } = scene.places();
    match drive {
        Drive::NewIssue => forms::open(scene, &scene.ben, &channel, "createIssue").await,
        Drive::AddedMessage => forms::open(scene, &scene.ben, &channel, "addComment").await,
        Drive::UnlinkChat => scene.say(&scene.ben, &chat, "link TEST-2").await,
        Drive::NewThread | Drive::Told => {
            // A refusal may have ended it all.
            for place in [&channel, &chat] {
                scene.bot_takes(&scene.ada, place, json!({"install": "add"})).await;
            }
            scene.bot_takes(&scene.ben, &personal, json!({"install": "add"})).await;
            tellings::follow(scene).await;
        }
        Drive::Button(_) => {
            scene.in_jira(&scene.ada, json!({"action": "comment", "text": "x"})).await;
            scene.stack.settled_in_time().await;
        }
        _ => {}
    }
}

/// Does it, whatever comes of it.
pub async fn run(scene: &Scene, drive: Drive) {
    let Places { personal, chat, channel } = scene.places();
    let ben = &scene.ben;
    let invoke = |name: &str, value: Value| json!({"invoke": {"name": name, "value": value}});
    let (place, deed) = match drive {
        Drive::Search => {
            let words = scene.markers.at("words of an invoke");
            let value = json!({"commandId": "searchIssues",
                "parameters": [{"name": "query", "value": words}]});
            (chat, invoke("composeExtension/query", value))
        }
        Drive::Link => {
            let url = format!("https://{HOST}/browse/TEST-1");
            (chat, invoke("composeExtension/queryLink", json!({"url": url})))
        }
        Drive::Form => {
            let action = json!({"commandId": "createIssue", "commandContext": "compose"});
            (chat, json!({"messageAction": action}))
        }
        Drive::NewIssue => {
            let summary = scene.markers.at("summary in a form");
            (
                channel,
                json!({"submit": {"inputs": {"project": PROJECT, "issuetype": "10002",
                "summary": summary}}}),
            )
        }
        Drive::AddedMessage => {
            (channel, json!({"submit": {"inputs": {"issue": "", "issueKey": "TEST-2"}}}))
        }
        Drive::Button(index) => {
            let post = tellings::card(scene);
            let (verb, typed) = tellings::pressable(scene).swap_remove(index);
            // Every button carries the same, also those that only Ben's own view has.
            let button = json!({"type": "Action.Execute", "verb": verb, "data": carried(&post)});
            let act = json!({"card": button, "verb": verb, "data": typed});
            let deed = json!({"act": act, "raw": {"replyToId": post.id}});
            (tellings::thread(scene, &post), deed)
        }
        Drive::Subscribe => {
            let word = scene.markers.at("what somebody wrote to the bot");
            (channel, json!({"message": format!("subscribe TEST priority:{word}")}))
        }
        Drive::LinkChat => (chat, json!({"message": "link TEST-2"})),
        Drive::UnlinkChat => (chat, json!({"message": "unlink TEST-2"})),
        Drive::Say => {
            // So that the bot needs a new token of its own, too.
            scene.stack.clock.advance(Duration::from_hours(1));
            (channel, json!({"message": scene.markers.at("what somebody wrote to the bot")}))
        }
        Drive::SayAlone => (channel, json!({"message": "status"})),
        Drive::NewThread => {
            tellings::made(scene).await;
            return;
        }
        Drive::Told => {
            scene.comment(&scene.ada).await;
            return;
        }
        Drive::TokenExchange => return exchange(scene, &personal).await,
    };
    scene.bot(ben, &place, deed).await;
}

/// What the buttons of a post carry.
fn carried(post: &BotPost) -> Value {
    fn find(value: &Value) -> Option<&Value> {
        match value {
            Value::Object(fields) if value["data"]["mac"].is_string() => fields.get("data"),
            Value::Object(fields) => fields.values().find_map(find),
            Value::Array(list) => list.iter().find_map(find),
            _ => None,
        }
    }
    find(&post.activity).unwrap().clone()
}

/// A sign-in ends, and Teams' own token is to mend it.
async fn exchange(scene: &Scene, place: &Value) {
    let (teams, ben) = (&scene.stack.microsoft, &scene.ben);
    teams.revoke_sign_ins(crate::support::TENANT, &ben.object);
    teams.expire_access_tokens(crate::support::TENANT, &ben.object);
    scene.stack.clock.advance(Duration::from_hours(2));
    let chat = scene.places().chat;
    scene.bot(ben, &chat, json!({"message": "link TEST-2"})).await;
    let token = teams.sso_token(crate::support::TENANT, &ben.object);
    let value = json!({"id": "1", "connectionName": "", "token": token});
    let deed = json!({"invoke": {"name": "signin/tokenExchange", "value": value}});
    scene.bot(ben, place, deed.clone()).await;
    scene.stack.gate.mend();
    scene.bot(ben, place, deed).await;
}
