//! A chat as a link in its issue.

use tandem_domain::{ChatId, Failure, IssueId, TenantId};
use tandem_jira::client::{RemoteLink, Site};
use url::Url;

/// Puts the chat into the issue as a link; the global id makes a repetition replace it.
pub async fn show(
    site: &Site<'_>,
    issue: &IssueId,
    tenant: &TenantId,
    chat: &ChatId,
) -> Result<(), Failure> {
    let link = RemoteLink {
        global_id: &global_id(tenant, chat),
        url: &address(tenant, chat)?,
        title: "Chat in Microsoft Teams",
        summary: None,
        application_type: "com.microsoft.teams",
        application_name: "Microsoft Teams",
        relationship: Some("discussed in"),
    };
    site.put_remote_link(issue, &link).await.map(drop)
}

/// Takes the chat's link out of the issue; none there is as good.
pub async fn hide(
    site: &Site<'_>,
    issue: &IssueId,
    tenant: &TenantId,
    chat: &ChatId,
) -> Result<(), Failure> {
    match site.delete_remote_link(issue, &global_id(tenant, chat)).await {
        Err(Failure::Absent { .. }) => Ok(()),
        done => done,
    }
}

fn global_id(tenant: &TenantId, chat: &ChatId) -> String {
    format!("tandem-chat={tenant}&{chat}")
}

/// Where Teams opens the chat.
/// <https://learn.microsoft.com/microsoftteams/platform/concepts/build-and-test/deep-link-teams>
fn address(tenant: &TenantId, chat: &ChatId) -> Result<Url, Failure> {
    let fault = || Failure::Fault { what: "chat_address" };
    let mut url = Url::parse("https://teams.microsoft.com/l/chat/").map_err(|_| fault())?;
    url.path_segments_mut().map_err(|()| fault())?.pop_if_empty().push(chat.as_str()).push("0");
    url.query_pairs_mut().append_pair("tenantId", tenant.as_str());
    Ok(url)
}
