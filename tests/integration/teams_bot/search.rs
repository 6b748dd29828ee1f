//! Search from the compose box, and the typeahead of forms.

use std::time::Duration;

use serde_json::{Value, json};
use tandem_domain::{AccountId, CloudId, SiteHost};
use tandem_local::sandbox::{
    gate::Strike,
    jira::{NewIssue, NewProject},
};
use tandem_store::AccountLink;

use crate::support::{CLOUD, Person, TENANT, WEBHOOK_SECRET, World, people::ISSUE, world};

impl World {
    /// Somebody invokes something of the bot; the body of its answer.
    async fn invokes(&self, who: &Person, place: Value, name: &str, value: Value) -> Value {
        let act = json!({
            "as": who.object, "tenantId": TENANT, "where": place,
            "do": {"invoke": {"name": name, "value": value}},
        });
        let (status, answer) = self.stack.send("POST", "/sandbox/people/teams/bot", &act).await;
        assert_eq!((status, &answer["status"]), (200, &json!(200)), "{answer}");
        answer["body"].clone()
    }

    /// Somebody searches in the chat.
    async fn searches(&self, who: &Person, typed: &str) -> Value {
        self.searches_page(who, typed, 0).await
    }

    async fn searches_page(&self, who: &Person, typed: &str, skip: usize) -> Value {
        let place = json!({"kind": "groupChat", "chatId": self.chat});
        let value = json!({
            "commandId": "searchIssues",
            "parameters": [{"name": "query", "value": typed}],
            "queryOptions": {"skip": skip, "count": 25},
        });
        self.invokes(who, place, "composeExtension/query", value).await["composeExtension"].clone()
    }

    /// What the forms of somebody look up.
    async fn looks_up(&self, who: &Person, dataset: &str, typed: &str, data: Value) -> Value {
        let value = json!({
            "queryText": typed, "queryOptions": {"skip": 0, "top": 15},
            "dataset": dataset, "data": data,
        });
        let place = json!({"kind": "personal"});
        let answer = self.invokes(who, place, "application/search", value).await;
        assert_eq!(answer["type"], "application/vnd.microsoft.search.searchResponse", "{answer}");
        assert_eq!(answer["statusCode"], 200);
        answer["value"]["results"].clone()
    }

    fn new_issue(&self, project: &str, summary: &str, reporter: &Person) {
        self.stack.jira.add_issue(
            CLOUD,
            NewIssue {
                project: project.to_owned(),
                summary: summary.to_owned(),
                reporter: reporter.account.clone(),
                assignee: Some(reporter.account.clone()),
                ..NewIssue::default()
            },
        );
    }

    /// A project that Ada alone sees, with an issue.
    fn new_secret(&self) {
        let secret = NewProject {
            key: "SECRET".to_owned(),
            name: "Secret plans".to_owned(),
            browsers: Some(vec![self.ada.account.clone()]),
            ..NewProject::default()
        };
        self.stack.jira.add_project(CLOUD, secret);
        self.new_issue("SECRET", "Move to the lamp district", &self.ada);
    }
}

/// The titles of the results' previews.
fn titles(found: &Value) -> Vec<&str> {
    assert_eq!(found["type"], "result", "{found}");
    let attachments = found["attachments"].as_array().unwrap();
    attachments.iter().map(|it| it["preview"]["content"]["title"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn words_keys_and_filters_find_issues_the_person_may_see() {
    let world = world().await;
    world.new_issue("TEST", "A kettle that whistles", &world.ben);
    world.new_secret();
    let (lamp, kettle) =
        ("TEST-1: The lamp in the hall flickers", "TEST-2: A kettle that whistles");
    for (typed, expected) in [
        ("lamp", vec![lamp]),
        ("LAMP flick", vec![lamp]),
        ("\"lamp in the hall\"", vec![lamp]),
        ("TEST-1", vec![lamp]),
        ("test-2", vec![kettle]),
        ("@me", vec![kettle]),
        ("TEST kettle", vec![kettle]),
        ("project:TEST lamp", vec![lamp]),
        ("status:open whist", vec![kettle]),
        ("site:tests lamp", vec![lamp]),
        ("site:tests.atlassian.net lamp", vec![lamp]),
    ] {
        assert_eq!(titles(&world.searches(&world.ben, typed).await), expected, "{typed}");
    }
    for typed in ["SECRET-1", "project:SECRET", "TEST-99", "status:done", "plans", "covid-19"] {
        let found = world.searches(&world.ben, typed).await;
        assert_eq!(found["type"], "message", "{typed}: {found}");
        assert_eq!(found["text"], "Nothing found in Jira.", "{typed}");
    }
    let found = world.searches(&world.ada, "SECRET lamp").await;
    assert_eq!(titles(&found), ["SECRET-1: Move to the lamp district"]);
    let found = world.searches(&world.ben, "site:elsewhere lamp").await;
    assert_eq!(found["text"], "You are not connected to a Jira site of that name.");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_result_is_a_card_with_buttons_that_work_where_it_was_found() {
    let world = world().await;
    let found = world.searches(&world.ben, "lamp").await;
    assert_eq!(found["attachmentLayout"], "list");
    let result = &found["attachments"][0];
    assert_eq!(result["contentType"], "application/vnd.microsoft.card.adaptive");
    assert_eq!(result["preview"]["contentType"], "application/vnd.microsoft.card.thumbnail");
    let place = json!({"kind": "groupChat", "chatId": world.chat});
    let act = json!({
        "as": world.ada.object, "tenantId": TENANT, "where": place,
        "do": {"act": {"card": result["content"], "verb": "assignToMe"}},
    });
    let (_, answer) = world.stack.send("POST", "/sandbox/people/teams/bot", &act).await;
    assert_eq!(answer["body"]["statusCode"], 200, "{answer}");
    assert!(answer["body"]["value"].to_string().contains("Ada Berg"), "{answer}");

    let value = json!({"cloudId": CLOUD, "issueId": ISSUE});
    let chosen = world.invokes(&world.ben, place, "composeExtension/selectItem", value).await;
    assert_eq!(titles(&chosen["composeExtension"]), ["TEST-1: The lamp in the hall flickers"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn results_come_in_pages_of_25() {
    let world = world().await;
    for number in 0..30 {
        world.new_issue("TEST", &format!("Chair number {number}"), &world.ben);
    }
    let mut seen = Vec::new();
    for (skip, count) in [(0, 25), (25, 5)] {
        let page = world.searches_page(&world.ben, "chair", skip).await;
        let titles = titles(&page);
        assert_eq!(titles.len(), count);
        seen.extend(titles.into_iter().map(str::to_owned));
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 30, "no result twice");
    for skip in [50, 100, 4_000_000_000] {
        assert_eq!(
            titles(&world.searches_page(&world.ben, "chair", skip).await).len(),
            0,
            "{skip}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_typed_shows_what_was_used_last() {
    let world = world().await;
    for summary in ["A kettle", "A chair"] {
        world.new_issue("TEST", summary, &world.ben);
    }
    let found = world.searches(&world.ben, "").await;
    assert_eq!(titles(&found).len(), 2, "what is assigned to somebody who looked at nothing");
    for issue in ["TEST-2", "TEST-1"] {
        let deed = json!({
            "as": world.ben.account, "cloudId": CLOUD, "issue": issue, "action": "view",
        });
        world.stack.in_jira(deed).await;
    }
    let found = world.searches(&world.ben, " ").await;
    assert_eq!(titles(&found), ["TEST-1: The lamp in the hall flickers", "TEST-2: A kettle"]);

    let place = json!({"kind": "groupChat", "chatId": world.chat});
    let value = json!({
        "commandId": "searchIssues", "parameters": [{"name": "initialRun", "value": "true"}],
        "queryOptions": {"skip": 0, "count": 25},
    });
    let first = world.invokes(&world.ben, place, "composeExtension/query", value).await;
    assert_eq!(titles(&first["composeExtension"]), titles(&found));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_typed_is_refused_or_gets_out_of_its_place() {
    let world = world().await;
    world.new_secret();
    for typed in [
        "\" OR project = SECRET OR text ~ \"lamp",
        "lamp\\\" OR summary ~ \\\"plans",
        "project:\"TEST\" OR project:SECRET",
        "project:\\",
        "'lamp'",
        "lamp) OR (key = SECRET-1",
        "lamp ORDER BY key",
        "lamp AND NOT hall",
        "*",
        "?",
        "lamp~ +hall -x [a TO b] {c} ^2 !d e:f /g/ && ||",
        "currentUser()",
        "\u{0}\u{7}",
    ] {
        let found = world.searches(&world.ben, typed).await;
        let shown = found.to_string();
        assert!(!shown.contains("district"), "{typed}: {shown}");
        assert!(!shown.contains("went wrong"), "{typed}: {shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_signed_in_is_led_to_it_and_what_fails_is_said() {
    let world = world().await;
    world.in_teams(&world.ada, json!({"action": "add_member", "userId": world.cleo.object})).await;
    let found = world.searches(&world.cleo, "lamp").await;
    assert_eq!(found["type"], "auth", "{found}");
    let action = &found["suggestedActions"]["actions"][0];
    assert_eq!(action["type"], "openUrl");
    let connect = world.stack.app.config.public("/connect");
    assert_eq!(action["value"], connect.as_str());
    assert!(!found.to_string().contains("lamp"));

    world.fail("POST", "/atlassian/", "/search/jql", Strike::Before, 503, 1);
    let found = world.searches(&world.ben, "lamp").await;
    assert_eq!(found["type"], "message");
    assert!(found["text"].as_str().unwrap().contains("not answering"), "{found}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_sites_the_one_signed_in_to_last_is_searched_or_the_one_that_is_named() {
    const SECOND: &str = "21223344-a1b2-4b33-8444-def123456789";
    let world = world().await;
    let (cloud, host) = (CloudId::parse(SECOND), SiteHost::parse("second.atlassian.net"));
    world.stack.install(cloud.unwrap(), host.unwrap(), WEBHOOK_SECRET).await.unwrap();
    let jira = &world.stack.jira;
    jira.add_member(SECOND, &world.ben.account, false);
    let project =
        NewProject { key: "TWO".to_owned(), name: "Second".to_owned(), ..NewProject::default() };
    jira.add_project(SECOND, project);
    let issue = NewIssue {
        project: "TWO".to_owned(),
        summary: "A lamp elsewhere".to_owned(),
        reporter: world.ben.account.clone(),
        ..NewIssue::default()
    };
    jira.add_issue(SECOND, issue);
    let store = &world.stack.app.store;
    let account = AccountId::parse(&world.ben.account).unwrap();
    let first = store.find_link_by_account(&CloudId::parse(CLOUD).unwrap(), &account).await;
    let first = first.unwrap().unwrap();
    let link = AccountLink {
        cloud_id: CloudId::parse(SECOND).unwrap(),
        signed_in_at: first.signed_in_at.plus(Duration::from_secs(60)),
        ..first
    };
    store.put_link(&link).await.unwrap();
    for (typed, expected) in [
        ("lamp", "TWO-1: A lamp elsewhere"),
        ("lamp site:second", "TWO-1: A lamp elsewhere"),
        ("site:tests.atlassian.net lamp", "TEST-1: The lamp in the hall flickers"),
    ] {
        let found = world.searches(&world.ben, typed).await;
        assert_eq!(titles(&found), [expected], "{typed}");
        let host = if expected.starts_with("TWO") { "second" } else { "tests" };
        let card = found["attachments"][0]["content"].to_string();
        assert!(card.contains(&format!("https://{host}.atlassian.net/browse/")), "{card}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secured_issue_goes_into_a_chat_as_its_key_alone() {
    let mut world = world().await;
    let members = json!([world.ada.account, world.ben.account]);
    world.in_jira(&world.ada, json!({"action": "set_security", "members": members})).await;
    let found = world.searches(&world.ben, "lamp").await;
    assert_eq!(titles(&found), ["TEST-1: The lamp in the hall flickers"], "for who searches");
    let card = found["attachments"][0]["content"].to_string();
    assert!(card.contains("TEST-1") && !card.contains("flickers"), "{card}");

    let value = json!({"parameters": [{"name": "query", "value": "lamp"}]});
    let place = json!({"kind": "personal"});
    let alone = world.invokes(&world.ben, place, "composeExtension/query", value).await;
    let card = alone["composeExtension"]["attachments"][0]["content"].to_string();
    assert!(card.contains("flickers"), "{card}");

    world.set(json!({"secured_issues": "allowed"})).await;
    let found = world.searches(&world.ben, "lamp").await;
    assert!(found["attachments"][0]["content"].to_string().contains("flickers"));
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_look_up_projects_people_and_issues() {
    let world = world().await;
    world.new_secret();
    let none = Value::Null;
    let projects = world.looks_up(&world.ben, "projects", "test", none.clone()).await;
    assert_eq!(projects, json!([{"value": "10000", "title": "Testing (TEST)"}]));
    assert_eq!(world.looks_up(&world.ben, "projects", "secret", none.clone()).await, json!([]));

    let chosen = json!({"project": "10000"});
    let people = world.looks_up(&world.ben, "people", "ada", chosen.clone()).await;
    assert_eq!(people, json!([{"value": world.ada.account, "title": "Ada Berg"}]));
    assert_eq!(world.looks_up(&world.ben, "people", "ada", none.clone()).await, json!([]));

    let issues = world.looks_up(&world.ben, "issues", "flick", none.clone()).await;
    let lamp = json!([{"value": ISSUE, "title": "TEST-1: The lamp in the hall flickers"}]);
    assert_eq!(issues, lamp);
    assert_eq!(world.looks_up(&world.ben, "issues", "SECRET-1", none.clone()).await, json!([]));
    assert_eq!(world.looks_up(&world.ben, "others", "x", none.clone()).await, json!([]));
    assert_eq!(world.looks_up(&world.cleo, "people", "ada", chosen).await, json!([]));
}
