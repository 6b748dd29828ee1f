//! What can happen to chats and messages, whoever asks for it: an app through Graph or a person
//! in Teams. Each change tells the subscriptions.

use serde_json::{Value, json};

use super::{
    html,
    model::{Chat, ChatType, Content, Member, Message, Sender},
    notifications::ChangeType,
    random,
    state::State,
};

/// Why a change was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// There is no such chat, or it belongs to another tenant.
    NoSuchChat,
    /// There is no such message in the chat, or it is deleted.
    NoSuchMessage,
    /// There is no such user in the tenant.
    NoSuchUser,
    /// The person is not in the chat.
    NotAMember,
    /// The message is somebody else's, or the system's.
    NotTheAuthor,
    /// A one-on-one chat keeps its two members.
    OneOnOneIsFixed,
}

/// Who acts: a user of a tenant.
#[derive(Clone, Copy)]
pub(super) struct Actor<'a> {
    pub(super) tenant_id: &'a str,
    pub(super) object_id: &'a str,
}

impl State {
    /// The chat, when the actor is in it.
    pub(super) fn chat_of(&self, actor: Actor<'_>, chat_id: &str) -> Result<&Chat, Refusal> {
        let chat = self
            .chats
            .get(chat_id)
            .filter(|chat| chat.tenant_id == actor.tenant_id)
            .ok_or(Refusal::NoSuchChat)?;
        if chat.has(actor.object_id) { Ok(chat) } else { Err(Refusal::NotAMember) }
    }

    /// The messages of the chat that the actor may see, oldest first.
    pub(super) fn messages_of(
        &self,
        actor: Actor<'_>,
        chat_id: &str,
    ) -> Result<Vec<&Message>, Refusal> {
        let chat = self.chat_of(actor, chat_id)?;
        let member = chat.members.iter().find(|member| member.object_id == actor.object_id);
        let since = member.and_then(|member| member.history_from).unwrap_or(i64::MIN);
        let messages = self.messages.get(chat_id).into_iter().flatten();
        Ok(messages.filter(|message| message.created_at >= since).collect())
    }

    /// Makes a chat, or finds the one-on-one chat the two have already. The members are users of
    /// the tenant and, for a one-on-one chat, two.
    pub(super) fn create_chat(
        &mut self,
        now: i64,
        tenant_id: &str,
        chat_type: ChatType,
        topic: Option<String>,
        members: Vec<Member>,
    ) -> Chat {
        let id = chat_id(chat_type, &members);
        if let Some(existing) = self.chats.get(&id) {
            return existing.clone();
        }
        let chat = Chat {
            id: id.clone(),
            tenant_id: tenant_id.to_owned(),
            chat_type,
            topic,
            created_at: now,
            updated_at: now,
            members,
        };
        self.messages.insert(id.clone(), Vec::new());
        self.chats.insert(id, chat.clone());
        chat
    }

    /// Adds a user of the tenant to a group chat; adding a member again changes nothing.
    pub(super) fn add_member(
        &mut self,
        now: i64,
        actor: Actor<'_>,
        chat_id: &str,
        member: Member,
    ) -> Result<(), Refusal> {
        self.changeable_members(actor, chat_id)?;
        if self.user(actor.tenant_id, &member.object_id).is_none() {
            return Err(Refusal::NoSuchUser);
        }
        let event = membership_event("membersAdded", &member.object_id, actor.object_id);
        let chat = self.chats.get_mut(chat_id).ok_or(Refusal::NoSuchChat)?;
        if chat.has(&member.object_id) {
            return Ok(());
        }
        chat.members.push(member);
        chat.updated_at = now;
        self.post_event(now, chat_id, event);
        Ok(())
    }

    /// Takes a member out of a group chat.
    pub(super) fn remove_member(
        &mut self,
        now: i64,
        actor: Actor<'_>,
        chat_id: &str,
        object_id: &str,
    ) -> Result<(), Refusal> {
        self.changeable_members(actor, chat_id)?;
        let chat = self.chats.get_mut(chat_id).ok_or(Refusal::NoSuchChat)?;
        let before = chat.members.len();
        chat.members.retain(|member| member.object_id != object_id);
        if chat.members.len() == before {
            return Err(Refusal::NoSuchUser);
        }
        chat.updated_at = now;
        let event = membership_event("membersDeleted", object_id, actor.object_id);
        self.post_event(now, chat_id, event);
        Ok(())
    }

    fn changeable_members(&self, actor: Actor<'_>, chat_id: &str) -> Result<(), Refusal> {
        match self.chat_of(actor, chat_id)?.chat_type {
            ChatType::Group => Ok(()),
            ChatType::OneOnOne => Err(Refusal::OneOnOneIsFixed),
        }
    }

    /// Posts a message as the actor.
    pub(super) fn post_message(
        &mut self,
        now: i64,
        actor: Actor<'_>,
        chat_id: &str,
        content: Content,
    ) -> Result<Message, Refusal> {
        self.chat_of(actor, chat_id)?;
        let user = self.user(actor.tenant_id, actor.object_id).ok_or(Refusal::NoSuchUser)?;
        let from = Sender {
            object_id: user.object_id.clone(),
            tenant_id: user.tenant_id.clone(),
            display_name: user.display_name.clone(),
        };
        Ok(self.append(now, chat_id, Some(from), sanitised(content), None))
    }

    fn post_event(&mut self, now: i64, chat_id: &str, event: Value) {
        let content = Content {
            content_type: "html".to_owned(),
            content: "<systemEventMessage/>".to_owned(),
            importance: "normal".to_owned(),
            ..Content::default()
        };
        self.append(now, chat_id, None, content, Some(event));
    }

    fn append(
        &mut self,
        now: i64,
        chat_id: &str,
        from: Option<Sender>,
        content: Content,
        event_detail: Option<Value>,
    ) -> Message {
        let stamp = self.next_stamp(now);
        let message = Message {
            id: stamp.to_string(),
            chat_id: chat_id.to_owned(),
            from,
            application: None,
            content,
            created_at: stamp,
            modified_at: stamp,
            edited_at: None,
            deleted_at: None,
            event_detail,
        };
        self.messages.entry(chat_id.to_owned()).or_default().push(message.clone());
        self.announce(chat_id, &message.id, ChangeType::Created);
        message
    }

    /// Changes what a message of the actor says.
    pub(super) fn edit_message(
        &mut self,
        now: i64,
        actor: Actor<'_>,
        chat_id: &str,
        message_id: &str,
        change: impl FnOnce(&mut Content),
    ) -> Result<(), Refusal> {
        let stamp = self.next_stamp(now);
        let message = self.own_message(actor, chat_id, message_id)?;
        if message.deleted_at.is_some() {
            return Err(Refusal::NoSuchMessage);
        }
        let mut content = message.content.clone();
        change(&mut content);
        message.content = sanitised(content);
        message.edited_at = Some(stamp);
        message.modified_at = stamp;
        self.announce(chat_id, message_id, ChangeType::Updated);
        Ok(())
    }

    /// Deletes a message of the actor, or (`deleted` false) takes the deletion back. What is
    /// already so stays so, silently.
    pub(super) fn set_deleted(
        &mut self,
        now: i64,
        actor: Actor<'_>,
        chat_id: &str,
        message_id: &str,
        deleted: bool,
    ) -> Result<(), Refusal> {
        let stamp = self.next_stamp(now);
        let message = self.own_message(actor, chat_id, message_id)?;
        if message.deleted_at.is_some() == deleted {
            return Ok(());
        }
        message.deleted_at = deleted.then_some(stamp);
        message.modified_at = stamp;
        let change = if deleted { ChangeType::Deleted } else { ChangeType::Updated };
        self.announce(chat_id, message_id, change);
        Ok(())
    }

    fn own_message(
        &mut self,
        actor: Actor<'_>,
        chat_id: &str,
        message_id: &str,
    ) -> Result<&mut Message, Refusal> {
        self.chat_of(actor, chat_id)?;
        let messages = self.messages.get_mut(chat_id).ok_or(Refusal::NoSuchChat)?;
        let message = messages
            .iter_mut()
            .find(|message| message.id == message_id)
            .ok_or(Refusal::NoSuchMessage)?;
        let author = message.from.as_ref().map(|from| from.object_id.as_str());
        if author == Some(actor.object_id) { Ok(message) } else { Err(Refusal::NotTheAuthor) }
    }
}

/// The id of a new group chat, or the one id of the two people of a one-on-one chat.
fn chat_id(chat_type: ChatType, members: &[Member]) -> String {
    match chat_type {
        ChatType::Group => format!("19:{}@thread.v2", random::hex(&random::bytes::<16>())),
        ChatType::OneOnOne => {
            let mut pair: Vec<&str> = members.iter().map(|m| m.object_id.as_str()).collect();
            pair.sort_unstable();
            format!("19:{}@unq.gbl.spaces", pair.join("_"))
        }
    }
}

fn sanitised(mut content: Content) -> Content {
    if content.content_type == "html" {
        content.content = html::sanitise(&content.content);
    }
    content
}

fn membership_event(what: &str, object_id: &str, initiator: &str) -> Value {
    let user = |id: &str| json!({ "id": id, "displayName": null, "userIdentityType": "aadUser" });
    json!({
        "@odata.type": format!("#microsoft.graph.{what}EventMessageDetail"),
        "members": [user(object_id)],
        "initiator": { "application": null, "device": null, "user": user(initiator) },
    })
}
