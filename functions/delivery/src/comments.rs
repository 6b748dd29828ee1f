//! Jira comments into the chat.

use tandem_domain::{
    AccountId, CommentId, Failure, MessageId, ObjectId, Purpose,
    document::{Block, Inline},
    settings::CommentSync,
};
use tandem_jira::{
    adf,
    client::{Comment, Issue, Site},
};
use tandem_microsoft::{
    graph::{ChatMessage, Graph},
    html,
};
use tandem_store::{Installation, MessageLink, Origin};

use crate::{
    acting::Actor,
    marks::{PROPERTY, message_of_property, strong},
    work::{Outcome, Work},
};

const PURPOSE: Purpose = Purpose::CarryToTeams;

/// Carries a new or changed comment into the chat. What is read again decides, not the event.
pub(crate) async fn carry(
    work: &Work<'_>,
    comment_id: &CommentId,
    author: &AccountId,
) -> Result<Outcome, Failure> {
    if work.settings.comment_sync() == CommentSync::Off {
        return Ok(Outcome::Dropped("comment_sync_off"));
    }
    let link = work.pair.clone();
    if link.as_ref().is_some_and(|link| link.deleted_at.is_some()) {
        return Ok(Outcome::Dropped("deleted_before"));
    }
    let actor = work.actor_or_creator(Some(author), PURPOSE).await?;
    let site = work.app.jira.site(work.cloud(), &actor.jira);
    let read = async {
        let issue = site.get_issue(work.issue());
        let (issue, comment) = tokio::join!(issue, site.get_comment(work.issue(), comment_id));
        Ok::<_, Failure>((issue?, comment?))
    };
    let (issue, comment) = match read.await {
        Ok(read) => read,
        // Gone, or out of the author's own sight: what is in the chat goes too.
        Err(Failure::Absent { .. }) => return take_back(work, link, &actor, "comment_gone").await,
        Err(failure) => return Err(failure),
    };
    if let Some(why) = kept_inside(work, &issue, &comment) {
        return take_back(work, link, &actor, why).await;
    }
    match link {
        Some(link) => edit(work, &issue, comment, link).await,
        None => post(work, &issue, comment, author, actor).await,
    }
}

/// Why a comment must not cross, as it stands now.
fn kept_inside(work: &Work<'_>, issue: &Issue, comment: &Comment) -> Option<&'static str> {
    let restricted = comment.restricted || comment.internal;
    if restricted && !work.settings.restricted_comments_allowed() {
        return Some("restricted_comment");
    }
    (issue.has_security_level && !work.settings.secured_issues_allowed()).then_some("secured_issue")
}

/// Posts a comment that the chat does not have yet.
async fn post(
    work: &Work<'_>,
    issue: &Issue,
    comment: Comment,
    told_author: &AccountId,
    actor: Actor,
) -> Result<Outcome, Failure> {
    let site = work.app.jira.site(work.cloud(), &actor.jira);
    if let Some(link) = echo(work, &site, &comment, &actor).await? {
        work.app.store.put_message_link(&link).await?;
        return Ok(Outcome::Dropped("echo"));
    }
    let Some(author) = comment.author.as_ref().map(|author| author.account_id.clone()) else {
        return Ok(Outcome::Dropped("no_author"));
    };
    work.comments_before(&site, &comment).await?;
    let installation = work.installation()?;
    // A member whose own post is refused (they left the chat) speaks through its creator.
    let mut poster = if author == *told_author {
        actor
    } else {
        work.actor_or_creator(Some(&author), PURPOSE).await?
    };
    let mut refused = false;
    let message = loop {
        let body = body(work, installation, issue, &comment, poster.account == author)?;
        let graph = work.app.graph.as_user(&poster.teams);
        match post_once(work, &graph, &comment, &body).await {
            Ok(message) => break message,
            Err(Failure::Forbidden { .. } | Failure::Absent { .. })
                if !refused && poster.object != work.chat.creator_object_id =>
            {
                refused = true;
                poster = work.creator(PURPOSE).await?;
            }
            Err(failure) => return Err(failure),
        }
    };
    let message_version = message.version();
    let link = MessageLink {
        cloud_id: work.cloud().clone(),
        issue_id: work.issue().clone(),
        comment_id: comment.id.clone(),
        tenant_id: work.delivery.tenant_id.clone(),
        chat_id: work.delivery.chat_id.clone(),
        message_id: message.id.clone(),
        origin: Origin::Jira,
        comment_by: author,
        message_by: poster.object,
        comment_version: comment.updated,
        message_version,
        deleted_at: None,
    };
    work.note_comment(&comment.id);
    Ok(Outcome::paired(Some(message.id), link))
}

/// Posts a message, unless an earlier attempt did: then only what was edited since is made up for.
async fn post_once(
    work: &Work<'_>,
    graph: &Graph<'_>,
    comment: &Comment,
    body: &str,
) -> Result<ChatMessage, Failure> {
    let chat = &work.delivery.chat_id;
    let Some(posted) = work.posted_before(graph).await? else {
        return graph.send_message(chat, body).await;
    };
    if comment.updated == comment.created {
        return Ok(posted);
    }
    graph.update_message(chat, &posted.id, body).await?;
    graph.get_message(chat, &posted.id).await
}

/// The link of a comment that Tandem wrote for a message of this chat, when nothing tells of it yet
/// but the comment's own property.
async fn echo(
    work: &Work<'_>,
    site: &Site<'_>,
    comment: &Comment,
    actor: &Actor,
) -> Result<Option<MessageLink>, Failure> {
    let value = site.get_comment_property(&comment.id, PROPERTY).await?;
    let message: Option<MessageId> =
        value.and_then(|value| message_of_property(&value, &work.delivery.chat_id));
    let Some(message_id) = message else { return Ok(None) };
    let message =
        work.app.graph.as_user(&actor.teams).get_message(&work.delivery.chat_id, &message_id).await;
    let message = match message {
        Ok(message) => message,
        Err(Failure::Forbidden { .. } | Failure::Absent { .. }) => return Ok(None),
        Err(failure) => return Err(failure),
    };
    Ok(Some(MessageLink {
        cloud_id: work.cloud().clone(),
        issue_id: work.issue().clone(),
        comment_id: comment.id.clone(),
        tenant_id: work.delivery.tenant_id.clone(),
        chat_id: work.delivery.chat_id.clone(),
        message_id,
        origin: Origin::Teams,
        comment_by: comment
            .author
            .as_ref()
            .map_or_else(|| actor.account.clone(), |author| author.account_id.clone()),
        message_by: message
            .author
            .as_ref()
            .map_or_else(|| actor.object.clone(), |author| author.id.clone()),
        comment_version: comment.updated,
        message_version: message.version(),
        deleted_at: None,
    }))
}

/// Brings the message up to the comment. A version that both sides show already is our own write
/// come back.
async fn edit(
    work: &Work<'_>,
    issue: &Issue,
    comment: Comment,
    link: MessageLink,
) -> Result<Outcome, Failure> {
    if comment.updated <= link.comment_version {
        return Ok(Outcome::Dropped("echo"));
    }
    let same_person = work
        .link_of_account(&link.comment_by)
        .await?
        .is_some_and(|known| known.object_id == link.message_by);
    if link.origin == Origin::Teams && !same_person {
        // The comment quotes somebody: their message stays as they wrote it.
        return Ok(Outcome::Dropped("quoted_message"));
    }
    let Some(token) = work.as_object(&link.message_by, PURPOSE).await? else {
        return Ok(Outcome::GivenUp("poster_must_sign_in"));
    };
    let graph = work.app.graph.as_user(&token);
    let body = match link.origin {
        Origin::Jira => {
            let installation = work.installation()?;
            body(work, installation, issue, &comment, same_person)?
        }
        Origin::Teams => plain_body(&comment)?,
    };
    match graph.update_message(&work.delivery.chat_id, &link.message_id, &body).await {
        Ok(()) => {}
        Err(Failure::Absent { .. }) => return Ok(Outcome::Dropped("message_gone")),
        Err(failure) => return Err(failure),
    }
    let message = graph.get_message(&work.delivery.chat_id, &link.message_id).await?;
    let message_id = link.message_id.clone();
    let (comment_version, message_version) = (comment.updated, message.version());
    let shown = MessageLink { comment_version, message_version, ..link };
    Ok(Outcome::paired(Some(message_id), shown))
}

/// The message: whose comment it is where somebody else posts it, the comment, where it stands.
fn body(
    work: &Work<'_>,
    site: &Installation,
    issue: &Issue,
    comment: &Comment,
    by_author: bool,
) -> Result<String, Failure> {
    let document =
        adf::parse(&comment.body).map_err(|_| Failure::Forbidden { what: "comment_unreadable" })?;
    let mut header = Vec::new();
    if !by_author {
        let name =
            comment.author.as_ref().map_or("Somebody", |author| author.display_name.as_str());
        header.push(Block::paragraph(vec![strong(name), Inline::text(" commented in Jira:")]));
    }
    let footer = [work.footer(site, issue, Some(&comment.id))];
    Ok(html::render_framed(
        &header,
        &document,
        &footer,
        &html::mention_as_text,
        html::MAX_MESSAGE_BYTES,
    ))
}

/// The comment alone, for a message that its author wrote in Teams.
fn plain_body(comment: &Comment) -> Result<String, Failure> {
    let document =
        adf::parse(&comment.body).map_err(|_| Failure::Forbidden { what: "comment_unreadable" })?;
    Ok(html::render(&document, &html::mention_as_text, html::MAX_MESSAGE_BYTES))
}

/// Takes back what there is of a comment in the chat: also what an earlier attempt posted of which no
/// link tells, since its answer was lost.
async fn take_back(
    work: &Work<'_>,
    link: Option<MessageLink>,
    actor: &Actor,
    why: &'static str,
) -> Result<Outcome, Failure> {
    if link.is_some() || !work.resumed {
        return withdraw(work, link, why).await;
    }
    let mut posted = as_member(work.posted_before(&work.app.graph.as_user(&actor.teams)).await)?;
    if posted.is_none() && actor.object != work.chat.creator_object_id {
        let creator = work.creator(PURPOSE).await?;
        posted = as_member(work.posted_before(&work.app.graph.as_user(&creator.teams)).await)?;
    }
    let Some(posted) = posted else { return Ok(Outcome::Dropped(why)) };
    let Some(author) = posted.author else { return Ok(Outcome::Dropped(why)) };
    delete_message(work, &author.id, &posted.id).await
}

/// Whoever may not look into the chat has posted nothing there.
fn as_member(found: Result<Option<ChatMessage>, Failure>) -> Result<Option<ChatMessage>, Failure> {
    match found {
        Err(Failure::Forbidden { .. } | Failure::Absent { .. }) => Ok(None),
        other => other,
    }
}

/// Takes the message of a comment back that is said to be deleted: what is read again decides, not
/// the event.
pub(crate) async fn delete(work: &Work<'_>, comment_id: &CommentId) -> Result<Outcome, Failure> {
    let link = work.pair.clone().filter(|link| link.deleted_at.is_none());
    let Some(link) = link else { return Ok(Outcome::Dropped("comment_deleted")) };
    let actor = work.actor_or_creator(Some(&link.comment_by), PURPOSE).await?;
    let site = work.app.jira.site(work.cloud(), &actor.jira);
    match site.get_comment(work.issue(), comment_id).await {
        Ok(_) => Ok(Outcome::Dropped("still_there")),
        Err(Failure::Absent { .. }) => withdraw(work, Some(link), "comment_deleted").await,
        Err(failure) => Err(failure),
    }
}

/// Takes back the copy of a comment that is in the chat. A message that a person wrote there
/// stays: only what Tandem put there is Tandem's to delete.
async fn withdraw(
    work: &Work<'_>,
    link: Option<MessageLink>,
    why: &'static str,
) -> Result<Outcome, Failure> {
    let Some(link) = link.filter(|link| link.deleted_at.is_none()) else {
        return Ok(Outcome::Dropped(why));
    };
    if link.origin == Origin::Jira {
        let deleted = delete_message(work, &link.message_by, &link.message_id).await?;
        if !matches!(deleted, Outcome::Carried { .. }) {
            return Ok(deleted);
        }
    }
    let now = work.app.clock.now();
    Ok(Outcome::paired(None, MessageLink { deleted_at: Some(now), ..link }))
}

/// Takes back a message that Tandem posted as somebody.
async fn delete_message(
    work: &Work<'_>,
    by: &ObjectId,
    message: &MessageId,
) -> Result<Outcome, Failure> {
    let Some(token) = work.as_object(by, PURPOSE).await? else {
        return Ok(Outcome::GivenUp("poster_must_sign_in"));
    };
    let graph = work.app.graph.as_user(&token);
    match graph.soft_delete_message(by, &work.delivery.chat_id, message).await {
        Ok(()) | Err(Failure::Absent { .. }) => Ok(Outcome::carried()),
        Err(failure) => Err(failure),
    }
}
