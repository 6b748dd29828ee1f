//! Telling a channel: in one thread for each issue, read as a person who subscribed, and only what
//! the subscription and the site's settings let out. A channel with several subscriptions to the
//! project is told once, by the first of them that admits the event.

use std::collections::HashMap;

use tandem_domain::{
    AccountId, ConversationId, Failure, Followed, IssueEvent, Telling, TenantId, Told,
    settings::EffectiveSettings,
};
use tandem_jira::client::Issue;
use tandem_runtime::{App, conversations, labels::label_hash};
use tandem_store::{ChannelSubscription, LinkState};

use super::{PURPOSE_CHANNEL, Seen, Unseen, post::post, read_as, thread::Threads};
use crate::work::Outcome;

/// Tells a channel of an event.
pub(super) async fn tell(
    app: &App,
    telling: &Telling,
    tenant: &TenantId,
    channel: &ConversationId,
) -> Result<Outcome, Failure> {
    let (cloud, project) = (&telling.cloud_id, &telling.project_id);
    let settings = app.store.get_effective_settings(cloud, Some(project), None).await?;
    let items = app.store.list_projects_by_channel(tenant, channel).await?;
    let allowed = settings.tenant_allowed(tenant);
    let following: Vec<ChannelSubscription> = items
        .into_iter()
        .filter(|item| allowed && item.cloud_id == *cloud && item.project_id == *project)
        .collect();
    let reading = Channel { app, telling, settings, read: HashMap::new() };
    if telling.what == Told::Deleted {
        reading.deleted(&following, tenant, channel).await
    } else {
        reading.first_that_admits(&following).await
    }
}

/// One channel, and what was read for it.
struct Channel<'a> {
    app: &'a App,
    telling: &'a Telling,
    settings: EffectiveSettings,
    /// What each of the subscribers sees: most often there is but one.
    read: HashMap<AccountId, Result<Seen, Unseen>>,
}

impl Channel<'_> {
    /// Posts for the first subscription that admits what its subscriber sees.
    async fn first_that_admits(
        mut self,
        following: &[ChannelSubscription],
    ) -> Result<Outcome, Failure> {
        let mut outcome = Outcome::Dropped("unsubscribed");
        let event = self.telling.what.event();
        for item in following.iter().filter(|item| item.filter.wants(event)) {
            if !matches!(item.state, LinkState::Active | LinkState::NeedsSignIn) {
                outcome = Outcome::Dropped("subscription_rests");
                continue;
            }
            self.read_for(item).await?;
            match self.read.get(&item.subscribed_by) {
                Some(Ok(seen)) => {
                    wake(self.app, item).await?;
                    match kept_inside(item, &self.settings, seen) {
                        None => return self.post(item, seen).await,
                        Some(why) => outcome = Outcome::Dropped(why),
                    }
                }
                Some(Err(Unseen::NoGrant)) => {
                    set_state(self.app, item, LinkState::NeedsSignIn).await?;
                    outcome = Outcome::GivenUp("subscriber_must_sign_in");
                }
                Some(Err(Unseen::Gone)) | None => {
                    outcome = Outcome::Dropped("not_visible_to_subscriber");
                }
            }
        }
        Ok(outcome)
    }

    async fn read_for(&mut self, item: &ChannelSubscription) -> Result<(), Failure> {
        let who = &item.subscribed_by;
        if !self.read.contains_key(who) {
            let seen = read_as(self.app, self.telling, who, PURPOSE_CHANNEL).await?;
            self.read.insert(who.clone(), seen);
        }
        Ok(())
    }

    async fn post(&self, item: &ChannelSubscription, seen: &Seen) -> Result<Outcome, Failure> {
        let threads = Threads::of(self.app, self.telling, item).await?;
        let post = post(self.app, self.telling, item, seen).await?;
        ended(self.app, item, threads.tell(&post).await).await
    }

    /// Says in the thread that the issue is gone, where a subscription wants that, and forgets the
    /// thread in any case. Nothing happens while one of the subscribers still sees the issue.
    async fn deleted(
        mut self,
        following: &[ChannelSubscription],
        tenant: &TenantId,
        channel: &ConversationId,
    ) -> Result<Outcome, Failure> {
        let (cloud, issue) = (&self.telling.cloud_id, &self.telling.issue_id);
        let known = self.app.store.find_issue_thread(cloud, issue, tenant, channel).await?;
        let Some(thread) = known else { return Ok(Outcome::Dropped("no_thread")) };
        for item in following {
            self.read_for(item).await?;
        }
        if self.read.values().any(Result::is_ok) {
            return Ok(Outcome::Dropped("still_there"));
        }
        let wants = |item: &&ChannelSubscription| {
            item.state == LinkState::Active && item.filter.wants(IssueEvent::Deleted)
        };
        let told = following.iter().find(wants);
        let outcome = match told {
            Some(item) => {
                let threads = Threads::of(self.app, self.telling, item).await?;
                ended(self.app, item, threads.say_deleted(&thread).await).await?
            }
            None => Outcome::Dropped("unsubscribed"),
        };
        self.app.store.delete_issue_thread(&thread).await?;
        Ok(outcome)
    }
}

/// Where the bot may not write any more, the conversation is forgotten with all it owned.
async fn ended(
    app: &App,
    item: &ChannelSubscription,
    told: Result<(), Failure>,
) -> Result<Outcome, Failure> {
    match told {
        Ok(()) => Ok(Outcome::carried()),
        Err(failure) if conversations::is_over(&failure) => {
            conversations::forget(app, &item.tenant_id, &item.channel_id).await?;
            Ok(Outcome::GivenUp("bot_removed"))
        }
        Err(failure) => Err(failure),
    }
}

/// A subscription whose subscriber has signed in again is told again.
async fn wake(app: &App, item: &ChannelSubscription) -> Result<(), Failure> {
    set_state(app, item, LinkState::Active).await
}

/// Writes the state of a subscription, where it has changed and the subscription is still there.
async fn set_state(app: &App, item: &ChannelSubscription, state: LinkState) -> Result<(), Failure> {
    if item.state != state {
        let changed = ChannelSubscription { state, ..item.clone() };
        app.store.change_channel_subscription(&changed).await?;
    }
    Ok(())
}

/// Why the channel is not told: what the subscription does not want, and what stays in Jira unless
/// both the subscription and the site's settings name it.
fn kept_inside(
    item: &ChannelSubscription,
    settings: &EffectiveSettings,
    seen: &Seen,
) -> Option<&'static str> {
    if seen.issue.has_security_level && !settings.secured_issues_allowed() {
        return Some("secured_issue");
    }
    if !item.filter.admits(&followed(item, &seen.issue)) {
        return Some("not_followed");
    }
    let kept = seen.comment.as_ref().is_some_and(|comment| comment.restricted || comment.internal);
    (kept && !(item.filter.restricted && settings.restricted_comments_allowed()))
        .then_some("restricted_comment")
}

/// What of an issue the filter looks at.
fn followed(item: &ChannelSubscription, issue: &Issue) -> Followed {
    Followed {
        issue_type: issue.issue_type_id.clone(),
        status_category: issue.status_category,
        priority: issue.priority_id.clone(),
        assignee: issue.assignee.as_ref().map(|user| user.account_id.clone()),
        labels: issue
            .labels
            .iter()
            .filter_map(|label| label_hash(&item.follow_id, label.as_str()))
            .collect(),
        secured: issue.has_security_level,
    }
}
