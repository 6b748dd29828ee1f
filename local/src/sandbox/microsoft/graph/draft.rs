//! The `chatMessage` of a request, checked.
//! <https://learn.microsoft.com/graph/api/chatmessage-post>

use serde_json::{Map, Value};

use super::{GraphError, query};
use crate::sandbox::microsoft::model::Content;

/// The largest body of a message, in bytes.
/// <https://learn.microsoft.com/microsoftteams/limits-specifications-teams>
const MAX_CONTENT: usize = 28 * 1024;

/// What an app may set.
const SETTABLE: [&str; 7] =
    ["body", "attachments", "mentions", "importance", "subject", "summary", "locale"];

/// The parts of a message that a request sets; what it does not name is `None`.
#[derive(Debug, Default)]
pub(in crate::sandbox::microsoft) struct Draft {
    content_type: Option<String>,
    content: Option<String>,
    attachments: Option<Vec<Value>>,
    mentions: Option<Vec<Value>>,
    importance: Option<String>,
    subject: Option<String>,
    summary: Option<String>,
}

impl Draft {
    /// A draft of one text, as a person types it.
    pub(in crate::sandbox::microsoft) fn written(content_type: &str, content: &str) -> Self {
        Self {
            content_type: Some(content_type.to_owned()),
            content: Some(content.to_owned()),
            ..Self::default()
        }
    }

    /// Reads a `chatMessage`; what cannot be set or is not well-formed is refused.
    pub(super) fn parse(object: &Map<String, Value>) -> Result<Self, GraphError> {
        query::only_known(object, &SETTABLE)?;
        let text = |name| query::text(object, name).map(|text| text.map(str::to_owned));
        let items = |name| object.get(name).map(|_| query::list(object, name)).transpose();
        let mut draft = Self {
            attachments: items("attachments")?,
            mentions: items("mentions")?,
            importance: text("importance")?,
            subject: text("subject")?,
            summary: text("summary")?,
            ..Self::default()
        };
        match object.get("body") {
            None => {}
            Some(Value::Object(body)) => {
                query::only_known(body, &["contentType", "content"])?;
                draft.content = query::text(body, "content")?.map(str::to_owned);
                let content_type = query::text(body, "contentType")?.unwrap_or("text");
                draft.content_type = Some(content_type.to_owned());
            }
            Some(_) => return Err(GraphError::bad_request("'body' has to be an object.")),
        }
        let importance = draft.importance.as_deref();
        if !matches!(importance, None | Some("normal" | "high" | "urgent")) {
            return Err(GraphError::bad_request("'importance' is not a known value."));
        }
        Ok(draft)
    }

    /// The content of a new message.
    pub(in crate::sandbox::microsoft) fn into_content(self) -> Result<Content, GraphError> {
        let empty = Content {
            content_type: "text".to_owned(),
            importance: "normal".to_owned(),
            ..Content::default()
        };
        self.applied_to(&empty)
    }

    /// `content` with what the draft sets.
    pub(in crate::sandbox::microsoft) fn applied_to(
        self,
        content: &Content,
    ) -> Result<Content, GraphError> {
        let content = Content {
            content_type: self.content_type.unwrap_or_else(|| content.content_type.clone()),
            content: self.content.unwrap_or_else(|| content.content.clone()),
            attachments: self.attachments.unwrap_or_else(|| content.attachments.clone()),
            mentions: self.mentions.unwrap_or_else(|| content.mentions.clone()),
            importance: self.importance.unwrap_or_else(|| content.importance.clone()),
            subject: self.subject.or_else(|| content.subject.clone()),
            summary: self.summary.or_else(|| content.summary.clone()),
        };
        check(&content)?;
        Ok(content)
    }
}

fn check(content: &Content) -> Result<(), GraphError> {
    if !matches!(content.content_type.as_str(), "text" | "html") {
        return Err(GraphError::bad_request("'contentType' has to be 'text' or 'html'."));
    }
    if content.content.len() > MAX_CONTENT {
        return Err(GraphError::too_large());
    }
    if content.content.is_empty() && content.attachments.is_empty() {
        return Err(GraphError::bad_request("Missing body content."));
    }
    check_attachments(content)?;
    check_mentions(content)
}

/// Each attachment says what it is; each `<attachment id>` has an attachment.
fn check_attachments(content: &Content) -> Result<(), GraphError> {
    let ids: Vec<&str> =
        content.attachments.iter().filter_map(|attachment| attachment["id"].as_str()).collect();
    if content.attachments.iter().any(|attachment| !attachment["contentType"].is_string()) {
        return Err(GraphError::bad_request("An attachment needs a 'contentType'."));
    }
    match markers(&content.content, "<attachment id=\"").find(|id| !ids.contains(id)) {
        None => Ok(()),
        Some(id) => Err(GraphError::bad_request(format!(
            "The body refers to the attachment '{id}', which is not among the attachments."
        ))),
    }
}

/// Mentions and `<at id>` belong together, one for one.
fn check_mentions(content: &Content) -> Result<(), GraphError> {
    let mut ids = Vec::new();
    for mention in &content.mentions {
        let id = mention["id"].as_i64().and_then(|id| i32::try_from(id).ok());
        let Some(id) = id.filter(|_| mention["mentioned"].is_object()) else {
            return Err(GraphError::bad_request("A mention needs an 'id' and 'mentioned'."));
        };
        ids.push(id.to_string());
    }
    let marked: Vec<&str> = markers(&content.content, "<at id=\"").collect();
    if let Some(id) = ids.iter().find(|id| !marked.contains(&id.as_str())) {
        return Err(GraphError::bad_request(format!(
            "Neither Body nor adaptive card content contains marker for mention with Id '{id}'."
        )));
    }
    match marked.iter().find(|id| !ids.iter().any(|known| known == *id)) {
        None => Ok(()),
        Some(id) => {
            Err(GraphError::bad_request(format!("There is no mention for the marker '{id}'.")))
        }
    }
}

/// The ids in the markers that start with `opening`.
fn markers<'a>(html: &'a str, opening: &'a str) -> impl Iterator<Item = &'a str> {
    html.split(opening).skip(1).filter_map(|rest| rest.split('"').next())
}
