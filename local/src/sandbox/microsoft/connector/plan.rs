//! From what a person does to the activities Teams sends, and what they change at once.

use serde_json::{Map, Value, json};

use super::{
    act::BotObjection,
    activity::{Stage, escape, merge},
    card,
    conversation::{Conversation, Kind},
    deed::{BotAct, Deed, Install, MessageAction, Press, Reaction, Submit},
    identity::{self, BOT_NAME},
    message_action,
    model::{Channel, Installation},
    post::ADAPTIVE_CARD,
};
use crate::sandbox::microsoft::{
    MicrosoftOptions, User, conversations::Actor, model::Content, state::State,
};

/// What is to be sent, and what the answer to the last of it may change.
pub(super) struct Plan {
    /// In this order.
    pub(super) activities: Vec<Value>,
    /// Where it happens, with the thread.
    pub(super) conversation: Conversation,
    /// Posts that change from here on were caused by it.
    pub(super) mark: u64,
    pub(super) after: After,
}

/// What the bot's answer does in Teams.
pub(super) enum After {
    Nothing,
    /// An Adaptive Card replaces the card of this message.
    ReplaceCard {
        post_id: String,
    },
    /// A form stays open under this name, or closes.
    Form {
        name: String,
    },
}

/// Plans what `act` says.
pub(super) fn plan(
    state: &mut State,
    now: i64,
    options: &MicrosoftOptions,
    act: &BotAct,
) -> Result<Plan, BotObjection> {
    let user = state
        .user(&act.tenant_id, &act.r#as)
        .cloned()
        .ok_or_else(|| BotObjection::not_found("The user was not found."))?;
    let conversation = state.conversation_at(&options.bot_client_id, &user, &act.place)?;
    let mark = state.bot.changes;
    let mut planner = Planner { options, state, user, conversation, now };
    let (mut activities, after) = planner.activities(&act.deed)?;
    if let (Some(raw), Some(last)) = (&act.deed.raw, activities.last_mut()) {
        merge(last, raw);
    }
    Ok(Plan { activities, conversation: planner.conversation, mark, after })
}

struct Planner<'a> {
    options: &'a MicrosoftOptions,
    state: &'a mut State,
    user: User,
    conversation: Conversation,
    now: i64,
}

type Planned = Result<(Vec<Value>, After), BotObjection>;

impl Planner<'_> {
    fn stage(&self) -> Stage<'_> {
        Stage {
            options: self.options,
            state: self.state,
            user: &self.user,
            conversation: &self.conversation,
            now: self.now,
        }
    }

    fn activities(&mut self, deed: &Deed) -> Planned {
        if let Some(text) = &deed.message {
            return self.say(text, deed.mention);
        }
        if let Some(action) = deed.install {
            return Ok((self.install(action), After::Nothing));
        }
        if let Some(event) = &deed.conversation_update {
            return Ok((vec![self.event(event)], After::Nothing));
        }
        if let Some(reaction) = &deed.reaction {
            return self.react(reaction);
        }
        if let Some(press) = &deed.act {
            return self.press(press);
        }
        if let Some(action) = &deed.message_action {
            return self.open_form(action);
        }
        if let Some(submit) = &deed.submit {
            return self.submit(submit);
        }
        if let Some(invoke) = &deed.invoke {
            let extension = invoke.name.starts_with("composeExtension/");
            let source = if extension { "compose" } else { "message" };
            let activity = self.stage().invoke(&invoke.name, &invoke.value, source);
            return Ok((vec![activity], After::Nothing));
        }
        if deed.raw.is_some() {
            let id = self.state.next_stamp(self.now).to_string();
            return Ok((vec![self.stage().message(&id, "", false)], After::Nothing));
        }
        Err(BotObjection::bad_request("There is nothing to do."))
    }

    /// Only where the bot is can it be talked to.
    fn check_installed(&self) -> Result<(), BotObjection> {
        match self.state.installation(&self.conversation) {
            Some(Installation::Installed) => Ok(()),
            _ => Err(BotObjection::conflict("The app is not installed here.")),
        }
    }

    fn say(&mut self, text: &str, mention: Option<bool>) -> Planned {
        self.check_installed()?;
        let personal = matches!(self.conversation.kind, Kind::Personal { .. });
        let mention = mention.unwrap_or(!personal);
        let id = if self.conversation.kind == Kind::GroupChat {
            self.say_in_chat(text, mention)?
        } else {
            self.state.next_stamp(self.now).to_string()
        };
        if matches!(self.conversation.kind, Kind::Channel { .. }) {
            self.conversation.thread.get_or_insert_with(|| id.clone());
        }
        if !personal && !mention {
            // Without a mention the bot does not hear it.
            return Ok((Vec::new(), After::Nothing));
        }
        Ok((vec![self.stage().message(&id, text, mention)], After::Nothing))
    }

    /// In a group chat it is a message of the chat for Graph, too.
    fn say_in_chat(&mut self, text: &str, mention: bool) -> Result<String, BotObjection> {
        let said = escape(text);
        let mut content = Content {
            content_type: "html".to_owned(),
            content: format!("<p>{said}</p>"),
            importance: "normal".to_owned(),
            ..Content::default()
        };
        if mention {
            content.content = format!("<p><at id=\"0\">{BOT_NAME}</at>&nbsp;{said}</p>");
            content.mentions = vec![json!({
                "id": 0,
                "mentionText": BOT_NAME,
                "mentioned": { "device": null, "conversation": null, "user": null, "application": {
                    "@odata.type": "#microsoft.graph.teamworkApplicationIdentity",
                    "id": self.options.bot_client_id,
                    "displayName": BOT_NAME,
                    "applicationIdentityType": "bot",
                } },
            })];
        }
        let actor = Actor { tenant_id: &self.user.tenant_id, object_id: &self.user.object_id };
        let posted = self.state.post_message(self.now, actor, &self.conversation.id, content);
        posted
            .map(|message| message.id)
            .map_err(|_| BotObjection::not_found("The person is not in such a conversation."))
    }

    /// Adding and removing tells the bot twice, in two kinds of events, as Teams does.
    fn install(&mut self, action: Install) -> Vec<Value> {
        let removed = match action {
            Install::Remove => Some(Installation::Removed),
            Install::Add | Install::AddUpgrade => Some(Installation::Installed),
            Install::RemoveUpgrade => None,
        };
        if let Some(installation) = removed {
            let roster = self.conversation.roster().to_owned();
            self.state.bot.installations.insert(roster, installation);
        }
        let personal = matches!(self.conversation.kind, Kind::Personal { .. });
        let stage = self.stage();
        let bot = [identity::bot(&self.options.bot_client_id)];
        let members = match action {
            Install::Add => Some(stage.members_update("membersAdded", &bot)),
            Install::Remove if !personal => Some(stage.members_update("membersRemoved", &bot)),
            _ => None,
        };
        members.into_iter().chain([stage.installation_update(action.as_str())]).collect()
    }

    fn event(&mut self, event: &Map<String, Value>) -> Value {
        let mut event = event.clone();
        let event_type = event.remove("eventType");
        let mut activity = self.stage().conversation_update();
        for list in ["membersAdded", "membersRemoved"] {
            if let Some(Value::Array(members)) = event.get(list) {
                let members: Vec<Value> = members.iter().map(|it| self.member(it)).collect();
                activity = self.stage().members_update(list, &members);
                event.remove(list);
            }
        }
        if let Some(event_type) = event_type {
            activity["channelData"]["eventType"] = event_type;
        }
        merge(&mut activity, &Value::Object(event));
        let data = &activity["channelData"];
        let name = event_type_of(data);
        let of = if name.to_ascii_lowercase().starts_with("team") { "team" } else { "channel" };
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let changed = Channel { id: text(&data["channel"]["id"]), name: text(&data[of]["name"]) };
        self.state.apply_event(name, &text(&data["team"]["id"]), &changed);
        activity
    }

    /// A member by object id or as `bot`; anything else stays as it is.
    fn member(&self, given: &Value) -> Value {
        let bot_id = &self.options.bot_client_id;
        match given.as_str() {
            Some("bot") => identity::bot(bot_id),
            Some(id) => match self.state.user(&self.user.tenant_id, id) {
                Some(user) => json!({
                    "id": identity::user_account(bot_id, user), "aadObjectId": user.object_id,
                }),
                None => json!({ "id": id }),
            },
            None => given.clone(),
        }
    }

    fn react(&mut self, reaction: &Reaction) -> Planned {
        self.check_installed()?;
        self.enter_thread_of(&reaction.post_id)?;
        let kind = reaction.r#type.as_deref().unwrap_or("like");
        let activity = self.stage().reaction(&reaction.post_id, kind, reaction.removed);
        Ok((vec![activity], After::Nothing))
    }

    /// Goes into the thread of a message of the bot, and returns the message.
    fn enter_thread_of(&mut self, post_id: &str) -> Result<Value, BotObjection> {
        let posts = &self.state.bot.posts;
        let here = |post: &&super::BotPost| post.id == post_id && post.is_in(&self.conversation.id);
        let post = posts.iter().find(here).filter(|post| !post.deleted);
        let post = post.ok_or_else(|| BotObjection::not_found("There is no such message."))?;
        if let Some((_, thread)) = post.conversation.split_once('=') {
            self.conversation.thread = Some(thread.to_owned());
        }
        Ok(post.activity.clone())
    }

    fn press(&mut self, press: &Press) -> Planned {
        let (cards, after) = match (&press.post_id, &press.card) {
            (Some(post_id), _) => {
                let post = self.enter_thread_of(post_id)?;
                (cards_of(&post), After::ReplaceCard { post_id: post_id.clone() })
            }
            (None, Some(card)) => (vec![card.clone()], After::Nothing),
            (None, None) => return Err(BotObjection::bad_request("'postId' is needed.")),
        };
        let wanted = |it: &Value| {
            it["type"] == "Action.Execute"
                && it["verb"] == press.verb.as_str()
                && press.title.as_ref().is_none_or(|title| it["title"] == title.as_str())
        };
        let found = cards.iter().find_map(|card| Some((card, card::find_action(card, &wanted)?)));
        let (shown, action) =
            found.ok_or_else(|| BotObjection::not_found("The card has no such action."))?;
        let mut sent = json!({
            "type": "Action.Execute",
            "verb": press.verb,
            "data": card::data_of(action, shown, &press.data),
        });
        for name in ["id", "title"] {
            if let Some(value) = action.get(name) {
                sent[name] = value.clone();
            }
        }
        let value = json!({ "action": sent, "trigger": "manual" });
        let mut activity = self.stage().invoke("adaptiveCard/action", &value, "message");
        if let After::ReplaceCard { post_id } = &after {
            activity["replyToId"] = json!(post_id);
        }
        Ok((vec![activity], after))
    }

    fn open_form(&mut self, action: &MessageAction) -> Planned {
        let id = match &action.message_id {
            Some(id) => id.clone(),
            None => self.state.next_stamp(self.now).to_string(),
        };
        if matches!(self.conversation.kind, Kind::Channel { .. }) {
            let root = action.reply_to_id.clone().unwrap_or_else(|| id.clone());
            self.conversation.thread.get_or_insert(root);
        }
        let task = message_action::opened(&self.stage(), action, &id)?;
        let value = message_action::value(&task, action.data.clone());
        let activity = self.stage().invoke("composeExtension/fetchTask", &value, "compose");
        let name = self.form_name();
        self.state.bot.open_tasks.insert(name.clone(), task);
        Ok((vec![activity], After::Form { name }))
    }

    fn submit(&mut self, submit: &Submit) -> Planned {
        let name = self.form_name();
        let open = self.state.bot.open_tasks.get(&name).cloned();
        let (task, data) = message_action::submitted(open.as_ref(), submit)?;
        let value = message_action::value(&task, Some(data));
        let activity = self.stage().invoke("composeExtension/submitAction", &value, "compose");
        self.state.bot.open_tasks.insert(name.clone(), task);
        Ok((vec![activity], After::Form { name }))
    }

    /// One form at a time is open before a person in a conversation.
    fn form_name(&self) -> String {
        format!("{}/{}", identity::user_account("", &self.user), self.conversation.id)
    }
}

fn event_type_of(channel_data: &Value) -> &str {
    channel_data["eventType"].as_str().unwrap_or_default()
}

/// The Adaptive Cards of a message.
fn cards_of(activity: &Value) -> Vec<Value> {
    let attachments = activity["attachments"].as_array().into_iter().flatten();
    attachments
        .filter(|it| it["contentType"] == ADAPTIVE_CARD)
        .map(|it| it["content"].clone())
        .collect()
}
