//! `unsubscribe [PROJECT or number]`: the end of subscriptions. Whoever is linked and writes in the
//! conversation may end those of it.

use tandem_domain::{ConversationKind, Failure, Purpose};
use tandem_microsoft::cards::{self, Card};
use tandem_store::ChannelSubscription;

use super::{
    issue::InJira,
    parse::Which,
    subscriptions::{card, of_conversation},
    texts,
};
use crate::{stopped::Stopped, turn::Turn};

/// `resumed` says that an earlier attempt may have ended them already.
pub(super) async fn unsubscribe(
    turn: &Turn<'_>,
    which: Option<&Which>,
    resumed: bool,
) -> Result<Card, Stopped> {
    if turn.activity.conversation.kind == ConversationKind::Personal {
        return Err(Stopped::Cannot(texts::UNSUBSCRIBE_PERSONAL));
    }
    let me = turn.me().await?;
    let list = of_conversation(turn).await?;
    let chosen = match which {
        Some(Which::Project(key)) => {
            let jira = InJira::of(turn, me, Purpose::CheckPermission).await?;
            of_project(&jira, list, key).await?
        }
        // A number may mean another one by now, and the only one may be gone: the list tells.
        _ if resumed => return card(turn, &list).await,
        Some(Which::Number(number)) => {
            let index = number.checked_sub(1);
            let one = index.and_then(|index| list.into_iter().nth(index));
            vec![one.ok_or(Stopped::Cannot(texts::NO_SUCH_NUMBER))?]
        }
        None if list.len() == 1 => list,
        None => return card(turn, &list).await,
    };
    for item in &chosen {
        turn.app.store.delete_channel_subscription(item).await?;
    }
    Ok(cards::notice(texts::UNSUBSCRIBED, texts::UNSUBSCRIBED_TEXT, &[]))
}

/// The subscriptions to a project, which the person must see: they named it.
async fn of_project(
    jira: &InJira<'_>,
    list: Vec<ChannelSubscription>,
    key: &str,
) -> Result<Vec<ChannelSubscription>, Stopped> {
    let project = match jira.site().get_project(key).await {
        Ok(found) => found.project,
        Err(Failure::Absent { .. } | Failure::Forbidden { .. }) => {
            return Err(Stopped::Cannot(texts::MAY_NOT_BROWSE));
        }
        Err(failure) => return Err(failure.into()),
    };
    let ours = |item: &ChannelSubscription| {
        item.cloud_id == *jira.me.cloud() && item.project_id == project.id
    };
    let chosen: Vec<_> = list.into_iter().filter(ours).collect();
    if chosen.is_empty() { Err(Stopped::Cannot(texts::NOT_SUBSCRIBED)) } else { Ok(chosen) }
}
