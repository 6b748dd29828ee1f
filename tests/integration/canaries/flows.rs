//! What people do all day in the issue and in the chat.

use std::{sync::Arc, time::Duration};

use serde_json::json;
use tandem_domain::{AccountId, CloudId, IssueId, ProjectId, RequestId, TenantId, Timestamp};
use tandem_local::sandbox::microsoft::LifecycleEvent;
use tandem_runtime::{App, erasure};
use tandem_store::{Erasure, JiraUser, Reach, Watcher};
use tandem_upkeep::UpkeepEvent;

use super::{
    kept,
    scene::{Scene, person},
    text_of,
};
use crate::{
    custody::parts,
    support::{login_as, people::ISSUE},
};

/// What people do all day.
pub async fn everyday(scene: &mut Scene) {
    let allowed = json!({"restricted_comments": "allowed", "secured_issues": "allowed"});
    let set = scene.browser.change("PUT", "/settings/instance", &allowed).await;
    assert_eq!(set.status, 200, "{}", set.body);
    for (path, settings) in [
        ("/settings/projects/10000", json!({"comment_sync": "both"})),
        ("/settings/users/me", json!({"appearance": "dark"})),
    ] {
        let set = scene.browser.change("PUT", path, &settings).await;
        assert_eq!(set.status, 200, "{path}: {}", set.body);
    }
    settings_by_page(scene).await;
    let path = format!("/issues/{ISSUE}/chats/{}/messages", scene.chat);
    let text = scene.markers.at("a panel in the issue: a reply");
    let replied = scene.browser.change("POST", &path, &json!({"text": text})).await;
    assert_eq!(replied.status, 201, "{}", replied.body);
    comments(scene).await;
    changes(scene).await;
    messages(scene).await;
    let listed = scene.browser.get(&format!("/issues/{ISSUE}/chats")).await;
    assert!(!scene.markers.in_text(&listed.body).is_empty(), "the panel shows the chat");
    let ledger = scene.browser.get("/me/ledger").await;
    assert_eq!(ledger.status, 200, "{}", ledger.body);
    assert!(scene.markers.in_text(&ledger.body).is_empty(), "{}", ledger.body);
    tokens_and_subscriptions(scene).await;
}

/// Every field of the forms of settings is filled with what it cannot hold: the page gives it back
/// to who wrote it, and nobody else is told. Projects are searched for by a word.
async fn settings_by_page(scene: &mut Scene) {
    for path in ["/my/settings", "/site/settings", "/site/projects/10000/settings"] {
        let page = scene.browser.get(path).await;
        let value = |name| crate::sign_in::hidden(&page, name);
        let mut fields = vec![("csrf".to_owned(), value("csrf"))];
        fields.push(("version".to_owned(), value("version")));
        for name in page.body.split(" name=\"").skip(1) {
            let name = name.split('"').next().unwrap().to_owned();
            let marker = scene.markers.at(format!("the field {name} of {path}"));
            fields.push((name, format!("{marker}\n{marker}")));
        }
        let refused = scene.browser.send("POST", path, |request| request.form(&fields)).await;
        assert_eq!(refused.status, 400, "{path}: {}", refused.body);
        if path == "/site/settings" {
            let typed = scene.markers.placed("the field allowed_tenants").remove(0);
            assert!(refused.body.contains(&typed), "what was typed is kept: {}", refused.body);
        }
    }
    let word = scene.markers.at("a search for projects");
    for query in ["", &format!("?query={word}")] {
        let found = scene.browser.get(&format!("/site/projects{query}")).await;
        assert_eq!(found.status, 200, "{}", found.body);
        assert!(!scene.markers.in_text(&found.body).is_empty(), "names are shown: {}", found.body);
    }
}

async fn comments(scene: &Scene) {
    for who in [&scene.ben, &scene.cleo] {
        let comment = scene.comment(who).await;
        scene.stack.settled().await;
        let edit = json!({"action": "edit_comment", "comment": comment, "adf": scene.document()});
        scene.in_jira(who, edit).await;
        scene.stack.settled().await;
        let kept = scene.comment(who).await;
        scene.stack.settled().await;
        scene.in_jira(who, json!({"action": "delete_comment", "comment": comment})).await;
        scene.stack.settled().await;
        assert!(scene.comments().iter().any(|it| it.id == kept));
    }
    let role = scene.markers.placed("the name of a role").remove(0);
    let restricted = json!({"action": "comment", "adf": scene.document(),
        "visibility": {"type": "role", "value": role}});
    scene.in_jira(&scene.ada, restricted).await;
    scene.stack.settled().await;
}

async fn changes(scene: &Scene) {
    let level = scene.markers.at("the name of a security level");
    let members = json!([scene.ada.account, scene.ben.account, scene.cleo.account]);
    for who in [&scene.ben, &scene.cleo] {
        for deed in [
            json!({"action": "transition", "to": "21"}),
            json!({"action": "assign", "accountId": scene.cleo.account}),
            json!({"action": "set_priority", "priority": "High"}),
            json!({"action": "set_summary", "summary": scene.markers.at("the summary of an issue")}),
        ] {
            scene.in_jira(who, deed).await;
        }
    }
    let secure = json!({"action": "set_security", "name": level, "members": members});
    scene.in_jira(&scene.ada, secure).await;
    scene.comment(&scene.ben).await;
    scene.stack.settled().await;
    scene.in_jira(&scene.ada, json!({"action": "set_security"})).await;
    scene.stack.settled().await;
}

async fn messages(scene: &Scene) {
    for who in [&scene.ben, &scene.cleo] {
        let message = scene.write(who).await;
        scene.stack.settled().await;
        let edit = json!({"action": "edit", "messageId": message, "html": scene.html()});
        scene.in_teams(who, edit).await;
        scene.stack.settled().await;
        scene.write(who).await;
        scene.stack.settled().await;
        scene.in_teams(who, json!({"action": "delete", "messageId": message})).await;
        scene.stack.settled().await;
    }
}

/// Tokens are refreshed, subscriptions renewed and made anew.
async fn tokens_and_subscriptions(scene: &mut Scene) {
    scene.stack.clock.advance(Duration::from_mins(56));
    scene.comment(&scene.ben).await;
    scene.write(&scene.ben).await;
    scene.stack.settled().await;
    scene.stack.clock.advance(Duration::from_hours(48));
    upkeep(scene).await;
    let subscription = scene.stack.microsoft.subscriptions().remove(0);
    scene.stack.microsoft.send_lifecycle(&subscription.id, LifecycleEvent::SubscriptionRemoved);
    scene.stack.settled().await;
    upkeep(scene).await;
    webhook_and_report(scene).await;
    scene.sign_in().await;
}

/// The app's own webhook is registered and refreshed; accounts are reported.
async fn webhook_and_report(scene: &mut Scene) {
    let mut browser = scene.stack.browser();
    let answer = browser.get("/connect?webhooks=yes").await;
    let (account, object) = (scene.ada.account.clone(), scene.ada.object.clone());
    let login = move |at: String| login_as(at, &account, &object);
    assert_eq!(browser.follow(answer, &login).await.status, 200);
    scene.cookies.extend(browser.cookies.values().cloned());
    let registered = browser.change("POST", "/instance/webhooks", &json!({})).await;
    assert_eq!(registered.status, 200, "{}", registered.body);
    kept::all_accounts_are_reported(scene).await;
    // A busy endpoint first, which is noted; then the report.
    scene.fail("POST", "/atlassian/api/app/report-accounts", "", 429, 1);
    scene.stack.clock.advance(Duration::from_hours(12 * 24));
    upkeep(scene).await;
    kept::all_accounts_are_reported(scene).await;
    scene.stack.clock.advance(Duration::from_mins(10));
    upkeep(scene).await;
    kept::all_accounts_are_reported(scene).await;
    scene.sign_in().await;
    let removed = scene.browser.change("DELETE", "/instance/webhooks", &json!({})).await;
    assert_eq!(removed.status, 200, "{}", removed.body);
}

/// One run of upkeep, whatever comes of it.
pub async fn upkeep(scene: &Scene) {
    let event = UpkeepEvent::Schedule(serde::de::IgnoredAny);
    tandem_local::caller::upkeep(Arc::clone(&scene.stack.app), event).await.unwrap();
}

/// Somebody begins to sign in and leaves it at that; somebody else does so half-way.
pub async fn unfinished_sign_in(scene: &Scene) {
    let begun = scene.stack.browser().get("/connect").await;
    assert!(begun.location.is_some(), "{begun:?}");
    let mut browser = scene.stack.browser();
    let at = browser.get("/connect").await.location.unwrap();
    let back = browser.get(&format!("{at}&login_as={}", scene.ada.account)).await;
    let on = browser.get(&back.location.unwrap()).await;
    assert!(on.location.is_some_and(|at| at.contains("/entra/")));
}

/// A site where much is, a tenant, a project, an issue and somebody who is gone from the site are
/// erased, as far as it goes at once.
pub async fn others_erased(scene: &Scene) {
    let (app, id) = (&scene.stack.app, "99999999-0000-4000-8000-000000000001");
    let cloud_id = CloudId::parse(id).unwrap();
    let number = |number: u32| AccountId::parse(&format!("{number:024x}")).unwrap();
    for account_id in (0..150).map(number) {
        let watcher = Watcher { cloud_id: cloud_id.clone(), account_id };
        app.store.put_watcher(&watcher).await.unwrap();
    }
    let request = RequestId::parse("canaries").unwrap();
    for reach in [
        Reach::Instance(cloud_id.clone()),
        Reach::Tenant(TenantId::parse(id).unwrap()),
        Reach::Project(cloud_id.clone(), ProjectId::parse("1").unwrap()),
        Reach::Issue(cloud_id.clone(), IssueId::parse("1").unwrap()),
    ] {
        let begun = erasure::begin(app, &reach).await.unwrap();
        erasure::go_on_until(app, &begun, &request, Some(Timestamp::from_secs(0))).await.unwrap();
    }
    let reach = Reach::User(vec![JiraUser { cloud_id, account_id: number(1) }], Vec::new());
    let gone = Erasure { keeps_grant: true, ..erasure::prepared(app, &reach).unwrap() };
    app.store.begin_erasure(gone).await.unwrap();
}

/// All grants are sealed anew under another key; this stack opens none from then on.
pub async fn sealed_anew(scene: &Scene) {
    let key = scene.stack.clients.kms.create_key().send().await.unwrap();
    let mut parts = parts(&scene.stack);
    let config = &mut parts.config;
    config.older_envelope_keys = vec![config.envelope_key.clone()];
    config.envelope_key = key.key_metadata.unwrap().key_id;
    let app = Arc::new(App::build(parts).await.unwrap());
    let event = UpkeepEvent::Schedule(serde::de::IgnoredAny);
    let report = tandem_local::caller::upkeep(app, event).await.unwrap();
    assert!(report.grants_rewrapped > 0, "{report:?}");
}

/// Somebody joins and has all of it erased; upkeep finishes that, or has yet to.
pub async fn erased(scene: &mut Scene, finished: bool) {
    let dora = person(&scene.stack, &scene.markers, false, false).await;
    let mut browser = dora.browser(&scene.stack).await;
    scene.cookies.extend(browser.cookies.values().cloned());
    let begun = browser.change("DELETE", "/me", &json!({})).await;
    assert_eq!(begun.status, 202, "{}", begun.body);
    if finished {
        for _ in 0..3 {
            upkeep(scene).await;
            scene.stack.clock.advance(Duration::from_mins(3));
        }
    }
    let id = text_of(&begun.json()["receiptId"]);
    let receipt = scene.stack.get(&format!("/receipts/{id}")).await;
    assert_eq!(receipt["finishedAt"].is_string(), finished, "{receipt}");
}
