//! Comments of issues, their bodies in the Atlassian Document Format.

use std::fmt;

use serde_json::{Map, Value, json};
use tandem_domain::{CommentId, Failure, IssueId, Timestamp};

use super::{Call, Site, User, parsed, refusal};
use crate::wire::{WireComment, WireComments, WireProperty};

/// What a refusal names.
const TARGET: &str = "jira_comment";

/// A comment. `{:?}` leaves the body out.
#[derive(Clone, PartialEq)]
pub struct Comment {
    /// Its number.
    pub id: CommentId,
    /// Who wrote it; `None` where no account stands behind it.
    pub author: Option<User>,
    /// Who changed it last.
    pub update_author: Option<User>,
    /// What it says, in the Atlassian Document Format.
    pub body: Value,
    /// When it was written.
    pub created: Timestamp,
    /// When it was changed last.
    pub updated: Timestamp,
    /// Whether it is kept to a role or group (`visibility`).
    pub restricted: bool,
    /// Whether it is kept from the customers of a service project (`jsdPublic: false`).
    pub internal: bool,
}

impl fmt::Debug for Comment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Comment")
            .field("id", &self.id)
            .field("author", &self.author)
            .field("updated", &self.updated)
            .field("restricted", &self.restricted)
            .field("internal", &self.internal)
            .finish_non_exhaustive()
    }
}

/// <https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-comments/>
impl Site<'_> {
    /// A comment.
    pub async fn get_comment(
        &self,
        issue: &IssueId,
        comment: &CommentId,
    ) -> Result<Comment, Failure> {
        let url = self.url(&["issue", issue.as_str(), "comment", comment.as_str()], &[]);
        self.comment(Call::get(url, TARGET)).await
    }

    /// The last comments of an issue that the token's owner may see, the newest first, at most
    /// `max` of them.
    pub async fn list_comments(&self, issue: &IssueId, max: u16) -> Result<Vec<Comment>, Failure> {
        let max = max.to_string();
        let url = self.url(
            &["issue", issue.as_str(), "comment"],
            &[("orderBy", "-created"), ("maxResults", &max)],
        );
        let page: WireComments = parsed(&self.send(Call::get(url, "jira_issue")).await?)?;
        let comments = page.comments.into_iter().map(WireComment::into_comment);
        comments.collect::<Option<_>>().ok_or(refusal::UNEXPECTED)
    }

    /// Writes a comment. The properties are set in the same moment, so that the comment is marked
    /// before any webhook about it is sent.
    pub async fn add_comment(
        &self,
        issue: &IssueId,
        adf: &Value,
        properties: &[(&str, Value)],
    ) -> Result<Comment, Failure> {
        let url = self.url(&["issue", issue.as_str(), "comment"], &[]);
        self.comment(Call::post(url, TARGET, &request(adf, properties))).await
    }

    /// Replaces what a comment says.
    pub async fn update_comment(
        &self,
        issue: &IssueId,
        comment: &CommentId,
        adf: &Value,
        properties: &[(&str, Value)],
    ) -> Result<Comment, Failure> {
        let url = self.url(&["issue", issue.as_str(), "comment", comment.as_str()], &[]);
        self.comment(Call::put(url, TARGET, &request(adf, properties))).await
    }

    /// Deletes a comment.
    pub async fn delete_comment(
        &self,
        issue: &IssueId,
        comment: &CommentId,
    ) -> Result<(), Failure> {
        let url = self.url(&["issue", issue.as_str(), "comment", comment.as_str()], &[]);
        self.send(Call::delete(url, TARGET)).await.map(drop)
    }

    /// A property of a comment; `None` where the comment has none of that name, or is gone.
    /// <https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-comment-properties/>
    pub async fn get_comment_property(
        &self,
        comment: &CommentId,
        key: &str,
    ) -> Result<Option<Value>, Failure> {
        let url = self.url(&["comment", comment.as_str(), "properties", key], &[]);
        match self.send(Call::get(url, "jira_comment_property")).await {
            Ok(answer) => parsed(&answer).map(|property: WireProperty| Some(property.value)),
            Err(Failure::Absent { .. }) => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    async fn comment(&self, call: Call<'_>) -> Result<Comment, Failure> {
        let comment: WireComment = parsed(&self.send(call).await?)?;
        comment.into_comment().ok_or(refusal::UNEXPECTED)
    }
}

fn request(adf: &Value, properties: &[(&str, Value)]) -> Value {
    let mut request = Map::from_iter([("body".to_owned(), adf.clone())]);
    if !properties.is_empty() {
        let properties = properties.iter().map(|(key, value)| json!({"key": key, "value": value}));
        request.insert("properties".to_owned(), properties.collect());
    }
    Value::Object(request)
}
