//! The list of what is to be done first.

use serde_json::json;
use tandem_domain::{ObjectId, TenantId};

use super::elsewhere;
use crate::support::{Answer, Browser, CLOUD, HOST, TENANT, TestStack, people::ISSUE};

/// The words that stand as marks, with the heading of their step.
fn marks(page: &Answer) -> Vec<(String, String)> {
    let steps = page.body.split("<li>\n<h2>").skip(1);
    steps
        .filter_map(|step| {
            let (title, rest) = step.split_once("</h2>").unwrap();
            let (_, mark) = rest.split_once("<strong class=\"")?;
            let word = mark.split_once("\">").unwrap().1.split('<').next().unwrap();
            Some((title.to_owned(), word.to_owned()))
        })
        .collect()
}

/// The mark of one step.
async fn mark(browser: &mut Browser, step: &str) -> String {
    let page = browser.get("/setup").await;
    assert_eq!(page.status, 200, "{}", page.body);
    let marks = marks(&page);
    let found = marks.iter().find(|(title, _)| title == step);
    found.unwrap_or_else(|| panic!("{step} in {marks:?}")).1.clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_reads_what_is_to_be_done_and_nothing_of_a_site() {
    let stack = TestStack::start().await;
    let page = stack.browser().get("/setup").await;
    assert_eq!(page.status, 200);
    let url = stack.url();
    for shown in [
        format!("<code>{url}/connect/atlassian/callback</code>"),
        format!("<code>{url}/connect/microsoft/callback</code>"),
        format!("<code>{url}/teams/messages</code>"),
        format!("<code>{url}/jira/{{cloud id}}/webhooks</code>"),
        "<code>read:jira-work</code>".to_owned(),
        "<code>ChatMessage.Send</code>".to_owned(),
    ] {
        assert!(page.body.contains(&shown), "{shown} in {}", page.body);
    }
    assert_eq!(marks(&page), [], "nothing is said of a site");
    for secret in [CLOUD, HOST, &stack.deployment.secrets_key, &stack.queue_url] {
        assert!(!page.body.contains(secret), "{secret} in {}", page.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_mark_is_looked_at_when_the_page_is_opened() {
    let stack = TestStack::start().await;
    let ada = stack.person("Ada Berg", true, false).await;
    let ben = stack.person("Ben Okoye", false, true).await;
    stack.project_and_issue(&ada);
    let mut browser = ada.browser(&stack).await;
    let page = browser.get("/setup").await;
    assert!(page.body.contains(&format!("/jira/{CLOUD}/webhooks</code>")), "{}", page.body);
    let words: Vec<String> = marks(&page).into_iter().map(|(_, word)| word).collect();
    let expected = [
        "Done",  // deployed
        "Done",  // the app's secret
        "Done",  // the site
        "To do", // the webhook
        "Done",  // linked
        "Done",  // administers
        "To do", // the bot
        "To do", // a chat
        "Cannot be known here",
    ];
    assert_eq!(words, expected);

    let comment = json!({"as": ada.account, "cloudId": CLOUD, "issue": ISSUE,
        "action": "comment", "text": "A comment"});
    stack.in_jira(comment).await;
    stack.settled().await;
    assert_eq!(mark(&mut browser, "Register the webhook in Jira").await, "Done");

    let install = json!({"as": ada.object, "tenantId": TENANT, "where": {"kind": "personal"},
        "do": {"install": "add"}});
    assert_eq!(stack.microsoft.act_on_bot(install).await.unwrap().status, 200);
    let (tenant, object) = (TenantId::parse(TENANT), ObjectId::parse(&ada.object));
    let store = &stack.app.store;
    let known = store.find_personal_conversation(&tenant.unwrap(), &object.unwrap()).await;
    assert!(known.unwrap().is_some());
    assert_eq!(mark(&mut browser, "Install the Teams app").await, "Done");

    let chat = json!({"members": [ben.account], "topic": "issue"});
    let started = browser.change("POST", &format!("/issues/{ISSUE}/chats"), &chat).await;
    assert_eq!(started.status, 201, "{}", started.body);
    assert_eq!(mark(&mut browser, "Start a chat from an issue").await, "Done");

    let mut ben = ben.browser(&stack).await;
    assert_eq!(mark(&mut ben, "Administer the site").await, "To do", "Ben does not");
    let (_, mut other) = elsewhere(&stack).await;
    assert_eq!(mark(&mut other, "Register the webhook in Jira").await, "To do", "another site");
    let page = other.get("/setup").await;
    assert!(!page.body.contains(CLOUD), "{}", page.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn when_jira_is_silent_the_page_says_so_and_stands() {
    let stack = TestStack::start().await;
    let ada = stack.person("Ada Berg", true, false).await;
    let mut browser = ada.browser(&stack).await;
    stack.gate.fail(tandem_local::sandbox::gate::Fault {
        method: "GET".parse().unwrap(),
        path: "/atlassian/api/ex/jira/".to_owned(),
        path_end: "/mypermissions".to_owned(),
        strike: tandem_local::sandbox::gate::Strike::Before,
        status: 503_u16.try_into().unwrap(),
        retry_after: None,
        times: 100,
    });
    let mark = mark(&mut browser, "Administer the site").await;
    assert_eq!(mark, "Jira could not be asked just now");
}
