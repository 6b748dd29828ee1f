//! The chats of an issue, for the panel inside it: list, start, reply. Everything is done and read
//! as the signed-in person.

mod list;
mod reply;
mod start;

use std::sync::Arc;

use lambda_http::Request;
use tandem_domain::{
    AccessToken, ClaimId, Failure, IssueId, LeaseHolder, Purpose, RequestId,
    settings::EffectiveSettings,
};
use tandem_jira::client::Issue;
use tandem_runtime::{
    ApiError, App, field,
    http::{Answer, header_of, path_parameter, request_id, route_of},
    session::{SignedIn, signed_in, signed_in_to_change},
    signing::{claim_of, lease_holder},
};

/// The function's name in logs and metrics.
pub const NAME: &str = "issue-chats";

/// The routes it serves.
pub const ROUTES: &[&str] = &[
    "GET /issues/{issueId}/chats",
    "POST /issues/{issueId}/chats",
    "POST /issues/{issueId}/chats/{chatId}/messages",
];

/// Handles one request.
pub async fn handle(app: Arc<App>, request: Request) -> Answer {
    let issue: IssueId = field("issueId", &path_parameter(&request, "issueId")?)?;
    match route_of(&request).as_str() {
        "GET /issues/{issueId}/chats" => {
            let viewer = Caller::reading(&app, &request).await?;
            list::list(&app, &viewer, &issue).await
        }
        "POST /issues/{issueId}/chats" => {
            let caller = Caller::changing(&app, &request).await?;
            start::start(&app, &caller, &issue, &request).await
        }
        "POST /issues/{issueId}/chats/{chatId}/messages" => {
            let chat = field("chatId", &path_parameter(&request, "chatId")?)?;
            let caller = Caller::changing(&app, &request).await?;
            reply::reply(&app, &caller, &issue, &chat, &request).await
        }
        _ => Err(ApiError::not_found("no such route")),
    }
}

/// The signed-in person and the request they make.
pub(crate) struct Caller {
    pub(crate) person: SignedIn,
    pub(crate) request: RequestId,
}

impl Caller {
    async fn reading(app: &App, request: &Request) -> Result<Self, ApiError> {
        Ok(Self { person: signed_in(app, request).await?, request: request_id(request)? })
    }

    async fn changing(app: &App, request: &Request) -> Result<Self, ApiError> {
        Ok(Self { person: signed_in_to_change(app, request).await?, request: request_id(request)? })
    }

    /// The person's token at Atlassian.
    pub(crate) async fn atlassian(
        &self,
        app: &App,
        purpose: Purpose,
    ) -> Result<AccessToken, ApiError> {
        let token = app.vault.access_token(&self.person.atlassian(), purpose, &self.request).await;
        token.map_err(no_grant)
    }

    /// The person's token at Microsoft.
    pub(crate) async fn microsoft(
        &self,
        app: &App,
        purpose: Purpose,
    ) -> Result<AccessToken, ApiError> {
        let token = app.vault.access_token(&self.person.microsoft(), purpose, &self.request).await;
        token.map_err(no_grant)
    }

    /// The issue, read as the person: that is the check that they may see it. 404 otherwise.
    pub(crate) async fn issue(
        &self,
        app: &App,
        issue: &IssueId,
        purpose: Purpose,
    ) -> Result<Issue, ApiError> {
        let token = self.atlassian(app, purpose).await?;
        let site = app.jira.site(&self.person.session.cloud_id, &token);
        match site.get_issue(issue).await {
            Ok(issue) => Ok(issue),
            Err(Failure::Absent { .. } | Failure::Forbidden { .. }) => {
                Err(ApiError::not_found("this issue does not exist, or you may not see it"))
            }
            Err(failure) => Err(failure.into()),
        }
    }

    /// The settings that hold for the person in the issue's project. 403 where they keep this
    /// issue, or chats of this tenant, from crossing.
    pub(crate) async fn allowed(
        &self,
        app: &App,
        issue: &Issue,
    ) -> Result<EffectiveSettings, ApiError> {
        let session = &self.person.session;
        let settings = app
            .store
            .get_effective_settings(
                &session.cloud_id,
                Some(&issue.project_id),
                Some(&session.account_id),
            )
            .await?;
        if issue.has_security_level && !settings.secured_issues_allowed() {
            let detail = "this issue has a security level: a setting keeps it inside Jira";
            return Err(ApiError::forbidden("secured_issue", detail));
        }
        if !settings.tenant_allowed(&session.tenant_id) {
            let detail = "a setting of this Jira site does not allow your Microsoft tenant";
            return Err(ApiError::forbidden("tenant_not_allowed", detail));
        }
        Ok(settings)
    }

    /// What a repeatable request is claimed under: the person, the place and the key they sent, or
    /// a random one where they sent none.
    pub(crate) fn claim(
        &self,
        app: &App,
        request: &Request,
        place: &[&str],
    ) -> Result<(ClaimId, LeaseHolder), ApiError> {
        let holder =
            lease_holder(app.entropy.as_ref()).ok_or_else(|| ApiError::internal("holder"))?;
        let key = header_of(request, "idempotency-key");
        if key.is_some_and(|key| key.is_empty() || key.len() > 255) {
            let detail = "Idempotency-Key takes 1 to 255 characters";
            return Err(ApiError::bad_request("invalid_idempotency_key", detail));
        }
        let session = &self.person.session;
        let mut parts = vec!["request", session.account_id.as_str()];
        parts.extend(place);
        parts.push(key.unwrap_or(holder.as_str()));
        let claim = claim_of(&parts).ok_or_else(|| ApiError::internal("claim"))?;
        Ok((claim, holder))
    }
}

/// Without a grant a session is of no use: the person disconnected elsewhere.
fn no_grant(failure: Failure) -> ApiError {
    match failure {
        Failure::Absent { .. } => {
            ApiError::unauthorized("not_signed_in", "sign in first: open /connect")
        }
        other => other.into(),
    }
}
