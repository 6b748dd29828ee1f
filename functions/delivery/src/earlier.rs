//! Order: what was written before is carried before. Neither vendor tells of things in their order,
//! and what one fails to tell comes minutes later, or never.
//! <https://developer.atlassian.com/cloud/jira/platform/webhooks/>

use std::{collections::HashSet, time::Duration};

use tandem_domain::{CommentId, Delivery, DeliveryKind, Failure, MessageId, ObjectId, Timestamp};
use tandem_jira::client::{Comment, Site};
use tandem_microsoft::{
    graph::{ChatMessage, Graph, MessageKind},
    notifications::ChangeType,
};
use tandem_runtime::{
    chat_events::{self, ChatEvent},
    last_carried::Pair,
    signing::claim_of,
};

use crate::{
    marks::LOOK_FAR_BACK,
    work::{Work, claim_and_do_alone},
};

/// How many of the latest comments are looked at first: mostly this one and the one before it. Where
/// they do not reach back to one that was carried, [`LOOK_FAR_BACK`] are.
const FIRST_LOOK: u16 = 3;
/// How many of the latest messages are looked at first.
const FIRST_MESSAGES: u8 = 3;
/// The most pairs that are looked up in one round trip.
const AT_ONCE: usize = 100;
/// How far back is looked: longer than Jira repeats a webhook.
const WINDOW: Duration = Duration::from_hours(2);

impl Work<'_> {
    fn pair(&self) -> Pair {
        (self.cloud().clone(), self.issue().clone(), self.delivery.chat_id.clone())
    }

    /// From when on what is written is to be carried: what was written while a setting was another
    /// one stays where it is.
    fn carried_since(&self, now: Timestamp) -> Timestamp {
        let linked = self.chat.created_at;
        let changed = self.settings.changed_at.unwrap_or(linked);
        linked.max(changed).max(now.minus(WINDOW))
    }

    /// Notes that a comment, and all before it, stands on both sides.
    pub(crate) fn note_comment(&self, comment: &CommentId) {
        self.app.last_carried.note_comment(self.pair(), comment.clone());
    }

    /// Notes that a message, and all before it, stands on both sides.
    pub(crate) fn note_message(&self, message: &MessageId) {
        self.app.last_carried.note_message(self.pair(), message.clone());
    }

    /// Carries the comments that were written before this one and have not crossed.
    ///
    /// # Errors
    /// What keeps one of them back for now keeps this one back too.
    pub(crate) async fn comments_before(
        &self,
        site: &Site<'_>,
        comment: &Comment,
    ) -> Result<(), Failure> {
        if self.alone {
            return Ok(());
        }
        for earlier in self.missing_comments(site, comment).await? {
            let Some(author) = earlier.author else { continue };
            let (delivery, id) = (self.delivery, earlier.id);
            let claim = claim_of(&[
                "comment",
                delivery.cloud_id.as_str(),
                delivery.tenant_id.as_str(),
                delivery.chat_id.as_str(),
                id.as_str(),
            ]);
            let claim = claim.ok_or(Failure::Fault { what: "claim" })?;
            let kind = DeliveryKind::CommentCreated { comment_id: id, author: author.account_id };
            let before = Delivery { claim, kind, ..delivery.clone() };
            Box::pin(claim_and_do_alone(self.app, &before)).await?;
        }
        Ok(())
    }

    /// Those comments, the oldest first.
    async fn missing_comments(
        &self,
        site: &Site<'_>,
        comment: &Comment,
    ) -> Result<Vec<Comment>, Failure> {
        let since = self.carried_since(comment.created);
        let last = self.app.last_carried.comment(&self.pair());
        let this = order(comment.created, comment.id.as_str());
        for look in [FIRST_LOOK, LOOK_FAR_BACK] {
            let page = site.list_comments(self.issue(), look).await?;
            let reaches_back = page.len() < usize::from(look)
                || page.last().is_some_and(|oldest| oldest.created < since);
            let mut before: Vec<Comment> = page
                .into_iter()
                .filter(|it| it.created >= since && order(it.created, it.id.as_str()) < this)
                .collect();
            let at_last = cut(&mut before, |it| Some(&it.id) == last.as_ref());
            let ids: Vec<CommentId> = before.iter().map(|it| it.id.clone()).collect();
            let carried = self.carried_comments(&ids).await?;
            let reached = cut(&mut before, |it| carried.contains(&it.id)) || at_last;
            if reached || reaches_back || look == LOOK_FAR_BACK {
                before.retain(|it| self.may_cross(it));
                before.reverse();
                return Ok(before);
            }
        }
        Ok(Vec::new())
    }

    async fn carried_comments(&self, ids: &[CommentId]) -> Result<HashSet<CommentId>, Failure> {
        let Delivery { tenant_id, chat_id, .. } = self.delivery;
        let store = &self.app.store;
        let mut carried = HashSet::new();
        for ids in ids.chunks(AT_ONCE) {
            let links = store.list_messages_by_comments(self.cloud(), ids, tenant_id, chat_id);
            carried.extend(links.await?.into_iter().map(|link| link.comment_id));
            // What is behind one that was carried was carried, too.
            if !carried.is_empty() {
                break;
            }
        }
        Ok(carried)
    }

    fn may_cross(&self, comment: &Comment) -> bool {
        !(comment.restricted || comment.internal) || self.settings.restricted_comments_allowed()
    }

    /// Writes the messages that were sent before this one and have not crossed as comments.
    ///
    /// # Errors
    /// What keeps one of them back for now keeps this one back too.
    pub(crate) async fn messages_before(
        &self,
        graph: &Graph<'_>,
        message: &ChatMessage,
        subscriber: &ObjectId,
    ) -> Result<(), Failure> {
        if self.alone {
            return Ok(());
        }
        for earlier in self.missing_messages(graph, message).await? {
            let change = ChangeType::Created;
            let event = ChatEvent { change, message: &earlier, occurrence: "" };
            // The same delivery, under the same claim, as the notification of it.
            let mut before = chat_events::delivery(&self.chat, &event, self.delivery.accepted_at)?;
            before.kind = DeliveryKind::MessageCreated {
                message_id: earlier,
                subscriber: subscriber.clone(),
            };
            Box::pin(claim_and_do_alone(self.app, &before)).await?;
        }
        Ok(())
    }

    /// Those messages, the oldest first.
    async fn missing_messages(
        &self,
        graph: &Graph<'_>,
        message: &ChatMessage,
    ) -> Result<Vec<MessageId>, Failure> {
        let since = self.carried_since(message.created);
        let last = self.app.last_carried.message(&self.pair());
        let this = order(message.created, message.id.as_str());
        for far in [false, true] {
            let page = if far {
                self.messages_since(graph, since).await?
            } else {
                graph.list_messages(&self.delivery.chat_id, FIRST_MESSAGES).await?
            };
            let reaches_back = far
                || page.len() < usize::from(FIRST_MESSAGES)
                || page.last().is_some_and(|oldest| oldest.created < since);
            let mut before: Vec<ChatMessage> = page
                .into_iter()
                .filter(|it| it.created >= since && order(it.created, it.id.as_str()) < this)
                .collect();
            let at_last = cut(&mut before, |it| Some(&it.id) == last.as_ref());
            let ids: Vec<MessageId> = before.iter().map(|it| it.id.clone()).collect();
            let carried = self.carried_messages(&ids).await?;
            let reached = cut(&mut before, |it| carried.contains(&it.id)) || at_last;
            if reached || reaches_back {
                let missing = before.iter().rev().filter(|it| self.may_be_told(it));
                return Ok(missing.map(|it| it.id.clone()).collect());
            }
        }
        Ok(Vec::new())
    }

    async fn carried_messages(&self, ids: &[MessageId]) -> Result<HashSet<MessageId>, Failure> {
        let Delivery { tenant_id, chat_id, .. } = self.delivery;
        let (cloud, issue) = (self.cloud(), self.issue());
        let store = &self.app.store;
        let mut carried = HashSet::new();
        for ids in ids.chunks(AT_ONCE) {
            let links = store.list_comments_by_messages(tenant_id, chat_id, ids, cloud, issue);
            carried.extend(links.await?.into_iter().map(|link| link.message_id));
            if !carried.is_empty() {
                break;
            }
        }
        Ok(carried)
    }

    /// Whether somebody wrote it for the others, and it is not Tandem's.
    fn may_be_told(&self, message: &ChatMessage) -> bool {
        message.kind == MessageKind::Message
            && message.deleted.is_none()
            && message.author.is_some()
            && !message.is_to_bot(&self.app.config.bot_client_id)
            && !self.is_marked(message)
    }
}

/// What goes by the time of writing, and by the number where that is the same.
fn order(created: Timestamp, id: &str) -> (Timestamp, usize, &str) {
    (created, id.len(), id)
}

/// Cuts a list off at the first that counts as carried; whether there was one.
fn cut<T>(list: &mut Vec<T>, carried: impl Fn(&T) -> bool) -> bool {
    let at = list.iter().position(carried);
    list.truncate(at.unwrap_or(list.len()));
    at.is_some()
}
