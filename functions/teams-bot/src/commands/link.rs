//! `link KEY`: a group chat with an issue, or a channel's thread.

use tandem_domain::{ActivityId, ChatId, ConversationKind, Failure, Purpose, document::Prose};
use tandem_jira::client::Issue;
use tandem_microsoft::cards::{self, Card};
use tandem_runtime::{shown_chat, subscriptions};
use tandem_store::{ChatKind, ChatLink, IssueThread, LinkState};

use super::{issue::InJira, parse::IssueTarget, texts};
use crate::{shown, stopped::Stopped, turn::Turn};

const PURPOSE: Purpose = Purpose::LinkChat;

pub(super) async fn link(turn: &Turn<'_>, target: &IssueTarget) -> Result<Card, Stopped> {
    let kind = turn.activity.conversation.kind;
    if kind == ConversationKind::Personal {
        return Err(Stopped::Cannot(texts::LINK_PERSONAL));
    }
    let jira = InJira::of_target(turn, target, PURPOSE).await?;
    let issue = jira.issue(&target.key).await?;
    jira.check_allowed(&issue).await?;
    match kind {
        ConversationKind::Channel => link_thread(turn, &jira, &issue).await,
        _ => link_chat(turn, &jira, &issue).await,
    }
}

/// Links the group chat, in which the person must be.
async fn link_chat(turn: &Turn<'_>, jira: &InJira<'_>, issue: &Issue) -> Result<Card, Stopped> {
    let chat_id = chat_of(turn)?;
    let topic = topic_as_member(turn, jira, &chat_id).await?;
    let me = &jira.me.link;
    let known =
        turn.app.store.find_chat_link(&me.cloud_id, &issue.id, &turn.tenant, &chat_id).await?;
    let already = known.is_some_and(|link| link.state == LinkState::Active);
    if !already {
        // One that carried nothing any more begins anew, as this person's.
        let link = ChatLink {
            cloud_id: me.cloud_id.clone(),
            issue_id: issue.id.clone(),
            project_id: issue.project_id.clone(),
            tenant_id: turn.tenant.clone(),
            chat_id: chat_id.clone(),
            chat_kind: kind_of(&chat_id),
            created_by: me.account_id.clone(),
            creator_object_id: me.object_id.clone(),
            state: LinkState::Active,
            created_at: turn.app.clock.now(),
        };
        turn.app.store.put_chat_link(&link).await?;
    }
    complete(turn, jira, issue, &chat_id).await;
    let site = shown::installation(turn, jira.me.cloud()).await?;
    let url = shown::url_of(&site, issue)?;
    if already {
        let text = format!("{}{}", texts::ALREADY_LINKED_TEXT, issue.key);
        return Ok(cards::notice(texts::ALREADY_LINKED, &text, &[(texts::OPEN_IN_JIRA, url)]));
    }
    Ok(cards::linked(&shown::view(issue, &url), topic.as_ref().map(Prose::as_str)))
}

/// The chat of the conversation.
pub(super) fn chat_of(turn: &Turn<'_>) -> Result<ChatId, Stopped> {
    let id = turn.activity.conversation.id.as_str();
    ChatId::parse(id).map_err(|_| Stopped::Cannot(texts::NOT_A_CHAT))
}

fn kind_of(chat: &ChatId) -> ChatKind {
    if chat.as_str().ends_with("@unq.gbl.spaces") { ChatKind::OneOnOne } else { ChatKind::Group }
}

/// What the chat is called, read as the person: that is the check that they are in it.
async fn topic_as_member(
    turn: &Turn<'_>,
    jira: &InJira<'_>,
    chat_id: &ChatId,
) -> Result<Option<Prose>, Stopped> {
    let token = turn.microsoft_token(&jira.me, PURPOSE).await?;
    match turn.app.graph.as_user(&token).get_chat(chat_id).await {
        Ok(chat) if chat.members.contains(&jira.me.link.object_id) => Ok(chat.topic),
        Ok(_) | Err(Failure::Absent { .. } | Failure::Forbidden { .. }) => {
            Err(Stopped::Cannot(texts::NOT_A_MEMBER))
        }
        Err(failure) => Err(failure.into()),
    }
}

/// Shows the chat in the issue and listens to it. Neither undoes the link where it fails: upkeep
/// listens again, and linking again shows it.
async fn complete(turn: &Turn<'_>, jira: &InJira<'_>, issue: &Issue, chat_id: &ChatId) {
    let me = &jira.me.link;
    let shown = shown_chat::show(&jira.site(), &issue.id, &turn.tenant, chat_id).await;
    let listening =
        subscriptions::ensure(turn.app, &turn.tenant, chat_id, &me.object_id, &turn.request).await;
    for (step, outcome) in [("show_in_issue", shown), ("listen", listening.map(|_| ()))] {
        if let Err(failure) = outcome {
            tracing::warn!(target: "tandem", function = crate::NAME, step, code = failure.code(), %failure, "left undone");
        }
    }
}

/// Makes the thread the one in which the channel is told of the issue.
async fn link_thread(turn: &Turn<'_>, jira: &InJira<'_>, issue: &Issue) -> Result<Card, Stopped> {
    let root_id = root_of(turn)?;
    let channel_id = turn.activity.conversation.id.channel();
    let (store, cloud) = (&turn.app.store, jira.me.cloud());
    let known = store.find_issue_thread(cloud, &issue.id, &turn.tenant, &channel_id).await?;
    let already = known.is_some_and(|thread| thread.root_id == root_id);
    if !already {
        let thread = IssueThread {
            cloud_id: cloud.clone(),
            issue_id: issue.id.clone(),
            tenant_id: turn.tenant.clone(),
            channel_id: channel_id.clone(),
            project_id: Some(issue.project_id.clone()),
            root_id,
            last_id: None,
            last_changes: Vec::new(),
            last_at: turn.app.clock.now(),
        };
        store.put_issue_thread(&thread).await?;
    }
    let followed = store.list_projects_by_channel(&turn.tenant, &channel_id).await?;
    let told =
        followed.iter().any(|item| item.cloud_id == *cloud && item.project_id == issue.project_id);
    let title = if already { texts::THREAD_ALREADY } else { texts::THREAD_LINKED };
    let mut text = texts::THREAD_LINKED_TEXT.to_owned();
    if !told {
        let project = issue.key.as_str().rsplit_once('-').map_or("", |(project, _)| project);
        text = format!("{text}\n{}{project}", texts::THREAD_NOT_TOLD);
    }
    let site = shown::installation(turn, cloud).await?;
    let url = shown::url_of(&site, issue)?;
    Ok(cards::notice(&format!("{title}{}", issue.key), &text, &[(texts::OPEN_IN_JIRA, url)]))
}

/// The first message of the thread that the command was written in, or the command itself.
pub(super) fn root_of(turn: &Turn<'_>) -> Result<ActivityId, Stopped> {
    let thread = turn.activity.conversation.id.thread();
    let root = thread.and_then(|root| ActivityId::parse(root).ok());
    root.or_else(|| turn.activity.id.clone()).ok_or(Stopped::Cannot(texts::NOT_A_CHAT))
}
