//! Chat messages into Jira comments.

use serde_json::Value;
use tandem_domain::{
    AccessToken, AccountId, Failure, MessageId, ObjectId, Purpose,
    document::{Block, Document, Inline},
    settings::CommentSync,
};
use tandem_jira::{adf, client::Site};
use tandem_microsoft::{
    graph::{BodyFormat, ChatMessage, MessageAuthor, MessageKind},
    html,
};
use tandem_store::{LinkState, MessageLink, Origin};

use crate::{
    marks::{PROPERTY, property, strong},
    work::{Outcome, Work, set_state},
};

const PURPOSE: Purpose = Purpose::CarryToJira;

/// As whom a message becomes a comment.
struct Writer {
    account: AccountId,
    token: AccessToken,
    /// Whether the comment's author is the message's.
    is_author: bool,
}

/// Carries a new or edited message into a comment. What is read again decides, not the event.
pub(crate) async fn carry(
    work: &Work<'_>,
    message_id: &MessageId,
    subscriber: &ObjectId,
) -> Result<Outcome, Failure> {
    if work.settings.comment_sync() != CommentSync::Both {
        return Ok(Outcome::Dropped("comment_sync_off"));
    }
    let link = work.pair.clone();
    if link.as_ref().is_some_and(|link| link.deleted_at.is_some()) {
        return Ok(Outcome::Dropped("deleted_before"));
    }
    let Some(token) = reader(work, link.as_ref(), subscriber).await? else {
        return nobody_can_read(work).await;
    };
    let graph = work.app.graph.as_user(&token);
    let message = match graph.get_message(&work.delivery.chat_id, message_id).await {
        Ok(message) => message,
        Err(Failure::Absent { .. }) => return Ok(Outcome::Dropped("message_gone")),
        Err(failure) => return Err(failure),
    };
    if message.kind != MessageKind::Message {
        return Ok(Outcome::Dropped("system_message"));
    }
    let author = message.author.clone();
    if message.deleted.is_some() {
        return match author.filter(|_| work.resumed && link.is_none()) {
            Some(author) => take_back(work, &message, &author).await,
            None => withdraw(work, link).await,
        };
    }
    let Some(author) = author else { return Ok(Outcome::Dropped("not_by_a_person")) };
    if message.is_to_bot(&work.app.config.bot_client_id) {
        return Ok(Outcome::Dropped("said_to_the_bot"));
    }
    match link {
        Some(link) => edit(work, &message, link).await,
        None if work.wrote(&message).await? => Ok(Outcome::Dropped("echo")),
        None => {
            work.messages_before(&graph, &message, subscriber).await?;
            comment(work, &message, &author).await
        }
    }
}

/// The author where they have linked their accounts, the creator of the chat otherwise.
async fn writer(work: &Work<'_>, author: &ObjectId) -> Result<Writer, Failure> {
    if let Some(link) = work.link_of_object(author).await?
        && let Some(token) = work.as_account(&link.account_id, PURPOSE).await?
    {
        return Ok(Writer { account: link.account_id, token, is_author: true });
    }
    let creator = work.creator(PURPOSE).await?;
    let is_author = creator.object == *author;
    Ok(Writer { account: creator.account, token: creator.jira, is_author })
}

/// Writes a message that the issue does not have yet.
async fn comment(
    work: &Work<'_>,
    message: &ChatMessage,
    author: &MessageAuthor,
) -> Result<Outcome, Failure> {
    let writer = writer(work, &author.id).await?;
    let site = work.app.jira.site(work.cloud(), &writer.token);
    if secured(work, &site).await? {
        return Ok(Outcome::Dropped("secured_issue"));
    }
    let before = work.commented_before(&site, &message.id).await?;
    let quoted = (!writer.is_author).then_some(author);
    let mark = [(PROPERTY, property(&work.delivery.chat_id, &message.id))];
    let comment = match before {
        // It may have been edited since.
        Some(comment) if message.edited.is_some() => {
            let adf = adf_of(work, message, quoted);
            site.update_comment(work.issue(), &comment.id, &adf, &mark).await?
        }
        Some(comment) => comment,
        None => site.add_comment(work.issue(), &adf_of(work, message, quoted), &mark).await?,
    };
    let link = MessageLink {
        cloud_id: work.cloud().clone(),
        issue_id: work.issue().clone(),
        comment_id: comment.id,
        tenant_id: work.delivery.tenant_id.clone(),
        chat_id: work.delivery.chat_id.clone(),
        message_id: message.id.clone(),
        origin: Origin::Teams,
        comment_by: writer.account,
        message_by: author.id.clone(),
        comment_version: comment.updated,
        message_version: message.version(),
        deleted_at: None,
    };
    work.note_message(&message.id);
    Ok(Outcome::paired(None, link))
}

/// Deletes what an earlier attempt wrote for a message of which no link tells, since its answer was
/// lost.
async fn take_back(
    work: &Work<'_>,
    message: &ChatMessage,
    author: &MessageAuthor,
) -> Result<Outcome, Failure> {
    let writer = writer(work, &author.id).await?;
    let site = work.app.jira.site(work.cloud(), &writer.token);
    let Some(comment) = work.commented_before(&site, &message.id).await? else {
        return Ok(Outcome::Dropped("not_carried_before"));
    };
    match site.delete_comment(work.issue(), &comment.id).await {
        Ok(()) | Err(Failure::Absent { .. }) => Ok(Outcome::carried()),
        Err(failure) => Err(failure),
    }
}

/// Brings the comment up to the message. A version that both sides show already is our own write
/// come back, or a reaction.
async fn edit(
    work: &Work<'_>,
    message: &ChatMessage,
    link: MessageLink,
) -> Result<Outcome, Failure> {
    if message.version() <= link.message_version {
        return Ok(Outcome::Dropped("echo"));
    }
    let same_person = work
        .link_of_account(&link.comment_by)
        .await?
        .is_some_and(|known| known.object_id == link.message_by);
    if link.origin == Origin::Jira && !same_person {
        // The message tells of somebody else's comment: that stays as they wrote it.
        return Ok(Outcome::Dropped("told_comment"));
    }
    let Some(token) = work.as_account(&link.comment_by, PURPOSE).await? else {
        return Ok(Outcome::GivenUp("commenter_must_sign_in"));
    };
    let site = work.app.jira.site(work.cloud(), &token);
    if secured(work, &site).await? {
        return Ok(Outcome::Dropped("secured_issue"));
    }
    let quoted = if same_person { None } else { message.author.as_ref() };
    let adf = adf_of(work, message, quoted);
    let mark = [(PROPERTY, property(&work.delivery.chat_id, &message.id))];
    let marked: &[(&str, Value)] = if link.origin == Origin::Teams { &mark } else { &[] };
    match site.update_comment(work.issue(), &link.comment_id, &adf, marked).await {
        Ok(comment) => {
            let (comment_version, message_version) = (comment.updated, message.version());
            let shown = MessageLink { comment_version, message_version, ..link };
            Ok(Outcome::paired(None, shown))
        }
        Err(Failure::Absent { .. }) => Ok(Outcome::Dropped("comment_gone")),
        Err(failure) => Err(failure),
    }
}

/// Whether the issue is kept inside Jira; reading it is also the check that the writer may see it.
async fn secured(work: &Work<'_>, site: &Site<'_>) -> Result<bool, Failure> {
    let issue = site.get_issue(work.issue()).await?;
    Ok(issue.has_security_level && !work.settings.secured_issues_allowed())
}

/// The comment: whose message it is where somebody else writes it, then the message.
fn adf_of(work: &Work<'_>, message: &ChatMessage, quoted: Option<&MessageAuthor>) -> Value {
    let document = match message.format {
        BodyFormat::Html => html::parse(message.content.as_str()),
        BodyFormat::Text => Document::from_plain_text(message.content.as_str()),
    };
    let mut document = Document::new(work.without_footer(document.blocks));
    document.resolve_mentions(|mention| Inline::text(&mention.at_name()));
    if document.is_empty() {
        document = Document::new(vec![Block::paragraph(vec![Inline::text("[attachment]")])]);
    }
    if let Some(author) = quoted {
        let name = author.name.as_ref().map_or("Somebody", |name| name.as_str());
        let line = vec![strong(name), Inline::text(" wrote in Teams:")];
        document.prepend(Block::paragraph(line));
    }
    adf::write(&document)
}

/// Takes the comment of a message back that is said to be deleted: what is read again decides, not
/// the event.
pub(crate) async fn delete(
    work: &Work<'_>,
    message_id: &MessageId,
    subscriber: &ObjectId,
) -> Result<Outcome, Failure> {
    let link = work.pair.clone().filter(|link| link.deleted_at.is_none());
    let Some(link) = link else { return Ok(Outcome::Dropped("not_carried_before")) };
    let Some(token) = reader(work, Some(&link), subscriber).await? else {
        return nobody_can_read(work).await;
    };
    let read = work.app.graph.as_user(&token).get_message(&work.delivery.chat_id, message_id).await;
    match read {
        Ok(message) if message.deleted.is_none() => Ok(Outcome::Dropped("still_there")),
        Ok(_) | Err(Failure::Absent { .. }) => withdraw(work, Some(link)).await,
        Err(failure) => Err(failure),
    }
}

/// With whose token a message can be looked at: the subscriber's, or its author's where that is known.
async fn reader(
    work: &Work<'_>,
    link: Option<&MessageLink>,
    subscriber: &ObjectId,
) -> Result<Option<AccessToken>, Failure> {
    match (work.as_object(subscriber, PURPOSE).await?, link) {
        (None, Some(link)) => work.as_object(&link.message_by, PURPOSE).await,
        (token, _) => Ok(token),
    }
}

/// What is said in the chat stays there until its creator signs in again; the link says so.
async fn nobody_can_read(work: &Work<'_>) -> Result<Outcome, Failure> {
    set_state(work.app, work.delivery, LinkState::NeedsSignIn).await?;
    Ok(Outcome::GivenUp("subscriber_must_sign_in"))
}

/// Takes back the copy of a message that is on the issue. A comment that a person wrote there
/// stays: only what Tandem put there is Tandem's to delete.
async fn withdraw(work: &Work<'_>, link: Option<MessageLink>) -> Result<Outcome, Failure> {
    let Some(link) = link.filter(|link| link.deleted_at.is_none()) else {
        return Ok(Outcome::Dropped("not_carried_before"));
    };
    if link.origin == Origin::Teams {
        let Some(token) = work.as_account(&link.comment_by, PURPOSE).await? else {
            return Ok(Outcome::GivenUp("commenter_must_sign_in"));
        };
        let site = work.app.jira.site(work.cloud(), &token);
        match site.delete_comment(work.issue(), &link.comment_id).await {
            Ok(()) | Err(Failure::Absent { .. }) => {}
            Err(failure) => return Err(failure),
        }
    }
    let now = work.app.clock.now();
    Ok(Outcome::paired(None, MessageLink { deleted_at: Some(now), ..link }))
}
