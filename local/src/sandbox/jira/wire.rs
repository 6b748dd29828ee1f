//! Jira's JSON: the v3 shape of the gateway and the v2 shape of webhooks.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use super::{
    adf, catalogue,
    model::{ChoiceField, Comment, Issue, Project, ProjectKind, RemoteLink, Site, User},
};

/// A view of one site: which addresses its `self` links have, and which version's shape.
pub(crate) struct View<'a> {
    pub(crate) site: &'a Site,
    users: &'a BTreeMap<String, User>,
    base: String,
    version: u8,
}

impl<'a> View<'a> {
    /// As the REST API answers through the gateway: v3, texts as Atlassian documents.
    pub(crate) fn gateway(
        site: &'a Site,
        users: &'a BTreeMap<String, User>,
        api_base: &str,
    ) -> Self {
        let base = format!("{api_base}/ex/jira/{}", site.cloud_id);
        Self { site, users, base, version: 3 }
    }

    /// As the site itself writes webhooks: v2, texts as wiki markup.
    pub(crate) fn webhook(site: &'a Site, users: &'a BTreeMap<String, User>) -> Self {
        Self { site, users, base: format!("https://{}", site.host), version: 2 }
    }

    /// The address of something in the REST API.
    pub(crate) fn link(&self, path: &str) -> String {
        format!("{}/rest/api/{}/{path}", self.base, self.version)
    }

    /// A text: a document in v3, wiki markup in v2.
    fn text(&self, document: &Value) -> Value {
        if self.version == 3 { document.clone() } else { json!(adf::to_wiki(document)) }
    }

    /// A user; unknown ids show as Jira shows accounts that are gone.
    pub(crate) fn user(&self, account: &str) -> Value {
        let user = self.users.get(account).filter(|user| !user.closed);
        json!({
            "self": self.user_link(account),
            "accountId": account,
            "avatarUrls": self.avatars("useravatar"),
            "displayName": user.map_or("Former user", |user| user.display_name.as_str()),
            "active": user.is_some(),
            "timeZone": user.map_or("Etc/UTC", |user| user.time_zone.as_str()),
            "accountType": user.map_or(json!("unknown"), |user| json!(user.account_type)),
        })
    }

    /// The signed-in user: as [`Self::user`], with what one sees of oneself.
    pub(crate) fn myself(&self, user: &User) -> Value {
        let mut shown = self.user(&user.account_id);
        shown["emailAddress"] = json!(user.email);
        shown["locale"] = json!("en_US");
        shown["expand"] = json!("groups,applicationRoles");
        shown["groups"] = json!({"size": 1, "items": []});
        shown["applicationRoles"] = json!({"size": 1, "items": []});
        shown
    }

    fn user_link(&self, account: &str) -> String {
        let id: String = url::form_urlencoded::byte_serialize(account.as_bytes()).collect();
        self.link(&format!("user?accountId={id}"))
    }

    fn avatars(&self, kind: &str) -> Value {
        let size = |name: &str| format!("{}/secure/{kind}?size={name}&avatarId=10340", self.base);
        json!({
            "16x16": size("xsmall"), "24x24": size("small"),
            "32x32": size("medium"), "48x48": size("large"),
        })
    }

    /// A status with its category.
    pub(crate) fn status(&self, id: &str) -> Value {
        let status = catalogue::status(id);
        let category = status.category;
        json!({
            "self": self.link(&format!("status/{}", status.id)),
            "description": "",
            "iconUrl": format!("{}/", self.base),
            "name": status.name,
            "id": status.id,
            "statusCategory": {
                "self": self.link(&format!("statuscategory/{}", category.id)),
                "id": category.id,
                "key": category.key,
                "colorName": category.color,
                "name": category.name,
            },
        })
    }

    /// A priority.
    pub(crate) fn priority(&self, id: &str) -> Value {
        let name = catalogue::priority_name(id);
        let icon = name.to_ascii_lowercase();
        json!({
            "self": self.link(&format!("priority/{id}")),
            "iconUrl": format!("{}/images/icons/priorities/{icon}.svg", self.base),
            "name": name,
            "id": id,
        })
    }

    /// An issue type.
    pub(crate) fn issue_type(&self, id: &str) -> Value {
        let name = catalogue::named(catalogue::ISSUE_TYPES, id).map_or("Task", |kind| kind.name);
        json!({
            "self": self.link(&format!("issuetype/{id}")),
            "id": id,
            "description": "",
            "iconUrl": format!(
                "{}/secure/viewavatar?size=medium&avatarId=10318&avatarType=issuetype", self.base
            ),
            "name": name,
            "subtask": false,
            "avatarId": 10318,
        })
    }

    /// A project, as other objects and lists hold it.
    pub(crate) fn project(&self, project: &Project) -> Value {
        json!({
            "self": self.link(&format!("project/{}", project.id)),
            "id": project.id,
            "key": project.key,
            "name": project.name,
            "projectTypeKey": project.kind,
            "simplified": false,
            "avatarUrls": self.avatars("projectavatar"),
        })
    }

    /// A comment on an issue.
    pub(crate) fn comment(&self, issue: &Issue, comment: &Comment) -> Value {
        let mut shown = json!({
            "self": self.link(&format!("issue/{}/comment/{}", issue.id, comment.id)),
            "id": comment.id,
            "author": self.user(&comment.author),
            "body": self.text(&comment.body),
            "updateAuthor": self.user(&comment.update_author),
            "created": jira_time(comment.created),
            "updated": jira_time(comment.updated),
            "jsdPublic": !comment.internal,
        });
        if let Some(visibility) = &comment.visibility {
            shown["visibility"] = json!(visibility);
        }
        shown
    }

    /// All fields of an issue but its comments.
    pub(crate) fn issue_fields(&self, issue: &Issue) -> Map<String, Value> {
        let project = self.site.projects.get(&issue.project_id);
        let assignee = issue.assignee.as_deref().map_or(Value::Null, |account| self.user(account));
        let security = issue.security.as_ref().map_or(Value::Null, |level| {
            json!({
                "self": self.link(&format!("securitylevel/{}", level.id)),
                "id": level.id,
                "name": level.name,
                "description": "",
            })
        });
        let resolution = issue.resolution.as_deref().map_or(Value::Null, |id| self.resolution(id));
        let fields = json!({
            "summary": issue.summary,
            "description": issue.description.as_ref().map_or(Value::Null, |text| self.text(text)),
            "issuetype": self.issue_type(&issue.kind),
            "project": project.map(|project| self.project(project)),
            "status": self.status(&issue.status),
            "priority": self.priority(&issue.priority),
            "assignee": assignee,
            "reporter": self.user(&issue.reporter),
            "creator": self.user(&issue.creator),
            "labels": issue.labels,
            "security": security,
            "created": jira_time(issue.created),
            "updated": jira_time(issue.updated),
            "resolution": resolution,
            "watches": {
                "self": self.link(&format!("issue/{}/watchers", issue.key)),
                "watchCount": issue.watchers.len(),
                "isWatching": false,
            },
        });
        let mut fields = match fields {
            Value::Object(fields) => fields,
            _ => Map::new(),
        };
        for field in project.into_iter().flat_map(|project| &project.choice_fields) {
            if field.issue_type == issue.kind {
                fields.insert(field.id.clone(), self.choice(field, issue));
            }
        }
        fields
    }

    /// What was chosen in a field of the project's own.
    fn choice(&self, field: &ChoiceField, issue: &Issue) -> Value {
        let chosen = issue.choices.get(&field.id);
        let option = field.options.iter().find(|(id, _)| Some(id) == chosen);
        option.map_or(Value::Null, |(id, name)| self.field_option(id, name))
    }

    /// An option of a field of the project's own.
    pub(crate) fn field_option(&self, id: &str, name: &str) -> Value {
        let link = self.link(&format!("customFieldOption/{id}"));
        json!({"self": link, "id": id, "value": name})
    }

    /// A resolution.
    pub(crate) fn resolution(&self, id: &str) -> Value {
        let name = catalogue::named(catalogue::RESOLUTIONS, id).map_or("Done", |it| it.name);
        let link = self.link(&format!("resolution/{id}"));
        json!({"self": link, "id": id, "description": "", "name": name})
    }

    /// An issue with the fields given.
    pub(crate) fn issue(&self, issue: &Issue, fields: &Map<String, Value>) -> Value {
        json!({
            "id": issue.id,
            "self": self.link(&format!("issue/{}", issue.id)),
            "key": issue.key,
            "fields": fields,
        })
    }

    /// A remote link of an issue.
    pub(crate) fn remote_link(&self, issue: &Issue, link: &RemoteLink) -> Value {
        let mut shown = json!({
            "id": link.id,
            "self": self.link(&format!("issue/{}/remotelink/{}", issue.key, link.id)),
            "application": link.application.clone().unwrap_or_else(|| json!({})),
            "object": link.object,
        });
        if let Some(global_id) = &link.global_id {
            shown["globalId"] = json!(global_id);
        }
        if let Some(relationship) = &link.relationship {
            shown["relationship"] = json!(relationship);
        }
        shown
    }
}

/// Whether comments of the project can be internal.
pub(crate) fn has_internal_comments(project: &Project) -> bool {
    project.kind == ProjectKind::ServiceDesk
}

/// A time as Jira writes it: `2021-01-17T12:34:00.000+0000`.
pub(crate) fn jira_time(millis: i64) -> String {
    let at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(millis) * 1_000_000)
        .unwrap_or(OffsetDateTime::UNIX_EPOCH);
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}+0000",
        at.year(),
        u8::from(at.month()),
        at.day(),
        at.hour(),
        at.minute(),
        at.second(),
        at.millisecond()
    )
}
