//! The button that ends a conversation's subscription to a project.

use serde_json::Value;
use tandem_domain::{CloudId, FollowId};
use tandem_microsoft::cards;

use super::{answer, texts};
use crate::{stopped::Stopped, turn::Turn};

/// Ends it. One that has ended already ends well.
pub(super) async fn end(
    turn: &Turn<'_>,
    cloud: &CloudId,
    follow: &FollowId,
) -> Result<Value, Stopped> {
    // As with the command: whoever is linked and in the conversation.
    turn.me_on(cloud).await?;
    let channel = turn.activity.conversation.id.channel();
    let subscriptions = turn.app.store.list_projects_by_channel(&turn.tenant, &channel).await?;
    let found =
        subscriptions.into_iter().find(|item| item.follow_id == *follow && item.cloud_id == *cloud);
    if let Some(item) = found {
        turn.app.store.delete_channel_subscription(&item).await?;
    }
    let told = cards::notice(texts::UNSUBSCRIBED, texts::UNSUBSCRIBED_TEXT, &[]);
    Ok(answer::card(told, None))
}
