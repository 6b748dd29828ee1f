//! One story in which every function does everything that it has a right for, and no more rights than
//! that are given.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};
use tandem_domain::GrantState;
use tandem_local::{
    caller::{as_function, upkeep},
    sandbox::{gate::Strike, microsoft::LifecycleEvent},
};
use tandem_runtime::{App, Parts};
use tandem_upkeep::UpkeepEvent;

use crate::{
    custody::parts,
    support::{
        Browser, CLOUD, Person, TENANT, World,
        everything::subjects,
        login_as,
        people::{ISSUE, PROJECT},
        world,
    },
};

/// Every function, by its name.
const FUNCTIONS: [&str; 9] = [
    tandem_jira_events::NAME,
    tandem_teams_events::NAME,
    tandem_teams_bot::NAME,
    tandem_settings::NAME,
    tandem_accounts::NAME,
    tandem_admin::NAME,
    tandem_issue_chats::NAME,
    tandem_delivery::NAME,
    tandem_upkeep::NAME,
];

/// How long until an access token is refreshed.
const ALMOST_AN_HOUR: Duration = Duration::from_mins(56);

#[tokio::test(flavor = "multi_thread")]
async fn every_right_that_the_template_gives_is_used() {
    let mut world = world().await;
    starts(&world).await;
    carried_over(&mut world).await;
    settings(&mut world).await;
    administration(&mut world).await;
    bot(&world).await;
    mended_in_teams(&world).await;
    refreshed_by_each(&mut world).await;
    missed(&world).await;
    gone(&world).await;
    left(&world).await;
    let app = under_other_keys(&world).await;
    uninstalled(&world, &app).await;
    let (refused, unused) = (world.stack.rights.refused(), world.stack.rights.unused());
    assert!(
        refused.is_empty() && unused.is_empty(),
        "done, and not allowed by the template: {refused:#?}; allowed, and not done: {unused:#?}"
    );
}

/// Each function starts once in a process of its own.
async fn starts(world: &World) {
    for name in FUNCTIONS {
        let started = as_function(name, App::build(parts(&world.stack))).await;
        assert!(started.is_ok(), "{name}");
    }
}

/// What is written on either side, changed and taken back; also what fails at first.
async fn carried_over(world: &mut World) {
    for number in 0..2 {
        let comment = world.comment(&world.ben, "It flickers").await;
        world.stack.settled().await;
        let edit = json!({"action": "edit_comment", "comment": comment, "text": "It buzzes"});
        world.in_jira(&world.ben, edit).await;
        let message = world.write(&world.ben, "Look at it").await;
        world.stack.settled().await;
        let edit = json!({"action": "edit", "messageId": message, "text": "I look at it"});
        world.in_teams(&world.ben, edit).await;
        world.stack.settled().await;
        if number == 1 {
            let delete = json!({"action": "delete_comment", "comment": comment});
            world.in_jira(&world.ben, delete).await;
            let delete = json!({"action": "delete", "messageId": message});
            world.in_teams(&world.ben, delete).await;
        }
    }
    world.in_jira(&world.ada, json!({"action": "transition", "to": "21"})).await;
    world.stack.settled().await;
    world.fail("POST", "/graph/v1.0/chats/", "/messages", Strike::Before, 429, 1);
    world.comment(&world.ben, "Later").await;
    world.stack.settled_in_time().await;
    world.fail("POST", "/graph/v1.0/chats", "/chats", Strike::Before, 403, 1);
    let body = json!({"members": [world.ben.account], "topic": "issue"});
    let chats = format!("/issues/{ISSUE}/chats");
    let refused = world.browser.change("POST", &chats, &body).await;
    assert!(refused.status >= 400, "{}", refused.body);
    let chat = format!("/issues/{ISSUE}/chats/{}/messages", world.chat);
    change(&mut world.browser, "POST", &chat, &json!({"text": "From the panel"}), 201).await;
    get(&mut world.browser, &format!("/issues/{ISSUE}/chats")).await;
}

async fn settings(world: &mut World) {
    let project = format!("/settings/projects/{PROJECT}");
    for (path, setting) in [
        ("/settings/instance", json!({"comment_sync": "both"})),
        (&project, json!({"comment_sync": "both"})),
        ("/settings/users/me", json!({"appearance": "dark"})),
    ] {
        change(&mut world.browser, "PUT", path, &setting, 200).await;
        get(&mut world.browser, path).await;
        change(&mut world.browser, "DELETE", path, &json!({}), 200).await;
    }
    get(&mut world.browser, "/settings/instance/changes").await;
    get(&mut world.browser, &format!("/settings/effective?project={PROJECT}")).await;
}

/// What an administrator looks at and sets going.
async fn administration(world: &mut World) {
    let mut browser = world.stack.browser();
    let answer = browser.get("/connect?webhooks=yes").await;
    let (account, object) = (world.ada.account.clone(), world.ada.object.clone());
    let login = move |at: String| login_as(at, &account, &object);
    assert_eq!(browser.follow(answer, &login).await.status, 200);
    for path in ["/instance", "/instance/data", "/setup", "/me/data", "/me/ledger"] {
        get(&mut browser, path).await;
    }
    change(&mut browser, "POST", "/instance/webhooks", &json!({}), 200).await;
    change(&mut browser, "DELETE", "/instance/webhooks", &json!({}), 200).await;
}

/// Somebody does something with the bot.
async fn with_bot(world: &World, who: &Person, at: &Value, deed: Value) {
    let act = json!({"as": who.object, "tenantId": TENANT, "where": at, "do": deed});
    let answer = world.stack.microsoft.act_on_bot(act).await.unwrap();
    assert_eq!(answer.status, 200, "{:?}", answer.body);
}

async fn bot(world: &World) {
    world.stack.microsoft.set_bot_limits(false);
    let team = world.stack.microsoft.add_team(TENANT, "Everybody");
    let channel = json!({"kind": "channel", "teamId": team.id});
    let chat = json!({"kind": "groupChat", "chatId": world.chat});
    for (at, texts) in [
        (&channel, &["subscribe TEST", "subscriptions", "unsubscribe 1", "subscribe TEST"][..]),
        (&chat, &["unlink TEST-1", "link TEST-1"][..]),
    ] {
        with_bot(world, &world.ada, at, json!({"install": "add"})).await;
        for text in texts {
            with_bot(world, &world.ada, at, json!({"message": text})).await;
        }
    }
    world.comment(&world.ben, "For the channel").await;
    world.stack.settled().await;
    with_bot(world, &world.ada, &channel, json!({"install": "remove"})).await;
}

/// A sign-in at Microsoft has ended, which delivery finds; Teams' own token mends it.
async fn mended_in_teams(world: &World) {
    let (stack, ben) = (&world.stack, &world.ben);
    stack.microsoft.revoke_sign_ins(TENANT, &ben.object);
    stack.clock.advance(ALMOST_AN_HOUR);
    world.comment(ben, "Not as me").await;
    stack.settled_in_time().await;
    let [_, at_microsoft] = subjects(ben);
    let grant = || async { stack.app.store.find_grant(&at_microsoft).await.unwrap().unwrap() };
    assert_ne!(grant().await.state, GrantState::Active);
    let personal = json!({"kind": "personal"});
    let token = stack.microsoft.sso_token(TENANT, &ben.object);
    let exchange = json!({"id": "1", "connectionName": "tandem", "token": token});
    let exchange = json!({"invoke": {"name": "signin/tokenExchange", "value": exchange}});
    for deed in [json!({"install": "add"}), exchange] {
        with_bot(world, ben, &personal, deed).await;
    }
    assert_eq!(grant().await.state, GrantState::Active);
}

/// Each function that uses tokens finds one that is about to end, in a version that has lost its
/// label.
async fn refreshed_by_each(world: &mut World) {
    let stack = &world.stack;
    worn(world).await;
    get(&mut world.browser, "/instance").await;
    worn(world).await;
    get(&mut world.browser, &format!("/settings/projects/{PROJECT}")).await;
    worn(world).await;
    get(&mut world.browser, &format!("/issues/{ISSUE}/chats")).await;
    worn(world).await;
    let chat = json!({"kind": "groupChat", "chatId": world.chat});
    with_bot(world, &world.ada, &chat, json!({"message": "link TEST-1"})).await;
    worn(world).await;
    world.comment(&world.ben, "After a while").await;
    stack.settled().await;
    worn(world).await;
    world.ben.browser(stack).await;
    worn(world).await;
    stack.clock.advance(Duration::from_hours(31 * 24));
    let report = upkeep(Arc::clone(&stack.app), schedule()).await.unwrap();
    assert!(report.grants_kept_alive > 0, "{report:?}");
}

async fn worn(world: &World) {
    let stack = &world.stack;
    stack.clock.advance(ALMOST_AN_HOUR);
    for secret in stack.aws.secrets().iter().filter(|it| it.name.contains("/grant/")) {
        for version in &secret.versions {
            for label in version.stages.iter().filter(|it| it.starts_with("TANDEM-")) {
                let taken = stack.clients.secrets.update_secret_version_stage();
                let taken = taken.secret_id(&secret.name).version_stage(label);
                taken.remove_from_version_id(&version.id).send().await.unwrap();
            }
        }
    }
}

/// Notifications of the chat stop; what was written meanwhile is read by whoever renews them: the bot
/// when the chat is linked again, or upkeep.
async fn missed(world: &World) {
    let stack = &world.stack;
    let chat = json!({"kind": "groupChat", "chatId": world.chat});
    for by_bot in [true, false] {
        for subscription in stack.microsoft.subscriptions() {
            let removed = LifecycleEvent::SubscriptionRemoved;
            stack.microsoft.send_lifecycle(&subscription.id, removed);
        }
        stack.settled().await;
        let heard = world.comments().len();
        world.write(&world.ben, "While nobody heard").await;
        if by_bot {
            with_bot(world, &world.ada, &chat, json!({"message": "link TEST-1"})).await;
        } else {
            let report = upkeep(Arc::clone(&stack.app), schedule()).await.unwrap();
            assert!(report.messages_reconciled > 0, "{report:?}");
        }
        stack.settled().await;
        assert_eq!(world.comments().len(), heard + 1, "by the bot: {by_bot}");
    }
}

/// Somebody and an issue are gone from Jira.
async fn gone(world: &World) {
    let stack = &world.stack;
    let dora = stack.person("Dora Blum", false, true).await;
    let deed = json!({"as": world.ada.account, "cloudId": CLOUD, "action": "delete_user",
        "accountId": dora.account});
    stack.in_jira(deed).await;
    stack.settled().await;
    world.in_jira(&world.ada, json!({"action": "delete_issue"})).await;
    stack.settled().await;
    let deed = json!({"as": world.ada.account, "cloudId": CLOUD, "action": "delete_project",
        "project": PROJECT});
    stack.in_jira(deed).await;
    stack.settled().await;
}

/// People leave: at the bot, in the browser, and with all that is kept of them.
async fn left(world: &World) {
    let stack = &world.stack;
    let [one, other, third] = ["Eli Roth", "Fay Lund", "Gus Hale"];
    let one = stack.person(one, false, true).await;
    for deed in [json!({"install": "add"}), json!({"message": "disconnect"})] {
        with_bot(world, &one, &json!({"kind": "personal"}), deed).await;
    }
    for (name, method, path, status) in
        [(other, "POST", "/disconnect", 200), (third, "DELETE", "/me", 202)]
    {
        let person = stack.person(name, false, false).await;
        let mut browser = person.browser(stack).await;
        change(&mut browser, method, path, &json!({}), status).await;
    }
}

/// Both keys are replaced, and everything is sealed anew.
async fn under_other_keys(world: &World) -> Arc<App> {
    let mut parts: Parts = parts(&world.stack);
    let kms = &world.stack.clients.kms;
    for (present, older) in [
        (&mut parts.config.envelope_key, &mut parts.config.older_envelope_keys),
        (&mut parts.config.secrets_key, &mut parts.config.older_secrets_keys),
    ] {
        let key = kms.create_key().send().await.unwrap().key_metadata.unwrap().key_id;
        older.push(std::mem::replace(present, key));
    }
    let app = Arc::new(App::build(parts).await.unwrap());
    let report = upkeep(Arc::clone(&app), schedule()).await.unwrap();
    assert!(report.grants_rewrapped > 0, "{report:?}");
    app
}

/// The app is removed from the site, and everything goes.
async fn uninstalled(world: &World, app: &Arc<App>) {
    let stack = &world.stack;
    let deed = json!({"as": world.ada.account, "cloudId": CLOUD, "action": "uninstall_app"});
    stack.in_jira(deed).await;
    stack.settled().await;
    for _ in 0..5 {
        stack.clock.advance(Duration::from_mins(5));
        upkeep(Arc::clone(app), schedule()).await.unwrap();
    }
    assert!(stack.items_of("erasure").await.is_empty(), "it is done");
}

fn schedule() -> UpkeepEvent {
    UpkeepEvent::Schedule(serde::de::IgnoredAny)
}

async fn get(browser: &mut Browser, path: &str) {
    let answer = browser.get(path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
}

async fn change(browser: &mut Browser, method: &str, path: &str, body: &Value, status: u16) {
    let answer = browser.change(method, path, body).await;
    assert_eq!(answer.status, status, "{method} {path}: {}", answer.body);
}
