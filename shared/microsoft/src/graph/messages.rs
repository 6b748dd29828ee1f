//! Messages of a chat: read, written, edited, taken back.

use serde::Deserialize;
use tandem_domain::{ChatId, Failure, MessageId, ObjectId, Timestamp, document::Prose};

use super::{
    client::{Graph, segment},
    wire::{WireHtml, WirePage, optional_time, time},
};

/// What failures call a message.
const WHAT: &str = "chat_message";

/// The most messages [`Graph::list_messages`] gives; Graph's limit for a page.
pub const MAX_MESSAGES: u8 = 50;

/// A message as Graph tells it. Printing it shows identifiers, times and lengths.
#[derive(Clone, Debug)]
pub struct ChatMessage {
    /// Its id, unique within the chat.
    pub id: MessageId,
    /// When it was written.
    pub created: Timestamp,
    /// When its text was last changed, if ever. A reaction is no change.
    pub edited: Option<Timestamp>,
    /// When it was taken back.
    pub deleted: Option<Timestamp>,
    /// Who wrote it; none for what bots and Teams itself write.
    pub author: Option<MessageAuthor>,
    /// Of what kind it is.
    pub kind: MessageKind,
    /// How `content` is written.
    pub format: BodyFormat,
    /// The text.
    pub content: Prose,
    /// Whom each `<at id="...">` in the text means: the index, and the person if it is one.
    pub mentions: Vec<(u32, Option<ObjectId>)>,
    /// The ids of the apps it mentions: bots that it is meant for.
    pub apps: Vec<String>,
}

impl ChatMessage {
    /// Whether it is said to the bot with this id.
    pub fn is_to_bot(&self, bot: &str) -> bool {
        self.apps.iter().any(|app| app.eq_ignore_ascii_case(bot))
    }
}

/// Who wrote a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageAuthor {
    /// The user.
    pub id: ObjectId,
    /// The name Teams shows, where Graph tells it.
    pub name: Option<Prose>,
}

/// Of what kind a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageKind {
    /// Written by somebody.
    Message,
    /// Written by Teams: members added, chat renamed, call ended, and what is to come.
    System,
}

/// How a message's text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyFormat {
    /// Plain text.
    Text,
    /// HTML.
    Html,
}

impl ChatMessage {
    /// When its text became what it is: the last edit, else the writing. Reactions, replies and
    /// read receipts leave it as it was, unlike `lastModifiedDateTime` and `etag`.
    pub fn version(&self) -> Timestamp {
        self.edited.unwrap_or(self.created)
    }
}

/// A page of messages that changed.
#[derive(Clone, Debug)]
pub struct ChangedMessages {
    /// The messages, the one that changed last first.
    pub messages: Vec<ChatMessage>,
    /// Where the next page begins, if there is one.
    pub next: Option<PageAddress>,
}

/// The address of a page that Graph gave; not printed, since it is not read here.
#[derive(Clone)]
pub struct PageAddress(String);

impl std::fmt::Debug for PageAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PageAddress")
    }
}

impl Graph<'_> {
    /// A page of the messages of a chat that changed after `since`, the one that changed last first:
    /// Graph gives them in no other order. Deleted ones are among them.
    /// <https://learn.microsoft.com/graph/api/chat-list-messages>
    ///
    /// # Errors
    /// [`Failure::Fault`] also when Graph names a next page that is not its own.
    pub async fn list_changed_messages(
        &self,
        chat: &ChatId,
        since: Timestamp,
        from: Option<&PageAddress>,
    ) -> Result<ChangedMessages, Failure> {
        let path = match from {
            Some(PageAddress(path)) => path.clone(),
            None => {
                let since = segment(&since.to_rfc3339());
                format!(
                    "{}?$top={MAX_MESSAGES}&$orderby=lastModifiedDateTime%20desc\
                     &$filter=lastModifiedDateTime%20gt%20{since}",
                    messages(chat)
                )
            }
        };
        let page: WirePage = self.get(&path, WHAT).await?;
        let next = match page.next.as_deref() {
            None => None,
            // The token goes to Graph only.
            Some(next) => {
                let own = next.strip_prefix(self.base()).and_then(|path| path.strip_prefix('/'));
                Some(PageAddress(own.ok_or(Failure::Fault { what: WHAT })?.to_owned()))
            }
        };
        let messages = page.items::<WireMessage>().map(ChatMessage::from).collect();
        Ok(ChangedMessages { messages, next })
    }

    /// The newest messages of a chat, newest first; at most [`MAX_MESSAGES`].
    /// <https://learn.microsoft.com/graph/api/chat-list-messages>
    pub async fn list_messages(&self, chat: &ChatId, top: u8) -> Result<Vec<ChatMessage>, Failure> {
        let top = top.clamp(1, MAX_MESSAGES);
        let query = format!("$top={top}&$orderby=createdDateTime%20desc");
        let page: WirePage = self.get(&format!("{}?{query}", messages(chat)), WHAT).await?;
        let mut messages: Vec<_> = page.items::<WireMessage>().map(ChatMessage::from).collect();
        messages.sort_by_key(|message| std::cmp::Reverse(message.created));
        Ok(messages)
    }

    /// One message. <https://learn.microsoft.com/graph/api/chatmessage-get>
    pub async fn get_message(&self, chat: &ChatId, id: &MessageId) -> Result<ChatMessage, Failure> {
        let message: WireMessage = self.get(&message(chat, id), WHAT).await?;
        Ok(message.into())
    }

    /// Writes a message as the person. <https://learn.microsoft.com/graph/api/chat-post-messages>
    pub async fn send_message(&self, chat: &ChatId, html: &str) -> Result<ChatMessage, Failure> {
        let sent: WireMessage = self.post(&messages(chat), &WireHtml::new(html), WHAT).await?;
        Ok(sent.into())
    }

    /// Changes the text of a message of the person.
    /// <https://learn.microsoft.com/graph/api/chatmessage-update>
    pub async fn update_message(
        &self,
        chat: &ChatId,
        id: &MessageId,
        html: &str,
    ) -> Result<(), Failure> {
        self.patch(&message(chat, id), &WireHtml::new(html), WHAT).await.map(drop)
    }

    /// Takes back a message of the person; `owner` is the person. Graph's contract has the
    /// action below `/chats`, its documentation below `/users/{id}/chats`: where the one is not
    /// known, the other is used. <https://learn.microsoft.com/graph/api/chatmessage-softdelete>
    pub async fn soft_delete_message(
        &self,
        owner: &ObjectId,
        chat: &ChatId,
        id: &MessageId,
    ) -> Result<(), Failure> {
        let message = message(chat, id);
        match self.act(&format!("{message}/microsoft.graph.softDelete"), WHAT).await {
            Err(Failure::Absent { .. } | Failure::Fault { .. }) => {
                self.act(&format!("users/{owner}/{message}/softDelete"), WHAT).await
            }
            done => done,
        }
    }
}

fn messages(chat: &ChatId) -> String {
    format!("chats/{}/messages", segment(chat.as_str()))
}

fn message(chat: &ChatId, id: &MessageId) -> String {
    format!("{}/{}", messages(chat), segment(id.as_str()))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireMessage {
    id: MessageId,
    #[serde(deserialize_with = "time")]
    created_date_time: Timestamp,
    #[serde(default, deserialize_with = "optional_time")]
    last_edited_date_time: Option<Timestamp>,
    #[serde(default, deserialize_with = "optional_time")]
    deleted_date_time: Option<Timestamp>,
    #[serde(default)]
    message_type: Option<String>,
    #[serde(default)]
    from: Option<WireFrom>,
    #[serde(default)]
    body: Option<WireBody>,
    #[serde(default)]
    mentions: Option<Vec<WireMention>>,
}

/// An identity set: of `from`, or of somebody mentioned.
#[derive(Default, Deserialize)]
struct WireFrom {
    #[serde(default)]
    user: Option<WireUser>,
    #[serde(default)]
    application: Option<WireApp>,
}

#[derive(Deserialize)]
struct WireApp {
    #[serde(default)]
    id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireUser {
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    display_name: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireBody {
    #[serde(default)]
    content_type: Option<String>,
    #[serde(default)]
    content: Option<String>,
}

#[derive(Deserialize)]
struct WireMention {
    id: u32,
    #[serde(default)]
    mentioned: Option<WireFrom>,
}

impl WireUser {
    fn object_id(&self) -> Option<ObjectId> {
        ObjectId::parse(&self.id.as_deref()?.to_ascii_lowercase()).ok()
    }
}

impl From<WireMessage> for ChatMessage {
    fn from(wire: WireMessage) -> Self {
        let author = wire.from.and_then(|from| from.user).and_then(|user| {
            Some(MessageAuthor {
                id: user.object_id()?,
                name: user.display_name.map(|name| Prose::new(&name)),
            })
        });
        let mentions = wire.mentions.unwrap_or_default();
        let app = |mention: &WireMention| {
            let app = mention.mentioned.as_ref()?.application.as_ref()?;
            app.id.as_deref().map(|id| id.trim_start_matches("28:").to_owned())
        };
        let apps = mentions.iter().filter_map(app).collect();
        let mention = |mention: WireMention| {
            let user = mention.mentioned.and_then(|mentioned| mentioned.user);
            (mention.id, user.and_then(|user| user.object_id()))
        };
        let written = wire.message_type.as_deref().is_none_or(|kind| kind == "message");
        let body = wire.body.unwrap_or_default();
        Self {
            id: wire.id,
            created: wire.created_date_time,
            edited: wire.last_edited_date_time,
            deleted: wire.deleted_date_time,
            author,
            kind: if written { MessageKind::Message } else { MessageKind::System },
            format: match body.content_type.as_deref() {
                Some("html") => BodyFormat::Html,
                _ => BodyFormat::Text,
            },
            content: Prose::new(body.content.as_deref().unwrap_or_default()),
            mentions: mentions.into_iter().map(mention).collect(),
            apps,
        }
    }
}
