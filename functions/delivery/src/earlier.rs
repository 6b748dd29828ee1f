//! Order: what was written before is carried before. Neither vendor tells of things in their order,
//! and what one fails to tell comes minutes later, or never.
//! <https://developer.atlassian.com/cloud/jira/platform/webhooks/>

use std::{collections::HashMap, hash::Hash, time::Duration};

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
    last_carried::{OneSide, Pair, Written},
    signing::claim_of,
};
use tandem_store::{MessageLink, Origin};

use crate::{
    marks::LOOK_FAR_BACK,
    work::{Work, claim_and_do_alone},
};

/// How many of the latest are looked at: mostly this one and the one before it; more, and at last as
/// many as are looked at at all, where those do not reach back to one that was carried.
const LOOKS: [u16; 3] = [3, 50, LOOK_FAR_BACK];
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
        let look = |most| -> Looking<'_, CommentId> {
            Box::pin(async move {
                let page = site.list_comments(self.issue(), most).await?;
                Ok((page.iter().map(written_comment).collect(), page.len() < usize::from(most)))
            })
        };
        let on_both = |ids: Vec<CommentId>| -> Finding<'_, CommentId> {
            Box::pin(async move {
                let Delivery { tenant_id, chat_id, .. } = self.delivery;
                let store = &self.app.store;
                let links =
                    store.list_messages_by_comments(self.cloud(), &ids, tenant_id, chat_id).await?;
                Ok(crossed(links, Origin::Jira, |link| link.comment_id))
            })
        };
        let mut before = missing.before(&written_comment(comment), look, on_both).await?;
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
        let look = |most| -> Looking<'_, MessageId> {
            Box::pin(async move {
                let (page, is_all) = match u8::try_from(most) {
                    Ok(most) => {
                        let page = graph.list_messages(&self.delivery.chat_id, most).await?;
                        let is_all = page.len() < usize::from(most);
                        (page, is_all)
                    }
                    Err(_) => (self.messages_since(graph, since).await?, true),
                };
                Ok((page.iter().map(written).collect(), is_all))
            })
        };
        let on_both = |ids: Vec<MessageId>| -> Finding<'_, MessageId> {
            Box::pin(async move {
                let Delivery { tenant_id, chat_id, .. } = self.delivery;
                let (cloud, issue) = (self.cloud(), self.issue());
                let store = &self.app.store;
                let links = store.list_comments_by_messages(tenant_id, chat_id, &ids, cloud, issue);
                Ok(crossed(links.await?, Origin::Teams, |link| link.message_id))
            })
        };
        let mut before = missing.before(&written(message), look, on_both).await?;
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

/// Of each that stands on both sides whether it was carried from here; the others are Tandem's copies
/// of what was written on the other side.
fn crossed<I: Eq + Hash>(
    links: Vec<MessageLink>,
    here: Origin,
    id: impl Fn(MessageLink) -> I,
) -> HashMap<I, bool> {
    let with_origin = |link: MessageLink| {
        let carried = link.origin == here;
        (id(link), carried)
    };
    links.into_iter().map(with_origin).collect()
}

/// The latest, and whether there is no more.
type Looking<'f, I> = BoxFuture<'f, Result<(Vec<Written<I>>, bool), Failure>>;
/// Those that stand on both sides, and whether they were carried from here.
type Finding<'f, I> = BoxFuture<'f, Result<HashMap<I, bool>, Failure>>;

/// What one side of a pair is looked through for.
struct Missing<'a, I> {
    side: &'a OneSide<I>,
    pair: Pair,
    /// What was written earlier is not to be carried.
    since: Timestamp,
}

impl<I: AsRef<str> + Clone + Eq + Hash> Missing<'_, I> {
    /// What was written before `this` and has not crossed, the oldest first. `look` lists so many of
    /// the latest, the newest first, and says whether there is no more. `crossed` tells which of some
    /// stand on both sides.
    async fn before<'f>(
        &self,
        this: &Written<I>,
        look: impl Fn(u16) -> Looking<'f, I>,
        crossed: impl Fn(Vec<I>) -> Finding<'f, I>,
    ) -> Result<Vec<Written<I>>, Failure> {
        // Much is written at once, and this was seen when one before it was carried.
        if let Some(seen) = self.side.seen_with(&self.pair, &this.id) {
            return Ok(self.until_carried(&seen, this, &crossed).await?.0);
        }
        let mut before = Vec::new();
        for (nth, most) in LOOKS.into_iter().enumerate() {
            let (seen, is_all) = look(most).await?;
            let is_all = is_all || seen.last().is_some_and(|oldest| oldest.created < self.since);
            let reached;
            (before, reached) = self.until_carried(&seen, this, &crossed).await?;
            let enough = reached || is_all || most == LOOK_FAR_BACK;
            if enough && nth > 0 {
                self.side.note_look(self.pair.clone(), seen.into());
            }
            if enough {
                break;
            }
        }
        Ok(before)
    }

    /// What was seen before `this` and has not crossed, back to the last that was carried, the oldest
    /// first, and whether there was one. What is behind one that was carried has crossed, too; what is
    /// behind a copy may yet have to.
    async fn until_carried<'f>(
        &self,
        seen: &[Written<I>],
        this: &Written<I>,
        crossed: &impl Fn(Vec<I>) -> Finding<'f, I>,
    ) -> Result<(Vec<Written<I>>, bool), Failure> {
        let before = seen.iter().filter(|it| it.created >= self.since);
        let mut before: Vec<Written<I>> =
            before.filter(|it| it.order() < this.order()).cloned().collect();
        let last = self.side.last(&self.pair);
        let mut reached = cut(&mut before, |it| Some(&it.id) == last.as_ref());
        let ids: Vec<I> = before.iter().map(|it| it.id.clone()).collect();
        for ids in ids.chunks(AT_ONCE) {
            let crossed = crossed(ids.to_vec()).await?;
            let carried = cut(&mut before, |it| crossed.get(&it.id) == Some(&true));
            before.retain(|it| !crossed.contains_key(&it.id));
            if carried {
                reached = true;
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
