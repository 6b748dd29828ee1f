//! What the bot writes: posted, changed, deleted.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{
    conversation::{Conversation, Kind, bare},
    error::ConnectorError,
    identity::BOT_NAME,
    model::{BotPost, Installation},
};
use crate::sandbox::microsoft::{
    MicrosoftOptions,
    model::{Content, Message},
    notifications::ChangeType,
    state::State,
};

/// The largest activity in bytes.
/// <https://learn.microsoft.com/microsoftteams/limits-specifications-teams>
const MAX_ACTIVITY: usize = 100 * 1024;

/// The content type of Adaptive Cards.
pub(super) const ADAPTIVE_CARD: &str = "application/vnd.microsoft.card.adaptive";

impl State {
    /// Refuses where the bot may not read or write.
    pub(super) fn check_roster(&self, conversation: &Conversation) -> Result<(), ConnectorError> {
        match self.installation(conversation) {
            Some(Installation::Installed) => Ok(()),
            Some(Installation::Removed) => Err(ConnectorError::removed()),
            Some(Installation::Blocked) => Err(ConnectorError::blocked()),
            None => Err(ConnectorError::not_in_roster()),
        }
    }

    /// Posts an activity of the bot and returns its id. In a channel without a thread it begins
    /// one.
    pub(super) fn bot_post(
        &mut self,
        now: i64,
        options: &MicrosoftOptions,
        conversation: &Conversation,
        reply_to: Option<&str>,
        activity: Value,
    ) -> Result<BotPost, ConnectorError> {
        self.check_write(now, conversation, &activity)?;
        let id = self.next_stamp(now).to_string();
        let mut place = conversation.clone();
        if matches!(place.kind, Kind::Channel { .. }) && place.thread.is_none() {
            // An answer belongs to the thread of what it answers.
            let root = reply_to.map(|to| self.thread_of(&place, to));
            place.thread = Some(root.unwrap_or_else(|| id.clone()));
        }
        let post = BotPost {
            id,
            conversation: place.full_id(),
            reply_to: reply_to.map(str::to_owned),
            activity,
            updated: false,
            deleted: false,
            change: self.bot.next_change(),
        };
        if post.activity["type"] == "message" {
            self.show_in_chat(now, options, conversation, &post);
            self.bot.posts.push(post.clone());
        }
        Ok(post)
    }

    /// The first message of the thread that a message of the bot is in; any other message counts
    /// as the first of its own.
    fn thread_of(&self, channel: &Conversation, activity_id: &str) -> String {
        let post = self.bot.posts.iter().find(|post| post.id == activity_id);
        let conversation = post.map(|post| post.conversation.as_str());
        conversation
            .filter(|conversation| bare(conversation) == channel.id)
            .and_then(|conversation| conversation.split_once('=').map(|(_, root)| root.to_owned()))
            .unwrap_or_else(|| activity_id.to_owned())
    }

    /// Replaces an activity of the bot.
    pub(super) fn update_bot_post(
        &mut self,
        now: i64,
        conversation: &Conversation,
        activity_id: &str,
        activity: Value,
    ) -> Result<(), ConnectorError> {
        self.check_write(now, conversation, &activity)?;
        let post = self.own_post(conversation, activity_id)?;
        post.activity = activity;
        post.updated = true;
        self.change_in_chat(now, conversation, activity_id, ChangeType::Updated);
        Ok(())
    }

    /// Deletes an activity of the bot.
    pub(super) fn delete_bot_post(
        &mut self,
        now: i64,
        conversation: &Conversation,
        activity_id: &str,
    ) -> Result<(), ConnectorError> {
        self.check_roster(conversation)?;
        self.own_post(conversation, activity_id)?.deleted = true;
        self.change_in_chat(now, conversation, activity_id, ChangeType::Deleted);
        Ok(())
    }

    /// A post that is not deleted; it counts as changed from here on.
    pub(super) fn own_post(
        &mut self,
        conversation: &Conversation,
        activity_id: &str,
    ) -> Result<&mut BotPost, ConnectorError> {
        let change = self.bot.next_change();
        let post = self
            .bot
            .posts
            .iter_mut()
            .find(|post| post.id == activity_id && post.is_in(&conversation.id) && !post.deleted)
            .ok_or_else(ConnectorError::no_activity)?;
        post.change = change;
        Ok(post)
    }

    fn check_write(
        &mut self,
        now: i64,
        conversation: &Conversation,
        activity: &Value,
    ) -> Result<(), ConnectorError> {
        self.check_roster(conversation)?;
        check_activity(activity)?;
        let thread = conversation.full_id();
        self.bot.count_write(&thread, now).map_err(ConnectorError::throttled)
    }

    /// What the bot says in a group chat is a message of that chat for Graph, too.
    fn show_in_chat(
        &mut self,
        now: i64,
        options: &MicrosoftOptions,
        conversation: &Conversation,
        post: &BotPost,
    ) {
        if conversation.kind != Kind::GroupChat {
            return;
        }
        let stamp = post.id.parse().unwrap_or(now);
        let message = Message {
            id: post.id.clone(),
            chat_id: conversation.id.clone(),
            from: None,
            application: Some(json!({
                "@odata.type": "#microsoft.graph.teamworkApplicationIdentity",
                "id": options.bot_client_id,
                "displayName": BOT_NAME,
                "applicationIdentityType": "bot",
            })),
            content: chat_content(&post.activity),
            created_at: stamp,
            modified_at: stamp,
            edited_at: None,
            deleted_at: None,
            event_detail: None,
        };
        self.messages.entry(conversation.id.clone()).or_default().push(message);
        self.announce(&conversation.id, &post.id, ChangeType::Created);
    }

    /// The same for a change.
    pub(super) fn change_in_chat(
        &mut self,
        now: i64,
        conversation: &Conversation,
        activity_id: &str,
        change: ChangeType,
    ) {
        let stamp = self.next_stamp(now);
        let activity = self.bot.posts.iter().find(|post| post.id == activity_id);
        let content = activity.map(|post| chat_content(&post.activity)).unwrap_or_default();
        let messages = self.messages.get_mut(&conversation.id).into_iter().flatten();
        let Some(message) = messages.into_iter().find(|message| message.id == activity_id) else {
            return;
        };
        message.modified_at = stamp;
        if change == ChangeType::Deleted {
            message.deleted_at = Some(stamp);
        } else {
            message.content = content;
            message.edited_at = Some(stamp);
        }
        self.announce(&conversation.id, activity_id, change);
    }
}

/// What Graph shows of an activity: its text, and each attachment with its place in the body.
fn chat_content(activity: &Value) -> Content {
    let given = activity["attachments"].as_array().map_or(&[][..], Vec::as_slice);
    let attachments: Vec<Value> = given
        .iter()
        .enumerate()
        .map(|(index, attachment)| {
            json!({
                "id": index.to_string(),
                "contentType": attachment["contentType"],
                "content": attachment["content"].to_string(),
                "contentUrl": null, "name": null, "thumbnailUrl": null, "teamsAppId": null,
            })
        })
        .collect();
    let mut content = activity["text"].as_str().unwrap_or_default().to_owned();
    for index in 0..given.len() {
        let _ = write!(content, "<attachment id=\"{index}\"></attachment>");
    }
    Content {
        content_type: "html".to_owned(),
        content,
        attachments,
        importance: "normal".to_owned(),
        ..Content::default()
    }
}

/// Whether Teams would take the activity: loosely.
fn check_activity(activity: &Value) -> Result<(), ConnectorError> {
    if !activity.is_object() {
        return Err(ConnectorError::bad_syntax("The activity has to be an object."));
    }
    if activity.to_string().len() > MAX_ACTIVITY {
        return Err(ConnectorError::too_large());
    }
    let empty = vec![];
    let attachments = match &activity["attachments"] {
        Value::Null => &empty,
        Value::Array(attachments) => attachments,
        _ => return Err(ConnectorError::bad_syntax("'attachments' has to be a list.")),
    };
    for attachment in attachments {
        let Some(content_type) = attachment["contentType"].as_str() else {
            return Err(ConnectorError::bad_syntax("An attachment needs a 'contentType'."));
        };
        let content = &attachment["content"];
        if content_type == ADAPTIVE_CARD && content["type"] != "AdaptiveCard" {
            return Err(ConnectorError::bad_syntax("The attachment is not an Adaptive Card."));
        }
        if content.is_null() && attachment["contentUrl"].is_null() {
            return Err(ConnectorError::bad_syntax("An attachment needs content."));
        }
    }
    let said = activity["text"].as_str().is_some_and(|text| !text.trim().is_empty());
    match activity["type"].as_str() {
        Some("typing") => Ok(()),
        Some("message") if said || !attachments.is_empty() => Ok(()),
        Some("message") => Err(ConnectorError::bad_syntax("The message is empty.")),
        _ => Err(ConnectorError::bad_syntax("Unknown activity type")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn activities_are_taken_as_teams_takes_them() {
        let card = json!({ "type": "AdaptiveCard", "version": "1.5", "body": [] });
        let with = |attachment: Value| json!({ "type": "message", "attachments": [attachment] });
        for (activity, taken) in [
            (json!({ "type": "message", "text": "hello" }), true),
            (json!({ "type": "typing" }), true),
            (with(json!({ "contentType": ADAPTIVE_CARD, "content": card })), true),
            (with(json!({ "contentType": "image/png", "contentUrl": "https://x.example" })), true),
            (json!({ "type": "message", "text": "  " }), false),
            (json!({ "type": "invoke" }), false),
            (json!({ "text": "hello" }), false),
            (json!("hello"), false),
            (json!({ "type": "message", "text": "x", "attachments": {} }), false),
            (with(json!({ "content": card })), false),
            (with(json!({ "contentType": ADAPTIVE_CARD, "content": { "body": [] } })), false),
            (with(json!({ "contentType": "text/html" })), false),
            (json!({ "type": "message", "text": "x".repeat(MAX_ACTIVITY) }), false),
        ] {
            assert_eq!(check_activity(&activity).is_ok(), taken, "{activity:.80}");
        }
    }
}
