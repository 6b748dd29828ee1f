//! Who else is to be told of an event: channels that subscribed to the project, and people it may
//! concern.

use tandem_domain::{Audience, CloudId, Telling, Told};
use tandem_jira::webhook::payload::Event;
use tandem_runtime::{ApiError, App};

use crate::decide::{self, Occurrence, ToTell};

/// The most people of one event that are looked up: as many as one round trip reads.
const MOST_PEOPLE: usize = 25;

/// What is to be told of an event to others than its chats. Nothing where the payload names no
/// project: then it tells of nothing that a channel could have subscribed to.
pub(crate) async fn tellings(
    app: &App,
    cloud: &CloudId,
    event: &Event,
    occurrence: &Occurrence<'_>,
) -> Result<Vec<Telling>, ApiError> {
    let Some((what, kind)) = decide::told_of(&event.kind) else { return Ok(Vec::new()) };
    let (Some(project), Some(issue)) =
        (decide::project_of(&event.kind), decide::issue_of(&event.kind))
    else {
        return Ok(Vec::new());
    };
    let now = app.clock.now();
    let to_tell = ToTell { cloud, issue, project, what: &what, occurrence, now };
    let mut audiences = Vec::new();
    for item in app.store.list_channels_by_project(cloud, project).await? {
        if decide::channel_wants(&item, kind, &event.kind) {
            audiences.push(Audience::Channel {
                follow_id: item.follow_id,
                tenant_id: item.tenant_id,
                channel_id: item.channel_id,
            });
        }
    }
    let concerned = decide::concerned(event);
    let concerned = &concerned[..concerned.len().min(MOST_PEOPLE)];
    for link in app.store.list_links_by_accounts(cloud, concerned).await? {
        audiences.push(Audience::Person { account_id: link.account_id });
    }
    let of_watchers = !matches!(what, Told::Created { .. } | Told::Deleted);
    if of_watchers && app.watched.anybody(&app.store, cloud, now).await? {
        let event = to_tell.event().ok_or_else(|| ApiError::internal("claim"))?;
        audiences.push(Audience::Watchers { event });
    }
    audiences
        .into_iter()
        .map(|audience| to_tell.to(audience).ok_or_else(|| ApiError::internal("claim")))
        .collect()
}
