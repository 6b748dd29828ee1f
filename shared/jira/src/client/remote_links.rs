//! Links from an issue to something elsewhere, shown in the issue.

use reqwest::StatusCode;
use serde::Serialize;
use serde_json::json;
use tandem_domain::{Failure, IssueId};
use url::Url;

use super::{Call, Site, parsed, refusal};
use crate::wire::WireRemoteLink;

/// What a refusal names.
const TARGET: &str = "jira_remote_link";

/// The longest global id Jira takes, in characters.
const MAX_GLOBAL_ID: usize = 255;

/// A link to show in an issue.
#[derive(Clone)]
pub struct RemoteLink<'a> {
    /// What makes it the same link when it is put again; at most 255 characters.
    pub global_id: &'a str,
    /// Where it leads.
    pub url: &'a Url,
    /// Its text.
    pub title: &'a str,
    /// A line beside the text.
    pub summary: Option<&'a str>,
    /// The application it leads to, in the form of a reversed domain name.
    pub application_type: &'a str,
    /// The application's name; links are grouped by it.
    pub application_name: &'a str,
    /// What the linked thing is to the issue; links are shown under it.
    pub relationship: Option<&'a str>,
}

/// What became of a link that was put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PutRemoteLink {
    /// Its number in the issue.
    pub id: u64,
    /// Whether it is new; otherwise one with the same global id was replaced.
    pub created: bool,
}

/// `RemoteIssueLinkRequest`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RemoteLinkRequest<'a> {
    global_id: &'a str,
    application: serde_json::Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    relationship: Option<&'a str>,
    object: RemoteObject<'a>,
}

/// `RemoteObject`.
#[derive(Serialize)]
struct RemoteObject<'a> {
    url: &'a str,
    title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<&'a str>,
}

/// <https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-remote-links/>
impl Site<'_> {
    /// Puts a link into an issue, or replaces the one with the same global id.
    pub async fn put_remote_link(
        &self,
        issue: &IssueId,
        link: &RemoteLink<'_>,
    ) -> Result<PutRemoteLink, Failure> {
        if link.global_id.chars().count() > MAX_GLOBAL_ID {
            return Err(Failure::Fault { what: "jira_remote_link_global_id_too_long" });
        }
        let body = serde_json::to_value(request(link)).map_err(|_| refusal::UNEXPECTED)?;
        let url = self.url(&["issue", issue.as_str(), "remotelink"], &[]);
        let answer = self.send(Call::post(url, TARGET, &body)).await?;
        let link: WireRemoteLink = parsed(&answer)?;
        Ok(PutRemoteLink { id: link.id, created: answer.status == StatusCode::CREATED })
    }

    /// Takes the link with this global id out of an issue.
    pub async fn delete_remote_link(
        &self,
        issue: &IssueId,
        global_id: &str,
    ) -> Result<(), Failure> {
        let url = self.url(&["issue", issue.as_str(), "remotelink"], &[("globalId", global_id)]);
        self.send(Call::delete(url, TARGET)).await.map(drop)
    }
}

fn request<'a>(link: &RemoteLink<'a>) -> RemoteLinkRequest<'a> {
    RemoteLinkRequest {
        global_id: link.global_id,
        application: json!({"type": link.application_type, "name": link.application_name}),
        relationship: link.relationship,
        object: RemoteObject { url: link.url.as_str(), title: link.title, summary: link.summary },
    }
}
