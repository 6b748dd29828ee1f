//! Activities as Teams writes them.
//! <https://github.com/microsoft/botframework-sdk/blob/main/specs/botframework-activity/botframework-activity.md>

use serde_json::{Map, Value, json};

use super::{
    conversation::{Conversation, Kind},
    identity::{self, BOT_NAME},
};
use crate::sandbox::microsoft::{MicrosoftOptions, User, datetime, random, state::State};

/// Who does something, where and when.
pub(super) struct Stage<'a> {
    pub(super) options: &'a MicrosoftOptions,
    pub(super) state: &'a State,
    pub(super) user: &'a User,
    pub(super) conversation: &'a Conversation,
    pub(super) now: i64,
}

impl Stage<'_> {
    /// What all activities have in common.
    fn envelope(&self, activity_type: &str, id: &str) -> Value {
        let at = datetime::rfc3339(self.now);
        let bot_id = &self.options.bot_client_id;
        json!({
            "type": activity_type,
            "id": id,
            "timestamp": at,
            "localTimestamp": at.replace('Z', "+00:00"),
            "localTimezone": "Etc/UTC",
            "channelId": "msteams",
            "serviceUrl": self.options.service_url(),
            "from": identity::user(bot_id, self.user),
            "recipient": identity::bot(bot_id),
            "conversation": self.conversation_account(),
            "channelData": self.channel_data(),
            "locale": "en-US",
            "entities": [client_info()],
        })
    }

    fn conversation_account(&self) -> Value {
        let mut account = json!({
            "id": self.conversation.full_id(),
            "conversationType": self.conversation.type_name(),
            "tenantId": self.conversation.tenant_id,
        });
        if !matches!(self.conversation.kind, Kind::Personal { .. }) {
            account["isGroup"] = json!(true);
        }
        account
    }

    fn channel_data(&self) -> Value {
        let mut data = json!({ "tenant": { "id": self.conversation.tenant_id } });
        if let Kind::Channel { team_id } = &self.conversation.kind {
            data["channel"] = json!({ "id": self.conversation.id });
            data["team"] = json!({ "id": team_id });
        }
        data
    }

    /// The team with its name, as events carry it.
    fn team(&self) -> Option<Value> {
        let Kind::Channel { team_id } = &self.conversation.kind else { return None };
        let team = self.state.team(team_id)?;
        Some(json!({ "id": team.id, "name": team.name, "aadGroupId": team.aad_group_id }))
    }

    /// A message; in a group the bot hears only what mentions it.
    pub(super) fn message(&self, id: &str, text: &str, mention: bool) -> Value {
        let mut activity = self.envelope("message", id);
        activity["textFormat"] = json!("plain");
        if let Kind::Channel { team_id } = &self.conversation.kind {
            activity["channelData"]["teamsChannelId"] = json!(self.conversation.id);
            activity["channelData"]["teamsTeamId"] = json!(team_id);
        }
        let said = escape(text);
        let html = if mention {
            let mentioned = format!("<at>{BOT_NAME}</at>");
            activity["text"] = json!(format!("{mentioned} {text}"));
            activity["entities"] = json!([
                {
                    "mentioned": identity::bot(&self.options.bot_client_id),
                    "text": mentioned,
                    "type": "mention",
                },
                client_info(),
            ]);
            let span = "<span itemtype=\"http://schema.skype.com/Mention\" itemscope=\"\" \
                        itemid=\"0\">";
            format!("<p>{span}{BOT_NAME}</span>&nbsp;{said}</p>")
        } else {
            activity["text"] = json!(text);
            format!("<p>{said}</p>")
        };
        activity["attachments"] = json!([{ "contentType": "text/html", "content": html }]);
        activity
    }

    /// An invoke, from the compose box (`compose`) or from a message (`message`).
    pub(super) fn invoke(&self, name: &str, value: &Value, source: &str) -> Value {
        let mut activity = self.envelope("invoke", &invoke_id());
        activity["name"] = json!(name);
        activity["value"] = value.clone();
        activity["channelData"]["source"] = json!({ "name": source });
        activity
    }

    /// `installationUpdate`. In a team's own channel `isGroup` is a string, as recorded.
    pub(super) fn installation_update(&self, action: &str) -> Value {
        let mut activity = self.envelope("installationUpdate", &invoke_id());
        activity["action"] = json!(action);
        activity["channelData"]["source"] = json!({ "name": "message" });
        without_name(&mut activity);
        if let Some(team) = self.team() {
            let channel = json!({ "id": self.conversation.id });
            activity["channelData"]["settings"] = json!({ "selectedChannel": channel });
            activity["channelData"]["team"] = team;
            if self.conversation.id == self.conversation.roster() {
                activity["conversation"]["isGroup"] = json!("True");
            }
        }
        activity
    }

    /// `conversationUpdate` about members, with `list` being `membersAdded` or `membersRemoved`.
    pub(super) fn members_update(&self, list: &str, members: &[Value]) -> Value {
        let mut activity = self.conversation_update();
        activity[list] = json!(members);
        if matches!(self.conversation.kind, Kind::Channel { .. }) {
            let added = list == "membersAdded";
            let event = if added { "teamMemberAdded" } else { "teamMemberRemoved" };
            activity["channelData"]["eventType"] = json!(event);
        }
        activity
    }

    /// `conversationUpdate` without anything that has changed.
    pub(super) fn conversation_update(&self) -> Value {
        let mut activity = self.envelope("conversationUpdate", &invoke_id());
        without_name(&mut activity);
        if let Some(team) = self.team() {
            activity["channelData"]["team"] = team;
        }
        activity
    }

    /// `messageReaction` to a message of the bot.
    pub(super) fn reaction(&self, post_id: &str, reaction: &str, removed: bool) -> Value {
        let mut activity = self.envelope("messageReaction", &invoke_id());
        let list = if removed { "reactionsRemoved" } else { "reactionsAdded" };
        activity[list] = json!([{ "type": reaction }]);
        activity["replyToId"] = json!(post_id);
        activity
    }
}

/// `f:<guid>`: the id of what is no message.
fn invoke_id() -> String {
    format!("f:{}", random::guid())
}

fn client_info() -> Value {
    json!({
        "locale": "en-US", "country": "US", "platform": "Web", "timezone": "Etc/UTC",
        "type": "clientInfo",
    })
}

/// Events name people by their ids only.
fn without_name(activity: &mut Value) {
    if let Some(from) = activity["from"].as_object_mut() {
        from.remove("name");
    }
}

/// Text as HTML.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\n', "<br>")
}

/// Puts `patch` onto `target` (RFC 7396): objects are merged, `null` removes.
pub(super) fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(target) = target else { return };
    for (name, value) in patch {
        if value.is_null() {
            target.remove(name);
        } else {
            merge(target.entry(name.clone()).or_insert(Value::Null), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_adds_replaces_and_removes() {
        let mut target = json!({ "a": { "b": 1, "c": 2 }, "d": [1], "e": "x" });
        merge(&mut target, &json!({ "a": { "c": null, "n": { "m": 1 } }, "d": [2], "e": null }));
        assert_eq!(target, json!({ "a": { "b": 1, "n": { "m": 1 } }, "d": [2] }));
    }
}
