//! Issue links that somebody pastes.

use serde_json::{Value, json};
use tandem_local::sandbox::jira::{NewIssue, NewProject};

use crate::support::{CLOUD, HOST, Person, TENANT, World, world};

impl World {
    async fn unfurls(&self, who: &Person, url: &str) -> Value {
        let place = json!({"kind": "groupChat", "chatId": self.chat});
        self.unfurls_in(who, place, "composeExtension/queryLink", url).await
    }

    async fn unfurls_in(&self, who: &Person, place: Value, name: &str, url: &str) -> Value {
        let act = json!({
            "as": who.object, "tenantId": TENANT, "where": place,
            "do": {"invoke": {"name": name, "value": {"url": url}}},
        });
        let (status, answer) = self.stack.send("POST", "/sandbox/people/teams/bot", &act).await;
        assert_eq!((status, &answer["status"]), (200, &json!(200)), "{answer}");
        answer["body"]["composeExtension"].clone()
    }
}

fn nothing() -> Value {
    json!({"type": "result", "attachmentLayout": "list", "attachments": []})
}

#[tokio::test(flavor = "multi_thread")]
async fn links_to_issues_become_cards_with_buttons() {
    let world = world().await;
    for path in [
        "/browse/TEST-1",
        "/browse/test-1?focusedCommentId=10100#x",
        "/jira/software/projects/TEST/boards/1?selectedIssue=TEST-1",
        "/jira/software/c/projects/TEST/issues/TEST-1",
        "/jira/core/projects/TEST/issues/TEST-1",
    ] {
        let shown = world.unfurls(&world.ben, &format!("https://{HOST}{path}")).await;
        let shown = &shown["attachments"][0];
        assert_eq!(shown["contentType"], "application/vnd.microsoft.card.adaptive", "{path}");
        assert_eq!(
            shown["preview"]["content"]["title"], "TEST-1: The lamp in the hall flickers",
            "{path}"
        );
        let card = shown["content"].to_string();
        for verb in ["assignToMe", "comment", "watch", "refresh"] {
            assert!(card.contains(&format!("\"verb\":\"{verb}\"")), "{verb} in {card}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_see_an_issue_sees_the_same_as_where_there_is_none() {
    let world = world().await;
    let secret = NewProject {
        key: "SECRET".to_owned(),
        name: "Secret plans".to_owned(),
        browsers: Some(vec![world.ada.account.clone()]),
        ..NewProject::default()
    };
    world.stack.jira.add_project(CLOUD, secret);
    let issue = NewIssue {
        project: "SECRET".to_owned(),
        summary: "Move away".to_owned(),
        reporter: world.ada.account.clone(),
        ..NewIssue::default()
    };
    world.stack.jira.add_issue(CLOUD, issue);
    let link = format!("https://{HOST}/browse/SECRET-1");
    let shown = world.unfurls(&world.ada, &link).await;
    assert!(shown.to_string().contains("Move away"), "{shown}");
    assert_eq!(world.unfurls(&world.ben, &link).await, nothing());
    let absent = format!("https://{HOST}/browse/SECRET-2");
    assert_eq!(world.unfurls(&world.ben, &absent).await, nothing());
    let nowhere = format!("https://{HOST}/browse/NONE-1");
    assert_eq!(world.unfurls(&world.ben, &nowhere).await, nothing());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_signed_in_is_led_to_it_for_issues_of_ours_only() {
    let world = world().await;
    world.in_teams(&world.ada, json!({"action": "add_member", "userId": world.cleo.object})).await;
    let ours = format!("https://{HOST}/browse/TEST-1");
    let shown = world.unfurls(&world.cleo, &ours).await;
    assert_eq!(shown["type"], "auth", "{shown}");
    let connect = world.stack.app.config.public("/connect");
    assert_eq!(shown["suggestedActions"]["actions"][0]["value"], connect.as_str());
    for link in [
        "https://elsewhere.atlassian.net/browse/TEST-1",
        "https://tests.atlassian.net/wiki/spaces/TEST",
        "https://tests.atlassian.net.evil.example/browse/TEST-1",
        "not a link",
    ] {
        for who in [&world.ben, &world.cleo] {
            assert_eq!(world.unfurls(who, link).await, nothing(), "{link}");
        }
    }
    let place = json!({"kind": "groupChat", "chatId": world.chat});
    let name = "composeExtension/anonymousQueryLink";
    assert_eq!(world.unfurls_in(&world.ben, place, name, &ours).await, nothing());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secured_issue_shows_its_key_where_others_look_on() {
    let mut world = world().await;
    let members = json!([world.ada.account, world.ben.account]);
    world.in_jira(&world.ada, json!({"action": "set_security", "members": members})).await;
    let link = format!("https://{HOST}/browse/TEST-1");
    let shown = world.unfurls(&world.ben, &link).await;
    let text = shown.to_string();
    assert!(text.contains("TEST-1"), "{text}");
    for hidden in ["flickers", "To Do", "Unassigned", "Testing", "Action.Execute"] {
        assert!(!text.contains(hidden), "{hidden} in {text}");
    }
    let place = json!({"kind": "personal"});
    let name = "composeExtension/queryLink";
    let alone = world.unfurls_in(&world.ben, place, name, &link).await;
    assert!(alone.to_string().contains("flickers"), "{alone}");
    world.set(json!({"secured_issues": "allowed"})).await;
    assert!(world.unfurls(&world.ben, &link).await.to_string().contains("flickers"));
}
