//! What somebody may do at their Jira site: Jira is asked, as the person.

use tandem_domain::{Failure, Purpose, RequestId};
use tandem_jira::client::{Permission, PermissionContext, Permissions};

use crate::{ApiError, App, session::SignedIn};

/// Those of the permissions asked about that the person has on the site of their session.
pub async fn permissions_of(
    app: &App,
    person: &SignedIn,
    request: &RequestId,
    asked: &[Permission],
    context: PermissionContext<'_>,
) -> Result<Permissions, Failure> {
    let token =
        app.vault.access_token(&person.atlassian(), Purpose::CheckPermission, request).await?;
    app.jira.site(&person.session.cloud_id, &token).permissions(asked, context).await
}

/// 403 unless the person administers the Jira site of their session.
pub async fn require_site_admin(
    app: &App,
    person: &SignedIn,
    request: &RequestId,
) -> Result<(), ApiError> {
    let needed = Permission::Administer;
    let held = permissions_of(app, person, request, &[needed], PermissionContext::Site).await?;
    if held.has(needed) { Ok(()) } else { Err(lacking(needed)) }
}

/// 403: Jira does not give the person a permission.
pub fn lacking(needed: Permission) -> ApiError {
    let detail = format!("Jira does not give you the permission {}", needed.as_str());
    ApiError::forbidden("insufficient_permission", detail)
}
