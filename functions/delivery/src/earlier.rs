//! Order: what was written before is carried before. Neither vendor tells of things in their order,
//! and what one fails to tell comes minutes later, or never.
//! <https://developer.atlassian.com/cloud/jira/platform/webhooks/>

use std::{collections::HashSet, hash::Hash, time::Duration};

use tandem_domain::{
    BoxFuture, CommentId, Delivery, DeliveryKind, Failure, MessageId, ObjectId, Timestamp,
};
use tandem_jira::client::{Comment, Site};
use tandem_microsoft::{
    graph::{ChatMessage, Graph, MessageKind},
    notifications::ChangeType,
};
use tandem_runtime::{
    chat_events::{self, ChatEvent},
    last_carried::{Look, OneSide, Pair, Written},
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
        self.app.last_carried.comments.note(self.pair(), comment.clone());
    }

    /// Notes that a message, and all before it, stands on both sides.
    pub(crate) fn note_message(&self, message: &MessageId) {
        self.app.last_carried.messages.note(self.pair(), message.clone());
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
            let kind = DeliveryKind::CommentCreated { comment_id: id, author };
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
    ) -> Result<Vec<Written<CommentId>>, Failure> {
        let missing = Missing {
            side: &self.app.last_carried.comments,
            pair: self.pair(),
            since: self.carried_since(comment.created),
        };
        let look = |far| -> Looking<'_, CommentId> {
            Box::pin(async move {
                let most = if far { LOOK_FAR_BACK } else { FIRST_LOOK };
                let page = site.list_comments(self.issue(), most).await?;
                Ok((page.iter().map(written_comment).collect(), page.len() < usize::from(most)))
            })
        };
        let carried = |ids: Vec<CommentId>| -> Finding<'_, CommentId> {
            Box::pin(async move {
                let Delivery { tenant_id, chat_id, .. } = self.delivery;
                let store = &self.app.store;
                let links =
                    store.list_messages_by_comments(self.cloud(), &ids, tenant_id, chat_id).await?;
                Ok(links.into_iter().map(|link| link.comment_id).collect())
            })
        };
        let mut before = missing.before(&written_comment(comment), look, carried).await?;
        let inside_too = self.settings.restricted_comments_allowed();
        before.retain(|it| it.crosses || inside_too);
        Ok(before)
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
            let event = ChatEvent { change, message: &earlier.id, occurrence: "" };
            // The same delivery, under the same claim, as the notification of it.
            let mut before = chat_events::delivery(&self.chat, &event, self.delivery.accepted_at)?;
            before.kind = DeliveryKind::MessageCreated {
                message_id: earlier.id,
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
    ) -> Result<Vec<Written<MessageId>>, Failure> {
        let since = self.carried_since(message.created);
        let side = &self.app.last_carried.messages;
        let missing = Missing { side, pair: self.pair(), since };
        let written = |message: &ChatMessage| Written {
            id: message.id.clone(),
            created: message.created,
            author: None,
            crosses: self.may_be_told(message),
        };
        let look = |far| -> Looking<'_, MessageId> {
            Box::pin(async move {
                let page = if far {
                    self.messages_since(graph, since).await?
                } else {
                    graph.list_messages(&self.delivery.chat_id, FIRST_MESSAGES).await?
                };
                let is_all = far || page.len() < usize::from(FIRST_MESSAGES);
                Ok((page.iter().map(written).collect(), is_all))
            })
        };
        let carried = |ids: Vec<MessageId>| -> Finding<'_, MessageId> {
            Box::pin(async move {
                let Delivery { tenant_id, chat_id, .. } = self.delivery;
                let (cloud, issue) = (self.cloud(), self.issue());
                let store = &self.app.store;
                let links = store.list_comments_by_messages(tenant_id, chat_id, &ids, cloud, issue);
                Ok(links.await?.into_iter().map(|link| link.message_id).collect())
            })
        };
        let mut before = missing.before(&written(message), look, carried).await?;
        before.retain(|it| it.crosses);
        Ok(before)
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

fn written_comment(comment: &Comment) -> Written<CommentId> {
    Written {
        id: comment.id.clone(),
        created: comment.created,
        author: comment.author.as_ref().map(|author| author.account_id.clone()),
        crosses: !(comment.restricted || comment.internal),
    }
}

/// The latest, and whether there is no more.
type Looking<'f, I> = BoxFuture<'f, Result<(Vec<Written<I>>, bool), Failure>>;
/// Those that have crossed.
type Finding<'f, I> = BoxFuture<'f, Result<HashSet<I>, Failure>>;

/// What one side of a pair is looked through for.
struct Missing<'a, I> {
    side: &'a OneSide<I>,
    pair: Pair,
    /// What was written earlier is not to be carried.
    since: Timestamp,
}

impl<I: AsRef<str> + Clone + Eq + Hash> Missing<'_, I> {
    /// What was written before `this` and has not crossed, the oldest first. `look` lists the latest,
    /// the newest first, a few or (`true`) far back, and says whether there is no more. `carried`
    /// tells which of some have crossed.
    async fn before<'f>(
        &self,
        this: &Written<I>,
        look: impl Fn(bool) -> Looking<'f, I>,
        carried: impl Fn(Vec<I>) -> Finding<'f, I>,
    ) -> Result<Vec<Written<I>>, Failure> {
        // Much is written at once, and this was seen when one before it was carried.
        if let Some(seen) = self.side.seen_with(&self.pair, &this.id) {
            return Ok(self.until_carried(&seen, this, &carried).await?.0);
        }
        let (few, is_all) = look(false).await?;
        let is_all = is_all || few.last().is_some_and(|oldest| oldest.created < self.since);
        let (before, reached) = self.until_carried(&few, this, &carried).await?;
        if reached || is_all {
            return Ok(before);
        }
        let (all, _) = look(true).await?;
        let all: Look<I> = all.into();
        self.side.note_look(self.pair.clone(), all.clone());
        Ok(self.until_carried(&all, this, &carried).await?.0)
    }

    /// What was seen before `this` back to the last that crossed, the oldest first, and whether there
    /// was one. What is behind one that crossed has crossed, too.
    async fn until_carried<'f>(
        &self,
        seen: &[Written<I>],
        this: &Written<I>,
        carried: &impl Fn(Vec<I>) -> Finding<'f, I>,
    ) -> Result<(Vec<Written<I>>, bool), Failure> {
        let before = seen.iter().filter(|it| it.created >= self.since);
        let mut before: Vec<Written<I>> =
            before.filter(|it| it.order() < this.order()).cloned().collect();
        let last = self.side.last(&self.pair);
        let mut reached = cut(&mut before, |it| Some(&it.id) == last.as_ref());
        let ids: Vec<I> = before.iter().map(|it| it.id.clone()).collect();
        for ids in ids.chunks(AT_ONCE) {
            let carried = carried(ids.to_vec()).await?;
            if !carried.is_empty() {
                reached |= cut(&mut before, |it| carried.contains(&it.id));
                break;
            }
        }
        before.reverse();
        Ok((before, reached))
    }
}

/// Cuts a list off at the first that counts as carried; whether there was one.
fn cut<T>(list: &mut Vec<T>, carried: impl Fn(&T) -> bool) -> bool {
    let at = list.iter().position(carried);
    list.truncate(at.unwrap_or(list.len()));
    at.is_some()
}
