//! Commands, forms, searches and sign-ins.

use std::time::Duration;

use serde_json::{Value, json};

use super::{KITCHEN, Room};
use crate::support::{CLOUD, HOST, Person, TENANT, people::ISSUE};

const HTML: &str = "<p>The kettle <b>whistles</b></p><ul><li>and</li><li>whistles</li></ul>";

/// Every command in every kind of conversation, and words that are none.
pub async fn commands(room: &Room<'_>) {
    let (ada, ben, cleo) = (&room.world.ada, &room.world.ben, &room.world.cleo);
    for text in [
        "help",
        "connect",
        "status",
        "settings",
        "subscriptions",
        "subscribe TEST",
        "link TEST-2",
        "unlink",
        "unsubscribe",
        "hepl",
        "links TEST-2",
        "link",
        "Good morning!",
    ] {
        for place in [room.personal(), room.chat(), room.channel()] {
            room.say(ada, &place, text).await;
        }
        for place in [room.channel(), room.personal()] {
            room.say(cleo, &place, text).await;
        }
    }
    for text in [
        "link TEST-2",
        "link TEST-2",
        &format!("link https://{HOST}/browse/TEST-2"),
        "unlink TEST-2",
        "link NONE-1",
        "subscribe TEST story,bug created,updated priority:high assignee:me label:cellar status:done",
        "subscribe TEST assignee:ben commented",
        "subscribe TEST nonsense priority:none assignee:nobody",
        "subscribe TEST restricted",
        "subscribe NONE",
        "subscriptions",
        "unsubscribe 1",
        "unsubscribe TEST",
    ] {
        for place in [room.chat(), room.channel()] {
            room.say(ben, &place, text).await;
        }
    }
    room.world.stack.settled().await;
}

/// The two actions on a message, with forms that are wrong, shown anew, and sent off.
pub async fn forms(room: &Room<'_>) {
    let ben = &room.world.ben;
    for place in [room.chat(), room.channel(), room.personal()] {
        opened(room, ben, &place, "createIssue").await;
        let wrong = json!({"project": KITCHEN, "issuetype": "10003", "summary": ""});
        submit(room, ben, &place, wrong.clone()).await;
        let anew = json!({"inputs": wrong, "title": "Show the fields of this project and type"});
        room.act(ben, &place, json!({"submit": anew})).await;
        let all = json!({
            "summary": "Too loud", "description": "My own words", "customfield_10050": "10071",
            "assignee": room.world.ada.account,
        });
        submit(room, ben, &place, all).await;
        opened(room, ben, &place, "createIssue").await;
        let all = json!({"project": "10000", "issuetype": "10002", "description": "Mine"});
        submit(room, ben, &place, all).await;

        opened(room, ben, &place, "addComment").await;
        submit(room, ben, &place, json!({"issueKey": "nothing like it"})).await;
        submit(room, ben, &place, json!({"issueKey": "TEST-2"})).await;
        opened(room, ben, &place, "addComment").await;
        submit(room, ben, &place, json!({"issueKey": "", "issue": ISSUE, "comment": "So"})).await;
        opened(room, ben, &place, "makeCoffee").await;
        let of_another = json!({"commandId": "createIssue", "data": {"summary": "Mine"}});
        room.act(ben, &place, json!({"submit": of_another})).await;
    }
    for context in ["compose", "commandBox"] {
        let action = json!({"commandId": "createIssue", "commandContext": context});
        room.act(ben, &room.chat(), json!({"messageAction": action})).await;
        submit(room, ben, &room.chat(), json!({"summary": "From nowhere"})).await;
    }
    for command in ["createIssue", "addComment"] {
        opened(room, &room.world.cleo, &room.channel(), command).await;
    }
    room.world.stack.settled().await;
}

async fn opened(room: &Room<'_>, who: &Person, place: &Value, command: &str) {
    let author = &room.world.cleo.object;
    let action = json!({"commandId": command, "html": HTML, "fromObjectId": author});
    room.act(who, place, json!({"messageAction": action})).await;
}

async fn submit(room: &Room<'_>, who: &Person, place: &Value, inputs: Value) {
    room.act(who, place, json!({"submit": {"inputs": inputs}})).await;
}

/// What is looked up: searches, links, and the lists of forms.
pub async fn lookups(room: &Room<'_>) {
    let world = room.world;
    let view = json!({"action": "view"});
    world.in_jira(&world.ben, view).await;
    for who in [&world.ben, &world.cleo] {
        for typed in ["", "TEST-1", "lamp", "project:TEST @me", "project:NONE", "zzz \" \\ ~", "7"]
        {
            let value = json!({
                "commandId": "searchIssues",
                "parameters": [{"name": "query", "value": typed}],
                "queryOptions": {"skip": 0, "count": 25},
            });
            room.invoke(who, &room.chat(), "composeExtension/query", value).await;
        }
        for url in [
            format!("https://{HOST}/browse/TEST-1"),
            format!("https://{HOST}/browse/NONE-1"),
            "https://elsewhere.atlassian.net/browse/TEST-1".to_owned(),
        ] {
            for name in ["queryLink", "anonymousQueryLink"] {
                let name = format!("composeExtension/{name}");
                room.invoke(who, &room.chat(), &name, json!({"url": url})).await;
            }
        }
        for chosen in [json!({"cloudId": CLOUD, "issueId": ISSUE}), json!({"issueId": "x"})] {
            room.invoke(who, &room.chat(), "composeExtension/selectItem", chosen).await;
        }
        for dataset in ["projects", "people", "issues", "others"] {
            for typed in ["", "te", "TEST-1"] {
                let value = json!({
                    "queryText": typed, "queryOptions": {"skip": 0, "top": 15},
                    "dataset": dataset, "data": {"project": "10000"},
                });
                room.invoke(who, &room.personal(), "application/search", value).await;
            }
        }
    }
    let other = json!({"commandId": "another", "parameters": []});
    room.invoke(&world.ben, &room.chat(), "composeExtension/query", other).await;
    for name in ["task/fetch", "composeExtension/setting", "fileConsent/invoke"] {
        room.invoke(&world.ben, &room.chat(), name, json!({})).await;
    }
}

/// What Teams tells of sign-ins, and the exchange of its token once that helps.
pub async fn sign_ins(room: &Room<'_>) {
    let (ben, cleo, teams) = (&room.world.ben, &room.world.cleo, &room.world.stack.microsoft);
    let exchange = |who: &Person| {
        let token = teams.sso_token(TENANT, &who.object);
        json!({"id": "4be17c92", "connectionName": "", "token": token})
    };
    let nothing = json!({"id": "4be17c92", "connectionName": "", "token": "x"});
    for (who, name, value) in [
        (ben, "signin/verifyState", json!({"state": "123456"})),
        (cleo, "signin/verifyState", json!({"state": "123456"})),
        (ben, "signin/failure", json!({"code": "invokeerror", "message": "x"})),
        (ben, "signin/tokenExchange", exchange(ben)),
        (cleo, "signin/tokenExchange", exchange(cleo)),
        (ben, "signin/tokenExchange", nothing),
    ] {
        room.invoke(who, &room.personal(), name, value).await;
    }
    teams.revoke_sign_ins(TENANT, &ben.object);
    teams.expire_access_tokens(TENANT, &ben.object);
    // That a sign-in has ended shows when it is used next.
    room.world.stack.clock.advance(Duration::from_hours(2));
    room.say(ben, &room.chat(), "link TEST-2").await;
    for text in ["connect", "status"] {
        room.say(ben, &room.personal(), text).await;
    }
    room.invoke(ben, &room.personal(), "signin/verifyState", json!({"state": "123456"})).await;
    room.invoke(ben, &room.personal(), "signin/tokenExchange", exchange(ben)).await;
    room.say(ben, &room.chat(), "link TEST-2").await;
    room.say(ben, &room.personal(), "disconnect").await;
}
