//! `subscribe PROJECT ...`: what happens in a project is told in the conversation.

use tandem_domain::{ConversationKind, Failure, FollowId, Purpose};
use tandem_jira::client::{Permission, PermissionContext, ProjectDetails};
use tandem_microsoft::cards::{self, Card};
use tandem_runtime::labels::new_follow_id;
use tandem_store::{ChannelSubscription, LinkState};

use super::{
    filter::{self, Reading, Wanted},
    issue::InJira,
    parse::FilterWords,
    subscriptions::of_conversation,
    texts,
};
use crate::{stopped::Stopped, turn::Turn};

/// The most subscriptions of one conversation.
const MOST: usize = 50;

pub(super) async fn subscribe(
    turn: &Turn<'_>,
    project: &str,
    words: &FilterWords,
) -> Result<Card, Stopped> {
    if turn.activity.conversation.kind == ConversationKind::Personal {
        return Err(Stopped::Cannot(texts::SUBSCRIBE_PERSONAL));
    }
    let jira = InJira::of(turn, turn.me().await?, Purpose::CheckPermission).await?;
    let project = readable(&jira, project).await?;
    check_settings(turn, &jira, &project, words).await?;
    let me = &jira.me.link.account_id;
    let wanted = match filter::read(&jira.site(), me, &project, words).await? {
        Reading::Understood(wanted) => wanted,
        Reading::NotUnderstood(text) => {
            return Ok(cards::notice(texts::NOT_UNDERSTOOD, &text, &[]));
        }
    };
    let known = of_conversation(turn).await?;
    let same = same_as(&known, &jira, &project, &wanted);
    if same.is_some_and(|item| item.state == LinkState::Active) {
        return Ok(told(turn, texts::ALREADY_SUBSCRIBED, &project, &wanted));
    }
    if same.is_none() && known.len() >= MOST {
        return Err(Stopped::Cannot(texts::TOO_MANY));
    }
    let item = subscription(turn, &jira, &project, &wanted, same)?;
    turn.app.store.put_channel_subscription(&item).await?;
    Ok(told(turn, texts::SUBSCRIBED, &project, &wanted))
}

/// The project, when the person may read it.
async fn readable(jira: &InJira<'_>, key: &str) -> Result<ProjectDetails, Stopped> {
    let hidden = |failure| match failure {
        Failure::Absent { .. } | Failure::Forbidden { .. } => {
            Stopped::Cannot(texts::MAY_NOT_BROWSE)
        }
        failure => Stopped::from(failure),
    };
    let project = jira.site().get_project(key).await.map_err(hidden)?;
    let context = PermissionContext::Project(&project.project.id);
    let asked = [Permission::BrowseProjects];
    let held = jira.site().permissions(&asked, context).await.map_err(hidden)?;
    if held.has(Permission::BrowseProjects) {
        Ok(project)
    } else {
        Err(Stopped::Cannot(texts::MAY_NOT_BROWSE))
    }
}

/// Refuses what the settings keep inside Jira.
async fn check_settings(
    turn: &Turn<'_>,
    jira: &InJira<'_>,
    project: &ProjectDetails,
    words: &FilterWords,
) -> Result<(), Stopped> {
    let id = &project.project.id;
    let settings = turn.app.store.get_effective_settings(jira.me.cloud(), Some(id), None).await?;
    if !settings.tenant_allowed(&turn.tenant) {
        return Err(Stopped::TenantNotAllowed);
    }
    if words.secured && !settings.secured_issues_allowed() {
        return Err(Stopped::Cannot(texts::SECURED_OFF));
    }
    if words.restricted && !settings.restricted_comments_allowed() {
        return Err(Stopped::Cannot(texts::RESTRICTED_OFF));
    }
    Ok(())
}

/// The subscription of the conversation that wants the same.
fn same_as<'a>(
    known: &'a [ChannelSubscription],
    jira: &InJira<'_>,
    project: &ProjectDetails,
    wanted: &Wanted,
) -> Option<&'a ChannelSubscription> {
    known.iter().find(|item| {
        item.cloud_id == *jira.me.cloud()
            && item.project_id == project.project.id
            && wanted.filter(&item.follow_id).is_some_and(|filter| filter == item.filter)
    })
}

/// A new subscription; or, in the place of one that is told no more, this person's.
fn subscription(
    turn: &Turn<'_>,
    jira: &InJira<'_>,
    project: &ProjectDetails,
    wanted: &Wanted,
    before: Option<&ChannelSubscription>,
) -> Result<ChannelSubscription, Stopped> {
    let fault = |what| Stopped::Failed(Failure::Fault { what });
    let follow_id: FollowId = match before {
        Some(before) => before.follow_id.clone(),
        None => new_follow_id(turn.app.entropy.as_ref()).ok_or_else(|| fault("follow_id"))?,
    };
    let me = &jira.me.link;
    Ok(ChannelSubscription {
        filter: wanted.filter(&follow_id).ok_or_else(|| fault("label_hash"))?,
        follow_id,
        cloud_id: me.cloud_id.clone(),
        project_id: project.project.id.clone(),
        tenant_id: turn.tenant.clone(),
        channel_id: turn.activity.conversation.id.channel(),
        service_url: turn.activity.service_url.clone(),
        subscribed_by: me.account_id.clone(),
        subscriber: me.object_id.clone(),
        state: LinkState::Active,
        created_at: before.map_or_else(|| turn.app.clock.now(), |before| before.created_at),
    })
}

fn told(turn: &Turn<'_>, how: &str, project: &ProjectDetails, wanted: &Wanted) -> Card {
    let project = &project.project;
    let title = format!("{how}{}: {}", project.key.as_str(), project.name.as_str());
    let mut text = wanted.described();
    if turn.activity.conversation.kind == ConversationKind::Channel {
        text = format!("{text}\n{}", texts::OWN_THREADS);
    }
    cards::notice(&title, &text, &[])
}
