//! Chats: made, looked at, found again.

use serde::{Deserialize, Serialize};
use tandem_domain::{ChatId, Failure, ObjectId, Timestamp, document::Prose};
use url::Url;

use super::{
    client::{Graph, segment},
    wire::{WireId, WirePage, optional_time},
};

/// What failures call a chat.
const WHAT: &str = "chat";
/// How many chats one page holds; Graph's largest.
const PAGE: usize = 50;
/// How many pages are looked through for a chat.
const MAX_PAGES: usize = 5;

/// A chat, as far as Tandem looks at it.
#[derive(Clone, Debug)]
pub struct Chat {
    /// Its id.
    pub id: ChatId,
    /// What its members called it; group chats only.
    pub topic: Option<Prose>,
    /// Where Teams opens it; not every kind of chat has it.
    pub web_url: Option<Url>,
    /// When it was made.
    pub created: Timestamp,
    /// Who is in it, as far as Graph tells.
    pub members: Vec<ObjectId>,
}

impl Graph<'_> {
    /// Makes a chat of `members`, the caller among them: one to one (two members, no topic), or
    /// a group. For two people who already have a one-to-one chat Graph answers with that one.
    /// <https://learn.microsoft.com/graph/api/chat-post>
    pub async fn create_chat(
        &self,
        members: &[ObjectId],
        topic: Option<&str>,
        one_on_one: bool,
    ) -> Result<ChatId, Failure> {
        let member = |id: &ObjectId| WireNewMember {
            kind: "#microsoft.graph.aadUserConversationMember",
            roles: ["owner"],
            user: format!("{}/users('{id}')", self.base()),
        };
        let chat = WireNewChat {
            chat_type: if one_on_one { "oneOnOne" } else { "group" },
            topic: topic.filter(|_| !one_on_one),
            members: members.iter().map(member).collect(),
        };
        let made: WireId<ChatId> = self.post("chats", &chat, WHAT).await?;
        Ok(made.id)
    }

    /// A chat with its members. <https://learn.microsoft.com/graph/api/chat-get>
    pub async fn get_chat(&self, id: &ChatId) -> Result<Chat, Failure> {
        let path = format!("chats/{}?$expand=members", segment(id.as_str()));
        let chat: WireChat = self.get(&path, WHAT).await?;
        Ok(chat.into())
    }

    /// The caller's chats made at or after `since`, with their members, newest first: to find a
    /// chat that was made by a call whose answer got lost. Looks through the 250 chats that
    /// Graph lists first. <https://learn.microsoft.com/graph/api/chat-list>
    pub async fn list_chats(&self, since: Timestamp) -> Result<Vec<Chat>, Failure> {
        let mut chats = Vec::new();
        let mut path = format!("chats?$expand=members&$top={PAGE}");
        for _ in 0..MAX_PAGES {
            let mut page: WirePage = self.get(&path, WHAT).await?;
            let next = page.next.take();
            chats.extend(page.items::<WireChat>().map(Chat::from));
            let Some(next) = next.as_deref().and_then(|next| self.below_base(next)) else { break };
            path = next;
        }
        chats.retain(|chat| chat.created >= since);
        chats.sort_by_key(|chat| std::cmp::Reverse(chat.created));
        Ok(chats)
    }

    /// The part of a next page's address below the base; a token is not sent anywhere else.
    fn below_base(&self, next: &str) -> Option<String> {
        Some(next.strip_prefix(self.base())?.strip_prefix('/')?.to_owned())
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireNewChat<'a> {
    chat_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    topic: Option<&'a str>,
    members: Vec<WireNewMember>,
}

#[derive(Serialize)]
struct WireNewMember {
    #[serde(rename = "@odata.type")]
    kind: &'static str,
    roles: [&'static str; 1],
    #[serde(rename = "user@odata.bind")]
    user: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireChat {
    id: ChatId,
    #[serde(default)]
    topic: Option<String>,
    #[serde(default)]
    web_url: Option<String>,
    #[serde(default, deserialize_with = "optional_time")]
    created_date_time: Option<Timestamp>,
    #[serde(default)]
    members: Vec<WireMember>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireMember {
    #[serde(default)]
    user_id: Option<String>,
}

impl From<WireChat> for Chat {
    fn from(wire: WireChat) -> Self {
        let member = |member: WireMember| ObjectId::parse(&member.user_id?).ok();
        Self {
            id: wire.id,
            topic: wire.topic.map(|topic| Prose::new(&topic)),
            web_url: wire.web_url.and_then(|url| Url::parse(&url).ok()),
            created: wire.created_date_time.unwrap_or_default(),
            members: wire.members.into_iter().filter_map(member).collect(),
        }
    }
}
