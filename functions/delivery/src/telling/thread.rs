//! The thread of an issue in a channel: its card first, then what happens, one post after the
//! other. What changes again within ten seconds is folded into the post before.

use std::time::Duration;

use serde_json::Value;
use tandem_domain::{
    ActivityId, ChangedField, ConversationId, ConversationKind, Failure, ServiceUrl, Telling,
    Timestamp, document::Inline,
};
use tandem_jira::client::Issue;
use tandem_microsoft::connector::Place;
use tandem_runtime::{App, conversations};
use tandem_store::{ChannelSubscription, IssueThread};

use super::{
    post::{Post, What},
    text,
};

/// Within how long of the post before a change is folded into it.
const FOLDED_WITHIN: Duration = Duration::from_secs(10);

/// The threads of one channel, or of a group chat, which has none: there the posts follow the card.
pub(super) struct Threads<'a> {
    app: &'a App,
    telling: &'a Telling,
    item: &'a ChannelSubscription,
    /// Where the channel is served, as Teams last told it.
    service_url: ServiceUrl,
    is_channel: bool,
}

impl<'a> Threads<'a> {
    /// Those of the subscription's channel.
    pub(super) async fn of(
        app: &'a App,
        telling: &'a Telling,
        item: &'a ChannelSubscription,
    ) -> Result<Self, Failure> {
        let known = app.store.find_bot_conversation(&item.tenant_id, &item.channel_id).await?;
        let (service_url, is_channel) = match known {
            Some(known) => (known.service_url, known.kind == ConversationKind::Channel),
            None => (item.service_url.clone(), !item.channel_id.as_str().ends_with("@thread.v2")),
        };
        Ok(Self { app, telling, item, service_url, is_channel })
    }

    /// Posts in the issue's thread; starts it where there is none, or where it is gone.
    pub(super) async fn tell(&self, post: &Post) -> Result<(), Failure> {
        if let Some(known) = self.find().await? {
            self.renew_card(&known, &post.card).await?;
            match self.add(known, &post.what).await {
                Err(Failure::Absent { .. }) if self.is_channel => {}
                told => return told,
            }
        }
        let started = self.start(&post.card).await?;
        self.add(started, &post.what).await
    }

    /// Tells the thread that its issue is gone.
    pub(super) async fn say_deleted(&self, thread: &IssueThread) -> Result<(), Failure> {
        let words = text::sentence(vec![Inline::text("This issue was deleted in Jira.")]);
        match self.reply(thread, &text::activity(&words)).await {
            Err(Failure::Absent { .. }) => Ok(()),
            said => said.map(drop),
        }
    }

    /// Adds what happened to the thread, and notes it.
    async fn add(&self, thread: IssueThread, what: &What) -> Result<(), Failure> {
        let now = self.app.clock.now();
        let noted = match what {
            What::Card => return Ok(()),
            What::Words(html) => {
                let last_id = Some(self.reply(&thread, &text::activity(html)).await?);
                IssueThread { last_id, last_changes: Vec::new(), last_at: now, ..thread }
            }
            What::Changes { issue, changes, who } => {
                self.add_changes(thread, issue, changes, who.as_deref(), now).await?
            }
        };
        self.app.store.put_issue_thread(&noted).await?;
        Ok(())
    }

    async fn add_changes(
        &self,
        thread: IssueThread,
        issue: &Issue,
        changes: &[ChangedField],
        who: Option<&str>,
        now: Timestamp,
    ) -> Result<IssueThread, Failure> {
        if let Some(before) = foldable(&thread, now) {
            let mut told = [changes, &thread.last_changes].concat();
            told.sort_unstable();
            told.dedup();
            // Whose the changes before were is not kept: together they are told without a name.
            let activity = text::activity(&text::changes(issue, &told, None));
            match self.update(&thread, before, &activity).await {
                Ok(()) => return Ok(IssueThread { last_changes: told, last_at: now, ..thread }),
                // Somebody took the post away: what happened is told in another.
                Err(Failure::Absent { .. }) => {}
                Err(failure) => return Err(failure),
            }
        }
        let activity = text::activity(&text::changes(issue, changes, who));
        let last_id = Some(self.reply(&thread, &activity).await?);
        Ok(IssueThread { last_id, last_changes: changes.to_vec(), last_at: now, ..thread })
    }

    async fn find(&self) -> Result<Option<IssueThread>, Failure> {
        let (telling, item) = (self.telling, self.item);
        let (cloud, issue) = (&telling.cloud_id, &telling.issue_id);
        let channel = &item.channel_id;
        Ok(self.app.store.find_issue_thread(cloud, issue, &item.tenant_id, channel).await?)
    }

    /// Starts the thread with the issue's card. It is noted at once, so that whoever goes on after
    /// a failure finds it.
    async fn start(&self, card: &Value) -> Result<IssueThread, Failure> {
        let (app, item) = (self.app, self.item);
        let place = self.place(&item.channel_id);
        let root_id = if self.is_channel {
            app.connector.start_thread(place, &item.tenant_id, card).await?.root
        } else {
            app.connector.send(place, card).await?
        };
        let thread = IssueThread {
            cloud_id: self.telling.cloud_id.clone(),
            issue_id: self.telling.issue_id.clone(),
            tenant_id: item.tenant_id.clone(),
            channel_id: item.channel_id.clone(),
            project_id: Some(self.telling.project_id.clone()),
            root_id,
            last_id: None,
            last_changes: Vec::new(),
            last_at: app.clock.now(),
        };
        app.store.put_issue_thread(&thread).await?;
        Ok(thread)
    }

    /// Brings the card at the top up to date. Where the top is somebody's own message, or gone,
    /// the posts below do.
    async fn renew_card(&self, thread: &IssueThread, card: &Value) -> Result<(), Failure> {
        match self.update(thread, &thread.root_id, card).await {
            Err(failure) if failure.is_transient() || conversations::is_blocked(&failure) => {
                Err(failure)
            }
            _ => Ok(()),
        }
    }

    async fn reply(&self, thread: &IssueThread, activity: &Value) -> Result<ActivityId, Failure> {
        let conversation = self.conversation(thread);
        self.app.connector.send(self.place(&conversation), activity).await
    }

    async fn update(
        &self,
        thread: &IssueThread,
        id: &ActivityId,
        activity: &Value,
    ) -> Result<(), Failure> {
        let conversation = self.conversation(thread);
        self.app.connector.update(self.place(&conversation), id, activity).await
    }

    fn place<'b>(&'b self, conversation: &'b ConversationId) -> Place<'b> {
        Place { service_url: &self.service_url, conversation }
    }

    /// A channel's thread is a conversation of its own; a group chat has none.
    fn conversation(&self, thread: &IssueThread) -> ConversationId {
        if self.is_channel {
            thread.channel_id.thread_of(&thread.root_id)
        } else {
            thread.channel_id.clone()
        }
    }
}

/// The post that a change is folded into: the last one, where it told of changes and is that new.
fn foldable(thread: &IssueThread, now: Timestamp) -> Option<&ActivityId> {
    let soon = now < thread.last_at.plus(FOLDED_WITHIN);
    thread.last_id.as_ref().filter(|_| soon && !thread.last_changes.is_empty())
}

#[cfg(test)]
mod tests {
    use tandem_domain::{CloudId, IssueId, TenantId};

    use super::*;

    #[test]
    fn only_a_post_of_changes_is_folded_into_and_only_for_ten_seconds() {
        let at = Timestamp::from_secs(1_700_000_000);
        let last = ActivityId::parse("1700000000000").unwrap();
        for (last_id, last_changes, passed, folds) in [
            (Some(&last), vec![ChangedField::Status], 0, true),
            (Some(&last), vec![ChangedField::Status], 9_999, true),
            (Some(&last), vec![ChangedField::Status], 10_000, false),
            (Some(&last), vec![], 0, false),
            (None, vec![], 0, false),
        ] {
            let thread = IssueThread {
                cloud_id: CloudId::parse("11223344-a1b2-4b33-8444-def123456789").unwrap(),
                issue_id: IssueId::parse("10001").unwrap(),
                tenant_id: TenantId::parse("0e3419f7-4c4d-47e7-b98a-7b9b9de02b80").unwrap(),
                channel_id: ConversationId::parse("19:abc1@thread.tacv2").unwrap(),
                project_id: None,
                root_id: ActivityId::parse("1699999999999").unwrap(),
                last_id: last_id.cloned(),
                last_changes: last_changes.clone(),
                last_at: at,
            };
            let found = foldable(&thread, at.plus(Duration::from_millis(passed)));
            assert_eq!(found.is_some(), folds, "{last_id:?} {last_changes:?} {passed}");
        }
    }
}
