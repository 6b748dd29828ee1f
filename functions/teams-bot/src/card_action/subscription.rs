//! The button that ends a conversation's subscription to a project.

use serde_json::Value;
use tandem_domain::{CloudId, Failure, FollowId, Purpose};
use tandem_microsoft::cards;
use tandem_store::ChannelSubscription;

use super::{answer, texts};
use crate::{
    stopped::Stopped,
    turn::{Me, Turn},
};

/// Ends it. One that has ended already ends well.
pub(super) async fn end(
    turn: &Turn<'_>,
    cloud: &CloudId,
    follow: &FollowId,
) -> Result<Value, Stopped> {
    let me = turn.me_on(cloud).await?;
    let channel = turn.activity.conversation.id.channel();
    let subscriptions = turn.app.store.list_projects_by_channel(&turn.tenant, &channel).await?;
    let found =
        subscriptions.into_iter().find(|item| item.follow_id == *follow && item.cloud_id == *cloud);
    if let Some(item) = found {
        check_may_end(turn, &me, &item).await?;
        turn.app.store.delete_channel_subscription(&item).await?;
    }
    let told = cards::notice(texts::UNSUBSCRIBED, texts::UNSUBSCRIBED_TEXT, &[]);
    Ok(answer::card(told, None))
}

/// Who subscribed may end it, and whoever may see the project.
async fn check_may_end(
    turn: &Turn<'_>,
    me: &Me,
    item: &ChannelSubscription,
) -> Result<(), Stopped> {
    if item.subscribed_by == me.link.account_id {
        return Ok(());
    }
    let token = turn.jira_token(me, Purpose::ShowIssue).await?;
    match turn.site(me, &token).get_project(item.project_id.as_str()).await {
        Ok(_) => Ok(()),
        Err(Failure::Absent { .. } | Failure::Forbidden { .. }) => Err(Stopped::NotThere),
        Err(failure) => Err(failure.into()),
    }
}
