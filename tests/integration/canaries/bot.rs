//! What people do with the bot, with a marker in every text of every activity: what they write, what
//! they and their conversations are called, what they type into forms.

pub mod activities;
mod forms;
pub mod tellings;
pub mod troubles;

use std::time::Duration;

use serde_json::{Value, json};
use tandem_local::sandbox::microsoft::{BotAnswer, Installation};

use super::scene::{OTHER_ISSUE, Scene};
use crate::support::{CLOUD, HOST, Person, TENANT};

/// Where things happen.
pub struct Places {
    pub personal: Value,
    pub chat: Value,
    pub channel: Value,
}

impl Scene {
    /// The three kinds of conversation.
    pub fn places(&self) -> Places {
        Places {
            personal: json!({"kind": "personal"}),
            chat: json!({"kind": "groupChat", "chatId": self.chat}),
            channel: json!({"kind": "channel", "teamId": self.team.id}),
        }
    }

    /// Somebody does something with the bot, whatever comes of it; each text that Teams sends with
    /// it is a marker.
    pub async fn bot(&self, who: &Person, at: &Value, mut deed: Value) -> BotAnswer {
        let words = activities::words(self, at, &deed);
        activities::merge(&mut deed["raw"], words);
        let act = json!({"as": who.object, "tenantId": TENANT, "where": at, "do": deed});
        let done = self.stack.microsoft.act_on_bot(act.clone()).await;
        let answer = done.unwrap_or_else(|why| panic!("{why:?}: {act}"));
        let refused = answer.status >= 400 && answer.status != 412;
        let repeated = self.markers.in_text(&answer.body.to_string());
        assert!(!refused || repeated.is_empty(), "{} {}", answer.status, answer.body);
        answer
    }

    /// The same, and it goes well.
    pub async fn bot_takes(&self, who: &Person, at: &Value, deed: Value) -> BotAnswer {
        let answer = self.bot(who, at, deed).await;
        let taken = [200, 412].contains(&answer.status);
        assert!(taken, "{} gave {} {}", answer.activity, answer.status, answer.body);
        answer
    }

    /// Somebody writes to the bot, which answers there.
    pub async fn say(&self, who: &Person, at: &Value, text: &str) {
        let answer = self.bot_takes(who, at, json!({"message": text})).await;
        assert!(!answer.posts.is_empty(), "{text} is not answered");
    }

    /// Somebody's client asks the bot for something.
    pub async fn invoke(&self, who: &Person, at: &Value, name: &str, value: Value) -> BotAnswer {
        self.bot_takes(who, at, json!({"invoke": {"name": name, "value": value}})).await
    }

    /// Everything that the bot posted to a conversation, as text.
    pub fn told(&self, conversation: &str) -> String {
        let posts = self.stack.microsoft.bot_posts(conversation);
        posts.iter().map(|post| post.activity.to_string()).collect()
    }

    /// The conversation of a person and the bot.
    pub fn personal(&self, who: &Person) -> String {
        self.stack.microsoft.personal_conversation(TENANT, &who.object).unwrap()
    }
}

/// All of it, once.
pub async fn everyday(scene: &Scene) {
    arrive(scene).await;
    commands(scene).await;
    forms::sent(scene).await;
    lookups(scene).await;
    tellings::everybody(scene).await;
    tellings::buttons(scene).await;
    tellings::nobody(scene).await;
    sign_ins(scene).await;
    activities::spoiled(scene).await;
    scene.stack.settled_in_time().await;
}

/// The bot is added everywhere.
async fn arrive(scene: &Scene) {
    scene.stack.microsoft.set_bot_limits(false);
    let Places { personal, chat, channel } = scene.places();
    for place in [&channel, &chat, &personal] {
        scene.bot_takes(&scene.ada, place, json!({"install": "add"})).await;
    }
    scene.bot_takes(&scene.ben, &personal, json!({"install": "add"})).await;
    // Cleo has the app, and the bot has not heard of it.
    let unknown = scene.personal(&scene.cleo);
    scene.stack.microsoft.set_installation(&unknown, Installation::Installed);
}

/// Each command, right and wrong, by who may and by who is not known.
async fn commands(scene: &Scene) {
    let Places { personal, chat, channel } = scene.places();
    let word = || scene.markers.at("what somebody wrote to the bot");
    for text in [
        "help".to_owned(),
        "connect".to_owned(),
        "status".to_owned(),
        "settings".to_owned(),
        "subscriptions".to_owned(),
        "unlink".to_owned(),
        word(),
        format!("{} {}", word(), word()),
        format!("help {}", word()),
        format!("link {}-7", word()),
        format!("link {} {}", word(), word()),
        format!("link https://{}.atlassian.net/browse/TEST-2?{}#{}", word(), word(), word()),
        format!("link https://{HOST}/browse/TEST-2?{}=1#{}", word(), word()),
        format!("unlink {}-7", word()),
        format!("subscribe {}", word()),
        format!("subscribe TEST {}", word()),
        format!("subscribe TEST priority:{} assignee:\"{} x\" type:{}", word(), word(), word()),
        format!("subscribe TEST status:{} {}:{}", word(), word(), word()),
        format!("subscribe TEST created label:{},\"{} x\" secured restricted", word(), word()),
        format!("subscribe TEST assignee:me updated,commented label:{}", word()),
        "subscribe TEST status:done".to_owned(),
        "subscriptions".to_owned(),
        format!("unsubscribe {}", word()),
        "unsubscribe 1".to_owned(),
    ] {
        for place in [&personal, &chat, &channel] {
            scene.say(&scene.ada, place, &text).await;
            scene.say(&scene.cleo, place, &text).await;
        }
    }
    scene.say(&scene.cleo, &channel, &format!("disconnect {}", word())).await;
    scene.say(&scene.ada, &chat, "link TEST-1").await;
    // Here the names of types and priorities must be those that are named.
    scene.salted(false);
    scene.say(&scene.ada, &channel, "subscribe TEST bug priority:high secured restricted").await;
    scene.salted(true);
    // Told to the bot without its being mentioned, and then taken back.
    let unheard = json!({"message": word(), "mention": false});
    scene.bot(&scene.ben, &chat, unheard).await;
    for kind in ["messageUpdate", "messageDelete"] {
        let changed = json!({"message": word(), "raw": {"type": kind}});
        scene.bot_takes(&scene.ben, &channel, changed).await;
    }
    scene.stack.settled().await;
}

/// Searches, links, lists of forms, and what nobody knows.
async fn lookups(scene: &Scene) {
    let Places { personal, chat, .. } = scene.places();
    let word = |what: &str| scene.markers.at(format!("{what} of an invoke"));
    for who in [&scene.ben, &scene.cleo] {
        for typed in [
            String::new(),
            word("words"),
            format!("\"{} {}\" project:TEST @me", word("words"), word("words")),
            format!("project:{}", word("words")),
            format!("{}-1", word("words")),
            "TEST-1".to_owned(),
        ] {
            let value = json!({
                "commandId": "searchIssues",
                "parameters": [
                    {"name": "query", "value": typed},
                    {"name": word("the name of a parameter"), "value": word("a parameter")}],
                "queryOptions": {"skip": 0, "count": 25},
                "state": word("state"),
            });
            scene.invoke(who, &chat, "composeExtension/query", value).await;
        }
        for url in [
            format!("https://{HOST}/browse/TEST-1?{}={}#{}", word("a"), word("a"), word("a")),
            format!("https://{HOST}/browse/{}-1", word("a key")),
            format!("https://{}.atlassian.net/browse/TEST-1", word("a host")),
            word("a link"),
        ] {
            for name in ["queryLink", "anonymousQueryLink"] {
                let name = format!("composeExtension/{name}");
                scene.invoke(who, &chat, &name, json!({"url": url, "state": word("state")})).await;
            }
        }
        for chosen in [
            json!({"cloudId": CLOUD, "issueId": OTHER_ISSUE, "note": word("a result")}),
            json!({"cloudId": word("a result"), "issueId": word("a result")}),
        ] {
            scene.invoke(who, &chat, "composeExtension/selectItem", chosen).await;
        }
        for dataset in ["projects", "people", "issues", &word("dataset")] {
            let value = json!({
                "queryText": word("words"), "queryOptions": {"skip": 0, "top": 15},
                "dataset": dataset, "data": {"project": word("a project"), "x": word("data")},
            });
            scene.invoke(who, &personal, "application/search", value).await;
        }
        for name in ["task/fetch", "composeExtension/setting", &word("the name")] {
            let value = json!({"data": word("data"), "state": word("state")});
            scene.invoke(who, &chat, name, value).await;
        }
        let reacted = json!({"conversationUpdate": {"eventType": word("an event")}});
        scene.bot_takes(who, &scene.places().channel, reacted).await;
    }
}

/// What Teams tells of sign-ins; a grant that has ended is mended with Teams' own token.
async fn sign_ins(scene: &Scene) {
    let Places { personal, chat, .. } = scene.places();
    let word = |what: &str| scene.markers.at(format!("{what} of a sign-in"));
    let teams = &scene.stack.microsoft;
    let exchange =
        |token: String| json!({"id": word("id"), "connectionName": word("name"), "token": token});
    for who in [&scene.ben, &scene.cleo] {
        for (name, value) in [
            ("signin/verifyState", json!({"state": word("state")})),
            ("signin/failure", json!({"code": word("code"), "message": word("message")})),
            ("signin/tokenExchange", exchange(word("token"))),
            ("signin/tokenExchange", exchange(teams.sso_token(TENANT, &who.object))),
        ] {
            scene.invoke(who, &personal, name, value).await;
        }
    }
    teams.revoke_sign_ins(TENANT, &scene.ben.object);
    teams.expire_access_tokens(TENANT, &scene.ben.object);
    // That a sign-in has ended shows when it is used next.
    scene.stack.clock.advance(Duration::from_hours(2));
    scene.say(&scene.ben, &chat, "link TEST-2").await;
    scene.comment(&scene.ben).await;
    scene.stack.settled_in_time().await;
    let token = teams.sso_token(TENANT, &scene.ben.object);
    scene.invoke(&scene.ben, &personal, "signin/tokenExchange", exchange(token)).await;
    for text in ["link TEST-2", "unlink TEST-2"] {
        scene.say(&scene.ben, &chat, text).await;
    }
}

/// The bot is removed here and there; what the conversations owned goes.
pub async fn leave(scene: &Scene) {
    let Places { personal, chat, channel } = scene.places();
    let word = || scene.markers.at("a channel's new name");
    for event in ["channelRenamed", "teamRenamed", "teamArchived", "teamUnarchived", "teamRestored"]
    {
        let event = json!({"conversationUpdate": {"eventType": event,
            "channelData": {"channel": {"name": word()}, "team": {"name": word()}}}});
        scene.bot_takes(&scene.ada, &channel, event).await;
    }
    for place in [&channel, &chat, &personal] {
        for action in ["remove-upgrade", "add-upgrade", "remove", "add"] {
            scene.bot_takes(&scene.ada, place, json!({"install": action})).await;
        }
    }
}
