//! Remote links of issues.

use serde_json::Value;

use super::Actor;
use crate::sandbox::jira::{answer::Refusal, body::Fields, model::RemoteLink, permission::Holder};

/// What a remote link is to be.
pub(crate) struct LinkDraft {
    global_id: Option<String>,
    application: Option<Value>,
    relationship: Option<String>,
    object: Value,
}

impl LinkDraft {
    /// Reads the request body.
    pub(crate) fn parse(body: &Value) -> Result<Self, Refusal> {
        let fields = Fields::of(body, &["globalId", "application", "relationship", "object"])?;
        let object = fields
            .get("object")
            .ok_or_else(|| Refusal::field("object", "'object' is required."))?;
        check_object(object)?;
        if let Some(application) = fields.get("application") {
            let application = Fields::of(application, &["type", "name"])?;
            application.text("type")?;
            application.text("name")?;
        }
        let global_id = fields.text("globalId")?;
        if global_id.is_some_and(|id| id.is_empty() || id.chars().count() > 255) {
            return Err(Refusal::field("globalId", "'globalId' must be 1 to 255 characters."));
        }
        Ok(Self {
            global_id: global_id.map(str::to_owned),
            application: fields.get("application").cloned(),
            relationship: fields.text("relationship")?.map(str::to_owned),
            object: object.clone(),
        })
    }
}

fn check_object(object: &Value) -> Result<(), Refusal> {
    let fields = Fields::of(object, &["url", "title", "summary", "icon", "status"])?;
    let title = fields.required_text("title")?;
    if title.chars().count() > 255 {
        return Err(Refusal::field("title", "'title' must be at most 255 characters."));
    }
    let url = fields.required_text("url")?;
    if url::Url::parse(url).is_err() {
        return Err(Refusal::field("url", "'url' is not a valid URL."));
    }
    fields.text("summary")?;
    if let Some(icon) = fields.get("icon") {
        check_icon(icon)?;
    }
    if let Some(status) = fields.get("status") {
        let status = Fields::of(status, &["resolved", "icon"])?;
        if status.get("resolved").is_some_and(|resolved| !resolved.is_boolean()) {
            return Err(Refusal::field("resolved", "'resolved' must be a boolean."));
        }
        status.get("icon").map(check_icon).transpose()?;
    }
    Ok(())
}

fn check_icon(icon: &Value) -> Result<(), Refusal> {
    let icon = Fields::of(icon, &["url16x16", "title", "link"])?;
    ["url16x16", "title", "link"].iter().try_for_each(|name| icon.text(name).map(|_| ()))
}

impl Actor<'_> {
    /// Makes a remote link, or replaces the one with the same global id; gives its id and whether
    /// it is new.
    pub(crate) fn put_link(
        &mut self,
        issue: &str,
        draft: LinkDraft,
    ) -> Result<(u64, bool), Refusal> {
        let found = self.issue(issue)?;
        if !self.holds(Holder::Worker, found)? {
            return Err(Refusal::forbidden("You do not have permission to link issues."));
        }
        let id = found.id.clone();
        let fresh = self.cloud.next_id().parse().unwrap_or_default();
        let links = &mut self.issue_mut(&id)?.remote_links;
        let LinkDraft { global_id, application, relationship, object } = draft;
        let old = links.iter_mut().find(|link| global_id.is_some() && link.global_id == global_id);
        if let Some(link) = old {
            *link = RemoteLink { id: link.id, global_id, application, relationship, object };
            return Ok((link.id, false));
        }
        links.push(RemoteLink { id: fresh, global_id, application, relationship, object });
        Ok((fresh, true))
    }

    /// Deletes the remote links that `which` picks; refused when there is none.
    pub(crate) fn delete_links(
        &mut self,
        issue: &str,
        which: impl Fn(&RemoteLink) -> bool,
    ) -> Result<(), Refusal> {
        let found = self.issue(issue)?;
        let id = found.id.clone();
        if !found.remote_links.iter().any(&which) {
            return Err(Refusal::not_found("The remote issue link does not exist."));
        }
        self.issue_mut(&id)?.remote_links.retain(|link| !which(link));
        Ok(())
    }
}
