//! `unlink [KEY]`: the end of a chat's link with an issue, or of an issue's thread.

use tandem_domain::{ConversationKind, Purpose};
use tandem_microsoft::cards::{self, Card};
use tandem_runtime::{shown_chat, subscriptions};
use tandem_store::{ChatLink, LinkState};

use super::{
    issue::InJira,
    link::{chat_of, root_of},
    parse::IssueTarget,
    texts,
};
use crate::{stopped::Stopped, turn::Turn};

const PURPOSE: Purpose = Purpose::LinkChat;

pub(super) async fn unlink(turn: &Turn<'_>, target: Option<&IssueTarget>) -> Result<Card, Stopped> {
    match turn.activity.conversation.kind {
        ConversationKind::Personal => Err(Stopped::Cannot(texts::UNLINK_PERSONAL)),
        ConversationKind::GroupChat => unlink_chat(turn, target).await,
        ConversationKind::Channel => unlink_thread(turn, target).await,
    }
}

async fn unlink_chat(turn: &Turn<'_>, target: Option<&IssueTarget>) -> Result<Card, Stopped> {
    let chat = chat_of(turn)?;
    let links = turn.app.store.list_issues_by_chat(&turn.tenant, &chat).await?;
    let only_one_left = links.len() == 1;
    let (link, jira) = match target {
        Some(target) => named(turn, links, target).await?,
        None => match <[ChatLink; 1]>::try_from(links) {
            Ok([only]) => the_only(turn, only).await?,
            Err(links) if links.is_empty() => return Err(Stopped::Cannot(texts::NOTHING_LINKED)),
            Err(links) => return ask_which(turn, &links).await,
        },
    };
    // The link is still there if this has to be tried again.
    if only_one_left {
        subscriptions::end(turn.app, &turn.tenant, &chat, &turn.request).await?;
    }
    turn.app.store.delete_chat_link(&link).await?;
    let hidden = shown_chat::hide(&jira.site(), &link.issue_id, &turn.tenant, &chat).await;
    if let Err(failure) = hidden {
        tracing::warn!(target: "tandem", function = crate::NAME, step = "hide_in_issue", code = failure.code(), %failure, "left undone");
    }
    Ok(cards::notice(texts::UNLINKED, texts::UNLINKED_CHAT, &[]))
}

/// The link with the issue that the person named and may see.
async fn named<'a>(
    turn: &'a Turn<'a>,
    links: Vec<ChatLink>,
    target: &IssueTarget,
) -> Result<(ChatLink, InJira<'a>), Stopped> {
    let jira = InJira::of_target(turn, target, PURPOSE).await?;
    let issue = jira.issue(&target.key).await?;
    let ours = |link: &ChatLink| link.cloud_id == *jira.me.cloud() && link.issue_id == issue.id;
    let link = links.into_iter().find(ours);
    Ok((link.ok_or(Stopped::Cannot(texts::NOT_LINKED_HERE))?, jira))
}

/// The only link of the chat, when it is the person's to end: they made it, or may see the issue,
/// or there is no issue any more.
async fn the_only<'a>(
    turn: &'a Turn<'a>,
    link: ChatLink,
) -> Result<(ChatLink, InJira<'a>), Stopped> {
    let jira = on_site_of(turn, &link).await?.ok_or(Stopped::Cannot(texts::UNLINK_NOT_YOURS))?;
    let ours = link.creator_object_id == jira.me.link.object_id
        || link.state == LinkState::IssueDeleted
        || jira.sees(&link.issue_id).await?;
    if ours { Ok((link, jira)) } else { Err(Stopped::Cannot(texts::UNLINK_NOT_YOURS)) }
}

/// The person on the site of a link; `None` where they are linked with another one only.
async fn on_site_of<'a>(
    turn: &'a Turn<'a>,
    link: &ChatLink,
) -> Result<Option<InJira<'a>>, Stopped> {
    match turn.me_on(&link.cloud_id).await {
        Ok(me) => InJira::of(turn, me, PURPOSE).await.map(Some),
        Err(Stopped::NotLinked) if !turn.links().await?.is_empty() => Ok(None),
        Err(stopped) => Err(stopped),
    }
}

/// Asks for the issue, naming those that the person may see.
async fn ask_which(turn: &Turn<'_>, links: &[ChatLink]) -> Result<Card, Stopped> {
    let mut keys = Vec::new();
    for link in links {
        let Some(jira) = on_site_of(turn, link).await? else { continue };
        match jira.issue(&link.issue_id).await {
            Ok(issue) => keys.push(issue.key.to_string()),
            Err(Stopped::NotThere) => {}
            Err(stopped) => return Err(stopped),
        }
    }
    let text = format!("{}\n{}", texts::UNLINK_WHICH_TEXT, keys.join(", "));
    Ok(cards::notice(texts::UNLINK_WHICH, &text, &[]))
}

/// Ends what `link` said of a thread: the channel is told of the issue in a new one from then on.
async fn unlink_thread(turn: &Turn<'_>, target: Option<&IssueTarget>) -> Result<Card, Stopped> {
    let (store, channel) = (&turn.app.store, turn.activity.conversation.id.channel());
    let thread = if let Some(target) = target {
        let jira = InJira::of_target(turn, target, PURPOSE).await?;
        let issue = jira.issue(&target.key).await?;
        let found =
            store.find_issue_thread(jira.me.cloud(), &issue.id, &turn.tenant, &channel).await?;
        found.ok_or(Stopped::Cannot(texts::NOT_LINKED_HERE))?
    } else {
        let root = root_of(turn)?;
        let mut threads = store.list_threads_by_channel(&turn.tenant, &channel).await?;
        threads.retain(|thread| thread.root_id == root);
        let Some(thread) = threads.pop() else {
            // Only to somebody who is linked it is told how things stand.
            turn.me().await?;
            return Err(Stopped::Cannot(texts::UNLINK_THREAD_WHICH));
        };
        let jira = InJira::of(turn, turn.me_on(&thread.cloud_id).await?, PURPOSE).await?;
        if !jira.sees(&thread.issue_id).await? {
            return Err(Stopped::Cannot(texts::UNLINK_NOT_YOURS));
        }
        thread
    };
    store.delete_issue_thread(&thread).await?;
    Ok(cards::notice(texts::UNLINKED, texts::UNLINKED_THREAD, &[]))
}
