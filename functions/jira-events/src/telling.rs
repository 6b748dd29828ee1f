//! Who else is to be told of an event: channels that subscribed to the project, and people it may
//! concern.

use std::sync::Arc;

use tandem_domain::{
    AccountId, Audience, CloudId, ConversationId, IssueId, ProjectId, Telling, TenantId, Told,
};
use tandem_jira::webhook::payload::Event;
use tandem_runtime::{ApiError, App};
use tandem_store::{ChannelSubscription, IssueThread};

use crate::decide::{self, Occurrence, ToTell};

/// The most people of one event that are looked up: as many as one round trip reads.
const MOST_PEOPLE: usize = 25;
/// As how many subscribers an issue is looked up at most, behind its own people.
const MOST_SUBSCRIBERS: usize = 5;

/// Who may have to be told of an event beside its chats, as it was read a moment ago or now.
pub(crate) struct Listeners {
    what: Told,
    project: ProjectId,
    issue: IssueId,
    /// Whom it may concern.
    concerned: Vec<AccountId>,
    /// Those of them, and the author, who have linked their accounts.
    linked: Vec<AccountId>,
    following: Arc<[ChannelSubscription]>,
    watched: bool,
}

impl Listeners {
    /// Looks for them, at once. Nobody where the payload names no project: then it tells of nothing
    /// that a channel could have subscribed to.
    pub(crate) async fn of(
        app: &App,
        cloud: &CloudId,
        event: &Event,
    ) -> Result<Option<Self>, ApiError> {
        let Some(what) = decide::told_of(&event.kind) else { return Ok(None) };
        let (Some(project), Some(issue)) =
            (decide::project_of(&event.kind), decide::issue_of(&event.kind))
        else {
            return Ok(None);
        };
        let concerned = decide::concerned(event);
        let author = decide::author_of(&event.kind);
        let asked: Vec<AccountId> =
            author.into_iter().chain(&concerned).take(MOST_PEOPLE).cloned().collect();
        let recent = app.store.recent(&*app.clock);
        let of_watchers = !matches!(what, Told::Created { .. } | Told::Deleted);
        let watched = async { Ok(of_watchers && recent.has_watchers(cloud).await?) };
        let (following, linked, watched) = tokio::try_join!(
            recent.channels_by_project(cloud, project),
            recent.linked(cloud, &asked),
            watched,
        )?;
        let (project, issue) = (project.clone(), issue.clone());
        Ok(Some(Self { what, project, issue, concerned, linked, following, watched }))
    }

    /// What they are told.
    pub(crate) fn tellings(
        self,
        app: &App,
        cloud: &CloudId,
        event: &Event,
        occurrence: &Occurrence<'_>,
        threads: &[IssueThread],
    ) -> Result<Vec<Telling>, ApiError> {
        let Self { what, project, issue, concerned, linked, following, watched } = self;
        let (what, now) = (&what, app.clock.now());
        let to_tell = ToTell { cloud, issue: &issue, project: &project, what, occurrence, now };
        let mut audiences = channels(&to_tell, event, &following, threads);
        let people = linked.iter().filter(|account| concerned.contains(account));
        audiences.extend(people.map(|account| Audience::Person { account_id: account.clone() }));
        let readers = readers(event, linked, &following);
        if watched || !readers.is_empty() {
            let event = to_tell.event().ok_or_else(|| ApiError::internal("claim"))?;
            audiences.push(Audience::Others { event, readers });
        }
        audiences
            .into_iter()
            .map(|audience| to_tell.to(audience).ok_or_else(|| ApiError::internal("claim")))
            .collect()
    }
}

/// As whom a commented issue can be looked up for its reporter, each once: its people, and who
/// subscribed a channel to its project. Nobody else: whom an event does not concern, nothing is read
/// as. Nobody either where the reporter does not matter or is known.
fn readers(
    event: &Event,
    linked: Vec<AccountId>,
    following: &[ChannelSubscription],
) -> Vec<AccountId> {
    if !decide::hides_reporter(event) {
        return Vec::new();
    }
    let mut readers = linked;
    let subscribers = following.iter().map(|item| &item.subscribed_by);
    for account in subscribers.take(MOST_SUBSCRIBERS) {
        if !readers.contains(account) {
            readers.push(account.clone());
        }
    }
    readers
}

/// The channels to be told, each once, however many of its subscriptions want the event. That an
/// issue is gone reaches every channel with a thread of it as well: the thread is to be forgotten.
fn channels(
    to_tell: &ToTell<'_>,
    event: &Event,
    following: &[ChannelSubscription],
    threads: &[IssueThread],
) -> Vec<Audience> {
    let what = to_tell.what;
    let mut channels: Vec<Audience> = Vec::new();
    let mut add = |tenant_id: &TenantId, channel_id: &ConversationId| {
        let (tenant_id, channel_id) = (tenant_id.clone(), channel_id.clone());
        let channel = Audience::Channel { tenant_id, channel_id };
        if !channels.contains(&channel) {
            channels.push(channel);
        }
    };
    for item in following.iter().filter(|item| decide::channel_wants(item, what, &event.kind)) {
        add(&item.tenant_id, &item.channel_id);
    }
    if *what == Told::Deleted {
        for thread in threads {
            add(&thread.tenant_id, &thread.channel_id);
        }
    }
    channels
}
