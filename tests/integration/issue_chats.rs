//! The chats of an issue over HTTP: started, listed, replied in, each as the person who asks.

mod listing;
mod once;
mod replies;
mod starting;

use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};
use tandem_domain::{CloudId, SiteHost};
use tandem_local::sandbox::{
    jira::{NewIssue, NewProject, SecurityLevel},
    microsoft::Chat,
};

use crate::support::{
    Browser, CLOUD, Person, TENANT, TestStack, World,
    people::{ISSUE, PROJECT},
};

/// Another issue of the project.
const SECOND_ISSUE: &str = "10002";
/// An issue of a project that only Ada may browse.
const HIDDEN_ISSUE: &str = "20001";
/// An issue with a security level; Ada and Ben may see it.
const SECURED_ISSUE: &str = "10003";
/// No issue.
const NO_ISSUE: &str = "99999";
/// Another tenant, whose people work on the same Jira site.
const OTHER_TENANT: &str = "1f4420a8-5d5e-48f8-a99b-8caac1c3fa91";
/// Another Jira site.
const OTHER_CLOUD: &str = "22334455-b2c3-4c44-9555-ef1234567890";

impl World {
    /// More issues than a world has.
    fn more_issues(&self) {
        let jira = &self.stack.jira;
        let issue = |id: &str, project: &str, security: Option<SecurityLevel>| {
            jira.add_issue(
                CLOUD,
                NewIssue {
                    id: Some(id.to_owned()),
                    project: project.to_owned(),
                    summary: format!("Issue: number {id}"),
                    reporter: self.ada.account.clone(),
                    security,
                    ..NewIssue::default()
                },
            );
        };
        jira.add_project(
            CLOUD,
            NewProject {
                id: Some("20000".to_owned()),
                key: "HIDE".to_owned(),
                name: "Hidden".to_owned(),
                browsers: Some(vec![self.ada.account.clone()]),
                ..NewProject::default()
            },
        );
        let members = [self.ada.account.clone(), self.ben.account.clone()].into();
        let level = SecurityLevel { id: "1".to_owned(), name: "Few".to_owned(), members };
        issue(SECOND_ISSUE, PROJECT, None);
        issue(HIDDEN_ISSUE, "20000", None);
        issue(SECURED_ISSUE, PROJECT, Some(level));
    }

    /// Somebody else on the site whose accounts are linked.
    async fn linked(&self, name: &str) -> Person {
        self.stack.person(name, false, true).await
    }

    /// Somebody on a site and in a tenant, linked.
    async fn person_of(&self, cloud: &str, tenant: &str) -> Person {
        let wanted = json!({"cloudId": cloud, "tenantId": tenant, "displayName": "Dora Elsewhere"});
        let (status, answer) = self.stack.send("POST", "/local/users", &wanted).await;
        assert_eq!(status, 201, "{answer}");
        let text = |name: &str| answer[name].as_str().unwrap().to_owned();
        Person { account: text("accountId"), object: text("objectId") }
    }

    /// Another Jira site, with an issue of the same id as the world's.
    async fn other_site(&self) {
        let (cloud, host) = (CloudId::parse(OTHER_CLOUD), SiteHost::parse("others.atlassian.net"));
        self.stack.install(cloud.unwrap(), host.unwrap(), "secret").await.unwrap();
    }

    /// The hands of somebody who signs in.
    async fn hands_of(&self, who: &Person) -> Hands<'_> {
        Hands::of(&self.stack, &mut who.browser(&self.stack).await).await
    }

    /// The chats there are.
    fn chats(&self) -> Vec<Chat> {
        self.stack.microsoft.chats()
    }

    fn chat_named(&self, id: &str) -> Chat {
        self.chats().into_iter().find(|chat| chat.id == id).unwrap()
    }

    /// How often a vendor was called so.
    fn calls(&self, method: &str, path: &str) -> usize {
        let calls = self.stack.gate.recorded().into_iter();
        calls.filter(|it| it.method == method && it.path.starts_with(path)).count()
    }

    /// The links to elsewhere that an issue shows.
    async fn remote_links(&self, issue: &str) -> Vec<Value> {
        let state = self.stack.get("/sandbox/people/jira/state").await;
        let sites = state["sites"].as_array().unwrap();
        let site = sites.iter().find(|site| site["cloudId"] == CLOUD).unwrap();
        let issues = site["issues"].as_array().unwrap();
        let found = issues.iter().find(|it| it["id"] == issue).unwrap();
        found["remoteLinks"].as_array().unwrap().clone()
    }
}

/// A signed-in person's requests, several at a time if need be.
struct Hands<'a> {
    stack: &'a TestStack,
    cookies: String,
    csrf: String,
}

impl<'a> Hands<'a> {
    async fn of(stack: &'a TestStack, browser: &mut Browser) -> Self {
        let csrf = browser.csrf().await;
        let cookies: Vec<String> =
            browser.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        Self { stack, cookies: cookies.join("; "), csrf }
    }

    /// A request that changes something.
    fn change(&self, path: &str, body: &Value) -> RequestBuilder {
        self.unguarded(path, body).header("x-csrf-token", &self.csrf)
    }

    /// The same without the token that guards it.
    fn unguarded(&self, path: &str, body: &Value) -> RequestBuilder {
        self.stack.request("POST", path).header("cookie", &self.cookies).json(body)
    }

    /// Starts a chat from an issue with these people.
    fn start(&self, issue: &str, members: &[&str]) -> RequestBuilder {
        self.change(&format!("/issues/{issue}/chats"), &json!({"members": members}))
    }

    /// Replies in a chat from an issue.
    fn reply(&self, issue: &str, chat: &str, text: &str) -> RequestBuilder {
        let chat: String = url::form_urlencoded::byte_serialize(chat.as_bytes()).collect();
        let path = format!("/issues/{issue}/chats/{chat}/messages");
        self.change(&path, &json!({"text": text}))
    }

    /// The chats of an issue.
    async fn list(&self, issue: &str) -> (u16, Value) {
        let path = format!("/issues/{issue}/chats");
        answer(self.stack.request("GET", &path).header("cookie", &self.cookies)).await
    }
}

/// Sends it and gives the status and the JSON answered.
async fn answer(request: RequestBuilder) -> (u16, Value) {
    read(request.send().await.unwrap()).await
}

async fn read(response: Response) -> (u16, Value) {
    (response.status().as_u16(), response.json().await.unwrap_or(Value::Null))
}

/// Sends it and gives the status and the code of the error.
async fn refusal(request: RequestBuilder) -> (u16, String) {
    let (status, answer) = answer(request).await;
    (status, answer["code"].as_str().unwrap_or_default().to_owned())
}

/// An error as [`refusal`] gives it.
fn error(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}
