//! The chats of an issue with their last messages, read live as the viewer.

use http::StatusCode;
use serde::Serialize;
use tandem_domain::{
    AccountId, ChatId, Failure, IssueId, MessageId, ObjectId, Purpose, TenantId, Timestamp,
};
use tandem_microsoft::graph::{BodyFormat, ChatMessage, Graph, MessageKind};
use tandem_runtime::{
    App,
    http::{Answer, json},
};
use tandem_store::{ChatLink, LinkState};

use crate::Caller;

/// How many of the last messages are shown.
const LAST: u8 = 20;

#[derive(Serialize)]
struct ListResponse {
    chats: Vec<ChatView>,
}

/// A chat as the viewer may see it: without `messages` when they are not in it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ChatView {
    chat_id: ChatId,
    tenant_id: TenantId,
    created_by: AccountId,
    created_at: Timestamp,
    state: LinkState,
    member: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    messages: Option<Vec<MessageView>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MessageView {
    message_id: MessageId,
    created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    edited_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    author_id: Option<ObjectId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    author_name: Option<String>,
    /// Made by Tandem from the message: paragraphs, marks, lists; nothing that could run.
    html: String,
}

pub(crate) async fn list(app: &App, viewer: &Caller, issue_id: &IssueId) -> Answer {
    let issue = viewer.issue(app, issue_id, Purpose::ShowChat).await?;
    let session = &viewer.person.session;
    let links = app.store.list_chats_by_issue(&session.cloud_id, &issue.id).await?;
    let ours = links.iter().any(|link| link.tenant_id == session.tenant_id);
    let token = if ours { Some(viewer.microsoft(app, Purpose::ShowChat).await?) } else { None };
    let graph = token.as_ref().map(|token| app.graph.as_user(token));
    let mut chats = Vec::with_capacity(links.len());
    for link in links {
        let graph = graph.as_ref().filter(|_| link.tenant_id == session.tenant_id);
        let messages = match graph {
            Some(graph) => messages(graph, &link).await?,
            None => None,
        };
        chats.push(view(link, messages));
    }
    json(StatusCode::OK, &ListResponse { chats })
}

/// The last messages, oldest first; none for somebody who is not in the chat.
async fn messages(graph: &Graph<'_>, link: &ChatLink) -> Result<Option<Vec<MessageView>>, Failure> {
    match graph.list_messages(&link.chat_id, LAST).await {
        Ok(newest_first) => {
            let told = newest_first.into_iter().rev();
            Ok(Some(told.filter(written).map(message_view).collect()))
        }
        Err(Failure::Forbidden { .. } | Failure::Absent { .. }) => Ok(None),
        Err(failure) => Err(failure),
    }
}

fn written(message: &ChatMessage) -> bool {
    message.kind == MessageKind::Message && message.deleted.is_none()
}

fn view(link: ChatLink, messages: Option<Vec<MessageView>>) -> ChatView {
    ChatView {
        chat_id: link.chat_id,
        tenant_id: link.tenant_id,
        created_by: link.created_by,
        created_at: link.created_at,
        state: link.state,
        member: messages.is_some(),
        messages,
    }
}

fn message_view(message: ChatMessage) -> MessageView {
    let document = match message.format {
        BodyFormat::Html => tandem_microsoft::html::parse(message.content.as_str()),
        BodyFormat::Text => {
            tandem_domain::document::Document::from_plain_text(message.content.as_str())
        }
    };
    let (author_id, name) =
        message.author.map_or((None, None), |author| (Some(author.id), author.name));
    MessageView {
        message_id: message.id,
        created_at: message.created,
        edited_at: message.edited,
        author_id,
        author_name: name.map(|name| name.as_str().to_owned()),
        html: tandem_microsoft::html::render(
            &document,
            &tandem_microsoft::html::mention_as_text,
            tandem_microsoft::html::MAX_MESSAGE_BYTES,
        ),
    }
}
