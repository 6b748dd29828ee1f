//! Changes of an issue into the chat.

use tandem_domain::{
    AccountId, ChangedField, Failure, MessageId, Purpose,
    document::{Block, Document, Inline},
};
use tandem_jira::client::Issue;
use tandem_microsoft::{graph::Graph, html};
use tandem_runtime::subscriptions;
use tandem_store::LinkState;

use crate::{
    acting::Actor,
    marks::strong,
    work::{Outcome, Work, set_state},
};

const PURPOSE: Purpose = Purpose::CarryToTeams;

/// Tells the chat what fields are now, as whoever changed them.
pub(crate) async fn tell_changes(
    work: &Work<'_>,
    changes: &[ChangedField],
    actor: Option<&AccountId>,
) -> Result<Outcome, Failure> {
    let told: Vec<ChangedField> =
        changes.iter().copied().filter(|change| work.settings.tells(*change)).collect();
    if told.is_empty() {
        return Ok(Outcome::Dropped("issue_updates_off"));
    }
    let speaker = work.actor_or_creator(actor, PURPOSE).await?;
    let site = work.app.jira.site(work.cloud(), &speaker.jira);
    let issue = match site.get_issue(work.issue()).await {
        Ok(issue) => issue,
        Err(Failure::Absent { .. }) => return Ok(Outcome::Dropped("issue_gone")),
        Err(failure) => return Err(failure),
    };
    if issue.has_security_level && !work.settings.secured_issues_allowed() {
        return Ok(Outcome::Dropped("secured_issue"));
    }
    let installation = work.installation()?;
    let who = match actor {
        Some(actor) if *actor != speaker.account => {
            Some(site.get_user(actor).await.map_or_else(
                |_| "Somebody".to_owned(),
                |user| user.display_name.as_str().to_owned(),
            ))
        }
        _ => None,
    };
    let message = post(work, &speaker, |work| {
        let document =
            Document::new(vec![Block::paragraph(changes_line(&issue, &told, who.as_deref()))]);
        let footer = [work.footer(installation, &issue, None)];
        html::render_framed(
            &[],
            &document,
            &footer,
            &html::mention_as_text,
            html::MAX_MESSAGE_BYTES,
        )
    })
    .await?;
    Ok(Outcome::Carried { message: Some(message), pair: None })
}

/// `Status: Done · Assignee: Ada`, after the name of whoever somebody else speaks for.
fn changes_line(issue: &Issue, changes: &[ChangedField], who: Option<&str>) -> Vec<Inline> {
    let mut line = Vec::new();
    if let Some(who) = who {
        line.extend([strong(who), Inline::text(" changed in Jira: ")]);
    }
    line.extend(values(issue, changes));
    line
}

/// `Status: Done · Assignee: Ada`: what fields are now.
pub(crate) fn values(issue: &Issue, changes: &[ChangedField]) -> Vec<Inline> {
    let mut line = Vec::new();
    for (index, change) in changes.iter().enumerate() {
        if index > 0 {
            line.push(Inline::text(" \u{b7} "));
        }
        let (label, value) = match change {
            ChangedField::Status => ("Status", issue.status.as_ref()),
            ChangedField::Priority => ("Priority", issue.priority.as_ref()),
            ChangedField::Assignee => {
                ("Assignee", issue.assignee.as_ref().map(|user| &user.display_name))
            }
        };
        let value = value.map_or("nobody", |value| value.as_str());
        line.extend([Inline::text(&format!("{label}: ")), strong(value)]);
    }
    line
}

/// Tells the chat that its issue is gone, and ends the link: if it is. What is read again decides,
/// not the event.
pub(crate) async fn tell_deleted(work: &Work<'_>) -> Result<Outcome, Failure> {
    let speaker = work.creator(PURPOSE).await?;
    match work.app.jira.site(work.cloud(), &speaker.jira).get_issue(work.issue()).await {
        Ok(_) => return Ok(Outcome::Dropped("still_there")),
        Err(Failure::Absent { .. }) => {}
        Err(failure) => return Err(failure),
    }
    let message = match post(work, &speaker, gone).await {
        Ok(message) => Some(message),
        Err(failure) if failure.is_transient() => return Err(failure),
        // The chat does not take it; the link ends all the same.
        Err(_) => None,
    };
    set_state(work.app, work.delivery, LinkState::IssueDeleted).await?;
    let delivery = work.delivery;
    let others = work.app.store.list_issues_by_chat(&delivery.tenant_id, &delivery.chat_id).await?;
    if others.iter().all(|link| link.state == LinkState::IssueDeleted) {
        subscriptions::end(work.app, &delivery.tenant_id, &delivery.chat_id, &work.request).await?;
    }
    Ok(Outcome::Carried { message, pair: None })
}

/// The message that the issue is gone.
fn gone(work: &Work<'_>) -> String {
    let mark = work.app.signing.mark(work.cloud(), &work.delivery.chat_id, &work.delivery.claim);
    let line = Block::paragraph(vec![Inline::link(
        "The issue of this chat was deleted in Jira.",
        &format!("https://www.atlassian.com/software/jira#{mark}"),
    )]);
    html::render(&Document::new(vec![line]), &html::mention_as_text, html::MAX_MESSAGE_BYTES)
}

/// Posts once: what an earlier attempt posted is not posted again. Somebody who is not in the chat
/// speaks through its creator.
async fn post(
    work: &Work<'_>,
    speaker: &Actor,
    body: impl Fn(&Work<'_>) -> String,
) -> Result<MessageId, Failure> {
    let graph = work.app.graph.as_user(&speaker.teams);
    match post_as(work, &graph, &body).await {
        Err(Failure::Forbidden { .. } | Failure::Absent { .. })
            if speaker.object != work.chat.creator_object_id =>
        {
            let creator = work.creator(PURPOSE).await?;
            post_as(work, &work.app.graph.as_user(&creator.teams), &body).await
        }
        posted => posted,
    }
}

async fn post_as(
    work: &Work<'_>,
    graph: &Graph<'_>,
    body: &impl Fn(&Work<'_>) -> String,
) -> Result<MessageId, Failure> {
    if let Some(posted) = work.posted_before(graph).await? {
        return Ok(posted.id);
    }
    Ok(graph.send_message(&work.delivery.chat_id, &body(work)).await?.id)
}
