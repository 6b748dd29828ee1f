//! Comments: who sees them, who may write, change and delete them.

use serde_json::{Value, json};

use super::Actor;
use crate::sandbox::jira::{
    adf,
    answer::Refusal,
    body::{Fields, properties},
    model::{Comment, Issue, Project, Visibility, VisibilityType},
    permission::Holder,
    webhooks::{Event, comment_payload},
    wire::{View, has_internal_comments},
};

/// The property that makes a service desk's comment internal, as the service desk's own API
/// documents it: `{"internal": true}`.
const INTERNAL: &str = "sd.public.comment";
/// The longest comment Jira takes, in characters.
const LONGEST: usize = 32_767;

/// What a comment is to be; a change may leave the visibility as it is.
pub(crate) struct NewComment {
    pub(crate) body: Value,
    pub(crate) visibility: Option<(VisibilityType, String)>,
    pub(crate) properties: Vec<(String, Value)>,
}

impl NewComment {
    /// Reads a comment's request body.
    pub(crate) fn parse(body: &Value) -> Result<Self, Refusal> {
        let fields = Fields::of(body, &["body", "visibility", "properties"])?;
        let text = fields
            .get("body")
            .ok_or_else(|| Refusal::field("comment", "Comment body can not be empty!"))?;
        let visibility = fields.get("visibility").map(parse_visibility).transpose()?;
        let new = Self {
            body: text.clone(),
            visibility,
            properties: properties(fields.list("properties")?)?,
        };
        new.check()?;
        Ok(new)
    }

    /// Refuses a text that is no Atlassian document, is empty or is too long.
    pub(crate) fn check(&self) -> Result<(), Refusal> {
        adf::check(&self.body).map_err(|reason| {
            Refusal::field("comment", &format!("Comment body is not valid ADF: {reason}"))
        })?;
        if self.body["content"].as_array().is_none_or(Vec::is_empty) {
            return Err(Refusal::field("comment", "Comment body can not be empty!"));
        }
        if adf::to_wiki(&self.body).chars().count() > LONGEST {
            return Err(Refusal::field(
                "comment",
                "The entered text is too long. It exceeds the allowed limit of 32,767 characters.",
            ));
        }
        Ok(())
    }

    fn internal(&self) -> bool {
        self.properties.iter().any(|(key, value)| key == INTERNAL && is_internal(value))
    }
}

/// Whether the value of the internal-comment property says so. Some clients send the flag as a
/// text.
fn is_internal(value: &Value) -> bool {
    value["internal"] == json!(true) || value["internal"] == json!("true")
}

fn parse_visibility(value: &Value) -> Result<(VisibilityType, String), Refusal> {
    let fields = Fields::of(value, &["type", "value", "identifier"])?;
    let kind = match fields.text("type")? {
        Some("role") => VisibilityType::Role,
        Some("group") => VisibilityType::Group,
        _ => return Err(Refusal::field("visibility", "The type must be 'role' or 'group'.")),
    };
    let name = match fields.text("value")? {
        Some(name) => name,
        None => fields.required_text("identifier")?,
    };
    Ok((kind, name.to_owned()))
}

impl Actor<'_> {
    /// The comments of an issue that the user may see, oldest first.
    pub(crate) fn comments<'i>(&self, issue: &'i Issue) -> Result<Vec<&'i Comment>, Refusal> {
        let (site, project) = (self.site()?, self.project_of(issue)?);
        Ok(issue
            .comments
            .iter()
            .filter(|comment| self.cloud.may_see_comment(site, project, comment, self.account))
            .collect())
    }

    /// A comment the user may see, with its issue.
    pub(crate) fn comment(
        &self,
        issue: &str,
        comment: &str,
    ) -> Result<(&Issue, &Comment), Refusal> {
        let issue = self.issue(issue)?;
        let found = self
            .comments(issue)?
            .into_iter()
            .find(|found| found.id == comment)
            .ok_or_else(|| Refusal::no_comment(comment))?;
        Ok((issue, found))
    }

    /// A comment the user may see, found by its id alone.
    pub(crate) fn comment_by_id(&self, comment: &str) -> Result<(&Issue, &Comment), Refusal> {
        let issue = self
            .site()?
            .issues
            .values()
            .find(|issue| issue.comment(comment).is_some())
            .ok_or_else(|| Refusal::no_comment(comment))?;
        self.comment(&issue.id, comment).map_err(|_| Refusal::no_comment(comment))
    }

    /// The `comment` field of an issue.
    pub(super) fn comment_field(&self, issue: &Issue, view: &View<'_>) -> Result<Value, Refusal> {
        let shown: Vec<_> =
            self.comments(issue)?.iter().map(|comment| view.comment(issue, comment)).collect();
        Ok(json!({
            "self": view.link(&format!("issue/{}/comment", issue.id)),
            "maxResults": shown.len(),
            "total": shown.len(),
            "startAt": 0,
            "comments": shown,
        }))
    }

    fn visibility(
        &self,
        project: &Project,
        wanted: Option<&(VisibilityType, String)>,
    ) -> Result<Option<Visibility>, Refusal> {
        let Some((kind, name)) = wanted else { return Ok(None) };
        let site = self.site()?;
        let visibility = site.find_visibility(project, *kind, name)?;
        if site.is_in(&visibility, project, self.account) {
            Ok(Some(visibility))
        } else {
            Err(Refusal::field("commentLevel", "You are not in that role or group."))
        }
    }

    /// Writes a comment and gives its id.
    pub(crate) fn add_comment(&mut self, issue: &str, new: NewComment) -> Result<String, Refusal> {
        let found = self.issue(issue)?;
        if !self.holds(Holder::Worker, found)? {
            return Err(Refusal::bad_request(
                "You do not have the permission to comment on this issue.",
            ));
        }
        let (issue_id, project) = (found.id.clone(), self.project_of(found)?);
        let visibility = self.visibility(project, new.visibility.as_ref())?;
        let internal = new.internal();
        if internal && !has_internal_comments(project) {
            return Err(Refusal::field("properties", "This project has no internal comments."));
        }
        let id = self.cloud.next_id();
        let (account, now) = (self.account.to_owned(), self.now);
        self.issue_mut(&issue_id)?.comments.push(Comment {
            id: id.clone(),
            author: account.clone(),
            update_author: account,
            body: new.body,
            created: now,
            updated: now,
            visibility,
            internal,
            properties: new.properties.into_iter().collect(),
        });
        self.tell_of_comment("comment_created", &issue_id, &id)?;
        Ok(id)
    }

    /// Changes a comment's text, and its visibility when one is given.
    pub(crate) fn edit_comment(
        &mut self,
        issue: &str,
        comment: &str,
        new: NewComment,
    ) -> Result<(), Refusal> {
        let (found, old) = self.comment(issue, comment)?;
        let (issue_id, project) = (found.id.clone(), self.project_of(found)?);
        if old.author != self.account && !self.holds(Holder::ProjectAdmin, found)? {
            return Err(Refusal::bad_request("You do not have permission to edit this comment."));
        }
        let visibility = self.visibility(project, new.visibility.as_ref())?;
        let (account, now) = (self.account.to_owned(), self.now);
        let target = self.comment_mut(&issue_id, comment)?;
        target.body = new.body;
        target.update_author = account;
        target.updated = now;
        target.properties.extend(new.properties);
        if visibility.is_some() {
            target.visibility = visibility;
        }
        self.tell_of_comment("comment_updated", &issue_id, comment)
    }

    /// Deletes a comment.
    pub(crate) fn delete_comment(&mut self, issue: &str, comment: &str) -> Result<(), Refusal> {
        let (found, old) = self.comment(issue, comment)?;
        let issue_id = found.id.clone();
        if old.author != self.account && !self.holds(Holder::ProjectAdmin, found)? {
            return Err(Refusal::bad_request("You do not have permission to delete this comment."));
        }
        self.tell_of_comment("comment_deleted", &issue_id, comment)?;
        self.issue_mut(&issue_id)?.comments.retain(|kept| kept.id != comment);
        Ok(())
    }

    /// Sets a property of a comment; says whether it is new. No webhook comes of it.
    pub(crate) fn set_comment_property(
        &mut self,
        comment: &str,
        key: &str,
        value: Value,
    ) -> Result<bool, Refusal> {
        let issue_id = self.may_change_property(comment)?;
        let comment = self.comment_mut(&issue_id, comment)?;
        if key == INTERNAL {
            comment.internal = is_internal(&value);
        }
        Ok(comment.properties.insert(key.to_owned(), value).is_none())
    }

    /// Deletes a property of a comment; says whether there was one.
    pub(crate) fn delete_comment_property(
        &mut self,
        comment: &str,
        key: &str,
    ) -> Result<bool, Refusal> {
        let issue_id = self.may_change_property(comment)?;
        Ok(self.comment_mut(&issue_id, comment)?.properties.remove(key).is_some())
    }

    fn may_change_property(&self, comment: &str) -> Result<String, Refusal> {
        let (issue, found) = self.comment_by_id(comment)?;
        if found.author != self.account && !self.holds(Holder::ProjectAdmin, issue)? {
            return Err(Refusal::forbidden("You do not have permission to edit this comment."));
        }
        Ok(issue.id.clone())
    }

    fn comment_mut(&mut self, issue: &str, comment: &str) -> Result<&mut Comment, Refusal> {
        self.site_mut()?
            .issues
            .get_mut(issue)
            .and_then(|issue| issue.comments.iter_mut().find(|found| found.id == comment))
            .ok_or_else(|| Refusal::no_comment(comment))
    }

    fn tell_of_comment(&mut self, event: &str, issue: &str, comment: &str) -> Result<(), Refusal> {
        let view = self.webhook_view()?;
        let issue = view.site.issues.get(issue).ok_or_else(Refusal::no_issue)?;
        let comment = issue.comment(comment).ok_or_else(|| Refusal::no_comment(comment))?;
        let payload = comment_payload(&view, event, self.now, issue, comment);
        let issue_id = issue.id.clone();
        self.emit(&Event { name: event, issue_id: &issue_id, changed: &[], payload })
    }
}
