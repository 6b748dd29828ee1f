//! Flows in which Tandem makes every kind of call that it can make.

use std::{sync::Arc, time::Duration};

use serde_json::json;
use tandem_local::sandbox::{gate::Strike, microsoft::LifecycleEvent};
use tandem_upkeep::UpkeepEvent;

use super::bot::{self, Answered};
use crate::support::{World, login_as, people::ISSUE, world};

const GRAPH_CHATS: &str = "/graph/v1.0/chats/";
const JIRA: &str = "/atlassian/api/ex/jira/";

/// A world in which all of it has happened, and how the bot answered what it was asked.
pub async fn every_kind() -> (World, Vec<Answered>) {
    let mut world = world().await;
    from_the_panel(&mut world).await;
    jira_to_teams(&world).await;
    teams_to_jira(&world).await;
    after_lost_answers(&mut world).await;
    as_time_goes_by(&world).await;
    the_sites_webhook(&world).await;
    let answers = bot::everything(&world).await;
    world.in_jira(&world.ada, json!({"action": "delete_issue"})).await;
    world.stack.settled_in_time().await;
    (world, answers)
}

/// What the browser of a signed-in person asks for.
async fn from_the_panel(world: &mut World) {
    world.set(json!({"restricted_comments": "allowed"})).await;
    let project = json!({"comment_sync": "both"});
    let set = world.browser.change("PUT", "/settings/projects/10000", &project).await;
    assert_eq!(set.status, 200, "{}", set.body);
    for page in ["/site/projects", "/site/projects?query=te", "/site/projects/10000/settings"] {
        let shown = world.browser.get(page).await;
        assert_eq!(shown.status, 200, "{page}: {}", shown.body);
    }
    let listed = world.browser.get(&format!("/issues/{ISSUE}/chats")).await;
    assert_eq!(listed.status, 200, "{}", listed.body);
    let path = format!("/issues/{ISSUE}/chats/{}/messages", world.chat);
    let replied = world.browser.change("POST", &path, &json!({"text": "On it.\n\n- B <b>"})).await;
    assert_eq!(replied.status, 201, "{}", replied.body);
    world.stack.settled().await;
}

async fn jira_to_teams(world: &World) {
    let (ada, ben, cleo) = (&world.ada, &world.ben, &world.cleo);
    for who in [ben, cleo] {
        let comment = world.comment(who, "The first wording").await;
        world.stack.settled().await;
        let edit = json!({"action": "edit_comment", "comment": comment, "text": "The second"});
        world.in_jira(who, edit).await;
        world.stack.settled().await;
        world.in_jira(who, json!({"action": "delete_comment", "comment": comment})).await;
        world.stack.settled().await;
    }
    let role = json!({"type": "role", "value": "Administrators"});
    world.comment_with(ada, json!({"text": "Between us", "visibility": role})).await;
    for who in [ben, cleo] {
        for deed in [
            json!({"action": "transition", "to": "21"}),
            json!({"action": "assign", "accountId": ada.account}),
            json!({"action": "assign"}),
            json!({"action": "set_priority", "priority": "High"}),
        ] {
            world.in_jira(who, deed).await;
        }
    }
    world.stack.settled().await;
    // The message of a comment, edited by its author in Teams.
    world.comment(ben, "To be edited over there").await;
    world.stack.settled().await;
    let message = world.messages().last().unwrap().id.clone();
    world.in_teams(ben, json!({"action": "edit", "messageId": message, "html": "Edited"})).await;
    world.stack.settled().await;
}

async fn teams_to_jira(world: &World) {
    let (ada, ben, cleo) = (&world.ada, &world.ben, &world.cleo);
    world.in_teams(ada, json!({"action": "add_member", "userId": cleo.object})).await;
    let html = "<p>A <strong>list</strong>: <a href=\"https://example.com\">x</a></p>\
        <ul><li>one</li></ul><pre>code</pre><blockquote>said</blockquote>";
    for who in [ben, cleo] {
        let message = world.write(who, html).await;
        world.stack.settled().await;
        world.in_teams(who, json!({"action": "edit", "messageId": message, "html": "Less"})).await;
        world.stack.settled().await;
        world.in_teams(who, json!({"action": "delete", "messageId": message})).await;
        world.stack.settled().await;
    }
    // The comment of a message, edited by its author in Jira.
    world.write(ben, "To be edited over there").await;
    world.stack.settled().await;
    let comment = world.comments().last().unwrap().id.clone();
    let edit = json!({"action": "edit_comment", "comment": comment, "text": "Edited"});
    world.in_jira(ben, edit).await;
    world.stack.settled().await;
}

/// A vendor did what it was asked, and its answer was lost: Tandem looks before it asks again.
async fn after_lost_answers(world: &mut World) {
    world.fail("POST", GRAPH_CHATS, "/messages", Strike::After, 503, 1);
    let comment = world.comment(&world.ben, "Once only").await;
    world.stack.settled_in_time().await;
    world.fail("POST", JIRA, "/comment", Strike::After, 503, 1);
    world.write(&world.ben, "Once only").await;
    world.stack.settled_in_time().await;

    world.fail("POST", GRAPH_CHATS, "/microsoft.graph.softDelete", Strike::Before, 404, 1);
    world.in_jira(&world.ben, json!({"action": "delete_comment", "comment": comment})).await;
    world.stack.settled_in_time().await;

    world.fail("POST", "/graph/v1.0/chats", "/chats", Strike::After, 503, 1);
    let csrf = world.browser.csrf().await;
    let body = json!({"members": [world.ben.account], "topic": "key"});
    let path = format!("/issues/{ISSUE}/chats");
    for (status, passes) in [(503, 0), (201, 41)] {
        world.stack.clock.advance(Duration::from_secs(passes));
        let start = world.browser.send("POST", &path, |request| {
            request.header("x-csrf-token", &csrf).header("idempotency-key", "second").json(&body)
        });
        let start = start.await;
        assert_eq!(start.status, status, "{}", start.body);
    }
}

/// The webhook that the app registers: registered, refreshed, ended; and accounts are reported.
async fn the_sites_webhook(world: &World) {
    let mut browser = world.stack.browser();
    let answer = browser.get("/connect?webhooks=yes").await;
    let (account, object) = (world.ada.account.clone(), world.ada.object.clone());
    let login = move |at: String| login_as(at, &account, &object);
    assert_eq!(browser.follow(answer, &login).await.status, 200);
    let path = "/instance/webhooks";
    assert_eq!(browser.change("POST", path, &json!({})).await.status, 200);
    world.stack.clock.advance(Duration::from_hours(12 * 24));
    let report = world.stack.upkeep().await;
    assert!(report.webhooks_renewed > 0 && report.accounts_reported > 0, "{report:?}");
    let mut browser = world.ada.browser(&world.stack).await;
    assert_eq!(browser.change("DELETE", path, &json!({})).await.status, 200);
}

/// Tokens end after an hour, subscriptions after three days.
async fn as_time_goes_by(world: &World) {
    world.stack.clock.advance(Duration::from_mins(56));
    world.comment(&world.ben, "Still here").await;
    world.stack.settled().await;

    world.stack.clock.advance(Duration::from_hours(48));
    upkeep(world).await;
    let subscription = world.stack.microsoft.subscriptions().remove(0);
    world.stack.microsoft.send_lifecycle(&subscription.id, LifecycleEvent::SubscriptionRemoved);
    world.stack.settled().await;
    upkeep(world).await;
}

async fn upkeep(world: &World) {
    let event = UpkeepEvent::Schedule(serde::de::IgnoredAny);
    let report = tandem_local::caller::upkeep(Arc::clone(&world.stack.app), event).await.unwrap();
    assert!(report.subscriptions_renewed > 0 && report.failures == 0, "{report:?}");
}
