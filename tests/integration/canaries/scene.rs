//! The people, the issue, the chat and the team, and what people say there: each word a marker.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use serde_json::{Value, json};
use tandem_local::sandbox::{
    gate::{Fault, Rewrite, Strike},
    jira::{ChoiceField, Comment, NewIssue, NewProject, NewUser},
    microsoft::{Message, Team},
};
use url::form_urlencoded;

use super::{
    markers::Markers,
    text_of,
    vendors::{self, Tokens},
};
use crate::support::{
    Answer, Browser, CLOUD, Person, TENANT, TestStack, WEBHOOK_SECRET,
    people::{ISSUE, PROJECT},
};

/// An issue of which only chats are started.
pub const OTHER_ISSUE: &str = "10002";

/// A project of which bugs demand a choice.
pub const DEMANDING: &str = "10500";

/// The stack with people whose every word is a marker.
pub struct Scene {
    pub stack: TestStack,
    pub markers: Markers,
    pub ada: Person,
    pub ben: Person,
    pub cleo: Person,
    pub browser: Browser,
    pub chat: String,
    pub team: Team,
    pub cookies: Vec<String>,
    tokens: Tokens,
}

/// Somebody new, with names and an address that are markers.
pub async fn person(stack: &TestStack, markers: &Markers, admin: bool, linked: bool) -> Person {
    let person = stack.person(&markers.at("a display name in Teams"), admin, linked).await;
    stack.jira.add_user(NewUser {
        account_id: Some(person.account.clone()),
        display_name: markers.at("a display name in Jira"),
        email: format!("{}@example.com", markers.at("an address")),
        ..NewUser::default()
    });
    person
}

impl Scene {
    /// Whether the vendors' answers are full of markers, as they are from the beginning.
    pub fn salted(&self, salted: bool) {
        let plain: Rewrite = Arc::new(|_: &str, body| body);
        let rewrite = if salted { vendors::rewrite(&self.markers, &self.tokens) } else { plain };
        self.stack.gate.rewrite(rewrite);
    }

    /// A project, two issues, an admin who signs in and starts a chat with a linked colleague, and
    /// somebody unlinked, who is in the chat as well.
    pub async fn set(markers: &Markers) -> Self {
        let stack = TestStack::start().await;
        let tokens: Tokens = Arc::new(Mutex::new(Vec::new()));
        stack.gate.rewrite(vendors::rewrite(markers, &tokens));
        let ada = person(&stack, markers, true, false).await;
        let ben = person(&stack, markers, false, true).await;
        let cleo = person(&stack, markers, false, false).await;
        seed(&stack, markers, &ada);
        let browser = stack.browser();
        let team = stack.microsoft.add_team(TENANT, &markers.at("the name of a team"));
        let markers = markers.clone();
        let mut scene = Self {
            stack,
            markers,
            ada,
            ben,
            cleo,
            browser,
            chat: String::new(),
            team,
            cookies: Vec::new(),
            tokens,
        };
        scene.sign_in().await;
        let started = scene.start_chat(ISSUE).await;
        assert_eq!(started.status, 201, "{}", started.body);
        scene.chat = text_of(&started.json()["chatId"]);
        let added = json!({"action": "add_member", "userId": scene.cleo.object});
        scene.in_teams(&scene.ada, added).await;
        scene.stack.settled().await;
        scene
    }

    /// Ada signs in, if she is not.
    pub async fn sign_in(&mut self) {
        if self.browser.get("/session").await.status != 200 {
            let answer = self.browser.sign_in(&self.ada.account, &self.ada.object).await;
            assert_eq!(answer.status, 200, "{}", answer.body);
            self.cookies.extend(self.browser.cookies.values().cloned());
        }
    }

    /// Ada starts a chat of an issue with Ben.
    pub async fn start_chat(&mut self, issue: &str) -> Answer {
        self.sign_in().await;
        let csrf = self.browser.csrf().await;
        let key = self.markers.at("an Idempotency-Key");
        let body = json!({"members": [self.ben.account, self.cleo.account], "topic": "issue"});
        self.browser
            .send("POST", &format!("/issues/{issue}/chats"), |request| {
                request.header("x-csrf-token", csrf).header("idempotency-key", key).json(&body)
            })
            .await
    }

    /// Somebody does something to the issue in Jira.
    pub async fn in_jira(&self, who: &Person, mut deed: Value) -> Value {
        deed["as"] = json!(who.account);
        deed["cloudId"] = json!(CLOUD);
        deed["issue"] = json!(ISSUE);
        self.stack.in_jira(deed).await
    }

    /// Somebody does something in the chat.
    pub async fn in_teams(&self, who: &Person, mut deed: Value) -> Value {
        deed["as"] = json!(who.object);
        deed["tenantId"] = json!(TENANT);
        deed["chatId"] = json!(self.chat);
        self.stack.in_teams(deed).await
    }

    /// Somebody writes a comment; its id.
    pub async fn comment(&self, who: &Person) -> String {
        let adf = self.document();
        text_of(&self.in_jira(who, json!({"action": "comment", "adf": adf})).await["id"])
    }

    /// Somebody writes in the chat; the message's id.
    pub async fn write(&self, who: &Person) -> String {
        let deed = json!({"action": "send", "html": self.html()});
        text_of(&self.in_teams(who, deed).await["messageId"])
    }

    /// Makes the next calls of a vendor fail, with markers in the reason.
    pub fn fail(&self, method: &str, path: &str, end: &str, status: u16, times: u32) {
        let fault = Fault {
            method: method.parse().unwrap(),
            path: path.to_owned(),
            path_end: end.to_owned(),
            strike: Strike::Before,
            status: status.try_into().unwrap(),
            retry_after: (status == 429).then_some(if times > 100 { 3600 } else { 3 }),
            times,
        };
        let marker =
            || self.markers.at(format!("the reason of a {status} of {method} {path}*{end}"));
        let body = json!({
            "errorMessages": [marker()], "errors": {marker(): marker()}, "message": marker(),
            "error": {"code": marker(), "message": marker(), "innerError": {"note": marker()}},
            "value": [{"id": marker(), "topic": marker()}], "displayName": marker(),
        });
        self.stack.gate.fail_with(fault, body.to_string());
    }

    /// An Atlassian document with a marker in each place that takes a text.
    pub fn document(&self) -> Value {
        let comment = || self.markers.at("the text of a comment");
        let attribute = || self.markers.at("an attribute of a comment");
        let href = format!("https://a.example/{}?{}#{}", attribute(), attribute(), attribute());
        json!({"type": "doc", "version": 1, "content": [
            {"type": "paragraph", "content": [
                {"type": "text", "text": comment(), "marks": [{"type": "strong"}]},
                {"type": "text", "text": comment(), "marks": [
                    {"type": "link", "attrs": {"href": href, "title": attribute()}}]},
                {"type": "mention", "attrs": {"id": self.cleo.account, "text": attribute()}},
                {"type": "emoji", "attrs": {"shortName": attribute(), "text": attribute()}},
                {"type": "inlineCard", "attrs": {"url": href}},
                {"type": "status", "attrs": {"text": attribute(), "color": "neutral"}}]},
            {"type": "codeBlock", "attrs": {"language": attribute()},
                "content": [{"type": "text", "text": comment()}]},
            {"type": "expand", "attrs": {"title": attribute()}, "content": [
                {"type": "paragraph", "content": [{"type": "text", "text": comment()}]}]},
        ]})
    }

    /// HTML with a marker in each place that takes a text.
    pub fn html(&self) -> String {
        let message = || self.markers.at("the text of a message");
        let attribute = || self.markers.at("an attribute of a message");
        format!(
            "<p title=\"{}\">{} <a href=\"https://b.example/{}\" title=\"{}\">{}</a></p>\
             <!-- {} --><ul><li>{}</li></ul><img src=\"https://c.example/{}\" alt=\"{}\">\
             <codeblock class=\"{}\"><code>{}</code></codeblock>",
            attribute(),
            message(),
            attribute(),
            attribute(),
            message(),
            attribute(),
            message(),
            attribute(),
            attribute(),
            attribute(),
            message(),
        )
    }

    /// The comments of the issue.
    pub fn comments(&self) -> Vec<Comment> {
        self.stack.jira.comments(CLOUD, ISSUE)
    }

    /// The messages of the chat.
    pub fn messages(&self) -> Vec<Message> {
        self.stack.microsoft.messages(&self.chat)
    }

    /// A token with which Teams comes to the bot.
    pub fn token_of_teams(&self) -> String {
        let teams = &self.stack.microsoft;
        let token = teams.sign_bot_token(&teams.bot_claims());
        self.tokens.lock().unwrap().push(token.clone());
        token
    }

    /// All that Jira was sent.
    pub fn sent_to_jira(&self) -> String {
        let recorded = self.stack.gate.recorded().into_iter();
        let to_jira = recorded.filter(|request| request.path.starts_with("/atlassian/api/ex/"));
        to_jira.map(|request| String::from_utf8_lossy(&request.body).into_owned()).collect()
    }

    /// Every token, code and secret that went to and fro.
    pub fn secrets(&self) -> Vec<String> {
        let mut secrets: Vec<String> = self.tokens.lock().unwrap().clone();
        secrets.extend(self.cookies.iter().cloned());
        for request in self.stack.gate.recorded() {
            secrets.push(request.bearer.clone());
            let json = request.json().unwrap_or_default();
            for name in ["code", "refresh_token", "client_secret"] {
                secrets.push(text_of(&json[name]));
            }
            let encoded = [request.query.as_bytes(), &request.body];
            for (name, value) in encoded.into_iter().flat_map(form_urlencoded::parse) {
                let secret = [
                    "assertion",
                    "client_secret",
                    "code",
                    "code_verifier",
                    "nonce",
                    "refresh_token",
                    "state",
                ];
                if secret.contains(&&*name) {
                    secrets.push(value.into_owned());
                }
            }
        }
        secrets.push(WEBHOOK_SECRET.to_owned());
        secrets.retain(|secret| secret.len() >= 16);
        secrets.sort_unstable();
        secrets.dedup();
        secrets
    }
}

fn seed(stack: &TestStack, markers: &Markers, reporter: &Person) {
    let everybody = vec![reporter.account.clone()];
    stack.jira.add_group(CLOUD, &markers.at("the name of a group"), &[&reporter.account]);
    stack.jira.add_project(
        CLOUD,
        NewProject {
            id: Some(PROJECT.to_owned()),
            key: "TEST".to_owned(),
            name: markers.at("the name of a project"),
            roles: BTreeMap::from([(markers.at("the name of a role"), everybody)]),
            ..NewProject::default()
        },
    );
    stack.jira.add_project(
        CLOUD,
        NewProject {
            id: Some(DEMANDING.to_owned()),
            key: "ASK".to_owned(),
            name: markers.at("the name of a project"),
            choice_fields: vec![ChoiceField {
                id: "customfield_10050".to_owned(),
                name: markers.at("the name of a field"),
                issue_type: "10003".to_owned(),
                required: true,
                options: vec![("10071".to_owned(), markers.at("the name of a choice"))],
            }],
            ..NewProject::default()
        },
    );
    for issue in [ISSUE, OTHER_ISSUE] {
        stack.jira.add_issue(
            CLOUD,
            NewIssue {
                id: Some(issue.to_owned()),
                project: PROJECT.to_owned(),
                summary: markers.at("the summary of an issue"),
                description: Some(markers.at("the description of an issue")),
                reporter: reporter.account.clone(),
                labels: vec![markers.at("a label of an issue")],
                ..NewIssue::default()
            },
        );
    }
}
