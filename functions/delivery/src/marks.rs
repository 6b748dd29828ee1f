//! Knowing again what Tandem wrote: a chat message by the link it ends with, a comment by a
//! property that was set together with it.

use serde_json::{Value, json};
use tandem_domain::{
    ChatId, ClaimId, CommentId, Failure, MessageId, Timestamp,
    document::{Block, Inline, Marks, Style},
};
use tandem_jira::client::{Comment, Issue, Site};
use tandem_microsoft::{
    graph::{ChatMessage, Graph},
    html,
};
use tandem_store::Installation;

use crate::work::Work;

/// The property of a comment that Tandem wrote.
pub(crate) use tandem_runtime::shown_issue::MESSAGE_PROPERTY as PROPERTY;

/// How many of the latest comments are looked through for what an earlier attempt wrote.
const LOOK_BACK: u16 = 50;
/// How many where those are all newer than the delivery.
pub(crate) const LOOK_FAR_BACK: u16 = 1000;
/// How many pages of messages (of fifty) are looked through for the same.
const PAGES: usize = 20;
/// How much earlier than the delivery was accepted a comment may seem to be, for clocks that differ.
const CLOCKS_DIFFER: std::time::Duration = std::time::Duration::from_mins(2);

/// The value of [`PROPERTY`].
pub(crate) fn property(chat: &ChatId, message: &MessageId) -> Value {
    json!({"chatId": chat.as_str(), "messageId": message.as_str()})
}

/// The message that a comment's property names, when it is one of this chat.
pub(crate) fn message_of_property(value: &Value, chat: &ChatId) -> Option<MessageId> {
    let of_chat = value.get("chatId")?.as_str()? == chat.as_str();
    MessageId::parse(value.get("messageId")?.as_str()?).ok().filter(|_| of_chat)
}

impl Work<'_> {
    /// The line under a message: a link to where it comes from, which also marks it as ours.
    pub(crate) fn footer(
        &self,
        site: &Installation,
        issue: &Issue,
        comment: Option<&CommentId>,
    ) -> Block {
        let mark =
            self.app.signing.mark(self.cloud(), &self.delivery.chat_id, &self.delivery.claim);
        let host = &site.site_host;
        let query = comment.map(|id| format!("?focusedCommentId={id}")).unwrap_or_default();
        let link = format!("https://{host}/browse/{}{query}#{mark}", issue.key);
        let shown = match comment {
            Some(_) => format!("Comment on {}", issue.key),
            None => issue.key.to_string(),
        };
        let linked = match Inline::link(&shown, &link) {
            Inline::Text { text, marks } => Inline::Text { text, marks: marks.with(Style::Em) },
            other => other,
        };
        Block::paragraph(vec![linked])
    }

    /// Whether Tandem itself wrote a message. One that carries a mark but is not the message which
    /// that work posted is somebody's copy, and theirs.
    pub(crate) async fn wrote(&self, message: &ChatMessage) -> Result<bool, Failure> {
        for claim in self.marks_in(message.content.as_str()) {
            let posted = self.app.store.find_claim(self.cloud(), &claim).await?;
            let other = posted
                .and_then(|claim| claim.message_id)
                .is_some_and(|posted| posted != message.id);
            if !other {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether a message carries a mark of Tandem's.
    pub(crate) fn is_marked(&self, message: &ChatMessage) -> bool {
        !self.marks_in(message.content.as_str()).is_empty()
    }

    fn marks_in(&self, content: &str) -> Vec<ClaimId> {
        html::find_links(content)
            .iter()
            .filter_map(|link| self.app.signing.marked(self.cloud(), &self.delivery.chat_id, link))
            .collect()
    }

    /// The message that an earlier attempt at this delivery posted, if it did.
    pub(crate) async fn posted_before(
        &self,
        graph: &Graph<'_>,
    ) -> Result<Option<ChatMessage>, Failure> {
        if !self.resumed {
            return Ok(None);
        }
        let since = self.delivery.accepted_at.minus(CLOCKS_DIFFER);
        let latest = self.messages_since(graph, since).await?;
        Ok(latest.into_iter().find(|message| {
            message.deleted.is_none()
                && self.marks_in(message.content.as_str()).contains(&self.delivery.claim)
        }))
    }

    /// The messages of the chat that were written or changed since then, the newest first; at most as
    /// many as [`PAGES`] hold.
    pub(crate) async fn messages_since(
        &self,
        graph: &Graph<'_>,
        since: Timestamp,
    ) -> Result<Vec<ChatMessage>, Failure> {
        let (mut messages, mut from) = (Vec::new(), None);
        for _ in 0..PAGES {
            let chat = &self.delivery.chat_id;
            let page = graph.list_changed_messages(chat, since, from.as_ref()).await?;
            messages.extend(page.messages);
            from = page.next;
            if from.is_none() {
                break;
            }
        }
        messages.sort_by_key(|message| std::cmp::Reverse(message.created));
        Ok(messages)
    }

    /// The comment that an earlier attempt at this delivery wrote for a message, if it did.
    pub(crate) async fn commented_before(
        &self,
        site: &Site<'_>,
        message: &MessageId,
    ) -> Result<Option<Comment>, Failure> {
        if !self.resumed {
            return Ok(None);
        }
        let since: Timestamp = self.delivery.accepted_at.minus(CLOCKS_DIFFER);
        let mut latest = site.list_comments(self.issue(), LOOK_BACK).await?;
        if latest.last().is_some_and(|oldest| oldest.created >= since) {
            latest = site.list_comments(self.issue(), LOOK_FAR_BACK).await?;
        }
        for comment in latest.into_iter().filter(|comment| comment.created >= since) {
            let value = site.get_comment_property(&comment.id, PROPERTY).await?;
            let names = value.and_then(|value| message_of_property(&value, &self.delivery.chat_id));
            if names.as_ref() == Some(message) {
                return Ok(Some(comment));
            }
        }
        Ok(None)
    }

    /// Takes the line that [`Work::footer`] adds out of a document.
    pub(crate) fn without_footer(&self, blocks: Vec<Block>) -> Vec<Block> {
        blocks.into_iter().filter(|block| !self.is_footer(block)).collect()
    }

    fn is_footer(&self, block: &Block) -> bool {
        let Block::Paragraph(line) = block else { return false };
        line.iter().any(|inline| {
            let Inline::Text { marks, .. } = inline else { return false };
            marks.link().is_some_and(|link| {
                let chat = &self.delivery.chat_id;
                self.app.signing.marked(self.cloud(), chat, link.as_str()).is_some()
            })
        })
    }
}

/// Text in bold, for the line that says whose words follow.
pub(crate) fn strong(text: &str) -> Inline {
    Inline::marked(text, Marks::default().with(Style::Strong))
}
