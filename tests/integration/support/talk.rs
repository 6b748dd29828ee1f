//! What people write on either side, and what there is to be read afterwards.

use serde_json::{Value, json};
use tandem_local::sandbox::{
    gate::{Fault, Strike},
    jira::Comment,
    microsoft::Message,
};

use super::{CLOUD, Person, TENANT, World, people::ISSUE};

impl World {
    /// Somebody writes a comment in Jira; its id.
    pub async fn comment(&self, who: &Person, text: &str) -> String {
        self.comment_with(who, json!({"text": text})).await
    }

    /// Somebody writes a comment in Jira with these fields; its id.
    pub async fn comment_with(&self, who: &Person, fields: Value) -> String {
        let mut deed =
            json!({"as": who.account, "cloudId": CLOUD, "issue": ISSUE, "action": "comment"});
        for (name, value) in fields.as_object().unwrap() {
            deed[name] = value.clone();
        }
        self.stack.in_jira(deed).await;
        self.comments().last().unwrap().id.clone()
    }

    /// Somebody does something to the issue in Jira.
    pub async fn in_jira(&self, who: &Person, mut deed: Value) {
        deed["as"] = json!(who.account);
        deed["cloudId"] = json!(CLOUD);
        deed["issue"] = json!(ISSUE);
        self.stack.in_jira(deed).await;
    }

    /// Somebody writes in the chat; the message's id.
    pub async fn write(&self, who: &Person, html: &str) -> String {
        let deed = json!({"action": "send", "html": html});
        let answer = self.in_teams(who, deed).await;
        answer["messageId"].as_str().unwrap().to_owned()
    }

    /// Somebody does something in the chat.
    pub async fn in_teams(&self, who: &Person, mut deed: Value) -> Value {
        deed["as"] = json!(who.object);
        deed["tenantId"] = json!(TENANT);
        if deed["chatId"].is_null() {
            deed["chatId"] = json!(self.chat);
        }
        self.stack.in_teams(deed).await
    }

    /// The comments of the issue, oldest first.
    pub fn comments(&self) -> Vec<Comment> {
        self.stack.jira.comments(CLOUD, ISSUE)
    }

    /// The messages of the chat that people can see, oldest first, without Teams' own.
    pub fn messages(&self) -> Vec<Message> {
        self.messages_in(&self.chat)
    }

    /// The same of another chat.
    pub fn messages_in(&self, chat: &str) -> Vec<Message> {
        let mut messages: Vec<Message> = self
            .stack
            .microsoft
            .messages(chat)
            .into_iter()
            .filter(|message| message.from.is_some() && message.deleted_at.is_none())
            .collect();
        messages.sort_by_key(|message| message.created_at);
        messages
    }

    /// The one message of the chat.
    pub fn message(&self) -> Message {
        let messages = self.messages();
        assert_eq!(messages.len(), 1, "{messages:?}");
        messages.into_iter().next().unwrap()
    }

    /// Sets the settings of the whole site.
    pub async fn set(&mut self, settings: Value) {
        let answer = self.browser.change("PUT", "/settings/instance", &settings).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    }

    /// Makes calls of a vendor fail.
    pub fn fail(
        &self,
        method: &str,
        path: &str,
        end: &str,
        strike: Strike,
        status: u16,
        times: u32,
    ) {
        self.stack.gate.fail(Fault {
            method: method.parse().unwrap(),
            path: path.to_owned(),
            path_end: end.to_owned(),
            strike,
            status: status.try_into().unwrap(),
            retry_after: (status == 429).then_some(7),
            times,
        });
    }
}

/// The HTML of a message.
pub fn html(message: &Message) -> &str {
    &message.content.content
}

/// Who a message is from.
pub fn from(message: &Message) -> &str {
    &message.from.as_ref().unwrap().object_id
}

/// The words of a comment.
pub fn words(comment: &Comment) -> String {
    fn collect(node: &Value, words: &mut String) {
        if let Some(text) = node["text"].as_str() {
            words.push_str(text);
        }
        for child in node["content"].as_array().into_iter().flatten() {
            collect(child, words);
        }
        if matches!(node["type"].as_str(), Some("paragraph" | "codeBlock" | "heading")) {
            words.push('\n');
        }
    }
    let mut text = String::new();
    collect(&comment.body, &mut text);
    text.trim_end().to_owned()
}
