//! What is answered once an issue is there: its card, in the conversation or for the message that
//! is being written.

use serde_json::{Value, json};
use tandem_domain::{ActivityId, ConversationId, ConversationKind};
use tandem_jira::client::{Created, Issue};
use tandem_microsoft::{
    cards::{self, Card, attachment_with_preview, preview},
    connector::Place,
};
use tandem_store::Installation;
use url::Url;

use super::{create_work::Work, task_message, texts};
use crate::{shown, stopped::Stopped, turn};

/// A card and what a list shows of it.
struct Shown {
    card: Card,
    preview: Value,
}

/// The issue was made: from a message, its card goes to the conversation; otherwise, and where the
/// bot may not write, it is handed to the person to send.
pub(super) async fn made(work: &Work<'_>, created: &Created) -> Value {
    let told = || task_message(&[created.key.as_str(), texts::CREATED].concat());
    match shown(work, created).await {
        Ok(shown) if work.message.is_some() => {
            if post(work, shown.card.clone()).await {
                told()
            } else {
                result(&shown)
            }
        }
        Ok(shown) => result(&shown),
        Err(stopped) => {
            stopped.log("created_issue_card");
            told()
        }
    }
}

/// The issue had been made by the same form: where its card is in the conversation, that is said.
pub(super) async fn made_before(work: &Work<'_>, created: Option<&Created>) -> Value {
    let Some(created) = created else { return task_message(texts::DONE_BEFORE) };
    match shown(work, created).await {
        Ok(shown) if work.message.is_none() => result(&shown),
        _ => task_message(&[created.key.as_str(), texts::CREATED_BEFORE].concat()),
    }
}

async fn shown(work: &Work<'_>, created: &Created) -> Result<Shown, Stopped> {
    let (turn, cloud) = (work.turn, work.me.cloud());
    let at = shown::installation(turn, cloud).await?;
    let Ok(issue) = work.site.get_issue(&created.id).await else {
        return Ok(key_only(&at, created));
    };
    let project = Some(&issue.project_id);
    let settings = turn.app.store.get_effective_settings(cloud, project, None).await?;
    if issue.has_security_level && !settings.secured_issues_allowed() {
        return Ok(key_only(&at, created));
    }
    let url = shown::url_of(&at, &issue)?;
    let preview = preview(&shown::view(&issue, &url));
    Ok(Shown { card: card(work, &at, &issue)?, preview })
}

fn card(work: &Work<'_>, at: &Installation, issue: &Issue) -> Result<Card, Stopped> {
    Ok(shown::card(work.turn, at, issue)?)
}

/// The key and the way to the issue, and nothing that is in it.
fn key_only(at: &Installation, created: &Created) -> Shown {
    let key = created.key.as_str();
    let url = Url::parse(&format!("https://{}/browse/{key}", at.site_host));
    let open: Vec<_> = url.into_iter().map(|url| (texts::OPEN_IN_JIRA, url)).collect();
    let content = json!({"title": key, "text": texts::SEE_JIRA});
    Shown {
        card: cards::notice(key, texts::SEE_JIRA, &open),
        preview: json!({
            "contentType": "application/vnd.microsoft.card.thumbnail", "content": content,
        }),
    }
}

fn result(shown: &Shown) -> Value {
    json!({"composeExtension": {
        "type": "result",
        "attachmentLayout": "list",
        "attachments": [attachment_with_preview(&shown.card, &shown.preview)],
    }})
}

/// Posts the card under the message; whether that was possible.
async fn post(work: &Work<'_>, card: Card) -> bool {
    let turn = work.turn;
    let conversation = thread(work);
    let to = Place { service_url: &turn.activity.service_url, conversation: &conversation };
    match turn.app.connector.send(to, &turn::message(&card)).await {
        Ok(_) => true,
        Err(failure) => {
            Stopped::from(failure).log("post_created_issue");
            false
        }
    }
}

/// The conversation; of a channel, the thread of the message.
fn thread(work: &Work<'_>) -> ConversationId {
    let conversation = &work.turn.activity.conversation;
    if conversation.kind != ConversationKind::Channel || conversation.id.thread().is_some() {
        return conversation.id.clone();
    }
    let message = work.message;
    let root = message.and_then(|message| message.reply_to.as_ref().or(message.id.as_ref()));
    match root.and_then(|root| ActivityId::parse(root.as_str()).ok()) {
        Some(root) => conversation.id.thread_of(&root),
        None => conversation.id.clone(),
    }
}
