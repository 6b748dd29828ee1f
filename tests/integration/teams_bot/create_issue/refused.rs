//! What keeps an issue from being made, and that the form is kept.

use std::sync::Arc;

use serde_json::json;
use tandem_local::sandbox::{gate::Strike, jira::NewProject};

use super::{HTML, STORY, Teams, above, fault, form, input, said, titles};
use crate::support::{CLOUD, people::PROJECT, world};

#[tokio::test(flavor = "multi_thread")]
async fn what_jira_finds_wrong_stands_beside_its_field_and_the_form_is_kept() {
    let world = world().await;
    let ben = Teams::in_chat(&world, &world.ben);
    ben.open("createIssue", HTML, &world.cleo).await;
    let answer = json!({
        "errorMessages": ["Not on a Sunday."],
        "errors": {"summary": "Jira says no to this.", "customfield_9": "And to that."},
    });
    world.fail_create(Strike::Before, 400, &answer);
    let refused = ben.submit(json!({"summary": "My kettle", "description": "Mine"})).await;
    let shown = form(&refused);
    assert_eq!(fault(shown, "summary"), "Jira says no to this.");
    for text in ["Not on a Sunday.", "And to that."] {
        assert!(above(shown).contains(text), "{}", above(shown));
    }
    assert_eq!(input(shown, "summary")["value"], "My kettle");
    assert_eq!(input(shown, "description")["value"], "Mine");
    said(&ben.submit(json!({})).await);
    assert_eq!(world.one().await["summary"], "My kettle");
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_without_linked_accounts_is_led_to_the_sign_in() {
    let world = world().await;
    let ben = Teams::in_channel(&world, &world.ben);
    let cleo = ben.by(&world.cleo);
    for command in ["createIssue", "addComment"] {
        let asked = cleo.open(command, HTML, &world.ben).await;
        let action = &asked["body"]["composeExtension"];
        assert_eq!(action["type"], "auth", "{asked}");
        let open = &action["suggestedActions"]["actions"][0];
        assert_eq!((&open["type"], &open["title"]), (&json!("openUrl"), &json!("Connect")));
        assert!(open["value"].as_str().unwrap().ends_with("/connect"));
    }
    // A form that came to them in another way is not lost either.
    let opened = ben.open("createIssue", HTML, &world.ben).await;
    let data = &form(&opened)["actions"][0]["data"];
    let mut data = data.clone();
    data["summary"] = json!("Keep this");
    let sent = json!({"commandId": "createIssue", "commandContext": "compose", "data": data});
    let kept = cleo.act(json!({"submit": sent})).await;
    assert!(above(form(&kept)).contains("Connect your accounts"), "{kept}");
    assert_eq!(input(form(&kept), "summary")["value"], "Keep this");
    assert!(world.made().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issue_is_created_only_where_the_person_may() {
    let world = world().await;
    world.stack.jira.add_project(
        CLOUD,
        NewProject {
            id: Some("10400".to_owned()),
            key: "AAA".to_owned(),
            name: "A closed book".to_owned(),
            readers: vec![world.ben.account.clone()],
            ..NewProject::default()
        },
    );
    let ben = Teams::in_chat(&world, &world.ben);
    let opened = ben.open("createIssue", HTML, &world.cleo).await;
    assert_eq!(titles(input(form(&opened), "project")), ["Testing (TEST)"]);
    for (project, issue_type) in [("10400", STORY), ("99999", STORY), ("none", STORY)] {
        let typed = json!({"project": project, "issuetype": issue_type, "summary": "Mine"});
        let refused = ben.submit(typed).await;
        let shown = form(&refused);
        assert!(!fault(shown, "project").is_empty(), "{project}");
        assert_eq!(input(shown, "summary")["value"], "Mine");
    }
    let wrong_type = ben.submit(json!({"project": PROJECT, "issuetype": "777"})).await;
    assert!(fault(form(&wrong_type), "issuetype").contains("no such type"));
    assert!(world.made().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_who_may_create_nowhere_is_told_so() {
    let world = world().await;
    let dora = world.stack.person("Dora Lind", false, true).await;
    let ben = Teams::in_channel(&world, &world.ben);
    world.stack.gate.rewrite(Arc::new(|path: &str, body| {
        if path.ends_with("/project/search") {
            return json!({"values": [], "total": 0, "isLast": true}).to_string().into();
        }
        body
    }));
    let refused = ben.by(&dora).open("createIssue", HTML, &world.ben).await;
    assert!(said(&refused).contains("may not create issues in any project"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_of_another_place_is_refused_and_kept() {
    let world = world().await;
    let ben = Teams::in_chat(&world, &world.ben);
    let opened = ben.open("createIssue", HTML, &world.cleo).await;
    let mut data = form(&opened)["actions"][0]["data"].clone();
    for (name, value) in
        [("project", PROJECT), ("issuetype", STORY), ("summary", "Mine"), ("customfield_7", "x")]
    {
        data[name] = json!(value);
    }
    let elsewhere = Teams::in_channel(&world, &world.ben);
    let sent = json!({"commandId": "createIssue", "commandContext": "compose", "data": data});
    let refused = elsewhere.act(json!({"submit": sent})).await;
    let shown = form(&refused);
    assert!(above(shown).contains("opened somewhere else"), "{}", above(shown));
    assert_eq!(input(shown, "summary")["value"], "Mine");
    assert_eq!(input(shown, "customfield_7")["value"], "x");
    assert!(world.made().await.is_empty());
}
