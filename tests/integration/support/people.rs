//! A project with an issue, and people around it.

use serde_json::json;
use tandem_local::sandbox::jira::{NewIssue, NewProject};

use super::{Browser, CLOUD, TENANT, TestStack};

/// Somebody with an account on both sides.
#[derive(Clone, Debug)]
pub struct Person {
    pub account: String,
    pub object: String,
}

impl Person {
    /// A browser in which the person has signed in.
    pub async fn browser(&self, stack: &TestStack) -> Browser {
        let mut browser = stack.browser();
        let answer = browser.sign_in(&self.account, &self.object).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        browser
    }
}

/// The project's id in every world.
pub const PROJECT: &str = "10000";
/// The issue's id in every world.
pub const ISSUE: &str = "10001";

/// A stack with a project, an issue, an admin who signed nothing yet, a linked colleague, and a
/// chat that the admin started with the colleague.
pub struct World {
    pub stack: TestStack,
    /// Administers the site; started the chat.
    pub ada: Person,
    /// A linked member of the chat.
    pub ben: Person,
    /// On the Jira site and in the tenant, but not linked.
    pub cleo: Person,
    /// Ada's browser.
    pub browser: Browser,
    /// The chat.
    pub chat: String,
}

impl TestStack {
    /// Somebody new on the site and in the tenant.
    pub async fn person(&self, name: &str, admin: bool, linked: bool) -> Person {
        let wanted = json!({
            "cloudId": CLOUD, "tenantId": TENANT, "displayName": name,
            "admin": admin, "linked": linked,
        });
        let (status, answer) = self.send("POST", "/local/users", &wanted).await;
        assert_eq!(status, 201, "{answer}");
        let text = |name: &str| answer[name].as_str().unwrap().to_owned();
        Person { account: text("accountId"), object: text("objectId") }
    }

    /// The project and the issue of every world.
    pub fn project_and_issue(&self, reporter: &Person) {
        self.jira.add_project(
            CLOUD,
            NewProject {
                id: Some(PROJECT.to_owned()),
                key: "TEST".to_owned(),
                name: "Testing".to_owned(),
                ..NewProject::default()
            },
        );
        self.jira.add_issue(
            CLOUD,
            NewIssue {
                id: Some(ISSUE.to_owned()),
                project: PROJECT.to_owned(),
                summary: "The lamp in the hall flickers".to_owned(),
                reporter: reporter.account.clone(),
                ..NewIssue::default()
            },
        );
    }
}

/// A world in which a chat was started from the issue.
pub async fn world() -> World {
    world_on(TestStack::start().await).await
}

/// The same on a stack that serves the site and knows nobody yet.
pub async fn world_on(stack: TestStack) -> World {
    let ada = stack.person("Ada Berg", true, false).await;
    let ben = stack.person("Ben Okoye", false, true).await;
    let cleo = stack.person("Cleo Marsh", false, false).await;
    stack.project_and_issue(&ada);
    let mut browser = ada.browser(&stack).await;
    let body = json!({"members": [ben.account], "topic": "issue"});
    let answer = browser.change("POST", &format!("/issues/{ISSUE}/chats"), &body).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let answer = answer.json();
    assert_eq!(
        (&answer["shownInIssue"], &answer["listening"]),
        (&json!(true), &json!(true)),
        "{answer}"
    );
    let chat = answer["chatId"].as_str().unwrap().to_owned();
    stack.settled().await;
    World { stack, ada, ben, cleo, browser, chat }
}
