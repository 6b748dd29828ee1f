//! The thread of an issue in a channel: its card first, then what happens, one post after the
//! other. What changes again within ten seconds is folded into the post before.

use std::time::Duration;

use serde_json::Value;
use tandem_domain::{ActivityId, ChangedField, ConversationId, ConversationKind, Failure, Telling};
use tandem_jira::client::Issue;
use tandem_microsoft::connector::Place;
use tandem_runtime::App;
use tandem_store::{ChannelSubscription, IssueThread};

use super::text;

/// Within how long of the post before a change is folded into it.
const FOLDED_WITHIN: Duration = Duration::from_secs(10);

/// What is told of an issue.
pub(super) struct Post {
    /// The issue's card.
    card: Value,
    what: What,
}

enum What {
    /// The card says it all.
    Card,
    /// Words behind the card.
    Words(String),
    /// Fields that changed, and who changed them.
    Changes { issue: Box<Issue>, changes: Vec<ChangedField>, who: Option<String> },
}

impl Post {
    pub(super) fn card(card: Value) -> Self {
        Self { card, what: What::Card }
    }

    pub(super) fn words(card: Value, html: String) -> Self {
        Self { card, what: What::Words(html) }
    }

    pub(super) fn changes(
        card: Value,
        issue: Issue,
        changes: Vec<ChangedField>,
        who: Option<String>,
    ) -> Self {
        Self { card, what: What::Changes { issue: Box::new(issue), changes, who } }
    }
}

/// The threads of one channel.
pub(super) struct Threads<'a> {
    pub(super) app: &'a App,
    pub(super) telling: &'a Telling,
    pub(super) item: &'a ChannelSubscription,
}

impl Threads<'_> {
    /// Posts in the issue's thread; starts it where there is none.
    pub(super) async fn tell(&self, post: &Post) -> Result<(), Failure> {
        let known = self.find().await?;
        let mut thread = match known {
            Some(known) => {
                self.renew_card(&known, &post.card).await?;
                known
            }
            None => self.start(&post.card).await?,
        };
        let now = self.app.clock.now();
        match &post.what {
            What::Card => return Ok(()),
            What::Words(html) => {
                thread.last_id = Some(self.reply(&thread, &text::activity(html)).await?);
                thread.last_changes = Vec::new();
            }
            What::Changes { issue, changes, who } => {
                let folded = (!thread.last_changes.is_empty()
                    && now < thread.last_at.plus(FOLDED_WITHIN))
                .then(|| thread.last_id.clone())
                .flatten();
                let mut told = changes.clone();
                if folded.is_some() {
                    told.extend(&thread.last_changes);
                }
                told.sort_unstable();
                told.dedup();
                let activity = text::activity(&text::changes(issue, &told, who.as_deref()));
                match folded {
                    Some(before) => self.update(&thread, &before, &activity).await?,
                    None => thread.last_id = Some(self.reply(&thread, &activity).await?),
                }
                thread.last_changes = told;
            }
        }
        thread.last_at = now;
        self.app.store.put_issue_thread(&thread).await?;
        Ok(())
    }

    /// Tells the thread, where there is one, that its issue is gone; and forgets it.
    pub(super) async fn tell_deleted(&self) -> Result<(), Failure> {
        let Some(thread) = self.find().await? else { return Ok(()) };
        let words = vec![tandem_domain::document::Inline::text("This issue was deleted in Jira.")];
        self.reply(&thread, &text::activity(&text::sentence(words))).await?;
        self.app.store.delete_issue_thread(&thread).await?;
        Ok(())
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
        let place = Place { service_url: &item.service_url, conversation: &item.channel_id };
        let root = if self.is_channel().await? {
            app.connector.start_thread(place, &item.tenant_id, card).await?.root
        } else {
            app.connector.send(place, card).await?
        };
        let thread = IssueThread {
            cloud_id: self.telling.cloud_id.clone(),
            issue_id: self.telling.issue_id.clone(),
            tenant_id: item.tenant_id.clone(),
            channel_id: item.channel_id.clone(),
            root_id: root,
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
            Err(failure) if failure.is_transient() => Err(failure),
            _ => Ok(()),
        }
    }

    async fn reply(&self, thread: &IssueThread, activity: &Value) -> Result<ActivityId, Failure> {
        let conversation = self.conversation(thread).await?;
        self.app.connector.send(self.place(&conversation), activity).await
    }

    async fn update(
        &self,
        thread: &IssueThread,
        id: &ActivityId,
        activity: &Value,
    ) -> Result<(), Failure> {
        let conversation = self.conversation(thread).await?;
        self.app.connector.update(self.place(&conversation), id, activity).await
    }

    fn place<'b>(&'b self, conversation: &'b ConversationId) -> Place<'b> {
        Place { service_url: &self.item.service_url, conversation }
    }

    /// A channel's thread is a conversation of its own; a group chat has none.
    async fn conversation(&self, thread: &IssueThread) -> Result<ConversationId, Failure> {
        Ok(if self.is_channel().await? {
            thread.channel_id.thread_of(&thread.root_id)
        } else {
            thread.channel_id.clone()
        })
    }

    async fn is_channel(&self) -> Result<bool, Failure> {
        let item = self.item;
        let known = self.app.store.find_bot_conversation(&item.tenant_id, &item.channel_id).await?;
        Ok(known.map_or_else(
            || !item.channel_id.as_str().ends_with("@thread.v2"),
            |known| known.kind == ConversationKind::Channel,
        ))
    }
}
